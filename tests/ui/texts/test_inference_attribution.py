"""What each token adds to a class, beside its probability: asked, coloured, told on hover, folded away."""

import itertools

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest

from tests.ui.texts.text_inference import WORDS, begin, train, type_into
from ui.panels.inference_attribution_words import strongest_words
from ui.widgets.panel_scroll import PanelScroll
from workers.protocol import Clamp

pytestmark = pytest.mark.usefixtures("themed")


def tell(qtbot, panel, lab, text="haus"):
    train(qtbot, lab, WORDS)
    type_into(qtbot, panel, text)
    qtbot.waitUntil(lambda: len(panel.attribution.table()) == len(text))


def plain(told):
    """Without what keeps directions apart."""
    return told.replace("\u2068", "").replace("\u2069", "")


def click_class(panel, row):
    bars = panel.result._bars
    QTest.mouseClick(bars, Qt.MouseButton.LeftButton, pos=bars.row_rect(row).center().toPoint())


def test_that_each_letter_stands_on_the_colour_of_what_it_adds(qtbot, panel, lab):
    tell(qtbot, panel, lab)
    shown = panel.attribution
    assert shown.table() == [("h", 0.5), ("a", 0.0), ("u", -0.5), ("s", -1.0)]
    colours = [colour.name() for colour in shown.text._colours]
    assert len(colours) == len(set(colours)) == 4
    picture = shown.text.grab().toImage()
    ratio = picture.devicePixelRatio()
    corners = [shown.text.token_rect(k).topLeft() * ratio for k in (0, 3)]
    assert [picture.pixelColor(corner.toPoint() + QPoint(0, 1)).name() for corner in corners] == [
        colours[0],
        colours[3],
    ]
    assert shown.legend.accessibleName() == "Colours from −1 to +1"


def test_that_the_pointer_is_told_the_exact_value(qtbot, panel, lab):
    tell(qtbot, panel, lab)
    shown = panel.attribution
    assert plain(shown.readout.text()) == "“h” speaks most for German (+0.500), “s” most against it (−1)."
    QTest.mouseMove(shown.text, shown.text.token_rect(2).center().toPoint())
    wanted = "“u” speaks against German: it takes 0.500 from its score."
    qtbot.waitUntil(lambda: plain(shown.readout.text()) == wanted)


def test_that_the_contributions_are_told_to_add_up_to_the_difference_that_they_explain(qtbot, panel, lab):
    tell(qtbot, panel, lab)
    told = panel.attribution.complete.text()
    assert told == "Together they take the score from 3.50 (padding alone) to 2.50."
    assert "add up to what the text changes of it, here to −1 (completeness)" in panel.attribution.complete.toolTip()
    assert "16 points" in panel.attribution.complete.toolTip()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ((0.5, 0.25), "“a” speaks most for Dutch (+0.500), none against it."),
        ((-0.5, 0.0), "“a” speaks most against Dutch (−0.500), none for it."),
        ((0.0, 0.0), "No token speaks for Dutch or against it."),
    ],
)
def test_that_it_is_said_where_no_token_speaks_for_a_class_or_against_it(values, said):
    assert plain(strongest_words(("a", "b"), np.array(values, dtype=np.float32), of_class="Dutch")) == said


def test_that_picture_and_numbers_are_taken_out_as_of_every_view(qtbot, panel, lab, tmp_path):
    tell(qtbot, panel, lab)
    export = panel.attribution.export
    export.copy_table()
    assert QGuiApplication.clipboard().text().splitlines()[:2] == ["place,token,contribution,class", "1,h,0.5,German"]
    export.copy_picture()
    margin = QSize(24, 24)
    assert QGuiApplication.clipboard().image().size() == (panel.attribution._picture.size() + margin) * 2
    for kind, begins in (("png", b"\x89PNG"), ("svg", b"<?xml"), ("csv", b"place,")):
        path = tmp_path / f"attribution.{kind}"
        export.save(path, kind)
        qtbot.waitUntil(path.exists)
        assert path.read_bytes().startswith(begins)


def test_that_a_click_on_a_class_asks_for_its_own_and_a_second_lets_go(qtbot, panel, lab):
    tell(qtbot, panel, lab)
    click_class(panel, 1)
    assert lab.inspector.attributions()[-1].of_class == "Dutch"
    assert "for Dutch" in panel.attribution.readout.text()
    assert panel.result._bars._marked == 1
    assert panel.text.text() == "haus"
    click_class(panel, 1)
    assert lab.inspector.attributions()[-1].of_class is None
    assert panel.result._bars._marked is None


def test_that_folded_away_it_asks_nothing_and_asks_when_unfolded(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    panel.attribution.heading.click()
    type_into(qtbot, panel, "haus")
    assert lab.inspector.attributions() == []
    assert not panel.attribution.text.isVisible()
    panel.attribution.heading.click()
    qtbot.waitUntil(lambda: len(panel.attribution.table()) == 4)
    assert panel.attribution.text.isVisible()


def test_that_newer_weights_wait_for_the_answer_under_way_and_another_text_does_not(qtbot, panel, lab):
    lab.inspector.attributes_at_once = False
    run = train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "ha")
    qtbot.waitUntil(lambda: lab.inspector.attributions() and lab.inspector.attributions()[-1].text == "ha")
    count, first = len(lab.inspector.attributions()), lab.inspector.attribute
    run.published_step = 41
    panel.asking.ask_soon()
    qtbot.wait(60)
    assert len(lab.inspector.attributions()) == count
    QTest.keyClicks(panel.text.field, "us")
    qtbot.waitUntil(lambda: lab.inspector.attributions()[-1].text == "haus")
    first()  # about a text that is no longer there
    assert panel.attribution.table() == []
    lab.inspector.attribute()
    assert len(panel.attribution.table()) == 4


def test_that_the_answer_under_way_is_shown_though_newer_weights_came_meanwhile(qtbot, panel, lab):
    lab.inspector.attributes_at_once = False
    run = train(qtbot, lab, WORDS)
    type_into(qtbot, panel, "ha")
    qtbot.waitUntil(lambda: len(lab.inspector.attributions()) == 1)
    predicted = len(lab.inspector.predictions())
    run.published_step = 41
    panel.asking.ask_soon()
    qtbot.waitUntil(lambda: len(lab.inspector.predictions()) > predicted)
    lab.inspector.attribute()
    assert [token for token, _ in panel.attribution.table()] == ["h", "a"]
    assert not panel.attribution._spinner.isVisible()


def test_that_what_was_of_another_text_goes_when_the_answer_is_overdue(qtbot, panel, lab):
    tell(qtbot, panel, lab, "ha")
    lab.inspector.attributes_at_once = False
    QTest.keyClicks(panel.text.field, "us")
    qtbot.waitUntil(panel.attribution._spinner.isVisible)
    assert panel.attribution.table() == []
    assert panel.attribution._hint.isVisible()
    lab.inspector.attribute()
    assert len(panel.attribution.table()) == 4


def test_that_without_a_text_nothing_is_left_and_what_is_held_goes_with_the_question(qtbot, panel, lab):
    tell(qtbot, panel, lab)
    panel.text.clear()
    assert panel.attribution.table() == []
    assert panel.attribution._hint.isVisible()
    lab.clamps.set((Clamp(layer=0, signal="c", value=0.0),))
    type_into(qtbot, panel, "ha")
    qtbot.waitUntil(lambda: lab.inspector.attributions()[-1].clamps == lab.clamps.value)


def test_that_what_is_left_unexplained_is_said(qtbot, panel, lab, monkeypatch):
    honest = lab.inspector._attributed

    def with_residual(request):
        header, arrays = honest(request)
        return msgspec.structs.replace(header, residual=0.75), arrays

    monkeypatch.setattr(lab.inspector, "_attributed", with_residual)
    tell(qtbot, panel, lab)
    assert panel.attribution._problem.text().startswith("+0.750 of the score is left unexplained")
    assert np.isclose(sum(value for _, value in panel.attribution.table()), -1.0)


def test_that_a_language_model_has_none(qtbot, panel, lab):
    begin(qtbot, panel, lab)
    assert not panel.attribution.isVisible()
    assert lab.inspector.attributions() == []


def test_that_a_long_text_takes_the_room_there_is_and_lies_over_nothing(qtbot, panel, lab):
    shown = panel.attribution
    scroll = PanelScroll(panel)
    qtbot.addWidget(scroll)
    scroll.resize(280, 1500)
    scroll.show()
    tell(qtbot, panel, lab, "a" * 60)
    whole = shown._scroll.verticalScrollBar()
    qtbot.waitUntil(lambda: shown.text.height() > 2 * shown.text.fontMetrics().height())
    qtbot.waitUntil(lambda: whole.maximum() == 0)  # all of it is seen
    panel.text.clear()
    type_into(qtbot, panel, "b " * 300)
    qtbot.waitUntil(lambda: len(shown.table()) == 600)
    qtbot.waitUntil(lambda: scroll.verticalScrollBar().maximum() == whole.maximum() == 0)
    qtbot.waitUntil(lambda: shown._scroll.height() > 15 * shown.text.fontMetrics().height())  # the room below is used
    panel.text.field.set_lines(3, 7)
    scroll.resize(280, 420)
    qtbot.waitUntil(lambda: whole.maximum() > 0 and scroll.verticalScrollBar().maximum() > 0)
    parts = (shown._scroll, shown.readout, shown.complete)
    pairs = list(itertools.pairwise(parts))
    qtbot.waitUntil(lambda: panel.height() == panel.heightForWidth(panel.width()))
    qtbot.waitUntil(lambda: all(above.geometry().bottom() < below.geometry().top() for above, below in pairs))
    qtbot.waitUntil(lambda: shown.height() >= shown.heightForWidth(shown.width()))
    scroll.takeWidget()


def test_that_a_problem_stands_alone_in_its_place(qtbot, panel, lab):
    train(qtbot, lab, WORDS)
    panel.attribution._say("While signals are held, this cannot be told; let go of them.")
    assert not panel.attribution._hint.isVisible()


def test_that_a_token_the_model_does_not_know_is_what_was_typed_and_muted(qtbot, panel, lab, monkeypatch):
    honest = lab.inspector._attributed

    def with_unknown(request):
        header, arrays = honest(request)
        tokens = tuple("\ufffd" if token == "x" else token for token in header.tokens)
        return msgspec.structs.replace(header, tokens=tokens, unknown={2: "x"}), arrays

    monkeypatch.setattr(lab.inspector, "_attributed", with_unknown)
    tell(qtbot, panel, lab, "axk")
    assert [token for token, _ in panel.attribution.table()] == ["a", "x", "k"]
    assert panel.attribution.text._tokens == ("a", "x", "k")
    assert panel.attribution.text._faint == frozenset({1})
