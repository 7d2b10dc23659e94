"""`modellab import`: a Hugging Face folder as a run of our own nets."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from modellab.cli.main import FINISHED


def import_command(chosen: argparse.Namespace) -> int:
    """Make the run and say what it is."""
    from modellab.exporting.imported import import_folder

    to = Path(chosen.out).expanduser() if chosen.out else None
    run = import_folder(Path(chosen.folder).expanduser(), to)
    sys.stdout.write(f"{run.path}: a finished run of the architecture {run.recipe().architecture.title}\n")
    return FINISHED
