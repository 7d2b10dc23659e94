"""Plain values of a config: reading and writing at dotted paths, defaults, and which fields are asked for."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from modellab.config import Config, FieldSpec, NamedConfig, field_specs

_PART = re.compile(r"[^.\[\]]+|\[\d+\]")


def parts_of(path: str) -> list[str | int]:
    """ "stages[1].channels" as ["stages", 1, "channels"]."""
    return [int(part[1:-1]) if part.startswith("[") else part for part in _PART.findall(path)]


def joined(path: str, below: str) -> str:
    """A path below a path; either may be empty."""
    if not path or not below:
        return path or below
    return path + below if below.startswith("[") else f"{path}.{below}"


def below(path: str, prefix: str) -> str | None:
    """The rest of `path` below `prefix`, None where it lies elsewhere."""
    if not prefix or path == prefix:
        return "" if path == prefix else path
    if path.startswith(prefix) and path[len(prefix)] in ".[":
        return path[len(prefix) :].removeprefix(".")
    return None


def narrowed(found: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """The entries of a mapping from paths that lie at or below `prefix`, by the rest of their path."""
    narrow = {below(path, prefix): value for path, value in found.items()}
    return {path: value for path, value in narrow.items() if path is not None}


def value_at(values: Any, path: str) -> Any:
    """What stands at the path, None where it leads nowhere."""
    for part in parts_of(path):
        if isinstance(part, int):
            values = values[part] if isinstance(values, list) and part < len(values) else None
        else:
            values = values.get(part) if isinstance(values, dict) else None
    return values


def with_value(values: Any, path: str, value: Any) -> Any:
    """A copy in which another value stands at the path; unchanged where the path leads nowhere."""
    return _with(values, parts_of(path), value)


def _with(values: Any, parts: Sequence[str | int], value: Any) -> Any:
    if not parts:
        return value
    first, rest = parts[0], parts[1:]
    if isinstance(first, int):
        if not isinstance(values, list) or first >= len(values):
            return values
        return [_with(old, rest, value) if index == first else old for index, old in enumerate(values)]
    return {**values, first: _with(values.get(first), rest, value)} if isinstance(values, dict) else values


def plain(value: Any) -> Any:
    """A value as JSON holds it: dicts, lists, numbers, strings, None; a copy through and through."""
    found = msgspec.to_builtins(value)
    if isinstance(found, dict):
        return {name: plain(inner) for name, inner in found.items()}
    return [plain(inner) for inner in found] if isinstance(found, (list, tuple)) else found


def default_value(spec: FieldSpec) -> Any:
    """A field's default; where the class gives none, what a person starts from."""
    if spec.default is not None or spec.optional:
        return plain(spec.default)
    return starting_value(spec)


def default_values(kind: type[Config]) -> dict[str, Any]:
    """Every field's default, and the name of a named config."""
    name = {"name": kind.name()} if issubclass(kind, NamedConfig) else {}
    return {**name, **{spec.name: default_value(spec) for spec in field_specs(kind)}}


def starting_value(spec: FieldSpec) -> Any:
    """A sensible value for a field that is switched on or added and has no default."""
    if spec.default is not None:
        return plain(spec.default)
    match spec.kind:
        case "bool":
            return True
        case "choice":
            return spec.choices[0]
        case "list":
            return [starting_value(spec.item) for _ in range(spec.min_length or 0)] if spec.item else []
        case "config":
            return default_values(spec.config) if spec.config else {}
        case "text":
            return ""
        case _:
            return _starting_number(spec)


def _starting_number(spec: FieldSpec) -> int | float:
    low, high = spec.ge if spec.ge is not None else spec.gt, spec.le if spec.le is not None else spec.lt
    if spec.kind == "int":
        if low is not None and high is not None and low >= 0 and high >= 10_000:
            return 10 ** min(3, round(math.log10(max(low, 1) * high) / 2))
        return int(low) if low is not None and low > 0 else 0
    if (low is None or low < 1) and (high is None or high > 1):
        return 1.0
    return (low + high) / 2 if low is not None and high is not None else low or high or 0.0


def is_asked(spec: FieldSpec, siblings: Mapping[str, Any]) -> bool:
    """Whether the values of its siblings leave a field any meaning."""
    return spec.when is None or siblings.get(spec.when[0]) in spec.when[1]


def shown_inline(spec: FieldSpec) -> bool:
    """A group called like its own first field needs no heading of its own: its rows stand among the others."""
    if spec.kind != "config" or spec.config is None or spec.optional:
        return False
    inner = field_specs(spec.config)
    return bool(inner) and inner[0].title == spec.title


def has_live(spec: FieldSpec) -> bool:
    """Whether anything in the field may be changed while a run trains."""
    if spec.kind == "config" and spec.config:
        return any(has_live(inner) for inner in field_specs(spec.config))
    return spec.live
