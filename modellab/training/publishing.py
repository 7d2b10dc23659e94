"""What others may look at while training goes on: the newest weights, and captures."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from pathlib import Path

from safetensors.numpy import save_file
from torch import nn

from modellab.data.base import Sample
from modellab.events import Captured, Published
from modellab.runs.atomic import replacing
from modellab.runs.folder import RunFolder
from modellab.training.checkpointing import save_tensors
from modellab.training.shares import Share

_LIVE_SHARE = 0.004
_LIVE_SECONDS = 0.5
_SURFACE_SHARE = 0.015
_SURFACE_SECONDS = 0.2
_SURFACE_RESOLUTION = 64
# A capture is kept for later when its step is this many times that of the one kept before.
_KEPT_RATIO = 1.2


class Publisher:
    """Writes `live.safetensors` now and then, renamed into place and not fsynced: it is worth nothing after a crash."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._share = Share(_LIVE_SHARE, least_seconds=_LIVE_SECONDS)
        self.step = -1

    def publish(self, model: nn.Module, *, step: int, now: float, is_last: bool = False) -> Iterator[Published]:
        """Write the weights when it is time (or `is_last`) and they have changed."""
        if step == self.step or not (is_last or self._share.is_due(now)):
            return
        with replacing(self._run.live_file, durable=False) as beside:
            save_tensors(model.state_dict(), beside, metadata={"step": str(step)})
        self.step = step
        done = time.perf_counter()
        self._share.charge(done - now, now=done)
        yield Published(step=step, time=time.time())


class SurfaceCapturer:
    """Decision surfaces of models that read 2-D points, while they learn."""

    def __init__(self, run: RunFolder, sample: Sample) -> None:
        self._run = run
        self._sample = sample
        self._is_possible = sample.kind == "point" and sample.shape == (2,)
        self._share = Share(_SURFACE_SHARE, least_seconds=_SURFACE_SECONDS)
        self._kept_step = 0
        self._passing: Path | None = None
        self._step = -1

    def capture(self, model: nn.Module, *, step: int, now: float, is_last: bool = False) -> Iterator[Captured]:
        """Capture when it is time (or `is_last`)."""
        if not self._is_possible or step == self._step or not (is_last or self._share.is_due(now)):
            return
        from modellab.inspection.surface import surface

        was_training = model.training
        arrays = surface(model, self._sample, resolution=_SURFACE_RESOLUTION)
        model.train(was_training)
        path = self._run.captures / f"surface-{step:08d}.safetensors"
        path.parent.mkdir(exist_ok=True)
        with replacing(path, durable=False) as beside:
            save_file(arrays, beside, metadata={"kind": "surface", "step": str(step)})
        self._thin_out(path, step=step)
        self._step = step
        done = time.perf_counter()
        self._share.charge(done - now, now=done)
        yield Captured(step=step, time=time.time(), kind="surface", file=f"captures/{path.name}")

    def _thin_out(self, path: Path, *, step: int) -> None:
        if self._passing is not None:
            with contextlib.suppress(OSError):
                self._passing.unlink()
        if step >= max(self._kept_step + 1, self._kept_step * _KEPT_RATIO):
            self._kept_step, self._passing = step, None
        else:
            self._passing = path
