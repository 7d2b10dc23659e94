"""A run's model goes out as a folder, by the command line, and what that says reaches the person."""

import pytest

from modellab.errors import UserError
from tests.ui.runs_hands import select
from ui.panels import runs_export
from ui.window import model_import

pytestmark = pytest.mark.usefixtures("themed")


def test_that_the_model_of_the_selected_run_is_exported_where_a_person_says(
    qtbot, runs_panel, lab, spirals, tmp_path, monkeypatch
):
    ran: list[tuple[str, ...]] = []
    said: list[tuple[str, str]] = []
    lab.session.said.connect(lambda level, sentence: said.append((level, sentence)))
    monkeypatch.setattr(runs_export, "choose_target", lambda *_args, **_options: str(tmp_path / "out"))

    def run(*words: str) -> str:
        ran.append(words)
        return ""

    monkeypatch.setattr(runs_export, "run_command", run)
    select(runs_panel, spirals)
    assert runs_panel.actions_.export_model.isEnabled()
    runs_panel.actions_.export_model.trigger()
    qtbot.waitUntil(lambda: len(said) == 2)
    assert ran == [("export", str(spirals.path), "--to", str(tmp_path / "out"))]
    assert said[1] == ("info", f"The model of Arms is in {tmp_path / 'out'}, a Hugging Face folder.")

    def refuse(*_words: str) -> str:
        raise UserError("A multilayer perceptron has no such folder.")

    monkeypatch.setattr(runs_export, "run_command", refuse)
    runs_panel.actions_.export_model.trigger()
    qtbot.waitUntil(lambda: len(said) == 4)
    assert said[3] == ("error", "A multilayer perceptron has no such folder.")


def test_that_an_imported_folder_is_the_run_in_view(qtbot, runs_panel, lab, spirals, monkeypatch):
    monkeypatch.setattr(
        model_import, "run_command", lambda *_words: f"{spirals.path}: a finished run of the architecture GPT"
    )
    model_import.import_folder("models/mine", lab.session)
    qtbot.waitUntil(lambda: lab.session.current is not None)
    assert lab.session.current.path == spirals.path
