"""Explanations on hover: a quantity's name, what it is, its limits and its default."""

from html import escape

from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QToolButton, QToolTip, QWidget

from ui.theme import theme
from ui.theme.icons import icon

_WIDTH = 280  # px


def rich_tooltip(title: str, sentence: str = "", *, limits: str = "", default: str = "") -> str:
    """A tooltip's text: the title, a sentence at a readable width, and quietly the limits and the default."""
    colours = theme().palette
    quiet = [QCoreApplication.translate("HelpDot", "Limits: {0}").format(limits)] if limits else []
    quiet += [QCoreApplication.translate("HelpDot", "Default: {0}").format(default)] if default else []
    parts = [f"<span style='font-weight:600'>{escape(title)}</span>"]
    parts += [f"<div style='margin-top:4px'>{escape(sentence)}</div>"] if sentence else []
    if quiet:
        line = escape("  ·  ".join(quiet))
        parts.append(f"<div style='margin-top:6px; color:{colours.tooltip_muted}'>{line}</div>")
    # A table gives Qt's tooltip a width to wrap at; without one a sentence makes a very long line.
    return f"<table width='{_WIDTH}'><tr><td>{''.join(parts)}</td></tr></table>"


def wrapped_tooltip(sentence: str) -> str:
    """A tooltip of one long sentence or two, at a readable width."""
    return f"<table width='{_WIDTH}'><tr><td>{escape(sentence)}</td></tr></table>"


class HelpDot(QToolButton):
    """A small question mark that explains its neighbour, on hover and on Space or Enter."""

    def __init__(
        self, title: str, *, sentence: str = "", limits: str = "", default: str = "", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setIcon(icon("help", "muted"))
        self.setIconSize(QSize(14, 14))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(self.tr("About {0}").format(title))
        self.setAccessibleDescription(" ".join(filter(None, (sentence, limits, default))))
        self.setToolTip(rich_tooltip(title, sentence, limits=limits, default=default))
        self.clicked.connect(self._on_clicked)

    def _on_clicked(self) -> None:
        QToolTip.showText(self.mapToGlobal(self.rect().bottomLeft()), self.toolTip(), self)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)
