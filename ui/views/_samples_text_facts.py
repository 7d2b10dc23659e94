"""What there is to know of a dataset of text: its lengths as a histogram, its vocabulary, what is unknown or cut."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QEvent, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from modellab.inspection.texts import TextFacts
from ui.theme import font, theme
from ui.widgets.labels import ElidedLabel, SectionLabel
from ui.widgets.numbers import short, whole
from ui.widgets.painting import draw_rounded
from ui.widgets.probability_bars import ProbabilityBars

_BARS, _AXIS = 52, 16
_NUM_COMMON = 8


class TextFactsPanel(QWidget):
    """Stands beside the texts of one split."""

    pointed = Signal(str)  # what is under the pointer, in words; empty: nothing

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._lengths_title = SectionLabel(self.tr("Lengths"))
        self.lengths = LengthsHistogram()
        self.lengths.pointed.connect(self.pointed)
        self._common_title = SectionLabel(self.tr("Commonest tokens"))
        self.common = ProbabilityBars(num_rows=_NUM_COMMON, accessible_name=self.tr("Commonest tokens"))
        self.common.setToolTip(self.tr("Share of the training tokens"))
        self._grid = QGridLayout()
        self._grid.setHorizontalSpacing(8)
        self._grid.setVerticalSpacing(2)
        self._grid.setColumnStretch(0, 1)
        self._labels: dict[str, ElidedLabel] = {}
        self._figures: dict[str, ElidedLabel] = {}
        tr = self.tr
        self._add_row("vocabulary", tr("Vocabulary"), tr("Tokens the tokenizer knows, padding and unknown counted."))
        self._add_row("tokens", tr("Tokens"), tr("Tokens in this split, whole texts, uncut."))
        self._add_row("unknown", tr("Unknown"), tr("Share of this split's tokens that are not in the vocabulary."))
        self._add_row("reads", tr("Model reads"), tr("At most so many tokens of a text, from its beginning."))
        self._add_row("cut", tr("Cut"), tr("Share of this split's texts that are longer than the model reads."))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self._lengths_title)
        column.addWidget(self.lengths)
        column.addLayout(self._grid)
        column.addWidget(self._common_title)
        column.addWidget(self.common)
        for part in self.findChildren(QWidget):  # until there are facts, no room is asked for
            part.hide()

    def show_facts(self, facts: TextFacts, *, split: str, reads: int, has_classes: bool) -> None:
        """The facts of a split; without classes beside them there is room for the commonest tokens."""
        lengths = facts.lengths.get(split, ())
        has_lengths = bool(lengths) and len(facts.length_edges) > 2
        self._lengths_title.setVisible(has_lengths)
        self.lengths.setVisible(has_lengths)
        if has_lengths:
            self.lengths.set_counts(facts.length_edges, lengths, reads=reads)
        rates = facts.cut_rate.get(split)
        self._say("vocabulary", whole(facts.vocabulary_size))
        self._say("tokens", short(facts.num_tokens.get(split, 0)))
        self._say("unknown", _percent(facts.unknown_rate.get(split, 0.0)))
        self._say("reads", whole(reads))
        self._labels["reads"].setText(self.tr("Model reads") if rates is not None else self.tr("Window"))
        self._say("cut", _percent(rates) if rates is not None else "")
        self._common_title.setVisible(not has_classes)
        self.common.setVisible(not has_classes)
        total = max(1, facts.num_tokens.get("train", 0))
        self.common.set_rows(
            [token for token, _ in facts.common], [count / total for _, count in facts.common[:_NUM_COMMON]]
        )

    def figure(self, key: str) -> str:
        """What stands in a row."""
        return self._figures[key].text()

    def _add_row(self, key: str, title: str, tooltip: str) -> None:
        label, figure = ElidedLabel(title, style="small", role="muted"), ElidedLabel(style="small")
        figure.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        label.setToolTip(tooltip)
        row = self._grid.rowCount()
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(figure, row, 1)
        label.setBuddy(figure)
        self._labels[key], self._figures[key] = label, figure

    def _say(self, key: str, text: str) -> None:
        self._figures[key].setText(text)
        for part in (self._labels[key], self._figures[key]):
            part.setVisible(bool(text))


class LengthsHistogram(QWidget):
    """How many texts have which length; what is longer than the model reads is of another colour."""

    pointed = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._edges: tuple[int, ...] = ()
        self._counts: tuple[int, ...] = ()
        self._reads = 0
        self._hovered = -1
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Lengths of the texts in tokens"))
        theme().changed.connect(self.update)

    def set_counts(self, edges: tuple[int, ...], counts: tuple[int, ...], *, reads: int) -> None:
        """Bin i holds lengths of edges[i] up to edges[i + 1]."""
        # The long thin tail of a few texts would leave the rest one bar.
        last = max((place for place, count in enumerate(counts) if count), default=0)
        self._edges, self._counts, self._reads = edges[: last + 2], counts[: last + 1], reads
        self.update()

    def _left(self, length: float) -> float:
        # All bins are as wide on screen; a last one of a few far longer texts would else be all there is.
        place = float(np.interp(length, self._edges, np.arange(len(self._edges))))
        return self.width() * place / max(1, len(self._counts))

    def _end_text(self) -> str:
        """The longest; with where the last bin begins, if it is wider than the others."""
        *_, low, high = self._edges
        longest = whole(high - 1)
        return f"{whole(low)}–{longest}" if high - low > 2 * (self._edges[1] - self._edges[0]) else longest

    def sizeHint(self) -> QSize:
        return QSize(160, _BARS + _AXIS)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        place = int(event.position().x() * len(self._counts) / max(1, self.width()))
        self._hovered = place if 0 <= place < len(self._counts) else -1
        text = ""
        if self._hovered >= 0:
            low, high = self._edges[place], self._edges[place + 1] - 1
            span = whole(low) if low == high else f"{whole(low)}–{whole(high)}"
            text = self.tr("{span} tokens: {count} texts").format(span=span, count=whole(self._counts[place]))
        self.pointed.emit(text)
        self.update()

    def leaveEvent(self, event: QEvent) -> None:
        self._hovered = -1
        self.pointed.emit("")
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self._counts:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours, most = theme().palette, max(1, *self._counts)
        for place, count in enumerate(self._counts):
            left, right = self._left(self._edges[place]), self._left(self._edges[place + 1])
            height = max(1.5, (_BARS - 2) * count / most) if count else 0.0
            bar = QRectF(left + 0.5, _BARS - height, max(1.0, right - left - 1), height)
            fill = colours.warn if self._edges[place] > self._reads else colours.accent
            draw_rounded(painter, bar, colours.text if place == self._hovered else fill, radius=1.5)
        painter.fillRect(QRectF(0, _BARS, self.width(), 1), theme().colour("line"))
        painter.setPen(colours.muted)
        axis = QRectF(0, _BARS + 1, self.width(), _AXIS)
        painter.drawText(axis, Qt.AlignmentFlag.AlignVCenter, "0")
        painter.drawText(axis, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, self._end_text())
        if self._reads < self._edges[-1] - 1:
            x = self._left(self._reads)
            painter.fillRect(QRectF(x, 0, 1, _BARS), theme().colour("muted"))


def _percent(share: float) -> str:
    if share == 0:
        return "0 %"
    if 0.995 <= share < 1:
        return "> 99 %"
    return f"{100 * share:.2g} %" if share < 0.1 else f"{100 * share:.0f} %"
