"""The text itself, each token on the colour of how much the token pointed at looks at it."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.theme import mix, theme
from ui.theme.colour_maps import colour_map
from ui.views._attention_colours import Scale, full_share, positions
from ui.views._attention_data import Attention, Floats, Over, Place, running
from ui.views._attention_words import head_name, looking_words
from ui.views._coloured_text import ColouredText
from ui.views._text_scroll import TextScroll
from ui.views._tokens import quoted_in
from ui.widgets.labels import FewLines, TextLabel
from ui.widgets.numbers import fixed

STRENGTH = 0.42  # of the map's colours behind text, which must stay plain to read
_MOST_LINES = 40  # as far as there is room


class AttentionText(QWidget):
    """Hover a token to see where it looks; of cross attention what was written stands below what was read."""

    query_pointed = Signal(object)  # int | None
    query_chosen = Signal(int)
    menu_asked = Signal(int, bool, QPoint)  # token, whether it is a key, where on the screen
    told = Signal(str)  # a sentence of the share pointed at

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._title = FewLines(most=2)
        self._read_title = TextLabel(self.tr("what it looks at"), style="small", role="muted")
        self._write_title = TextLabel(
            self.tr("what looks: a token is read there, and the one after it is written"),
            style="small",
            role="muted",
        )
        self.text = ColouredText()
        self.written = ColouredText()
        self._scroll = TextScroll(self.text, most_lines=_MOST_LINES)
        self._written_scroll = TextScroll(self.written, most_lines=_MOST_LINES)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.setSpacing(8)
        column.addWidget(self._title)
        column.addWidget(self._read_title)
        column.addWidget(self._scroll)
        column.addWidget(self._write_title)
        column.addWidget(self._written_scroll)
        column.addStretch(1)
        for text in (self.text, self.written):
            text.pointed.connect(lambda token, of=text: self._on_pointed(token, of))
            text.chosen.connect(lambda token, of=text: self._on_chosen(token, of))
        self.text.menu_asked.connect(lambda token, at: self.menu_asked.emit(token, True, at))
        self.written.menu_asked.connect(lambda token, at: self.menu_asked.emit(token, False, at))
        self._is_cross = False
        self.high = 1.0  # the share in full colour
        self._who, self._keys = "", tuple[str, ...]()
        self._shares: Floats = np.zeros(0, dtype=np.float32)
        self._title.setAlignment(Qt.AlignmentFlag.AlignLeft)

    def show_attention(
        self, attention: Attention, place: Place, *, over: Over, scale: Scale, hidden: tuple[int, ...]
    ) -> None:
        """Where the query of the place looks; without one, what all of them look at, on average."""
        block = attention.blocks[place.block]
        self._is_cross = block.header.kind == "cross"
        self.text.set_tokens(running(block.header.keys))
        for widget in (self._read_title, self._write_title, self._written_scroll):
            widget.setVisible(self._is_cross)
        if self._is_cross:
            self.written.set_tokens(running(block.header.queries))
            self.written.set_held(place.query)
        shares = block.exact(place.layer, place.head, over=over, query=place.query)
        if shares.ndim == 2:
            shares = shares.mean(axis=0)
        self._shares, self._keys = shares, block.header.keys
        shares = shares.copy()
        shares[list(hidden)] = 0
        self.high = full_share(shares)
        self.text.set_colours(behind(shares, scale, self.high))
        self.text.set_held(None if self._is_cross else place.query)
        scroll = self._written_scroll if self._is_cross else self._scroll
        if place.query is not None and not scroll.underMouse():
            scroll.show_token(place.query)
        self._who = (
            self.tr("All tokens together look at (mean)")
            if place.query is None
            else looking_words(block, place.query, is_written=place.is_written)
        )
        self._title.setText(f"{self._who}  ·  {head_name(block, place, over)}")

    def _on_pointed(self, token: int | None, of: ColouredText) -> None:
        if self._is_cross == (of is self.written):
            self.query_pointed.emit(token)
        elif self._is_cross and token is not None and token < len(self._shares):
            name, share = quoted_in(self._keys, token), fixed(float(self._shares[token]), decimals=4)
            self.told.emit(f"{self._who} {name}: {share}")
        else:
            self.told.emit("")

    def _on_chosen(self, token: int, of: ColouredText) -> None:
        if self._is_cross == (of is self.written):
            self.query_chosen.emit(token)


def behind(shares: Floats, scale: Scale, high: float) -> list[QColor]:
    """The colour behind each token for its share; high: the share in full colour."""
    places = positions(shares, scale, high)
    table, panel = colour_map("attention"), theme().palette.panel
    entries = np.clip(np.rint(places * 255), 0, 255).astype(int)
    colours = ["#" + bytes(table[entry][:3]).hex() for entry in entries]
    return [QColor(mix(panel, colour, amount=STRENGTH)) for colour in colours]
