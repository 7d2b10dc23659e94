"""The command line: `modellab train`, `predict`, `runs` and so on, or nothing for the window. Starts without torch."""

from __future__ import annotations

from modellab.cli.main import main

__all__ = ["main"]
