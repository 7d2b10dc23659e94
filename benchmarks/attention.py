"""How long attention takes from the arrays to the screen, and what others send for the same.

`python -m benchmarks.attention`: 12 layers x 12 heads x 512 tokens of a random BERT, offscreen unless QT_QPA_PLATFORM
says otherwise. The aims: open in 300 ms, another head in 16 ms, hover equal to eager to 1e-3, 1024 tokens moved at 30
pictures a second. Beside it what BertViz puts into its page for the same input: `json.dumps` of all weights as lists.
"""

import argparse
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
import torch
from PySide6.QtCore import QPointF
from PySide6.QtWidgets import QApplication

from benchmarks.gates_view import NoTrainers
from modellab.inspection.attention import Layer, layers_of, listening
from modellab.inspection.attention_blocks import Block, blocks_of
from ui.inspector import Inspector
from ui.lab.focus import SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.session import Session
from ui.theme import apply_theme
from ui.views._attention_data import Attention, attention_from
from ui.views.attention import AttentionView
from ui.views.base import Lab
from workers.protocol import AttentionBlock, AttentionHeader
from workers.wire import encode_frame

SIZE = (1100, 760)


def bert(num_tokens: int, *, layers: int, heads: int) -> tuple[torch.nn.Module, dict[str, torch.Tensor]]:
    """A model of BERT's shape whose weights are large enough for attention to be uneven, and an input."""
    import transformers

    config = transformers.BertConfig(
        num_hidden_layers=layers, num_attention_heads=heads, max_position_embeddings=max(512, num_tokens),
        initializer_range=0.05,
    )  # fmt: skip
    torch.manual_seed(0)
    model = transformers.BertModel(config).eval()
    ids = torch.randint(1000, 30000, (1, num_tokens))
    return model, {"input_ids": ids, "attention_mask": torch.ones_like(ids)}


def random_layers(num_tokens: int, *, layers: int, heads: int) -> list[Layer]:
    """Queries and keys of no model."""
    torch.manual_seed(0)
    parts = 1.5 * torch.randn(layers, 2, 1, heads, num_tokens, 64)
    return [Layer(name="", kind="encoder", query=query, key=key, scale=0.125) for query, key in parts]


def answer(blocks: list[Block], num_tokens: int) -> tuple[AttentionHeader, dict[str, np.ndarray]]:
    """What an inspector would answer."""
    tokens = tuple(f"token{k}" for k in range(num_tokens))
    arrays = {f"{n}/{name}": array for n, block in enumerate(blocks) for name, array in block.arrays.items()}
    described = tuple(
        AttentionBlock(
            kind=block.kind, names=block.names, num_heads=block.num_heads, queries=tokens, keys=tokens, special=(0,),
            scales=block.scales, pooled=block.pooled, mask_of=block.mask_of, bias_of=block.bias_of,
            statistics=block.statistics,
        )
        for block in blocks
    )  # fmt: skip
    return AttentionHeader(step=0, blocks=described, title="random BERT"), arrays


def best(do: Callable[[], object], rounds: int) -> float:
    """Milliseconds of the quickest of some rounds."""
    times = []
    for _ in range(rounds):
        started = time.perf_counter()
        do()
        times.append((time.perf_counter() - started) * 1000)
    return min(times)


def bench_capture(model: torch.nn.Module, inputs: dict[str, torch.Tensor], rounds: int) -> list[Layer]:
    """Print what listening costs, and what is computed for looking; gives the layers."""

    def forward() -> None:
        with torch.inference_mode():
            model(**inputs)

    def heard() -> None:
        with torch.inference_mode(), listening(model):
            model(**inputs)

    forward()
    plain, kept, eager = [], [], []
    for _ in range(rounds):  # in turn, so that other work on the machine meets all of them
        plain.append(best(forward, 1))
        kept.append(best(heard, 1))
    model.set_attn_implementation("eager")  # type: ignore[operator]
    for _ in range(rounds):
        eager.append(best(lambda: model(**inputs, output_attentions=True), 1))
    model.set_attn_implementation("sdpa")  # type: ignore[operator]
    layers = layers_of(model, lambda: model(**inputs))
    print(
        f"forward {np.median(plain):.0f} ms; while listening {np.median(kept):.0f} ms "
        f"({100 * (np.median(kept) / np.median(plain) - 1):+.1f} %); eager with its weights {np.median(eager):.0f} ms"
    )
    return layers


def bench_payload(
    model: torch.nn.Module, inputs: dict[str, torch.Tensor], layers: list[Layer], num_tokens: int
) -> None:
    """Print bytes and seconds of our frame and of BertViz's JSON, each from what its forward pass leaves."""
    started = time.perf_counter()
    blocks = blocks_of(layers)
    computed = time.perf_counter()
    parts = encode_frame(*answer(blocks, num_tokens))
    ours = sum(len(part) for part in parts)
    ended = time.perf_counter()
    print(f"ours: {ours / 1e6:.1f} MB, computed in {computed - started:.2f} s and packed in {ended - computed:.3f} s")
    model.set_attn_implementation("eager")  # type: ignore[operator]
    with torch.inference_mode():
        weights = model(**inputs, output_attentions=True).attentions
    model.set_attn_implementation("sdpa")  # type: ignore[operator]
    started = time.perf_counter()
    # bertviz.model_view: format_attention stacks [L, H, N, N]; the lists of the view's one entry are dumped as JSON.
    stacked = torch.stack([layer.squeeze(0) for layer in weights])
    tokens = [f"token{k}" for k in range(num_tokens)]
    params = {"attention": [{"name": None, "attn": stacked.tolist(), "left_text": tokens, "right_text": tokens}]}
    text = json.dumps(params)
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"BertViz's JSON: {len(text) / 1e6:.1f} MB in {seconds:.1f} s ({len(text) / ours:.1f} x; peak {peak:.1f} GB)")


def make_view() -> AttentionView:
    session = Session(follower=RunFollower(), launcher=NoTrainers())
    view = AttentionView(Lab(session=session, focus=SharedFocus(), inspector=Inspector()))
    view.lab.focus.lock(pretrained="random BERT")
    view.resize(*SIZE)
    view.show()
    QApplication.processEvents()
    return view


def clocked(do: Callable[[], object]) -> float:
    """Milliseconds until the window has painted what was done: what of it has changed, as on a screen."""
    started = time.perf_counter()
    do()
    QApplication.processEvents()
    return (time.perf_counter() - started) * 1000


def read(blocks: list[Block], num_tokens: int) -> Attention:
    found = attention_from(*answer(blocks, num_tokens))
    assert found is not None
    return found


def bench_view(blocks: list[Block], layers: list[Layer], num_tokens: int, rounds: int) -> None:
    """Print how long the view takes to open and to follow; and how far what it tells is from the weights."""
    view = make_view()
    first = clocked(lambda: view._on_attention_arrived(read(blocks, num_tokens)))
    opens = [clocked(lambda: view._on_attention_arrived(read(blocks, num_tokens))) for _ in range(rounds)]
    focus = view.lab.focus
    heads = [(k % len(layers), 5 * k % layers[0].num_heads) for k in range(40)]
    moves = [clocked(lambda at=at: focus.lock(layer=at[0], head=at[1])) for at in heads]  # type: ignore[misc]
    cells = [(13 * k % num_tokens, 29 * k % num_tokens) for k in range(40)]
    hovers = [clocked(lambda at=at: view._on_cell_pointed(at)) for at in cells]  # type: ignore[misc]
    size = f"{len(layers)} layers x {layers[0].num_heads} heads x {num_tokens} tokens"
    print(f"{size}: opens in {first:.0f} ms the first time, {np.median(opens):.0f} ms then")
    print(f"another head: median {np.median(moves):.1f} ms, worst {max(moves):.1f} ms")
    print(f"pointer moved: median {np.median(hovers):.1f} ms, worst {max(hovers):.1f} ms")
    block = read(blocks, num_tokens).blocks[0]
    worst = max(
        float(np.abs(block.exact(number, head) - layer.weights()[head].numpy()).max())
        for number, layer in enumerate(layers)
        for head in (0, layer.num_heads - 1)
    )
    print(f"what hover tells is within {worst:.1e} of the weights")
    matrix = view._parts.matrix
    for _ in range(3):
        matrix._rows = matrix._rows.zoomed(0.7, about=num_tokens / 2)
        matrix._columns = matrix._columns.zoomed(0.7, about=num_tokens / 2)
    clocked(matrix.update)

    def pan(step: int) -> None:
        matrix._pressed, matrix._panned_from, matrix._is_panning = QPointF(), (matrix._rows, matrix._columns), True
        matrix._rows, matrix._columns = matrix._rows.moved(3 * (-1) ** step), matrix._columns.moved(5 * (-1) ** step)
        matrix.update()

    pans = [clocked(lambda step=step: pan(step)) for step in range(60)]  # type: ignore[misc]
    median = float(np.median(pans))
    print(f"moving the matrix: median {median:.1f} ms a picture of the whole view: {1000 / median:.0f} a second")


def check_eager(model: torch.nn.Module, inputs: dict[str, torch.Tensor], layers: list[Layer]) -> None:
    """Print how far our shares are from those of eager attention."""
    model.set_attn_implementation("eager")  # type: ignore[operator]
    with torch.inference_mode():
        weights = model(**inputs, output_attentions=True).attentions
    model.set_attn_implementation("sdpa")  # type: ignore[operator]
    worst = max(float((layer.weights() - one[0]).abs().max()) for layer, one in zip(layers, weights, strict=True))
    print(f"shares out of Q and K are within {worst:.1e} of eager attention")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=12)
    parser.add_argument("--heads", type=int, default=12)
    parser.add_argument("--tokens", type=int, nargs="+", default=[512, 1024])
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json-tokens", type=int, default=256, help="of the text that is also written as BertViz does")
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    apply_theme(app, "dark")
    for number, num_tokens in enumerate(arguments.tokens):
        print(f"-- {num_tokens} tokens, load {os.getloadavg()[0]:.1f}")
        if number == 0:
            model, inputs = bert(num_tokens, layers=arguments.layers, heads=arguments.heads)
            layers = bench_capture(model, inputs, arguments.rounds)
            check_eager(model, inputs, layers)
        else:
            layers = random_layers(num_tokens, layers=arguments.layers, heads=arguments.heads)
        bench_view(blocks_of(layers), layers, num_tokens, arguments.rounds)
    num_tokens = arguments.json_tokens
    print(f"-- what is sent for {num_tokens} tokens")
    model, inputs = bert(num_tokens, layers=arguments.layers, heads=arguments.heads)
    bench_payload(model, inputs, layers_of(model, lambda: model(**inputs)), num_tokens)


if __name__ == "__main__":
    main()
