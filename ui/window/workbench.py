"""Setup left, views in the middle over the step slider, trying it on the right, runs and log below."""

from __future__ import annotations

from contextlib import nullcontext

from PySide6.QtCore import QByteArray, QSettings, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from ui.lab.run_model import RunModel
from ui.panels.inference import InferencePanel
from ui.panels.log import LogPanel
from ui.panels.runs import RunsPanel
from ui.theme import making_many_widgets
from ui.views import views
from ui.views.base import Lab, View
from ui.window.docks import Dock, DockArea
from ui.window.setup_column import SetupColumn
from ui.window.step_slider import StepSlider

_LAYOUT_VERSION = 1
_LEAST_SIDE = 256  # px: labels and fields of the setup side by side
_LEAST_VIEW = QSize(320, 200)
_AREA = Qt.DockWidgetArea


class ViewsArea(DockArea):
    """The views as tabs that can be docked side by side or torn off; a view is made when its tab is first seen."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("views")
        self.setProperty("surface", "panel")
        self._lab = lab
        self._run: RunModel | None = None
        self._views: dict[str, View] = {}
        self._panels: dict[str, QFrame] = {}
        self.view_docks: dict[str, Dock] = {}
        first: Dock | None = None
        for kind in views():
            panel = _panel()
            panel.setMinimumSize(_LEAST_VIEW)  # a view that wants more must not make the window larger than the screen
            dock = Dock(f"view-{kind.name}", self.tr(kind.title), panel, self)
            self.add(dock, _AREA.TopDockWidgetArea, beside=first)
            self._panels[kind.name] = panel
            self.view_docks[kind.name] = dock
            if first is None:
                first = dock
                self.view(kind.name)
            dock.visibilityChanged.connect(lambda is_seen, name=kind.name: self.view(name) if is_seen else None)
        if first is not None:
            first.raise_()

    def view(self, name: str) -> View:
        """The view of that name, showing the run that all of them show."""
        if name not in self._views:
            kind = next(kind for kind in views() if kind.name == name)
            with making_many_widgets() if self.isVisible() else nullcontext():
                self._views[name] = kind(self._lab)
                _put(self._views[name], self._panels[name])
            self._views[name].set_run(self._run)
        return self._views[name]

    def show_run(self, run: RunModel | None) -> None:
        """Give every view the run; one not made yet gets it when it is."""
        self._run = run
        for view in self._views.values():
            view.set_run(run)

    def suit(self, kind: str | None) -> None:
        """Offer the views that suit this kind of input; hide the others."""
        for view in views():
            dock = self.view_docks[view.name]
            suits = not view.kinds or kind in view.kinds
            dock.toggleViewAction().setVisible(suits)
            if not suits:
                dock.hide()
            elif view.kinds and not dock.property("closed_by_hand"):
                dock.show()

    def raise_view(self, name: str) -> None:
        """Bring a view to the front."""
        self.view_docks[name].show()
        self.view_docks[name].raise_()


class Workbench(DockArea):
    """Everything but the gallery; its arrangement is remembered."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("workbench")
        self.setup = SetupColumn(undo_stack=lab.session.undo_stack)
        self.inference = InferencePanel(lab)
        self.runs = RunsPanel(lab)
        self.log = LogPanel(lab)
        self.views_area = ViewsArea(lab)
        self.step_slider = StepSlider(lab.focus)
        middle = QFrame()
        middle.setProperty("surface", "panel")
        column = QVBoxLayout(middle)
        column.setContentsMargins(4, 0, 4, 4)
        column.setSpacing(0)
        column.addWidget(self.views_area, 1)
        column.addWidget(self.step_slider)
        self.setCentralWidget(middle)
        # The setup is long: it gets the whole height, and the table of runs what is left of the width.
        self.setCorner(Qt.Corner.BottomLeftCorner, _AREA.LeftDockWidgetArea)
        self.setCorner(Qt.Corner.BottomRightCorner, _AREA.BottomDockWidgetArea)
        self.setup_dock = Dock("setup", self.tr("Setup"), _panel(self.setup), self)
        self.inference_dock = Dock("inference", self.tr("Try it"), _panel(self.inference), self)
        self.runs_dock = Dock("runs", self.tr("Runs"), _panel(self.runs), self)
        self.log_dock = Dock("log", self.tr("Log"), _panel(self.log), self)
        self.add(self.setup_dock, _AREA.LeftDockWidgetArea)
        self.add(self.inference_dock, _AREA.RightDockWidgetArea)
        self.add(self.runs_dock, _AREA.BottomDockWidgetArea)
        self.add(self.log_dock, _AREA.BottomDockWidgetArea, beside=self.runs_dock)
        self.runs_dock.raise_()
        self._default: tuple[QByteArray, QByteArray] | None = None

    def arrange(self, width: int, height: int) -> None:
        """The sizes of a first launch, in the room there is."""
        side = max(280, min(380, width // 5))
        self.setup.setMinimumWidth(_LEAST_SIDE)
        self.inference.setMinimumWidth(_LEAST_SIDE)
        self.resizeDocks([self.setup_dock, self.inference_dock], [side, max(260, side - 20)], Qt.Orientation.Horizontal)
        self.resizeDocks([self.runs_dock], [max(140, min(260, height // 5))], Qt.Orientation.Vertical)
        self._default = (self.saveState(_LAYOUT_VERSION), self.views_area.saveState(_LAYOUT_VERSION))

    def reset(self) -> None:
        """Back to the arrangement of a first launch."""
        if self._default is not None:
            self.restoreState(self._default[0], _LAYOUT_VERSION)
            self.views_area.restoreState(self._default[1], _LAYOUT_VERSION)

    def save(self, settings: QSettings) -> None:
        """Remember the arrangement."""
        settings.setValue("layout/workbench", self.saveState(_LAYOUT_VERSION))
        settings.setValue("layout/views", self.views_area.saveState(_LAYOUT_VERSION))

    def restore(self, settings: QSettings) -> None:
        """Take back the arrangement that was remembered, if it is one of this version."""
        for name, area in (("workbench", self), ("views", self.views_area)):
            state = settings.value(f"layout/{name}")
            if isinstance(state, QByteArray):
                area.restoreState(state, _LAYOUT_VERSION)

    def panel_actions(self) -> list[QAction]:
        """Show or hide each panel and view."""
        docks = [self.setup_dock, self.inference_dock, self.runs_dock, self.log_dock]
        return [dock.toggleViewAction() for dock in [*self.views_area.view_docks.values(), *docks]]


def _panel(widget: QWidget | None = None) -> QFrame:
    """A rounded panel, with the widget on it where there is one yet."""
    frame = QFrame()
    frame.setProperty("surface", "panel")
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    if widget is not None:
        layout.addWidget(widget)
    return frame


def _put(widget: QWidget, panel: QFrame) -> None:
    layout = panel.layout()
    assert layout is not None
    layout.addWidget(widget)
