"""The flow page: asks how the gradient travels back through the text, and shows it."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from modellab.inspection.clamps import Clamp
from ui.inspector import Inspector
from ui.lab.run_model import RunModel
from ui.lab.tokens import token_number
from ui.plots.ticks import format_log
from ui.views._export import Table
from ui.views._gates_flow_bars import FlowBars
from ui.views._gates_flow_data import Flow, clipping, flow_from, log_bounds, loss_words, verdict
from ui.views._gates_flow_map import ConnectivityMap, Pair
from ui.views._gates_words import value_text
from ui.views._patience import Patience
from ui.views._tokens import quoted_in
from ui.widgets.colour_legend import ColourLegend
from ui.widgets.labels import ElidedLabel, FewLines
from ui.widgets.numbers import number
from ui.widgets.spinner import Spinner
from workers.protocol import AnyAnswer, GradientFlow, Model, Problem, ShowGradientFlow

_DETAIL_LINES = 4


class FlowPage(QWidget):
    """Asks only while it is looked at: going back through a text costs more than reading it."""

    token_pointed = Signal(object)  # int | None
    drawn = Signal()  # it is of another step, perhaps

    def __init__(self, inspector: Inspector, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._flow: Flow | None = None
        self._layer = self._direction = 0
        self._told: tuple[str, ...] = ()
        self._flow_whose = ""
        self._shown: tuple[object, ...] | None = None
        self._under_way: tuple[object, ...] | None = None
        self._patience = Patience(self)
        self._build()
        self._patience.changed.connect(self._on_overdue)

    def show_flow(
        self,
        run: RunModel,
        *,
        step: int | None,
        newest: int,
        text: str,
        ids: tuple[int, ...] = (),
        layer: int,
        direction: int = 0,
        clamps: tuple[Clamp, ...] = (),
        told: tuple[str, ...] = (),
        whose: str = "",
    ) -> None:
        """Show this model on this text, with what is held; newest: the step that stands for "the newest" where step is
        None. ids: what the model wrote, in place of the text.

        told: notes that are told elsewhere. whose: the text in a few words.
        """
        self._told = told
        if (layer, direction) != (self._layer, self._direction):
            self._layer, self._direction = layer, direction
            self._draw()
        wanted = (run.id, text, step, clamps, bool(ids), newest if step is None else None, ids)
        if wanted in (self._shown, self._under_way):
            return
        # A newer step of the same, or more of what is being written, waits its turn.
        if self._under_way is not None and wanted[:5] == self._under_way[:5]:
            return
        self._under_way = wanted
        self._patience.begin()

        def on_answer(answer: AnyAnswer, arrays: dict[str, NDArray[Any]]) -> None:
            if wanted == self._under_way:
                assert isinstance(answer, GradientFlow)
                self._end_wait(wanted)
                self._flow, self._flow_whose = flow_from(answer, arrays), whose
                self._draw()
                self.drawn.emit()

        def on_problem(problem: Problem) -> None:
            if wanted == self._under_way:
                self._end_wait(wanted)
                self._say.setText(problem.message)

        model = Model(run=str(run.path), step=step)
        request = ShowGradientFlow(slot="gates-flow", model=model, text=text, ids=ids, clamps=clamps)
        self._inspector.ask(request, on_answer, on_problem=on_problem, owner=self)

    @property
    def step(self) -> int | None:
        """Of which step what is shown is; None while nothing is."""
        return self._flow.step if self._flow is not None else None

    def set_held(self, token: int | None) -> None:
        """The token looked at."""
        self._bars.set_held(token)
        self._map.set_held(token)
        self._tell(token)

    def forget(self) -> None:
        """It is of another run."""
        self._flow = self._shown = self._under_way = None
        self._patience.end()
        self._picture.hide()
        self._legend.hide()
        for label in (self._say, self._detail):
            label.setText("")

    def table(self) -> Table | None:
        """The norms: a row a token, a column a layer and direction."""
        flow = self._flow
        if flow is None:
            return None
        columns = ("token", "text", *(flow.name(*row) for row in flow.rows()))
        norms = [flow.norms[row] for row in flow.rows()]
        rows = ((token_number(k), token, *(float(one[k]) for one in norms)) for k, token in enumerate(flow.tokens))
        return Table(columns=columns, rows=rows)

    def _build(self) -> None:
        self._say = ElidedLabel("")
        self._spinner = Spinner()
        self._spinner.hide()
        self._bars = FlowBars()
        self._bars.pointed.connect(self.token_pointed)
        self._bars.setToolTip("")
        self._map = ConnectivityMap()
        self._map.pointed.connect(self._on_pair_pointed)
        self._legend = ColourLegend("attention", low="", high="")
        self._detail = FewLines(most=_DETAIL_LINES, keeps_room=True)
        head = QHBoxLayout()
        head.addWidget(self._spinner)
        head.addWidget(self._say, 1)
        self._picture = QWidget()
        policy = self._picture.sizePolicy()
        policy.setRetainSizeWhenHidden(True)  # the lines above and below it stay where they are
        self._picture.setSizePolicy(policy)
        row = QHBoxLayout(self._picture)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(16)
        row.addWidget(self._bars, 1)
        row.addWidget(self._map, 1)
        foot = QHBoxLayout()
        foot.addWidget(self._detail, 1)
        foot.addWidget(self._legend)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._picture, 1)
        column.addLayout(foot)
        self._picture.hide()
        self._legend.hide()

    def _draw(self) -> None:
        flow = self._flow
        if flow is None:
            return
        self._picture.show()
        self._legend.show()
        self._bars.set_flow(flow, layer=self._layer, direction=self._direction)
        self._map.set_flow(flow)
        self._say.setText("  ·  ".join(filter(None, (verdict(flow, self._layer, self._direction), self._flow_whose))))
        low, high = log_bounds(flow.connectivity)
        self._legend.set_range(f"≤ {format_log(1, int(low))}", format_log(1, int(high)))
        self._tell(None)

    def _tell(self, token: int | None) -> None:
        flow = self._flow
        if flow is None:
            return
        if token is None or token >= len(flow.tokens):
            notes = [note for note in flow.notes if note not in self._told]
            if len(flow.rows()) > 1:
                notes.insert(0, self.tr("Dotted: the other layers and directions."))
            self._detail.setText("  ".join((loss_words(flow), clipping(flow), *notes)))
            return
        norms = [f"{flow.name(*row)}: {number(float(flow.norms[row][token]), digits=3)}" for row in flow.rows()]
        told = "   ".join(norms)
        self._detail.setText(f"{quoted_in(flow.tokens, token)}  {told}")

    def _on_pair_pointed(self, pair: Pair | None) -> None:
        flow = self._flow
        if pair is None or flow is None:
            self._tell(None)
            return
        state, source = quoted_in(flow.tokens, pair.state), quoted_in(flow.tokens, pair.source)
        value = value_text(pair.value) if pair.value >= 0.01 or pair.value == 0 else number(pair.value, digits=3)
        text = self.tr("state at {state} depends on input {source}: {value}")
        self._detail.setText(text.format(state=state, source=source, value=value))

    def _on_overdue(self, is_overdue: bool) -> None:
        self._spinner.setVisible(is_overdue)
        if not is_overdue:
            return
        if self._flow is None:
            self._say.setText(self.tr("Going back through the text…"))
        elif self._shown is not None and self._under_way is not None and self._shown[:4] != self._under_way[:4]:
            self._say.setText(self.tr("Going back through the text… This is what was shown before."))

    def _end_wait(self, wanted: tuple[object, ...]) -> None:
        self._shown, self._under_way = wanted, None
        self._patience.end()
