"""Configs: one annotated line makes the form, the check and the file."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from typing import Any, ClassVar, Literal, TypeVar, cast

import msgspec
from msgspec import Meta

from modellab.errors import UserError

__all__ = [
    "Config",
    "FieldSpec",
    "Meta",
    "field_specs",
    "from_builtins",
    "help_text",
    "meta",
    "replaced",
    "to_builtins",
]

T = TypeVar("T", bound="Config")
Kind = Literal["bool", "int", "float", "text", "choice", "list", "config"]


class Config(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A frozen group of options; a subclass gives each field as `Annotated[type, meta(...)] = default`."""


class NamedConfig(Config, frozen=True, kw_only=True, tag_field="name"):
    """A config that is one of a family found by folder walk; its tag is its name in a recipe."""

    title: ClassVar[str]
    summary: ClassVar[str]

    @classmethod
    def name(cls) -> str:
        """The tag by which recipes, presets and the command line call this entry."""
        return cast(str, cls.__struct_config__.tag)


def meta(
    *,
    title: str,
    help: str = "",
    unit: str = "",
    ge: float | None = None,
    le: float | None = None,
    gt: float | None = None,
    lt: float | None = None,
    min_length: int | None = None,
    max_length: int | None = None,
    log: bool = False,
    live: bool = False,
    path: Literal["", "file", "folder", "model"] = "",
    choices_from: str = "",
    labels: Mapping[str, str] | None = None,
    when: tuple[str, tuple[Any, ...]] | None = None,
    advanced: bool = False,
) -> Meta:
    """Annotate one option.

    `log`: steps multiply instead of add. `live`: may be changed while a run trains. `path`: the text is a path of this
    kind. `choices_from`: the form asks for the choices at run time ("devices", "columns"). `labels`: how a choice's
    value reads. `when`: (sibling field, values): only asked for when that sibling has one of these values. `advanced`:
    folded away at first.
    """
    extra = {
        "unit": unit,
        "log": log,
        "live": live,
        "path": path,
        "choices_from": choices_from,
        "labels": dict(labels or {}),
        "when": when,
        "advanced": advanced,
    }
    limits: dict[str, Any] = {
        "ge": ge, "le": le, "gt": gt, "lt": lt, "min_length": min_length, "max_length": max_length
    }  # fmt: skip
    return Meta(title=title, description=help or None, extra=extra, **limits)


class FieldSpec(msgspec.Struct, frozen=True, kw_only=True):
    """What a form needs to know of one field."""

    name: str
    kind: Kind
    title: str
    help: str = ""
    unit: str = ""
    default: Any = None
    optional: bool = False
    ge: float | None = None
    le: float | None = None
    gt: float | None = None
    lt: float | None = None
    min_length: int | None = None
    max_length: int | None = None
    log: bool = False
    live: bool = False
    path: str = ""
    choices: tuple[Any, ...] = ()
    choices_from: str = ""
    labels: Mapping[str, str] = {}
    when: tuple[str, tuple[Any, ...]] | None = None
    advanced: bool = False
    config: type[Config] | None = None
    item: FieldSpec | None = None

    def label(self, choice: Any) -> str:
        """How a choice reads on screen."""
        return self.labels.get(str(choice), str(choice).replace("_", " "))

    def limits(self) -> str:
        """The allowed values in words, such as "a whole number from 1 to 4096"; empty where anything goes."""
        return _limits(self)


def field_specs(config: type[Config]) -> tuple[FieldSpec, ...]:
    """The fields of a config class in their order."""
    from modellab._reflect import specs_of

    return specs_of(config)


def to_builtins(config: msgspec.Struct) -> dict[str, Any]:
    """The config as plain dicts, lists, numbers and strings, as JSON holds them."""
    return cast("dict[str, Any]", msgspec.to_builtins(config))


def from_builtins(kind: type[T], values: Mapping[str, Any], *, at: str = "") -> T:
    """Build and check a config out of plain values.

    Raises:
        UserError: a field is unknown, of the wrong type or out of its limits; `field` is its dotted path below `at`.
    """
    try:
        return msgspec.convert(values, kind, strict=True)
    except msgspec.ValidationError as error:
        raise _explain(kind, values, error, at) from None


def help_text(spec: FieldSpec) -> str:
    """The sentence, limits, unit and default of a field, one a line, for a tool tip."""
    lines = [spec.help, spec.limits()]
    if spec.unit:
        lines.append(f"Unit: {spec.unit}")
    if spec.kind != "config":
        lines.append(f"Default: {'off' if spec.default is None else spec.default}")
    return "\n".join(line for line in lines if line)


def _limits(spec: FieldSpec) -> str:
    if spec.kind == "choice" and spec.choices:
        return "one of " + ", ".join(str(choice) for choice in spec.choices)
    noun = {"int": "a whole number", "float": "a number", "bool": "true or false", "text": "text"}.get(spec.kind, "")
    if spec.kind == "list":
        item = spec.item.limits() if spec.item else ""
        most = f" of at most {spec.max_length} entries" if spec.max_length is not None else ""
        least = f" of at least {spec.min_length}" if spec.min_length else ""
        return f"a list{least}{' and' if least and most else ''}{most}" + (f", each entry {item}" if item else "")
    ge, gt, le, lt = (_in_full(limit) for limit in (spec.ge, spec.gt, spec.le, spec.lt))
    low = f"at least {ge}" if ge else f"above {gt}" if gt else ""
    high = f"at most {le}" if le else f"below {lt}" if lt else ""
    if ge and le:
        return f"{noun} from {ge} to {le}"
    return " ".join([noun, " and ".join(part for part in (low, high) if part)]).strip()


def _in_full(limit: float | None) -> str:
    """A limit with all its digits: 1,000,000 and not 1e+06; "" where there is none."""
    return "" if limit is None else f"{limit:,.15g}"


_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`$")
_UNKNOWN = re.compile(r"unknown field `(?P<name>[^`]*)`")
_MISSING = re.compile(r"missing required field `(?P<name>[^`]*)`")


def _explain(kind: type[Config], values: Mapping[str, Any], error: Exception, at: str) -> UserError:
    text = str(error)
    match = _PATH.search(text)
    path = re.findall(r"[^.\[\]]+|\[[^\]]*\]", match["path"]) if match else []
    text = _PATH.sub("", text)
    spec, value, owner, dotted = _follow(kind, values, path, at)
    if unknown := _UNKNOWN.search(text):
        names = [found.name for found in field_specs(owner)] if owner else []
        close = difflib.get_close_matches(unknown["name"], names, n=1)
        hint = f"did you mean {close[0]}?" if close else f"it has {', '.join(names)}."
        return UserError(
            f"{dotted or kind.__name__} has no option {unknown['name']}; {hint}", field=_join(dotted, unknown["name"])
        )
    if missing := _MISSING.search(text):
        field = _join(dotted, missing["name"])
        return UserError(f"{field} is missing.", field=field)
    if spec is None or not text.startswith(("Expected", "Invalid enum")):
        return UserError(f"{dotted}: {text}" if dotted else text, field=dotted)
    allowed = spec.limits() or text.removeprefix("Expected ")
    allowed += " or none" if spec.optional else ""
    return UserError(f"{spec.title} ({dotted}) must be {allowed}; it is {_shown(value)}.", field=dotted)


def _shown(value: object) -> str:
    text = repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def _follow(
    kind: type[Config], values: Any, path: list[str], dotted: str
) -> tuple[FieldSpec | None, Any, type[Config] | None, str]:
    """Walk `path`: the last field, its value, the config class the path ends in (if it does) and the path in words."""
    owner: type[Config] | None = kind
    spec: FieldSpec | None = None
    for part in path:
        if part.startswith("["):
            # An entry has no title of its own on the form.
            spec = msgspec.structs.replace(spec.item, title=spec.title) if spec and spec.item else None
            index = _first_wrong(spec, values)
            values = values[index] if isinstance(values, (list, tuple)) and index < len(values) else None
            dotted = f"{dotted}[{index}]"
        else:
            spec = next((found for found in field_specs(owner) if found.name == part), None) if owner else None
            values = values.get(part) if isinstance(values, Mapping) else None
            dotted = _join(dotted, part)
        owner = spec.config if spec else None
    return spec, values, owner, dotted


def _first_wrong(spec: FieldSpec | None, values: Any) -> int:
    """Which entry of a list breaks the limits of its item (msgspec does not say)."""
    for index, value in enumerate(values if isinstance(values, (list, tuple)) else ()):
        if spec and not _allows(spec, value):
            return index
    return 0


def _allows(spec: FieldSpec, value: Any) -> bool:
    if spec.kind == "config" and spec.config:
        try:
            msgspec.convert(value, spec.config, strict=True)
        except msgspec.ValidationError:
            return False
        return True
    if spec.kind in ("int", "float"):
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not (whole or (spec.kind == "float" and isinstance(value, float))):
            return False
        low = (spec.ge is None or value >= spec.ge) and (spec.gt is None or value > spec.gt)
        return low and (spec.le is None or value <= spec.le) and (spec.lt is None or value < spec.lt)
    return value in spec.choices if spec.kind == "choice" else isinstance(value, str)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def replaced(config: T, **changes: Any) -> T:
    """The config with some fields changed and everything checked again."""
    return from_builtins(type(config), {**to_builtins(config), **changes} if changes else to_builtins(config))
