"""Titles and sentences that come with a config, in the language of the window."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modellab.config import FieldSpec
from ui.forms.numbers import shown
from ui.forms.values import plain
from ui.widgets.help_dot import rich_tooltip


def words(text: str) -> str:
    """A config's own text, translated."""
    return QCoreApplication.translate("Config", text) if text else ""


def help_tooltip(spec: FieldSpec) -> str:
    """What a field means, its limits, unit and default, for a tool tip."""
    limits = words(spec.limits())
    if spec.kind == "choice" and spec.choices:
        limits = ", ".join(words(spec.label(choice)) for choice in spec.choices)  # as the list beside it calls them
    if spec.unit and limits:
        limits = f"{limits} ({words(spec.unit)})"
    default = shown_value(spec, plain(spec.default)) if spec.kind != "config" and _is_short(spec) else ""
    return rich_tooltip(words(spec.title), words(spec.help), limits=limits, default=default)


def shown_value(spec: FieldSpec, value: object) -> str:
    """A value as a person reads it."""
    if value is None:
        return QCoreApplication.translate("Config", "off")
    if isinstance(value, bool):
        return QCoreApplication.translate("Config", "on" if value else "off")
    if spec.kind == "choice":
        return words(spec.label(value))
    if isinstance(value, list):
        return ", ".join(shown(item) for item in value) or QCoreApplication.translate("Config", "none")
    return shown(value)


def _is_short(spec: FieldSpec) -> bool:
    return spec.kind != "list" or (spec.item is not None and spec.item.kind != "config")
