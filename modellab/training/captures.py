"""Capture files of a run: one a step, thinned out so that those kept are log-spaced."""

from __future__ import annotations

import contextlib
import time
from pathlib import Path
from typing import Any

from numpy.typing import NDArray
from safetensors.numpy import save_file

from modellab.events import Captured
from modellab.runs.atomic import replacing
from modellab.runs.folder import RunFolder

# A capture is kept for later when its step is this many times that of the one kept before.
_KEPT_RATIO = 1.2


class CaptureWriter:
    """Writes `captures/<kind>-<step>.safetensors`; the newest is always there, renamed into place and not fsynced."""

    def __init__(self, run: RunFolder, kind: str) -> None:
        self._run = run
        self._kind = kind
        self._kept_step = 0
        self._passing: Path | None = None

    def write(self, arrays: dict[str, NDArray[Any]], *, step: int, metadata: dict[str, str] | None = None) -> Captured:
        """Write the arrays; the metadata also name the kind and the step."""
        path = self._run.captures / f"{self._kind}-{step:08d}.safetensors"
        path.parent.mkdir(exist_ok=True)
        with replacing(path, durable=False) as beside:
            save_file(arrays, beside, metadata={"kind": self._kind, "step": str(step), **(metadata or {})})
        if self._passing is not None:
            with contextlib.suppress(OSError):
                self._passing.unlink()
        if step >= max(self._kept_step + 1, self._kept_step * _KEPT_RATIO):
            self._kept_step, self._passing = step, None
        else:
            self._passing = path
        return Captured(step=step, time=time.time(), kind=self._kind, file=f"captures/{path.name}")
