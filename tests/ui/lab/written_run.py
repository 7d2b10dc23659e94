"""Writes a run's events by hand, as a trainer would."""

from modellab.events import Event, Progress, Started, encode_event
from modellab.runs.folder import RunFolder
from modellab.runs.lines import append_line


class WrittenRun:
    """Appends events to a real run folder."""

    def __init__(self, folder: RunFolder) -> None:
        self.folder = folder

    def write(self, *events: Event) -> None:
        for event in events:
            append_line(self.folder.events_file, encode_event(event))

    def start(self, *, step: int = 0, total: int = 100) -> None:
        self.write(
            Started(step=step, device="cpu", device_name="CPU", num_parameters=9, steps_per_epoch=10, total_steps=total)
        )

    def progress(self, first: int, losses: list[float | None]) -> None:
        last = first + len(losses) - 1
        times = ((first - 1) * 0.1, last * 0.1)
        self.write(Progress(step=last, first=first, columns={"loss": losses}, times=times, samples_per_second=640.0))
