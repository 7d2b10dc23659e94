"""A lab with no processes: questions are answered from hand-made arrays, runs are fed items by hand."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QWidget
from safetensors.numpy import save_file

from modellab import events as ev
from modellab.config import to_builtins
from modellab.data.base import Sample
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.runs.folder import RunFolder, create_run
from ui.inspector import Inspector
from ui.lab.focus import SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.run_model import RunModel
from ui.lab.session import Session
from ui.theme import theme
from ui.views.base import Lab
from workers import protocol

Reply = tuple[protocol.Answer, dict[str, np.ndarray]]


class FakeFollower(QObject):
    """Follows nothing."""

    items_arrived = Signal(str, object)
    log_arrived = Signal(str, object)
    lock_changed = Signal(str, bool)

    def follow(self, folder: Path) -> None: ...

    def unfollow(self, folder: Path) -> None: ...


class FakeLauncher:
    """Starts nothing."""

    def launch(self, run: RunFolder) -> None: ...


class FakeInspector:
    """Answers at once by `replies[type(request)]`, or keeps the question in `waiting` while `is_held`."""

    def __init__(self) -> None:
        self.replies: dict[type, Callable[[Any], Reply]] = {}
        self.asked: list[Any] = []
        self.waiting: list[Callable[[], None]] = []
        self.is_held = False

    def ask(self, request, on_answer, *, arrays=None, on_problem=None, owner=None) -> None:
        self.asked.append(request)

        def answer() -> None:
            answer, found = self.replies[type(request)](request)
            if isinstance(answer, protocol.Problem):
                if on_problem is not None:
                    on_problem(answer)
            else:
                on_answer(answer, found)

        if self.is_held:
            self.waiting.append(answer)
        else:
            answer()

    def asked_of(self, kind: type) -> list[Any]:
        """The questions of a type so far."""
        return [request for request in self.asked if isinstance(request, kind)]


def make_lab() -> tuple[Lab, FakeInspector]:
    inspector = FakeInspector()
    session = Session(follower=cast(RunFollower, FakeFollower()), launcher=FakeLauncher())
    return Lab(session=session, focus=SharedFocus(), inspector=cast(Inspector, inspector)), inspector


def recipe_of(dataset: dict[str, Any], *, architecture: dict[str, Any] | None = None) -> Recipe:
    return recipe_from_builtins({"architecture": architecture or {"name": "mlp"}, "dataset": dataset})


def make_run(path: Path, recipe: Recipe, sample: Sample) -> RunModel:
    run = RunModel(create_run(recipe, path=path), recipe=recipe, colour=0)
    started = ev.Started(
        step=0,
        device="cpu",
        device_name="CPU",
        num_parameters=9,
        steps_per_epoch=10,
        total_steps=100,
        sample=to_builtins(sample),
    )
    run.take([started])
    return run


def write_capture(run: RunModel, arrays: dict[str, np.ndarray], *, step: int, kind: str = "surface") -> None:
    """As a trainer does: the file, then the event that names it."""
    run.folder.captures.mkdir(exist_ok=True)
    save_file(arrays, run.folder.captures / f"{kind}-{step}.safetensors")
    run.take([ev.Captured(step=step, kind=kind, file=f"captures/{kind}-{step}.safetensors")])


def is_blank(widget: QWidget) -> bool:
    """Whether the widget's picture is all but one colour."""
    image = widget.grab().toImage()
    colours = {image.pixel(x, y) for x in range(0, image.width(), 7) for y in range(0, image.height(), 7)}
    return len(colours) < 4


def grab_in(name: Any, widget: QWidget) -> QPixmap:
    theme().use(name)
    return widget.grab()


def assert_told_to_be_read(view: Any, before: RunModel, inspector: FakeInspector) -> None:
    """That a view of a run like the one before it says so while that is being read, and not that it has just begun."""
    inspector.is_held = True
    run = RunModel(before.folder, recipe=before.recipe, colour=0)
    run.folder.events_file.write_bytes(ev.encode_event(ev.Published(step=1158)) + b"\n")
    view.set_run(run)
    assert view._parts._empty._sentence.text() == "This run is being read…"
    run.take([ev.Published(step=1158)])
    assert view._parts._empty._sentence.text() == "The weights of step 1,158 are being read…"
