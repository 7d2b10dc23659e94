"""The commands, their options and what their exit codes mean."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from modellab import __version__
from modellab.errors import UserError

FINISHED, FAILED, BAD_REQUEST, STOPPED = 0, 1, 2, 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; 0 finished, 1 failed, 2 a bad recipe or request, 130 stopped."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words:
        return _open_window([])
    chosen = _parser().parse_args(words)
    try:
        return _run(chosen)
    except UserError as error:
        sys.stderr.write(f"modellab: {error.message}\n")
        return BAD_REQUEST
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        silence_output()  # whoever read it (head, less) has seen enough
        return FINISHED
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(f"modellab: {named}{error.strerror or error}.\n")
        return FAILED


def silence_output() -> None:
    """Nobody reads what is printed: what is still held back would fail once more at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _run(chosen: argparse.Namespace) -> int:
    match chosen.command:
        case "train":
            from modellab.cli.train import train_command

            return train_command(chosen)
        case "predict":
            from modellab.cli.predict import predict_command

            return predict_command(chosen)
        case "export":
            from modellab.cli.export import export_command

            return export_command(chosen)
        case "import":
            from modellab.cli.importing import import_command

            return import_command(chosen)
        case "runs":
            from modellab.cli.runs import runs_command

            return runs_command(chosen)
        case "list":
            from modellab.cli.lists import list_command

            return list_command(chosen)
        case _:
            return _open_window(chosen.paths)


def _open_window(paths: list[str]) -> int:
    # By name: the core knows no window, and the command line works where no Qt is installed.
    try:
        window = importlib.import_module("ui.app")
    except ImportError as error:
        sys.stderr.write(f"modellab: The window cannot be opened: {error}. `modellab --help` lists the commands.\n")
        return FAILED
    code: int = window.main(paths)
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="modellab",
        description="Train neural networks and watch them learn from the inside. Without a command the window opens.",
    )
    parser.add_argument("--version", action="version", version=f"modellab {__version__}")
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    _add_train(commands)
    _add_predict(commands)
    _add_export(commands)
    _add_import(commands)
    _add_runs(commands)
    found = commands.add_parser("list", help="what there is to choose from")
    found.add_argument("what", choices=["architectures", "datasets", "presets", "runs", "devices"])
    found.add_argument("--json", action="store_true", help="one JSON document")
    window = commands.add_parser("open", help="open the window, with recipes or runs if any are named")
    window.add_argument("paths", nargs="*", metavar="RECIPE_OR_RUN")
    return parser


def _add_train(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    train = commands.add_parser(
        "train",
        help="train a recipe, or go on with a run",
        description="Train a recipe file, a preset, or an architecture on a dataset; or go on with a stopped or "
        "interrupted run. Ctrl+C stops and leaves a checkpoint; twice, at once.",
        epilog="Exit codes: 0 finished, 1 failed, 2 bad recipe, 130 stopped.",
    )
    train.add_argument("recipe", nargs="?", metavar="RECIPE.json | RUN_DIR")
    train.add_argument("--preset", metavar="NAME", help="a recipe that comes along; `modellab list presets`")
    train.add_argument("--architecture", metavar="NAME")
    train.add_argument("--dataset", metavar="NAME")
    train.add_argument("--out", metavar="RUN_DIR", help="the folder of the run (default: a new one among the runs)")
    train.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="OPTION=VALUE",
        help="such as training.epochs=3, dataset.noise=0.2, architecture.hidden_layers=[16,16]",
    )
    train.add_argument("--resume", action="store_true", help="go on with the run from its newest whole checkpoint")
    train.add_argument("--json", action="store_true", help="every event as a line of JSON on stdout")


def _add_predict(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    predict = commands.add_parser("predict", help="ask a trained run about one input")
    predict.add_argument("run", metavar="RUN_DIR")
    predict.add_argument("--step", type=int, metavar="N", help="as it was at this step (default: the newest)")
    source = predict.add_mutually_exclusive_group(required=True)
    source.add_argument("--text", metavar="TEXT")
    source.add_argument("--image", metavar="FILE")
    source.add_argument("--point", metavar="X,Y")
    source.add_argument("--row", metavar="A,B,C", help="one number a column")
    predict.add_argument("--json", action="store_true", help="one JSON document")


def _add_export(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    export = commands.add_parser("export", help="write a trained GPT or BERT as a Hugging Face folder")
    export.add_argument("run", metavar="RUN_DIR")
    export.add_argument("--to", required=True, metavar="FOLDER", help="made anew: config, weights and tokenizer")
    export.add_argument("--step", type=int, metavar="N", help="as it was at this step (default: the newest)")


def _add_import(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    imported = commands.add_parser("import", help="make a run of a GPT or BERT that was exported here")
    imported.add_argument("folder", metavar="FOLDER", help="as `modellab export` has written it")
    imported.add_argument(
        "--out", metavar="RUN_DIR", help="the folder of the run, made anew (default: one among the runs)"
    )


def _add_runs(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    runs = commands.add_parser("runs", help="list the runs, or steer one that trains")
    runs.add_argument(
        "action",
        nargs="?",
        default="list",
        choices=["list", "stop", "pause", "resume", "checkpoint", "set", "delete", "duplicate"],
    )
    runs.add_argument("run", nargs="?", metavar="RUN", help="a run's folder or id, or the end of its id")
    runs.add_argument("changes", nargs="*", metavar="OPTION=VALUE", help="of set: such as training.learning_rate=0.01")
    runs.add_argument(
        "--set", action="append", default=[], metavar="OPTION=VALUE", help="such as training.learning_rate=0.01"
    )
    runs.add_argument("--json", action="store_true", help="one JSON document")


def write_table(rows: Sequence[Sequence[str]], *, stream: TextIO) -> None:
    """Columns as wide as their widest cell, two spaces between."""
    if not rows:
        return
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    for row in rows:
        cells = [cell.ljust(width) for cell, width in zip(row, widths, strict=True)]
        stream.write("  ".join(cells).rstrip() + "\n")
