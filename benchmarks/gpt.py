"""nanoGPT's setting for a processor on Tiny Shakespeare: our steps a second against a bare loop's, and what is learned.

Four layers, four heads, 128 wide, 64 tokens, batches of 12, 2000 steps (nanoGPT's README). The bare loop is nanoGPT's:
learned positions, windows drawn at random, AdamW at a rate of 0.001 that warms up and falls by a cosine to a tenth, not
fused, which nanoGPT chooses for CUDA alone, and the loss read after every step. A second bare loop fuses AdamW and
reads no loss. The preset may choose its positions and its rates. Each takes its steps in turns with the others; a ratio
is the median of the turns' own ratios.

`--whole` trains both to the end too and gives their validation losses on the same windows: end to end and without
overlap, so that no token is predicted from more than its own window holds, as nanoGPT's estimate on windows drawn at
random; and on windows that overlap by half, as the program evaluates.
"""

from __future__ import annotations

import argparse
import contextlib
import math
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from benchmarks.overhead import compare, ours, ratio_of
from modellab.data.base import Split
from modellab.events import Evaluated, Failed
from modellab.inspection.load import load_model
from modellab.presets import presets
from modellab.recipe import Recipe, with_values
from modellab.runs.folder import create_run
from modellab.runs.writer import EventWriter
from modellab.training.loop import train
from modellab.training.setup import Setup, fitting_threads, prepare

_STEPS = 150
_MOST_LOSS = 1.88  # nanoGPT's README
_LAYERS, _HEADS, _WIDTH, _WINDOW, _BATCH, _TOTAL = 4, 4, 128, 64, 12, 2000
_RATE, _LEAST_RATE, _WARMUP, _BETAS, _DECAY, _CLIP = 1e-3, 1e-4, 100, (0.9, 0.99), 0.1, 1.0


class PlainBlock(nn.Module):
    """A block of nanoGPT, without biases as it trains one."""

    def __init__(self) -> None:
        super().__init__()
        self.first_norm, self.second_norm = nn.LayerNorm(_WIDTH, bias=False), nn.LayerNorm(_WIDTH, bias=False)
        self.project = nn.Linear(_WIDTH, 3 * _WIDTH, bias=False)
        self.output = nn.Linear(_WIDTH, _WIDTH, bias=False)
        self.widen = nn.Linear(_WIDTH, 4 * _WIDTH, bias=False)
        self.narrow = nn.Linear(4 * _WIDTH, _WIDTH, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        """[B, T, D] to [B, T, D]."""
        parts = self.project(self.first_norm(x)).split(_WIDTH, dim=2)
        q, k, v = (part.unflatten(2, (_HEADS, -1)).transpose(1, 2) for part in parts)  # [B, H, T, d]
        h = F.scaled_dot_product_attention(q, k, v, is_causal=True).transpose(1, 2).flatten(2)
        x = x + self.output(h)
        return cast(Tensor, x + self.narrow(F.gelu(self.widen(self.second_norm(x)))))


class PlainGPT(nn.Module):
    """The net of nanoGPT: learned positions, output tied to the embeddings, its first weights."""

    def __init__(self, num_tokens: int) -> None:
        super().__init__()
        self.tokens, self.places = nn.Embedding(num_tokens, _WIDTH), nn.Embedding(_WINDOW, _WIDTH)
        self.blocks = nn.Sequential(*(PlainBlock() for _ in range(_LAYERS)))
        self.norm = nn.LayerNorm(_WIDTH, bias=False)
        for name, weight in self.named_parameters():
            if weight.ndim == 2:
                is_end = name.endswith(("output.weight", "narrow.weight"))
                nn.init.normal_(weight, std=0.02 / (math.sqrt(2 * _LAYERS) if is_end else 1.0))

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids [B, T] to logits [B, T, V]."""
        x = self.tokens(ids) + self.places(torch.arange(ids.shape[1]))
        return F.linear(self.norm(self.blocks(x)), self.tokens.weight)


def bare(
    setup: Setup, steps: int, *, fused: bool = False, clock: Callable[[], float] = time.perf_counter
) -> tuple[float, nn.Module]:
    """Steps a second of the clock of nanoGPT's loop, and what it trained; fused: quicker than nanoGPT writes it."""
    torch.manual_seed(setup.options.seed)
    model = PlainGPT(setup.data.sample.num_tokens)
    weights = list(model.parameters())
    groups = [
        {"params": [weight for weight in weights if weight.ndim > 1], "weight_decay": _DECAY},
        {"params": [weight for weight in weights if weight.ndim == 1], "weight_decay": 0.0},
    ]
    optimizer = torch.optim.AdamW(groups, lr=_RATE, betas=_BETAS, fused=fused)
    tokens = torch.tensor(setup.data.train.inputs, dtype=torch.int64)
    threads = torch.get_num_threads()
    torch.set_num_threads(fitting_threads(setup))
    start = clock()
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = _rate(step)
        inputs, targets = _drawn(tokens)
        loss = F.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(weights, _CLIP)
        optimizer.step()
        if not fused:
            loss.item()
        if step == 0:
            start = clock()
    seconds = clock() - start
    torch.set_num_threads(threads)
    return (steps - 1) / seconds, model


def end_to_end(model: nn.Module, split: Split) -> float:
    """The loss in nats a token on windows without overlap."""
    count = len(split) // _WINDOW
    inputs, targets = (
        torch.tensor(side[: count * _WINDOW], dtype=torch.int64).view(count, _WINDOW)
        for side in (split.inputs, split.targets)
    )
    model.eval()
    with torch.inference_mode():
        parts = [
            F.cross_entropy(model(x).flatten(0, 1), y.flatten()) * len(x)
            for x, y in zip(inputs.split(128), targets.split(128), strict=True)
        ]
    return float(torch.stack(parts).sum()) / count


def _drawn(tokens: Tensor) -> tuple[Tensor, Tensor]:
    starts = torch.randint(len(tokens) - _WINDOW - 1, (_BATCH,)).tolist()
    inputs = torch.stack([tokens[start : start + _WINDOW] for start in starts])  # [B, T]
    return inputs, torch.stack([tokens[start + 1 : start + _WINDOW + 1] for start in starts])


def _rate(step: int) -> float:
    """Warm-up, then half a cosine down to a tenth."""
    if step < _WARMUP:
        return _RATE * (step + 1) / (_WARMUP + 1)
    share = 0.5 * (1 + math.cos(math.pi * (step - _WARMUP) / (_TOTAL - _WARMUP)))
    return _LEAST_RATE + share * (_RATE - _LEAST_RATE)


def whole(recipe: Recipe) -> bool:
    """Train both to the end; whether ours came as low as nanoGPT's README says, as it measures."""
    start, processor, last = time.perf_counter(), time.process_time(), None
    with tempfile.TemporaryDirectory() as place:
        run = create_run(recipe, path=Path(place) / "run")
        with contextlib.closing(EventWriter(run.events_file)) as writer:
            for event in train(recipe, run):
                writer.write(event)
                assert not isinstance(event, Failed), event
                if isinstance(event, Evaluated) and event.split == "validation":
                    last = event
        seconds, processor = time.perf_counter() - start, time.process_time() - processor
        model = load_model(run).model
    assert last is not None
    setup = prepare(recipe, warn=print)
    strict = end_to_end(model, setup.data.validation)
    print(
        f"ours: {seconds:.1f} s ({processor:.1f} s of the processor), validation loss {strict:.4f} end to end "
        f"(promised {_MOST_LOSS}{'' if strict <= _MOST_LOSS else ', MISSED'}), {last.metrics['loss']:.4f} on windows "
        "that overlap",
        flush=True,
    )
    start, processor = time.perf_counter(), time.process_time()
    _, plain = bare(setup, _TOTAL)
    seconds, processor = time.perf_counter() - start, time.process_time() - processor
    print(
        f"bare loop: {seconds:.1f} s ({processor:.1f} s of the processor) without evaluations, validation loss "
        f"{end_to_end(plain, setup.data.validation):.4f} end to end"
    )
    return strict <= _MOST_LOSS


def main() -> int:
    """Print steps a second, their ratio and the losses; 1 when a promise was missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--threads", type=int, help="of torch; 1 on a machine that is busy with other things")
    parser.add_argument("--processor", action="store_true", help="count its time, as on a busy machine one should")
    parser.add_argument("--whole", action="store_true", help="train both to the end too")
    chosen = parser.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    preset = presets()["shakespeare-gpt"].recipe
    # The one evaluation that comes with the first steps is no part of a step: next to nothing validates.
    changes = {"training.max_steps": _STEPS, "training.evaluate_every": 1_000_000, "dataset.validation_share": 0.01}
    recipe = with_values(preset, changes)
    setup = prepare(recipe, warn=print)
    clock = time.process_time if chosen.processor else time.perf_counter
    trainers = {
        "ours": lambda: ours(recipe, watched=True, clock=clock),
        "nanoGPT's loop": lambda: bare(setup, _STEPS, clock=clock)[0],
        "the same fused": lambda: bare(setup, _STEPS, fused=True, clock=clock)[0],
    }
    found = compare(trainers, rounds=chosen.rounds)
    ratio = ratio_of(found["ours"], found["nanoGPT's loop"])
    mine, other, fused = (statistics.median(speeds) for speeds in found.values())
    print(
        f"ours {mine:.1f}, nanoGPT's loop {other:.1f} steps a second"
        f"{' of the processor' if chosen.processor else ''}: {ratio:.3f}"
        f"{'' if ratio >= 1 else '  MISSED (promised 1)'}; its loop with a fused AdamW and no loss read {fused:.1f}: "
        f"{ratio_of(found['ours'], found['the same fused']):.3f}",
        flush=True,
    )
    return 0 if (not chosen.whole or whole(preset)) and ratio >= 1 else 1


if __name__ == "__main__":
    sys.exit(main())
