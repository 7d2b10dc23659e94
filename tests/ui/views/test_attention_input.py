"""What the attention's pages tell in numbers: legends, a patch under the pointer, coordinates, and rows with names."""

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from tests.ui.views.attention_fakes import shown_view
from ui.views._attention_colours import difference_image


def point_at(widget, point):
    QTest.mouseMove(widget, point.toPoint())


def test_that_the_legend_tells_the_share_in_full_colour_of_a_text(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="bert")
    view._parts.modes.choose("text")
    lab.focus.lock(token=2)
    legend = view._parts.legend
    assert legend.isVisible()
    assert legend.scales()[0].high == f"{view._attention.blocks[0].exact(0, 0, query=2).max():.3f}"
    assert legend.scales()[0].strength < 1  # as pale as behind the letters
    view._parts.modes.choose("arcs")
    assert not legend.isVisible()


def test_that_the_legend_tells_the_share_in_full_colour_of_patches(qtbot):
    view, *_ = shown_view(qtbot, pretrained="patches")
    view._parts.modes.choose("text")
    largest = view._attention.blocks[0].exact(0, 0, query=0)[1:].max()
    assert view._parts.legend.scales()[0].high == f"{max(largest, 2 / 6):.3f}"


def test_that_pointing_at_the_map_of_patches_tells_the_share_and_keeps_the_map(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="patches")
    view._parts.modes.choose("text")
    patches = view._parts.patches
    shares = view._attention.blocks[0].exact(0, 0, query=0)
    point_at(patches, patches.patch_rect(3, side=1).center())
    told = f"the class token looks at the patch of row 1, column 0: {shares[3]:.4f}"
    assert view._parts.readout.text() == told
    assert lab.focus.value.token is None
    np.testing.assert_array_equal(patches._shares, shares)
    point_at(patches, patches.patch_rect(3, side=0).center())
    assert lab.focus.value.token == 3
    assert view._parts.readout.text() != told


def test_that_a_cell_that_was_chosen_is_no_longer_told_of_where_another_patch_is_pointed_at(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="patches")
    matrix, patches = view._parts.matrix, view._parts.patches
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.cell_rect(2, 3).center().toPoint())
    assert "“0,1” → “1,0” " in view._parts.readout.text()
    view._parts.modes.choose("product")
    view._parts.modes.choose("text")
    point_at(patches, patches.patch_rect(5).center())
    shares = view._attention.blocks[0].exact(0, 0, query=5)
    names = view._attention.blocks[0].header.keys
    told = view._parts.readout.text()
    assert f"“2,0” → “{names[shares.argmax()]}” {shares.max():.3f}, " in told
    view._parts.modes.choose("product")
    lab.focus.lock(token=2)
    assert view._place.key == 3, "it is still chosen where it is shown"


def test_that_pointing_at_what_a_translator_reads_tells_its_share(qtbot):
    view, lab, _ = shown_view(qtbot, pretrained="translator")
    view._parts.kinds.choose("cross")
    view._parts.modes.choose("text")
    lab.focus.lock(token=1)
    text = view._parts.text.text
    point_at(text, text.token_rect(1).center())
    share = view._attention.blocks[2].exact(0, 0, query=1)[1]
    assert view._parts.readout.text() == f"Writing “cat”, after “the”, it looks at “katze”: {share:.4f}"
    assert lab.focus.value.token == 1
    text.leaveEvent(None)
    assert view._parts.readout.text().startswith("layer 0")


def test_that_the_way_on_leads_to_an_image_where_images_are_looked_at(qtbot):
    view, *_ = shown_view(qtbot, pretrained="patches")
    assert view._parts.next_text.text().strip() == "Next image"
    assert "validation images" in view._parts.next_text.toolTip()


def test_that_a_coordinates_product_is_told_with_the_factor_it_holds(qtbot):
    view, *_ = shown_view(qtbot, pretrained="bert")
    matrix, strip = view._parts.matrix, view._parts.product
    QTest.mouseClick(matrix, Qt.MouseButton.LeftButton, pos=matrix.cell_rect(2, 4).center().toPoint())
    view._parts.modes.choose("product")
    point_at(strip, strip._band(0).center())
    q, k, scale = view._attention.blocks[0].pair(0, 0, 2, 4)
    place = strip.order[len(strip.order) // 2]
    product = f"{q[place] * k[place] * scale:.4f}".replace("-", "−")
    assert view._parts.readout.text().endswith(f"q·k × 0.400 = {product}")


def test_that_the_rows_of_a_wide_matrix_are_high_enough_for_their_names(qtbot):
    view, *_ = shown_view(qtbot, pretrained="translator")
    matrix = view._parts.matrix
    cells = {}
    for height in (600, 200):
        matrix.resize(150, height)
        cells[height] = matrix.cell_rect(0, 0)
    assert cells[600].width() < 15 <= cells[600].height()
    assert matrix.sides().bottom_strip.bottom() <= 200


def test_that_small_differences_are_seen_beside_large_ones_where_shares_are():
    first, second = np.array([[255, 70]], dtype=np.uint8), np.array([[0, 0]], dtype=np.uint8)
    far = {}
    for scale in ("sqrt", "linear"):
        image = difference_image(first, second, scale=scale, reach=1.0)
        middle = difference_image(second, second, scale=scale, reach=1.0).pixelColor(1, 0).green()
        far[scale] = abs(image.pixelColor(1, 0).green() - middle)
    assert far["sqrt"] > 2 * far["linear"] > 0
