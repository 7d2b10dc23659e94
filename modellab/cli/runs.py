"""`modellab runs`: list them, steer those that train."""

from __future__ import annotations

import argparse
import sys
import time
from typing import Any

import msgspec

from modellab import commands
from modellab.cli.main import FINISHED, write_table
from modellab.cli.overrides import parse_overrides
from modellab.errors import UserError
from modellab.recipe import with_values
from modellab.runs.folder import RunFolder, find_run
from modellab.runs.summary import RunSummary, duplicate, list_runs, trash
from modellab.training.options import is_live

_ASKED: dict[str, commands.Command] = {
    "stop": commands.Stop(),
    "pause": commands.Pause(),
    "resume": commands.Resume(),
    "checkpoint": commands.TakeCheckpoint(),
}


def runs_command(chosen: argparse.Namespace) -> int:
    """List the runs, or do something to one."""
    if chosen.action == "list":
        return print_runs(as_json=chosen.json)
    if chosen.run is None:
        raise UserError(f"Name a run: modellab runs {chosen.action} RUN; `modellab runs` lists them.", field="run")
    run = find_run(chosen.run)
    match chosen.action:
        case "set":
            _set_options(run, parse_overrides([*chosen.changes, *chosen.set]))
        case "delete":
            sys.stdout.write(f"{trash(run)}\n")
        case "duplicate":
            sys.stdout.write(f"{duplicate(run).path}\n")
        case action:
            _must_live(run)
            run.send(_ASKED[action])
    return FINISHED


def print_runs(*, as_json: bool) -> int:
    """Every run of this home, the newest first."""
    found = list_runs()
    if as_json:
        text = msgspec.json.format(msgspec.json.encode([_plain(summary) for summary in found]), indent=2).decode()
        sys.stdout.write(text + "\n")
    else:
        rows = [["RUN", "STATUS", "STEPS", "TIME", "VALIDATION", "NAME"], *map(_row, found)]
        write_table(rows, stream=sys.stdout)
    return FINISHED


def _set_options(run: RunFolder, changes: dict[str, Any]) -> None:
    if not changes:
        raise UserError(f"Say what to set: modellab runs set {run.id} training.learning_rate=0.01.", field="--set")
    _must_live(run)
    with_values(run.recipe(), changes)
    fixed = [name for name in changes if not is_live(name)]
    if fixed:
        raise UserError(f"{fixed[0]} cannot be changed while a run trains.", field=fixed[0])
    for name, value in changes.items():
        run.send(commands.SetOption(name=name, value=value))


def _must_live(run: RunFolder) -> None:
    if not run.is_locked():
        raise UserError(
            f"Nothing trains the run {run.id} (it is {run.status()}); `modellab train {run.path} --resume` goes on."
        )


def _plain(summary: RunSummary) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(summary, enc_hook=str)
    return {"id": summary.id, "folder": values.pop("path"), **values, "name": summary.details.name or summary.title}


def _row(summary: RunSummary) -> list[str]:
    names = [name for name in ("accuracy", "r2", "loss") if name in summary.validation]
    score = f"{names[0]} {summary.validation[names[0]]:.4g}" if names else ""
    total = f"/{summary.total_steps}" if summary.total_steps else ""
    return [
        summary.id,
        summary.status,
        f"{summary.step}{total}",
        time.strftime("%H:%M:%S", time.gmtime(summary.seconds)),
        score,
        summary.details.name or summary.title,
    ]
