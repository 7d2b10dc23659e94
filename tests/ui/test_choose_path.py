"""Where dialogs for files begin."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog, QWidget
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
    monkeypatch.setattr(QFileDialog, "getExistingDirectory", lambda *_: "")
    assert choose_folder(window, "Open a model", of="models") == ""
    assert start_folder("models") == str(models), "nothing was chosen"
    tables.rmdir()
    assert start_folder("data") == str(data), "the last one is gone"
