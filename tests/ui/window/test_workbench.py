"""The workbench: what a person closed stays closed, the first arrangement comes back whole."""

from functools import partial
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, QSettings, Qt
from PySide6.QtGui import QRegion
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QTabBar, QToolButton, QWidget

from modellab.presets import presets
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands
from ui.theme import apply_theme
from ui.widgets.toast import Toast
from ui.window._opened_strip import OpenedStrip
from ui.window.docks import Dock


def close_by_its_cross(dock: Dock) -> None:
    cross = next(button for button in dock.findChildren(QToolButton) if button.toolTip().startswith("Hide"))
    QTest.mouseClick(cross, Qt.MouseButton.LeftButton)


def show(hands: BenchHands, preset: str) -> None:
    hands.session.load_draft(presets()[preset].recipe)
    QApplication.processEvents()


def test_that_reset_brings_back_every_view_that_suits_the_data(hands: BenchHands) -> None:
    show(hands, "digits-cnn")
    show(hands, "spiral-mlp")
    docks = hands.bench.views_area.view_docks
    docks["samples"].toggleViewAction().trigger()
    docks["surface"].toggleViewAction().trigger()
    hands.bench.log_dock.close()
    hands.window.actions_by_key["reset_layout"].trigger()
    QApplication.processEvents()
    assert not docks["surface"].isHidden()
    assert not docks["samples"].isHidden()
    assert not hands.bench.log_dock.isHidden()
    assert docks["gates"].isHidden()  # points have none


def test_that_a_view_closed_by_hand_stays_closed_for_the_next_data_and_in_the_next_window(
    hands: BenchHands, tmp_path: Path
) -> None:
    show(hands, "spiral-mlp")
    surface = hands.bench.views_area.view_docks["surface"]
    surface.setFloating(True)  # alone, it has its title bar and cross
    QApplication.processEvents()
    close_by_its_cross(surface)
    show(hands, "digits-cnn")
    show(hands, "xor")
    assert surface.isHidden()
    settings = QSettings(str(tmp_path / "kept.ini"), QSettings.Format.IniFormat)
    hands.bench.save(settings)
    surface.is_closed_by_hand = False
    hands.bench.restore(settings)
    show(hands, "spiral-mlp")
    assert surface.isHidden()
    surface.toggleViewAction().trigger()
    show(hands, "xor")
    assert not surface.isHidden()


def test_that_each_panel_closed_by_its_cross_comes_back_from_the_view_menu_to_the_front(hands: BenchHands) -> None:
    bench = hands.bench
    panels = (bench.setup_dock, bench.inference_dock, bench.runs_dock, bench.log_dock)
    for dock in panels:
        dock.close()
    QApplication.processEvents()
    offered = {action.text(): action for action in hands.window._view_menu.actions() if action.isVisible()}
    for dock in panels:
        assert dock.isHidden()
        offered[dock.windowTitle()].trigger()
        hands.qtbot.waitUntil(partial(is_in_sight, dock))


def test_that_a_preset_opens_the_view_that_shows_what_it_is_about(hands: BenchHands) -> None:
    docks = hands.bench.views_area.view_docks
    for name, view in (("spiral-mlp", "surface"), ("digits-cnn", "curves"), ("xor", "surface")):
        hands.window.train_preset(name)
        hands.qtbot.waitUntil(partial(is_in_sight, docks[view]))
    docks["surface"].close()
    hands.window.train_preset("xor")
    QApplication.processEvents()
    assert docks["surface"].isHidden()


def test_that_no_view_grows_a_second_title_when_the_log_is_shown(hands: BenchHands) -> None:
    curves = hands.bench.views_area.view_docks["curves"]
    hands.wait(lambda: not shows_title(curves))
    hands.bench.log_dock.raise_()
    hands.bench._tidy_timer.stop()
    hands.bench.tidy()
    QApplication.processEvents()
    assert not shows_title(curves)


def test_that_views_show_only_where_there_is_something_to_see_and_curves_take_a_lost_ones_place(
    hands: BenchHands,
) -> None:
    docks = hands.bench.views_area.view_docks
    for preset, gates, attention in (
        ("words-lstm", False, True),
        ("words-transformer", True, False),
        ("digits-cnn", True, True),
        ("digits-vit", True, False),
    ):
        show(hands, preset)
        assert (docks["gates"].isHidden(), docks["attention"].isHidden()) == (gates, attention), preset
    hands.bench.views_area.raise_view("attention")
    QApplication.processEvents()
    assert not docks["attention"].visibleRegion().isEmpty()
    show(hands, "digits-cnn")
    assert not docks["curves"].visibleRegion().isEmpty()


def test_that_a_view_behind_another_draws_nothing_until_its_tab_is_in_front(hands: BenchHands) -> None:
    show(hands, "words-transformer")
    area = hands.bench.views_area
    area.raise_view("attention")
    view = area.view("attention")
    hands.wait(view.is_seen)
    area.raise_view("curves")
    hands.wait(lambda: not view.is_seen())
    hands.wait(lambda: not view._redraw_timer.isActive())
    drawn: list[int] = []
    view.redraw = lambda: drawn.append(1)  # type: ignore[method-assign]
    view.touch()
    assert not view._redraw_timer.isActive()
    assert view._is_dirty
    area.raise_view("attention")
    hands.wait(lambda: bool(drawn))


def test_that_a_pretrained_model_stays_in_sight_while_the_setup_is_changed(hands: BenchHands) -> None:
    show(hands, "digits-cnn")
    attention = hands.bench.views_area.view_docks["attention"]
    assert attention.isHidden()
    hands.window.show_pretrained("some/folder")
    hands.enter(hands.line("epochs"), "7")
    hands.wait(lambda: not hands.panel._settle.isActive())
    assert not attention.isHidden()
    hands.window.lab.focus.lock(pretrained="")
    assert attention.isHidden()


def test_that_a_pretrained_model_is_opened_beside_a_run_and_let_go_of_for_another(
    hands: BenchHands, tmp_path: Path
) -> None:
    recipe = recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "digits"}})
    runs = [WrittenRun(create_run(recipe, path=tmp_path / name)) for name in ("first", "second")]
    for run in runs:
        run.start()
    hands.session.open_run(runs[0].folder.path)
    strips = {strip.parent(): strip for strip in hands.bench.views_area.findChildren(OpenedStrip)}
    assert all(strip.isHidden() for strip in strips.values())
    hands.window.show_pretrained("some/folder")  # the view of attention is made only now
    assert hands.window.lab.focus.value.pretrained == "some/folder"
    area = hands.bench.views_area
    assert area._panels["attention"] not in strips, "it shows the folder itself"
    area.raise_view("curves")
    hands.wait(strips[area._panels["curves"]].isVisible)
    of_run = strips[area._panels["curves"]].sentence.text()
    assert of_run.startswith("Of the run digits-mlp")
    assert of_run.endswith("not of the open folder folder")
    hands.session.open_run(runs[1].folder.path)
    assert hands.window.lab.focus.value.pretrained == ""


def test_that_bar_slider_and_setup_speak_of_a_folder_that_is_opened_and_again_of_the_run_chosen_anew(
    hands: BenchHands, tmp_path: Path
) -> None:
    recipe = recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "digits"}})
    written = WrittenRun(create_run(recipe, path=tmp_path / "run"))
    written.start()
    run = hands.session.open_run(written.folder.path)
    assert run is not None
    hands.wait(lambda: run.status == "interrupted")
    bar, bench = hands.window.bar, hands.bench
    shown = (bar._resume, bar._progress, bench.step_slider)
    assert all(widget.isVisible() for widget in shown)
    assert "mlp" in bench.setup._relation.text()
    hands.window.show_pretrained("models/minilm")
    assert bar._run_name.text() == "Folder minilm"
    assert hands.window.windowTitle() == "minilm – Model Lab"
    assert not any(widget.isVisible() for widget in shown)
    assert not hands.window.actions_by_key["resume"].isEnabled()
    assert bench.setup._relation.text() == "not of the open folder minilm"
    assert not bench.setup._copy.isVisible()
    tuned = {"architecture": {"name": "pretrained", "folder": "models/minilm"}, "dataset": {"name": "words"}}
    hands.session.set_draft(recipe_from_builtins(tuned))
    assert bench.setup._relation.text() == "fine-tunes the open folder minilm"
    hands.session.open_run(written.folder.path)  # the one that was current all the while
    assert hands.window.lab.focus.value.pretrained == ""
    assert bar._run_name.text() == run.title
    assert all(widget.isVisible() for widget in shown)


def test_that_a_run_that_trains_is_steered_by_its_own_name_while_a_folder_is_looked_into(
    hands: BenchHands, tmp_path: Path
) -> None:
    recipe = recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "digits"}})
    written = WrittenRun(create_run(recipe, path=tmp_path / "run"))
    with written.folder.lock():
        written.start()
        run = hands.session.open_run(written.folder.path)
        assert run is not None
        hands.wait(lambda: run.status == "training")
        hands.window.show_pretrained("models/minilm")
        bar = hands.window.bar
        assert bar._run_name.text() == "Folder minilm"
        assert bar.main_button.text() == "Pause"
        assert bar._stop.isVisible()
        assert bar._where.text().startswith(f"{run.title}: ")


def test_that_the_table_of_runs_has_its_share_of_a_higher_window_until_a_person_gives_it_another(
    hands: BenchHands,
) -> None:
    bench, window = hands.bench, hands.window
    low = bench.runs_dock.height()
    window.resize(1920, 1080)
    hands.wait(lambda: bench.runs_dock.height() > low + 50)
    window.resize(1280, 800)
    hands.wait(lambda: bench.runs_dock.height() < low + 10)
    bench.resizeDocks([bench.runs_dock], [330], Qt.Orientation.Vertical)
    QApplication.processEvents()
    given = bench.runs_dock.height()
    window.resize(1920, 1080)
    QApplication.processEvents()
    assert abs(bench.runs_dock.height() - given) < 10


def test_that_the_table_of_runs_leaves_the_answers_their_room_after_a_resize_and_a_reset(hands: BenchHands) -> None:
    first = hands.bench.runs_dock.height()
    hands.window.resize(1280, 900)
    hands.wait(lambda: hands.bench.runs_dock.height() > first)
    hands.window.resize(1280, 800)
    hands.wait(lambda: hands.bench.runs_dock.height() == first)
    hands.window.actions_by_key["reset_layout"].trigger()
    QApplication.processEvents()
    assert hands.bench.runs_dock.height() == first


def test_that_the_table_of_runs_grows_in_the_programs_own_style(themed: None, hands: BenchHands) -> None:
    low = hands.bench.runs_dock.height()
    hands.window.resize(1920, 1080)
    hands.wait(lambda: hands.bench.runs_dock.height() > low + 100)


def test_that_without_a_run_the_slider_has_no_marks(hands: BenchHands) -> None:
    assert hands.bench.step_slider._slider.maximum() == 0


def test_that_a_message_and_a_note_lie_beside_the_tabs_of_the_runs_and_cover_nothing(
    themed: None, hands: BenchHands
) -> None:
    hands.session.say("info", "The recipe is in run.json.")
    hands.bench.runs._offer_undo("Deleted spiral-mlp.")
    toast = hands.bench.runs._toast
    assert toast is not None
    toast._timer.stop()  # however slow the machine is
    for covered in (hands.bench.runs, hands.bench.step_slider, hands.bench.inference):
        seen = covered.visibleRegion().boundingRect()  # what is scrolled away may be larger
        place = seen.translated(covered.mapToGlobal(QPoint()))
        assert not place.isEmpty()
        for message in (hands.window.messages, toast):
            hands.qtbot.waitUntil(partial(is_beside, message, place))
    bars = [bar for bar in hands.bench.findChildren(QTabBar) if bar.isVisible() and bar.tabText(0) == "Runs"]
    tabs = QRect(bars[0].mapToGlobal(QPoint()), bars[0].tabRect(1).bottomRight() + bars[0].mapToGlobal(QPoint()))
    assert is_beside(hands.window.messages, tabs)
    assert is_beside(hands.window.messages, QRect(toast.mapToGlobal(QPoint()), toast.size()).adjusted(8, 8, -8, -8))
    narrow = hands.window.messages.width()
    toast.dismiss()
    hands.wait(lambda: hands.window.messages.width() > narrow)


def test_that_a_message_stands_beside_the_name_of_the_runs_where_they_are_alone(
    themed: None, hands: BenchHands
) -> None:
    hands.bench.log_dock.close()
    hands.wait(lambda: shows_title(hands.bench.runs_dock))
    hands.session.say("info", "The recipe is in run.json.")
    covered = [hands.window.bar, hands.bench.step_slider._slider, hands.bench.runs]
    title = hands.bench.runs_dock.titleBarWidget()
    assert title is not None
    covered += title.findChildren(QAbstractButton)
    for widget in covered:
        seen = widget.visibleRegion().boundingRect()
        place = seen.translated(widget.mapToGlobal(QPoint()))
        hands.qtbot.waitUntil(partial(is_beside, hands.window.messages, place))
    hands.bench.runs_dock.close()
    bar = QRect(hands.window.bar.mapToGlobal(QPoint()), hands.window.bar.size())
    hands.qtbot.waitUntil(partial(is_beside, hands.window.messages, bar))


@pytest.fixture
def themed(qapp: QApplication) -> None:
    """The heights of a real window."""
    apply_theme(qapp, "light")


def test_that_a_message_finds_a_place_while_no_pane_below_is_to_be_seen(themed: None, hands: BenchHands) -> None:
    bench = hands.bench
    assert not bench.free_strip().isEmpty()
    with pytest.MonkeyPatch.context() as patch:
        for dock in (bench.runs_dock, bench.log_dock):
            patch.setattr(dock, "visibleRegion", QRegion)  # as in the midst of a resize
        assert bench.free_strip().isEmpty()
        hands.session.say("info", "The recipe is in run.json.")
    assert hands.window.messages.sentences() == ["The recipe is in run.json."]


def is_beside(message: QWidget, place: QRect) -> bool:
    """Whether it leaves that place free; the shadow of a note is nothing."""
    own = QRect(message.mapToGlobal(QPoint()), message.size())
    shadow = 8 if isinstance(message, Toast) else 2
    return not own.adjusted(shadow, shadow, -shadow, -shadow).intersects(place)


def is_in_sight(dock: Dock) -> bool:
    return not dock.visibleRegion().isEmpty()


def shows_title(dock: Dock) -> bool:
    bar = dock.titleBarWidget()
    return bar is not None and bar.height() > 0


def has_keyboard(dock: Dock) -> bool:
    holder = QApplication.focusWidget()
    return holder is not None and dock.isAncestorOf(holder)


def test_that_keys_tear_off_the_view_in_front_and_put_it_back(hands: BenchHands) -> None:
    show(hands, "spiral-mlp")
    area = hands.bench.views_area
    area.raise_view("samples")
    QApplication.processEvents()
    samples = area.view_docks["samples"]
    for is_torn_off in (True, False):
        hands.window.activateWindow()
        if is_torn_off:
            hands.bench.setup.panel.setFocus()
        action = hands.window.actions_by_key["tear_off"]
        assert action.shortcut().toString() == "Ctrl+Shift+T"
        action.trigger()
        QApplication.processEvents()
        assert samples.isFloating() is is_torn_off
        hands.qtbot.waitUntil(lambda: has_keyboard(samples))


def press_f6(modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    holder = QApplication.focusWidget()
    assert holder is not None
    QTest.keyClick(holder, Qt.Key.Key_F6, modifiers)


def test_that_a_key_gives_the_keyboard_to_one_pane_after_the_other_and_back(hands: BenchHands) -> None:
    show(hands, "spiral-mlp")
    bench, area = hands.bench, hands.bench.views_area
    area.raise_view("samples")
    QApplication.processEvents()
    panes = [bench.setup_dock, area.view_docks["samples"], bench.inference_dock, bench.runs_dock]
    bench.setup_dock.take_keyboard()
    hands.qtbot.waitUntil(lambda: has_keyboard(panes[0]))
    for pane in [*panes[1:], panes[0]]:
        press_f6()
        hands.qtbot.waitUntil(partial(has_keyboard, pane))
    press_f6(Qt.KeyboardModifier.ShiftModifier)
    hands.qtbot.waitUntil(partial(has_keyboard, panes[-1]))
