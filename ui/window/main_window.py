"""The main window: it arranges the bar, the gallery and the workbench, and ties them to the session."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QRect, QSettings, Qt, QTimer
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QMainWindow, QMenu, QStackedWidget, QVBoxLayout, QWidget

from modellab.errors import UserError
from ui.lab.background import in_background
from ui.theme import making_many_widgets, theme
from ui.theme.icons import icon, program_icon
from ui.widgets.choose_path import choose_file, choose_folder, choose_target
from ui.widgets.labels import TextLabel
from ui.window.actions import Actions
from ui.window.command_bar import CommandBar
from ui.window.docks import is_behind
from ui.window.drops import Dropped, DropTarget, neither, open_path
from ui.window.messages import Messages
from ui.window.parting import Parting
from ui.window.status_line import StatusLine

# Whatever the frame does not need is imported where it is used: the window is there sooner without it.
if TYPE_CHECKING:
    from modellab.recipe import Recipe
    from ui.lab.run_model import RunModel
    from ui.panels.gallery import Gallery
    from ui.views.base import Lab
    from ui.window.workbench import Workbench


_SETUP_KEY = "setup/recipe"


class MainWindow(QMainWindow):
    """One window. Made, it is a frame: bar, menus, status line; `furnish` gives it a session to work on.

    Gallery and workbench are made when first needed, so that the first page is there at once; the gallery needs no
    session, and what is asked of it before there is one is done as soon as there is.
    """

    lab: Lab

    def __init__(self, settings: QSettings) -> None:
        super().__init__()
        self._settings = settings
        self.setWindowIcon(program_icon())
        self.setWindowTitle("Model Lab")
        self.setAcceptDrops(False)  # until there is a session that takes what is dropped
        self.actions_by_key = Actions(self)
        self.bar = CommandBar(self.actions_by_key)
        self.messages = Messages()
        self._is_furnished = False
        self._gallery: Gallery | None = None
        self._pending: list[Callable[[], object]] = []
        self._parting = Parting(self, settings)
        self._said_of: dict[str, str] = {}  # a run's banner by its id
        self.recent_commands: list[tuple[str, str]] = []  # what the palette did last
        self.workbench: Workbench | None = None
        self._stack = QStackedWidget()
        self._line = StatusLine()
        self.setStatusBar(self._line)
        self._lay_out()
        self._fill_menus()
        self.bar.show_run(None)
        self.bar.set_main_enabled(False, "")
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()

    def furnish(self, lab: Lab) -> None:
        """Work on this session from now on; before, no button of the bar does anything. Once in a window's life."""
        from ui.window.folder_opening import FolderOpening
        from ui.window.steering import Steering

        self.lab, self._is_furnished = lab, True
        DropTarget(self).taken.connect(self._on_dropped)
        self._opening = FolderOpening(lab.inspector, self.messages, self.show_pretrained, parent=self)
        self._steering = Steering(lab, self.actions_by_key, self.bar, self._line)
        self._connect()
        if self._gallery is not None:
            self._gallery.complete()
        pending, self._pending = self._pending, []
        for do in pending:
            do()

    def _with_session(self, do: Callable[[], object]) -> None:
        """Now, or as soon as there is a session."""
        if self._is_furnished:
            do()
        else:
            self._pending.append(do)

    @property
    def gallery(self) -> Gallery:
        """The page of presets; made the first time."""
        if self._gallery is None:
            from ui.panels.gallery import Gallery

            self._gallery = gallery = Gallery()
            self._stack.addWidget(gallery)
            gallery.preset_chosen.connect(lambda name: self._with_session(lambda: self.train_preset(name)))
            gallery.preset_loaded.connect(lambda name: self._with_session(lambda: self._on_preset_loaded(name)))
            gallery.own_chosen.connect(lambda path: self._with_session(lambda: self._on_own_chosen(path)))
            gallery.blank_asked.connect(lambda: self._with_session(self._on_blank_asked))
            gallery.open_asked.connect(lambda: self._with_session(self._on_open_recipe_triggered))
        return self._gallery

    def show_gallery(self) -> Gallery:
        """The page of presets; on a launch those that are in sight, the others with the session."""
        if self._is_furnished:
            self.gallery.complete()
        self._stack.setCurrentWidget(self.gallery)
        self.gallery.setFocus()
        return self.gallery

    def say_opening(self) -> None:
        """A first sign where the workbench will be: on a busy machine it takes seconds."""
        said = TextLabel(self.tr("Your runs and views are being set out…"), role="muted")
        said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._stack.addWidget(said)

    def show_workbench(self) -> Workbench:
        """The page of everything else; made the first time."""
        if self.workbench is None:
            from ui.window.setup_link import SetupLink
            from ui.window.workbench import Workbench

            with making_many_widgets():
                self.workbench = Workbench(self.lab)
                self._stack.addWidget(self.workbench)
                SetupLink(self.lab, self.workbench)
            self.workbench.runs.note_changed.connect(self.messages.find_place)
            self._view_menu.addActions(self.workbench.panel_actions())
            self.workbench.arrange(self.width(), self.height())
            self.workbench.restore(self._settings)
            if self.lab.session.draft is None:
                self._load_last_draft()
        if self._stack.currentWidget() is not self.workbench or not self.workbench.isVisible():
            self._stack.setCurrentWidget(self.workbench)
            self.workbench.setFocus()  # on no field: a stray key or wheel must not change one
        return self.workbench

    def _load_last_draft(self) -> None:
        """The setup as it was left, where it can still be read."""
        from modellab.recipe import recipe_from_json

        text = str(self._settings.value(_SETUP_KEY, "") or "")
        try:
            self.lab.session.load_draft(recipe_from_json(text.encode()))
        except UserError:
            self.lab.session.load_blank_draft()

    def open_pretrained(self, folder: str) -> None:
        """Look into a folder's model once it is known that it can be; else say why, and leave everything as it is."""
        self._opening.open(folder)

    def show_pretrained(self, folder: str) -> None:
        """Look into a Hugging Face model's folder, whatever run is shown."""
        bench = self.show_workbench()
        self.lab.focus.lock(pretrained="")  # the same folder again is opened anew
        self.lab.focus.lock(pretrained=folder, text="", step=None, layer=None, head=None, token=None)
        bench.views_area.raise_view("attention")
        bench.views_area.view("attention").setFocus()  # on no field: arrows, brackets and commas walk at once

    def _on_blank_asked(self) -> None:
        self.lab.session.load_blank_draft()
        setup = self.show_workbench().setup
        setup.show_draft()
        # When the page is laid out: the list opens under the dataset's card.
        QTimer.singleShot(0, setup.panel, setup.panel.ask_dataset)

    def _on_escape_triggered(self) -> None:
        """Leave the gallery for what one came from; on the workbench, let go of what is looked at."""
        if self.workbench is not None and self._stack.currentWidget() is self._gallery:
            self.show_workbench()
        else:
            self.lab.focus.let_go()

    def train_preset(self, name: str) -> None:
        """Put a preset into the setup and start it."""
        from modellab.presets import presets

        preset = presets()[name]
        self.lab.session.load_draft(preset.recipe)
        bench = self.show_workbench()
        self.lab.session.start()
        bench.views_area.show_first(preset.view)

    def _lay_out(self) -> None:
        middle = QWidget()
        column = QVBoxLayout(middle)
        column.setContentsMargins(8, 8, 8, 0)
        column.setSpacing(8)
        column.addWidget(self.bar)
        column.addWidget(self._stack, 1)
        self.setCentralWidget(middle)
        self.messages.lie_over(self._stack, strip=self._free_strip)

    def _free_strip(self) -> QRect:
        """Where messages cover nothing, in the stack's own place."""
        bench = self.workbench
        if bench is None or self._stack.currentWidget() is not bench:
            return QRect()
        strip = bench.free_strip()
        return strip.translated(bench.mapTo(self._stack, QPoint())) if strip.isValid() else strip

    def _fill_menus(self) -> None:
        titles = {
            "file": self.tr("&File"),
            "edit": self.tr("&Edit"),
            "run": self.tr("&Run"),
            "view": self.tr("&View"),
            "help": self.tr("&Help"),
        }
        menus = self.actions_by_key.fill(self.bar.menu_bar, titles)
        view_menu = menus["view"]
        assert isinstance(view_menu, QMenu)
        self._view_menu = view_menu

    def _connect(self) -> None:
        from ui.window.dialogs import ask_preferences, open_palette, show_about, show_keys, switch_theme
        from ui.window.model_import import import_model
        from ui.window.undoing import Undoing

        session, actions = self.lab.session, self.actions_by_key
        undoing = Undoing(session.undo_stack, self.messages)
        for key, do in (
            ("gallery", self.show_gallery),
            ("own_data", lambda: QTimer.singleShot(0, self, self.show_gallery().ask_own)),  # once it is laid out
            ("open_recipe", self._on_open_recipe_triggered),
            ("open_run", self._on_open_run_triggered),
            ("open_pretrained", self._on_open_pretrained_triggered),
            ("import_model", lambda: import_model(self, self.lab.session)),
            ("save_recipe", self._on_save_recipe_triggered),
            ("preferences", lambda: ask_preferences(self, self.lab)),
            ("quit", self.close),
            ("palette", lambda: open_palette(self)),
            ("theme", switch_theme),
            ("tear_off", lambda: self.show_workbench().views_area.tear_off()),
            ("next_pane", lambda: self.show_workbench().walk_panes(1)),
            ("previous_pane", lambda: self.show_workbench().walk_panes(-1)),
            ("reset_layout", lambda: self.show_workbench().reset()),
            ("live", self._on_escape_triggered),
            ("keys", lambda: show_keys(self)),
            ("about", lambda: show_about(self)),
            ("undo", undoing.undo),
            ("redo", undoing.redo),
        ):
            actions[key].triggered.connect(lambda _checked=False, do=do: do())
        session.undo_stack.canUndoChanged.connect(actions["undo"].setEnabled)
        session.undo_stack.canRedoChanged.connect(actions["redo"].setEnabled)
        actions["undo"].setEnabled(False)
        actions["redo"].setEnabled(False)
        session.said.connect(self.messages.say)
        session.withdrawn.connect(self.messages.withdraw)
        session.current_changed.connect(self._on_current_changed)
        session.draft_loaded.connect(self._on_draft_loaded)
        session.opened.connect(self._on_run_opened)

    def _on_preset_loaded(self, name: str) -> None:
        from modellab.presets import presets

        self.lab.session.load_draft(presets()[name].recipe)
        self.show_workbench()

    def _on_own_chosen(self, path: Path) -> None:
        from modellab.presets.own import recipe_for

        def show(recipe: Recipe) -> None:
            self.lab.session.load_draft(recipe)
            bench = self.show_workbench()
            bench.setup.show_draft()
            bench.setup.panel.expect_size()
            bench.views_area.show_draft("samples")

        def say(error: UserError) -> None:
            self.lab.session.say("error", error.message)

        in_background(lambda: recipe_for(path), show, on_problem=say)

    def _on_dropped(self, found: Dropped) -> None:
        if found.kind == "data":
            self._on_own_chosen(found.path)
        elif found.kind == "model":
            self.open_pretrained(str(found.path))
        elif found.kind == "neither":
            self.messages.say("error", neither(found.path))
        else:
            open_path(found.path, self.lab.session)

    def _on_draft_loaded(self, _recipe: Recipe) -> None:
        # After the workbench was made: making it shows the draft.
        QTimer.singleShot(0, self, self.show_workbench)

    def _on_current_changed(self, run: RunModel | None) -> None:
        if run is not None:
            self.show_workbench()

    def _on_run_opened(self, run: RunModel) -> None:
        run.status_changed.connect(lambda _status: self._say_status(run))

    def _say_status(self, run: RunModel) -> None:
        from ui.window.run_sentences import message_for

        message = message_for(run, self.lab.session)
        # What was said of it before is over: a run that goes on is not paused any more.
        self.messages.withdraw(self._said_of.pop(run.id, ""))
        if message is not None:
            self._said_of[run.id] = message.sentence
            self.messages.say(message.level, message.sentence, actions=message.actions)

    def _on_open_recipe_triggered(self) -> None:
        title = self.tr("Open a recipe, or the recipe.json of a run")
        if chosen := choose_file(self, title, of="recipes", names=self.tr("Recipes (*.json)")):
            path = Path(chosen)
            is_run = path.name == "recipe.json" and (path.parent / "events.jsonl").exists()
            open_path(path.parent if is_run else path, self.lab.session)

    def _on_open_run_triggered(self) -> None:
        if chosen := choose_folder(self, self.tr("Open a run folder"), of="runs"):
            open_path(Path(chosen), self.lab.session)

    def _on_open_pretrained_triggered(self) -> None:
        if chosen := choose_folder(self, self.tr("Open a pretrained model folder"), of="models"):
            self.open_pretrained(chosen)

    def _on_save_recipe_triggered(self) -> None:
        from modellab.recipe import recipe_to_json
        from modellab.runs.atomic import write_bytes

        recipe = self.lab.session.draft
        if recipe is None:
            self.lab.session.say("error", self.lab.session.problem or self.tr("There is no recipe to save yet."))
            return
        kinds, name = self.tr("Recipes (*.json)"), f"{recipe.title()}.json"
        chosen = choose_target(self, self.tr("Save the recipe"), of="recipes", name=name, names=kinds)
        if chosen:
            in_background(
                lambda: write_bytes(Path(chosen), recipe_to_json(recipe)),
                on_problem=lambda error: self._say_cannot_save(chosen, error),
            )

    def _say_cannot_save(self, path: str, error: UserError) -> None:
        self.messages.say("error", self.tr("Cannot save {0}: {1}").format(path, error.message))

    def _on_theme_changed(self) -> None:
        self.actions_by_key["theme"].setIcon(icon("sun" if theme().palette.is_dark else "moon", "muted"))

    def focusNextPrevChild(self, next: bool) -> bool:
        """The keyboard goes on to what can be seen."""
        first, is_moved = self.focusWidget(), super().focusNextPrevChild(next)
        while is_moved and is_behind(self.focusWidget()) and self.focusWidget() is not first:
            is_moved = super().focusNextPrevChild(next)
        return is_moved

    def closeEvent(self, event: QCloseEvent) -> None:
        if self._is_furnished and not self._parting.may_close(self.lab.session.open_runs):
            event.ignore()
            return
        self._settings.setValue("window/geometry", self.saveGeometry())
        if self.workbench is not None:
            self.workbench.save(self._settings)
        if self._is_furnished:
            from ui.lab.shown_runs import remember_shown

            remember_shown(self.lab.session, self._settings)
        if self._is_furnished and self.lab.session.draft is not None:
            from modellab.recipe import recipe_to_json

            self._settings.setValue(_SETUP_KEY, recipe_to_json(self.lab.session.draft).decode())
        self._settings.sync()
        super().closeEvent(event)
