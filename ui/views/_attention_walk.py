"""Which keys lead where in the attention: layers by brackets, heads by comma and full stop, tokens by arrows."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ui.views._attention_data import Block, Place


def walked(place: Place, block: Block, key: int) -> dict[str, int] | None:
    """The part of the place that is another, by name (layer, head, token, key); None: no key of these."""
    if key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
        step = 1 if key == Qt.Key.Key_BracketRight else -1
        return {"layer": _within(place.layer + step, block.num_layers)}
    if key in (Qt.Key.Key_Comma, Qt.Key.Key_Period):
        step = 1 if key == Qt.Key.Key_Period else -1
        return {"head": _within(place.head + step, block.num_heads)}
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right) and place.key is not None:
        step = 1 if key == Qt.Key.Key_Right else -1
        return {"key": _within(place.key + step, len(block.header.keys))}
    if key in (Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Left, Qt.Key.Key_Right):
        step = 1 if key in (Qt.Key.Key_Down, Qt.Key.Key_Right) else -1
        count = len(block.header.queries)
        start = -1 if step > 0 else count
        return {"token": _within((start if place.query is None else place.query) + step, count)}
    return None


def _within(number: int, count: int) -> int:
    return min(count - 1, max(0, number))
