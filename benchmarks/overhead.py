"""What watching costs: our steps a second against a bare loop's, and against other trainers', on the same batches.

Each trainer takes its steps in turns with the others, and the ratio is the median of the turns' own ratios, so that a
machine that is busy now and then is busy for both. Ours writes a run folder that another process follows 30 times a
second, as the window does while a run is new. The bare loop runs in a process of its own, as it would without us: ours
has glibc keep freed memory, which serves every loop of its process. What that is worth the line "with our allocator"
shows: the same bare loop, in our process.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import torch

from benchmarks._bare import CASES, BareProcess, bare, endless, plain_model, recipe_of
from benchmarks.others import TRAINERS
from modellab.events import Finished, Progress
from modellab.recipe import Recipe
from modellab.runs.folder import create_run
from modellab.runs.writer import EventWriter
from modellab.training.loop import train
from modellab.training.setup import fitting_threads, prepare

FOLLOWER = """
import sys, time
from pathlib import Path
from modellab.events import decode_event
from modellab.runs.lines import LineTail
tail = LineTail(Path(sys.argv[1]))
print("reading", flush=True)
while True:
    for line in tail.read():
        decode_event(line)
    time.sleep(1 / 30)
"""

PROMISED = {"bare loop": 0.97, "Lightning": 2.0, "Hugging Face Trainer": 1.7, "Keras": 2.4}


def ours(recipe: Recipe, *, watched: bool, clock: Callable[[], float] = time.perf_counter) -> float:
    """Steps a second of the clock from the first step on, with a run folder and its follower."""
    with tempfile.TemporaryDirectory() as place:
        run = create_run(recipe, path=Path(place) / "run")
        writer = EventWriter(run.events_file)
        follower = _follow(run.events_file) if watched else None
        start, first = 0.0, 0
        try:
            for event in train(recipe, run):
                writer.write(event)
                if isinstance(event, Progress):
                    if not first:
                        start, first = clock(), event.step
                    end, last = clock(), event.step
            assert isinstance(event, Finished), event
        finally:
            writer.close()
            if follower is not None:
                follower.kill()
                follower.communicate()
    return (last - first) / (end - start)


def compare(trainers: dict[str, Callable[[], float]], *, rounds: int) -> dict[str, list[float]]:
    """The speeds of each, taken in turns, the order turned round each time."""
    speeds: dict[str, list[float]] = {name: [] for name in trainers}
    names = list(trainers)
    for number in range(rounds):
        for name in names if number % 2 == 0 else reversed(names):
            speeds[name].append(trainers[name]())
    return speeds


def ratio_of(mine: list[float], other: list[float]) -> float:
    """The median of how many times as fast mine was, turn by turn."""
    return statistics.median(a / b for a, b in zip(mine, other, strict=True))


def _follow(path: Path) -> subprocess.Popen[bytes]:
    root = str(Path(__file__).resolve().parents[1])
    follower = subprocess.Popen(
        [sys.executable, "-c", FOLLOWER, str(path)],
        env=os.environ | {"PYTHONPATH": root},
        stdout=subprocess.PIPE,
    )
    assert follower.stdout is not None
    follower.stdout.readline()  # a window is there before Start; its own start is no cost of watching
    return follower


def main() -> None:
    """Print a line a comparison; the exit code says whether every promise was kept."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=11)
    parser.add_argument("--only", choices=[*CASES, "others"])
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--threads", type=int, help="of torch; 1 on a machine that is busy with other things")
    chosen = parser.parse_args()
    if chosen.threads:
        torch.set_num_threads(chosen.threads)
    results: dict[str, dict[str, list[float]]] = {}
    for case in CASES if chosen.only is None else [c for c in CASES if c == chosen.only]:
        results[case] = _compare_with_bare(case, rounds=chosen.rounds)
    if chosen.only in (None, "others"):
        results["others"] = _compare_with_others(rounds=max(3, chosen.rounds // 2))
    if chosen.json:
        print(json.dumps(results))


def _compare_with_bare(case: str, *, rounds: int) -> dict[str, list[float]]:
    recipe = recipe_of(case)
    setup = prepare(recipe, warn=lambda message: None)
    plain = plain_model(case, setup)
    with BareProcess(case) as process:
        trainers: dict[str, Callable[[], float]] = {
            "ours": lambda: ours(recipe, watched=True),
            "bare loop": process.measure,
            "bare loop with our allocator": lambda: bare(setup, plain),
        }
        found = compare(trainers, rounds=rounds)
    _print(case, found)
    return found


def _compare_with_others(*, rounds: int) -> dict[str, list[float]]:
    recipe = recipe_of("small MLP")
    setup = prepare(recipe, warn=lambda message: None)
    torch.set_num_threads(fitting_threads(setup))
    trainers: dict[str, Callable[[], float]] = {"ours": lambda: ours(recipe, watched=True)}
    for name, (package, measure) in TRAINERS.items():
        if importlib.util.find_spec(package) is None:
            print(f"{name}: not compared with; `make bench` installs it.")
            continue
        trainers[name] = lambda measure=measure: measure(setup, plain_model("small MLP", setup), endless(setup))
    found = compare(trainers, rounds=rounds)
    _print("small MLP", found)
    return found


def _print(case: str, speeds: dict[str, list[float]]) -> None:
    ours = speeds["ours"]
    for name, theirs in speeds.items():
        if name != "ours":
            ratio = ratio_of(ours, theirs)
            promised = PROMISED.get(name, 0.0)
            verdict = "" if ratio >= promised else f"  MISSED (promised {promised})"
            median, other = statistics.median(ours), statistics.median(theirs)
            print(f"{case}: ours {median:,.0f} steps/s, {name} {other:,.0f}, ratio {ratio:.3f}{verdict}")


if __name__ == "__main__":
    main()
