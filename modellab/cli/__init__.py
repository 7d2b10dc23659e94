"""The command line: `modellab train | predict | runs | list`, or nothing for the window. Starts without torch."""

from __future__ import annotations

from modellab.cli.main import main

__all__ = ["main"]
