"""Run folders: made by several at once, and found by their names."""

import threading
import time
from pathlib import Path

import pytest

from modellab.errors import UserError
from modellab.runs.folder import create_run, find_run
from tests.modellab.training.helpers import recipe


@pytest.mark.parametrize("instant", ["20260102-030405", "20260102-030406", "20260102-030407", "20260102-030408"])
def test_that_runs_made_in_the_same_instant_have_folders_of_their_own(instant: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(time, "strftime", lambda _form: instant)
    made, count = [], 8
    together = threading.Barrier(count)

    def make() -> None:
        together.wait()
        made.append(create_run(recipe()).path)

    threads = [threading.Thread(target=make) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(made)) == count


def test_that_a_whole_id_names_its_run_though_another_ends_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_HOME", str(tmp_path))
    for name in ("mine", "not-mine"):
        create_run(recipe(), path=tmp_path / "runs" / name)
    assert find_run("mine").id == "mine"
    with pytest.raises(UserError, match="more than one"):
        find_run("ine")
    with pytest.raises(UserError, match="no run"):
        find_run("")
