"""What goes wrong: memory, disk, and whatever else, each one event a person can act on."""

import contextlib
import errno
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from modellab.errors import UserError
from modellab.events import Failed, Finished, Paused, Progress, Resumed
from modellab.runs.checkpoints import newest_whole
from modellab.runs.folder import create_run
from modellab.runs.full_disk import is_disk_full
from modellab.training.faults import bytes_asked_for, failure, fitting_batch_size, is_out_of_memory
from modellab.training.loop import train
from modellab.training.setup import Setup, prepare
from tests.modellab.training.helpers import column, only, recipe


@pytest.fixture
def setup() -> Setup:
    return prepare(recipe(), warn=lambda message: None)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 8 MB, more than a slow machine makes the run take."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if sys.platform != "linux" or mount is None:
        pytest.skip("Only Linux can mount a small disk.")
    if subprocess.run([mount, "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(place)], capture_output=True).returncode:
        pytest.skip("Mounting a small disk is not permitted here.")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has", int(2.5 * 2**30)),
        ("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 4096 bytes. Error", 4096),
        ("something else", 0),
    ],
)
def test_that_what_an_allocator_asked_for_is_read_from_its_message(text: str, wanted: int):
    assert bytes_asked_for(text) == wanted


def test_that_a_real_failed_allocation_is_known_as_one():
    with pytest.raises(RuntimeError) as caught:
        torch.empty(2**50, dtype=torch.uint8)
    assert is_out_of_memory(caught.value)
    assert bytes_asked_for(str(caught.value)) == 2**50
    assert not is_out_of_memory(ValueError("memory"))


def test_that_memory_that_ran_out_suggests_a_batch_that_fits(setup: Setup):
    setup.batch_size = 2**40
    fits = fitting_batch_size(setup, asked=2**52)
    assert fits is not None
    assert fits < 2**40
    assert fitting_batch_size(setup, asked=0) == fitting_batch_size(setup, asked=1)
    event = failure(
        RuntimeError("can't allocate memory: you tried to allocate 9007199254740992 bytes."), step=3, setup=setup
    )
    assert event.suggestion["training.batch_size"] < 2**40
    assert "9007199.3 GB" in event.message
    assert event.traceback


def test_that_a_batch_too_large_for_the_memory_fails_with_a_suggestion():
    # 1 GB for the hidden units and as much for each thing made of them; the process may grow by 1.5 GB.
    script = """
import resource
import psutil
from modellab.training.loop import train
from tests.modellab.training.helpers import recipe
made = recipe(architecture={"hidden_layers": [16384]}, dataset={"count": 20_000}, batch_size=16_000)
next(train(recipe()))
limit = psutil.Process().memory_info().vms + 1_500_000_000
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
last = list(train(made))[-1]
print(type(last).__name__, last.suggestion, last.message)
"""
    if sys.platform != "linux":
        pytest.skip("Only Linux limits the memory of a process.")
    root = Path(__file__).resolve().parents[3]
    child = subprocess.run([sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120)
    assert child.stdout.startswith("Failed {'training.batch_size': "), child.stdout + child.stderr
    assert "GB more were needed for a batch of 16000" in child.stdout


def test_that_a_full_disk_is_known_from_the_number_and_from_the_words():
    assert is_disk_full(OSError(errno.ENOSPC, "x"))
    assert is_disk_full(RuntimeError("I/O error: No space left on device (os error 28)"))
    assert not is_disk_full(OSError(errno.EACCES, "x"))


def test_that_training_waits_for_room_on_a_full_disk_and_loses_no_checkpoint(small_disk: Path):
    made = recipe(architecture={"hidden_layers": [100, 100]}, epochs=600)
    run = create_run(made, path=small_disk / "run")
    filler = small_disk / "filler"
    events = []
    for event in train(made, run):
        events.append(event)
        if isinstance(event, Progress) and event.step > 100 and not filler.exists() and not only(events, Paused):
            fill(filler)
        if isinstance(event, Paused):
            assert event.reason == "disk_full"
            assert "MB are needed" in event.message
            assert newest_whole(run)[0] is not None
            filler.unlink()
    assert only(events, Resumed)
    assert isinstance(events[-1], Finished)
    assert list(column(events, "loss")) == list(range(1, 3001))
    assert newest_whole(run)[1] == []


def fill(path: Path) -> None:
    """Take all the room there is."""
    with path.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(512))


def test_that_any_other_error_is_one_sentence_and_a_traceback(setup: Setup):
    try:
        raise ValueError("first line\nsecond line")
    except ValueError as error:
        event = failure(error, step=5, setup=setup)
    assert (event.step, event.message) == (5, "Training failed: ValueError: first line")
    assert "test_faults.py" in event.traceback


def test_that_an_error_a_person_can_mend_has_no_traceback(setup: Setup):
    event = failure(UserError("Do this.", remedy={"dataset.bad_rows": "drop"}), step=0, setup=setup)
    assert isinstance(event, Failed)
    assert (event.message, event.traceback) == ("Do this.", "")
    assert event.suggestion == {"dataset.bad_rows": "drop"}
