"""When checkpoints are taken."""

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from modellab.runs.folder import RunFolder
from modellab.training.checkpointing import Checkpointer, Snapshot


@pytest.fixture
def checkpointer(tmp_path: Path) -> Iterator[Checkpointer]:
    made = Checkpointer(RunFolder(tmp_path), budget_mb=100, last_step=None)
    made.take(Snapshot(step=0, seconds=0.0, weights={"w": torch.zeros(2)}, state={}))
    assert made.finished(waits=True) is not None
    yield made
    made.close()


@pytest.mark.parametrize(("steps_a_second", "is_taken"), [(3_000, True), (30, False)])
def test_that_a_net_of_many_steps_a_second_leaves_the_steps_of_its_first_seconds(
    checkpointer: Checkpointer, steps_a_second: int, is_taken: bool
):
    now = time.perf_counter()
    for share in (checkpointer._share, checkpointer._early_share):
        share.charge(0.005, now=now)
    assert checkpointer.is_due(steps_a_second // 5, now=now + 0.2) is is_taken
    assert not checkpointer.is_due(100, now=now + 0.05)


def test_that_later_each_checkpoint_keeps_to_its_share_of_the_time(checkpointer: Checkpointer):
    late = time.perf_counter() + 60
    for share in (checkpointer._share, checkpointer._early_share):
        share.charge(0.005, now=late)
    assert not checkpointer.is_due(200_000, now=late + 0.5)
    assert checkpointer.is_due(200_000, now=late + 2.0)
