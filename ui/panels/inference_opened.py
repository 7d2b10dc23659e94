"""The pretrained model that is looked into, as far as trying it needs to know it."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QObject, Signal

from modellab.data.base import Sample
from ui.inspector import Inspector
from workers.protocol import DescribePretrained, PretrainedDescription, Problem


class OpenedModel(QObject):
    """name: the folder or hub id, "" while a run's model is tried. problem: why there is nothing to try."""

    changed = Signal()

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self.name = ""
        self.title = ""
        self.problem = ""
        self.sample: Sample | None = None

    def open(self, name: str) -> None:
        """Another one; "": none."""
        if name == self.name:
            return
        self.name, self.title, self.problem, self.sample = name, "", "", None
        self.changed.emit()
        if not name:
            return

        def take(answer: Any, _arrays: Any) -> None:
            if name == self.name and isinstance(answer, PretrainedDescription):
                self.title, self.problem = answer.title, answer.problem
                self.sample = None if answer.problem else msgspec.convert(answer.sample, Sample)
                self.changed.emit()

        def fail(problem: Problem) -> None:
            if name == self.name:
                self.problem = problem.message
                self.changed.emit()

        self._inspector.ask(DescribePretrained(slot="try-open", name=name), take, on_problem=fail, owner=self)
