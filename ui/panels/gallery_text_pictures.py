"""Pictures of text in the gallery: words in coloured letters, a page of documentation, reviews and their verdict."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Callable

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter

from ui.panels.gallery_date_picture import paint_dates
from ui.theme import class_colour, font, mix, theme

Picture = Callable[[QPainter, QRectF], None]

# Ten countries in their own languages, which are among those of the words.
_WORDS = ("Deutschland", "Suomi", "Latvija", "România", "España", "Česko", "Polska", "Türkiye", "Eesti", "Magyarország")
_TURNS = {"lstm": 0, "gru": 4, "rnn": 7, "transformer": 5}
_REVIEWS = (
    ("A wonderful, moving film with superb acting.", ("wonderful,", "moving", "superb"), True),
    ("Dull and far too long; a waste of a good cast.", ("Dull", "long;", "waste"), False),
    ("I laughed, I cried, and I would see it again.", ("laughed,", "again."), True),
)
_TOPIC = "for"


def text_picture(name: str, *, architecture: str = "") -> Picture:
    """The picture by its hint in a preset: "words", "docs", "dates", "shakespeare" or "imdb"; any other is a page.

    Presets of the same words show others of them, by the architecture.
    """
    if name == "words":
        return functools.partial(_paint_words, turn=_TURNS.get(architecture, 2))
    if name == "dates":
        return paint_dates
    if name == "shakespeare":
        return functools.partial(_paint_page, page=_play)
    return _paint_reviews if name == "imdb" else _paint_page


def _paint_words(painter: QPainter, rect: QRectF, *, turn: int) -> None:
    """Words in rows across the picture, every letter in a colour of its own; each row begins elsewhere."""
    size = rect.height() / 4.6
    letters = _sized(size, QFont.Weight.DemiBold)
    metrics = QFontMetricsF(letters)
    painter.setFont(letters)
    pitch = rect.height() / 3.15
    for row in range(3):
        x = rect.left() - size * (0.9, 2.3, 0.2)[row]
        baseline = rect.top() + pitch * (row + 0.5) + metrics.capHeight() / 2 + (rect.height() - 3 * pitch) / 2
        for number in itertools.count():
            if x > rect.right():
                break
            word = _WORDS[(turn + 3 * row + number) % len(_WORDS)]
            strength = 1.0 if row == 1 else 0.62
            for place, letter in enumerate(word):
                colour = class_colour((turn + place + number + row) % 7)
                painter.setPen(QColor(mix(theme().palette.input, colour, amount=strength)))
                painter.drawText(QPointF(x, baseline), letter)
                x += metrics.horizontalAdvance(letter)
            x += size * 0.7


def _paint_page(painter: QPainter, rect: QRectF, *, page: Callable[[], tuple[str, ...]] | None = None) -> None:
    """Lines of Python's own documentation, or of another page; the last one still being written."""
    size = max(8.0, rect.height() / 11)
    letters = font("mono")
    letters.setPixelSize(round(size))
    metrics = QFontMetricsF(letters)
    painter.setFont(letters)
    pitch = size * 1.6
    left, num_lines = rect.left() + size * 1.4, int((rect.height() - size) // pitch)
    palette = theme().palette
    top = rect.center().y() - num_lines * pitch / 2
    for row, line in enumerate((page or _page)()[:num_lines]):
        is_last = row == num_lines - 1
        shown = line[: max(8, len(line) * 2 // 5)].rstrip() if is_last else line
        baseline = top + row * pitch + metrics.ascent()
        painter.setPen(QColor(mix(palette.input, palette.text, amount=0.85 if is_last else 0.6)))
        painter.drawText(QPointF(left, baseline), shown)
        if is_last:
            caret = left + metrics.horizontalAdvance(shown) + 2
            painter.fillRect(QRectF(caret, top + row * pitch, size * 0.55, size * 1.2), QColor(palette.accent))


def _paint_reviews(painter: QPainter, rect: QRectF) -> None:
    """Short reviews, the words that tell in the colour of the verdict."""
    size = max(8.0, rect.height() / 10.5)
    plain, strong = _sized(size, QFont.Weight.Normal), _sized(size, QFont.Weight.DemiBold)
    palette = theme().palette
    pitch, left = rect.height() / 3, rect.left() + size * 1.4
    for row, (review, telling, is_good) in enumerate(_REVIEWS):
        colour = class_colour(0 if is_good else 1)
        middle = rect.top() + pitch * (row + 0.5)
        mark = QRectF(left, middle - size * 1.35, size * 0.3, size * 2.7)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colour))
        painter.drawRoundedRect(mark, mark.width() / 2, mark.width() / 2)
        start = left + size
        x, y = start, middle - size * 0.35
        for word in review.split():
            tells = word in telling
            painter.setFont(strong if tells else plain)
            width = QFontMetricsF(painter.font()).horizontalAdvance(word)
            if x + width > rect.right() - size:
                x, y = start, y + size * 1.45
            painter.setPen(QColor(colour if tells else mix(palette.input, palette.text, amount=0.65)))
            painter.drawText(QPointF(x, y), word)
            x += width + size * 0.3


def _sized(size: float, weight: QFont.Weight) -> QFont:
    result = font("body")
    result.setPixelSize(max(1, round(size)))
    result.setWeight(weight)
    return result


def _play() -> tuple[str, ...]:
    """The beginning of Coriolanus."""
    return (
        "First Citizen:",
        "Before we proceed any further, hear me speak.",
        "",
        "All:",
        "Speak, speak.",
        "",
        "First Citizen:",
        "You are all resolved rather to die than to famish?",
        "",
        "All:",
        "Resolved. resolved.",
        "",
    )


@functools.cache
def _page() -> tuple[str, ...]:
    """A page of the documentation that comes with Python."""
    from pydoc_data.topics import topics  # 0.5 MB: only when a picture of it is painted

    lines = [line.strip() for line in topics[_TOPIC].splitlines()]
    return tuple(line for line in lines if len(line) > 20)
