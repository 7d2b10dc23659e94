"""Embedding neighbours: the tokens that a model of texts has laid closest to one, at any step."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.forms.line_field import LineField
from ui.views._attention_data import running
from ui.views._coloured_text import ColouredText
from ui.views._export import Table
from ui.views._frame import PagedFrame
from ui.views._look_source import LookSource
from ui.views._look_view import LookView, next_text_button
from ui.views._neighbours_list import NeighbourBars
from ui.views._text_scroll import TextScroll
from ui.views._tokens import quoted
from ui.views.base import Lab
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import TextLabel
from ui.widgets.numbers import fixed, whole
from workers.protocol import NeighboursHeader, ShowNeighbours

_MOST = 60
_MOST_LINES = 4
_TYPING_MS = 250


class NeighboursView(LookView):
    """See the module. The token is that of the focus, or one that is typed; a click on a neighbour goes on to it."""

    name = "neighbours"
    title = "Neighbours"
    icon = "target"
    order = 18

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._header: NeighboursHeader | None = None
        self._token: int | None = None
        self._seen: int | None = None
        self._make_parts(lab)
        source = LookSource(
            lab.inspector,
            self,
            ask=lambda wanted: wanted.question(
                ShowNeighbours,
                slot="neighbours",
                place=wanted.more[0],
                word=wanted.more[1],
                token=wanted.more[2],
                most=_MOST,
            ),
            read=lambda header, _arrays: header if isinstance(header, NeighboursHeader) else None,
        )
        self.begin(source, self._parts, self._next)
        top = FlowRow(spacing=8)
        top.addWidget(self.word)
        top.addWidget(self._next)
        top.add_stretching(self.whose)
        top.add_pinned(self._parts.spinner)
        top.add_pinned(self._parts.export)
        self._parts.arrange(top, self.text_bar)
        self._forget()

    def more(self) -> tuple[object, ...]:
        return self.lab.focus.value.token, self.word.text(), self._token

    def take(self, found: Any) -> None:
        assert isinstance(found, NeighboursHeader)
        self._header = found
        self.text.set_tokens(running(found.tokens))

    def draw(self) -> None:
        header = self._header
        if header is None:
            return
        self.text.set_held(header.place)
        self._title.setText(self.tr("Nearest to {token}").format(token=quoted(header.token)))
        self._facts.setText(
            self.tr("cosine of embeddings of {width} numbers · its length {norm}, of all {count} tokens {mean}").format(
                width=f"{header.width:,}",
                norm=fixed(header.norm, decimals=2),
                count=f"{header.num_tokens:,}",
                mean=fixed(header.mean_norm, decimals=2),
            )
        )
        self.bars.set_header(header)
        self._say_shown()
        tokens = (*header.tokens, header.token, *header.names[: self.bars.num_shown()])
        self.say_model(title=header.title, step=header.step, notes=header.notes, tokens=tokens)
        best = ", ".join(
            f"{quoted(name)} {fixed(cosine, decimals=4)}"
            for name, cosine in list(zip(header.names, header.cosines, strict=True))[:3]
        )
        self._parts.readout.setText(best)

    def _say_shown(self) -> None:
        """How many of the tokens are there; the table that is exported has all that were found."""
        if self._header is None:
            return
        told = self.tr("{shown} nearest of {count} tokens shown")
        self._shown.setText(told.format(shown=self.bars.num_shown(), count=whole(max(0, self._header.num_tokens - 1))))

    def forget(self) -> None:
        self._header = self._token = None
        self.word.show_text("")

    def empty_sentence(self) -> str:
        if self.run is not None:
            return self.tr("The nearest tokens appear with the first steps of training.")
        return self.tr(
            "Choose a model and a dataset of texts and press Start: the tokens that it lays closest to one appear here."
        )

    def on_looked_elsewhere(self) -> None:
        """Another token is looked at: what is typed gives way to it."""
        if self.lab.focus.value.token != self._seen:
            self._seen = self.lab.focus.value.token
            self._token = None
            self.word.show_text("")
            self.touch()

    def _make_parts(self, lab: Lab) -> None:
        self._next = next_text_button()
        self.word = LineField()
        self.word.setPlaceholderText(self.tr("Type a token, or click one below"))
        self.word.setAccessibleName(self.tr("Token"))
        self.word.setFixedWidth(240)
        self._word_timer = QTimer(self, singleShot=True, interval=_TYPING_MS)
        self._word_timer.timeout.connect(self.touch)
        self.word.typed.connect(self._on_word_typed)
        self.text = ColouredText()
        self.bars = NeighbourBars()
        self.bars.rearranged.connect(self._say_shown)
        self._title = TextLabel(style="strong")
        self._facts = TextLabel(style="small", role="muted")
        self._shown = TextLabel(style="small", role="muted")
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(4, 4, 4, 0)
        column.setSpacing(6)
        column.addWidget(TextScroll(self.text, most_lines=_MOST_LINES))
        column.addWidget(self._title)
        column.addWidget(self._facts)
        column.addWidget(self._shown)
        column.addWidget(self.bars, 1)
        self._parts = PagedFrame(
            self,
            lab,
            (page,),
            icon="target",
            empty_title=self.tr("No embeddings to compare yet"),
            table=self._table,
            file_name=lambda: f"{self.run.title if self.run is not None else 'model'}-neighbours",
        )
        self._parts.legend.hide()
        self.text.chosen.connect(self._on_token_chosen)
        self.bars.chosen.connect(self._on_neighbour_chosen)

    def _on_token_chosen(self, place: int) -> None:
        self._token = None
        self.word.show_text("")
        self.lab.focus.lock(token=place)
        self.touch()

    def _on_neighbour_chosen(self, token: int) -> None:
        self._token = token
        self.word.show_text("")
        self.touch()

    def _on_word_typed(self, _text: str) -> None:
        self._token = None
        self._word_timer.start()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        header = self._header
        steps = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
        step = steps.get(Qt.Key(event.key()))
        if header is None or step is None:
            super().keyPressEvent(event)
            return
        place = header.place if header.place is not None else 0
        self._on_token_chosen(min(len(header.tokens) - 1, max(0, place + step)))

    def _table(self) -> Table | None:
        header = self._header
        if header is None:
            return None
        rows = (
            (header.token, rank, name, round(cosine, 7))
            for rank, (name, cosine) in enumerate(zip(header.names, header.cosines, strict=True), start=1)
        )
        return Table(columns=("token", "rank", "neighbour", "cosine"), rows=rows)
