import csv
import io
from dataclasses import replace

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from modellab.config import to_builtins
from modellab.data.base import Sample
from modellab.recipe import with_values
from tests.ui.views.fake_lab import is_blank, make_lab, make_run, recipe_of
from ui.theme import theme
from ui.views._export import csv_text
from ui.views._samples_source import Examples
from ui.views._samples_tiles import image_of
from ui.views.samples import SamplesView
from workers.protocol import DatasetDescription, DescribeDataset, Problem, SamplePage, ShowSamples

IMAGES = Sample(kind="image", task="classification", shape=(1, 8, 8), classes=("zero", "one", "two"))
ROWS = Sample(kind="row", task="regression", shape=(3,), features=("age", "rooms", "tax"), target="price")
POINTS = Sample(
    kind="point",
    task="classification",
    shape=(2,),
    classes=("0", "1", "2"),
    features=("x", "y"),
    low=(-1.0, -1.0),
    high=(1.0, 1.0),
)
SIZES = {"train": 500, "validation": 90}


def inputs_of(sample: Sample, rows: np.ndarray) -> np.ndarray:
    if sample.kind == "image":
        return ((rows[:, None, None, None] * 31 + np.arange(64).reshape(1, 8, 8, 1)) % 256).astype(np.uint8)
    return np.sin(rows[:, None] + np.arange(sample.shape[0])).astype(np.float32)


def lab_with(sample: Sample, *, notes: tuple[str, ...] = ()):
    lab, inspector = make_lab()
    is_class = sample.task == "classification"

    def describe(_request: DescribeDataset):
        shares = {split: (count // 2, count // 4, count // 4) for split, count in SIZES.items()}
        balance: dict[str, tuple[int, ...]] = {**shares} if is_class else {}
        answer = DatasetDescription(
            sample=to_builtins(sample), sizes=SIZES, balance=balance, notes=notes, num_bytes=32_000
        )
        return answer, {}

    def show(request: ShowSamples):
        rows = np.arange(SIZES[request.split])
        if request.of_class is not None:
            rows = rows[rows % 3 == request.of_class]
        total = len(rows)
        rows = rows[request.start : request.start + request.count]
        if request.as_model_sees:
            rows, total = np.arange(64) + request.epoch, 64
        targets = rows % 3 if is_class else rows * 0.5
        page = SamplePage(
            sample=to_builtins(sample),
            start=request.start,
            total=total,
            indices=tuple(rows.tolist()),
            sources=tuple(f"file-{row}.png" for row in rows),
        )
        return page, {"inputs": inputs_of(sample, rows), "targets": targets}

    inspector.replies |= {DescribeDataset: describe, ShowSamples: show}
    return lab, inspector


def shown_view(qtbot, sample: Sample, *, dataset: str, notes: tuple[str, ...] = ()):
    lab, inspector = lab_with(sample, notes=notes)
    view = SamplesView(lab)
    qtbot.addWidget(view)
    view.resize(700, 560)
    view.show()
    lab.session.set_draft(recipe_of({"name": dataset}))
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)
    return view, lab, inspector


@pytest.fixture
def images(qtbot):
    return shown_view(qtbot, IMAGES, dataset="digits", notes=("3 rows with a missing price were dropped.",))


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize(("sample", "dataset"), [(IMAGES, "digits"), (ROWS, "points"), (POINTS, "points")])
def test_that_images_rows_and_points_are_drawn_in_both_themes(qtbot, name, sample, dataset):
    view, *_ = shown_view(qtbot, sample, dataset=dataset)
    theme().use(name)
    qtbot.wait(60)
    assert not is_blank(view._picture)


def test_that_the_splits_tell_their_sizes(images):
    view, *_ = images
    assert view._splits._labels[:2] == ["Training  500", "Validation  90"]


def test_that_what_is_left_out_is_said(images):
    view, *_ = images
    assert view._summary.text().startswith("first 192 of 500")


def test_that_the_notes_of_the_loader_are_shown(images):
    view, *_ = images
    assert view._notes.isVisible()
    assert view._notes._sentence.text() == "3 rows with a missing price were dropped."


def test_that_hovering_a_tile_shows_it_large_with_its_place_and_source(images):
    view, *_ = images
    QTest.mouseMove(view._tiles.viewport(), view._tiles.tile_rect(4).center())
    assert view._tiles._large.isVisible()
    assert view._tiles._large._lines == ("one", "train 4   ·   8 × 8, grey", "file-4.png")
    assert view._summary.text() == "train 4   ·   one   ·   file-4.png"


def test_that_small_images_are_enlarged_by_a_whole_factor(images):
    view, *_ = images
    assert view._tiles.tile_rect(0).width() == 64


def test_that_a_picture_keeps_its_pixels():
    pixels = np.arange(3 * 5 * 3, dtype=np.uint8).reshape(3, 5, 3)
    image = image_of(pixels)
    colour = image.pixelColor(4, 1)
    assert (colour.red(), colour.green(), colour.blue()) == tuple(pixels[1, 4])


def test_that_a_click_on_a_class_shows_that_class_alone_and_a_second_lets_go(images):
    view, _, inspector = images
    QTest.mouseClick(view._balance, Qt.MouseButton.LeftButton, pos=QPoint(20, 45))
    assert inspector.asked[-1].of_class == 1
    assert set(view._examples.targets.tolist()) == {1}
    assert "only one" in view._summary.text()
    QTest.mouseClick(view._balance, Qt.MouseButton.LeftButton, pos=QPoint(20, 45))
    assert inspector.asked[-1].of_class is None


def test_that_the_keys_choose_a_class(images):
    view, _, inspector = images
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(view._balance, key)
    assert inspector.asked[-1].of_class == 2


def test_that_scrolling_down_fetches_more(images, qtbot):
    view, *_ = images
    bar = view._tiles.verticalScrollBar()
    for _ in range(4):
        bar.setValue(bar.maximum())
    assert len(view._examples) == 500
    assert view._examples.indices == tuple(range(500))


def test_that_another_draw_is_another_epoch_as_the_model_sees_it(images, qtbot):
    view, lab, inspector = images
    assert not view._again.isVisible()
    view._splits.choose("model")
    assert inspector.asked[-1].as_model_sees
    assert view._again.isVisible()
    view._again.click()
    assert inspector.asked[-1].epoch == 1
    assert view._summary.text().startswith("first batch of epoch 2: 64 examples, unnormalised")
    lab.session.set_draft(with_values(lab.session.draft, {"training.augmentation.flip": True}))
    view._splits.choose("model")
    qtbot.waitUntil(lambda: "64 augmented examples" in view._summary.text())


def test_that_a_click_locks_the_sample_in_the_focus(images):
    view, lab, _ = images
    QTest.mouseClick(view._tiles.viewport(), Qt.MouseButton.LeftButton, pos=view._tiles.tile_rect(3).center())
    assert (lab.focus.value.split, lab.focus.value.sample) == ("train", 3)
    assert view._tiles._held == 3


def test_that_the_arrow_keys_walk_the_tiles(images):
    view, lab, _ = images
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Down, Qt.Key.Key_Return):
        QTest.keyClick(view._tiles, key)
    _, columns, _ = view._tiles._measures()
    assert lab.focus.value.sample == 1 + columns


def test_that_rows_are_a_table_of_columns_and_target(qtbot):
    view, *_ = shown_view(qtbot, ROWS, dataset="points")
    assert view._table.isVisible()
    assert view._rows.columns() == ("example", "price", "age", "rooms", "tax")
    shown = [view._rows.data(view._rows.index(2, column)) for column in range(5)]
    assert shown == ["2", "1", "0.9093", "0.1411", "−0.7568"]
    exact = view._rows.data(view._rows.index(2, 2), Qt.ItemDataRole.ToolTipRole)
    assert float(exact) == float(np.float32(np.sin(2)))


def test_that_another_table_whose_rows_have_the_same_numbers_brings_its_own_headings(qtbot):
    lab, _ = lab_with(ROWS)
    view = SamplesView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "points"}))
    qtbot.waitUntil(lambda: view._table.isVisible())
    many = view._examples
    assert many is not None
    few = replace(many, indices=many.indices[:5], inputs=many.inputs[:5, :2])
    few = replace(few, sample=msgspec.structs.replace(ROWS, features=("height", "weight"), shape=(2,)))
    view._rows.set_examples(few)
    view._rows.set_examples(many)
    header = view._table.horizontalHeader()
    assert header.count() == 5
    with qtbot.assertNotEmitted(view._rows.modelReset):
        view._rows.set_examples(_longer(many))


def test_that_no_number_is_cut_in_a_narrow_table(qtbot):
    view, *_ = shown_view(qtbot, POINTS, dataset="points")
    table, cut = view._table, []
    for column in range(table.model().columnCount()):
        if table.columnWidth(column) < table.sizeHintForColumn(column):
            cut.append(column)
    assert table.isVisible()
    assert cut == []
    assert table.horizontalHeader().length() >= table.viewport().width() - 4, "the room is used"


def _longer(examples: Examples) -> Examples:
    more = np.concatenate([examples.inputs, examples.inputs[:1]])
    targets = np.concatenate([examples.targets, examples.targets[:1]])
    return replace(examples, inputs=more, targets=targets, indices=(*examples.indices, 10_000))


def test_that_a_changed_draft_is_asked_for_once_a_pause(images, qtbot):
    _, lab, inspector = images
    before = len(inspector.asked_of(DescribeDataset))
    for noise in (0.1, 0.2, 0.3):
        lab.session.set_draft(recipe_of({"name": "points", "noise": noise}))
    qtbot.waitUntil(lambda: len(inspector.asked_of(DescribeDataset)) > before)
    qtbot.wait(200)
    assert len(inspector.asked_of(DescribeDataset)) == before + 1
    assert inspector.asked_of(DescribeDataset)[-1].dataset["noise"] == 0.3


def test_that_a_late_answer_shows_a_spinner(images, qtbot):
    view, _, inspector = images
    inspector.is_held = True
    view._splits.choose("validation")
    qtbot.waitUntil(view._spinner.isVisible)
    inspector.waiting[-1]()
    assert not view._spinner.isVisible()
    assert view._examples.wanted.split == "validation"


def test_that_an_answer_to_an_older_question_is_passed_over(images):
    view, _, inspector = images
    inspector.is_held = True
    view._splits.choose("validation")
    view._splits.choose("train")
    first, second = inspector.waiting
    second()
    first()
    assert view._examples.wanted.split == "train"


def test_that_a_problem_is_one_calm_sentence(qtbot):
    lab, inspector = make_lab()
    inspector.replies[DescribeDataset] = lambda _: (Problem(message="/x does not exist; pick another folder."), {})
    view = SamplesView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "points"}))
    qtbot.waitUntil(lambda: view._empty._sentence.text() == "/x does not exist; pick another folder.")
    assert view._stack.currentIndex() == 0


def test_that_a_form_with_a_problem_says_it_here_too(images, qtbot):
    view, lab, _ = images
    lab.session.set_draft(None, problem="Noise must be a number from 0 to 1; it is 3.")
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 0)
    assert view._empty._sentence.text() == "Noise must be a number from 0 to 1; it is 3."


def test_that_a_run_shows_its_own_data_and_can_be_switched_to_the_next(images, qtbot, tmp_path):
    view, _, inspector = images
    run = make_run(tmp_path / "run", recipe_of({"name": "points", "noise": 0.5}), POINTS)
    view.set_run(run)
    qtbot.waitUntil(lambda: inspector.asked_of(DescribeDataset)[-1].dataset["name"] == "points")
    assert view._subject.switch.isVisible()
    view._subject.switch.choose("draft")
    qtbot.waitUntil(lambda: inspector.asked_of(DescribeDataset)[-1].dataset["name"] == "digits")


def test_that_the_numbers_and_the_picture_are_copied(images):
    view, *_ = images
    view._export.copy_table()
    rows = list(csv.reader(io.StringIO(QGuiApplication.clipboard().text())))
    assert rows[0][:4] == ["index", "label", "source", "pixel 0"]
    assert rows[5][:3] == ["4", "one", "file-4.png"]
    view._export.copy_picture()
    assert QGuiApplication.clipboard().image().width() == 2 * (view._picture.width() + 2 * 12)  # and its margin


@pytest.mark.parametrize("kind", ["png", "svg", "csv"])
def test_that_a_file_of_each_kind_is_saved(images, qtbot, tmp_path, kind):
    view, lab, _ = images
    file = tmp_path / f"samples.{kind}"
    with qtbot.waitSignal(lab.session.said) as said:
        view._export.save(file, kind)
    assert said.args == ["info", f"Saved {file}."]
    starts = {"png": b"\x89PNG", "svg": b"<?xml", "csv": b"index,label"}
    assert file.read_bytes().startswith(starts[kind])


def test_that_a_file_that_cannot_be_written_is_said(images, qtbot, tmp_path):
    view, lab, _ = images
    with qtbot.waitSignal(lab.session.said) as said:
        view._export.save(tmp_path / "no-such-folder" / "samples.csv", "csv")
    assert said.args[0] == "error"


def test_that_csv_quotes_what_needs_it():
    from ui.views._export import Table

    text = csv_text(Table(columns=("a", "b"), rows=[("x,y", 'say "no"')]))
    assert text == 'a,b\r\n"x,y","say ""no"""\r\n'


def test_that_nothing_lies_over_the_samples_when_more_are_waited_for(images):
    view, *_ = images
    view._on_waiting_changed(True)
    view._on_waiting_changed(False)
    assert not view._empty.isVisible()
