"""The examples of a dataset of points, fetched page by page; the first page is shown while the others come."""

from __future__ import annotations

from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from modellab.data.base import Sample
from ui.inspector import Inspector
from ui.views._surface_points import Points
from workers.protocol import AnyAnswer, Problem, SamplePage, ShowSamples

SPLITS = ("train", "validation")
MOST_EXAMPLES = 4096  # of a split: more would hide the surface
_PAGE = 1024


class ExampleSource(QObject):
    """Gives both splits of a recipe's dataset; a newer question makes what is still to come void."""

    arrived = Signal(object, object)  # Sample, dict[str, Points]: after the first pages, and after each that follows
    failed = Signal(str)

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._fetched = 0
        self._found: dict[str, Points] = {}

    def fetch(self, recipe: dict[str, Any]) -> None:
        """Begin with another recipe."""
        self.stop()
        for split in SPLITS:
            self._ask(recipe, split, start=0)

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._fetched += 1
        self._found = {}

    def _ask(self, recipe: dict[str, Any], split: str, *, start: int) -> None:
        fetched = self._fetched

        def on_answer(page: AnyAnswer, arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(page, SamplePage)
            if fetched == self._fetched:
                self._take(page, arrays, split=split)
            if fetched == self._fetched:  # whoever took them may have wanted no more
                so_far = len(self._found[split])
                if len(page.indices) and so_far < min(page.total, MOST_EXAMPLES):
                    self._ask(recipe, split, start=so_far)

        def on_problem(problem: Problem) -> None:
            if fetched == self._fetched:
                self.stop()
                self.failed.emit(problem.message)

        request = ShowSamples(slot=f"surface-{split}", recipe=recipe, split=split, start=start, count=_PAGE)
        self._inspector.ask(request, on_answer, on_problem=on_problem, owner=self)

    def _take(self, page: SamplePage, arrays: dict[str, NDArray[Any]], *, split: str) -> None:
        inputs, targets = arrays["inputs"].astype(np.float32), arrays["targets"]
        before = self._found.get(split)
        if before is not None:
            inputs, targets = np.concatenate([before.inputs, inputs]), np.concatenate([before.targets, targets])
        self._found[split] = Points(inputs=inputs, targets=targets, total=page.total, is_ring=split == "validation")
        if len(self._found) == len(SPLITS):
            sample = msgspec.convert(page.sample, Sample)
            self.arrived.emit(sample, {name: self._found[name] for name in SPLITS})
