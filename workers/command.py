"""The command line in a process of its own: what needs torch for once and holds up neither window nor inspector."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from modellab.errors import UserError, spoken

_ROOT = Path(__file__).resolve().parents[1]


def run_command(*arguments: str) -> str:
    """What `modellab` with these arguments says; waits until it is through.

    Raises:
        UserError: it failed; the sentence it said.
    """
    paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
    flags = 0
    if sys.platform == "win32":
        flags = subprocess.CREATE_NO_WINDOW
    try:
        done = subprocess.run(
            [sys.executable, "-m", "modellab", *arguments],
            env=os.environ | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUTF8": "1"},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            creationflags=flags,
            check=False,
        )
    except OSError as error:
        raise UserError(f"modellab {arguments[0]} cannot be run: {error.strerror or error}.") from None
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        sentence = said[-1] if said else f"modellab {arguments[0]} ended with exit code {done.returncode}."
        raise UserError(spoken(sentence.removeprefix("modellab: ")))
    return done.stdout.decode("utf-8", "replace").strip()
