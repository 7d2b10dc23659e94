"""What gates cost: replayed against the forward pass and a loop over steps, live beside training, searched in a corpus.

Ways of doing the same take turns, and the fastest of each counts, as others on the machine only ever slow things down.
Run it as ``python -m benchmarks.gates``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from torch import nn

from modellab.architectures.gru import GRUConfig
from modellab.data.base import Sample
from modellab.events import Finished
from modellab.inspection.gate_search import Corpus, CorpusSignals, UnitKey, search
from modellab.inspection.gates import layers_gates, split_layers
from modellab.nets.recurrent import Recurrent
from modellab.nets.recurrent_cells import replay, step_through
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from modellab.training.loop import train
from modellab.training.probes import GateCapturer

CAPTURE_LIMIT = 1.5  # times the forward pass, for the gates that follow from what it read and said
LIVE_LIMIT = 0.02
SEARCH_LIMIT_SECONDS = 1.0
NUM_TOKENS = 1_000_000

SIZES: dict[str, tuple[type[nn.RNNBase], int, int, int]] = {
    # cell, layers, units, steps
    "LSTM 2 x 650 x 1000": (nn.LSTM, 2, 650, 1000),
    "GRU 2 x 650 x 1000": (nn.GRU, 2, 650, 1000),
    "LSTM 2 x 128 x 200": (nn.LSTM, 2, 128, 200),
    "GRU 2 x 128 x 200": (nn.GRU, 2, 128, 200),
}
RUNS: dict[str, dict[str, Any]] = {
    "words, LSTM": {
        "architecture": {"name": "lstm", "hidden_size": 128, "bidirectional": True},
        "dataset": {"name": "words"},
        "training": {"max_steps": 800, "batch_size": 64, "device": "cpu"},
    },
    "Python's documentation, LSTM": {
        "architecture": {"name": "lstm", "hidden_size": 128, "num_layers": 2},
        "dataset": {"name": "python_docs"},
        "training": {"max_steps": 60, "batch_size": 32, "device": "cpu"},
    },
}


def main() -> int:
    """Measure, say it, and give 1 where a limit is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--turns", type=int, default=9, help="how often each way is timed (default 9)")
    parser.add_argument("--threads", type=int, default=1, help="threads of torch; the inspector has 1 (default)")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    are_kept = [replays(name, options.turns) for name in SIZES]
    are_kept += [searches(options.turns)]
    are_kept += [live(name) for name in RUNS]
    return 0 if all(are_kept) else 1


@torch.inference_mode()
def replays(name: str, turns: int) -> bool:
    """The gates of all layers, against running them."""
    cell, num_layers, size, num_steps = SIZES[name]
    torch.manual_seed(0)
    module = cell(size, size, num_layers=num_layers, batch_first=True).eval()  # type: ignore[call-arg, arg-type]
    layers, x = split_layers(module), torch.randn(1, num_steps, size)
    read = [x]
    for (layer,) in layers:
        read.append(layer(read[-1])[0])

    def replayed() -> None:
        for (layer,), inputs, h in zip(layers, read[:-1], read[1:], strict=True):
            replay(layer, inputs, h)

    def stepped() -> None:
        inputs = x
        for (layer,) in layers:
            inputs = step_through(layer, inputs)[0]["h"]

    def opened() -> None:
        for directions in layers_gates(layers, x):
            for values in directions[0].values():
                values[0].half().numpy()

    ways = {"forward": lambda: module(x), "replayed": replayed, "stepped": stepped, "opened": opened}
    seconds = in_turns(ways, turns)
    forward = seconds["forward"]
    is_kept = seconds["replayed"] <= CAPTURE_LIMIT * forward

    def times_forward(way: str) -> str:
        limit = f", limit {CAPTURE_LIMIT}{'' if is_kept else ': MISSED'}" if way == "replayed" else ""
        return f"{seconds[way] * 1e3:.1f} ms ({seconds[way] / forward:.2f} x forward{limit})"

    print(
        f"{name}: forward {forward * 1e3:.1f} ms; gates replayed {times_forward('replayed')}; stepped through "
        f"{times_forward('stepped')}; whole capture, with the forward pass and float16 for the view, "
        f"{times_forward('opened')}"
    )
    return is_kept


def searches(turns: int) -> bool:
    """Three units on together, in a million tokens."""
    sample = Sample(kind="text", task="language_modelling", shape=(100,), num_tokens=50)
    model = GRUConfig(hidden_size=3).build(sample)
    assert isinstance(model, Recurrent)
    rng = np.random.default_rng(0)
    ids = rng.integers(2, 50, NUM_TOKENS).astype(np.int32)
    signals = CorpusSignals(model, Corpus(ids=ids, offsets=np.array([0, NUM_TOKENS]), window=100), ["h"])
    for values in signals.values.values():
        values[:] = rng.normal(size=values.shape)
    signals.num_done = signals.total
    units = [UnitKey(0, 0, "h", unit) for unit in range(3)]
    seconds = in_turns({"search": lambda: search(signals, units, length=2, whiskers=True)}, turns)["search"]
    is_kept = seconds <= SEARCH_LIMIT_SECONDS
    print(
        f"Search of {signals.total:,} tokens: {seconds * 1e3:.0f} ms "
        f"(limit {SEARCH_LIMIT_SECONDS:.0f} s{'' if is_kept else ': MISSED'})"
    )
    return is_kept


def live(name: str) -> bool:
    """The share of its time that a training gives to captures of gates."""
    spent, count = 0.0, 0
    whole = GateCapturer.capture

    def timed(self: GateCapturer, *args: Any, **options: Any) -> Any:
        nonlocal spent, count
        start = time.perf_counter()
        events = list(whole(self, *args, **options))
        spent += time.perf_counter() - start
        count += len(events)
        return iter(events)

    recipe = recipe_from_builtins(RUNS[name])
    seconds = 0.0
    GateCapturer.capture = timed  # type: ignore[method-assign]
    try:
        with tempfile.TemporaryDirectory() as place:
            for event in train(recipe, create_run(recipe, path=Path(place) / "run")):
                if isinstance(event, Finished):
                    seconds = event.seconds
    finally:
        GateCapturer.capture = whole  # type: ignore[method-assign]
    share = spent / max(seconds, 1e-9)
    is_kept = share <= LIVE_LIMIT
    print(
        f"{name}: {count} captures in {seconds:.1f} s of training take {share:.1%} of it "
        f"(limit {LIVE_LIMIT:.0%}{'' if is_kept else ': MISSED'})"
    )
    return is_kept


def in_turns(ways: dict[str, Callable[[], object]], turns: int) -> dict[str, float]:
    """The least seconds of each way."""
    best = dict.fromkeys(ways, float("inf"))
    for turn in range(turns + 1):
        for name, way in ways.items():
            if name == "stepped" and turn > 2:
                continue  # slow, and by so much that two turns tell
            start = time.perf_counter()
            way()
            if turn:  # the first one warms up
                best[name] = min(best[name], time.perf_counter() - start)
    return best


if __name__ == "__main__":
    raise SystemExit(main())
