"""What is said of the Hugging Face hub when something is neither in a folder of ours nor to be had from it."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

_MOST_CHARACTERS = 160


def first_line(said: str | Exception) -> str:
    """The first line, cut, without its full stop; an error without words by its name."""
    text = str(said).strip() or (type(said).__name__ if isinstance(said, Exception) else "")
    line = next(iter(text.splitlines()), "")
    return line.rstrip(".: ") if len(line) <= _MOST_CHARACTERS else line[: _MOST_CHARACTERS - 1] + "…"


def is_unreachable(error: BaseException) -> bool:
    """Whether the hub's client failed because there is no way to the hub, not because of what was asked of it."""
    seen: set[int] = set()
    found: BaseException | None = error
    while found is not None and id(found) not in seen:
        seen.add(id(found))
        if type(found).__name__.startswith(("Connect", "Offline")) or "Timeout" in type(found).__name__:
            return True
        found = found.__cause__ or found.__context__
    return False


def absent(what: str, *, kind: Literal["datasets", "models"], looked_in: Path, why: str) -> str:
    """The sentence for a data set or model that was not found in its folder, and why not on the hub either."""
    return (
        f"{what} is not in the {kind} folder (looked in {looked_in}) and {why}; set the {kind} folder "
        f"(MODELLAB_{kind.upper()}) or connect."
    )
