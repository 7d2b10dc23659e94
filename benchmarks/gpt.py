"""nanoGPT's setting for a processor on Tiny Shakespeare: our steps a second against a bare loop's of the same net.

Four layers, four heads, 128 wide, 64 tokens, batches of 12, 2000 steps (nanoGPT's README). The bare loop draws its
windows, clips and sets its rate as nanoGPT's does. Each takes its steps in turns with the other, and medians are
compared. `--whole` trains both to the end too and gives their validation losses, on the same windows: end to end and
without overlap, as a loss on windows drawn at random is; the program's own evaluation lets them overlap by half.
"""

from __future__ import annotations

import argparse
import math
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.overhead import compare, ours
from modellab.data.base import Split
from modellab.events import Evaluated, Failed
from modellab.presets import presets
from modellab.recipe import Recipe, with_values
from modellab.training.loop import train
from modellab.training.setup import Setup, fitting_threads, prepare

_STEPS = 150


def bare(setup: Setup, steps: int) -> tuple[float, nn.Module]:
    """Steps a second of a loop as one writes it by hand, and what it trained."""
    options = setup.options
    torch.manual_seed(options.seed)
    model = setup.recipe.architecture.build(setup.data.sample).train()
    betas = (options.beta1, options.beta2)
    rate, decay = options.learning_rate, options.weight_decay
    optimizer = torch.optim.AdamW(model.parameters(), lr=rate, betas=betas, weight_decay=decay, fused=True)
    tokens = torch.tensor(setup.data.train.inputs, dtype=torch.int64)
    threads = torch.get_num_threads()
    torch.set_num_threads(fitting_threads(setup))
    start = time.perf_counter()
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = _rate(step, setup)
        inputs, targets = _drawn(tokens, window=setup.data.sample.shape[0], count=options.batch_size)
        loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), options.clip_norm or math.inf)
        optimizer.step()
        if step == 0:
            start = time.perf_counter()
    seconds = time.perf_counter() - start
    torch.set_num_threads(threads)
    return (steps - 1) / seconds, model


def end_to_end(model: nn.Module, split: Split, *, window: int) -> float:
    """The loss in nats a token on windows without overlap."""
    count = len(split) // window
    inputs, targets = (
        torch.tensor(side[: count * window], dtype=torch.int64).view(count, window)
        for side in (split.inputs, split.targets)
    )
    model.eval()
    with torch.inference_mode():
        parts = [
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()) * len(x)
            for x, y in zip(inputs.split(128), targets.split(128), strict=True)
        ]
    return float(torch.stack(parts).sum()) / count


def _drawn(tokens: Tensor, *, window: int, count: int) -> tuple[Tensor, Tensor]:
    starts = torch.randint(len(tokens) - window - 1, (count,)).tolist()
    inputs = torch.stack([tokens[start : start + window] for start in starts])  # [B, T]
    return inputs, torch.stack([tokens[start + 1 : start + window + 1] for start in starts])


def _rate(step: int, setup: Setup) -> float:
    """Warm-up, then half a cosine down to a tenth."""
    options, total = setup.options, presets()["shakespeare-gpt"].recipe.training.max_steps or 1
    warmup = options.schedule.warmup_steps
    if step < warmup:
        return options.learning_rate * (step + 1) / (warmup + 1)
    share = 0.5 * (1 + math.cos(math.pi * (step - warmup) / (total - warmup)))
    least = options.schedule.final_fraction
    return options.learning_rate * (least + (1 - least) * share)


def whole(recipe: Recipe) -> None:
    """Train both to the end."""
    start, last = time.perf_counter(), None
    for event in train(recipe):
        assert not isinstance(event, Failed), event
        if isinstance(event, Evaluated) and event.split == "validation":
            last = event
    assert last is not None
    seconds = time.perf_counter() - start
    print(f"ours: {seconds:.1f} s, validation loss {last.metrics['loss']:.4f} (overlapping windows)", flush=True)
    setup = prepare(recipe, warn=print)
    start = time.perf_counter()
    _, model = bare(setup, recipe.training.max_steps or 1)
    seconds = time.perf_counter() - start
    loss = end_to_end(model, setup.data.validation, window=setup.data.sample.shape[0])
    print(f"bare loop: {seconds:.1f} s without evaluations, validation loss {loss:.4f} (end to end)")


def main() -> None:
    """Print steps a second and their ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, help="of torch; 1 on a machine that is busy with other things")
    parser.add_argument("--whole", action="store_true", help="train both to the end too")
    chosen = parser.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    preset = presets()["shakespeare-gpt"].recipe
    # The one evaluation that comes with the first steps is no part of a step: next to nothing validates.
    changes = {"training.max_steps": _STEPS, "training.evaluate_every": 1_000_000, "dataset.validation_share": 0.01}
    recipe = with_values(preset, changes)
    setup = prepare(recipe, warn=print)
    trainers = {"ours": lambda: ours(recipe, watched=True), "bare loop": lambda: bare(setup, _STEPS)[0]}
    found = compare(trainers, rounds=chosen.rounds)
    print(
        f"ours {found['ours']:.1f}, bare loop {found['bare loop']:.1f} steps a second: "
        f"{found['ours'] / found['bare loop']:.3f}",
        flush=True,
    )
    if chosen.whole:
        whole(preset)


if __name__ == "__main__":
    main()
