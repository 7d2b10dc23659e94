"""What the attention view says in words: jargon on hover, labels left out, heads that look at all alike, A and B."""

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.ui.views.attention_fakes import block, shown_view
from ui.theme import theme
from ui.views._attention_tables import matrix_table
from ui.views._attention_words import STATISTICS, statistic_help
from workers.protocol import AttentionHeader, HeadScale, ShowAttention


@pytest.mark.parametrize("name", STATISTICS)
def test_that_a_statistic_says_what_it_is_and_how_it_is_computed(name):
    assert "mean over" in statistic_help(name), "each is a mean, and says of what"


def test_that_every_choice_of_scale_and_heads_explains_itself(qtbot):
    view, *_ = shown_view(qtbot, pretrained="bert")
    parts = view._parts
    told = {
        box.itemData(k): box.itemData(k, Qt.ItemDataRole.ToolTipRole)
        for box in (parts.overs, parts.scales)
        for k in range(box.count())
    }
    assert "(A + I) / 2" in told["rollout"]
    assert "√(a / full)" in told["sqrt"]
    assert all(told.values())
    assert "softmax" in parts.legend.toolTip()
    assert "validation texts" in parts.next_text.toolTip()


def test_that_labels_that_are_left_out_are_counted_and_come_back_with_room(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path)
    assert "are named" not in view._parts.readout.text()
    lab.focus.lock(text="abcdefghijklmnopqrst" * 5)
    qtbot.waitUntil(lambda: len(view._attention.blocks[0].header.keys) == 100)
    matrix = view._parts.matrix
    assert "1 in 5 of 100 queries" in view._parts.readout.text()
    assert "keys" in view._parts.readout.text()
    for _ in range(14):
        matrix._rows = matrix._rows.zoomed(0.8, about=50)
        matrix._columns = matrix._columns.zoomed(0.8, about=50)
    matrix._tell_labels()
    assert "are named" not in view._parts.readout.text()


def test_that_heads_that_look_at_everything_alike_are_said_to(qtbot, tmp_path, monkeypatch):
    view, lab, inspector = shown_view(qtbot, tmp_path)
    assert "uniform" not in view._parts.readout.text()

    def even(request):
        letters = tuple(request.text or "abcdef")
        one, arrays = block(kind="decoder", queries=letters, keys=letters, special=())
        mean = float(np.log(np.arange(1, len(letters) + 1)).mean())
        one = msgspec.structs.replace(one, statistics={"entropy": ((0.99 * mean,) * 4,) * 3})
        return AttentionHeader(step=0, blocks=(one,)), arrays

    inspector.replies[ShowAttention] = even
    lab.focus.lock(text="abcd")
    qtbot.waitUntil(lambda: len(view._attention.blocks[0].header.keys) == 4)
    mean = np.log([1, 2, 3, 4]).mean()
    wanted = f"nearly uniform over all heads: mean entropy {0.99 * mean:.2f} of at most {mean:.2f} nats"
    assert view._parts.readout.text().endswith(wanted)
    assert not view._parts._notes.isVisible()


def test_that_heads_that_are_subtracted_are_named_a_and_b_where_they_are_seen(qtbot):
    view, *_ = shown_view(qtbot, pretrained="bert")
    atlas = view._parts.atlas
    before = atlas.grab().toImage()
    QTest.mouseClick(
        atlas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ShiftModifier, atlas.tile_rect(2, 1).center().toPoint()
    )
    QTest.mouseMove(view._parts.matrix, QPoint(1, 1))
    assert view._parts.readout.text().startswith("A layer 0 · head 0 − B layer 2 · head 1")
    assert view._parts.legend.scales()[0].caption == "A − B"
    ratio = before.devicePixelRatio()
    for head in ((0, 0), (2, 1)):
        corner = (atlas.tile_rect(*head).topLeft() + QPointF(2, 2)) * ratio
        assert atlas.grab().toImage().pixelColor(corner.toPoint()).name() == theme().colour("panel").name()


def test_that_the_numbers_of_a_translator_tell_which_token_is_written(qtbot):
    view, *_ = shown_view(qtbot, pretrained="translator")
    attention = view._attention
    table = matrix_table(attention, view._place, "head")
    assert table.columns[:5] == ("layer", "head", "query", "query_token", "writes")
    rows = list(table.rows)
    assert rows[0][2:7] == (1, "[BEGIN]", "the", 1, "die")
    assert rows[-1][2:7] == (3, "cat", "", 2, "katze")


def test_that_a_token_that_a_language_model_has_written_is_named_by_what_follows_from_it(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path)
    view._parts.modes.choose("text")
    lab.focus.lock(text="abc", token=2)
    qtbot.waitUntil(lambda: view._parts.text._title.text().startswith("“c” looks at"))
    lab.focus.lock(written=(7, 8, 9), token=2)
    qtbot.waitUntil(lambda: view._parts.text._title.text().startswith("Deciding what follows “j”, it looks at"))
    assert "deciding what follows “j” → " in view._parts.readout.text()
    lab.focus.lock(token=1)
    assert view._parts.text._title.text().startswith("Writing “j”, after “i”, it looks at")


def test_that_notes_of_any_length_take_two_lines_and_are_told_whole_on_hover(qtbot, tmp_path):
    view, *_ = shown_view(qtbot, tmp_path)
    notes, said = view._parts._notes, "Only the first 48 of 3,300 tokens are read. " * 20
    view._parts.say_notes(said)
    qtbot.waitUntil(lambda: notes.height() >= 2 * notes.fontMetrics().lineSpacing())
    assert len(notes.lines()) == 2
    assert notes.lines()[1].endswith("…")
    assert said.strip() in notes.toolTip()


def test_that_arcs_without_the_special_tokens_say_what_they_are_nine_tenths_of(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="bert")
    view._parts.modes.choose("arcs")
    assert view._parts.readout.text().startswith("layer 0 · head 0  ·  tokens 1 to ")
    assert "of what is left" not in view._parts.readout.text()
    view._parts.hide.click()
    assert "90 % of what is left of each token's attention" in view._parts.readout.text()
    lab.focus.lock(token=2)
    assert "[SEP]" not in view._parts.readout.text()
    drawn = {key: share for _, key, share in view._parts.arcs.lines()}
    exact = view._attention.blocks[0].exact(view._place.layer, view._place.head, query=2)
    assert drawn
    assert all(share == pytest.approx(float(exact[key]), abs=1e-6) for key, share in drawn.items())


def test_that_heads_are_compared_by_ctrl_and_by_the_menu_too(qtbot):
    view, *_ = shown_view(qtbot, pretrained="bert")
    atlas = view._parts.atlas
    spot = atlas.tile_rect(2, 1).center().toPoint()
    QTest.mouseClick(atlas, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.ControlModifier, spot)
    assert view._rival == (2, 1)
    view._holding.open_head_menu(1, 3, atlas.mapToGlobal(spot))
    menu = view._holding.menu
    next(one for one in menu.actions() if one.text().startswith("Compare with")).trigger()
    menu.close()
    assert view._rival == (1, 3)


def test_that_the_choices_of_a_translator_are_one_line_in_a_small_window(qtbot):
    view, *_ = shown_view(qtbot, pretrained="translator")
    view.resize(656, 500)
    modes, button = view._parts.modes, view._parts.next_text
    button.show()
    qtbot.waitUntil(lambda: button.x() > view._parts.kinds.x())
    assert abs(button.geometry().center().y() - modes.geometry().center().y()) <= 2


def test_that_the_pictures_of_a_translator_stay_where_they_are_as_interventions_come(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="translator")
    view._parts.next_text.show()
    view.resize(656, 500)
    qtbot.waitUntil(lambda: view.width() == 656)
    top = view._parts.matrix.mapTo(view, view._parts.matrix.rect().topLeft())
    lab.clamps.set((HeadScale(module="layer.0", head=0, factor=0.0, kind="cross"),))
    qtbot.waitUntil(view._parts.clamps.isVisible)
    assert view._parts.matrix.mapTo(view, view._parts.matrix.rect().topLeft()) == top
