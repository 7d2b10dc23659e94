"""The queue of a device: first made, first served, and the dead block nobody."""

import os
from collections.abc import Iterator

from modellab.paths import home
from modellab.runs.folder import RunFolder, create_run
from modellab.runs.queue import DeviceSlot, probable_device
from tests.modellab.training.helpers import recipe


def make_runs(count: int) -> list[RunFolder]:
    """Runs made one after another."""
    runs = [create_run(recipe()) for _ in range(count)]
    for number, run in enumerate(runs):
        os.utime(run.recipe_file, ns=(10**18 + number, 10**18 + number))
    return runs


def never() -> bool:
    return False


def test_that_a_free_device_is_taken_at_once():
    slot = DeviceSlot(make_runs(1)[0], "cpu")
    assert list(slot.acquire(gives_up=never)) == []
    assert slot.is_held


def test_that_a_taken_device_is_waited_for_and_the_wait_says_behind_whom():
    first, second = make_runs(2)
    held, waiting = DeviceSlot(first, "cpu"), DeviceSlot(second, "cpu")
    assert not list(held.acquire(gives_up=never))
    queue = waiting.acquire(gives_up=never)
    assert next(queue).behind == first.id
    held.release()
    assert list(queue) == []
    assert waiting.is_held


def test_that_the_run_made_first_goes_first_whoever_asked_first():
    holder, early, late = make_runs(3)
    held = DeviceSlot(holder, "cpu")
    assert not list(held.acquire(gives_up=never))
    with early.lock(), late.lock():
        queues: list[Iterator] = [DeviceSlot(run, "cpu").acquire(gives_up=never) for run in (late, early)]
        assert next(queues[0]).behind == holder.id
        assert next(queues[1]).behind == holder.id
        held.release()
        assert next(queues[0]).behind == early.id
        assert list(queues[1]) == []


def test_that_a_run_whose_trainer_died_in_the_queue_blocks_nobody():
    holder, dead, alive = make_runs(3)
    held = DeviceSlot(holder, "cpu")
    assert not list(held.acquire(gives_up=never))
    abandoned = DeviceSlot(dead, "cpu").acquire(gives_up=never)
    next(abandoned)  # its ticket stays, its run's lock is free: a killed trainer
    held.release()
    slot = DeviceSlot(alive, "cpu")
    assert list(slot.acquire(gives_up=never)) == []
    assert slot.is_held


def test_that_a_ticket_that_is_being_written_is_not_taken_for_one_of_the_dead():
    slot = DeviceSlot(make_runs(1)[0], "cpu")
    ticket = home() / "queue" / "cpu" / f"{1:020d}-1.ticket"
    ticket.touch()
    assert not list(slot.acquire(gives_up=never))
    assert ticket.exists()


def test_that_whoever_gives_up_leaves_the_queue():
    first, second = make_runs(2)
    held, waiting = DeviceSlot(first, "cpu"), DeviceSlot(second, "cpu")
    assert not list(held.acquire(gives_up=never))
    assert len(list(waiting.acquire(gives_up=lambda: True))) == 1
    assert not waiting.is_held


def test_that_two_devices_have_two_queues():
    first, second = make_runs(2)
    assert not list(DeviceSlot(first, "cpu").acquire(gives_up=never))
    assert not list(DeviceSlot(second, "cuda:0").acquire(gives_up=never))


def test_that_the_probable_device_of_a_name_is_itself():
    assert probable_device("cpu") == "cpu"
    assert probable_device("cuda") == "cuda:0"
