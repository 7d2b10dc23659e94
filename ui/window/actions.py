"""Everything a person can do, once: for the menus, the shortcuts and the command palette."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenuBar, QWidget

from ui.theme.icons import icon


@dataclass(frozen=True, slots=True, kw_only=True)
class ActionSpec:
    """One entry. menu: which menu it stands in, "" for none; a key of "-" is a separator."""

    key: str
    text: str = ""
    menu: str = ""
    shortcut: str = ""
    icon: str = ""
    tip: str = ""


class Actions(QObject):
    """The QActions by key; connect to `actions["start"].triggered`."""

    def __init__(self, window: QWidget) -> None:
        super().__init__(window)
        self._window = window
        self._specs = [*_file_and_run_specs(self), *_edit_and_view_specs(self)]
        self._actions: dict[str, QAction] = {}
        for spec in self._specs:
            if spec.key == "-":
                continue
            action = QAction(spec.text, window)
            if spec.shortcut:
                action.setShortcuts([QKeySequence(part) for part in spec.shortcut.split(" | ")])
            if spec.icon:
                action.setIcon(icon(spec.icon, "muted"))
            action.setToolTip(spec.tip or spec.text)
            action.setStatusTip(spec.tip)
            window.addAction(action)
            self._actions[spec.key] = action

    def __getitem__(self, key: str) -> QAction:
        return self._actions[key]

    def all(self) -> list[QAction]:
        """Every action, in menu order."""
        return list(self._actions.values())

    def fill(self, bar: QMenuBar, titles: dict[str, str]) -> dict[str, object]:
        """Make the menus, in the order of `titles`; gives them back by name."""
        menus = {name: bar.addMenu(title) for name, title in titles.items()}
        for spec in self._specs:
            if spec.menu in menus:
                menu = menus[spec.menu]
                menu.addSeparator() if spec.key == "-" else menu.addAction(self._actions[spec.key])
        return dict(menus)


def _line(menu: str) -> ActionSpec:
    return ActionSpec(key="-", menu=menu)


def _file_and_run_specs(of: QObject) -> list[ActionSpec]:
    tr = of.tr
    return [
        ActionSpec(key="gallery", text=tr("Preset gallery"), menu="file", shortcut="Ctrl+N", icon="grid"),
        ActionSpec(
            key="own_data", text=tr("Use your own data…"), menu="file", icon="upload",
            tip=tr("A table, a text, or a folder of images or texts"),
        ),
        ActionSpec(key="open_recipe", text=tr("Open recipe…"), menu="file", shortcut="Ctrl+O", icon="file"),
        ActionSpec(key="open_run", text=tr("Open run folder…"), menu="file", shortcut="Ctrl+Shift+O", icon="folder"),
        ActionSpec(
            key="open_pretrained", text=tr("Open a pretrained model folder…"), menu="file", icon="network",
            tip=tr("See where a Hugging Face model looks while it reads"),
        ),
        ActionSpec(
            key="import_model", text=tr("Import a model folder as a run…"), menu="file", icon="upload",
            tip=tr("A GPT or BERT as it was exported here, back as a run"),
        ),
        ActionSpec(key="save_recipe", text=tr("Save recipe as…"), menu="file", shortcut="Ctrl+S", icon="download"),
        _line("file"),
        ActionSpec(key="preferences", text=tr("Preferences…"), menu="file", shortcut="Ctrl+,", icon="settings"),
        ActionSpec(
            key="quit", text=tr("Quit"), menu="file", shortcut="Ctrl+Q",
            tip=tr("Runs go on without the window"),
        ),
        _line("run"),
        ActionSpec(
            key="main", text=tr("Start"), menu="run", shortcut="Ctrl+Return | F5", icon="play",
            tip=tr("Start training, or pause and resume the run that is shown"),
        ),
        ActionSpec(
            key="queue", text=tr("Start another run"), menu="run", shortcut="Ctrl+Shift+Return", icon="plus",
            tip=tr("Train the setup as a new run; it waits until the device is free"),
        ),
        ActionSpec(
            key="stop", text=tr("Stop"), menu="run", shortcut="Ctrl+.", icon="stop",
            tip=tr("End the run with a checkpoint"),
        ),
        ActionSpec(
            key="resume", text=tr("Resume this run"), menu="run", icon="resume",
            tip=tr("Go on from its last checkpoint"),
        ),
        _line("run"),
        ActionSpec(
            key="close_run", text=tr("Close this run"), menu="run", shortcut="Ctrl+W", icon="close",
            tip=tr("Show it no longer; it stays in the table"),
        ),
        ActionSpec(key="open_folder", text=tr("Show run folder"), menu="run", icon="external"),
    ]  # fmt: skip


def _edit_and_view_specs(of: QObject) -> list[ActionSpec]:
    tr = of.tr
    return [
        _line("edit"),
        ActionSpec(key="undo", text=tr("Undo"), menu="edit", shortcut="Ctrl+Z", icon="undo"),
        ActionSpec(key="redo", text=tr("Redo"), menu="edit", shortcut="Ctrl+Shift+Z | Ctrl+Y", icon="redo"),
        _line("edit"),
        ActionSpec(key="palette", text=tr("Command palette…"), menu="edit", shortcut="Ctrl+K", icon="command"),
        ActionSpec(key="theme", text=tr("Switch light and dark"), menu="view", shortcut="Ctrl+Shift+L", icon="sun"),
        ActionSpec(
            key="tear_off", text=tr("Tear off this view, or put it back"), menu="view", shortcut="Ctrl+Shift+T",
            icon="external", tip=tr("The view with the keyboard, else the one in front: as a window of its own"),
        ),
        ActionSpec(
            key="next_pane", text=tr("To the next pane"), menu="view", shortcut="F6",
            tip=tr("Give it the keyboard: setup, view, Try it, runs"),
        ),
        ActionSpec(key="previous_pane", text=tr("To the pane before"), menu="view", shortcut="Shift+F6"),
        ActionSpec(key="reset_layout", text=tr("Reset the layout"), menu="view", icon="panel"),
        ActionSpec(
            key="live", text=tr("Back to the newest step"), menu="view", shortcut="Escape", icon="skip-end",
            tip=tr("Unlock what is focused and follow the run"),
        ),
        _line("view"),
        ActionSpec(key="keys", text=tr("Keyboard shortcuts"), menu="help", shortcut="F1", icon="keyboard"),
        ActionSpec(key="about", text=tr("About Model Lab"), menu="help", icon="info"),
    ]  # fmt: skip
