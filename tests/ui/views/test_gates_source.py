"""Where the gates that are shown come from, and what is said of them."""

from unittest.mock import Mock

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QImage
from safetensors.numpy import save_file

from modellab import events as ev
from modellab.text.characters import CharacterTokenizer
from tests.ui.views.fake_lab import make_lab, make_run
from tests.ui.views.gates_fakes import (
    PAGES,
    SAMPLE,
    TOKENS,
    UNITS,
    answer_gates,
    flow,
    lstm_arrays,
    read,
    shown_view,
)
from ui.theme import theme
from ui.views import _gates_colours
from ui.views.gates import GatesView
from workers.protocol import (
    Clamp,
    Problem,
    ShowGates,
    ShowGradientFlow,
)


def test_that_the_text_in_the_focus_is_the_one_that_is_read(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    lab.focus.lock(text="staaten")
    qtbot.waitUntil(lambda: "".join(view._gates.tokens) == "staaten")
    assert inspector.asked_of(ShowGates)[-1].text == "staaten"


def test_that_a_newer_step_waits_for_the_answer_under_way_and_stale_answers_are_dropped(lab_view, qtbot):
    view, run, lab, inspector = lab_view
    inspector.is_held = True
    num_asked = len(inspector.asked_of(ShowGates))
    for step in (8, 9, 10):
        run.take([ev.Published(step=step)])
        view.redraw()
    assert len(inspector.asked_of(ShowGates)) == num_asked + 1
    lab.focus.lock(text="abc")
    view.redraw()
    assert len(inspector.asked_of(ShowGates)) == num_asked + 2
    stale, fresh = inspector.waiting
    stale()
    assert view._gates.tokens == TOKENS
    fresh()
    assert view._gates.tokens == ("a", "b", "c")


def test_that_gates_follow_what_a_language_model_writes_as_fast_as_answers_come(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    inspector.is_held = True
    lab.focus.lock(text="ab")
    asked = len(inspector.asked_of(ShowGates))
    for count in range(3, 7):
        lab.focus.lock(written=tuple(range(count)), token=count - 1)
        view.redraw()
    assert [one.ids for one in inspector.asked_of(ShowGates)[asked:]] == [(0, 1, 2)]
    inspector.waiting.pop()()
    assert view._gates.tokens == tuple("abc")
    assert view._place.token == 2, "the newest token that has been read"
    view._on_span_brushed((0, 1))
    rows = view._parts.raster.order.tolist()
    inspector.waiting.pop()()
    assert view._gates.tokens == tuple("abcdef")
    assert view._place.token == 5
    assert (view._span, view._parts.raster.order.tolist()) == ((0, 1), rows), "what was there stays where it was"
    view.open_page("flow")
    assert inspector.asked_of(ShowGradientFlow)[-1].ids == (0, 1, 2, 3, 4, 5)
    inspector.is_held = False
    lab.focus.lock(text="abx")
    qtbot.waitUntil(lambda: view._gates.tokens == tuple("abx"))


def test_that_the_layer_looked_at_is_drawn_before_the_others_have_come(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    lab.focus.lock(layer=1)
    inspector.is_held = True
    lab.focus.lock(text="abcd")
    qtbot.waitUntil(lambda: bool(inspector.waiting))
    request = inspector.asked_of(ShowGates)[-1]
    answer, arrays = answer_gates(request)
    assert request.layer == 1
    early = {name: values for name, values in arrays.items() if name[0] == "1"}
    late = {name: values for name, values in arrays.items() if name[0] == "0"}
    inspector.replies[ShowGates] = lambda _request: (msgspec.structs.replace(answer, is_last=False), early)
    inspector.waiting[-1]()
    gates, drawn = view._gates, view._parts.raster.grab().toImage()
    assert (gates.tokens, gates.num_layers, view._place.layer) == (tuple("abcd"), 2, 1)
    view._parts.layers.setCurrentIndex(0)
    assert view._place.layer == 1, "there is nothing of the other yet"
    inspector.replies[ShowGates] = lambda _request: (answer, late)
    inspector.waiting[-1]()
    assert view._place.layer == 0, "what was chosen meanwhile"
    assert np.array_equal(view._gates.lane(view._place, "f"), arrays["0/0/f"])
    view._parts.layers.setCurrentIndex(1)
    assert view._parts.raster.grab().toImage() == drawn


def test_that_a_slow_answer_shows_a_spinner(lab_view, qtbot):
    view, _, lab, inspector = lab_view
    inspector.is_held = True
    lab.focus.lock(text="slow")
    qtbot.waitUntil(view._parts.spinner.isVisible, timeout=2000)
    inspector.waiting[-1]()
    assert not view._parts.spinner.isVisible()


def test_that_captures_of_the_trainer_are_drawn_and_their_texts_walked(lab_view, qtbot):
    view, run, _, inspector = lab_view
    CharacterTokenizer(tuple("abcdefgh")).save(run.folder.tokenizer_file)
    run.folder.captures.mkdir(exist_ok=True)
    arrays = {}
    for probe, size in enumerate((5, 7)):
        arrays[f"{probe}/ids"] = np.arange(2, 2 + size, dtype=np.int32)
        arrays |= {f"{probe}/{key}": value.astype(np.float16) for key, value in lstm_arrays(size).items()}
    save_file(arrays, run.folder.captures / "gates-20.safetensors", metadata={"cell": "lstm"})
    num_asked = len(inspector.asked)
    run.take([ev.Captured(step=20, kind="gates", file="captures/gates-20.safetensors")])
    qtbot.waitUntil(lambda: view._gates.tokens == tuple("abcde"))
    assert view._gates.step == 20
    assert view._source.text == "abcde"
    view._parts.next_text.click()
    qtbot.waitUntil(lambda: view._gates.tokens == tuple("abcdefg"))
    assert len(inspector.asked) == num_asked


def test_that_a_model_without_gates_explains_itself(qtbot, tmp_path):
    lab, inspector = make_lab()
    inspector.replies[ShowGates] = lambda request: (Problem(message="Only recurrent networks have gates."), {})
    view = GatesView(lab)
    qtbot.addWidget(view)
    view.show()
    run = make_run(tmp_path / "run", shown_view(qtbot, tmp_path / "a")[1].recipe, SAMPLE)
    run.take([ev.Published(step=1)])
    view.set_run(run)
    qtbot.waitUntil(lambda: view._parts._empty._sentence.text() == "Only recurrent networks have gates.")


def test_that_notes_are_told_and_a_later_problem_leaves_the_picture(lab_view, qtbot):
    view, _, lab, inspector = lab_view

    def noted(request):
        answer, arrays = answer_gates(request)
        if isinstance(answer, Problem):
            return answer, arrays
        return msgspec.structs.replace(answer, notes=("Only the first 9 of 20 tokens are read.",)), arrays

    inspector.replies[ShowGates] = noted
    lab.focus.lock(text="something long")
    qtbot.waitUntil(lambda: "first 9 of 20" in view._parts._notes.text())
    lab.focus.lock(text="!")
    qtbot.waitUntil(lambda: view._parts._notes.text() == "Type some text.")
    assert view._parts._stack.currentIndex() == 1


def test_that_an_empty_view_says_what_will_appear(qtbot):
    view = GatesView(make_lab()[0])
    qtbot.addWidget(view)
    assert "LSTM, GRU or RNN" in view._parts._empty._sentence.text()


def test_that_the_numbers_of_each_page_are_exported(lab_view):
    view, _, lab, _ = lab_view
    lab.focus.lock(unit=2)
    widths = {}
    for page in ("raster", "unit", "saturation", "flow"):
        view._parts.modes.choose(page)
        table = view._table()
        rows = list(table.rows)
        assert all(len(row) == len(table.columns) for row in rows)
        widths[page] = len(rows)
    assert widths == {"raster": UNITS * 9, "unit": 9, "saturation": UNITS, "flow": 9}


def test_that_a_large_raster_makes_each_lanes_picture_once_however_often_it_is_painted(qtbot, tmp_path, monkeypatch):
    tokens = tuple("abcde" * 200)
    arrays = {key: value.astype(np.float16) for key, value in lstm_arrays(1000, units=650).items()}
    view, *_ = shown_view(qtbot, tmp_path)
    gates = read(arrays, tokens=tokens)
    image = QImage(view.size(), QImage.Format.Format_RGB32)
    picture = Mock(wraps=_gates_colours.picture)
    monkeypatch.setattr(_gates_colours, "picture", picture)
    view._on_gates_arrived(gates)
    for _ in range(3):
        view.render(image)
    made = [call.args[0].shape for call in picture.call_args_list]
    assert len(made) == len(gates.lanes)
    # Pooled to what the view has pixels for, not 650 units by 1,000 tokens.
    assert max(rows * columns for rows, columns in made) <= view.width() * view.height()


@pytest.mark.parametrize("page", PAGES)
def test_that_the_smallest_window_holds_every_page_with_all_that_can_stand_over_it(qtbot, tmp_path, page):
    theme().use("dark")  # with the style sheet everything is larger
    arrays = lstm_arrays(len(TOKENS), directions=2)
    view, _, lab, inspector = shown_view(qtbot, tmp_path, size=(730, 470), arrays=arrays)
    inspector.replies[ShowGradientFlow] = flow
    lab.clamps.set(tuple(Clamp(layer=1, direction=1, signal="f", unit=unit, value=1.0) for unit in range(5)))
    view._parts.spinner.show()
    view._parts.next_text.show()
    view._parts.say_notes("Only the first 24 of 95 tokens are read. " * 3)
    view._parts.modes.choose(page)
    view.redraw()
    assert view.minimumSizeHint().width() <= 730
    assert view.minimumSizeHint().height() <= 470
