"""What the tests of the panels are made of: runs in folders, an inspector that answers at once, a session."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QObject

from modellab import events as ev
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.runs.folder import Details, RunFolder, create_run
from modellab.runs.lines import append_line
from ui.lab.focus import SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.session import Session
from ui.views.base import Lab
from workers.protocol import Predict, Prediction, Problem, RowInput, SamplePage, ShowSamples

SPIRALS: dict[str, Any] = {"architecture": {"name": "mlp"}, "dataset": {"name": "points", "shape": "spirals"}}
DIGITS: dict[str, Any] = {"architecture": {"name": "cnn"}, "dataset": {"name": "digits"}}
TABLE: dict[str, Any] = {"architecture": {"name": "mlp"}, "dataset": {"name": "table", "file": "flats.csv"}}
SAMPLES: dict[str, dict[str, Any]] = {
    "points": {
        "kind": "point", "task": "classification", "shape": (2,), "classes": ("0", "1"), "features": ("x", "y"),
        "low": (-1.0, -2.0), "high": (1.0, 2.0),
    },
    "digits": {"kind": "image", "task": "classification", "shape": (1, 8, 8), "classes": tuple("0123456789")},
    "table": {
        "kind": "row", "task": "regression", "shape": (3,), "features": ("rooms", "age", "rent"), "target": "price",
        "mean": (3.0, 40.0, 900.0), "std": (1.0, 1.0, 1.0),
    },
}  # fmt: skip


class FakeLauncher:
    """Starts nothing."""

    def launch(self, run: RunFolder) -> None:
        """Nothing."""


class FakeInspector(QObject):
    """Answers at once, on the spot."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[Any] = []
        self.arrays: list[Any] = []
        self.problem = ""

    def predictions(self) -> list[Predict]:
        """The questions about predictions."""
        return [request for request in self.asked if isinstance(request, Predict)]

    def ask(
        self, request: Any, on_answer: Any, *, arrays: Any = None, on_problem: Any = None, owner: Any = None
    ) -> None:
        """As `ui.inspector.Inspector.ask`."""
        self.asked.append(request)
        self.arrays.append(arrays)
        if self.problem:
            on_problem(Problem(message=self.problem))
        elif isinstance(request, Predict):
            on_answer(*self._predict(request))
        elif isinstance(request, ShowSamples):
            on_answer(*self._samples(request))

    def _predict(self, request: Predict) -> tuple[Prediction, dict[str, Any]]:
        step = request.model.step or 40
        if isinstance(request.input, RowInput) and len(request.input.values) == 3:
            return Prediction(step=step, task="regression", value=1234.5, target="price", milliseconds=0.2), {}
        classes, probabilities = tuple("7123456089"), (0.9, *([0.1 / 9] * 9))
        if isinstance(request.input, RowInput):
            classes, probabilities = ("1", "0"), (0.75, 0.25)
        answer = Prediction(
            step=step, task="classification", classes=classes, probabilities=probabilities, milliseconds=1.5
        )
        return answer, {"seen": np.full((8, 8, 1), 200, np.uint8)}

    def _samples(self, request: ShowSamples) -> tuple[SamplePage, dict[str, Any]]:
        name = request.recipe["dataset"]["name"]
        count = request.count
        inputs = {
            "points": np.full((count, 2), 0.5, np.float32),
            "digits": np.full((count, 8, 8, 1), 99, np.uint8),
            "table": np.tile(np.array([4.0, 12.0, 700.0], np.float32), (count, 1)),
        }[name]
        targets = np.full(count, 7.25 if name == "table" else 1)
        indices = tuple(range(request.start, request.start + count))
        page = SamplePage(sample={}, start=request.start, total=200, indices=indices)
        return page, {"inputs": inputs, "targets": targets}


def make_lab() -> Lab:
    """A lab that reads real folders and starts no process."""
    follower = RunFollower()
    follower.start()
    session = Session(follower=follower, launcher=FakeLauncher())
    follower.setParent(session)
    return Lab(session=session, focus=SharedFocus(), inspector=FakeInspector())  # type: ignore[arg-type]


def write_run(
    values: dict[str, Any],
    *,
    steps: int = 40,
    end: str = "completed",
    accuracy: float = 0.9,
    details: Details | None = None,
) -> RunFolder:
    """A run on disk with the events of a short training."""
    recipe: Recipe = recipe_from_builtins(values)
    run = create_run(recipe)
    sample = SAMPLES[recipe.dataset.name()]
    metrics = {"loss": 0.5, "r2": accuracy} if sample["task"] == "regression" else {"loss": 0.5, "accuracy": accuracy}
    events: list[ev.Event] = [
        ev.Started(
            step=0, time=1_700_000_000.0, device="cpu", device_name="CPU", num_parameters=10, steps_per_epoch=10,
            total_steps=40, sample=sample,
        ),
        ev.Progress(step=steps, first=1, columns={"loss": [1 / (1 + i) for i in range(steps)]}, times=(0.0, 65.0)),
        ev.Evaluated(step=steps, split="validation", metrics=metrics),
        ev.Checkpointed(step=steps, folder=f"checkpoints/step-{steps:08d}"),
    ]  # fmt: skip
    if end:
        events.append(ev.Finished(step=steps, reason=end, seconds=65.0))  # type: ignore[arg-type]
    for event in events:
        append_line(run.events_file, ev.encode_event(event))
    if details is not None:
        run.set_details(details)
    return run
