"""How long the gates view takes to open 2 layers of 650 units over 1,000 steps, and to follow the pointer.

`python -m benchmarks.gates_view`: from the arrays an inspector answers with to the painted window, and from the
question to a real inspector, through its capture, to the painted window; offscreen unless QT_QPA_PLATFORM says
otherwise; and what of that is not the forward pass. The aim is 200 ms to open and 16 ms for a move of the pointer.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import numpy as np
from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication

from ui.inspector import Inspector
from ui.lab.focus import SharedFocus
from ui.lab.follower import RunFollower
from ui.lab.session import Session
from ui.theme import apply_theme
from ui.views._gates_data import Gates, gates_from
from ui.views.base import Lab
from ui.views.gates import GatesView
from workers.protocol import AnyAnswer, GatesHeader, Model, Problem, ShowGates

_ROOT = Path(__file__).resolve().parents[1]
SIZE = (1100, 760)
OPEN_AIM_MS, MOVE_AIM_MS = 200.0, 16.0


class NoTrainers:
    """Nothing is trained here."""

    def launch(self, run: object) -> None:
        """Start nothing."""


def answer(*, layers: int, units: int, steps: int, seed: int = 0) -> tuple[GatesHeader, dict[str, np.ndarray]]:
    """What an inspector would answer: float16 [T, units] of every signal."""
    rng = np.random.default_rng(seed)
    arrays: dict[str, np.ndarray] = {}
    for layer in range(layers):
        i, f, o = (1 / (1 + np.exp(-3 * rng.normal(size=(steps, units)))) for _ in range(3))
        g = np.tanh(rng.normal(size=(steps, units)))
        c = np.zeros((steps, units))
        for step in range(1, steps):
            c[step] = f[step] * c[step - 1] + i[step] * g[step]
        signals = {"i": i, "f": f, "g": g, "o": o, "c": c, "h": o * np.tanh(c)}
        arrays |= {f"{layer}/0/{name}": value.astype(np.float16) for name, value in signals.items()}
    header = GatesHeader(
        step=seed,
        cell="lstm",
        num_layers=layers,
        num_directions=1,
        hidden_size=units,
        signals=("i", "f", "g", "o", "c", "h"),
        tokens=tuple("abcdefghi␣"[k % 10] for k in range(steps)),
        spans=tuple((k, k + 1) for k in range(steps)),
    )
    return header, arrays


def make_view() -> GatesView:
    session = Session(follower=RunFollower(), launcher=NoTrainers())
    view = GatesView(Lab(session=session, focus=SharedFocus(), inspector=Inspector()))
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


@dataclass(frozen=True)
class Opened:
    """Milliseconds: from each question for a text's gates, the model loaded before, to the picture of the layer looked
    at and to those of all layers captured; and the least of the model's forward pass by itself."""

    seen: list[float]
    whole: list[float]
    forward: float


def opened_by_inspector(view: GatesView, *, layers: int, units: int, steps: int, rounds: int) -> Opened:
    """Ask a real inspector about as many texts."""
    inspector = Inspector()
    inspector.start()
    waiting = QEventLoop()
    seen: list[float] = []
    whole: list[float] = []
    found: dict[str, np.ndarray] = {}
    problems: list[str] = []
    with tempfile.TemporaryDirectory() as place:
        run = untrained(Path(place), layers=layers, units=units)

        def shown(header: AnyAnswer, arrays: dict[str, np.ndarray], *, began: float) -> None:
            assert isinstance(header, GatesHeader)
            assert len(header.tokens) == steps
            found.update(arrays)
            gates = gates_from(header, found)
            assert gates is not None
            view._on_gates_arrived(gates)
            QApplication.processEvents()
            milliseconds = (time.perf_counter() - began) * 1000
            if len(seen) == len(whole):
                seen.append(milliseconds)
            if header.is_last:
                assert len({name[0] for name in found}) == layers
                whole.append(milliseconds)
                found.clear()
                waiting.quit()

        def failed(problem: Problem) -> None:
            problems.append(problem.message)
            waiting.quit()

        for number in range(rounds + 1):
            text = (f"{number} words in a row; " * steps)[:steps]
            began = time.perf_counter()
            inspector.ask(
                ShowGates(model=Model(run=str(run)), text=text),
                partial(shown, began=began),
                on_problem=failed,
                owner=view,
            )
            waiting.exec()  # asleep, as a window is that waits: a busy loop here would take a core from the inspector
        inspector.stop()
        if problems:
            raise SystemExit(problems[0])
        return Opened(seen[1:], whole[1:], forward_ms(run, steps=steps, rounds=rounds))


def untrained(place: Path, *, layers: int, units: int) -> Path:
    """A run of one step of a language model of characters."""
    run = place / "run"
    options = [f"architecture.num_layers={layers}", f"architecture.hidden_size={units}", "training.max_steps=1"]
    options += ["dataset.train_limit=20000", "training.batch_size=8", "training.device=cpu"]
    command = [sys.executable, "-m", "modellab", "train", "--architecture", "lstm", "--dataset", "python_docs"]
    for option in options:
        command += ["--set", option]
    environment = os.environ | {"PYTHONPATH": str(_ROOT), "MODELLAB_HOME": str(place / "home")}
    subprocess.run([*command, "--out", str(run)], check=True, stdout=subprocess.DEVNULL, env=environment)
    return run


_FORWARD = """
import sys, time
from pathlib import Path
import torch
from modellab.inspection.load import load_model
from modellab.runs.folder import RunFolder
run, steps, rounds = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
model = load_model(RunFolder(run)).model.eval()
ids, times = torch.randint(2, 50, (1, steps)), []
with torch.inference_mode():
    for _ in range(rounds + 1):
        start = time.perf_counter()
        model(ids)
        times.append(time.perf_counter() - start)
print(min(times[1:]) * 1000)
"""


def forward_ms(run: Path, *, steps: int, rounds: int) -> float:
    """Milliseconds of the model's forward pass by itself, on as many threads as an inspector has on an idle machine."""
    command = [sys.executable, "-c", _FORWARD, str(run), str(steps), str(rounds)]
    environment = os.environ | {"PYTHONPATH": str(_ROOT), "GOMP_SPINCOUNT": "10000"}
    return float(subprocess.run(command, check=True, stdout=subprocess.PIPE, env=environment).stdout)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--layers", type=int, default=2)
    parser.add_argument("--units", type=int, default=650)
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=7)
    arguments = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    app = QApplication([])
    apply_theme(app, "dark")
    view = make_view()
    answers = [
        answer(layers=arguments.layers, units=arguments.units, steps=arguments.steps, seed=seed) for seed in range(2)
    ]

    def answered(round_: int) -> Gates:
        gates = gates_from(*answers[round_ % 2])
        assert gates is not None
        return gates

    times = [
        clocked(lambda k=k: view._on_gates_arrived(answered(k)))  # type: ignore[misc]
        for k in range(arguments.rounds)
    ]
    size = f"{arguments.layers} layers x {arguments.units} units x {arguments.steps} steps"
    print(f"open {size}: first {times[0]:.0f} ms, median {np.median(times):.0f} ms (aim {OPEN_AIM_MS:.0f} ms)")
    opened = opened_by_inspector(
        view, layers=arguments.layers, units=arguments.units, steps=arguments.steps, rounds=arguments.rounds
    )
    print(
        f"asked of the inspector, captured and drawn: the layer looked at best {min(opened.seen):.0f} ms, median "
        f"{np.median(opened.seen):.0f} ms (aim {OPEN_AIM_MS:.0f} ms); all layers captured best {min(opened.whole):.0f} "
        f"ms, median {np.median(opened.whole):.0f} ms, of which the forward pass by itself is {opened.forward:.0f} ms "
        f"and the rest {min(opened.whole) - opened.forward:.0f} ms"
    )
    focus = view.lab.focus
    moves = [
        clocked(lambda k=k: focus.preview(layer=0, unit=k * 7 % arguments.units, token=k * 13))  # type: ignore[misc]
        for k in range(60)
    ]
    print(f"follow the pointer: median {np.median(moves):.1f} ms (aim {MOVE_AIM_MS:.0f} ms)")
    for order in ("cluster", "keep"):
        view._parts.orders.setCurrentIndex(view._parts.orders.findData("raw"))
        index = view._parts.orders.findData(order)
        print(f"rows by {order}: {clocked(lambda i=index: view._parts.orders.setCurrentIndex(i)):.0f} ms")  # type: ignore[misc]
    for page in ("unit", "saturation"):
        print(f"open {page}: {clocked(lambda p=page: view._parts.modes.choose(p)):.0f} ms")  # type: ignore[misc]


if __name__ == "__main__":
    main()
