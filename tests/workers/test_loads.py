"""What questions wait for is read in threads of its own: told, shared, stopped when nobody waits."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from modellab.errors import UserError
from modellab.hub.telling import Fetching, FetchingStoppedError, tell
from workers import loads
from workers.loads import Loads
from workers.protocol import Done, FetchingTold

ANSWER: tuple[Done, dict[str, Any]] = (Done(step=7), {})


class Slow:
    """Fetches half of something, then waits to be let go."""

    def __init__(self) -> None:
        self.go = threading.Event()
        self.num_begun = 0
        self.is_stopped = threading.Event()

    def __call__(self) -> None:
        self.num_begun += 1
        try:
            while not self.go.wait(0.01):
                tell(Fetching(what="us/things", done=5, total=10))
        except FetchingStoppedError:
            self.is_stopped.set()
            raise UserError("Fetching us/things was stopped.") from None


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loads, "_AT_ONCE_SECONDS", 0.02)
    monkeypatch.setattr(loads, "_LOOK_SECONDS", 0.005)


def asked(found: Loads, load: Callable[[], object]) -> Iterator[Any]:
    answers = found.answer("things", load, lambda: ANSWER)
    assert not isinstance(answers, tuple)
    return answers


def test_that_what_is_there_at_once_is_answered_at_once_with_its_problem_if_it_has_one(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(loads, "_AT_ONCE_SECONDS", 5)
    assert Loads().answer("a", lambda: None, lambda: ANSWER) == ANSWER

    def refuse() -> None:
        raise UserError("There is no such thing.")

    with pytest.raises(UserError, match="no such thing"):
        Loads().answer("b", refuse, lambda: ANSWER)


def test_that_two_questions_wait_for_one_load_and_are_told_how_far_it_is():
    found, slow = Loads(), Slow()
    first, second = asked(found, slow), asked(found, slow)
    for answers in (first, second):
        told = next(answer for answer in answers if answer is not None)
        assert isinstance(told[0], FetchingTold)
        assert (told[0].fetching.amount(), told[0].is_last) == ("0.1 of 0.1 MB", False)
        assert next(answers) is None  # nothing new: others have their turn
    slow.go.set()
    for answers in (first, second):
        assert next(answer for answer in answers if answer is not None) == ANSWER
    assert slow.num_begun == 1


def test_that_what_nobody_waits_for_any_more_is_stopped():
    found, slow = Loads(), Slow()
    first, second = asked(found, slow), asked(found, slow)
    next(first), next(second)
    del first
    assert not slow.is_stopped.wait(0.05)
    del second
    assert slow.is_stopped.wait(5)


def test_that_a_persons_stop_holds_until_a_person_goes_on():
    found, slow = Loads(), Slow()
    answers = asked(found, slow)
    assert next(answer for answer in answers if answer is not None)
    found.stop()
    with pytest.raises(UserError, match="was stopped"):
        list(answers)
    with pytest.raises(UserError, match="go on with it in the setup"):
        found.answer("things", slow, lambda: ANSWER)
    found.go_on()
    slow.go.set()
    again = found.answer("things", slow, lambda: ANSWER)
    assert ANSWER in ([again] if isinstance(again, tuple) else list(again))
