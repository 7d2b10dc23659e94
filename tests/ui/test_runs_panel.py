"""The table of runs: finding, comparing, naming, starring, repeating and deleting them."""

import dataclasses

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit

from modellab import events as ev
from modellab.paths import home, runs_folder
from modellab.runs.folder import Details, RunFolder
from modellab.runs.lines import append_line
from tests.ui.panel_fakes import DIGITS, SPIRALS, TABLE, write_run
from tests.ui.panel_pixels import is_blank
from tests.ui.runs_hands import click, place_of, row_of, select
from ui.panels.runs import RunsPanel
from ui.panels.runs_columns import COLUMNS, PLACE
from ui.theme import theme
from ui.widgets.sparkline import SPARKLINE_ROLE
from ui.widgets.toast import Toast

pytestmark = pytest.mark.usefixtures("themed")


@pytest.fixture
def panel(runs_panel):
    return runs_panel


def test_that_a_row_tells_what_became_of_a_run(panel, spirals):
    row = row_of(panel, spirals)
    texts = {column.name: column.text(row) for column in COLUMNS}
    assert texts["name"] == "Arms"
    assert texts["status"] == "Finished"
    assert texts["architecture"] == "Multilayer perceptron"
    assert texts["val_loss"] == "0.500"
    assert texts["score"] == texts["best"] == "0.990"
    assert texts["steps"] == "40"
    assert texts["seconds"] == "1:05"
    assert texts["note"] == "wide enough"


def test_that_a_regression_shows_r2(qtbot, panel, lab):
    table = write_run(TABLE, accuracy=0.5)
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: row_of(panel, table) is not None)
    assert COLUMNS[PLACE["score"]].text(row_of(panel, table)) == "R² 0.500"


def test_that_the_sparkline_has_the_losses(panel, spirals):
    index = panel._proxy.index(place_of(panel, spirals), PLACE["curve"])
    values, colour = index.data(SPARKLINE_ROLE)
    assert len(values) > 0
    assert colour.startswith("#")


@pytest.mark.parametrize("text", ["arms", "WIDE", "finished", "multilayer points", "2-d points"])
def test_that_the_filter_finds_by_name_note_status_architecture_and_dataset(qtbot, panel, spirals, text):
    qtbot.keyClicks(panel.filter, text)
    assert [row.path for row in panel.rows()] == [spirals.path]


def test_that_a_filter_that_nothing_matches_says_so(qtbot, panel):
    qtbot.keyClicks(panel.filter, "zebra")
    assert panel.rows() == []
    assert "zebra" in panel._empty.accessibleDescription()


def test_that_any_column_sorts_either_way_with_what_is_missing_last(qtbot, panel, lab, spirals, digits):
    empty = write_run(SPIRALS)
    empty.events_file.unlink()
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: len(panel.rows()) == 3)
    panel.table.sortByColumn(PLACE["score"], Qt.SortOrder.AscendingOrder)
    assert [row.path for row in panel.rows()] == [digits.path, spirals.path, empty.path]
    panel.table.sortByColumn(PLACE["score"], Qt.SortOrder.DescendingOrder)
    assert [row.path for row in panel.rows()] == [spirals.path, digits.path, empty.path]
    for place in range(len(COLUMNS)):
        panel.table.sortByColumn(place, Qt.SortOrder.AscendingOrder)


def test_that_what_trains_stands_first_then_what_waits_then_the_newest(qtbot, panel, lab, spirals, digits):
    trains, waits = write_run(SPIRALS, end=""), write_run(SPIRALS, end="")
    waits.events_file.write_bytes(ev.encode_event(ev.Queued(step=0, device="cpu")) + b"\n")
    with trains.lock(), waits.lock():
        lab.session.runs_changed.emit()
        qtbot.waitUntil(lambda: len(panel.rows()) == 4)
        places = [row.path for row in panel.rows()]
        assert places[:2] == [trains.path, waits.path]
        assert set(places[2:]) == {spirals.path, digits.path}


def test_that_f2_renames_and_undo_takes_it_back(qtbot, panel, lab, spirals):
    select(panel, spirals)
    qtbot.keyClick(panel.table, Qt.Key.Key_F2)
    editor = next(edit for edit in panel.table.viewport().findChildren(QLineEdit))
    editor.setText("Legs")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: RunFolder(spirals.path).details().name == "Legs")
    assert row_of(panel, spirals).name == "Legs"
    lab.session.undo_stack.undo()
    qtbot.waitUntil(lambda: RunFolder(spirals.path).details().name == "Arms")
    assert row_of(panel, spirals).details == Details(name="Arms", note="wide enough")


def test_that_s_stars_the_selection_but_not_while_one_types(qtbot, panel, lab, spirals, digits):
    select(panel, spirals, digits)
    qtbot.keyClick(panel.table, Qt.Key.Key_S)
    qtbot.waitUntil(lambda: spirals.details().starred and digits.details().starred)
    panel.filter.setFocus()
    qtbot.keyClicks(panel.filter, "s")
    assert lab.session.undo_stack.count() == 1
    lab.session.undo_stack.undo()
    qtbot.waitUntil(lambda: not spirals.details().starred and not digits.details().starred)


def test_that_a_click_on_the_star_stars_that_run_alone(qtbot, panel, spirals, digits):
    select(panel, digits)
    click(panel, spirals, "star")
    qtbot.waitUntil(lambda: spirals.details().starred)
    assert not digits.details().starred
    assert [row.path for row in panel.selected()] == [digits.path]


def test_that_changes_made_quickly_are_written_in_their_order(qtbot, panel, spirals):
    for count in range(9):
        panel._change([row_of(panel, spirals)], text="note", note=f"note {count}")
    qtbot.waitUntil(lambda: spirals.details().note == "note 8")
    assert row_of(panel, spirals).details.note == "note 8"


def test_that_sorting_shows_the_first_rows_whatever_is_selected(qtbot, panel, lab, spirals, digits):
    others = [write_run(SPIRALS, accuracy=0.9) for _ in range(6)]
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: len(panel.rows()) == 2 + len(others))
    panel.resize(1260, 120)
    table = panel.table
    for order in (Qt.SortOrder.AscendingOrder, Qt.SortOrder.DescendingOrder):
        select(panel, spirals)
        table.verticalScrollBar().setValue(table.verticalScrollBar().maximum())
        assert table.rowAt(0) > 0
        table.sortByColumn(PLACE["score"], order)
        assert table.rowAt(0) == 0
        assert table.visualRect(panel._proxy.index(0, PLACE["name"])).top() == 0, "a whole row"


def test_that_a_run_under_way_that_the_filter_hides_is_counted(panel, spirals, digits):
    rows = panel.all_rows()
    alive = [dataclasses.replace(row, status="training") if row.path == spirals.path else row for row in rows]
    panel._model.set_rows(alive)
    panel.filter.setText("digits")
    assert "1 under way hidden by the filter" in panel._count.text()
    panel.filter.setText("")
    assert "hidden" not in panel._count.text()


def test_that_no_number_of_steps_is_cut(qtbot, panel, lab):
    long = write_run(SPIRALS, accuracy=0.9)
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: row_of(panel, long) is not None)
    row = dataclasses.replace(row_of(panel, long), steps=21_613_000, total_steps=60_000_000)
    panel._model.update_rows([row])
    text = COLUMNS[PLACE["steps"]].text(row)
    index = panel._proxy.index(0, PLACE["steps"])
    room = panel.table.sizeHintForIndex(index).width()
    assert panel.table.fontMetrics().horizontalAdvance(text) < panel.table.columnWidth(PLACE["steps"]) - 8
    assert room <= panel.table.columnWidth(PLACE["steps"])


def test_that_delete_moves_to_the_trash_and_the_toast_takes_it_back(qtbot, panel, lab, spirals):
    lab.session.open_run(spirals.path)
    select(panel, spirals)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    qtbot.waitUntil(lambda: not spirals.path.exists() and len(panel.rows()) == 1)
    assert lab.session.open_runs == []
    assert any((home() / "trash").iterdir())
    toast = panel.window().findChild(Toast)
    assert "Arms" in toast.accessibleName()
    toast.action_chosen.emit()
    qtbot.waitUntil(lambda: spirals.path.exists() and len(panel.rows()) == 2)
    qtbot.waitUntil(lambda: lab.session.current is not None and lab.session.current.path == spirals.path)


def test_that_undo_right_after_delete_still_brings_the_run_back(qtbot, panel, lab, spirals, digits):
    select(panel, spirals, digits)
    qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    lab.session.undo_stack.undo()
    qtbot.waitUntil(lambda: not panel._edits._is_working)
    qtbot.waitUntil(lambda: len(panel.rows()) == 2)
    assert spirals.path.exists()
    assert digits.path.exists()


def test_that_a_living_run_is_not_deleted(qtbot, panel, lab):
    living = write_run(SPIRALS, end="")
    lock = living.lock()
    lock.acquire()
    try:
        lab.session.runs_changed.emit()
        qtbot.waitUntil(lambda: row_of(panel, living) is not None)
        select(panel, living)
        with qtbot.waitSignal(lab.session.said) as said:
            qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
        assert "stop it first" in said.args[1]
        assert living.path.exists()
    finally:
        lock.release()


def test_that_ctrl_d_loads_the_recipe_into_the_setup(qtbot, panel, lab, digits):
    select(panel, digits)
    with qtbot.waitSignal(lab.session.draft_loaded) as loaded:
        QTest.keyClick(panel.table, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    assert loaded.args[0] == digits.recipe()


def test_that_the_dot_shows_a_run_in_the_curves_and_hides_it_again(qtbot, panel, lab, spirals, digits):
    lab.session.open_run(spirals.path)
    click(panel, digits, "shown")
    assert [run.path for run in lab.session.open_runs] == [spirals.path, digits.path]
    assert lab.session.current.path == spirals.path
    qtbot.waitUntil(lambda: row_of(panel, digits).colour == 1)
    click(panel, digits, "shown")
    assert [run.path for run in lab.session.open_runs] == [spirals.path]
    qtbot.waitUntil(lambda: row_of(panel, digits).colour is None)


def test_that_space_shows_the_whole_selection(qtbot, panel, lab, spirals, digits):
    select(panel, spirals, digits)
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    assert len(lab.session.open_runs) == 2
    qtbot.keyClick(panel.table, Qt.Key.Key_Space)
    assert lab.session.open_runs == []


def test_that_a_double_click_and_enter_make_a_run_current(qtbot, panel, lab, spirals, digits):
    click(panel, digits, "name", double=True)
    assert lab.session.current.path == digits.path
    select(panel, spirals)
    qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    assert lab.session.current.path == spirals.path
    qtbot.waitUntil(lambda: row_of(panel, spirals).is_current and not row_of(panel, digits).is_current)


def test_that_the_selection_goes_with_the_run_that_is_shown_and_else_stays(qtbot, panel, lab, spirals, digits):
    click(panel, spirals, "name", double=True)
    lab.session.open_run(digits.path)
    assert [row.path for row in panel.selected()] == [digits.path]
    select(panel, spirals)
    lab.session.open_run(spirals.path)
    lab.session.open_run(digits.path)
    select(panel, spirals, digits)
    lab.session.open_run(spirals.path)
    assert {row.path for row in panel.selected()} == {spirals.path, digits.path}


def test_that_a_run_that_is_selected_says_how_it_is_shown(qtbot, panel, lab, spirals, digits):
    click(panel, spirals, "name")
    assert "double-click or Enter shows it" in panel._count.text()
    click(panel, spirals, "name", double=True)
    qtbot.waitUntil(lambda: lab.session.current is not None)
    assert "double-click" not in panel._count.text()
    select(panel, spirals, digits)
    assert "double-click" not in panel._count.text()


def test_that_a_living_run_grows_as_its_events_come(qtbot, panel, lab):
    living = write_run(SPIRALS, end="", steps=10)
    run = lab.session.open_run(living.path)
    lab.session.runs_changed.emit()
    qtbot.waitUntil(lambda: row_of(panel, living) is not None and row_of(panel, living).steps == 10)
    event = ev.Progress(step=12, first=11, columns={"loss": [0.25, 0.125]}, times=(1.0, 2.0))
    append_line(living.events_file, ev.encode_event(event))
    qtbot.waitUntil(lambda: row_of(panel, living).steps == 12)
    assert row_of(panel, living).train_loss == 0.125
    qtbot.waitUntil(lambda: run.step == 12)


def test_that_runs_made_elsewhere_appear_by_themselves(qtbot, panel):
    other = write_run(DIGITS)
    qtbot.waitUntil(lambda: row_of(panel, other) is not None, timeout=5000)


def test_that_the_paths_and_the_rows_can_be_copied(qtbot, panel, spirals):
    select(panel, spirals)
    panel.actions_.copy_path.trigger()
    assert QGuiApplication.clipboard().text() == str(spirals.path)
    panel.actions_.copy_rows.trigger()
    header, row = QGuiApplication.clipboard().text().split("\n")
    assert header.split("\t")[0] == "Run"
    assert row.split("\t")[0] == "Arms"


def test_that_columns_are_hidden_and_their_layout_kept(qtbot, panel, lab):
    assert panel.table.layout_state().isEmpty()  # nobody arranged anything: the next window may fit them anew
    panel.table.set_column_shown(PLACE["dataset"], False)
    state = panel.table.layout_state()
    other = RunsPanel(lab)
    qtbot.addWidget(other)
    other.table.restore_layout(state)
    assert other.table.isColumnHidden(PLACE["dataset"])
    assert not other.table.isColumnHidden(PLACE["architecture"])


def test_that_a_narrow_table_leaves_out_columns_instead_of_scrolling(qtbot, panel):
    for width in (760, 950, 1115, 1260):
        panel.resize(width, 220)
        QApplication.processEvents()
        widths = {column.name: panel.table.columnWidth(place) for place, column in enumerate(COLUMNS)}
        assert panel.table.horizontalScrollBar().maximum() == 0, (width, widths, panel.table.viewport().width())
        assert not panel.table.isColumnHidden(PLACE["score"])
    assert not panel.table.isColumnHidden(PLACE["note"])
    day = panel.table.fontMetrics().horizontalAdvance("30 Nov 20:46")
    assert panel.table.columnWidth(PLACE["started"]) >= day + 20


def test_that_nothing_can_be_done_while_nothing_is_selected(panel, spirals):
    panel.table.clearSelection()
    assert not panel.actions_.delete.isEnabled()
    select(panel, spirals)
    assert panel.actions_.delete.isEnabled()


def test_that_a_first_launch_says_how_runs_come_about(qtbot, lab):
    panel = RunsPanel(lab)
    qtbot.addWidget(panel)
    panel.show()
    qtbot.waitUntil(lambda: "Start" in panel._empty.accessibleDescription())


def test_that_an_unchanged_folder_is_not_read_again(qtbot, panel, monkeypatch):
    import ui.panels.runs_listing as listing

    def fail() -> None:
        raise AssertionError("the runs were read")

    qtbot.waitUntil(lambda: not panel._listing._is_reading)
    monkeypatch.setattr(listing, "run_folders", fail)
    with qtbot.assertNotEmitted(panel._listing.problem_found):
        panel._listing._read(only_if_changed=True)
        qtbot.waitUntil(lambda: not panel._listing._is_reading)
    assert len(panel.rows()) == 2


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_it_is_painted_in_both_themes(qtbot, panel, lab, spirals, name):
    before = theme().name
    lab.session.open_run(spirals.path)
    theme().use(name)
    try:
        QApplication.processEvents()
        assert not is_blank(panel.table)
    finally:
        theme().use(before)
    assert runs_folder().is_dir()
