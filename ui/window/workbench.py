"""Setup left, views in the middle over the step slider, trying it on the right, runs and log below."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import nullcontext

from PySide6.QtCore import QByteArray, QPoint, QRect, QSettings, QSize, Qt, QTimer
from PySide6.QtGui import QAction, QResizeEvent
from PySide6.QtWidgets import QApplication, QFrame, QTabBar, QVBoxLayout, QWidget

from modellab.recipe import Recipe
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.panels.inference import InferencePanel
from ui.panels.log import LogPanel
from ui.panels.runs import RunsPanel
from ui.theme import making_many_widgets
from ui.views import views
from ui.views.base import Lab, View
from ui.widgets.panel_scroll import PanelScroll
from ui.window._opened_strip import OpenedStrip
from ui.window.docks import Dock, DockArea, keep_on_screen, least_size
from ui.window.setup_column import SetupColumn
from ui.window.step_slider import StepSlider

_LAYOUT_VERSION = 1
_LEAST_SIDE = 256  # px
_LEAST_HEIGHT = 120  # px
_SETUP_SIDE = 328  # px: the longest label beside the largest number with its unit
_BESIDE_TABS, _OVER_DOCK, _FOR_ANSWERS = 24, 72, 22  # px
_LEAST_VIEW = QSize(320, 200)
_TORN_OFF_BY = QPoint(24, 24)
_TRIES, _TRY_MS = 10, 50
_AREA = Qt.DockWidgetArea


class ViewsArea(DockArea):
    """The views as tabs that can be docked side by side or torn off; a view is made when its tab is first seen."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("views")
        self.setProperty("surface", "panel")
        self._lab = lab
        self._run: RunModel | None = None
        self._recipe: Recipe | None = None
        self._pretrained = lab.focus.value.pretrained
        self._until_run = ""  # the view that was brought forward until a run is shown
        self._in_front_before: frozenset[str] = frozenset()  # in the window before, until a run is shown in this one
        lab.focus.changed.connect(self._on_focus_changed)
        lab.session.run_chosen.connect(lambda _run: lab.focus.lock(pretrained=""))  # what was opened is let go of
        self._views: dict[str, View] = {}
        self._panels: dict[str, QFrame] = {}
        self.view_docks: dict[str, Dock] = {}
        first: Dock | None = None
        for kind in views():
            panel = _panel()
            if not kind.opens_folders:
                _put(OpenedStrip(lab), panel)
            panel.setMinimumSize(_LEAST_VIEW)  # a view that wants more must not make the window larger than the screen
            dock = Dock(f"view-{kind.name}", self.tr(kind.title), panel, self)
            self.add(dock, _AREA.TopDockWidgetArea, beside=first)
            self._panels[kind.name] = panel
            self.view_docks[kind.name] = dock
            if first is None:
                first = dock
                self.view(kind.name)
            dock.visibilityChanged.connect(lambda is_seen, name=kind.name: self.view(name).wake() if is_seen else None)
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

    def _on_focus_changed(self, focus: Focus) -> None:
        """A model that is looked into instead of the run has views of its own."""
        if focus.pretrained != self._pretrained:
            self._pretrained = focus.pretrained
            self.suit(self._recipe)

    def show_run(self, run: RunModel | None) -> None:
        """Give every view the run; one not made yet gets it when it is."""
        self._run = run
        for view in self._views.values():
            view.set_run(run)
        if run is not None and self._until_run:
            is_in_front = not self.view_docks[self._until_run].visibleRegion().isEmpty()
            self._until_run = ""
            if is_in_front:
                self.show_first("")

    def suit(self, recipe: Recipe | None) -> None:
        """Offer the views that suit runs of this recipe, hide the others; curves take the place of one in front."""
        self._recipe = recipe
        is_front_gone = False
        for view in views():
            dock = self.view_docks[view.name]
            suits = view.suits(recipe, self._lab.focus.value)
            dock.toggleViewAction().setVisible(suits)
            if not suits:
                is_front_gone = is_front_gone or not dock.visibleRegion().isEmpty()
                dock.hide()
            elif (view.kinds or view.needs) and not dock.is_closed_by_hand:
                dock.show()
        first = next(iter(self.view_docks.values()))
        if is_front_gone and not first.is_closed_by_hand:
            first.raise_()
        self._bring_back(is_last_time=self._run is not None)

    def bring_back(self, names: Iterable[str]) -> None:
        """Have these views in front, as they were when the window before this one was closed: what was shown there may
        be found only later, and until then the setup may be of something that they do not suit."""
        self._in_front_before = frozenset(names)
        self._bring_back(is_last_time=False)
        # Tabs that were drawn together just now cannot be chosen before they are laid out.
        QTimer.singleShot(0, self, lambda: self._bring_back(is_last_time=False))

    def _bring_back(self, *, is_last_time: bool) -> None:
        docks = [dock for name, dock in self.view_docks.items() if name in self._in_front_before]
        for dock in reversed(docks):  # the first, where they are tabs beside one another now
            dock.raise_()
        first = next(iter(self.view_docks.values()))
        if docks and all(dock.isHidden() for dock in docks) and not first.is_closed_by_hand:
            first.raise_()
        if is_last_time:
            self._in_front_before = frozenset()

    def in_front(self) -> list[str]:
        """The views in sight that are no windows of their own."""
        docks = self.view_docks.items()
        return [name for name, dock in docks if not (dock.isFloating() or dock.visibleRegion().isEmpty())]

    def reset(self, state: QByteArray) -> None:
        """Back to an arrangement, with every view that suits what is shown, the first in front."""
        self.restoreState(state, _LAYOUT_VERSION)
        for dock in self.view_docks.values():
            dock.is_closed_by_hand = False
            dock.show()
        self.suit(self._recipe)
        next(iter(self.view_docks.values())).raise_()

    def raise_view(self, name: str) -> None:
        """Bring a view to the front."""
        self._in_front_before = frozenset()
        self.view_docks[name].is_closed_by_hand = False
        self.view_docks[name].show()
        self.view_docks[name].raise_()

    def tear_off(self) -> None:
        """Make a window of the view that has the keyboard, else of the one in front; put it back where it is one."""
        dock = self._meant()
        if dock is None:
            return
        place = dock.mapToGlobal(_TORN_OFF_BY)
        dock.setFloating(not dock.isFloating())
        if dock.isFloating():
            dock.move(place)  # else it would lie where it was, as if nothing had come of it
        view = self.view(next(name for name, one in self.view_docks.items() if one is dock))
        self._give_keyboard(dock, view, tries=_TRIES)

    def _give_keyboard(self, dock: Dock, view: View, *, tries: int) -> None:
        """As soon as its window is there: one that is still being made cannot have it."""
        dock.raise_()
        dock.activateWindow()
        view.setFocus()
        if tries and QApplication.activeWindow() is not dock.window():
            QTimer.singleShot(_TRY_MS, dock, lambda: self._give_keyboard(dock, view, tries=tries - 1))

    def _meant(self) -> Dock | None:
        docks = self.view_docks.values()
        window, holder = QApplication.activeWindow(), QApplication.focusWidget()
        for dock in docks:
            if dock is window or (holder is not None and dock.isAncestorOf(holder)):
                return dock
        return next((self.view_docks[name] for name in self.in_front()), None)

    def raise_page(self, name: str, key: str) -> None:
        """Bring a page of a view to the front."""
        self.raise_view(name)
        self.view(name).open_page(key)

    def show_draft(self, name: str) -> None:
        """Bring a view forward that looks at what Start would train; with the next run it gives way to the first."""
        self.show_first(name)
        if not self.view_docks[name].is_closed_by_hand:
            self.view(name).look_at_draft()
            self._until_run = name

    def shows_draft(self, name: str) -> bool:
        """Whether a view is in sight that looks at what Start would train."""
        return name in self._views and self._views[name].is_seen() and self._views[name].shows_draft()

    def show_first(self, name: str) -> None:
        """Bring a view to the front, the first where none is called so; what a person has closed stays closed."""
        self._in_front_before = frozenset()
        dock = self.view_docks.get(name, next(iter(self.view_docks.values())))
        if not dock.is_closed_by_hand:
            dock.show()
            dock.raise_()


class Workbench(DockArea):
    """Everything but the gallery; its arrangement is remembered."""

    def __init__(self, lab: Lab) -> None:
        super().__init__("workbench")
        self.setup = SetupColumn(undo_stack=lab.session.undo_stack)
        self.inference = InferencePanel(lab)
        self._inference_scroll = PanelScroll(self.inference)
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
        self.inference_dock = Dock("inference", self.tr("Try it"), _panel(self._inference_scroll), self)
        self.runs_dock = Dock("runs", self.tr("Runs"), _panel(self.runs), self)
        self.log_dock = Dock("log", self.tr("Log"), _panel(self.log), self)
        self.add(self.setup_dock, _AREA.LeftDockWidgetArea)
        self.add(self.inference_dock, _AREA.RightDockWidgetArea)
        self.add(self.runs_dock, _AREA.BottomDockWidgetArea)
        self.add(self.log_dock, _AREA.BottomDockWidgetArea, beside=self.runs_dock)
        self.runs_dock.raise_()
        self._default: tuple[QByteArray, QByteArray] | None = None
        self._runs_height = 0

    def arrange(self, width: int, height: int) -> None:
        """The sizes of a first launch, in the room there is."""
        for panel, least in ((self.setup, _SETUP_SIDE), (self._inference_scroll, _LEAST_SIDE)):
            panel.setMinimumWidth(least)
        self.tidy()  # the title bars that tabs replace would be a part of the height given
        self._suit_sizes(width, height)
        self._default = (self.saveState(_LAYOUT_VERSION), self.views_area.saveState(_LAYOUT_VERSION))

    def _suit_sizes(self, width: int, height: int) -> None:
        sides = [max(_SETUP_SIDE, min(380, width // 5)), max(_LEAST_SIDE, min(360, width // 5 - 20))]
        self.resizeDocks([self.setup_dock, self.inference_dock], sides, Qt.Orientation.Horizontal)
        self._suit_runs(height)

    def _suit_runs(self, height: int) -> None:
        """Less than a quarter of a low window for the table of runs, more of what a high one has beyond that: at 800 px
        what is left beside it has room for a drawing and its five answers."""
        wanted = max(160, min(480, height // 4 - _FOR_ANSWERS + max(0, height - 800) // 5))
        self.resizeDocks([self.runs_dock], [wanted], Qt.Orientation.Vertical)
        self._runs_height = wanted

    def walk_panes(self, step: int) -> None:
        """Give the keyboard to the pane in sight that is so many further, from the setup on clockwise."""
        views = {dock: name for name, dock in self.views_area.view_docks.items()}
        docks = [self.setup_dock, *views, self.inference_dock, self.runs_dock, self.log_dock]
        seen = [dock for dock in docks if dock.isVisible() and not dock.visibleRegion().isEmpty()]
        if not seen:
            return
        holder = QApplication.focusWidget()
        held = [place for place, dock in enumerate(seen) if holder is not None and dock.isAncestorOf(holder)]
        dock = seen[((held[0] if held else min(0, -step)) + step) % len(seen)]
        if dock in views:
            dock.window().activateWindow()
            self.views_area.view(views[dock]).setFocus(Qt.FocusReason.ShortcutFocusReason)
        else:
            dock.take_keyboard()

    def free_strip(self) -> QRect:
        """Beside the tabs over runs and log, or what is over one of them alone: nothing stands there, so that a message
        covers nothing one reads."""
        docks = (self.runs_dock, self.log_dock)
        shown = [dock for dock in docks if not (dock.isFloating() or dock.visibleRegion().isEmpty())]
        if len(shown) != 1:  # both torn off or closed, or in the midst of a resize
            return QRect()
        right = shown[0].geometry().right() - self.runs.note_width()
        head = shown[0].title_room()
        if head.isValid():
            return head.translated(shown[0].pos()).intersected(QRect(0, 0, right, self.height()))
        titles = {dock.windowTitle() for dock in docks}
        for bar in self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly):
            if bar.isVisible() and titles & {bar.tabText(tab) for tab in range(bar.count())}:
                left = bar.x() + bar.tabRect(bar.count() - 1).right() + _BESIDE_TABS
                return QRect(left, bar.y(), right - left, bar.height())
        return QRect()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """While a person has not given the table of runs another height, it has its share of the window's."""
        height = self.runs_dock.height()
        # The tabs and the space over a dock are a part of what it was given.
        is_as_given = 0 <= self._runs_height - height <= _OVER_DOCK
        super().resizeEvent(event)
        if is_as_given and self.runs_dock.isVisible() and not self.runs_dock.isFloating():
            self._suit_runs(self.window().height())

    def reset(self) -> None:
        """Back to the arrangement of a first launch."""
        if self._default is not None:
            self.restoreState(self._default[0], _LAYOUT_VERSION)
            self.views_area.reset(self._default[1])
            self.runs_dock.raise_()
            self._suit_runs(self.window().height())

    def save(self, settings: QSettings) -> None:
        """Remember the arrangement."""
        settings.setValue("layout/workbench", self.saveState(_LAYOUT_VERSION))
        settings.setValue("layout/size", self.window().size())
        settings.setValue("layout/views", self.views_area.saveState(_LAYOUT_VERSION))
        closed = [name for name, dock in self.views_area.view_docks.items() if dock.is_closed_by_hand]
        settings.setValue("layout/closed", " ".join(closed))
        if self.isVisible():
            settings.setValue("layout/front", " ".join(self.views_area.in_front()))
        settings.setValue("layout/runs", self.runs.table.layout_state())
        settings.setValue("layout/runs-sorted", self.runs.table.sorting())

    def restore(self, settings: QSettings) -> None:
        """Take back the arrangement that was remembered, if it is one of this version."""
        room = self.window().size()
        for name, area in (("workbench", self), ("views", self.views_area)):
            state = settings.value(f"layout/{name}")
            if isinstance(state, QByteArray):
                area.restoreState(state, _LAYOUT_VERSION)
        self._fit(room, made_for=settings.value("layout/size"))
        state = settings.value("layout/runs")
        if isinstance(state, QByteArray) and not state.isEmpty():
            self.runs.table.restore_layout(state)
        self.runs.table.sort_as(str(settings.value("layout/runs-sorted", "")))
        closed = str(settings.value("layout/closed", "")).split()
        for name, dock in self.views_area.view_docks.items():
            dock.is_closed_by_hand = name in closed
        self.views_area.bring_back(str(settings.value("layout/front", "")).split())

    def _fit(self, room: QSize, *, made_for: object) -> None:
        """An arrangement that was made in a larger window, and cannot be had in this one, is drawn together, and its
        panels have the sizes of a first launch. made_for: the size of that window, room: of this one."""
        for area in (self, self.views_area):
            for dock in area.docks():
                if dock.isFloating():
                    keep_on_screen(dock)
        if not isinstance(made_for, QSize) or _fits(made_for, room):
            return
        is_drawn = True
        while is_drawn and not _fits(self._least_size(), room):
            is_drawn = self.views_area.draw_together() or self.draw_together()
        self._suit_sizes(room.width(), room.height())

    def _least_size(self) -> QSize:
        """Of the window, with what the panels beside the views will take once their content is there."""
        sides = ((self.setup_dock, _SETUP_SIDE), (self.inference_dock, _LEAST_SIDE))
        docked = [(dock, side) for dock, side in sides if not (dock.isHidden() or dock.isFloating())]
        missing = sum(max(0, side - dock.minimumSizeHint().width()) for dock, side in docked)
        return least_size(self.views_area) + QSize(missing, 0)

    def panel_actions(self) -> list[QAction]:
        """Show or hide each panel and view."""
        docks = [self.setup_dock, self.inference_dock, self.runs_dock, self.log_dock]
        return [dock.toggleViewAction() for dock in [*self.views_area.view_docks.values(), *docks]]


def _fits(wanted: QSize, room: QSize) -> bool:
    return wanted.boundedTo(room) == wanted


def _panel(widget: QWidget | None = None) -> QFrame:
    """A rounded panel, with the widget on it where there is one yet."""
    frame = QFrame()
    frame.setProperty("surface", "panel")
    # Else what a panel holds at the moment could make the window outgrow the screen.
    frame.setMinimumHeight(_LEAST_HEIGHT)
    layout = QVBoxLayout(frame)
    layout.setContentsMargins(0, 0, 0, 0)
    if widget is not None:
        layout.addWidget(widget)
    return frame


def _put(widget: QWidget, panel: QFrame) -> None:
    """Below what is in the panel; a view takes all of the room."""
    layout = panel.layout()
    assert isinstance(layout, QVBoxLayout)
    layout.addWidget(widget, 1 if isinstance(widget, View) else 0)
