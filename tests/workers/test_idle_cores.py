"""Cores that nobody else uses, told from counters that the test turns."""

from types import SimpleNamespace

import psutil
import pytest

from workers import idle_cores
from workers.idle_cores import IdleCores


class Machine:
    """Counters of a machine: its clock, the idle time of all its cores, and what this process and another used."""

    def __init__(self) -> None:
        self.now = self.idle = self.own = self.other = 100.0

    def run(self, seconds: float, *, idle: float, own: float = 0.0, other: float = 0.0) -> None:
        """Time passes, so many core seconds of it idle, ours or another's."""
        self.now, self.idle = self.now + seconds, self.idle + idle
        self.own, self.other = self.own + own, self.other + other


def _times(seconds: float) -> SimpleNamespace:
    return SimpleNamespace(user=0.75 * seconds, system=0.25 * seconds)


@pytest.fixture
def machine(monkeypatch: pytest.MonkeyPatch) -> Machine:
    found = Machine()
    clocks = SimpleNamespace(perf_counter=lambda: found.now, process_time=lambda: found.own)
    monkeypatch.setattr(idle_cores, "time", clocks)
    monkeypatch.setattr(psutil, "cpu_times", lambda: SimpleNamespace(idle=found.idle))
    monkeypatch.setattr(psutil, "Process", lambda _number: SimpleNamespace(cpu_times=lambda: _times(found.other)))
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


def test_that_what_the_partner_uses_counts_as_idle(machine: Machine):
    alone, together = IdleCores(), IdleCores(partner=7)
    machine.run(1.0, idle=1.2, other=0.8)
    assert (alone.count(), together.count()) == (1, 2)


def test_that_a_partner_that_is_gone_is_none(monkeypatch: pytest.MonkeyPatch, machine: Machine):
    def gone(number: int) -> None:
        raise psutil.NoSuchProcess(number)

    monkeypatch.setattr(psutil, "Process", gone)
    cores = IdleCores(partner=7)
    machine.run(1.0, idle=2.0)
    assert cores.count() == 2
