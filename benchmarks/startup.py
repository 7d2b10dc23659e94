"""Measures how soon the window is there, and how soon after Start the first point is.

Run it as ``python -m benchmarks.startup``; offscreen, and under Xvfb where there is one. Each figure is the median of
five fresh processes, the process that imports torch before its window (or has no warm spare trainer) beside it.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]
_WHAT = {
    "gallery": {"first": "window with its gallery painted", "then": "its session ready too"},
    "workbench": {"first": "window painted (bar, menus, status line)", "then": "its workbench painted too"},
}
PAINT_TARGET_S, PAINT_TARGET_RATIO, POINT_TARGET_S = 0.6, 5.0, 0.3


def seconds_to_paint(home: Path, platform: dict[str, str], *, imports_torch: bool = False) -> dict[str, float]:
    """From before the process is made to its painted window ("first") and to what its launch does next ("then")."""
    begin = time.time()
    answer = _child(["paint", *(["--torch"] if imports_torch else [])], home, platform)
    assert answer["torch"] is imports_torch
    return {what: float(answer[what]) - begin for what in ("first", "then")}


def seconds_to_point(home: Path, platform: dict[str, str], *, is_cold: bool = False) -> float:
    """From the click on Start to the first painted point."""
    answer = _child(["start", *(["--cold"] if is_cold else [])], home, platform)
    assert answer["torch"] is False
    return float(answer["seconds"])


def show_painting(platform: dict[str, str], title: str, *, num_repeats: int) -> None:
    """Gallery (no settings yet) and workbench (settings of an earlier launch), each beside a window with torch."""
    with _home() as used, _home() as new:
        _remember_workbench(used)
        for page, home in (("gallery", new), ("workbench", used)):
            ours, theirs = [], []
            for imports_torch in (False, True):  # the first one reads the disk and writes byte code
                seconds_to_paint(home, platform, imports_torch=imports_torch)
            for _ in range(num_repeats):
                ours.append(seconds_to_paint(home, platform))
                theirs.append(seconds_to_paint(home, platform, imports_torch=True))
            for what, words in _WHAT[page].items():
                mine = statistics.median(one[what] for one in ours)
                other = statistics.median(one[what] for one in theirs)
                print(
                    f"{title}, {page}: {words} after {mine:.3f} s (target {PAINT_TARGET_S} s, best "
                    f"{min(one[what] for one in ours):.3f} s); with torch imported first {other:.3f} s, ratio "
                    f"{other / mine:.1f} (target {PAINT_TARGET_RATIO:.0f})"
                )


def show_start(platform: dict[str, str], title: str, *, num_repeats: int) -> None:
    """Start to first point, warm and cold."""
    warm, cold = [], []
    for _ in range(num_repeats):
        with _home() as home:
            warm.append(seconds_to_point(home, platform))
        with _home() as home:
            cold.append(seconds_to_point(home, platform, is_cold=True))
    mine, other = statistics.median(warm), statistics.median(cold)
    print(
        f"{title}: Start to first point {mine:.3f} s (target {POINT_TARGET_S} s, best {min(warm):.3f} s); without a "
        f"warm spare {other:.3f} s, ratio {other / mine:.1f}"
    )


@contextlib.contextmanager
def displays() -> Iterator[list[tuple[str, dict[str, str]]]]:
    """(name, environment) of offscreen and, where it can be started, Xvfb."""
    found = [("offscreen", {"QT_QPA_PLATFORM": "offscreen"})]
    program = shutil.which("Xvfb")
    if program is None:
        yield found
        return
    read, write = os.pipe()
    server = subprocess.Popen(
        [program, "-displayfd", str(write), "-screen", "0", "1600x1000x24", "-nolisten", "tcp"],
        pass_fds=[write],
        stderr=subprocess.DEVNULL,
    )
    os.close(write)
    try:
        number = os.fdopen(read).readline().strip()
        if number:
            found.append(("Xvfb", {"QT_QPA_PLATFORM": "xcb", "DISPLAY": f":{number}"}))
        yield found
    finally:
        server.terminate()
        server.wait()


def _child(arguments: list[str], home: Path, platform: dict[str, str]) -> dict[str, float | bool]:
    environment = os.environ | platform | {"MODELLAB_HOME": str(home), "PYTHONPATH": str(_ROOT)}
    # Byte code is kept, as it is where Model Lab is used; beside the homes, lest this leave files in the tree.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    environment["PYTHONPYCACHEPREFIX"] = str(home.parent / "modellab-bench-byte-code")
    found = subprocess.run(
        [sys.executable, "-m", "benchmarks._window", *arguments],
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        check=True,
        timeout=120,
    )
    answer: dict[str, float | bool] = json.loads(found.stdout)
    return answer


def _remember_workbench(home: Path) -> None:
    """Settings as a closed window leaves them."""
    from PySide6.QtCore import QSettings

    settings = QSettings(str(home / "settings.ini"), QSettings.Format.IniFormat)
    settings.setValue("layout/workbench", "")
    settings.sync()


@contextlib.contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="modellab-bench-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=("paint", "start"))
    arguments = parser.parse_args()
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    with displays() as found:
        for title, platform in found:
            if arguments.only != "start":
                show_painting(platform, title, num_repeats=arguments.repeats)
            if arguments.only != "paint":
                show_start(platform, title, num_repeats=arguments.repeats)
    print(f"load {os.getloadavg()[0]:.1f}")


if __name__ == "__main__":
    main()
