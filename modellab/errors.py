"""The one error a person is meant to read: one sentence, and the field it is about."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any


class UserError(Exception):
    """Something a person can mend.

    `message` is one clear sentence that names the field, file, row or tensor and says what to do; `field` is the dotted
    path of the option it is about ("training.batch_size"), empty when it is about none. `remedy`: option path -> the
    value that would do without mending, which is a person's to choose.
    """

    def __init__(self, message: str, *, field: str = "", remedy: Mapping[str, Any] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        self.remedy = dict(remedy or {})


_PATH = re.compile(r" \((?:architecture|dataset|training)\.[\w.\[\]]+\)")
_ENTRY = re.compile(r"\[(\d+)\]")


def spoken(message: str) -> str:
    """A message as a window says it: fields by their titles alone, without the paths one types in a terminal.

    "Hidden layers (architecture.hidden_layers[1]) must be" -> "Hidden layers (entry 2) must be"
    """

    def without(found: re.Match[str]) -> str:
        entries = _ENTRY.findall(found[0])
        return f" (entry {int(entries[-1]) + 1})" if entries else ""

    return _PATH.sub(without, message)
