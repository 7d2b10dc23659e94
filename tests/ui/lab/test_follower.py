"""Following run folders from another thread, with a real lock holder in another process."""

import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from pytestqt.qtbot import QtBot

from modellab import events as ev
from tests.ui.lab.written_run import WrittenRun
from ui.lab.follower import RunFollower
from ui.lab.stream import Steps

HOLD_LOCK = """
import sys
from pathlib import Path
from modellab.runs.folder import RunFolder
lock = RunFolder(Path(sys.argv[1])).lock()
lock.acquire()
print("held", flush=True)
sys.stdin.read()
"""


@pytest.fixture
def follower(qtbot: QtBot) -> Iterator[RunFollower]:
    made = RunFollower()
    made.start()
    yield made
    made.stop()


class Heard:
    """Everything a follower said."""

    def __init__(self, follower: RunFollower) -> None:
        self.items: list[Any] = []
        self.locks: list[bool] = []
        self.log: list[str] = []
        follower.items_arrived.connect(lambda _folder, items: self.items.extend(items))
        follower.lock_changed.connect(lambda _folder, is_locked: self.locks.append(is_locked))
        follower.log_arrived.connect(lambda _folder, lines: self.log.extend(lines))

    @property
    def num_steps(self) -> int:
        return sum(item.last - item.first + 1 for item in self.items if isinstance(item, Steps))


def test_that_everything_from_the_first_event_on_arrives_in_order(
    written: WrittenRun, follower: RunFollower, qtbot: QtBot
) -> None:
    heard = Heard(follower)
    written.start()
    written.progress(1, [3.0, 2.0])
    follower.follow(written.folder.path)
    qtbot.waitUntil(lambda: heard.num_steps == 2)
    written.progress(3, [1.0])
    written.write(ev.Finished(step=3, reason="completed"))
    qtbot.waitUntil(lambda: heard.num_steps == 3 and isinstance(heard.items[-1], ev.Finished))
    assert isinstance(heard.items[0], ev.Started)


def test_that_a_torn_line_waits_until_it_is_whole(written: WrittenRun, follower: RunFollower, qtbot: QtBot) -> None:
    heard = Heard(follower)
    written.start()
    line = ev.encode_event(ev.Logged(step=1, level="info", message="whole"))
    with open(written.folder.events_file, "ab") as file:
        file.write(line[:10])
    follower.follow(written.folder.path)
    qtbot.waitUntil(lambda: len(heard.items) == 1)
    with open(written.folder.events_file, "ab") as file:
        file.write(line[10:] + b"\n")
    qtbot.waitUntil(lambda: len(heard.items) == 2)
    assert heard.items[1].message == "whole"


def test_that_a_killed_trainer_is_noticed_within_a_second(
    written: WrittenRun, follower: RunFollower, qtbot: QtBot
) -> None:
    heard = Heard(follower)
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(written.folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as trainer:
        assert trainer.stdout is not None
        assert trainer.stdout.readline() == b"held\n"
        follower.follow(written.folder.path)
        qtbot.waitUntil(lambda: heard.locks == [True])
        trainer.kill()
        trainer.wait()
        qtbot.waitUntil(lambda: heard.locks == [True, False], timeout=1000)


def test_that_a_trainer_that_begins_between_two_looks_at_the_lock_is_never_thought_gone(
    written: WrittenRun, follower: RunFollower, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.lab.follower._LOCK_POLL_S", 60.0)
    order: list[str] = []
    follower.lock_changed.connect(lambda _folder, is_locked: order.append("locked" if is_locked else "free"))
    follower.items_arrived.connect(lambda _folder, _items: order.append("events"))
    follower.follow(written.folder.path)
    qtbot.waitUntil(lambda: order == ["free"])
    with subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(written.folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as trainer:
        assert trainer.stdout is not None
        assert trainer.stdout.readline() == b"held\n"
        written.start()
        qtbot.waitUntil(lambda: "events" in order)
        assert order == ["free", "locked", "events"]
        trainer.kill()


def test_that_the_trainers_own_output_arrives_as_lines(
    written: WrittenRun, follower: RunFollower, qtbot: QtBot
) -> None:
    heard = Heard(follower)
    written.folder.log_file.write_bytes("grüße\n".encode() + b"\xff broken\n")
    follower.follow(written.folder.path)
    qtbot.waitUntil(lambda: len(heard.log) == 2)
    assert heard.log[0] == "grüße"


def test_that_a_run_no_longer_followed_is_silent(written: WrittenRun, follower: RunFollower, qtbot: QtBot) -> None:
    heard = Heard(follower)
    written.start()
    follower.follow(written.folder.path)
    qtbot.waitUntil(lambda: len(heard.items) == 1)
    follower.unfollow(written.folder.path)
    with qtbot.waitSignal(follower.items_arrived, timeout=300, raising=False) as arrived:
        written.progress(1, [3.0])
    assert not arrived.signal_triggered


def test_that_a_run_that_says_nothing_any_more_is_seldom_looked_at_until_it_speaks_again(
    written: WrittenRun, follower: RunFollower, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.lab.follower._QUIET_AFTER_S", 0.0)
    rests: list[float | None] = []
    wait = follower._wake.wait

    def noted_wait(timeout: float | None = None) -> bool:
        rests.append(timeout)
        return wait(timeout)

    monkeypatch.setattr(follower._wake, "wait", noted_wait)
    heard = Heard(follower)
    written.start()
    written.progress(1, [3.0])
    follower.follow(written.folder.path)
    qtbot.waitUntil(lambda: heard.num_steps == 1)
    qtbot.waitUntil(lambda: rests[-2:] == [0.3, 0.3])
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD_LOCK, str(written.folder.path)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    written.progress(2, [2.0])
    qtbot.waitUntil(lambda: heard.num_steps == 2 and rests[-1] == 1 / 30)
    holder.communicate()
