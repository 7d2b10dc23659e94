"""Entries found by folder walk: a new architecture, dataset, task or view is one file and no list is edited."""

from __future__ import annotations

import difflib
import importlib
import inspect
import pkgutil
from typing import TypeVar

from modellab.errors import UserError

Entry = TypeVar("Entry")


def walk(package: str, base: type[Entry]) -> list[type[Entry]]:
    """Every concrete subclass of `base` defined in a public module of `package`, in module order."""
    found: list[type[Entry]] = []
    for module_info in pkgutil.iter_modules(importlib.import_module(package).__path__):
        if module_info.name.startswith("_") or module_info.name == "base":
            continue
        module = importlib.import_module(f"{package}.{module_info.name}")
        for member in vars(module).values():
            defined_here = inspect.isclass(member) and member.__module__ == module.__name__
            if defined_here and issubclass(member, base) and member is not base and not member.__name__.startswith("_"):
                found.append(member)
    return found


def look_up(entries: dict[str, type[Entry]], name: object, *, what: str) -> type[Entry]:
    """The entry of that name.

    Raises:
        UserError: there is none; names the closest one.
    """
    if isinstance(name, str) and name in entries:
        return entries[name]
    close = difflib.get_close_matches(str(name), list(entries), n=1)
    hint = f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(entries))}."
    raise UserError(f"There is no {what} named {name!r}; {hint}", field=what)
