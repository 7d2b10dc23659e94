"""Attention made by hand in numpy, as an inspector answers it, and a view that is shown it."""

from typing import Any

import msgspec
import numpy as np

from modellab.data.base import Sample
from modellab.events import Published
from tests.ui.views.fake_lab import FakeInspector, make_lab, make_run, recipe_of
from ui.views.attention import AttentionView
from workers.protocol import AttentionBlock, AttentionHeader, Problem, ShowAttention

SAMPLE = Sample(kind="text", task="classification", shape=(64,), classes=("a", "b"), num_tokens=90)
IMAGES = Sample(kind="image", task="classification", shape=(1, 8, 8), classes=("a", "b"))
TOKENS = ("[CLS]", "the", "cat", "sat", "down", "[SEP]")
Arrays = dict[str, np.ndarray]


def block(
    number: int = 0,
    *,
    kind: str = "encoder",
    layers: int = 3,
    heads: int = 4,
    queries: tuple[str, ...] = TOKENS,
    keys: tuple[str, ...] = TOKENS,
    special: tuple[int, ...] = (0, 5),
    seed: int = 0,
) -> tuple[AttentionBlock, Arrays]:
    """A block whose picture, mean and mask follow from random queries and keys."""
    rng = np.random.default_rng(seed)
    q = 1.5 * rng.normal(size=(layers, heads, len(queries), 8)).astype(np.float32)
    k = 1.5 * rng.normal(size=(layers, heads, len(keys), 8)).astype(np.float32)
    scores = q @ k.transpose(0, 1, 3, 2) * 0.4
    seen = np.tril(np.ones((len(queries), len(keys)), dtype=bool)) if kind == "decoder" else None
    if seen is not None:
        scores = np.where(seen, scores, -np.inf)
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    shares /= shares.sum(-1, keepdims=True)
    arrays: Arrays = {
        f"{number}/picture": np.rint(255 * np.sqrt(shares)).astype(np.uint8),
        f"{number}/mean": shares.mean(1).astype(np.float16),
        f"{number}/queries": q,
        f"{number}/keys": k,
    }
    if seen is not None:
        arrays[f"{number}/mask"] = seen[None]
    entropy = -(shares * np.log(np.maximum(shares, 1e-12))).sum(-1).mean(-1)
    described = AttentionBlock(
        kind=kind,  # type: ignore[arg-type]
        names=tuple(f"layer.{layer}" for layer in range(layers)),
        num_heads=heads,
        queries=queries,
        keys=keys,
        special=special,
        scales=(0.4,) * layers,
        mask_of=(0 if seen is not None else -1,) * layers,
        bias_of=(-1,) * layers,
        statistics={
            "entropy": tuple(tuple(float(value) for value in row) for row in entropy),
            "first": tuple(tuple(float(value) for value in row) for row in shares[..., 0].mean(-1)),
            "induction": ((None,) * heads,) * layers,
        },
    )
    return described, arrays


def answer(request: ShowAttention) -> tuple[Any, Arrays]:
    """A run's decoder over the letters of a text; of a pretrained model an encoder; "translator": all three."""
    if request.text == "!" or request.pretrained == "broken":
        return Problem(message="model.safetensors is damaged."), {}
    if request.pretrained == "translator":
        read, wrote = ("die", "katze"), ("[BEGIN]", "the", "cat")
        parts = [
            block(0, kind="encoder", queries=read, keys=read, special=()),
            block(1, kind="decoder", queries=wrote, keys=wrote, special=(0,)),
            block(2, kind="cross", queries=wrote, keys=read, special=()),
        ]
        arrays = {name: array for _, found in parts for name, array in found.items()}
        blocks = tuple(one for one, _ in parts)
        return AttentionHeader(step=0, blocks=blocks, title="translator", takes_target=True), arrays
    if request.pretrained == "patches" or request.image is not None:
        names = ("class", "0,0", "0,1", "1,0", "1,1", "2,0", "2,1")
        one, arrays = block(queries=names, keys=names, special=(0,))
        arrays["0/image"] = np.arange(96, dtype=np.uint8).reshape(12, 8, 1)
        image_of = -1 if request.image is not None else request.probe
        return AttentionHeader(step=7, blocks=(one,), title=request.pretrained, grid=(3, 2), image_of=image_of), arrays
    if request.pretrained:
        one, arrays = block()
        if request.clamps:
            effects = tuple(tuple(0.1 * layer * head for head in range(4)) for layer in range(3))
            one = msgspec.structs.replace(one, statistics=one.statistics | {"effect": effects})
        return AttentionHeader(step=0, blocks=(one,), title=request.pretrained, takes_pair=True), arrays
    letters = tuple(chr(97 + token % 26) for token in request.ids) or tuple(request.text or "abcdef")
    one, arrays = block(kind="decoder", queries=letters, keys=letters, special=())
    step = request.model.step if request.model is not None else 0
    if request.since is not None:
        changes = tuple(tuple(0.1 * (layer + head) for head in range(4)) for layer in range(3))
        one = msgspec.structs.replace(one, statistics=one.statistics | {"change": changes})
    return AttentionHeader(step=step or 7, blocks=(one,), since=request.since), arrays


def shown_view(qtbot, tmp_path=None, *, size=(900, 620), pretrained="", sample=SAMPLE):
    """A view of a run, or of a pretrained model; its lab and the inspector that answers it."""
    lab, inspector = make_lab()
    assert isinstance(inspector, FakeInspector)
    inspector.replies[ShowAttention] = answer
    view = AttentionView(lab)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    if pretrained:
        lab.focus.lock(pretrained=pretrained)
    else:
        run = make_run(tmp_path / "run", recipe_of({"name": "words"}, architecture={"name": "lstm"}), sample)
        run.take([Published(step=7)])
        view.set_run(run)
    qtbot.waitUntil(lambda: view._attention is not None and not view._is_dirty)
    return view, lab, inspector
