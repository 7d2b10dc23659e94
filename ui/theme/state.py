"""The one theme in force: its palette, its switch, and the application's style."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from ui.theme.fonts import font, load_fonts
from ui.theme.palette import PALETTES, Palette, ThemeName
from ui.theme.stylesheet import stylesheet

ThemeChoice = Literal["dark", "light", "system"]


class Theme(QObject):
    """Which palette is in force; ``changed`` follows the application's restyling."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._palette = PALETTES["dark"]

    @property
    def palette(self) -> Palette:
        return self._palette

    @property
    def name(self) -> ThemeName:
        return self._palette.name

    def colour(self, role: str) -> QColor:
        """The palette's colour of this name, for a painter."""
        return QColor(getattr(self._palette, role))

    def use(self, name: ThemeName) -> None:
        """Put a palette in force and restyle the application, if there is one."""
        is_other = name != self.name
        self._palette = PALETTES[name]
        app = QApplication.instance()
        if isinstance(app, QApplication):
            sheet = stylesheet(self._palette)
            if sheet != app.styleSheet():  # the same again would take back every font that is not the application's
                app.setPalette(_qt_palette(self._palette))
                app.setStyleSheet(sheet)
        if is_other:
            self.changed.emit()

    def toggle(self) -> None:
        self.use("light" if self.name == "dark" else "dark")


@cache
def theme() -> Theme:
    """The theme of this process."""
    return Theme()


def apply_theme(app: QApplication, choice: ThemeChoice = "system") -> None:
    """Give the application its style, fonts and palette; call it once, before the first widget is made."""
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    load_fonts()
    app.setFont(font("body"))
    theme().use(system_theme() if choice == "system" else choice)


@contextmanager
def making_many_widgets() -> Iterator[None]:
    """Takes the style sheet away meanwhile: Qt matches it anew for a whole subtree wherever a widget gets a parent,
    which for a page of hundreds costs more than making them."""
    app = QApplication.instance()
    sheet = app.styleSheet() if isinstance(app, QApplication) else ""
    if not isinstance(app, QApplication) or not sheet:
        yield
        return
    app.setStyleSheet("")
    try:
        yield
    finally:
        app.setStyleSheet(sheet)


def system_theme() -> ThemeName:
    """The desktop's own choice where it tells one, else dark."""
    scheme = QGuiApplication.styleHints().colorScheme()
    return "light" if scheme == Qt.ColorScheme.Light else "dark"


def _qt_palette(colours: Palette) -> QPalette:
    """QPalette for what no stylesheet rule reaches: plain painting, item views, selections, disabled text."""
    role = QPalette.ColorRole
    result = QPalette()
    for which, colour in (
        (role.Window, colours.window),
        (role.WindowText, colours.text),
        (role.Base, colours.input),
        (role.AlternateBase, colours.panel),
        (role.Text, colours.text),
        (role.PlaceholderText, colours.muted),
        (role.Button, colours.raised),
        (role.ButtonText, colours.text),
        (role.BrightText, colours.bad),
        (role.ToolTipBase, colours.tooltip),
        (role.ToolTipText, colours.tooltip_text),
        (role.Highlight, colours.selection),
        (role.HighlightedText, colours.text),
        (role.Accent, colours.accent),
        (role.Link, colours.link),
        (role.LinkVisited, colours.link),
        (role.Light, colours.hover),
        (role.Midlight, colours.raised),
        (role.Mid, colours.line),
        (role.Dark, colours.line),
        (role.Shadow, colours.shadow),
    ):
        result.setColor(which, QColor(colour))
    for which in (role.WindowText, role.Text, role.ButtonText):
        result.setColor(QPalette.ColorGroup.Disabled, which, QColor(colours.faint))
    return result
