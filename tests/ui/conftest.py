"""What the tests of panels share."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modellab.runs.folder import Details, RunFolder
from tests.ui.panel_fakes import DIGITS, SPIRALS, make_lab, write_run
from ui.panels.inference import InferencePanel
from ui.panels.runs import RunsPanel
from ui.theme import apply_theme, theme
from ui.views.base import Lab


@pytest.fixture
def themed(qapp: QApplication) -> Iterator[None]:
    """The dark theme, whatever a test before chose and whatever this one does."""
    apply_theme(qapp, "dark")
    yield
    theme().use("dark")


@pytest.fixture
def lab(themed: None) -> Iterator[Lab]:
    """A session with no trainer and no inspector behind it."""
    lab = make_lab()
    yield lab
    lab.session._follower.stop()


@pytest.fixture
def spirals() -> RunFolder:
    """A run that ended."""
    return write_run(SPIRALS, accuracy=0.99, details=Details(name="Arms", note="wide enough"))


@pytest.fixture
def digits() -> RunFolder:
    """A run that was stopped."""
    return write_run(DIGITS, accuracy=0.8, steps=30, end="stopped")


@pytest.fixture
def runs_panel(qtbot: QtBot, lab: Lab, spirals: RunFolder, digits: RunFolder) -> RunsPanel:
    """The table of those two."""
    panel = RunsPanel(lab)
    qtbot.addWidget(panel)
    panel.resize(1260, 220)
    panel.show()
    qtbot.waitUntil(lambda: len(panel.rows()) == 2)
    return panel


@pytest.fixture
def panel(qtbot: QtBot, lab: Lab) -> InferencePanel:
    """Where models are tried."""
    panel = InferencePanel(lab)
    qtbot.addWidget(panel)
    panel.resize(280, 700)
    panel.show()
    return panel


@pytest.fixture(autouse=True)
def _no_widgets_of_the_test_before(qapp: QApplication) -> None:
    """What a test closed is deleted when the next begins: a change of theme restyles every widget there still is."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
