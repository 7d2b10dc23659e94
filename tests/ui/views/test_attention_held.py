"""Interventions in the attention view by clicks, menus and keys, and what each page shows of them."""

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QContextMenuEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QWidget

from tests.ui.views.attention_fakes import shown_view
from ui.theme import theme
from workers.protocol import HeadScale, HiddenToken, ShowAttention

CAT = HiddenToken(place=2, token="cat")
OFF = HeadScale(module="layer.1", head=2, factor=0.0, layer=1)


@pytest.fixture
def bert(qtbot):
    view, lab, inspector = shown_view(qtbot, pretrained="bert")
    yield view, lab, inspector
    if view._holding.menu is not None:
        view._holding.menu.close()


def right_click(widget: QWidget, point: QPointF) -> None:
    at = QPointF(point).toPoint()
    event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
    QApplication.sendEvent(widget, event)


def choose(menu: QMenu | None, words: str) -> None:
    """Click the entry that begins so."""
    assert menu is not None
    (action,) = [one for one in menu.actions() if one.text().startswith(words)]
    assert action.isEnabled()
    menu.setActiveAction(action)
    QTest.mouseClick(
        menu, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, menu.actionGeometry(action).center()
    )


def test_that_a_right_click_on_a_head_switches_it_off_and_undo_lets_it_speak(bert, qtbot):
    view, lab, inspector = bert
    atlas = view._parts.atlas
    right_click(atlas, atlas.tile_rect(1, 2).center())
    choose(view._holding.menu, "Switch off\t")
    assert lab.clamps.value == (OFF,)
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].clamps == (OFF,))
    assert view._parts.clamps.isVisible()
    assert view._parts.clamps._count.text() == "1 intervention ▾"
    assert atlas._factors == {(1, 2): 0.0}
    lab.session.undo_stack.undo()
    assert lab.clamps.value == ()
    assert not view._parts.clamps.isVisible()
    qtbot.waitUntil(lambda: inspector.asked_of(ShowAttention)[-1].clamps == ())
    lab.session.undo_stack.redo()
    assert lab.clamps.value == (OFF,)


def test_that_each_head_tells_how_far_the_interventions_move_it_and_heads_are_sorted_by_that(bert, qtbot):
    view, lab, _ = bert
    parts, effect = view._parts, view._parts.sorts.findData("effect")
    assert not parts.sorts.model().item(effect).isEnabled()
    assert "No head is switched off or scaled" in parts.sorts.itemData(effect, Qt.ItemDataRole.ToolTipRole)
    lab.clamps.set((OFF,))
    qtbot.waitUntil(lambda: parts.sorts.model().item(effect).isEnabled())
    parts.sorts.setCurrentIndex(effect)
    assert [parts.atlas.order(layer) for layer in (1, 2)] == [[3, 2, 1, 0]] * 2
    lab.focus.lock(layer=2, head=3)
    qtbot.waitUntil(lambda: "the interventions move it by 0.600" in parts.readout.text())
    lab.focus.lock(layer=0, head=3)
    qtbot.waitUntil(lambda: "the interventions do not move it" in parts.readout.text())
    lab.clamps.set(())
    qtbot.waitUntil(lambda: not parts.sorts.model().item(effect).isEnabled())
    assert parts.sorts.currentIndex() == 0
    assert list(parts.atlas.order(1)) == [0, 1, 2, 3]
    assert "interventions" not in parts.readout.text()


def test_that_a_head_is_scaled_by_its_menu_and_by_the_slider_and_back_to_1(bert):
    view, lab, _ = bert
    atlas, box = view._parts.atlas, view._parts.head_box
    right_click(atlas, atlas.tile_rect(1, 2).center())
    scales = next(action.menu() for action in view._holding.menu.actions() if action.menu() is not None)
    scales.actions()[1].trigger()
    assert [one.factor for one in lab.clamps.value] == [0.5]
    view._holding.menu.close()
    lab.focus.lock(layer=1, head=2)
    assert box.value() == 0.5
    box.slider.setValue(40)
    QTest.mouseClick(box.scale, Qt.MouseButton.LeftButton)
    assert [one.factor for one in lab.clamps.value] == [2.0]
    box.slider.setValue(20)
    QTest.mouseClick(box.scale, Qt.MouseButton.LeftButton)
    assert lab.clamps.value == ()


def test_that_all_other_heads_of_a_layer_are_switched_off_as_one_step(bert):
    view, lab, _ = bert
    atlas = view._parts.atlas
    right_click(atlas, atlas.tile_rect(0, 3).center())
    choose(view._holding.menu, "Switch off all others")
    assert [(one.layer, one.head) for one in lab.clamps.value] == [(0, 0), (0, 1), (0, 2)]
    lab.session.undo_stack.undo()
    assert lab.clamps.value == ()


def test_that_x_switches_the_head_looked_at_off_and_on(bert):
    view, lab, _ = bert
    lab.focus.lock(layer=1, head=2)
    view._parts.atlas.setFocus()
    QTest.keyClick(view._parts.atlas, Qt.Key.Key_X)
    assert lab.clamps.value == (OFF,)
    assert view._parts.head_box.off.text() == "Switch on"
    QTest.keyClick(view._parts.atlas, Qt.Key.Key_X)
    assert lab.clamps.value == ()


@pytest.mark.parametrize("page", ["matrix", "text", "arcs"])
def test_that_a_right_click_on_a_token_hides_it_wherever_it_stands(bert, page):
    view, lab, _ = bert
    parts = view._parts
    parts.modes.choose({"matrix": "atlas"}.get(page, page))
    if page == "matrix":
        sides, cell = parts.matrix.sides(), parts.matrix.cell_rect(0, 2)
        widget, point = parts.matrix, QPointF(cell.center().x(), sides.top.bottom() - 4)
    elif page == "text":
        widget, point = parts.text.text, parts.text.text.token_rect(2).center()
    else:
        widget, point = parts.arcs, parts.arcs.row_rect(2, is_key=True).center()
    right_click(widget, point)
    choose(view._holding.menu, "Hide it from every head")
    assert lab.clamps.value == (CAT,)
    assert parts.matrix._struck == (frozenset({2}), frozenset({2}))
    assert parts.text.text._struck == frozenset({2})
    right_click(widget, point)
    choose(view._holding.menu, "Show it again")
    assert lab.clamps.value == ()


def test_that_m_hides_the_token_held_and_asks_for_one_where_none_is(bert, qtbot):
    view, lab, _ = bert
    matrix = view._parts.matrix
    with qtbot.waitSignal(lab.session.said):
        QTest.keyClick(matrix, Qt.Key.Key_M)
    lab.focus.lock(token=2)
    QTest.keyClick(matrix, Qt.Key.Key_M)
    assert lab.clamps.value == (CAT,)


def test_that_a_patch_is_hidden_by_a_right_click(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="patches")
    view._parts.modes.choose("text")
    patches = view._parts.patches
    before = patches.grab().toImage()
    right_click(patches, patches.patch_rect(3).center())
    choose(view._holding.menu, "Hide it")
    assert lab.clamps.value == (HiddenToken(place=3, token="1,0"),)
    assert patches.grab().toImage() != before


def test_that_a_translators_source_is_hidden_in_the_encoder_and_across_and_its_own_words_never(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="translator")
    parts = view._parts
    right_click(parts.matrix, parts.matrix.cell_rect(0, 1).center())
    choose(view._holding.menu, "Hide it")
    assert lab.clamps.value == (HiddenToken(place=1, token="katze"),)
    assert parts.matrix._struck == (frozenset(), frozenset({1}))
    parts.kinds.choose("encoder")
    assert parts.matrix._struck == (frozenset({1}), frozenset({1}))
    parts.kinds.choose("decoder")
    assert parts.matrix._struck == (frozenset(), frozenset())
    right_click(parts.matrix, parts.matrix.cell_rect(2, 1).center())
    assert [action.isEnabled() for action in view._holding.menu.actions()][2] is False
    view._holding.menu.close()
    parts.atlas.setFocus()
    QTest.keyClick(parts.atlas, Qt.Key.Key_X)
    assert lab.clamps.value[-1].kind == "decoder"


def test_that_the_bar_over_the_pictures_removes_one_and_all(bert, qtbot):
    view, lab, _ = bert
    view.resize(1200, 620)
    lab.clamps.set((OFF, CAT))
    bar = view._parts.clamps
    assert bar._count.text() == "2 interventions ▾"
    qtbot.waitUntil(lambda: bar._chips_row.count() == 3)  # two and what is left of the room
    chips = [bar._chips_row.itemAt(k).widget() for k in range(bar._chips_row.count())]
    texts = [chip.text() for chip in chips if chip is not None]
    assert texts == ["layer 1 · head 2 switched off", "“cat” (token 3) hidden"]
    QTest.mouseClick(chips[0], Qt.MouseButton.LeftButton)
    assert lab.clamps.value == (CAT,)
    bar.all_removed.emit()
    assert lab.clamps.value == ()


def test_that_another_model_is_free_and_nothing_is_undone_into_it(bert, tmp_path):
    view, lab, _ = bert
    view._parts.atlas.setFocus()
    QTest.keyClick(view._parts.atlas, Qt.Key.Key_X)
    assert lab.clamps.value
    lab.focus.lock(pretrained="another")
    assert lab.clamps.value == ()
    lab.session.undo_stack.undo()
    lab.session.undo_stack.redo()
    assert lab.clamps.value == ()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_that_a_head_that_is_off_or_scaled_looks_other_than_the_others(bert, name):
    view, lab, _ = bert
    theme().use(name)
    atlas = view._parts.atlas
    rect = atlas.tile_rect(1, 2).toRect()
    pictures = []
    for held in ((), (OFF,), (HeadScale(module="layer.1", head=2, factor=2.0, layer=1),)):
        lab.clamps.set(held)
        image = atlas.grab(rect).toImage()
        pictures.append(bytes(image.constBits()))
    assert len(set(pictures)) == 3


def test_that_a_matrix_of_a_head_that_is_off_says_so_and_is_none_of_small_shares(bert):
    view, lab, _ = bert
    lab.focus.lock(layer=1, head=2)
    matrix = view._parts.matrix
    cells = matrix.sides().cells.toRect()
    before = matrix.grab(cells).toImage()
    lab.clamps.set((OFF,))
    assert "layer 1 · head 2  ·  switched off" in view._parts.readout.text()
    assert matrix.grab(cells).toImage() != before
    lab.focus.lock(layer=1, head=1)
    assert "switched off" not in view._parts.readout.text()


def test_that_the_pictures_stay_where_they_are_as_the_bar_comes_and_goes(bert, qtbot):
    view, lab, _ = bert
    view.resize(664, 560)
    qtbot.waitUntil(lambda: view.width() == 664)
    matrix = view._parts.matrix

    def place():
        return matrix.mapTo(view, matrix.rect().topLeft()), matrix.size(), matrix.sides()

    before = place()
    for clamps in ((OFF,), (OFF, CAT), (OFF, CAT, HiddenToken(place=3, token="sat")), ()):
        lab.clamps.set(clamps)
        QApplication.processEvents()
        assert view._parts.clamps.isVisible() == bool(clamps)
        assert place() == before


def test_that_what_has_no_room_in_the_bar_is_in_its_menu(bert):
    view, lab, _ = bert
    lab.clamps.set((OFF, CAT))
    bar = view._parts.clamps
    bar.resize(bar.least_width(), bar.height())
    bar._fill()
    assert bar._count.text() == "2 ▾"
    bar._menu.popup(bar.mapToGlobal(bar.rect().bottomLeft()))
    choose(bar._menu, "Remove: “cat”")
    assert lab.clamps.value == (OFF,)


def test_that_the_slider_of_a_head_is_a_persons_until_another_head_is_looked_at(bert):
    view, lab, _ = bert
    box, matrix = view._parts.head_box, view._parts.matrix
    box.slider.setValue(60)
    QTest.mouseMove(matrix, matrix.cell_rect(2, 4).center().toPoint())
    assert box.value() == 3.0
    lab.focus.lock(layer=1, head=2)
    assert box.value() == 1.0


def test_that_the_numbers_of_the_heads_tell_which_are_off(bert):
    view, lab, _ = bert
    lab.clamps.set((OFF,))
    table = view._table_of_heads()
    assert table.columns[-1] == "factor"
    assert {row[:2]: row[-1] for row in table.rows if row[-1] != 1.0} == {(1, 2): 0.0}
