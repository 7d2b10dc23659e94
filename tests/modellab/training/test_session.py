"""A run from its folder: its turn on the device, and its events on disk."""

from modellab.events import AnyEvent, Finished, Progress, Queued, Started
from modellab.runs.folder import create_run
from modellab.runs.queue import DeviceSlot
from modellab.runs.summary import SummaryKeeper, summarise_run
from modellab.runs.writer import EventWriter
from modellab.training.session import CommandReader, run_session
from tests.modellab.training.helpers import recipe


def test_that_an_interrupted_run_that_is_stopped_while_it_waits_keeps_its_step():
    holder, run = create_run(recipe()), create_run(recipe())
    events: list[AnyEvent] = [
        Started(step=0, device="cpu", device_name="CPU", num_parameters=1, steps_per_epoch=5, total_steps=10),
        Progress(step=7, first=1, columns={"loss": [0.5] * 7}),
    ]
    writer, keeper = EventWriter(run.events_file), SummaryKeeper(run)
    for event in events:
        writer.write(event)
        keeper.see(event, num_bytes=writer.num_bytes)
    writer.close()
    held = DeviceSlot(holder, "cpu")
    assert not list(held.acquire(gives_up=lambda: False))
    reader = CommandReader(run, is_new=False)
    reader.stop()
    *queued, last = run_session(run, is_interactive=False, commands=reader)
    assert all(isinstance(event, Queued) for event in queued)
    assert isinstance(last, Finished)
    assert (last.reason, last.step) == ("stopped", 7)
    assert summarise_run(run).step == 7
