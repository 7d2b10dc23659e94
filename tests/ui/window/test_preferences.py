"""The preferences show the folders in force, and say which of them the environment has set."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QLabel, QLineEdit
from pytestqt.qtbot import QtBot

from modellab.paths import home
from modellab.preferences import Preferences
from ui.window.preferences_dialog import PreferencesDialog

CHOSEN = Preferences(datasets_folder="/mine/data", models_folder="/mine/models")


def shown(qtbot: QtBot, preferences: Preferences) -> tuple[PreferencesDialog, list[str], list[QLineEdit]]:
    """The dialog, all that it says, and the lines of the folders of datasets and of models."""
    dialog = PreferencesDialog(preferences, runs_folder="/somewhere/runs")
    qtbot.addWidget(dialog)
    said = [label.text() for label in dialog.findChildren(QLabel)]
    lines = {line.accessibleName(): line for line in dialog.findChildren(QLineEdit)}
    return dialog, said, [lines["Datasets folder"], lines["Models folder"]]


def test_that_a_folder_that_the_environment_sets_is_shown_and_is_no_choice(
    qtbot: QtBot, themed: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MODELLAB_DATASETS", str(tmp_path))
    monkeypatch.setenv("MODELLAB_MODELS", str(tmp_path / "none"))
    dialog, said, lines = shown(qtbot, CHOSEN)
    assert [line.text() for line in lines] == [str(tmp_path), str(tmp_path / "none")]
    assert all(line.isReadOnly() for line in lines)
    assert "Set by MODELLAB_DATASETS, which comes before what is chosen here." in said
    assert "Set by MODELLAB_MODELS, which comes before what is chosen here. There is no such folder." in said
    assert "/somewhere/runs (set by MODELLAB_HOME)" in said
    assert dialog.preferences() == CHOSEN


def test_that_where_nothing_is_set_the_usual_folder_stands_in_the_empty_line(
    qtbot: QtBot, themed: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("MODELLAB_DATASETS", raising=False)
    monkeypatch.delenv("MODELLAB_MODELS", raising=False)
    dialog, said, lines = shown(qtbot, Preferences())
    assert [line.placeholderText() for line in lines] == [str(home() / "datasets"), str(home() / "models")]
    assert not any("MODELLAB_DATASETS" in text for text in said)
    lines[0].setText("/other")
    assert dialog.preferences() == Preferences(datasets_folder="/other")
