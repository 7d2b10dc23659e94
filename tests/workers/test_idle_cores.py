"""Cores that nobody else uses, told from counters that the test turns."""

from types import SimpleNamespace

import psutil
import pytest

from workers import idle_cores
from workers.idle_cores import IdleCores


class Machine:
    """Counters of a machine: its clock, the idle time of all its cores, and what this process used."""

    def __init__(self) -> None:
        self.now = self.idle = self.own = 100.0

    def run(self, seconds: float, *, idle: float, own: float = 0.0) -> None:
        """Time passes, so many core seconds of it idle or ours."""
        self.now, self.idle, self.own = self.now + seconds, self.idle + idle, self.own + own


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()
    clocks = SimpleNamespace(perf_counter=lambda: found.now, process_time=lambda: found.own)
    monkeypatch.setattr(idle_cores, "time", clocks)
    monkeypatch.setattr(psutil, "cpu_times", lambda: SimpleNamespace(idle=found.idle))
    return found


@pytest.mark.parametrize(
    ("idle", "own", "expected"),
    [(2.0, 0.0, 2), (1.8, 0.0, 2), (1.6, 0.0, 1), (0.4, 1.5, 2), (0.0, 0.0, 1), (7.9, 0.1, 8)],
)
def test_that_cores_count_that_are_idle_or_ours(machine: Machine, idle: float, own: float, expected: int):
    cores = IdleCores()
    machine.run(1.0, idle=idle, own=own)
    assert cores.count() == expected


def test_that_a_glance_changes_nothing(machine: Machine):
    cores = IdleCores()
    machine.run(1.0, idle=2.0)
    assert cores.count() == 2
    machine.run(0.01, idle=0.0)
    assert cores.count() == 2
    machine.run(1.0, idle=0.5)
    assert cores.count() == 1


def test_that_nothing_is_promised_before_there_was_time_to_look(machine: Machine):
    assert IdleCores().count() == 1
