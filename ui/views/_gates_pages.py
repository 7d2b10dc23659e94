"""The pages of the gates, as the palette finds them."""

from __future__ import annotations

from PySide6.QtCore import QT_TRANSLATE_NOOP

from ui.views.base import ViewPage

PAGES = (
    ViewPage(
        key="raster",
        title=str(QT_TRANSLATE_NOOP("GatesView", "Raster")),
        words=str(QT_TRANSLATE_NOOP("GatesView", "every unit over every token")),
    ),
    ViewPage(
        key="unit",
        title=str(QT_TRANSLATE_NOOP("GatesView", "Unit")),
        words=str(QT_TRANSLATE_NOOP("GatesView", "kept and written, hold a gate")),
    ),
    ViewPage(
        key="saturation",
        title=str(QT_TRANSLATE_NOOP("GatesView", "Saturation")),
        words=str(QT_TRANSLATE_NOOP("GatesView", "gates open and shut")),
    ),
    ViewPage(
        key="search",
        title=str(QT_TRANSLATE_NOOP("GatesView", "Search")),
        words=str(QT_TRANSLATE_NOOP("GatesView", "similar places, units for a pattern")),
    ),
    ViewPage(
        key="flow",
        title=str(QT_TRANSLATE_NOOP("GatesView", "Flow")),
        words=str(QT_TRANSLATE_NOOP("GatesView", "gradient, vanishing, exploding, clipping")),
    ),
)
