"""Gates of a few pinned texts while a recurrent model learns."""

from __future__ import annotations

import itertools
import json
import time
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from modellab.data.base import LoadedDataset
from modellab.events import Captured
from modellab.runs.folder import RunFolder
from modellab.training.captures import CaptureWriter
from modellab.training.shares import Share

_SHARE = 0.01
_SECONDS = 0.25
_NUM_PROBES = 4
_MOST_TOKENS = 128
_MOST_BYTES = 4_000_000  # of one capture: where a text would make it larger, fewer texts are pinned
_MOST_HALF = 65_504.0  # beyond this a float16 is no number


class GateCapturer:
    """Captures of kind "gates": "<probe>/ids" int32 [T] and "<probe>/<layer>/<direction>/<signal>" float16 [T, H].

    The file's metadata are kind, step, cell, signals (a JSON list) and unknown: a JSON list that has for each text what
    stands there for tokens that it does not know, by their places. The pinned texts are the first ones to validate
    with; of a language model, windows spread over its stream. As often as keeps to a share of the time.
    """

    def __init__(self, run: RunFolder, data: LoadedDataset, model: nn.Module) -> None:
        self._writer = CaptureWriter(run, "gates")
        self._share = Share(_SHARE, least_seconds=_SECONDS)
        self._probes: list[NDArray[np.int32]] = []
        self._unknown = ""
        self._step = -1
        if data.sample.kind == "text" and hasattr(model, "directions"):
            self._probes = probes(data, token_bytes=_token_bytes(model))
            self._unknown = json.dumps(probes_unknown(data, token_bytes=_token_bytes(model)))

    def capture(self, model: nn.Module, *, step: int, now: float, is_last: bool = False) -> Iterator[Captured]:
        """Capture when it is time (or `is_last`)."""
        if not self._probes or step == self._step or not (is_last or self._share.is_due(now)):
            return
        from modellab.inspection.gates import gates
        from modellab.nets.recurrent import Recurrent
        from modellab.nets.recurrent_cells import SIGNALS

        assert isinstance(model, Recurrent), "only recurrent models have probes"
        arrays: dict[str, NDArray[np.generic]] = {}
        lengths = [len(probe) for probe in self._probes]
        ids = torch.zeros(len(lengths), max(lengths), dtype=torch.int64)  # [P, T]
        for number, probe in enumerate(self._probes):
            ids[number, : len(probe)] = torch.from_numpy(probe)
        found = gates(model, ids.to(next(model.parameters()).device))
        for number, length in enumerate(lengths):
            arrays[f"{number}/ids"] = self._probes[number]
            for name, values in found.named(number).items():
                halves = values[:length].clamp(-_MOST_HALF, _MOST_HALF).half().cpu().numpy()
                arrays[f"{number}/{name}"] = np.ascontiguousarray(halves)
        metadata = {"cell": model.cell, "signals": json.dumps(SIGNALS[model.cell]), "unknown": self._unknown}
        event = self._writer.write(arrays, step=step, metadata=metadata)
        self._step = step
        done = time.perf_counter()
        self._share.charge(done - now, now=done)
        yield event


def probes(data: LoadedDataset, *, token_bytes: int = 1) -> list[NDArray[np.int32]]:
    """The pinned texts of a dataset, up to 4, int32 [T] each; `token_bytes`: what a token adds to a capture."""
    return [np.array(data.validation.inputs[begin:end], dtype=np.int32) for begin, end in _pinned(data, token_bytes)]


def probes_unknown(data: LoadedDataset, *, token_bytes: int = 1) -> list[dict[int, str]]:
    """Of each pinned text what stands there for the tokens that the model does not know, by their places."""
    unknown = data.validation.unknown
    return [unknown.among(np.arange(*span)) if unknown else {} for span in _pinned(data, token_bytes)]


def _pinned(data: LoadedDataset, token_bytes: int) -> list[tuple[int, int]]:
    """Where they begin and end in the validation split."""
    split, length = data.validation, min(data.sample.shape[0], _MOST_TOKENS)
    if split.offsets is None:
        places = np.linspace(0, max(0, len(split.inputs) - length), _NUM_PROBES).astype(np.int64).tolist()
        found = [(place, min(len(split.inputs), place + length)) for place in places]
    else:
        first = split.offsets[: _NUM_PROBES + 1].tolist()
        found = [(start, min(stop, start + length)) for start, stop in itertools.pairwise(first)]
    pinned: list[tuple[int, int]] = []
    for start, stop in found:
        num_bytes = token_bytes * (sum(end - begin for begin, end in pinned) + stop - start)
        if stop > start and (not pinned or num_bytes <= _MOST_BYTES):
            pinned.append((start, stop))
    return pinned


def _token_bytes(model: nn.Module) -> int:
    """Of all signals of a token in float16."""
    from modellab.nets.recurrent import Recurrent
    from modellab.nets.recurrent_cells import SIGNALS

    assert isinstance(model, Recurrent)
    return 2 * len(SIGNALS[model.cell]) * model.hidden_size * len(model.layers) * len(model.directions[0])
