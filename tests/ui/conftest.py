"""What the tests of panels share."""

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from tests.ui import panel_fakes
from tests.ui.panel_fakes import make_lab
from tests.ui.text_inference import SAMPLES, TextInspector
from ui.panels.inference import InferencePanel
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


@pytest.fixture(autouse=True)
def _no_widgets_of_the_test_before(qapp: QApplication) -> None:
    """What a test closed is deleted when the next begins: a change of theme restyles every widget there still is."""
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)


@pytest.fixture
def text_lab(themed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """As `lab`, with an inspector that answers about texts."""
    for name, sample in SAMPLES.items():
        monkeypatch.setitem(panel_fakes.SAMPLES, name, sample)
    lab = make_lab()
    yield dataclasses.replace(lab, inspector=cast(Any, TextInspector()))
    lab.session._follower.stop()


@pytest.fixture
def text_panel(qtbot: QtBot, text_lab: Lab) -> InferencePanel:
    """The panel that texts are typed into."""
    panel = InferencePanel(text_lab)
    qtbot.addWidget(panel)
    panel.resize(280, 700)
    panel.show()
    return panel
