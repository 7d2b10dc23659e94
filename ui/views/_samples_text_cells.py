"""What stands beside a text among others: its label, its length or place, and the headings over them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication, QRect, QRectF, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter

from ui.theme import class_colour, font, mix, theme
from ui.views._export import Table
from ui.views._samples_source import Examples
from ui.views._samples_text_layout import ARROW, LINE
from ui.widgets.numbers import whole
from ui.widgets.painting import draw_focus_ring, draw_rounded

GAP = 16
_SIDE, _PAD = 8, 5
_MOST_LABEL, _MOST_MEASURED = 128, 4096
_MIDDLE, _RIGHT = Qt.AlignmentFlag.AlignVCenter, Qt.AlignmentFlag.AlignRight


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """Where in a cell the label ends, where the figure ends, and where the text begins; how wide a token and what is to
    be written of a text usually are.

    figures: the length of each text, or of a stream the token it begins at.
    """

    label: int = 0
    figure: int = 0
    text: int = 0
    token_px: float = 0.0
    written_px: int = 0
    heads: tuple[str, str, str] = ("", "", "")
    figures: tuple[int, ...] = ()


def measure(examples: Examples, *, letters: QFont) -> Columns:
    """The columns that these examples need."""
    texts = examples.texts
    if texts is None:
        return Columns()
    metrics, sample = QFontMetrics(letters), examples.sample
    is_stream = texts.starts is not None
    figures = tuple((texts.lengths if texts.starts is None else texts.starts).tolist())
    heads = (
        _tr("label") if sample.classes else "",
        _tr("from token") if is_stream else _tr("tokens"),
        f"{_tr('text as tokens')} {ARROW} {_tr('translation')}" if examples.written else _tr("text as tokens"),
    )
    label = max((metrics.horizontalAdvance(name) for name in (*sample.classes, heads[0])), default=0) + 4
    label = min(_MOST_LABEL, label) + GAP if heads[0] else 0
    longest = max((heads[1], *map(whole, figures)), key=len)
    end = _SIDE + label + metrics.horizontalAdvance(longest)
    some = [texts.shown[token] for token in texts.tokens[:_MOST_MEASURED].tolist()]
    token_px = metrics.averageCharWidth() * sum(map(len, some)) / max(1, len(some))
    return Columns(
        label=_SIDE + label - GAP if label else 0,
        figure=end,
        text=end + GAP,
        token_px=token_px,
        written_px=_usual_width(examples.written, metrics),
        heads=heads,
        figures=figures,
    )


def _usual_width(written: tuple[str, ...], metrics: QFontMetrics) -> int:
    """Three in four of these are no wider, with the arrow before them."""
    lengths = sorted(map(len, written))
    return round((lengths[len(lengths) * 3 // 4] + 3) * metrics.averageCharWidth()) if lengths else 0


def draw_head(painter: QPainter, place: QRect, *, columns: Columns) -> None:
    """The headings over one column of cells."""
    painter.setFont(font("small"))
    painter.setPen(theme().colour("muted"))
    left = place.left()
    painter.drawText(QRect(left + _SIDE, 0, columns.label, place.height()), _MIDDLE, columns.heads[0])
    painter.drawText(QRect(left, 0, columns.figure, place.height()), _MIDDLE | _RIGHT, columns.heads[1])
    painter.drawText(place.adjusted(columns.text, 0, 0, 0), _MIDDLE, columns.heads[2])


def draw_cell(
    painter: QPainter,
    cell: QRect,
    examples: Examples,
    position: int,
    *,
    columns: Columns,
    is_held: bool,
    has_ring: bool,
) -> None:
    """All of a cell but its text. is_held: by the focus. has_ring: the keys are here."""
    colours, place = theme().palette, QRectF(cell).adjusted(0, 1, -4, -1)
    if is_held:
        draw_rounded(painter, place, mix(colours.panel, colours.accent, amount=0.12), radius=6)
        draw_rounded(painter, QRectF(place.left(), place.top() + 4, 3, place.height() - 8), colours.accent, radius=1.5)
    if has_ring:
        draw_focus_ring(painter, place, radius=6)
    line = QRect(cell.left(), cell.top() + _PAD, cell.width(), LINE)
    if columns.heads[0]:
        painter.setPen(class_colour(int(examples.targets[position])))
        label = line.adjusted(_SIDE, 0, columns.label - cell.width(), 0)
        name = painter.fontMetrics().elidedText(examples.label(position), Qt.TextElideMode.ElideRight, label.width())
        painter.drawText(label, _MIDDLE, name)
    is_stream = examples.sample.task == "language_modelling"
    is_longer = not is_stream and columns.figures[position] > examples.sample.shape[0]
    painter.setPen(colours.warn if is_longer else colours.muted)
    figure = line.adjusted(0, 0, columns.figure - cell.width(), 0)
    painter.drawText(figure, _MIDDLE | _RIGHT, whole(columns.figures[position]))


def table_of(examples: Examples, *, text_of: Callable[[int], str]) -> Table:
    """The texts as lines of a table; text_of: spells one by its position."""
    texts = examples.texts
    assert texts is not None

    def rows() -> Iterator[tuple[object, ...]]:
        for position, index in enumerate(examples.indices):
            beside = index, examples.label(position), examples.source(position), int(texts.lengths[position])
            yield *beside, text_of(position), " ".join(map(str, texts.ids(position)))

    target = "translation" if examples.written else "label"
    return Table(columns=("index", target, "source", "tokens", "text", "token ids"), rows=rows())


def _tr(text: str) -> str:
    return QCoreApplication.translate("TextRows", text)
