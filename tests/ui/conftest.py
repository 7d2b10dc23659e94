"""What the tests of panels share."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent
from PySide6.QtWidgets import QApplication

from tests.ui.panel_fakes import make_lab
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
