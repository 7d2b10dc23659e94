"""The window's side of the inspector: callbacks, slots, owners, deaths."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot
from shiboken6 import delete

from ui.inspector import Inspector
from workers.protocol import DatasetDescription, DescribeDataset, Generate, ListDevices, Model, RankUnits

REPOSITORY = Path(__file__).resolve().parents[2]
POINTS = DescribeDataset(dataset={"name": "points"})
TIMEOUT_MS = 30_000
# An inspector that writes "abc" to each question, a letter an answer, and one answer too many.
WRITER = """
import sys, msgspec
from workers.protocol import AnyRequest, Generated
from workers.wire import read_frame, write_frame
while (frame := read_frame(sys.stdin.buffer)) is not None:
    number = msgspec.msgpack.decode(frame.message)["id"]
    for place in range(4):
        answer = Generated(id=number, text="abcd"[place], token="abcd"[place], is_last=place >= 2)
        write_frame(sys.stdout.buffer, answer)
        sys.stdout.flush()
"""
# An inspector that ranks units in three answers, as it reads on.
RANKER = """
import sys, msgspec
from workers.protocol import UnitRanks
from workers.wire import read_frame, write_frame
while (frame := read_frame(sys.stdin.buffer)) is not None:
    number = msgspec.msgpack.decode(frame.message)["id"]
    for searched in (1, 2, 3):
        answer = UnitRanks(id=number, ranks=(), num_matched=0, searched=searched, total=3, is_last=searched == 3)
        write_frame(sys.stdout.buffer, answer)
        sys.stdout.flush()
"""


@pytest.fixture
def inspector(qtbot: QtBot) -> Iterator[Inspector]:
    made = Inspector()
    yield made
    made.stop()


class Asker(QObject):
    """Keeps what it is told."""

    def __init__(self) -> None:
        super().__init__()
        self.answers: list = []
        self.problems: list = []

    def on_answer(self, answer, arrays) -> None:
        self.answers.append(answer)

    def on_problem(self, problem) -> None:
        self.problems.append(problem)


def test_that_a_question_asked_before_the_start_is_answered_and_readiness_is_told(qtbot: QtBot, inspector: Inspector):
    asker = Asker()
    inspector.ask(POINTS, asker.on_answer)
    with qtbot.waitSignal(inspector.ready, timeout=TIMEOUT_MS):
        inspector.start()
    qtbot.waitUntil(lambda: bool(asker.answers), timeout=TIMEOUT_MS)
    assert isinstance(asker.answers[0], DatasetDescription)
    assert inspector.is_ready


def test_that_in_a_slot_only_the_last_question_is_answered(qtbot: QtBot, inspector: Inspector):
    asker = Asker()
    inspector.start()
    for count in (100, 200, 300):
        request = DescribeDataset(slot="data", dataset={"name": "points", "count": count})
        inspector.ask(request, asker.on_answer)
    last = Asker()
    inspector.ask(POINTS, last.on_answer)
    qtbot.waitUntil(lambda: bool(last.answers), timeout=TIMEOUT_MS)
    assert [sum(answer.sizes.values()) for answer in asker.answers] == [300]


def test_that_a_generated_text_comes_in_several_answers_and_ends_with_its_last(qtbot: QtBot):
    inspector, asker = Inspector(command=(sys.executable, "-c", WRITER)), Asker()
    inspector.start()
    inspector.ask(Generate(slot="write", model=Model(run="x"), text=""), asker.on_answer)
    second = Asker()
    qtbot.waitUntil(lambda: len(asker.answers) >= 3, timeout=TIMEOUT_MS)
    inspector.ask(Generate(slot="write", model=Model(run="x"), text=""), second.on_answer)
    qtbot.waitUntil(lambda: len(second.answers) >= 3, timeout=TIMEOUT_MS)
    assert [answer.token for answer in asker.answers] == ["a", "b", "c"]
    inspector.stop()


def test_that_a_search_is_heard_to_its_end(qtbot: QtBot):
    inspector, asker = Inspector(command=(sys.executable, "-c", RANKER)), Asker()
    inspector.start()
    inspector.ask(RankUnits(slot="search", model=Model(run="x"), pattern="a"), asker.on_answer)
    qtbot.waitUntil(lambda: len(asker.answers) >= 3, timeout=TIMEOUT_MS)
    assert [answer.searched for answer in asker.answers] == [1, 2, 3]
    inspector.stop()


def test_that_a_problem_is_told_apart_from_an_answer(qtbot: QtBot, inspector: Inspector):
    asker = Asker()
    inspector.start()
    inspector.ask(DescribeDataset(dataset={"name": "?"}), asker.on_answer, on_problem=asker.on_problem)
    qtbot.waitUntil(lambda: bool(asker.problems), timeout=TIMEOUT_MS)
    assert "no dataset named" in asker.problems[0].message
    assert asker.answers == []


def test_that_an_owner_that_is_gone_is_not_called(qtbot: QtBot, inspector: Inspector):
    gone, named, dropped, last = Asker(), QObject(), Asker(), Asker()
    told: list = []
    inspector.start()
    inspector.ask(POINTS, gone.on_answer)
    inspector.ask(POINTS, lambda answer, arrays: told.append(answer), owner=named)
    inspector.ask(POINTS, dropped.on_answer, owner=dropped)
    inspector.ask(POINTS, last.on_answer)
    delete(gone)
    delete(named)
    qtbot.waitUntil(lambda: bool(last.answers), timeout=TIMEOUT_MS)
    assert gone.answers == told == []
    assert len(dropped.answers) == 1


def test_that_a_death_is_told_and_the_next_question_is_answered(qtbot: QtBot, inspector: Inspector):
    asker = Asker()
    with qtbot.waitSignal(inspector.ready, timeout=TIMEOUT_MS):
        inspector.start()
    inspector.ask(DescribeDataset(dataset={"name": "points", "count": 1_000_000}), asker.on_answer,
                  on_problem=asker.on_problem)  # fmt: skip
    assert inspector._process is not None
    with qtbot.waitSignal(inspector.restarted, timeout=TIMEOUT_MS) as told:
        inspector._process.kill()
    assert "crashed" in told.args[0]
    assert "ask again" in asker.problems[0].message
    inspector.ask(POINTS, asker.on_answer)
    qtbot.waitUntil(lambda: bool(asker.answers), timeout=TIMEOUT_MS)


def test_that_restarting_answers_what_waits_and_takes_the_new_environment(
    qtbot: QtBot, inspector: Inspector, monkeypatch: pytest.MonkeyPatch
):
    asker = Asker()
    inspector.start()
    inspector.ask(ListDevices(), asker.on_answer, on_problem=asker.on_problem)
    inspector.restart()
    assert len(asker.problems) == 1
    inspector.ask(POINTS, asker.on_answer)
    qtbot.waitUntil(lambda: bool(asker.answers), timeout=TIMEOUT_MS)


@pytest.mark.parametrize(
    "command",
    [
        ("/nowhere/to/be/found",),
        (sys.executable, "-c", "import sys; sys.exit(3)"),
        (sys.executable, "-c", "print('this is no frame', flush=True); input()"),
    ],
    ids=["missing", "exits", "garbage"],
)
def test_that_a_process_that_never_works_is_told_and_is_not_started_in_a_rage(qtbot: QtBot, command: tuple[str, ...]):
    inspector, asker = Inspector(command=command), Asker()
    deaths: list[str] = []
    inspector.restarted.connect(deaths.append)
    inspector.ask(POINTS, asker.on_answer, on_problem=asker.on_problem)
    inspector.start()
    qtbot.waitUntil(lambda: bool(deaths), timeout=TIMEOUT_MS)
    qtbot.waitUntil(lambda: bool(asker.problems), timeout=TIMEOUT_MS)
    qtbot.wait(300)
    assert len(deaths) == 1
    inspector.stop()


def test_that_stopping_ends_the_process_and_may_be_done_twice(qtbot: QtBot):
    inspector = Inspector()
    inspector.stop()
    inspector.start()
    process = inspector._process
    assert process is not None
    assert process.waitForStarted()
    inspector.stop()
    inspector.stop()
    assert process.state() == process.ProcessState.NotRunning


def test_that_the_client_loads_no_torch():
    code = (
        "import sys, ui.inspector, workers.protocol; print([n for n in ('torch', 'transformers') if n in sys.modules])"
    )
    child = subprocess.run(
        [sys.executable, "-c", code],
        cwd=REPOSITORY,
        env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert child.stdout.strip() == "[]", child.stderr
