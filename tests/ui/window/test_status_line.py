"""How times and amounts read, and where they stand."""

from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from modellab.presets import presets
from modellab.runs.folder import create_run
from tests.ui.lab.test_run_model import Replay
from tests.ui.lab.written_run import WrittenRun
from ui.window.status_line import StatusLine, amount, clock


@pytest.mark.parametrize(("seconds", "text"), [(0, "0:00"), (6.9, "0:06"), (754, "12:34"), (3723, "1:02:03")])
def test_that_a_time_reads_as_a_clock(seconds: float, text: str) -> None:
    assert clock(seconds) == text


@pytest.mark.parametrize(
    ("num_bytes", "text"), [(12, "12 B"), (1500, "1.5 kB"), (2_340_000, "2.3 MB"), (7.8e10, "78.0 GB")]
)
def test_that_an_amount_reads_with_its_unit(num_bytes: float, text: str) -> None:
    assert amount(num_bytes) == text


def test_that_the_numbers_stand_together_at_the_right_and_none_moves_another(qtbot: QtBot, tmp_path: Path) -> None:
    line = StatusLine()
    qtbot.addWidget(line)
    line.resize(1000, 24)
    line.show()
    written = WrittenRun(create_run(presets()["xor"].recipe, path=tmp_path / "run"))
    written.start()
    written.progress(1, [1.0])
    replay = Replay(written)
    run = replay.catch_up()
    run.samples_per_second = 1234.0
    line.show_run(run)
    QApplication.processEvents()
    places = line._device.geometry(), line._speed.geometry()
    assert line._speed.text() == "1,234 samples/s"
    assert line._speed.width() < line.fontMetrics().horizontalAdvance("1,234 samples/s") + 30
    run.samples_per_second = 9.0
    line.show_run(run)
    QApplication.processEvents()
    assert line._speed.text() == "9 samples/s"
    assert (line._device.geometry(), line._speed.geometry()) == places
