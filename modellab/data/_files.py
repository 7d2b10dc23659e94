"""Checks of a path a person gave, before anything reads it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from modellab.errors import UserError


def checked_file(text: str, *, field: str, what: str) -> Path:
    """The path of an ordinary, readable file that is not empty.

    Raises:
        UserError: it is not; a pipe or device is refused without opening it, for opening one may wait forever.
    """
    path, mode = _looked_at(text, field=field, what=what)
    if stat.S_ISDIR(mode):
        raise UserError(f"{path} is a folder; pick a {what} in it.", field=field)
    if not stat.S_ISREG(mode):
        raise UserError(f"{path} is not an ordinary file (a pipe or a device); pick a {what}.", field=field)
    if not os.access(path, os.R_OK):
        raise UserError(f"{path} may not be read; change its permissions or pick another {what}.", field=field)
    if path.stat().st_size == 0:
        raise UserError(f"{path} is empty (0 bytes); pick another {what}.", field=field)
    return path


def checked_folder(text: str, *, field: str, what: str) -> Path:
    """The path of a readable folder.

    Raises:
        UserError: it is not one.
    """
    path, mode = _looked_at(text, field=field, what=what)
    if not stat.S_ISDIR(mode):
        raise UserError(f"{path} is a file, not a folder; pick the {what}.", field=field)
    if not os.access(path, os.R_OK | os.X_OK):
        raise UserError(f"{path} may not be read; change its permissions or pick another folder.", field=field)
    return path


def reason(error: OSError) -> str:
    """What the operating system said, without errno and path."""
    return (error.strerror or str(error) or type(error).__name__).lower()


def _looked_at(text: str, *, field: str, what: str) -> tuple[Path, int]:
    if not text.strip():
        raise UserError(f"No {what} is chosen; pick one.", field=field)
    path = Path(text.strip()).expanduser()
    try:
        return path, path.stat().st_mode
    except FileNotFoundError:
        raise UserError(f"{path} does not exist; pick another {what}.", field=field) from None
    except (OSError, ValueError) as error:
        why = reason(error) if isinstance(error, OSError) else str(error)
        raise UserError(f"{path} cannot be opened: {why}; pick another {what}.", field=field) from None
