"""The setup panel: picking, editing, what it tells its window, and what it allows while a run trains."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QUndoStack
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QMenu, QPushButton, QWidget

from modellab.architectures import architectures
from modellab.config import from_builtins, to_builtins
from modellab.data import datasets
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.presets import presets
from modellab.recipe import Recipe, recipe_from_builtins, recipe_to_builtins
from modellab.training.options import TrainingOptions
from ui.forms.values import default_values
from ui.panels.setup import SetupPanel
from ui.panels.setup_fit import architecture_entries
from ui.panels.setup_picker import EntryPicker
from ui.theme import apply_theme, theme


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication):
    apply_theme(qapp, "dark")
    yield
    theme().use("dark")


@pytest.fixture
def stack(qapp: QApplication) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def panel(qtbot, stack: QUndoStack) -> SetupPanel:
    made = SetupPanel(undo_stack=stack)
    qtbot.addWidget(made)
    made.resize(300, 640)
    with qtbot.waitExposed(made):
        made.show()
    made.activateWindow()
    blank = {"architecture": {"name": "mlp"}, "dataset": {"name": "points"}}
    made.set_recipe(recipe_from_builtins(blank), can_be_undone=False)
    return made


def focused() -> QWidget:
    found = QApplication.focusWidget()
    assert found is not None
    return found


def line(panel: SetupPanel, name: str) -> QLineEdit:
    found = panel.training_form().editor_of(name)
    assert isinstance(found, QLineEdit)
    return found


def retype(field: QLineEdit, text: str) -> None:
    field.setFocus()
    field.selectAll()
    QTest.keyClicks(field, text)


def opened_picker(qtbot, panel: SetupPanel, card: QWidget) -> EntryPicker:
    QTest.keyClick(card, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: any(picker.isVisible() for picker in panel.findChildren(EntryPicker)))
    return next(picker for picker in panel.findChildren(EntryPicker) if picker.isVisible())


def test_that_what_does_not_do_the_datasets_task_is_refused_before_its_examples_are_known(panel: SetupPanel):
    panel.set_recipe(recipe_of("text_file", "translator"))
    with pytest.raises(UserError, match="Encoder-decoder Transformer does no language modelling; pick GPT"):
        panel.recipe()
    entries = {entry.name: entry.misfit for entry in architecture_entries(datasets()["text_file"])}
    assert "no language modelling" in entries["translator"]
    assert "no language modelling" in entries["transformer"]
    assert (entries["bert"], entries["lstm"]) == ("", "")


@pytest.mark.parametrize("architecture", architectures())
def test_that_every_architecture_goes_through_the_panel_unchanged(panel: SetupPanel, architecture: str):
    dataset = next(name for name in datasets() if go_together(architecture, name))
    recipe = recipe_of(dataset, architecture)
    panel.set_recipe(recipe)
    assert panel.recipe() == recipe
    assert panel.problem() == ""


@pytest.mark.parametrize("dataset", datasets())
def test_that_every_dataset_goes_through_the_panel_unchanged(panel: SetupPanel, dataset: str):
    architecture = next(name for name in architectures() if go_together(name, dataset))
    recipe = recipe_of(dataset, architecture)
    panel.set_recipe(recipe)
    assert panel.recipe() == recipe


def go_together(architecture: str, dataset: str) -> bool:
    reads, data = architectures()[architecture], datasets()[dataset]
    return data.kind in reads.accepts and (not data.tasks or bool(data.tasks & reads.tasks))


def recipe_of(dataset: str, architecture: str) -> Recipe:
    return recipe_from_builtins(
        {
            "dataset": default_values(datasets()[dataset]),
            "architecture": default_values(architectures()[architecture]),
            "training": {
                "epochs": 7,
                "clip_norm": 1.0,
                "early_stopping": {"patience": 3},
                "schedule": {"kind": "step"},
            },
            "preset": "some preset",
        }
    )


def test_that_an_edit_is_told_once_after_a_moment(qtbot, panel: SetupPanel):
    qtbot.wait_until(lambda: panel._has_told)
    told: list[Recipe] = []
    panel.recipe_changed.connect(told.append)
    with qtbot.waitSignal(panel.recipe_changed):
        retype(line(panel, "epochs"), "123")
    assert [recipe.training.epochs for recipe in told] == [123]


def test_that_a_wrong_value_is_told_at_once_as_a_sentence_and_as_no_recipe(qtbot, panel: SetupPanel):
    problems: list[str] = []
    panel.problem_changed.connect(problems.append)
    with qtbot.waitSignal(panel.recipe_changed) as blocker:
        retype(line(panel, "learning_rate"), "200")
    assert blocker.args == [None]
    assert "Learning rate" in problems[-1]
    assert "above 0 and at most 100" in problems[-1]
    with pytest.raises(UserError) as raised:
        panel.recipe()
    assert raised.value.field == "training.learning_rate"
    retype(line(panel, "learning_rate"), "0.1")
    assert problems[-1] == ""


def test_that_a_dataset_is_picked_by_typing_and_enter(qtbot, panel: SetupPanel, stack: QUndoStack):
    opened_picker(qtbot, panel, panel.dataset_part().card)
    QTest.keyClicks(focused(), "digits 8")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert panel.dataset_part().name() == "digits"
    qtbot.waitUntil(lambda: not any(p.isVisible() for p in panel.findChildren(EntryPicker)))
    stack.undo()
    assert panel.dataset_part().name() == "points"


def test_that_the_entry_called_so_is_chosen_first(qtbot, panel: SetupPanel):
    opened_picker(qtbot, panel, panel.dataset_part().card)
    QTest.keyClicks(focused(), "mnist")
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert panel.dataset_part().name() == "mnist"


def test_that_arrows_choose_in_the_picker_and_escape_leaves_things_as_they_are(qtbot, panel: SetupPanel):
    opened_picker(qtbot, panel, panel.architecture_part().card)
    QTest.keyClick(focused(), Qt.Key.Key_Escape)
    assert panel.architecture_part().name() == "mlp"
    opened_picker(qtbot, panel, panel.architecture_part().card)
    QTest.keyClick(focused(), Qt.Key.Key_Up)
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert panel.architecture_part().name() != "mlp"


def test_that_what_cannot_read_the_dataset_cannot_be_picked_and_says_why(qtbot, panel: SetupPanel):
    picker = opened_picker(qtbot, panel, panel.architecture_part().card)
    QTest.keyClicks(focused(), "convolutional")
    entry = picker._list.item(1).data(Qt.ItemDataRole.UserRole)
    assert "reads images" in entry.misfit
    QTest.keyClick(focused(), Qt.Key.Key_Return)
    assert panel.architecture_part().name() == "mlp"
    picker.close()


def test_that_an_architecture_that_does_not_fit_is_a_problem(panel: SetupPanel):
    panel.dataset_part().choose("points")
    assert panel.problem() == ""
    panel.architecture_part().choose("cnn")
    assert "pick another architecture" in panel.problem()
    assert panel.architecture_part().card.line() == panel.problem()
    with pytest.raises(UserError):
        panel.recipe()


def test_that_a_misfit_is_exact_once_the_dataset_is_known(panel: SetupPanel):
    panel.dataset_part().choose("digits")
    panel.architecture_part().choose("cnn")
    panel.set_sample(Sample(kind="image", task="classification", shape=(1, 2, 2), classes=("a", "b")))
    assert "stages[1]" in panel.problem()


def test_that_going_back_to_an_architecture_finds_it_as_it_was_left(panel: SetupPanel, stack: QUndoStack):
    panel.architecture_part().form().set_value("hidden_layers", [5])
    panel.architecture_part().choose("linear")
    panel.architecture_part().choose("mlp")
    assert to_builtins(panel.recipe().architecture)["hidden_layers"] == (5,)
    for _ in range(3):
        stack.undo()
    assert to_builtins(panel.recipe().architecture)["hidden_layers"] == (64, 64)
    assert not stack.canUndo()


def test_that_a_loaded_recipe_can_be_taken_back(panel: SetupPanel, stack: QUndoStack):
    before = recipe_to_builtins(panel.recipe())
    panel.set_recipe(recipe_of("digits", "cnn"))
    stack.undo()
    assert recipe_to_builtins(panel.recipe()) == before
    panel.set_recipe(recipe_of("digits", "cnn"), can_be_undone=False)
    assert panel.recipe().preset == "some preset"


def test_that_only_what_has_a_meaning_for_points_is_offered(panel: SetupPanel):
    panel.training_form().mark(UserError("Look here.", field="training.augmentation.noise"))
    assert "Flip" not in visible_names(panel)
    assert "Noise" in visible_names(panel)
    panel.dataset_part().choose("digits")
    assert "Flip" in visible_names(panel)


def visible_names(panel: SetupPanel) -> set[str]:
    return {widget.accessibleName() for widget in panel.findChildren(QWidget) if widget.isVisible()}


def test_that_choices_are_asked_for_when_needed_and_again_for_another_file(qtbot, panel: SetupPanel):
    asked = []
    panel.choices_asked.connect(lambda key, context: asked.append((key, context)))
    panel.dataset_part().choose("table")
    qtbot.waitUntil(lambda: ("columns", "") in asked)
    panel.dataset_part().form().set_value("file", "houses.csv")
    qtbot.waitUntil(lambda: asked[-1] == ("columns", "houses.csv"))
    panel.set_choices("columns", [("price", "price"), ("rooms", "rooms")])
    box = panel.dataset_part().form().editor_of("target")
    assert isinstance(box, QComboBox)
    assert [box.itemText(index) for index in range(box.count())] == ["price", "rooms"]
    assert panel.dataset_part().values()["target"] == ""


def test_that_columns_to_leave_out_are_ticked_in_a_menu(qtbot, panel: SetupPanel):
    panel.dataset_part().choose("table")
    panel.set_choices("columns", [("price", "price"), ("rooms", "rooms")])
    button = next(w for w in panel.findChildren(QWidget) if w.accessibleName() == "Columns left out: pick")
    QTest.mouseClick(button, Qt.MouseButton.LeftButton)
    menu = QApplication.activePopupWidget()
    assert isinstance(menu, QMenu)
    menu.actions()[1].trigger()
    assert panel.dataset_part().values()["leave_out"] == ["rooms"]
    menu.close()


def test_that_a_running_run_locks_all_but_its_live_options(panel: SetupPanel):
    asked = []
    panel.live_change_asked.connect(lambda path, value: asked.append((path, value)))
    panel.set_live({"training.learning_rate": 0.001})
    assert not panel.dataset_part().card.isEnabled()
    assert not line(panel, "epochs").isEnabled()
    retype(line(panel, "learning_rate"), "0.5")
    QTest.keyClick(line(panel, "learning_rate"), Qt.Key.Key_Return)
    assert asked == [("training.learning_rate", 0.5)]
    panel.set_applied("training.learning_rate", 0.5)
    panel.set_live(None)
    assert line(panel, "epochs").isEnabled()
    assert panel.dataset_part().card.isEnabled()


def test_that_a_mistake_found_elsewhere_is_marked_in_its_part_until_anything_changes(panel: SetupPanel):
    problems: list[str] = []
    panel.problem_changed.connect(problems.append)
    panel.mark(UserError("Too wide for this machine.", field="architecture.hidden_layers"))
    assert problems == ["Too wide for this machine."]
    panel.training_form().set_value("epochs", 11)
    assert problems[-1] == ""


def test_that_facts_take_the_sentences_place_until_something_else_is_chosen(panel: SetupPanel):
    card = panel.architecture_part().card
    panel.set_estimate("4 482 parameters · 0.1 MB")
    assert card.line() == "4 482 parameters · 0.1 MB"
    panel.architecture_part().choose("linear")
    assert card.line() == architectures()["linear"].summary


def test_that_tab_goes_from_dataset_over_architecture_to_training_after_a_switch(panel: SetupPanel):
    panel.dataset_part().choose("digits")
    panel.architecture_part().choose("cnn")
    panel.dataset_part().card.setFocus()
    visited = []
    for _ in range(60):
        visited.append(focused().accessibleName())
        QTest.keyClick(focused(), Qt.Key.Key_Tab)
        if visited[-1] == "Epochs":
            break
    assert visited[0].startswith("Dataset")
    architecture = next(index for index, name in enumerate(visited) if name.startswith("Architecture"))
    assert visited.index("Validation share") < architecture < visited.index("Dense layers") < visited.index("Epochs")


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("width", [280, 320])
def test_that_the_panel_draws_in_both_themes_without_anything_sticking_out(panel: SetupPanel, name, width: int):
    theme().use(name)
    panel.resize(width, 960)
    QApplication.processEvents()
    assert not panel.grab().isNull()
    for widget in panel.findChildren(QLineEdit):
        if widget.isVisible():
            assert widget.mapTo(panel, widget.rect().topRight()).x() < width - 12


def test_that_an_architecture_shown_before_comes_back_as_the_form_it_was(qtbot, panel: SetupPanel, monkeypatch):
    part = panel.architecture_part()
    for name in ("cnn", "linear", "mlp"):
        part.choose(name)
    forms = part.forms()
    monkeypatch.setattr(part, "_made", pytest.fail)
    for name in ("cnn", "linear", "mlp") * 2:
        part.choose(name)
    assert part.forms() == forms


def test_that_a_form_of_defaults_is_a_recipe_of_defaults(panel: SetupPanel):
    assert panel.recipe().training == from_builtins(TrainingOptions, {})


def test_that_a_followed_run_keeps_what_was_asked_of_it_until_it_is_applied(panel: SetupPanel):
    recipe = panel.recipe()
    panel.set_recipe(recipe)
    panel.set_live({})
    panel.set_live({"training.learning_rate": 0.001})
    retype(line(panel, "learning_rate"), "0.5")
    QTest.keyClick(line(panel, "learning_rate"), Qt.Key.Key_Return)
    panel.set_recipe(recipe)
    panel.set_live({"training.learning_rate": 0.001})
    assert line(panel, "learning_rate").text() == "0.5"
    panel.set_live({"training.learning_rate": 0.5, "training.weight_decay": 0.25})
    assert panel.recipe().training.learning_rate == 0.5
    assert panel.recipe().training.weight_decay == 0.25


def test_that_the_options_of_a_group_go_back_one_by_one_to_what_the_run_was_started_with(panel: SetupPanel):
    asked = []
    panel.live_change_asked.connect(lambda path, value: asked.append((path, value)))
    form = panel.training_form()
    form.set_value("augmentation.noise", 0.1)
    panel.set_live({})
    form.set_value("augmentation.noise", 0.3)
    panel.set_applied("training.augmentation.noise", 0.3)
    form.reset_all()
    assert asked == [("training.augmentation.noise", 0.3), ("training.augmentation.noise", 0.1)]


def test_that_a_mistake_about_a_whole_stage_stands_in_its_card(panel: SetupPanel):
    panel.dataset_part().choose("digits")
    panel.architecture_part().choose("cnn")
    panel.mark(UserError("architecture.stages[1]: nothing is left of the image.", field="architecture.stages[1]"))
    texts = [label.text() for label in panel.findChildren(QLabel) if label.isVisible()]
    assert "Nothing is left of the image." in texts


def test_that_a_form_first_shown_while_a_run_trains_is_locked_too(panel: SetupPanel):
    panel.set_live({})
    panel.set_recipe(recipe_of("digits", "cnn"))
    field = panel.dataset_part().form().editor_of("validation_share")
    assert field is not None
    assert not field.isEnabled()


def test_that_a_width_that_the_heads_cannot_share_is_marked_at_its_field_until_either_is_mended(panel):
    panel.set_recipe(presets()["words-transformer"].recipe)
    panel.set_sample(Sample(kind="text", task="classification", shape=(24,), classes=("a", "b"), num_tokens=60))
    form = panel.architecture_part().form()
    form.set_value("num_heads", 5)
    assert "5 heads cannot share" in panel.problem()
    assert form.error().field == "architecture.width"
    assert not panel.architecture_part().card._problem
    form.set_value("num_heads", 4)
    assert panel.problem() == ""


def test_that_both_directions_of_a_language_model_are_marked_at_their_switch_and_one_click_turns_them_off(panel):
    panel.set_recipe(presets()["docs-lstm"].recipe)
    panel.set_sample(Sample(kind="text", task="language_modelling", shape=(128,), num_tokens=90))
    form = panel.architecture_part().form()
    form.set_value("bidirectional", True)
    assert form.error().field == "architecture.bidirectional"
    assert not panel.architecture_part().card._problem
    button = next(one for one in form.findChildren(QPushButton) if one.text().startswith("Both directions"))
    button.click()
    assert form.values()["bidirectional"] is False
    assert panel.problem() == ""
