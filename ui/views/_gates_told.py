"""What each unit does: the pattern of the validation texts that it tells best, asked for once a step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, Signal

from ui.inspector import Inspector
from ui.lab.run_model import RunModel
from ui.views._gates_data import Place
from ui.views._gates_patterns import PATTERNS, Pattern
from ui.widgets.numbers import fixed, whole
from workers.protocol import AnyAnswer, Model, TellUnits, UnitsTold

_CLEAR, _FAINT = 0.9, 0.75  # areas from which a unit tells a pattern, and leans to it
_LEAST_MATCHED = 30  # tokens; of fewer an area says little


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """What a unit tells best: it is high where the pattern is, or low. area: under the ROC curve, 0.5 to 1."""

    pattern: Pattern
    is_high: bool
    area: float
    num_tokens: int
    signal: str


class UnitJobs(QObject):
    """Asks only of weights that stay: those of a step, or of a run that has ended."""

    came = Signal()

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._areas: NDArray[np.float32] | None = None  # [patterns, layers, directions, units], without what is rare
        self._searched = 0
        self._num_matched: tuple[int, ...] = ()
        self._signal = ""
        self._wanted: tuple[object, ...] | None = None

    def follow(self, run: RunModel | None, *, step: int | None, signal: str) -> None:
        """Of this run's weights; nothing is asked while they change."""
        is_settled = run is not None and (step is not None or not (run.is_alive or run.is_starting))
        wanted = (run.id, step, run.newest_step, signal) if run is not None and is_settled else None
        if wanted == self._wanted:
            return
        self._wanted, self._areas, self._num_matched = wanted, None, ()
        if run is None or wanted is None:
            return

        def on_answer(answer: AnyAnswer, arrays: dict[str, Any]) -> None:
            if wanted == self._wanted and isinstance(answer, UnitsTold) and answer.is_last:
                areas = np.array(arrays["auc"], dtype=np.float32)
                areas[np.array(answer.num_matched) < _LEAST_MATCHED] = np.nan
                self._num_matched = answer.num_matched
                self._areas, self._searched, self._signal = areas, answer.searched, signal
                self.came.emit()

        request = TellUnits(
            slot="gates-told",
            model=Model(run=str(run.path), step=step),
            patterns=tuple(pattern.regex for pattern in PATTERNS),
            signal=signal,
        )
        # What it tells is an extra: where it cannot be told, nothing is missing.
        self._inspector.ask(request, on_answer, on_problem=lambda _problem: None, owner=self)

    @property
    def num_matched(self) -> tuple[int, ...]:
        """How many tokens of the validation texts each pattern matches; empty while that is not known."""
        return self._num_matched

    def job(self, place: Place) -> Job | None:
        """What the unit looked at tells best; None while that is not known."""
        areas = self._areas
        if areas is None or place.unit is None:
            return None
        if place.layer >= areas.shape[1] or place.direction >= areas.shape[2] or place.unit >= areas.shape[3]:
            return None
        own = areas[:, place.layer, place.direction, place.unit]
        if np.isnan(own).all():
            return None
        best = int(np.nanargmax(np.abs(own - 0.5)))
        area = float(own[best])
        return Job(
            pattern=PATTERNS[best],
            is_high=area >= 0.5,
            area=max(area, 1 - area),
            num_tokens=self._searched,
            signal=self._signal,
        )


def job_text(job: Job | None) -> str:
    """follows “inside double quotes”: c is high there, AUC 0.994; nothing of a unit that tells no pattern."""
    if job is None or job.area < _FAINT:
        return ""
    said = {
        (True, True): _tr("follows “{pattern}”: {signal} is high there, AUC {area}"),
        (True, False): _tr("follows “{pattern}”: {signal} is low there, AUC {area}"),
        (False, True): _tr("leans to “{pattern}”: {signal} is higher there, AUC {area}"),
        (False, False): _tr("leans to “{pattern}”: {signal} is lower there, AUC {area}"),
    }[job.area >= _CLEAR, job.is_high]
    return said.format(signal=job.signal, pattern=job.pattern.title, area=fixed(job.area, decimals=3))


def job_help(job: Job | None) -> str:
    """How that is known."""
    if job is None:
        return ""
    told = _tr(
        "Of the patterns under Search, this is the one that the unit tells best over {n} tokens of the validation "
        "texts. AUC, the area under its ROC curve, is the chance that of a token inside it and one outside "
        "the unit puts the two in the right order: {area}. 0.5 is a coin's, 1 never errs."
    )
    return told.format(n=whole(job.num_tokens), area=fixed(job.area, decimals=3))


def _tr(text: str) -> str:
    return QCoreApplication.translate("GatesView", text)
