"""A rounded panel, told from what is behind it by tone alone."""

from typing import Literal

from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from ui.widgets.labels import SectionLabel

Surface = Literal["window", "panel", "raised"]

_HEADING_HEIGHT = 24


class Card(QFrame):
    """A column of widgets on a surface, under an optional heading; ``body`` is its layout."""

    def __init__(self, heading: str = "", *, surface: Surface = "panel", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", surface)
        self.body = QVBoxLayout(self)
        self.body.setContentsMargins(12, 12, 12, 12)
        self.body.setSpacing(8)
        self._head = QHBoxLayout()
        self._head.setSpacing(4)
        if heading:
            self.setAccessibleName(heading)
            # As high as a compact button, so that a heading with one stands level with its neighbours' headings.
            label = SectionLabel(heading)
            label.setContentsMargins(0, 0, 0, 0)
            label.setFixedHeight(_HEADING_HEIGHT)
            self._head.addWidget(label)
            self._head.addStretch(1)
            self.body.setContentsMargins(12, 8, 12, 12)
            self.body.addLayout(self._head)

    def add(self, widget: QWidget, *, stretch: int = 0) -> None:
        """Put a widget below the others."""
        self.body.addWidget(widget, stretch)

    def add_to_heading(self, widget: QWidget) -> None:
        """Put a small widget, such as an icon button, at the right end of the heading's line."""
        widget.setProperty("compact", True)
        widget.setMaximumHeight(_HEADING_HEIGHT)
        self._head.addWidget(widget)
