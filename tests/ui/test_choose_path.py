"""Where dialogs for files begin."""

from pathlib import Path

import pytest
from PySide6.QtCore import QDir, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialogButtonBox, QFileDialog, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from modellab.paths import runs_folder
from ui.widgets.choose_path import choose_file, choose_folder, start_folder


def test_that_a_dialog_begins_where_the_last_of_its_kind_was_else_where_such_things_are_kept(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    data, models, tables = (tmp_path / name for name in ("data", "models", "tables"))
    for folder in (data, models, tables):
        folder.mkdir()
    monkeypatch.setenv("MODELLAB_DATASETS", str(data))
    monkeypatch.setenv("MODELLAB_MODELS", str(models))
    began: list[str] = []

    def choose(_parent: QWidget, _title: str, start: str, *_: str) -> tuple[str, str]:
        began.append(start)
        return str(tables / "flats.csv"), ""

    monkeypatch.setattr(QFileDialog, "getOpenFileName", choose)
    assert choose_file(window, "Choose a table", of="data") == str(tables / "flats.csv")
    choose_file(window, "Choose a text", of="data")
    choose_file(window, "Open a recipe", of="recipes")
    assert began == [str(data), str(tables), str(Path.home())]
    assert start_folder("models") == str(models)
    assert start_folder("runs") == str(runs_folder())
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Rejected)
    assert choose_folder(window, "Open a model", of="models") == ""
    assert start_folder("models") == str(models), "nothing was chosen"
    tables.rmdir()
    assert start_folder("data") == str(data), "the last one is gone"


def test_that_a_folder_below_a_hidden_one_is_chosen_by_enter_while_proposals_are_open(
    qtbot: QtBot, tmp_path: Path
) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    wanted = tmp_path / ".cache" / "models" / "small"
    wanted.mkdir(parents=True)
    seen: list[bool] = []

    def type_it() -> None:
        dialog = QApplication.activeModalWidget()
        assert isinstance(dialog, QFileDialog)
        try:
            line, box = dialog.findChild(QLineEdit, "fileNameEdit"), dialog.findChild(QDialogButtonBox)
            assert line is not None
            assert box is not None
            assert dialog.filter() & QDir.Filter.Hidden
            line.setFocus()
            qtbot.waitUntil(line.hasFocus)  # else what is listed is written over what is typed
            line.clear()
            QTest.keyClicks(line, str(wanted))
            qtbot.waitUntil(box.button(QDialogButtonBox.StandardButton.Open).isEnabled)
            popup = line.completer().popup()
            assert popup is not None
            qtbot.waitUntil(popup.isVisible)
            seen.append(True)
            QTest.keyClick(popup, Qt.Key.Key_Return)
        finally:
            if dialog.isVisible():
                dialog.reject()

    QTimer.singleShot(0, type_it)
    assert choose_folder(window, "Open a model", of="models") == str(wanted)
    assert seen
    assert start_folder("models") == str(wanted.parent)
