"""The main window: made page by page, never beside itself, and remembered."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QSettings, Qt, QThreadPool
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPushButton, QWidget
from pytestqt.qtbot import QtBot

from modellab import events as ev
from modellab.paths import home
from modellab.preferences import load_preferences
from modellab.presets import presets
from modellab.recipe import with_values
from modellab.runs.folder import Details, RunFolder, create_run
from modellab.training.options import TrainingOptions
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands
from ui.inspector import Inspector
from ui.lab.focus import Focus, SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.session import Session
from ui.lab.shown_runs import show_remembered
from ui.panels.runs_columns import PLACE
from ui.theme import theme
from ui.views.base import Lab
from ui.window.dialogs import _entries
from ui.window.main_window import MainWindow
from workers.protocol import DescribePretrained, PretrainedDescription, Problem


class NoLauncher:
    """Trains nothing."""

    def launch(self, run: RunFolder) -> None:
        return


class ShownWindows(QObject):
    """Every widget that was shown as a window of its own."""

    def __init__(self, app: QApplication) -> None:
        super().__init__()
        self.kinds: list[str] = []
        app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and isinstance(watched, QWidget) and watched.isWindow():
            self.kinds.append(type(watched).__name__)
        return False


@pytest.fixture
def lab(qtbot: QtBot) -> Iterator[Lab]:
    follower = RunFollower()
    made = Lab(session=Session(follower=follower, launcher=NoLauncher()), focus=SharedFocus(), inspector=Inspector())
    yield made
    follower.stop()


@pytest.fixture
def window(qtbot: QtBot, lab: Lab, tmp_path: Path) -> MainWindow:
    made = MainWindow(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    made.furnish(lab)
    qtbot.addWidget(made)
    return made


@contextlib.contextmanager
def closed_and_reopened(window: MainWindow, qtbot: QtBot) -> Iterator[MainWindow]:
    """The window of the next launch: the settings that this one leaves, and a session of its own."""
    window.close()
    window._settings.sync()
    follower = RunFollower()
    again = MainWindow(QSettings(window._settings.fileName(), QSettings.Format.IniFormat))
    session = Session(follower=follower, launcher=NoLauncher())
    again.furnish(Lab(session=session, focus=SharedFocus(), inspector=Inspector()))
    qtbot.addWidget(again)
    yield again
    follower.stop()


def test_that_nothing_but_the_window_is_ever_shown_as_a_window(
    window: MainWindow, qtbot: QtBot, qapp: QApplication
) -> None:
    shown = ShownWindows(qapp)
    window.show_gallery()
    window.show()
    qtbot.waitExposed(window)
    window.show_workbench()
    for preset in presets().values():
        window.lab.session.load_draft(preset.recipe)
        qapp.processEvents()
    qapp.removeEventFilter(shown)
    assert shown.kinds == ["MainWindow"]


def test_that_what_the_gallery_was_asked_before_there_was_a_session_is_done_then(
    lab: Lab, qtbot: QtBot, tmp_path: Path
) -> None:
    early = MainWindow(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(early)
    tile = early.show_gallery().tiles["xor"]
    early.show()
    qtbot.waitExposed(early)
    QTest.mouseClick(tile, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier)  # only load it
    assert early.workbench is None
    early.furnish(lab)
    assert lab.session.draft is not None
    assert lab.session.draft.preset == "xor"
    assert early.workbench is not None


def test_that_a_page_is_made_when_it_is_first_needed(window: MainWindow) -> None:
    window.show_workbench()
    assert window._gallery is None
    gallery = window.gallery
    window.show_gallery()
    assert window.gallery is gallery
    bench = window.workbench
    assert window.show_workbench() is bench


def test_that_the_application_keeps_its_style_sheet_when_the_workbench_is_made(
    window: MainWindow, qapp: QApplication
) -> None:
    before = qapp.styleSheet()
    window.show_workbench()
    assert qapp.styleSheet() == before


def test_that_a_closed_window_remembers_its_arrangement(window: MainWindow, lab: Lab, qtbot: QtBot) -> None:
    window.show_workbench().log_dock.hide()
    window.close()
    settings = window._settings
    assert settings.contains("window/geometry")
    again = MainWindow(settings)
    again.furnish(lab)
    qtbot.addWidget(again)
    assert again.show_workbench().log_dock.isHidden()


def test_that_a_closed_window_remembers_its_setup(window: MainWindow, lab: Lab, qtbot: QtBot) -> None:
    recipe = with_values(presets()["digits-cnn"].recipe, {"training.learning_rate": 0.0123})
    lab.session.load_draft(recipe)
    window.show_workbench()
    with closed_and_reopened(window, qtbot) as again:
        again.show_workbench()
        assert again.lab.session.draft == recipe


def test_that_a_closed_window_remembers_which_runs_it_compared_and_how_they_were_sorted(
    window: MainWindow, lab: Lab, qtbot: QtBot, tmp_path: Path
) -> None:
    runs = [create_run(presets()[name].recipe) for name in ("xor", "moons", "circles")]
    for run in runs:
        WrittenRun(run).start()
    table = window.show_workbench().runs.table
    window.show()
    qtbot.waitUntil(lambda: len(window.show_workbench().runs.rows()) == 3)
    header = table.horizontalHeader()
    at = header.sectionViewportPosition(PLACE["name"]) + 20
    QTest.mouseClick(header.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(at, header.height() // 2))
    assert table.sorting() == "name ascending"
    for run in runs[:2]:
        lab.session.open_run(run.path, make_current=False)
    lab.session.make_current(lab.session.open_runs[0])
    with closed_and_reopened(window, qtbot) as again:
        assert again.show_workbench().runs.table.sorting() == "name ascending"
        session, done = again.lab.session, list[bool]()
        show_remembered(session, again._settings, then=lambda: done.append(True))
        qtbot.waitUntil(lambda: bool(done))
        assert [run.path for run in session.open_runs] == [run.path for run in runs[:2]]
        assert session.current is session.open_runs[0]


def test_that_a_setup_that_cannot_be_read_any_more_gives_way_to_a_blank_one(window: MainWindow) -> None:
    window._settings.setValue("setup/recipe", '{"architecture": {"name": "perceptron of 1958"}}')
    window.show_workbench()
    assert window.lab.session.draft is not None
    assert window.lab.session.draft.title() == "points-mlp"


def test_that_the_gallery_has_the_keyboard_when_it_is_shown(window: MainWindow, qtbot: QtBot) -> None:
    window.show()
    window.show_gallery()
    qtbot.waitUntil(lambda: window.focusWidget() is next(iter(window.gallery.tiles.values())))


def test_that_a_blank_setup_is_no_presets(hands: BenchHands) -> None:
    hands.session.load_draft(presets()["digits-cnn"].recipe)
    hands.window.show_gallery()
    blank = next(button for button in hands.window.gallery.findChildren(QPushButton) if "blank" in button.text())
    QTest.mouseClick(blank, Qt.MouseButton.LeftButton)
    draft = hands.session.draft
    assert draft is not None
    assert (draft.preset, draft.title()) == ("", "points-mlp")
    assert draft.training == TrainingOptions()
    assert hands.bench.isVisible()


def test_that_escape_leaves_the_gallery_for_the_workbench(hands: BenchHands) -> None:
    hands.window.show_gallery()
    assert not hands.bench.isVisible()
    hands.window.actions_by_key["live"].trigger()
    assert hands.bench.isVisible()


def test_that_the_palette_finds_runs_that_are_not_open(hands: BenchHands) -> None:
    run = create_run(presets()["xor"].recipe)
    run.set_details(Details(name="The one I look for"))
    hands.wait(lambda: len(hands.bench.runs.all_rows()) == 1)
    entry = next(entry for entry in _entries(hands.window) if entry.text == "The one I look for")
    entry.do()
    assert hands.session.current is not None
    assert hands.session.current.path == run.path


def test_that_the_keyboard_goes_to_the_main_button_when_stop_goes(hands: BenchHands, tmp_path: Path) -> None:
    written = WrittenRun(create_run(presets()["xor"].recipe, path=tmp_path / "run"))
    with written.folder.lock():
        written.start()
        run = hands.session.open_run(written.folder.path)
        assert run is not None
        hands.wait(lambda: hands.window.bar._stop.isVisible())
        hands.window.activateWindow()
        hands.window.bar._stop.setFocus()
        written.write(ev.Finished(step=0, reason="stopped"))
        hands.wait(lambda: not hands.window.bar._stop.isVisible())
        assert hands.window.focusWidget() is hands.window.bar.main_button


def test_that_the_bar_tells_of_a_run_that_trains_while_another_is_looked_at_and_a_click_opens_it(
    hands: BenchHands, tmp_path: Path
) -> None:
    trains = WrittenRun(create_run(presets()["xor"].recipe, path=tmp_path / "run"))
    over = create_run(presets()["moons"].recipe)
    with trains.folder.lock():
        trains.start(total=4)
        trains.progress(1, [1.0])
        run = hands.session.open_run(trains.folder.path)
        assert run is not None
        button = hands.window.bar.elsewhere
        hands.wait(lambda: run.status == "training" and run.step == 1)
        assert not button.isVisible()
        hands.session.open_run(over.path)
        hands.wait(button.isVisible)
        assert button.text().endswith("25 %")
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)
        assert hands.session.current is run
        hands.wait(lambda: not button.isVisible())


def test_that_the_keyboard_stays_on_the_main_button_while_a_run_is_started(hands: BenchHands) -> None:
    hands.session.load_draft(presets()["xor"].recipe)
    button = hands.window.bar.main_button
    hands.window.activateWindow()
    button.setFocus()
    QTest.keyClick(button, Qt.Key.Key_Space)
    hands.wait(lambda: hands.session.current is not None and hands.session.current.is_starting)
    assert hands.window.focusWidget() is button
    assert "being started" in button.toolTip()
    QTest.keyClick(button, Qt.Key.Key_Space)
    hands.wait(lambda: not QThreadPool.globalInstance().activeThreadCount())
    QApplication.processEvents()
    assert len(hands.session.open_runs) == 1


def test_that_nothing_can_be_dropped_on_a_window_that_has_no_session_yet(qtbot: QtBot, tmp_path: Path) -> None:
    made = MainWindow(QSettings(str(tmp_path / "settings.ini"), QSettings.Format.IniFormat))
    qtbot.addWidget(made)
    assert not made.acceptDrops()
    assert not made.bar.main_button.isEnabled()


def test_that_no_answer_and_no_point_makes_the_window_larger(hands: BenchHands) -> None:
    before = hands.window.size()
    for preset in ("spiral-mlp", "digits-cnn"):
        hands.session.load_draft(presets()[preset].recipe)
        QApplication.processEvents()
        for editor in hands.bench.inference.editors.values():
            editor.setMinimumHeight(900)
        QApplication.processEvents()
    assert hands.window.size() == before
    assert hands.window.minimumSizeHint().height() <= before.height()


def test_that_escape_leaves_the_step_and_then_what_is_looked_at_whatever_has_the_keyboard(hands: BenchHands) -> None:
    focus = hands.window.lab.focus
    hands.session.load_draft(presets()["words-lstm"].recipe)
    hands.window.activateWindow()
    for name in ("gates", "curves"):
        hands.bench.views_area.raise_view(name)
        focus.lock(step=4, token=1, unit=2, layer=1, text="kept")
        view = hands.bench.views_area.view(name)
        view.setFocus()
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert focus.value == Focus(token=1, unit=2, layer=1, text="kept")
        QTest.keyClick(view, Qt.Key.Key_Escape)
        assert focus.value == Focus(text="kept")


def test_that_escape_in_an_option_puts_it_back_before_it_lets_go_of_the_step(hands: BenchHands) -> None:
    hands.session.load_draft(presets()["words-lstm"].recipe)
    hands.window.activateWindow()
    hands.window.lab.focus.lock(step=4)
    line = hands.line("learning_rate")
    before = line.text()
    hands.enter(line, "-1")
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert line.text() == before
    assert hands.window.lab.focus.value.step == 4
    QTest.keyClick(line, Qt.Key.Key_Escape)
    assert hands.window.lab.focus.value.step is None


def test_that_a_folder_that_is_no_model_is_refused_where_one_is_and_leaves_everything_as_it_was(
    hands: BenchHands, tmp_path: Path
) -> None:
    window = hands.window
    window.show_gallery()
    before = window.lab.focus.value
    (tmp_path / "config.json").write_text('{"hidden_size": 4}')
    window.open_pretrained(str(tmp_path))
    hands.wait(lambda: any("has no model_type" in sentence for sentence in window.messages.sentences()))
    assert len(window.messages.sentences()) == 1  # that it is being opened is over
    assert window.lab.focus.value == before
    assert window._stack.currentWidget() is window.gallery


def test_that_a_folder_is_looked_into_once_its_model_was_opened(hands: BenchHands, tmp_path: Path) -> None:
    window = hands.window
    (tmp_path / "config.json").write_text('{"model_type": "bert"}')
    tensors = b"{}      "
    (tmp_path / "model.safetensors").write_bytes(len(tensors).to_bytes(8, "little") + tensors)

    def is_asked() -> bool:
        return any(isinstance(asked, DescribePretrained) for asked, _, _ in hands.inspector.asked)

    window.open_pretrained(str(tmp_path))
    hands.wait(is_asked)
    hands.inspector.refuse(DescribePretrained, Problem(message="A tensor is missing."))
    assert window.messages.sentences() == ["A tensor is missing."]
    assert not window.lab.focus.value.pretrained
    hands.inspector.asked.clear()
    window.open_pretrained(str(tmp_path))
    hands.wait(is_asked)
    hands.inspector.answer(DescribePretrained, PretrainedDescription(title="bert", sample={}))
    assert window.lab.focus.value.pretrained == str(tmp_path)
    assert window.messages.sentences() == []  # what was said of the folder before is over
    window.open_pretrained(str(tmp_path))
    hands.wait(lambda: len([one for one, _, _ in hands.inspector.asked if one.slot == "open-pretrained"]) == 2)
    odd = "The weights hold the tensor extra, which this model does not have; it is left out."
    hands.inspector.asked = [asked for asked in hands.inspector.asked if asked[0].slot == "open-pretrained"]
    hands.inspector.answer(DescribePretrained, PretrainedDescription(title="bert", sample={}, notes=(odd,)))
    assert window.messages.sentences() == [odd]


def test_that_what_is_no_longer_true_is_not_said_any_more(window: MainWindow, lab: Lab):
    lab.session.say("warning", "words-gru is still queued.")
    assert window.messages.sentences() == ["words-gru is still queued."]
    lab.session.withdraw("words-gru is still queued.")
    assert window.messages.sentences() == []


def test_that_undo_says_what_it_changed_where_nobody_may_see_it(window: MainWindow, lab: Lab):
    bench = window.show_workbench()
    bench.setup.panel.set_recipe(presets()["spiral-mlp"].recipe, can_be_undone=False)
    bench.setup.panel.training_form().set_value("batch_size", 99)
    before = presets()["spiral-mlp"].recipe.training.batch_size
    window.actions_by_key["undo"].trigger()
    assert window.messages.sentences() == [f"Undone: change of Batch size from {before} to 99"]
    window.actions_by_key["redo"].trigger()
    assert window.messages.sentences() == [f"Redone: change of Batch size from {before} to 99"]


def test_that_a_switched_theme_is_there_again_at_the_next_launch(window: MainWindow, themed: None):
    before = theme().name
    window.actions_by_key["theme"].trigger()
    assert load_preferences(home()).theme == theme().name != before
    theme().use(before)
