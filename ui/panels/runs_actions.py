"""What can be done with the selected runs: actions with their keys, the buttons and the menu that show them."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ui.panels.runs_rows import RunRow
from ui.theme.icons import icon
from ui.widgets.buttons import IconButton


class RunsActions(QObject):
    """Keys work while the table has the focus, so that S in the filter line stays a letter."""

    def __init__(self, table: QWidget) -> None:
        super().__init__(table)
        self._table = table
        self.show = self._action(self.tr("Show in every view"), "chart", "Return", "Enter")
        self.compare = self._action(self.tr("Show in the curves"), "eye", "Space")
        self.rename = self._action(self.tr("Rename"), "pencil", "F2")
        self.note = self._action(self.tr("Write a note…"), "note", "N")
        self.star = self._action(self.tr("Star"), "star", "S")
        self.duplicate = self._action(self.tr("Load its recipe into the setup"), "copy", "Ctrl+D")
        self.export = self._action(self.tr("Export the recipe…"), "upload")
        self.export_model = self._action(self.tr("Export the model…"), "network")
        self.open_folder = self._action(self.tr("Open the folder"), "folder")
        self.copy_path = self._action(self.tr("Copy the path"), "link", "Ctrl+Shift+C")
        self.copy_rows = self._action(self.tr("Copy as a table"), "table", "Ctrl+C")
        self.stop = self._action(self.tr("Stop"), "stop")
        self.delete = self._action(self.tr("Delete"), "trash", "Del")
        self._all = (
            self.show, self.compare, self.rename, self.note, self.star, self.duplicate, self.export, self.export_model,
            self.open_folder, self.copy_path, self.copy_rows, self.stop, self.delete,
        )  # fmt: skip

    def enabled(self) -> list[QAction]:
        """What can be done with the runs that are selected."""
        return [action for action in self._all if action.isEnabled()]

    def buttons(self) -> list[QToolButton]:
        """Small buttons for what is done most, dimmed while nothing is selected."""
        shown = (self.compare, self.star, self.rename, self.note, self.duplicate, self.open_folder, self.delete)
        return [self._button(action) for action in shown]

    def menu(self, parent: QWidget) -> QMenu:
        """All of it, in groups."""
        menu = QMenu(parent)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        groups = (
            (self.show, self.compare),
            (self.rename, self.note, self.star),
            (self.duplicate, self.export, self.export_model),
            (self.open_folder, self.copy_path, self.copy_rows),
            (self.stop, self.delete),
        )
        for group in groups:
            menu.addActions(group)
            menu.addSeparator()
        return menu

    def set_selected(self, rows: list[RunRow]) -> None:
        """Say what can be done with these."""
        for action in self._all:
            action.setEnabled(bool(rows))
        for action in (self.show, self.rename, self.duplicate, self.export, self.export_model):
            action.setEnabled(len(rows) == 1)
        alive = [row for row in rows if row.is_alive]
        self.stop.setEnabled(bool(alive))
        do_all_wait = bool(alive) and all(row.status == "queued" for row in alive)
        self.stop.setText(self.tr("Take out of the queue") if do_all_wait else self.tr("Stop"))
        is_starred = bool(rows) and all(row.details.starred for row in rows)
        self.star.setText(self.tr("Take the star away") if is_starred else self.tr("Star"))
        is_shown = bool(rows) and all(row.colour is not None for row in rows)
        self.compare.setText(self.tr("Hide from the curves") if is_shown else self.tr("Show in the curves"))

    def _action(self, text: str, icon_name: str, *keys: str) -> QAction:
        action = QAction(icon(icon_name, "muted"), text, self)
        action.setShortcutContext(Qt.ShortcutContext.WidgetShortcut)
        action.setShortcuts([QKeySequence(key) for key in keys])
        self._table.addAction(action)
        return action

    def _button(self, action: QAction) -> QToolButton:
        button = IconButton("x", "")
        button.setIcon(action.icon())

        def follow() -> None:
            key = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            button.setToolTip(f"{action.text()} ({key})" if key else action.text())
            button.setAccessibleName(action.text())
            button.setEnabled(action.isEnabled())

        action.changed.connect(follow)
        button.clicked.connect(action.trigger)
        follow()
        return button
