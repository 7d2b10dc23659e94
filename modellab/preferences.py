"""What a person set once for all: folders and theme, in `preferences.json`; environment variables come before it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

import msgspec

from modellab.runs.atomic import write_bytes


class Preferences(msgspec.Struct, frozen=True, kw_only=True):
    """datasets_folder, models_folder: looked in before the hub; empty for the default below the home folder."""

    datasets_folder: str = ""
    models_folder: str = ""
    theme: Literal["system", "dark", "light"] = "system"


def load_preferences(home: Path) -> Preferences:
    """Read them; the defaults where there are none or they are broken."""
    try:
        return msgspec.json.decode((home / "preferences.json").read_bytes(), type=Preferences)
    except (OSError, msgspec.DecodeError):
        return Preferences()


def save_preferences(preferences: Preferences, home: Path) -> None:
    """Keep them."""
    write_bytes(home / "preferences.json", msgspec.json.encode(preferences))
