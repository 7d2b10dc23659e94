"""Views at rest: a layout that asks for itself again and again would take a whole core, and nobody would see why."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtWidgets import QApplication, QWidget

from tests.ui.views.attention_fakes import shown_view as shown_attention
from tests.ui.views.gates_fakes import shown_view as shown_gates
from tests.ui.views.lens_fakes import lens, shown
from ui.views.lens import LensView
from workers.protocol import ShowLens


def shown_lens(qtbot, tmp_path: Path):
    """A lens over a text."""
    return shown(qtbot, tmp_path, LensView, {ShowLens: lens})


SHOWN: dict[str, Callable[..., Any]] = {"gates": shown_gates, "attention": shown_attention, "lens": shown_lens}


class LayoutsAsked(QObject):
    """Counts who asks for a layout."""

    def __init__(self) -> None:
        super().__init__()
        self.by: list[str] = []

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.LayoutRequest and isinstance(watched, QWidget):
            self.by.append(type(watched).__name__)
        return False


def layouts_asked(*, turns: int) -> list[str]:
    """By whom layouts are asked for in so many turns of the event loop."""
    counter, app = LayoutsAsked(), QApplication.instance()
    assert app is not None
    app.installEventFilter(counter)
    for _ in range(turns):
        QCoreApplication.sendPostedEvents()
        QCoreApplication.processEvents()
    app.removeEventFilter(counter)
    return counter.by


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("width", [330, 640, 1100])
def test_that_a_view_asks_for_no_layout_once_it_has_settled(qtbot, tmp_path: Path, name: str, width: int):
    view = SHOWN[name](qtbot, tmp_path)[0]
    view.resize(width, 600)
    assert len(layouts_asked(turns=50)) < 200
    assert layouts_asked(turns=20) == []
