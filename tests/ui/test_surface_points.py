"""Points over a surface: training and validation are told apart whatever their colour."""

import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QImage, QPainter

from ui.views._surface_points import draw_point


def drawn(*, is_ring: bool, rim: QColor | None) -> QImage:
    """A point of the colour of what lies under it, as of a network that fits it."""
    image = QImage(16, 16, QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    draw_point(painter, QPointF(8, 8), QColor("white"), radius=4, is_ring=is_ring, rim=rim)
    painter.end()
    return image


@pytest.mark.parametrize("is_ring", [False, True])
def test_that_a_point_of_the_colour_of_the_surface_is_seen_by_its_rim(qapp, is_ring):
    rim = QColor("gray")
    image = drawn(is_ring=is_ring, rim=rim)
    assert image.pixelColor(8, 3) != QColor("white")
    assert (image.pixelColor(8, 8) == rim) == is_ring  # the hole of a ring has the rim's colour
