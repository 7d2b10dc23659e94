"""Widgets of the search page side by side, under one another, and in one another's place."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLayout, QStackedWidget, QVBoxLayout, QWidget


def column_of(head: QWidget, body: QWidget | QLayout) -> QVBoxLayout:
    """The body under its heading."""
    column = QVBoxLayout()
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(2)
    column.addWidget(head)
    if isinstance(body, QWidget):
        column.addWidget(body, 1)
    else:
        column.addLayout(body, 1)
    return column


def row_of(*widgets: QWidget | None) -> QHBoxLayout:
    """Side by side; None: room."""
    row = QHBoxLayout()
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(8)
    for widget in widgets:
        if widget is None:
            row.addStretch(1)
        else:
            row.addWidget(widget)
    return row


def pages_of(*widgets: QWidget) -> QStackedWidget:
    """One at a time."""
    pages = QStackedWidget()
    for widget in widgets:
        pages.addWidget(widget)
    return pages
