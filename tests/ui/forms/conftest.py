"""A form of a config with every kind of field."""

import pytest
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QApplication

from tests.ui.forms.toys import Toy, shown_form
from ui.forms import ConfigForm
from ui.theme import apply_theme


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")


@pytest.fixture
def stack(qapp: QApplication) -> QUndoStack:
    return QUndoStack()


@pytest.fixture
def form(qtbot, stack: QUndoStack) -> ConfigForm:
    return shown_form(qtbot, Toy, undo_stack=stack, choices=lambda key: [("a", "Column A"), ("b", "Column B")])
