"""The keys of the gates: they walk the tokens, the units as they lie in the raster, and the layers."""

from __future__ import annotations

from PySide6.QtCore import Qt

from ui.lab.focus import SharedFocus
from ui.views._gates_data import Gates, Place
from ui.views._gates_layout import GatesLayout

SORT = Qt.Key.Key_S  # puts rows that stay in their order


def walk(parts: GatesLayout, focus: SharedFocus, gates: Gates, place: Place, key: int) -> bool:
    """Whether the key leads somewhere from this place."""
    if key in (Qt.Key.Key_Left, Qt.Key.Key_Right):
        step = 1 if key == Qt.Key.Key_Right else -1
        start = -1 if step > 0 else len(gates.tokens)
        token = min(len(gates.tokens) - 1, max(0, (start if place.token is None else place.token) + step))
        focus.lock(token=token)
    elif key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
        unit = parts.raster.neighbour(place.unit, rows=1 if key == Qt.Key.Key_Down else -1)
        focus.lock(layer=place.layer, unit=unit)
    elif key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketRight):
        step = 1 if key == Qt.Key.Key_BracketRight else -1
        boxes = parts.layers
        boxes.setCurrentIndex(min(boxes.count() - 1, max(0, boxes.currentIndex() + step)))
    else:
        return False
    parts.raster.show_place()
    return True
