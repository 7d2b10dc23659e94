"""A lab whose inspector answers about texts, and the panel that they are typed into."""

import dataclasses
from collections.abc import Iterator
from typing import Any, cast

import pytest
from pytestqt.qtbot import QtBot

from tests.ui import panel_fakes
from tests.ui.panel_fakes import make_lab
from tests.ui.texts.text_inference import SAMPLES, TextInspector
from ui.panels.inference import InferencePanel
from ui.views.base import Lab


@pytest.fixture
def lab(themed: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Lab]:
    """A session with no trainer behind it."""
    for name, sample in SAMPLES.items():
        monkeypatch.setitem(panel_fakes.SAMPLES, name, sample)
    lab = make_lab()
    yield dataclasses.replace(lab, inspector=cast(Any, TextInspector()))
    lab.session._follower.stop()


@pytest.fixture
def panel(qtbot: QtBot, lab: Lab) -> InferencePanel:
    """As wide as it is beside the views at 1280 pixels."""
    panel = InferencePanel(lab)
    qtbot.addWidget(panel)
    panel.resize(280, 700)
    panel.show()
    return panel
