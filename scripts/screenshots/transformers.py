"""Our own transformers: a date's cross attention, the patches of a digit, a GPT that writes."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton

from scripts.screenshots.hands import picture, press, settle, type_text, wait
from scripts.screenshots.kept_runs import open_run
from ui.views.attention import AttentionView
from ui.window.main_window import MainWindow

DATE = "den 3. maj 2021"
BEGINNING = "The function returns "


def take_transformers(window: MainWindow) -> None:
    """Every picture of a transformer trained here, of runs that are kept."""
    open_run(window, "dates-transformer", view="attention")
    type_text(window, DATE)
    wait(window, lambda: _keys_of(window) == DATE, "the date to be read")
    settle(1500)
    picture(window, "dates-cross")
    _attention_view(window)._parts.modes.choose("arcs")
    picture(window, "dates-arcs", sizes=("",))
    _attention_view(window)._parts.modes.choose("atlas")
    open_run(window, "digits-vit", view="attention")
    wait(window, lambda: _attention_view(window)._attention is not None, "the attention of a digit")
    settle(1500)
    picture(window, "vit-atlas", sizes=("",))
    _attention_view(window)._parts.modes.choose("text")
    picture(window, "vit-patches")
    _attention_view(window)._parts.modes.choose("atlas")
    open_run(window, "docs-gpt", view="attention")
    type_text(window, BEGINNING)
    assert window.workbench is not None
    buttons = window.workbench.inference.findChildren(QPushButton)
    press(next(button for button in buttons if button.text() == "Generate" and button.isVisible()))
    settle(4000)
    picture(window, "gpt-writing")


def _attention_view(window: MainWindow) -> AttentionView:
    assert window.workbench is not None
    view = window.workbench.views_area.view("attention")
    assert isinstance(view, AttentionView)
    return view


def _keys_of(window: MainWindow) -> str:
    """What is looked at, as the view tells it."""
    attention = _attention_view(window)._attention
    if attention is None:
        return ""
    cross = next(block for block in attention.blocks if block.header.kind == "cross")
    return "".join(cross.header.keys).replace("␣", " ")
