"""Gates of a hand-stepped LSTM and GRU in numpy, and a view that is shown them."""

from typing import Any

import numpy as np

from modellab.data.base import Sample
from modellab.events import Published
from tests.ui.views.fake_lab import FakeInspector, make_lab, make_run, recipe_of
from ui.views._gates_data import budget, gates_from
from ui.views.gates import GatesView
from workers.protocol import GatesHeader, GradientFlow, Problem, ShowGates

SAMPLE = Sample(kind="text", task="classification", shape=(64,), classes=("a", "b"), num_tokens=90)
UNITS = 12
TOKENS = ("v", "e", "r", "e", "i", "n", "␣", "s", "t")


def lstm_arrays(num_tokens: int, *, layers: int = 2, units: int = UNITS, seed: int = 0, directions: int = 1):
    """What an inspector answers: "<layer>/<direction>/<signal>" float32 [T, units], in the order of the text."""
    rng = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for layer in range(layers):
        for direction in range(directions):
            i, f, o = (1 / (1 + np.exp(-3 * rng.normal(size=(num_tokens, units)))) for _ in range(3))
            g = np.tanh(rng.normal(size=(num_tokens, units)))
            c = np.zeros((num_tokens, units))
            before = np.zeros(units)
            for token in range(num_tokens) if direction == 0 else reversed(range(num_tokens)):
                before = c[token] = f[token] * before + i[token] * g[token]
            signals = {"i": i, "f": f, "g": g, "o": o, "c": c, "h": o * np.tanh(c)}
            arrays |= {f"{layer}/{direction}/{name}": value.astype(np.float32) for name, value in signals.items()}
    return arrays


def gru_arrays(num_tokens: int, *, units: int = UNITS, seed: int = 0):
    """As `lstm_arrays`, of one layer."""
    rng = np.random.default_rng(seed)
    r, z = (1 / (1 + np.exp(-3 * rng.normal(size=(num_tokens, units)))) for _ in range(2))
    n = np.tanh(rng.normal(size=(num_tokens, units)))
    h = np.zeros((num_tokens, units))
    before = np.zeros(units)
    for token in range(num_tokens):
        before = h[token] = (1 - z[token]) * n[token] + z[token] * before
    return {f"0/0/{name}": value.astype(np.float32) for name, value in (("r", r), ("z", z), ("n", n), ("h", h))}


def header(arrays: dict[str, np.ndarray], *, tokens: tuple[str, ...] = TOKENS, step: int = 7, notes=()) -> GatesHeader:
    cell = "lstm" if "0/0/c" in arrays else "gru" if "0/0/z" in arrays else "rnn"
    places = [tuple(map(int, key.split("/")[:2])) for key in arrays]
    return GatesHeader(
        step=step,
        cell=cell,
        num_layers=1 + max(layer for layer, _ in places),
        num_directions=1 + max(direction for _, direction in places),
        hidden_size=next(iter(arrays.values())).shape[1],
        signals=tuple(dict.fromkeys(key.split("/")[2] for key in arrays)),
        tokens=tokens,
        spans=tuple((k, k + 1) for k in range(len(tokens))),
        notes=notes,
    )


def answer_gates(request: ShowGates) -> tuple[Any, dict[str, np.ndarray]]:
    """A text of its own for each request: its letters are its tokens; clamps are obeyed where they lie."""
    if request.text == "!":
        return Problem(message="Type some text."), {}
    tokens = tuple(request.text) if request.text and not request.text.startswith("The quick") else TOKENS
    tokens = tuple("abcdefgh"[number] for number in request.ids) or tokens
    arrays = lstm_arrays(len(tokens))
    for clamp in request.clamps:
        arrays[f"{clamp.layer}/{clamp.direction}/{clamp.signal}"][:, clamp.unit] = clamp.value
    return header(arrays, tokens=tokens, step=request.model.step or 7), arrays


def shown_view(qtbot, tmp_path, *, size=(900, 620), arrays=None, tokens=TOKENS):
    """A view of a run with published weights, its run, its lab and the inspector that answers it."""
    lab, inspector = make_lab()
    assert isinstance(inspector, FakeInspector)
    inspector.replies[ShowGates] = (
        answer_gates if arrays is None else lambda request: (header(arrays, tokens=tokens), arrays)
    )
    view = GatesView(lab)
    qtbot.addWidget(view)
    view.resize(*size)
    view.show()
    recipe = recipe_of({"name": "words"}, architecture={"name": "lstm"})
    run = make_run(tmp_path / "run", recipe, SAMPLE)
    run.take([Published(step=7)])
    view.set_run(run)
    qtbot.waitUntil(lambda: view._gates is not None)
    return view, run, lab, inspector


PAGES = ["raster", "unit", "saturation", "search", "flow"]


def flow(request):
    size = len(TOKENS)
    norms = np.geomspace(1e-5, 1, size, dtype=np.float32)
    connectivity = np.tril(np.full((size, size), 0.25, dtype=np.float32))
    answer = GradientFlow(step=7, tokens=TOKENS, loss=0.5, target="b", weights_norm=4.0, clip_norm=1.0)
    return answer, {"norms": np.stack([norms, norms[::-1]])[:, None], "connectivity": connectivity}


def read(arrays, *, tokens=TOKENS):
    gates = gates_from(header(arrays, tokens=tuple(tokens)), arrays)
    assert gates is not None
    return gates


def made_of(gates, place):
    parts = budget(gates, place)
    assert parts is not None
    return parts


def cell_point(view, name, *, unit, token):
    raster = view._parts.raster
    lane = next(lane for lane in raster.lanes() if lane.name == name)
    return raster.cell_rect(lane, unit=unit, token=token).center().toPoint()
