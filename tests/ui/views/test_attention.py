"""The attention view by clicks and keys: atlas, matrix, text, arcs and products."""

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest

from tests.ui.views.attention_fakes import shown_view
from tests.ui.views.fake_lab import is_blank
from ui.theme import theme
from ui.views._attention_data import SHARES
from ui.views._look_source import SENTENCE
from ui.widgets.buttons import QuietButton
from workers.protocol import ShowAttention

PAGES = ["atlas", "text", "arcs", "product"]


@pytest.fixture
def bert(qtbot):
    return shown_view(qtbot, pretrained="bert")


def click(widget, point, *, shift=False):
    modifier = Qt.KeyboardModifier.ShiftModifier if shift else Qt.KeyboardModifier.NoModifier
    QTest.mouseClick(widget, Qt.MouseButton.LeftButton, modifier, QPointF(point).toPoint())


@pytest.mark.parametrize("name", ["dark", "light"])
@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("model", ["bert", "translator"])
def test_that_every_page_is_drawn_in_both_themes(qtbot, name, page, model):
    view, lab, _ = shown_view(qtbot, pretrained=model)
    theme().use(name)
    click(view._parts.matrix, view._parts.matrix.cell_rect(1, 1).center())
    lab.focus.lock(layer=1, head=2)
    view._parts.modes.choose(page)
    assert not is_blank(view._parts._pages.currentWidget())
    if page == "product":
        assert len(view._parts.product.order) == 8


def test_that_a_click_in_the_atlas_looks_at_that_head(bert):
    view, lab, _ = bert
    click(view._parts.atlas, view._parts.atlas.tile_rect(2, 3).center())
    assert (lab.focus.value.layer, lab.focus.value.head) == (2, 3)
    np.testing.assert_array_equal(view._parts.matrix._shown.shares, view._attention.blocks[0].picture[2, 3])


def test_that_pointing_at_a_tile_tells_what_its_head_is_like(bert):
    view, *_ = bert
    QTest.mouseMove(view._parts.atlas, view._parts.atlas.tile_rect(1, 2).center().toPoint())
    entropy = view._attention.blocks[0].statistic("entropy", 1, 2)
    assert "layer 1 · head 2" in view._parts.readout.text()
    assert f"entropy {entropy:.2f} nats" in view._parts.facts.accessibleName()


def test_that_sorting_puts_the_largest_first_and_a_click_still_finds_the_head(bert):
    view, lab, _ = bert
    view._parts.sorts.setCurrentIndex(view._parts.sorts.findData("entropy"))
    one, atlas = view._attention.blocks[0], view._parts.atlas
    values = [one.statistic("entropy", 0, head) for head in atlas.order(0)]
    assert values == sorted(values, reverse=True)
    wanted = atlas.order(0)[-1]
    click(atlas, atlas.tile_rect(0, wanted).center())
    assert lab.focus.value.head == wanted


def test_that_heads_are_sorted_by_what_changed_since_a_step(qtbot, tmp_path):
    view, _, inspector = shown_view(qtbot, tmp_path)
    parts = view._parts
    view.run.checkpoint_steps = [1, 3]
    assert not parts.steps.isVisible()
    parts.sorts.setCurrentIndex(parts.sorts.findData("change"))
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].since == 1)
    assert parts.steps.isVisible()
    parts.steps.setCurrentIndex(1)
    qtbot.waitUntil(lambda: view._attention.header.since == 3)
    values = [view._attention.blocks[0].statistic("change", 0, head) for head in parts.atlas.order(0)]
    assert values == sorted(values, reverse=True)
    assert "changed by" in parts.readout.text()
    assert "since step 3" in parts.readout.text()
    parts.sorts.setCurrentIndex(0)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].since is None)
    assert not parts.steps.isVisible()


def test_that_shift_click_subtracts_a_head_and_again_no_longer(bert):
    view, *_ = bert
    atlas = view._parts.atlas
    click(atlas, atlas.tile_rect(2, 1).center(), shift=True)
    shown = view._parts.matrix._shown
    np.testing.assert_array_equal(shown.rival, view._attention.blocks[0].picture[2, 1])
    assert view._parts.legend.scales()[0].colour_map == "diverging"
    click(atlas, atlas.tile_rect(2, 1).center(), shift=True)
    assert view._parts.matrix._shown.rival is None


def test_that_hover_tells_the_exact_share(bert):
    view, *_ = bert
    matrix = view._parts.matrix
    QTest.mouseMove(matrix, matrix.cell_rect(2, 4).center().toPoint())
    exact = view._attention.blocks[0].exact(0, 0)[2, 4]
    text = view._parts.readout.text().replace("\u2068", "").replace("\u2069", "")
    assert f"“cat” → “down” {exact:.4f}" in text
    matrix.leaveEvent(None)
    assert "→" not in view._parts.readout.text()


def test_that_a_click_holds_a_cell_and_the_product_page_shows_why(bert):
    view, lab, _ = bert
    matrix = view._parts.matrix
    click(matrix, matrix.cell_rect(2, 4).center())
    assert lab.focus.value.token == 2
    view._parts.modes.choose("product")
    q, k, scale = view._attention.blocks[0].pair(0, 0, 2, 4)
    products = np.abs(q * k * scale)[view._parts.product.order]
    assert (np.diff(products) <= 0).all()
    assert not is_blank(view._parts.product)


def test_that_the_product_page_leads_to_the_matrix_where_a_cell_is_chosen(bert):
    view, *_ = bert
    view._parts.modes.choose("product")
    nothing = view._parts.product.nothing
    assert nothing.isVisible()
    QTest.mouseClick(nothing.findChild(QuietButton), Qt.MouseButton.LeftButton)
    matrix = view._parts.matrix
    assert matrix.isVisible()
    click(matrix, matrix.cell_rect(2, 4).center())
    view._parts.modes.choose("product")
    assert not nothing.isVisible()


def test_that_what_lies_ahead_is_hatched_not_zero(qtbot, tmp_path):
    view, *_ = shown_view(qtbot, tmp_path)
    matrix = view._parts.matrix
    assert matrix._image(matrix._shown, 1, 1).pixelColor(5, 0).alpha() == 0
    assert matrix._image(matrix._shown, 1, 1).pixelColor(0, 5).alpha() == 255
    QTest.mouseMove(matrix, matrix.cell_rect(0, 5).center().toPoint())
    assert "may not be looked at" in view._parts.readout.text()


def test_that_special_tokens_can_be_hidden_and_the_colours_spread(bert):
    view, *_ = bert
    view._parts.overs.setCurrentIndex(1)  # of the mean no token takes nearly all
    QTest.mouseClick(view._parts.hide, Qt.MouseButton.LeftButton)
    matrix = view._parts.matrix
    image = matrix._image(matrix._shown, 1, 1)
    assert [image.pixelColor(key, 2).alpha() for key in range(6)] == [0, 255, 255, 255, 255, 0]
    rest = SHARES[matrix._shown.shares[:, 1:5]].max()
    assert rest * 0.98 <= matrix._shown.high < 1
    assert view._parts.legend.scales()[0].high == f"{matrix._shown.high:g}"


def test_that_a_click_on_a_strip_shows_a_token_alone_and_shift_adds_one(bert):
    view, *_ = bert
    matrix = view._parts.matrix
    sides = matrix.sides()
    for row, shift in ((1, False), (3, True)):
        point = QPointF(sides.right_strip.center().x(), matrix.cell_rect(row, 0).center().y())
        click(matrix, point, shift=shift)
    assert matrix.filtered == ({1, 3}, set())
    image = matrix._image(matrix._shown, 1, 1)
    assert [image.pixelColor(2, row).alpha() for row in range(6)] == [0, 255, 0, 255, 0, 0]
    told = view._parts.readout.text().replace("\u2068", "").replace("\u2069", "")
    assert "Only “the”, “sat” shown" in told
    click(matrix, QPointF(2, matrix.height() - 2))
    assert matrix.filtered == (set(), set())
    assert "shown" not in view._parts.readout.text()


def test_that_tokens_shown_alone_are_named_however_little_room_there_is(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path)
    lab.focus.lock(text="abcdefghijklmnopqrst" * 5)
    qtbot.waitUntil(lambda: len(view._attention.blocks[0].header.keys) == 100)
    matrix = view._parts.matrix
    click(matrix, QPointF(matrix.sides().right_strip.center().x(), matrix.cell_rect(33, 0).center().y()))
    assert matrix.filtered == ({33}, set())
    cell = matrix.sides().cells.height() / matrix._rows.length
    assert 33 not in matrix._row_labels.visible(matrix._rows, cell=cell)
    assert 33 in matrix._row_labels._with({None, 33}, matrix._rows, cell, is_top=False)


def test_that_the_wheel_zooms_about_the_pointer_and_a_drag_moves(bert, qtbot):
    view, *_ = bert
    matrix = view._parts.matrix
    before = matrix.cell_rect(2, 2).width()
    at = matrix.cell_rect(2, 2).center()
    wheel(matrix, at, 120)
    assert matrix.cell_rect(2, 2).width() > before * 1.1
    assert matrix.cell_at(at) == (2, 2)
    first = matrix._columns.first
    QTest.mousePress(matrix, Qt.MouseButton.LeftButton, pos=at.toPoint())
    drag(matrix, at, QPointF(at.x() - 30, at.y()))
    QTest.mouseRelease(matrix, Qt.MouseButton.LeftButton, pos=QPoint(int(at.x()) - 30, int(at.y())))
    assert matrix._columns.first > first


def test_that_the_text_is_coloured_by_the_token_pointed_at(bert):
    view, lab, _ = bert
    view._parts.modes.choose("text")
    text = view._parts.text.text
    QTest.mouseMove(text, text.token_rect(2).center().toPoint())
    assert lab.focus.value.token == 2
    colours = text._colours
    strongest = int(view._attention.blocks[0].exact(0, 0, query=2).argmax())
    panel = theme().colour("panel")
    apart = [abs(colour.red() - panel.red()) + abs(colour.green() - panel.green()) for colour in colours]
    assert int(np.argmax(apart)) == strongest


def test_that_a_long_text_has_the_room_that_there_is(qtbot, tmp_path):
    view, lab, _ = shown_view(qtbot, tmp_path)
    view._parts.modes.choose("text")
    lab.focus.lock(text="the cat sat on the mat " * 24)
    text = view._parts.text
    qtbot.waitUntil(lambda: len(text.text._tokens) == 24 * 23)
    qtbot.waitUntil(lambda: text._scroll.height() > 80)
    assert text._scroll.verticalScrollBar().maximum() == 0


def test_that_patches_show_where_the_class_token_looks_and_a_click_holds_a_patch(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="patches")
    view._parts.modes.choose("text")
    patches = view._parts.patches
    assert patches.isVisible()
    one = view._attention.blocks[0]
    np.testing.assert_allclose(patches._shares, one.exact(0, 0, query=0))
    for side in (0, 1):
        click(patches, patches.patch_rect(3, side=side).center())
        assert lab.focus.value.token == 3
    np.testing.assert_allclose(patches._shares, one.exact(0, 0, query=3))
    assert "row 1, column 0" in patches._title
    assert not is_blank(patches)


def test_that_arcs_of_a_token_are_its_own_and_few(bert):
    view, lab, _ = bert
    view._parts.modes.choose("arcs")
    arcs = view._parts.arcs
    everything = len(arcs.lines())
    click(arcs, arcs.row_rect(3, is_key=False).center())
    assert lab.focus.value.token == 3
    lines = arcs.lines()
    assert {query for query, _, _ in lines} == {3}
    assert sum(share for _, _, share in lines) >= 0.89
    assert len(lines) < everything


def test_that_keys_walk_through_layers_heads_and_tokens(bert):
    view, lab, _ = bert
    for key in (Qt.Key.Key_BracketRight, Qt.Key.Key_Period, Qt.Key.Key_Period, Qt.Key.Key_Down, Qt.Key.Key_Down):
        QTest.keyClick(view, key)
    focus = lab.focus.value
    assert (focus.layer, focus.head, focus.token) == (1, 2, 1)
    for key in (Qt.Key.Key_BracketLeft, Qt.Key.Key_BracketLeft, Qt.Key.Key_Comma, Qt.Key.Key_Up):
        QTest.keyClick(view, key)
    focus = lab.focus.value
    assert (focus.layer, focus.head, focus.token) == (0, 1, 0)


def test_that_letting_go_ends_a_comparison_and_a_held_cell_but_not_the_model(bert):
    view, lab, _ = bert
    click(view._parts.matrix, view._parts.matrix.cell_rect(2, 4).center())
    click(view._parts.atlas, view._parts.atlas.tile_rect(2, 1).center(), shift=True)
    assert view._parts.matrix._shown.rival is not None
    lab.focus.unlock()
    assert view._parts.matrix._shown.rival is None
    assert view._place.key is None
    assert lab.focus.value.token is None
    assert lab.focus.value.pretrained == "bert"


def test_that_keys_are_the_views_after_a_click_on_any_page(bert):
    view, lab, _ = bert
    parts = view._parts
    parts.text_field.setFocus()
    for page, widget, at in (
        ("atlas", parts.atlas, lambda: parts.atlas.tile_rect(0, 0).center()),
        ("arcs", parts.arcs, lambda: parts.arcs.row_rect(2, is_key=False).center()),
    ):
        parts.modes.choose(page)
        click(widget, at())
        assert widget.focusPolicy() == Qt.FocusPolicy.StrongFocus
        before = lab.focus.value.layer or 0
        QTest.keyClick(widget, Qt.Key.Key_BracketRight)
        assert lab.focus.value.layer == before + 1
    assert parts.text_field.text() == SENTENCE


@pytest.mark.parametrize("page", PAGES)
def test_that_a_click_is_drawn_once(bert, page, monkeypatch):
    view, lab, _ = bert
    view._parts.modes.choose(page)
    drawn = []
    write = view._write_foot

    def counted(*about):
        drawn.append(about)
        write(*about)

    monkeypatch.setattr(view, "_write_foot", counted)
    lab.focus.lock(token=3)
    assert len(drawn) == 1
    view._redraw_if_seen()
    assert len(drawn) == 1


def test_that_the_log_scale_colours_the_text_otherwise(bert):
    view, lab, _ = bert
    view._parts.modes.choose("text")
    lab.focus.lock(token=2)
    root = list(view._parts.text.text._colours)
    view._parts.scales.setCurrentIndex(2)
    assert view._parts.scale() == "log"
    assert view._parts.text.text._colours != root


def test_that_a_translator_shows_cross_attention_first_and_the_others_on_demand(qtbot):
    view, *_ = shown_view(qtbot, pretrained="translator")
    assert view._parts.kinds.isVisible()
    assert view._parts.matrix._shown.queries == ("[BEGIN]", "the", "cat")
    assert view._parts.matrix._shown.keys == ("die", "katze")
    view._parts.kinds.choose("encoder")
    assert view._parts.matrix._shown.queries == ("die", "katze")


def test_that_a_row_of_a_translator_tells_what_it_writes_and_after_what(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="translator")
    matrix = view._parts.matrix
    assert matrix._shown.rows == ("[BEGIN] → the", "the → cat", "cat → …")
    QTest.mouseMove(matrix, matrix.cell_rect(0, 1).center().toPoint())
    told = view._parts.readout.text().replace("\u2068", "").replace("\u2069", "")
    assert "writing “the”, after “[BEGIN]” → “katze”" in told
    view._parts.modes.choose("arcs")
    assert view._parts.arcs._queries == matrix._shown.rows
    view._parts.modes.choose("text")
    lab.focus.lock(token=1)
    assert view._parts.text._title.text().startswith("Writing “cat”, after “the”, it looks at")
    view._parts.kinds.choose("encoder")
    view._parts.modes.choose("atlas")
    assert matrix._shown.rows == ()


def wheel(widget, at, degrees):
    from PySide6.QtGui import QWheelEvent
    from PySide6.QtWidgets import QApplication

    event = QWheelEvent(
        at, widget.mapToGlobal(at), QPoint(), QPoint(0, degrees), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(widget, event)


def drag(widget, start, end):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    for share in (0.5, 1.0):
        at = start + (end - start) * share
        left = Qt.MouseButton.LeftButton
        event = QMouseEvent(
            QEvent.Type.MouseMove, at, widget.mapToGlobal(at), left, left, Qt.KeyboardModifier.NoModifier
        )
        QApplication.sendEvent(widget, event)


def test_that_pages_without_an_atlas_have_lists_of_layers_and_heads_that_agree_with_it(bert):
    view, lab, _ = bert
    parts = view._parts
    assert not parts.heads.isVisible()
    click(parts.atlas, parts.atlas.tile_rect(1, 2).center())
    for page in ("text", "arcs", "product"):
        parts.modes.choose(page)
        assert parts.heads.isVisible()
        assert parts.heads.value() == (1, 2)
    parts.modes.choose("arcs")
    parts.heads.heads.setFocus()
    QTest.keyClick(parts.heads.heads, Qt.Key.Key_Down)
    assert (lab.focus.value.layer, lab.focus.value.head) == (1, 3)
    np.testing.assert_allclose(parts.arcs._shares, view._attention.blocks[0].all_shares(1, 3), atol=1e-6)
    parts.overs.setCurrentIndex(parts.overs.findData("mean"))
    assert parts.heads.layers.isVisible()
    assert not parts.heads.heads.isVisible()
    parts.heads.layers.setFocus()
    QTest.keyClick(parts.heads.layers, Qt.Key.Key_Down)
    assert "layer 2 · mean of its heads" in parts.readout.text()
    parts.modes.choose("atlas")
    assert view._place.layer == 2
