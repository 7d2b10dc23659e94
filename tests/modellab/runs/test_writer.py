"""The events' writer: whole lines, a torn one cut off, a full disk waited for."""

import contextlib
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from modellab.events import Finished, Logged, Paused, Resumed
from modellab.runs.folder import tail_events
from modellab.runs.lines import LineTail
from modellab.runs.writer import EventWriter


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 2 MB."""
    place = tmp_path / "disk"
    place.mkdir()
    mount = shutil.which("mount")
    if sys.platform != "linux" or mount is None:
        pytest.skip("Only Linux can mount a small disk.")
    mounted = subprocess.run([mount, "-t", "tmpfs", "-o", "size=2m", "tmpfs", str(place)], capture_output=True)
    if mounted.returncode != 0:
        pytest.skip("Mounting a small disk is not permitted here.")
    yield place
    subprocess.run(["umount", "-l", str(place)], check=True)


def logged(step: int, message: str = "") -> Logged:
    return Logged(step=step, level="info", message=message)


def filled(disk: Path) -> Path:
    """What fills it to the last byte."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while True:
            file.write(bytes(512))
    return filler


def test_that_every_event_is_a_line(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.write(logged(1))
    writer.write(logged(2))
    writer.close()
    assert tail_events(path) == [logged(1), logged(2)]
    assert writer.num_bytes == path.stat().st_size
    assert [found.name for found in tmp_path.iterdir()] == ["events.jsonl"]


def test_that_a_torn_line_is_cut_off_and_readers_see_whole_lines_only(tmp_path: Path):
    path = tmp_path / "events.jsonl"
    writer = EventWriter(path)
    writer.write(logged(1))
    writer.close()
    with path.open("ab") as file:
        file.write(b'{"type":"Logged","st')
    tail = LineTail(path)
    assert len(tail.read()) == 1
    writer = EventWriter(path)
    writer.write(logged(2))
    writer.close()
    assert tail_events(path) == [logged(1), logged(2)]
    assert len(tail.read()) == 1


def test_that_a_full_disk_is_told_of_waited_for_and_loses_no_event(small_disk: Path):
    path = small_disk / "events.jsonl"
    writer = EventWriter(path)
    filler = filled(small_disk)
    events = [logged(step, "x" * 2000) for step in range(20)]

    def write_all() -> None:
        for event in events:
            writer.write(event)

    thread = threading.Thread(target=write_all)
    thread.start()
    deadline = threading.Event()
    while not any(isinstance(event, Paused) for event in tail_events(path)):
        assert thread.is_alive()
        assert not deadline.wait(0.01)
    told = next(event for event in tail_events(path) if isinstance(event, Paused))
    assert told.reason == "disk_full"
    assert "1.0 MB are needed" in told.message
    filler.unlink()
    thread.join(timeout=10)
    assert not thread.is_alive()
    writer.close()
    found = tail_events(path)
    assert [event for event in found if isinstance(event, Logged)] == events
    assert any(isinstance(event, Resumed) for event in found)


def test_that_the_last_word_of_a_run_stays_the_last_where_the_disk_is_full(small_disk: Path):
    path = small_disk / "events.jsonl"
    writer = EventWriter(path)
    filler = filled(small_disk)
    finished = Finished(step=3, reason="completed")
    thread = threading.Thread(target=writer.write, args=(finished,))
    thread.start()
    thread.join(timeout=0.2)  # the room that was kept aside does
    filler.unlink()
    thread.join(timeout=10)
    assert not thread.is_alive()
    writer.close()
    assert tail_events(path) == [finished]
