"""Docks whose title bar is there only where no tab says the same."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QSize, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from ui.widgets.buttons import IconButton
from ui.widgets.labels import SectionLabel

_BESIDE_NAME = 16
_NEARLY_ALL, _MOST = 0.9, 0.75  # of a screen
FEATURES = (
    QDockWidget.DockWidgetFeature.DockWidgetClosable
    | QDockWidget.DockWidgetFeature.DockWidgetMovable
    | QDockWidget.DockWidgetFeature.DockWidgetFloatable
)


class _Title(QWidget):
    """What one drags a dock by: its name, a button that tears it off and one that closes it."""

    def __init__(self, dock: QDockWidget) -> None:
        super().__init__(dock)
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 0, 0)
        row.setSpacing(0)
        self._label = SectionLabel(dock.windowTitle())
        self._label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        row.addWidget(self._label, 1)
        self._float = IconButton("external", self.tr("Tear off, or put back"))
        self._close = IconButton("close", self.tr("Hide; the View menu brings it back"))
        for button in (self._float, self._close):
            button.setProperty("compact", True)
            button.setFixedSize(22, 22)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            row.addWidget(button)
        self._float.clicked.connect(lambda: dock.setFloating(not dock.isFloating()))
        self._close.clicked.connect(dock.close)

    def sizeHint(self) -> QSize:
        return QSize(80, 24)

    def minimumSizeHint(self) -> QSize:
        return QSize(40, 24)

    def room(self) -> QRect:
        """Between the name and the buttons."""
        left = self._label.x() + self._label.sizeHint().width() + _BESIDE_NAME
        return QRect(left, 0, self._float.x() - left, self.height())


class Dock(QDockWidget):
    """A dock with a quiet title bar that a tab replaces."""

    def __init__(self, key: str, title: str, widget: QWidget, parent: QMainWindow) -> None:
        super().__init__(title, parent)
        self.setObjectName(key)
        self.setFeatures(FEATURES)
        self.setWidget(widget)
        self.is_closed_by_hand = False  # what a person has closed does not come back by itself
        self.toggleViewAction().triggered.connect(self._on_toggled)
        self._title = _Title(self)
        self._nothing = QWidget(self)
        self._nothing.setFixedHeight(0)
        self.setTitleBarWidget(self._title)

    def show_title(self, is_shown: bool) -> None:
        """Whether the title bar stands over the widget."""
        wanted = self._title if is_shown else self._nothing
        if self.titleBarWidget() is not wanted:
            self.setTitleBarWidget(wanted)
            self._title.setVisible(is_shown)

    def title_room(self) -> QRect:
        """What is free of the title bar, in the dock's own place; not valid while a tab stands for it."""
        title = self._title
        return title.room().translated(title.pos()) if self.titleBarWidget() is title else QRect()

    def take_keyboard(self) -> None:
        """Bring it to the front with the keyboard in its table or list, else in its first field."""
        self.show()
        self.raise_()
        able = [
            child
            for child in self.widget().findChildren(QWidget)
            if child.isVisibleTo(self.widget()) and child.isEnabled() and child.focusPolicy() & Qt.FocusPolicy.TabFocus
        ]
        chosen = [child for child in able if isinstance(child, QAbstractItemView)] or able
        if chosen:
            self.window().activateWindow()
            chosen[0].setFocus(Qt.FocusReason.ShortcutFocusReason)

    def _on_toggled(self, is_shown: bool) -> None:
        self.is_closed_by_hand = not is_shown
        if is_shown:
            self.raise_()  # not behind the tabs beside it

    def closeEvent(self, event: QCloseEvent) -> None:
        self.is_closed_by_hand = True
        super().closeEvent(event)


def keep_on_screen(dock: QDockWidget) -> None:
    """Have a dock that is a window of its own wholly on its screen, and not all over it, where all else is under it."""
    room = dock.screen().availableGeometry()
    size = dock.size()
    if min(size.width() / room.width(), size.height() / room.height()) > _NEARLY_ALL:
        size = room.size() * _MOST
    place = QRect(dock.pos(), size.boundedTo(room.size()))
    place.moveRight(min(place.right(), room.right()))
    place.moveBottom(min(place.bottom(), room.bottom()))
    place.moveTopLeft(QPoint(max(place.x(), room.x()), max(place.y(), room.y())))
    dock.setGeometry(place)


def least_size(changed: QWidget) -> QSize:
    """The least size of the window around what was arranged anew just now, before Qt lays it out and takes it."""
    while (around := changed.parentWidget()) is not None:
        changed.updateGeometry()
        layout = around.layout()
        if layout is not None:
            layout.invalidate()
        changed = around
    return changed.minimumSizeHint()


def is_behind(widget: QWidget | None) -> bool:
    """Whether it is in a dock that another tab hides: such docks are not hidden to Qt, they lie outside the window."""
    while widget is not None and not (isinstance(widget, QDockWidget) and widget.visibleRegion().isEmpty()):
        widget = widget.parentWidget()
    return widget is not None


class DockArea(QMainWindow):
    """A part of the window made of docks; tabs above them; its arrangement can be kept and restored."""

    def __init__(self, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Widget)
        self.setObjectName(name)
        options = QMainWindow.DockOption
        self.setDockOptions(options.AllowNestedDocks | options.AllowTabbedDocks | options.GroupedDragging)
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self._tidy_timer = QTimer(self)
        self._tidy_timer.setSingleShot(True)
        self._tidy_timer.setInterval(0)
        self._tidy_timer.timeout.connect(self.tidy)

    def add(self, dock: Dock, area: Qt.DockWidgetArea, *, beside: Dock | None = None) -> None:
        """Put a dock in an area, as a tab of `beside` where one is given."""
        self.addDockWidget(area, dock)
        if beside is not None:
            self.tabifyDockWidget(beside, dock)
        dock.topLevelChanged.connect(self._tidy_timer.start)
        dock.dockLocationChanged.connect(self._tidy_timer.start)
        dock.visibilityChanged.connect(self._tidy_timer.start)
        self._tidy_timer.start()

    def docks(self) -> list[Dock]:
        """Every dock of this area; an area within it has its own."""
        return self.findChildren(Dock, options=Qt.FindChildOption.FindDirectChildrenOnly)

    def draw_together(self) -> bool:
        """Put the last dock that stands beside others behind the first as a tab, where there is less room than the
        arrangement was made for; False when all of them are tabs already."""
        docked = [dock for dock in self.docks() if not (dock.isHidden() or dock.isFloating())]
        apart = [dock for dock in docked[1:] if dock not in self.tabifiedDockWidgets(docked[0])]
        if not apart:
            return False
        self.tabifyDockWidget(docked[0], apart[-1])
        return True

    def tidy(self) -> None:
        """Title bars where no tab says the same; done by itself after each change."""
        for dock in self.docks():
            tabs = [other for other in self.tabifiedDockWidgets(dock) if not other.isHidden()]
            dock.show_title(dock.isFloating() or not tabs)
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            bar.setDocumentMode(True)
            bar.setExpanding(False)
            bar.setElideMode(Qt.TextElideMode.ElideNone)
            bar.setUsesScrollButtons(True)
            bar.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            for arrow in bar.findChildren(QToolButton):  # arrow keys walk the tabs
                arrow.setFocusPolicy(Qt.FocusPolicy.NoFocus)
