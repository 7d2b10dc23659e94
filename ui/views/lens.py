"""The logit lens: what a transformer would say after each of its layers, at every token of a text."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ui.views._export import Table
from ui.views._frame import PagedFrame
from ui.views._legend import Scale
from ui.views._lens_data import Lens, Measure, lens_from
from ui.views._lens_table import Cell, LensTable, row_name
from ui.views._look_source import LookSource
from ui.views._look_view import LookView, next_text_button
from ui.views._tokens import quoted, quoted_in, shown
from ui.views.base import Lab
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import TextLabel
from ui.widgets.numbers import fixed
from ui.widgets.probability_bars import ProbabilityBars
from ui.widgets.segmented import Segmented
from workers.protocol import ShowLens

_NUM_BARS = 5
_DETAIL_PX = 212


class LensView(LookView):
    """See the module. What is shown follows the focus: step, text, pretrained model, layer and token."""

    name = "lens"
    title = "Logit lens"
    icon = "layers"
    order = 17
    needs = "attention"

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._lens: Lens | None = None
        self._pointed: Cell | None = None
        self._row: int | None = None
        self._is_other_text = False  # and not yet brought into sight
        self._make_parts(lab)
        source = LookSource(
            lab.inspector,
            self,
            ask=lambda wanted: wanted.question(ShowLens, slot="lens"),
            read=lens_from,
            nothing=self.tr("There is nothing to read out of this text."),
        )
        self.begin(source, self._parts, self._next)
        self._arrange()
        self._forget()

    def take(self, found: Lens) -> None:
        self._is_other_text = self._lens is None or self._lens.header.columns != found.header.columns
        self._lens = found
        header = found.header
        tokens = (*header.columns, *found.likeliest())
        self.say_model(title=header.title, step=header.step, notes=header.notes, tokens=tokens)

    def draw(self) -> None:
        lens = self._lens
        if lens is None:
            return
        measure, cell = self._measure(), self._cell(lens)
        self.table.set_lens(lens, measure=measure, held=cell)
        if self._is_other_text and cell is not None and self._pointed is None:
            self._is_other_text = False
            self.table.show_column(cell[1])
        self._detail.setVisible(cell is not None)
        if cell is not None:
            self._show_detail(lens, cell)
        self._parts.readout.setText(self._sentence(lens, cell))
        self._show_legend(lens, measure)

    def forget(self) -> None:
        self._lens = self._pointed = self._row = None

    def empty_sentence(self) -> str:
        if self.run is not None:
            return self.tr("What each layer would say appears with the first steps of training.")
        return self.tr(
            "Choose a transformer and a dataset of texts and press Start, or open a pretrained model (File menu): a "
            "language model, a classifier or a translator. What each of its layers would say appears here."
        )

    # Parts

    def _make_parts(self, lab: Lab) -> None:
        self.table = LensTable()
        self._next = next_text_button()
        self._where = TextLabel(style="strong")
        self._at = TextLabel(style="small", role="muted")
        self._at.setWordWrap(True)
        self.bars = ProbabilityBars(num_rows=_NUM_BARS, accessible_name=self.tr("The five likeliest"))
        self._facts = TextLabel(style="small", role="muted")
        self._facts.setWordWrap(True)
        self._detail = QWidget()
        self._detail.setFixedWidth(_DETAIL_PX)
        column = QVBoxLayout(self._detail)
        column.setContentsMargins(4, 0, 0, 0)
        column.setSpacing(4)
        for widget in (self._where, self._at, self.bars, self._facts):
            column.addWidget(widget)
        column.addStretch(1)
        page = QWidget()
        row = QHBoxLayout(page)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(12)
        row.addWidget(self.table, 1)
        row.addWidget(self._detail)
        self._parts = PagedFrame(
            self,
            lab,
            (page,),
            icon="layers",
            empty_title=self.tr("No layers to read out"),
            table=self._table_of_lens,
            file_name=lambda: f"{self.run.title if self.run is not None else 'model'}-lens",
        )
        self.measures = Segmented(
            [
                ("probability", self.tr("Probability")),
                ("final", self.tr("Of the final word")),
                ("entropy", self.tr("Entropy")),
            ],
            accessible_name=self.tr("Colour by:"),
        )
        self.measures.set_tooltip("probability", self.tr("Coloured by how probable a layer finds its own likeliest"))
        self.measures.set_tooltip(
            "final", self.tr("Coloured by how probable a layer finds already what the last layer says")
        )
        self.measures.set_tooltip("entropy", self.tr("Coloured by how undecided a layer is, in nats"))
        self.measures.chosen.connect(lambda _key: self.draw())
        self.table.pointed.connect(self._on_pointed)
        self.table.chosen.connect(self._on_chosen)

    def _arrange(self) -> None:
        top = FlowRow(spacing=8)
        for widget in (self.measures, self._next):
            top.addWidget(widget)
        top.add_stretching(self.whose)
        top.add_stretching(self.clamps)
        top.add_pinned(self._parts.spinner)
        top.add_pinned(self._parts.export)
        self._parts.arrange(top, self.text_bar)

    # Drawing

    def _measure(self) -> Measure:
        return self.measures.value()  # type: ignore[return-value]

    def _cell(self, lens: Lens) -> Cell | None:
        """The cell looked at: pointed at, else that of the focus, else what the model says at last."""
        if self._pointed is not None:
            return self._pointed
        column = lens.column_of(self.lab.focus.value.token)
        if column is None:
            column = lens.first_column()
        row = lens.num_rows - 1 if self._row is None else min(self._row, lens.num_rows - 1)
        return row, column

    def _show_detail(self, lens: Lens, cell: Cell) -> None:
        row, column = cell
        choices = lens.choices(row, column)
        labels = [name if lens.header.says == "class" else shown(name) for name, _ in choices]
        right = [name for name, _ in choices].index(lens.truth(column)) if self._is_there(lens, cell) else None
        self._where.setText(self.tr("What the first layer reads") if row == 0 else self._after(lens, row))
        self._at.setText(self._place(lens, column))
        self.bars.set_rows(labels, [share for _, share in choices], truth=right)
        last = lens.num_rows - 1
        facts = [
            self.tr("entropy {n} of at most {most} nats").format(
                n=fixed(float(lens.entropy[row, column]), decimals=2), most=fixed(lens.highest("entropy"), decimals=2)
            )
        ]
        if row != last:
            facts.append(
                self.tr("the last layer says {word}, here {n}").format(
                    word=quoted(lens.said(last, column)), n=fixed(float(lens.final[row, column]), decimals=3)
                )
            )
        self._facts.setText("\n".join(facts))

    def _is_there(self, lens: Lens, cell: Cell) -> bool:
        return lens.truth(cell[1]) in [name for name, _ in lens.choices(*cell)] and bool(lens.truth(cell[1]))

    def _after(self, lens: Lens, row: int) -> str:
        if row == lens.num_rows - 1:
            return self.tr("Layer {n}, the last: the model").format(n=row - 1)
        return self.tr("After layer {n}").format(n=row - 1)

    def _place(self, lens: Lens, column: int) -> str:
        if column < lens.header.num_front:
            return self.tr("of the whole text")
        token = quoted_in(lens.header.columns, column)
        if lens.header.says == "next":
            return self.tr("what follows {token}").format(token=token)
        return self.tr("at {token}").format(token=token)

    def _sentence(self, lens: Lens, cell: Cell | None) -> str:
        if cell is None:
            return ""
        row, column = cell
        share = fixed(float(lens.probabilities[row, column, 0]), decimals=4)
        told = f"{row_name(row)}  ·  {self._place(lens, column)}: {quoted(lens.said(row, column))} {share}"
        return f"{told}  ·  {self.tr('as in the text')}" if lens.is_right(row, column) else told

    def _show_legend(self, lens: Lens, measure: Measure) -> None:
        captions = {
            "probability": self.tr("probability"),
            "final": self.tr("probability of the final word"),
            "entropy": self.tr("nats"),
        }
        high = lens.highest(measure)
        self._parts.legend.set_scales(
            (
                Scale(
                    caption=captions[measure],
                    colour_map="attention",
                    low="0",
                    high=f"{high:.3g}",
                    middle=f"{high / 2:.2g}",
                ),
            )
        )

    # What a person does

    def _on_pointed(self, cell: Cell | None) -> None:
        self._pointed = cell
        if cell is None:
            self.lab.focus.end_preview()
        elif self._lens is not None:
            self.lab.focus.preview(token=self._lens.token_of(cell[1]))
        self.draw()

    def _on_chosen(self, row: int, column: int) -> None:
        if self._lens is not None:
            self._look(self._lens, row, column)

    def _look(self, lens: Lens, row: int, column: int) -> None:
        """Hold that cell; the attention looks at the same layer."""
        self._row, self._pointed = row, None
        self.lab.focus.lock(token=lens.token_of(column), layer=max(0, row - 1))
        self.table.show_column(column)
        self.draw()

    def on_looked_elsewhere(self) -> None:
        layer = self.lab.focus.value.layer
        if self._row is not None and layer is not None and layer != max(0, self._row - 1):
            self._row = layer + 1
        self.draw()
        column = self._lens.column_of(self.lab.focus.value.token) if self._lens is not None else None
        if column is not None and self._pointed is None:
            self.table.show_column(column)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        steps = {
            Qt.Key.Key_Left: (0, -1),
            Qt.Key.Key_Right: (0, 1),
            Qt.Key.Key_Up: (-1, 0),
            Qt.Key.Key_Down: (1, 0),
            Qt.Key.Key_BracketLeft: (-1, 0),
            Qt.Key.Key_BracketRight: (1, 0),
        }
        step = steps.get(Qt.Key(event.key()))
        lens = self._lens
        cell = self._cell(lens) if lens is not None else None
        if step is None or lens is None or cell is None:
            super().keyPressEvent(event)
            return
        row = min(lens.num_rows - 1, max(0, cell[0] + step[0]))
        self._look(lens, row, min(lens.num_columns - 1, max(0, cell[1] + step[1])))

    def _table_of_lens(self) -> Table | None:
        lens = self._lens
        if lens is None:
            return None

        def rows() -> Iterator[tuple[object, ...]]:
            for row in range(lens.num_rows):
                for column, token in enumerate(lens.header.columns):
                    for rank, (name, share) in enumerate(lens.choices(row, column), start=1):
                        entropy = round(float(lens.entropy[row, column]), 6)
                        yield row_name(row), column, token, rank, name, round(share, 7), entropy

        return Table(columns=("layer", "column", "token", "rank", "says", "probability", "entropy"), rows=rows())
