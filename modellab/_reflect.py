"""Read a config class's fields off its annotations."""

from __future__ import annotations

import functools
import typing
from typing import Any

import msgspec
from msgspec import inspect

from modellab.config import Config, FieldSpec


@functools.cache
def specs_of(config: type[Config]) -> tuple[FieldSpec, ...]:
    """The fields of a config class in their order, nested configs with their own class."""
    info = inspect.type_info(config)
    assert isinstance(info, inspect.StructType)
    written = typing.get_type_hints(config)
    specs = (_spec(field.name, field.type, _default(field)) for field in info.fields)
    return tuple(msgspec.structs.replace(spec, choices=_as_written(written[spec.name], spec.choices)) for spec in specs)


def _as_written(hint: Any, choices: tuple[Any, ...]) -> tuple[Any, ...]:
    """Choices in the order of their annotation: msgspec has sorted them."""
    parts = (hint, *typing.get_args(hint))
    found = [part for part in parts if typing.get_origin(part) is typing.Literal]
    return typing.get_args(found[0]) if choices and found else choices


def _default(field: inspect.Field) -> Any:
    if field.default is not msgspec.NODEFAULT:
        return field.default
    return field.default_factory() if field.default_factory is not msgspec.NODEFAULT else None


def _spec(name: str, kind: inspect.Type, default: Any) -> FieldSpec:
    extra: dict[str, Any] = {}
    title, text = name.replace("_", " ").capitalize(), ""
    optional = False
    while isinstance(kind, (inspect.Metadata, inspect.UnionType)):
        if isinstance(kind, inspect.Metadata):
            extra = {**(kind.extra or {}), **extra}
            schema = kind.extra_json_schema or {}
            title, text = schema.get("title", title), schema.get("description", text)
            kind = kind.type
        else:
            optional = optional or any(isinstance(part, inspect.NoneType) for part in kind.types)
            rest = [part for part in kind.types if not isinstance(part, inspect.NoneType)]
            assert len(rest) == 1, f"{name}: a field is one type or None"
            kind = rest[0]
    return FieldSpec(
        name=name, title=title, help=text, default=default, optional=optional, **_shape(name, kind), **extra
    )


def _shape(name: str, kind: inspect.Type) -> dict[str, Any]:
    if isinstance(kind, (inspect.IntType, inspect.FloatType)):
        limits = {key: getattr(kind, key) for key in ("ge", "le", "gt", "lt")}
        return {"kind": "int" if isinstance(kind, inspect.IntType) else "float", **limits}
    if isinstance(kind, inspect.BoolType):
        return {"kind": "bool"}
    if isinstance(kind, inspect.StrType):
        return {"kind": "text", "min_length": kind.min_length, "max_length": kind.max_length}
    if isinstance(kind, inspect.LiteralType):
        return {"kind": "choice", "choices": kind.values}
    if isinstance(kind, inspect.EnumType):
        return {"kind": "choice", "choices": tuple(member.value for member in kind.cls)}
    if isinstance(kind, (inspect.VarTupleType, inspect.ListType)):
        item = _spec(name, kind.item_type, None)
        return {"kind": "list", "item": item, "min_length": kind.min_length, "max_length": kind.max_length}
    assert isinstance(kind, inspect.StructType), f"{name}: no form for {kind}"
    return {"kind": "config", "config": kind.cls}
