"""Runs that take minutes to train: trained once, kept in build/screenshots/, and copied to where the window looks."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from modellab.config import to_builtins
from modellab.presets import presets
from scripts.screenshots.hands import REPOSITORY, show_view, wait
from ui.window.main_window import MainWindow

_KEPT = REPOSITORY / "build" / "screenshots"


def open_run(window: MainWindow, preset: str, *, view: str) -> None:
    """Show a finished run, a view of it in front."""
    run = window.lab.session.open_run(kept_run(preset))
    assert run is not None
    wait(window, lambda: run.status == "finished", f"{preset} to be read")
    window.lab.session.load_draft(run.recipe)  # the setup beside it is then its own
    window.show_workbench()
    show_view(window, view)


def kept_run(preset: str) -> Path:
    """A finished run of a preset, in the runs folder of `MODELLAB_HOME`; trained first where none is kept."""
    kept = _kept(preset)
    if not kept.is_dir():
        print(f"Training {preset} once, into {kept.relative_to(REPOSITORY)}: this takes minutes.", flush=True)
        unfinished = kept.with_suffix(".unfinished")
        shutil.rmtree(unfinished, ignore_errors=True)
        command = [sys.executable, "-m", "modellab", "train", "--preset", preset, "--out", str(unfinished)]
        subprocess.run(command, check=True, cwd=REPOSITORY, stdout=subprocess.DEVNULL)
        unfinished.rename(kept)
    run = Path(os.environ["MODELLAB_HOME"]) / "runs" / preset
    if not run.is_dir():
        shutil.copytree(kept, run)
    return run


def _kept(preset: str) -> Path:
    """Named by what the preset says, so that a changed one is trained anew."""
    recipe = json.dumps(to_builtins(presets()[preset].recipe), sort_keys=True)
    _KEPT.mkdir(parents=True, exist_ok=True)
    return _KEPT / f"{preset}-{hashlib.sha256(recipe.encode()).hexdigest()[:10]}"
