"""A window with its workbench, for every test of this folder that asks for it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from tests.ui.window.bench_hands import BenchHands


@pytest.fixture
def hands(qtbot: QtBot, tmp_path: Path) -> Iterator[BenchHands]:
    made = BenchHands(qtbot, tmp_path)
    yield made
    made.follower.stop()
