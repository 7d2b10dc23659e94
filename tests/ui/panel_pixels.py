"""Whether a widget paints anything."""

from PySide6.QtWidgets import QWidget


def is_blank(widget: QWidget) -> bool:
    """Whether all that is painted has one colour."""
    image = widget.grab().toImage()
    first = image.pixel(0, 0)
    return all(image.pixel(x, y) == first for x in range(0, image.width(), 3) for y in range(0, image.height(), 3))
