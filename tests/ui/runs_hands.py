"""The table of runs under a person's hands."""

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from ui.panels.runs_columns import PLACE


def place_of(panel, folder):
    return [row.path for row in panel.rows()].index(folder.path)


def select(panel, *folders):
    panel.table.clearSelection()
    for folder in folders:
        index = panel._proxy.index(place_of(panel, folder), PLACE["name"])
        flags = panel.table.selectionModel().SelectionFlag
        panel.table.selectionModel().setCurrentIndex(index, flags.Select | flags.Rows)
    panel.table.setFocus()


def row_of(panel, folder):
    return panel._model.row_of(folder.path)


def click(panel, folder, column, *, double=False):
    index = panel._proxy.index(place_of(panel, folder), PLACE[column])
    at = panel.table.visualRect(index).center()
    for do in (QTest.mouseClick, QTest.mouseDClick)[: 1 + double]:
        do(panel.table.viewport(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
