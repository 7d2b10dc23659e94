"""`modellab export`: a trained model in a form that other programs open."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from modellab.cli.main import FINISHED
from modellab.runs.folder import find_run


def export_command(chosen: argparse.Namespace) -> int:
    """Write a Hugging Face folder and say what opens it."""
    run = find_run(chosen.run)
    from modellab.exporting.hugging_face import export_folder
    from modellab.inspection.load import load_model

    loaded = load_model(run, step=chosen.step)
    folder = Path(chosen.to).expanduser()
    name = export_folder(loaded, folder)
    sys.stdout.write(f"{folder}: step {loaded.step}, opens with transformers.{name}.from_pretrained\n")
    return FINISHED
