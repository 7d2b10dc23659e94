"""What a person set once for all: folders and theme, in `preferences.json`; environment variables come before it."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal, get_args

Theme = Literal["system", "dark", "light"]


# The window's first picture waits for its theme, hence for this: nothing here is slow to import.
@dataclass(frozen=True, kw_only=True)
class Preferences:
    """datasets_folder, models_folder: looked in before the hub; empty for the default below the home folder."""

    datasets_folder: str = ""
    models_folder: str = ""
    theme: Theme = "system"

    def __post_init__(self) -> None:
        for folder in (self.datasets_folder, self.models_folder):
            if not isinstance(folder, str):
                raise TypeError(f"a folder is a text, not {folder!r}")
        if self.theme not in get_args(Theme):
            raise ValueError(f"there is no theme {self.theme!r}")


def load_preferences(home: Path) -> Preferences:
    """Read them; the defaults where there are none or they are broken."""
    try:
        found = json.loads((home / "preferences.json").read_bytes())
        return Preferences(**{name: found[name] for name in Preferences.__dataclass_fields__ if name in found})
    except (OSError, ValueError, TypeError):
        return Preferences()


def save_preferences(preferences: Preferences, home: Path) -> None:
    """Keep them."""
    from modellab.runs.atomic import write_bytes

    write_bytes(home / "preferences.json", json.dumps(asdict(preferences)).encode())
