"""Checking a form's values: the config where they are right, else a sentence for every field that is wrong."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from modellab.config import Config, FieldSpec, field_specs, from_builtins
from modellab.errors import UserError, spoken
from ui.forms.values import default_value, is_asked, joined, parts_of, value_at, with_value

T = TypeVar("T", bound=Config)
_MOST_ERRORS = 32


@dataclass(frozen=True, kw_only=True)
class Findings(Generic[T]):
    """`config` is None where anything is wrong; `errors` by path below the form, in the order they were found."""

    config: T | None
    errors: dict[str, UserError] = field(default_factory=dict)


def examine(kind: type[T], values: Mapping[str, Any], *, at: str = "") -> Findings[T]:
    """Check values by building the config; what is found wrong is replaced by its default until the rest can be judged.

    A wrong value in a field that is not asked for counts as its default: nobody could see or mend it.
    """
    errors: dict[str, UserError] = {}
    current: Any = dict(values)
    for _ in range(_MOST_ERRORS):
        try:
            config = from_builtins(kind, current, at=at)
        except UserError as error:
            path = _below(error.field, at)
            spec = spec_at(kind, path)
            if path and not _is_asked_at(kind, values, path):
                pass
            elif path in errors or spec is None:
                errors.setdefault(path, error)
                return Findings(config=None, errors=errors)
            else:
                errors[path] = error
            if spec is None:
                return Findings(config=None, errors=errors or {path: error})
            current = with_value(current, path, _harmless(spec))
            continue
        return Findings(config=None if errors else config, errors=errors)
    return Findings(config=None, errors=errors)


def short_sentence(error: UserError) -> str:
    """What stands beneath the field: its name and value are in sight already."""
    _, found, rest = error.message.partition(f"({error.field}) must be ")
    if not found:
        message = error.message.removeprefix(f"{error.field}: ")
        sentence = spoken(message)
        if message == error.message:  # a sentence of its own, which may begin with the name of a folder
            return sentence
        return sentence[:1].upper() + sentence[1:]
    allowed = rest.rpartition("; it is ")[0] or rest.removesuffix(".")
    entry = re.search(r"\[(\d+)\]$", error.field)
    return f"Entry {int(entry[1]) + 1}: {allowed}." if entry else f"{allowed[0].upper()}{allowed[1:]}."


def spec_at(kind: type[Config], path: str) -> FieldSpec | None:
    """The field at a path; None where it leads nowhere."""
    owner: type[Config] | None = kind
    spec: FieldSpec | None = None
    for part in parts_of(path):
        if isinstance(part, int):
            spec = spec.item if spec else None
        else:
            spec = next((found for found in field_specs(owner) if found.name == part), None) if owner else None
        if spec is None:
            return None
        owner = spec.config
    return spec


def _harmless(spec: FieldSpec) -> Any:
    # A field without a default may forbid what one starts from, such as an empty path.
    return "-" * max(1, spec.min_length or 0) if default_value(spec) == "" else default_value(spec)


def _is_asked_at(kind: type[Config], values: Mapping[str, Any], path: str) -> bool:
    """Whether every field on the way to the path is asked for."""
    at, owner = "", kind
    for part in parts_of(path):
        if isinstance(part, int):
            at = joined(at, f"[{part}]")
            continue
        siblings = value_at(dict(values), at)
        spec = next((found for found in field_specs(owner) if found.name == part), None)
        if spec is None or not is_asked(spec, siblings if isinstance(siblings, dict) else {}):
            return spec is None
        at = joined(at, part)
        owner = spec.config or (spec.item.config if spec.item and spec.item.config else None) or owner
    return True


def _below(path: str, at: str) -> str:
    if at and path == at:
        return ""
    return path[len(at) :].removeprefix(".") if at and path.startswith(at) else path
