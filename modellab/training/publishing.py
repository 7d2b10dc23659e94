"""What others may look at while training goes on: the newest weights, and captures."""

from __future__ import annotations

import time
from collections.abc import Iterator

from torch import nn

from modellab.data.base import LoadedDataset, Sample
from modellab.events import Captured, Published
from modellab.runs.atomic import replacing
from modellab.runs.folder import RunFolder
from modellab.training.captures import CaptureWriter
from modellab.training.checkpointing import save_tensors
from modellab.training.probes import GateCapturer
from modellab.training.shares import Share

_LIVE_SHARE = 0.002
_LIVE_SECONDS = 0.5
_SURFACE_SHARE = 0.005
_SURFACE_SECONDS = 0.2
_SURFACE_RESOLUTION = 64


class Publisher:
    """Writes `live.safetensors` now and then, renamed into place and not fsynced: it is worth nothing after a crash."""

    def __init__(self, run: RunFolder) -> None:
        self._run = run
        self._share = Share(_LIVE_SHARE, least_seconds=_LIVE_SECONDS, second_within=2 * _LIVE_SECONDS)
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


class Captures:
    """Whatever can be captured of this model while it learns, each kind within a share of the time of its own."""

    def __init__(self, run: RunFolder, data: LoadedDataset, model: nn.Module) -> None:
        self._capturers = (SurfaceCapturer(run, data.sample), GateCapturer(run, data, model))

    def capture(self, model: nn.Module, *, step: int, is_last: bool = False) -> Iterator[Captured]:
        """Capture what it is time for, or all (`is_last`)."""
        for capturer in self._capturers:
            yield from capturer.capture(model, step=step, now=time.perf_counter(), is_last=is_last)


class SurfaceCapturer:
    """Decision surfaces of models that read 2-D points, while they learn."""

    def __init__(self, run: RunFolder, sample: Sample) -> None:
        self._writer = CaptureWriter(run, "surface")
        self._sample = sample
        self._is_possible = sample.is_plane
        self._share = Share(_SURFACE_SHARE, least_seconds=_SURFACE_SECONDS)
        self._step = -1

    def capture(self, model: nn.Module, *, step: int, now: float, is_last: bool = False) -> Iterator[Captured]:
        """Capture when it is time (or `is_last`)."""
        if not self._is_possible or step == self._step or not (is_last or self._share.is_due(now)):
            return
        from modellab.inspection.surface import surface

        was_training = model.training
        arrays = surface(model, self._sample, resolution=_SURFACE_RESOLUTION)
        model.train(was_training)
        event = self._writer.write(arrays, step=step)
        self._step = step
        done = time.perf_counter()
        self._share.charge(done - now, now=done)
        yield event
