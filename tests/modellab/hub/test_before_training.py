"""What a run needs of the hub is told while it is fetched: in the run's log, and on a terminal."""

import threading

import pytest

from modellab.cli.fetching import fetching_shown
from modellab.errors import UserError
from modellab.events import Logged
from modellab.hub.telling import Fetching, tell
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.training.first_fetch import fetched
from tests.hub_double import Fault, HubDouble
from tests.modellab.data.conftest import sentence
from tests.modellab.hub.conftest import parquet


def recipe() -> Recipe:
    return recipe_from_builtins({"architecture": {"name": "lstm"}, "dataset": {"name": "hub_text", "hub_id": "us/log"}})


@pytest.fixture
def gate(hub: HubDouble) -> threading.Event:
    """Holds the second piece of the file back until it is set."""
    texts = [sentence(index, words=200) for index in range(40)]
    hub.add("us/log", {"train.parquet": parquet({"text": texts, "label": [k % 2 for k in range(40)]})})
    gate = threading.Event()
    hub.faults.append(Fault(where="/cdn/", gate=lambda start: gate.wait(20) if start else None))
    return gate


def test_that_a_run_logs_what_it_fetches_and_fetches_no_more_when_it_is_to_stop(gate: threading.Event):
    stopped = threading.Event()
    events = fetched(recipe(), step=0, gives_up=stopped.is_set)
    told = next(events)
    assert isinstance(told, Logged)
    assert told.message.startswith("Fetching us/log from the hub: 0")
    stopped.set()
    threading.Timer(0.3, gate.set).start()
    with pytest.raises(UserError, match="Fetching us/log was stopped"):
        list(events)


def test_that_a_recipe_that_needs_no_hub_is_not_read_twice():
    made = recipe_from_builtins({"architecture": {"name": "mlp"}, "dataset": {"name": "points"}})
    assert not list(fetched(made, step=0, gives_up=lambda: False))


def test_that_a_terminal_is_told_what_is_fetched_and_what_is_kept_after_ctrl_c(capsys: pytest.CaptureFixture[str]):
    def fetch() -> None:
        for done in (0, 1_000_000, 2_000_000):
            tell(Fetching(what="us/things", done=done, total=9_000_000))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), fetching_shown():
        fetch()
    lines = capsys.readouterr().err.splitlines()
    assert lines[0] == "Fetching us/things from the hub: 0 of 9.0 MB"
    assert lines[1:] == ["Stopped at 2.0 of 9.0 MB of us/things; what is here is kept, and it goes on from there."]
