"""`--set training.epochs=3`: dotted options and their values."""

from __future__ import annotations

from typing import Any

import msgspec

from modellab.errors import UserError


def parse_overrides(texts: list[str]) -> dict[str, Any]:
    """Dotted paths to values; a value is JSON where it reads as JSON, else text.

    Raises:
        UserError: there is no "=".
    """
    found: dict[str, Any] = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.strip():
            raise UserError(f"--set {text}: write OPTION=VALUE, such as training.epochs=3.", field=text)
        found[name.strip()] = _value(value.strip())
    return found


def _value(text: str) -> Any:
    if text.lower() in ("none", "off"):
        return None
    if text in ("True", "False"):
        return text == "True"
    try:
        return msgspec.json.decode(text)
    except msgspec.DecodeError:
        return text
