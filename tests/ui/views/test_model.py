import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLayout, QVBoxLayout, QWidget

from modellab import events as ev
from modellab.config import to_builtins
from modellab.data.base import Sample
from tests.ui.views.fake_lab import is_blank, make_lab, make_run, recipe_of
from ui.theme import theme
from ui.views._model_diagram import blocks_of
from ui.views._model_memory import MemoryBar
from ui.views._model_table import SHARE_ROLE, with_its_end
from ui.views._model_words import detail_text, front_of
from ui.views.model import ModelView
from ui.widgets import numbers
from workers.protocol import (
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    DescribePretrained,
    Done,
    Layer,
    ModelDescription,
    PretrainedDescription,
    Problem,
    ShowFilters,
)

SAMPLE = Sample(kind="image", task="classification", shape=(1, 28, 28), classes=tuple("0123456789"))
CONV = "1, 32, kernel_size=(3, 3), stride=(1, 1), padding=(1, 1)"
LAYERS = (
    Layer(name="stage.conv1", kind="Conv2d", detail=CONV, shape=(32, 28, 28), parameters=320, flops=451_584, depth=1),
    Layer(name="stage.relu1", kind="ReLU", detail="", shape=(32, 28, 28), parameters=0, flops=0, depth=1),
    Layer(name="pool", kind="MaxPool2d", detail="kernel_size=2, stride=2", shape=(32, 14, 14), parameters=0, flops=0),
    Layer(
        name="output",
        kind="Linear",
        detail="in_features=6272, out_features=10, bias=True",
        shape=(10,),
        parameters=62_730,
        flops=125_440,
    ),
)
KERNELS = np.linspace(-1, 1, 32 * 9, dtype=np.float32).reshape(32, 1, 3, 3)


def describe(request: DescribeModel):
    answer = ModelDescription(
        trained=63_050,
        layers=LAYERS,
        parameters=63_050,
        flops=577_024,
        memory_bytes=12_400_000,
        memory_parts={"weights": 252_200, "gradients": 252_200, "optimiser": 0, "activations": 11_895_600},
        steps=4690,
        seconds=200.0 if request.is_timed else None,
    )
    return answer, {}


def lab_with_model():
    lab, inspector = make_lab()
    dataset = DatasetDescription(sample=to_builtins(SAMPLE), sizes={"train": 10}, balance={})
    inspector.replies |= {
        DescribeModel: describe,
        DescribeDataset: lambda _: (dataset, {}),
        ShowFilters: lambda request: (Done(step=request.model.step or 50), {"kernels": KERNELS}),
    }
    return lab, inspector


@pytest.fixture
def shown(qtbot):
    lab, inspector = lab_with_model()
    view = ModelView(lab)
    qtbot.addWidget(view)
    view.resize(700, 560)
    view.show()
    lab.session.set_draft(recipe_of({"name": "digits"}, architecture={"name": "cnn"}))
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)
    return view, lab, inspector


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_the_model_is_drawn_in_both_themes(shown, name):
    view, *_ = shown
    theme().use(name)
    assert not is_blank(view)


def test_that_the_totals_are_written_in_full_and_in_short(shown):
    view, *_ = shown
    assert "63,050 parameters" in view._totals.text()
    assert "577 k FLOPs an example" in view._totals.text()


def test_that_what_training_needs_is_said_and_the_time_once_measured(shown):
    view, _, inspector = shown
    assert view._need.text() == "about 12.4 MB   ·   4,690 steps   ·   about 3 min on this machine"
    assert [request.is_timed for request in inspector.asked_of(DescribeModel)] == [False, True]


def test_that_a_repeated_part_is_one_block_of_the_diagram():
    names = ["embedding", *(f"decoder_blocks.{n}.{part}" for n in (0, 1) for part in ("attention", "narrow")), "output"]
    layers = tuple(
        Layer(name=name, kind="Linear", detail="", shape=(4, 8), parameters=10, flops=20, depth=name.count("."))
        for name in names
    )
    blocks = blocks_of(layers, (4,), input_title="Input")
    assert [block.title for block in blocks] == ["Input", "Dense", "Decoder 0", "Decoder 1", "Dense"]
    assert [block.row for block in blocks] == [-1, 0, 1, 3, 5]
    assert "20 parameters" in blocks[2].tooltip


def test_that_a_layer_that_reads_both_ways_is_one_block_of_two_halves():
    sizes = {"layers.0": 8, "backward_layers.0": 8, "dropout": 16, "layers.1": 8, "backward_layers.1": 8}
    layers = tuple(
        Layer(name=name, kind="LSTM" if "." in name else "Dropout", detail="", shape=(4, size), flops=20, depth=1,
              parameters=10 if "." in name else 0)
        for name, size in sizes.items()
    )  # fmt: skip
    blocks = blocks_of(layers, (4,), input_title="Input")[1:]
    assert [(block.title, block.shape, block.row) for block in blocks] == [
        ("LSTM ⇄", (4, 16), 0),
        ("LSTM ⇄", (4, 16), 3),
    ]
    assert "backward_layers.1" in blocks[1].tooltip
    assert "20 parameters" in blocks[1].tooltip


def test_that_a_layer_tells_its_kind_size_shape_and_counts(shown):
    view, *_ = shown
    cells = [view._layers.data(view._layers.index(0, column)) for column in range(6)]
    assert cells == ["stage.conv1", "Convolution", "3×3, 1 → 32", "32 × 28 × 28", "320", "452 k"]


def test_that_hover_gives_the_exact_counts_and_the_share(shown):
    view, *_ = shown
    tooltip = view._layers.data(view._layers.index(3, 5), Qt.ItemDataRole.ToolTipRole)
    assert tooltip.startswith("125,440 FLOPs for one example, 21.7% of all")
    assert view._layers.data(view._layers.index(3, 4), SHARE_ROLE) == 62_730 / 63_050


def test_that_the_diagram_has_a_block_for_what_changes_the_shape():
    blocks = blocks_of(LAYERS, SAMPLE.shape, input_title="Input")
    assert [block.title for block in blocks] == ["Input", "Convolution", "Max pool", "Dense"]
    assert [block.row for block in blocks] == [-1, 0, 2, 3]


def test_that_a_click_on_a_block_selects_its_row(shown):
    view, *_ = shown
    centre = view._diagram.block_rects()[3].center()
    QTest.mouseClick(view._diagram, Qt.MouseButton.LeftButton, pos=QPointF(centre).toPoint())
    assert view._table.currentIndex().row() == 3


def test_that_a_wide_network_keeps_its_blocks_inside_the_diagram(shown):
    view, *_ = shown
    view._diagram.set_blocks(blocks_of(LAYERS * 30, SAMPLE.shape, input_title="Input"))
    rects = view._diagram.block_rects()
    assert rects[0].left() >= 0
    assert rects[-1].right() <= view._diagram.width()


def test_that_memory_parts_that_are_empty_are_left_out(shown):
    view, *_ = shown
    assert [name for name, _ in view._memory._parts] == ["weights", "gradients", "activations"]


def test_that_the_names_of_the_memorys_parts_keep_their_height_where_the_view_is_too_low(qtbot):
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    column.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)
    table, bar = QWidget(), MemoryBar()
    table.setMinimumHeight(80)
    column.addWidget(table, 1)
    column.addWidget(bar)
    parts = {"weights": 941_000, "gradients": 941_000, "optimiser": 1_900_000, "activations": 991_000}
    bar.set_parts(parts | {"dataset": 55_400_000})
    page.resize(295, 130)
    page.show()
    qtbot.waitUntil(lambda: bar.width() < 295)
    assert len(bar._places(bar.width())) == 5
    assert bar.height() >= bar._places(bar.width())[-1].bottom()


def test_that_a_run_shows_its_filters_and_renews_them_when_weights_are_published(shown, qtbot, tmp_path):
    view, _, inspector = shown
    run = make_run(tmp_path / "run", recipe_of({"name": "digits"}, architecture={"name": "cnn"}), SAMPLE)
    view.set_run(run)
    qtbot.waitUntil(lambda: view._described is not None and not view._is_stale)
    assert not view._filters_box.isVisible()
    run.take([ev.Published(step=50)])
    qtbot.waitUntil(view._filters_box.isVisible)
    run.take([ev.Published(step=90)])
    qtbot.waitUntil(lambda: len(inspector.asked_of(ShowFilters)) == 2)
    assert all(request.model.run == str(run.path) for request in inspector.asked_of(ShowFilters))


def test_that_a_run_that_is_over_shows_its_filters_as_soon_as_its_layers_are_known(qtbot, tmp_path):
    lab, inspector = lab_with_model()
    inspector.is_held = True
    view = ModelView(lab)
    qtbot.addWidget(view)
    view.show()
    run = make_run(tmp_path / "run", recipe_of({"name": "digits"}, architecture={"name": "cnn"}), SAMPLE)
    run.take([ev.Published(step=50)])
    view.set_run(run)
    qtbot.waitUntil(lambda: bool(inspector.asked_of(DescribeModel)))
    inspector.is_held = False
    for answer in inspector.waiting:
        answer()
    qtbot.waitUntil(view._filters_box.isVisible)


def test_that_hover_over_a_filter_gives_its_weight(shown, qtbot, tmp_path):
    view, *_ = shown
    view._filters_box.show()
    view._filters.set_kernels(KERNELS)
    tile = view._filters.tile_rect(5)
    words = view._filters.words_at(tile.topLeft())
    assert words == f"filter 6, row 1, column 1   ·   {numbers.number(float(KERNELS[5, 0, 0, 0]))}"


def test_that_the_step_slider_picks_the_filters(shown, qtbot, tmp_path):
    view, lab, inspector = shown
    run = make_run(tmp_path / "run", recipe_of({"name": "digits"}, architecture={"name": "cnn"}), SAMPLE)
    view.set_run(run)
    run.take([ev.Published(step=50)])
    qtbot.waitUntil(view._filters_box.isVisible)
    lab.focus.lock(step=20)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowFilters)[-1].model.step == 20)


def test_that_the_run_before_is_let_go(shown, qtbot, tmp_path):
    view, _, inspector = shown
    run = make_run(tmp_path / "run", recipe_of({"name": "digits"}, architecture={"name": "cnn"}), SAMPLE)
    view.set_run(run)
    view.set_run(None)
    run.take([ev.Published(step=50)])
    qtbot.wait(60)
    assert not inspector.asked_of(ShowFilters)


def test_that_an_answer_about_the_draft_before_is_passed_over(shown, qtbot):
    view, lab, inspector = shown
    inspector.is_held = True
    lab.session.set_draft(recipe_of({"name": "digits"}, architecture={"name": "mlp"}))
    qtbot.waitUntil(lambda: len(inspector.waiting) == 2)
    late = inspector.waiting[0]
    view._described = None
    lab.session.set_draft(None, problem="Not now.")
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 0)
    late()
    assert view._described is None


def test_that_a_misfit_is_one_sentence(qtbot):
    lab, inspector = lab_with_model()
    inspector.replies[DescribeModel] = lambda _: (Problem(message="A CNN reads images; pick another."), {})
    view = ModelView(lab)
    qtbot.addWidget(view)
    view.show()
    lab.session.set_draft(recipe_of({"name": "points"}))
    qtbot.waitUntil(lambda: view._empty._sentence.text() == "A CNN reads images; pick another.")


@pytest.mark.parametrize(
    ("kind", "detail", "said"),
    [
        ("Conv2d", "3, 64, kernel_size=(5, 5), stride=(2, 2)", "5×5, 3 → 64, stride 2"),
        ("Linear", "in_features=1024, out_features=10, bias=True", "1,024 → 10"),
        ("Dropout", "p=0.5, inplace=False", "p 0.5"),
        ("BatchNorm2d", "64, eps=1e-05, momentum=0.1, affine=True", "64"),
        ("ReLU", "", ""),
        ("Embedding", "30522, 384, padding_idx=0", "30,522 × 384"),
        ("Conv1D", "nf=2304, nx=768", "768 → 2,304"),
    ],
)
def test_that_a_layers_size_is_short(kind, detail, said):
    assert detail_text(Layer(name="a", kind=kind, detail=detail, shape=(1,), parameters=0, flops=0)) == said


@pytest.mark.parametrize(
    ("written", "said"),
    [
        (numbers.whole(421_642), "421,642"),
        (numbers.short(4_200_000, "FLOPs"), "4.2 M FLOPs"),
        (numbers.short(999_999), "1 M"),
        (numbers.size(12_400_000), "12.4 MB"),
        (numbers.size(999), "999 B"),
        (numbers.duration(200), "3 min 20 s"),
        (numbers.duration(7500), "2 h 5 min"),
        (numbers.duration(0.4), "0.4 s"),
        (numbers.number(-0.031416), "−0.03142"),
        (numbers.number(262_012.3), "262,012"),
        (numbers.given(7.25), "7.25"),
        (numbers.given(-262_012.0), "−262,012"),
        (numbers.number(float("nan")), "–"),
    ],
)
def test_that_numbers_read_well(written, said):
    assert written == said


def test_that_the_layers_of_an_open_folder_are_shown_and_the_runs_again_once_it_is_closed(shown, qtbot):
    view, lab, inspector = shown
    layers = tuple(
        Layer(name=f"encoder.layer.{n}.dense", kind="Linear", detail="in_features=4, out_features=4", shape=(9, 4),
              parameters=20, flops=288, depth=3)
        for n in (0, 1)
    )  # fmt: skip
    answer = PretrainedDescription(title="minilm", layers=layers, read=(9,), parameters=40)
    inspector.replies[DescribePretrained] = lambda _: (answer, {})
    lab.focus.lock(pretrained="/models/minilm")
    qtbot.waitUntil(lambda: view._layers.rowCount() == 2)
    assert inspector.asked_of(DescribePretrained)[-1].wants_layers
    assert view._name.text() == "minilm"
    assert view._totals.text() == "40 parameters   ·   576 FLOPs for 9 tokens   ·   2 layers with weights"
    assert [block.title for block in view._diagram._blocks] == ["Input", "Layer 0", "Layer 1"]
    assert not view._needs.isVisible()
    lab.session.set_draft(recipe_of({"name": "digits"}, architecture={"name": "mlp"}))
    QTest.mouseClick(view._close, Qt.MouseButton.LeftButton)
    qtbot.waitUntil(lambda: view._layers.rowCount() == len(LAYERS))
    assert view._needs.isVisible()
    assert not view._name.isVisible()


def test_that_a_folder_whose_layers_cannot_be_told_says_why(shown, qtbot):
    view, lab, inspector = shown
    inspector.replies[DescribePretrained] = lambda _: (Problem(message="model.safetensors is damaged."), {})
    lab.focus.lock(pretrained="/models/minilm")
    qtbot.waitUntil(lambda: view._empty._sentence.text() == "model.safetensors is damaged.")


def test_that_a_folder_opened_before_the_view_was_made_is_asked_about(qtbot):
    lab, inspector = lab_with_model()
    inspector.replies[DescribePretrained] = lambda _: (Problem(message="model.safetensors is damaged."), {})
    lab.focus.lock(pretrained="/models/minilm")
    view = ModelView(lab)
    qtbot.addWidget(view)
    view.show()
    qtbot.waitUntil(lambda: view._empty._sentence.text() == "model.safetensors is damaged.")


def test_that_long_names_of_layers_leave_room_for_the_numbers(shown, qtbot):
    view, *_ = shown
    name = "encoder.layer.0." + "attention.output." * 5 + "dense"
    long = Layer(name=name, kind="Linear", detail="in_features=384, out_features=1536", shape=(512, 1536),
                 parameters=11_720_448, flops=20, depth=3)  # fmt: skip
    view._layers.set_layers((long,))
    view.resize(560, 560)
    table = view._table
    qtbot.waitUntil(lambda: table.viewport().width() < 560)
    assert not table.horizontalScrollBar().isVisible()
    assert table.columnWidth(4) >= table.fontMetrics().horizontalAdvance("11,720,448")


@pytest.mark.parametrize(
    ("names", "front"),
    [
        (("embeddings.words", "encoder.layer.0.output.dense", "encoder.layer.1.output.dense"), "encoder."),
        (("model.encoder.layers.0.fc1", "model.decoder.layers.0.fc1"), "model."),
        (("blocks.0.attention.project", "output"), ""),
    ],
)
def test_that_what_all_repeated_parts_begin_with_is_left_out_of_their_names(names, front):
    layers = [Layer(name=name, kind="Linear", detail="", shape=(1,), parameters=1, flops=1) for name in names]
    assert front_of(layers) == front


def test_that_a_name_without_room_keeps_its_last_word(shown):
    view, *_ = shown
    metrics = view._table.fontMetrics()
    name = "layer.0.attention.output.dense"
    short = with_its_end(name, metrics, room=metrics.horizontalAdvance("layer.0.att…dense") + 2)
    assert short.startswith("layer.0.")
    assert short.endswith("…dense")
    assert with_its_end(name, metrics, room=metrics.horizontalAdvance(name)) == name
    assert with_its_end(name, metrics, room=metrics.horizontalAdvance("dens")) != ""
