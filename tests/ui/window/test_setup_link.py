"""The setup form and the session: what is wrong dims Start, names stay true, each page says what is its own."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from msgspec import to_builtins
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QLineEdit, QPushButton

from modellab import events as ev
from modellab.data.base import Sample, TaskName
from modellab.errors import UserError
from modellab.presets import presets
from modellab.recipe import Recipe, recipe_from_builtins, with_values
from modellab.runs.folder import create_run
from tests.ui.lab.written_run import WrittenRun
from tests.ui.window.bench_hands import BenchHands
from ui.forms.choice_editor import ChoiceBox
from ui.forms.row import FieldRow
from ui.panels.setup_picker import EntryPicker
from workers.protocol import (
    Columns,
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    ListColumns,
    ModelDescription,
    Problem,
)

MISSING = "There is no file flats.csv; choose another."


@pytest.fixture
def held(tmp_path: Path) -> Iterator[WrittenRun]:
    """A run that a trainer works on: a network of two layers on digits."""
    written = WrittenRun(create_run(digits_recipe(), path=tmp_path / "held"))
    with written.folder.lock():
        written.start()
        written.progress(1, [1.0, 0.9])
        yield written


def digits_recipe() -> Recipe:
    return recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "digits"}, "training": {}})


def table_recipe() -> Recipe:
    dataset = {"name": "table", "file": "flats.csv", "target": "price"}
    return recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": dataset, "training": {}})


def pretrained_recipe() -> Recipe:
    architecture = {"name": "pretrained", "folder": "/models/ha", "train": "head"}
    return recipe_from_builtins({"architecture": architecture, "dataset": {"name": "imdb"}, "training": {}})


def description(*, trained: int, about: str) -> ModelDescription:
    return ModelDescription(
        layers=(), parameters=22_713_986, trained=trained, flops=1, memory_bytes=94_000_000, memory_parts={}, steps=9,
        about=about,
    )  # fmt: skip


def folder_asked(hands: BenchHands) -> str:
    """The model folder of the newest question about a model."""
    asked = hands.inspector.newest(DescribeModel)
    assert isinstance(asked, DescribeModel)
    return str(asked.recipe["architecture"]["folder"])


def is_dimmed(hands: BenchHands) -> bool:
    return not hands.window.bar.main_button.isEnabled()


def test_that_what_the_inspector_marks_dims_start_until_it_is_mended(hands: BenchHands) -> None:
    hands.session.load_draft(table_recipe())
    hands.inspector.refuse(DescribeDataset, Problem(message=MISSING, field="dataset.file"))
    assert is_dimmed(hands)
    hands.wait(lambda: not hands.panel._settle.isActive())  # the form has told what it holds
    assert is_dimmed(hands)
    assert hands.session.problem == MISSING
    assert hands.window.bar.main_button.toolTip() == MISSING
    hands.session.start()
    assert hands.session.open_runs == []

    hands.enter(hands.line("epochs"), "7")  # any edit asks again
    hands.wait(lambda: not is_dimmed(hands))
    hands.inspector.refuse(DescribeDataset, Problem(message=MISSING, field="dataset.file"))
    assert is_dimmed(hands)


def test_that_nothing_moves_for_a_mistake_while_one_is_in_the_form(hands: BenchHands) -> None:
    hands.session.load_draft(digits_recipe())
    epochs, below = hands.line("epochs"), hands.line("batch_size")
    row = next(one for one in hands.panel.training_form().findChildren(FieldRow) if one.isAncestorOf(below))

    def top() -> int:
        return row.mapTo(hands.window, QPoint()).y()

    place = top()

    def told() -> list[str]:
        return [one.text() for one in hands.window.findChildren(QLabel) if one.property("role") == "bad" and seen(one)]

    def seen(label: QLabel) -> bool:
        return label.isVisible() and bool(label.text())

    QTest.mouseClick(epochs, Qt.MouseButton.LeftButton)
    hands.wait(epochs.hasFocus)
    epochs.selectAll()
    QTest.keyClicks(epochs, "0")
    assert told() == ["A whole number from 1 to 1,000,000."]
    assert is_dimmed(hands)
    QApplication.processEvents()
    assert top() == place
    QTest.mouseClick(below, Qt.MouseButton.LeftButton)  # where it was aimed at
    hands.wait(below.hasFocus)
    QApplication.processEvents()
    assert top() == place

    hands.bench.runs.filter.setFocus()
    hands.wait(lambda: top() > place)
    for _ in range(3):  # forms lie in forms, and each is laid out in turn
        QApplication.processEvents()
    assert told() == ["A whole number from 1 to 1,000,000."]
    place = top()
    hands.enter(epochs, "3")
    QApplication.processEvents()
    assert told() == []
    assert top() == place
    hands.bench.runs.filter.setFocus()
    hands.wait(lambda: top() < place)


def test_that_a_problem_names_its_field_as_the_form_does(hands: BenchHands) -> None:
    hands.session.load_draft(digits_recipe())
    hands.panel.training_form().set_value("epochs", 0)
    hands.wait(lambda: hands.session.problem.startswith("Epochs must be a whole number"))
    hands.panel.training_form().set_value("epochs", 3)
    hands.panel.architecture_part().form().set_value("hidden_layers", [64, 0])
    hands.wait(lambda: hands.session.problem.startswith("Hidden layers (entry 2) must be"))
    hands.session.say("error", "Make Batch size (training.batch_size) at most 32.")
    assert hands.window.messages.sentences() == ["Make Batch size at most 32."]


def test_that_an_answer_on_half_a_path_marks_nothing_once_more_is_typed(hands: BenchHands) -> None:
    hands.session.load_draft(pretrained_recipe())
    asked = list(hands.inspector.asked)
    line = hands.panel.architecture_part().form().editor_of("folder")
    assert isinstance(line, QLineEdit)
    hands.enter(line, "/models/whole")
    late = Problem(message="There is no folder /models/ha.", field="architecture.folder")
    for _, _, on_problem in asked:
        if on_problem is not None:
            on_problem(late)
    assert hands.panel.problem() == ""
    hands.wait(lambda: folder_asked(hands) == "/models/whole")
    hands.inspector.refuse(DescribeModel, Problem(message=late.message, field=late.field))
    assert hands.panel.problem() == late.message


def test_that_a_pretrained_model_cuts_texts_itself_and_says_what_learns(hands: BenchHands) -> None:
    hands.session.load_draft(pretrained_recipe())
    dataset, architecture = hands.panel.dataset_part().form(), hands.panel.architecture_part()
    asked = hands.inspector.newest(DescribeDataset)
    assert isinstance(asked, DescribeDataset)
    assert asked.architecture is not None, "as that model's tokenizer cuts it"
    hands.inspector.answer(DescribeModel, description(trained=148_610, about="bert, 6 layers"))
    assert architecture.card.line().startswith("bert, 6 layers · 148,610 of 22.7 M learn · ")

    architecture.choose("gpt")
    hands.panel.mark(UserError("Look.", field="dataset.tokenizer"))  # which unfolds it
    tokenizer = dataset.editor_of("tokenizer")
    assert tokenizer is not None
    assert tokenizer.isVisibleTo(dataset)
    architecture.choose("pretrained")
    assert not tokenizer.isVisibleTo(dataset)


def test_that_a_bert_has_a_text_read_for_its_hidden_tokens_and_no_other_reading_counts(hands: BenchHands) -> None:
    def read(task: TaskName, shape: tuple[int, ...]) -> DatasetDescription:
        sample = Sample(kind="text", task=task, shape=shape, num_tokens=90)
        return DatasetDescription(sample=to_builtins(sample), sizes={"train": 9}, balance={})

    hands.session.load_draft(presets()["docs-gpt"].recipe)
    hands.panel.architecture_part().choose("bert")
    hands.inspector.answer(DescribeDataset, read("language_modelling", (64,)))  # as the GPT read it
    assert hands.panel.problem() == ""
    hands.wait(lambda: (hands.inspector.newest(DescribeDataset).architecture or {}).get("name") == "bert")  # type: ignore[attr-defined]
    hands.inspector.answer(DescribeDataset, read("masked_language_modelling", (64, 2)))
    assert hands.panel.problem() == ""
    assert not is_dimmed(hands)


def test_that_how_a_persons_own_data_was_read_is_said_once(hands: BenchHands) -> None:
    said: list[str] = []
    hands.session.said.connect(lambda level, sentence: said.append(f"{level}: {sentence}"))
    sample = Sample(kind="text", task="language_modelling", shape=(9,), num_tokens=9)
    answer = DatasetDescription(
        sample=to_builtins(sample), sizes={"train": 9}, balance={}, notes=("mine.txt mixes encodings.",)
    )
    for preset in ("docs-lstm", "docs-gpt"):
        hands.session.load_draft(presets()[preset].recipe)
        hands.inspector.answer(DescribeDataset, answer)
        QApplication.processEvents()
    assert said == ["info: mine.txt mixes encodings."]


def test_that_a_warm_up_longer_than_the_run_is_told_once_and_starts_all_the_same(hands: BenchHands) -> None:
    said: list[str] = []
    hands.session.said.connect(lambda level, sentence: said.append(f"{level}: {sentence}"))
    for steps in (9, 10, 10):
        draft = with_values(presets()["xor"].recipe, {"training.schedule.warmup_steps": steps})
        hands.session.load_draft(draft)
        hands.inspector.answer(DescribeModel, description(trained=1, about=""))
    assert len(said) == 1
    assert said[0].startswith("warning: Warm-up takes 10 steps, which is longer than the run (9 steps)")
    assert not is_dimmed(hands)


def test_that_another_dataset_or_architecture_or_shape_drops_the_presets_name(hands: BenchHands) -> None:
    spiral = presets()["spiral-mlp"].recipe
    for change in (
        lambda: hands.panel.dataset_part().choose("digits"),
        lambda: hands.panel.architecture_part().choose("linear"),
        lambda: hands.panel.dataset_part().form().set_value("shape", "moons"),
    ):
        hands.session.load_draft(spiral)
        assert hands.session.draft == spiral
        change()
        hands.wait(lambda: hands.session.draft is not None and hands.session.draft != spiral)
        assert hands.session.draft is not None
        assert hands.session.draft.preset == ""
        hands.session.undo_stack.undo()
        hands.wait(lambda: hands.session.draft == spiral)


def test_that_a_presets_name_is_gone_too_where_the_change_passed_through_a_problem(hands: BenchHands) -> None:
    hands.session.load_draft(presets()["digits-cnn"].recipe)
    hands.panel.dataset_part().choose("points")
    hands.panel.architecture_part().choose("cnn")  # it cannot read these
    hands.wait(lambda: is_dimmed(hands))
    hands.panel.architecture_part().choose("mlp")
    hands.wait(lambda: hands.session.draft is not None)
    assert hands.session.draft is not None
    assert hands.session.draft.title() == "points-mlp"


def test_that_other_numbers_leave_a_preset_its_name(hands: BenchHands) -> None:
    hands.session.load_draft(presets()["spiral-mlp"].recipe)
    hands.enter(hands.line("epochs"), "77")
    hands.wait(lambda: hands.session.draft is not None and hands.session.draft.training.epochs == 77)
    assert hands.session.draft is not None
    assert hands.session.draft.preset == "spiral-mlp"


def test_that_the_page_of_a_run_is_described_by_the_run_and_that_of_the_next_by_the_draft(
    hands: BenchHands, held: WrittenRun
) -> None:
    spiral = presets()["spiral-mlp"].recipe
    hands.session.load_draft(spiral)
    hands.session.open_run(held.folder.path)
    hands.wait(lambda: hands.bench.setup.shows_run)
    assert described(hands) == ("digits", "digits")
    hands.session.load_draft(presets()["xor"].recipe)
    assert described(hands) == ("digits", "digits")
    QTest.keyClick(hands.bench.setup._switch, Qt.Key.Key_Right)  # to the next run
    assert described(hands) == ("points", "points")
    assert hands.panel.recipe() == presets()["xor"].recipe


def test_that_a_draft_with_a_problem_is_found_as_it_was_left(hands: BenchHands, held: WrittenRun) -> None:
    hands.session.load_draft(presets()["spiral-mlp"].recipe)
    hands.enter(hands.line("epochs"), "0")
    hands.wait(lambda: is_dimmed(hands))
    hands.session.open_run(held.folder.path)
    hands.wait(lambda: hands.bench.setup.shows_run)
    QTest.keyClick(hands.bench.setup._switch, Qt.Key.Key_Right)  # to the next run
    assert hands.panel.dataset_part().name() == "points"
    assert hands.line("epochs").text() == "0"
    assert "poch" in hands.session.problem


def described(hands: BenchHands) -> tuple[str, str]:
    """The datasets of the newest questions about a model and about a dataset."""
    model, dataset = hands.inspector.newest(DescribeModel), hands.inspector.newest(DescribeDataset)
    assert isinstance(model, DescribeModel)
    assert isinstance(dataset, DescribeDataset)
    return model.recipe["dataset"]["name"], dataset.dataset["name"]


def test_that_starting_a_run_leaves_the_keyboard_on_no_field_and_asks_it_for_nothing(
    hands: BenchHands, held: WrittenRun
) -> None:
    asked: list[str] = []
    hands.panel.live_change_asked.connect(lambda path, _value: asked.append(path))
    hands.enter(hands.line("epochs"), "9")
    run = hands.session.open_run(held.folder.path)
    hands.wait(lambda: hands.bench.setup.shows_run)
    assert not isinstance(QApplication.focusWidget(), QLineEdit)
    hands.line("learning_rate").setFocus()
    hands.window.bar.main_button.setFocus()
    assert asked == []
    assert run is not None
    assert not held.folder.commands_file.exists()


def test_that_queue_stays_and_says_why_the_next_run_cannot_be_lined_up(hands: BenchHands, held: WrittenRun) -> None:
    hands.session.load_draft(presets()["spiral-mlp"].recipe)
    hands.session.open_run(held.folder.path)
    hands.wait(lambda: hands.bench.setup.shows_run)
    queue = hands.window.bar._queue
    assert queue.isVisible()
    assert queue.isEnabled()
    QTest.keyClick(hands.bench.setup._switch, Qt.Key.Key_Right)  # to the next run
    hands.enter(hands.line("epochs"), "0")
    hands.wait(lambda: not queue.isEnabled())
    assert queue.isVisible()
    assert queue.toolTip() == hands.session.problem
    assert not hands.window.actions_by_key["queue"].isEnabled()


def test_that_the_data_is_asked_about_before_the_model_which_has_to_wait_for_torch(hands: BenchHands) -> None:
    hands.inspector.asked.clear()
    hands.session.load_draft(table_recipe())
    hands.wait(lambda: {DescribeDataset, DescribeModel} <= {type(request) for request, _, _ in hands.inspector.asked})
    kinds = [type(request) for request, _, _ in hands.inspector.asked]
    assert kinds.index(DescribeDataset) < kinds.index(DescribeModel)


def test_that_the_setup_says_whether_it_is_that_of_the_run_in_view_and_takes_it_over(
    hands: BenchHands, tmp_path: Path
) -> None:
    run = create_run(digits_recipe(), path=tmp_path / "old").path
    hands.session.load_draft(presets()["spiral-mlp"].recipe)
    relation, take = hands.bench.setup._relation, hands.bench.setup._copy
    assert relation.text() == ""
    assert not take.isVisibleTo(hands.window)
    hands.session.open_run(run)
    assert relation.text() == "unlike digits-mlp"
    QTest.mouseClick(take, Qt.MouseButton.LeftButton)
    assert hands.session.draft == digits_recipe()
    assert relation.text() == "as digits-mlp"
    assert not take.isVisibleTo(hands.window)
    hands.session.undo_stack.undo()
    hands.wait(lambda: relation.text() == "unlike digits-mlp")


def test_that_a_setup_says_that_the_run_ended_on_other_options_than_it_began_with(
    hands: BenchHands, tmp_path: Path
) -> None:
    run = hands.session.open_run(create_run(digits_recipe(), path=tmp_path / "old").path)
    assert run is not None
    hands.session.load_draft(digits_recipe())
    relation, take = hands.bench.setup._relation, hands.bench.setup._copy
    assert relation.text() == "as digits-mlp"
    run.take([ev.OptionApplied(step=3, name="training.learning_rate", value=0.03)])
    assert relation.text() == "as digits-mlp began"
    assert "0.03" in take.toolTip()
    QTest.mouseClick(take, Qt.MouseButton.LeftButton)
    assert hands.session.draft is not None
    assert hands.session.draft.training.learning_rate == 0.03
    assert relation.text() == "as digits-mlp ended"


def test_that_a_blank_setup_begins_with_the_datasets_ones_own_first(hands: BenchHands) -> None:
    blank = next(b for b in hands.window.show_gallery().findChildren(QPushButton) if "blank" in b.text())
    QTest.mouseClick(blank, Qt.MouseButton.LeftButton)
    hands.wait(lambda: isinstance(QApplication.activePopupWidget(), EntryPicker))
    picker = QApplication.activePopupWidget()
    assert isinstance(picker, EntryPicker)
    assert "press Start" in picker._lead.text()
    assert picker._list.item(0).text() == "Your own"
    QTest.keyClicks(picker._search, "digits")
    QTest.keyClick(picker._search, Qt.Key.Key_Return)
    hands.wait(lambda: hands.session.draft is not None and hands.session.draft.dataset.name() == "digits")


def test_that_the_columns_of_a_hub_dataset_are_offered_once_it_was_read(hands: BenchHands) -> None:
    values = {"architecture": {"name": "lstm"}, "dataset": {"name": "hub_text", "hub_id": "someone/things"}}
    hands.session.load_draft(recipe_from_builtins(values))
    choose = Problem(message="Choose the column of the classes.", field="dataset.label_column")
    hands.inspector.refuse(DescribeDataset, choose)
    asked = hands.inspector.newest(ListColumns)
    assert isinstance(asked, ListColumns)
    assert asked.hub_id == "someone/things"
    hands.inspector.answer(ListColumns, Columns(names=("quote", "mood")))
    editor = hands.panel.dataset_part().form().editor_of("label_column")
    assert isinstance(editor, ChoiceBox)
    assert [editor.itemText(row) for row in range(editor.count())] == ["quote", "mood"]
