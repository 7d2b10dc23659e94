"""`modellab list`: what there is to choose from."""

from __future__ import annotations

import argparse
import sys
from typing import Any

import msgspec

from modellab.architectures import architectures
from modellab.cli.main import FINISHED, write_table
from modellab.config import NamedConfig, field_specs
from modellab.data import datasets
from modellab.presets import presets


def list_command(chosen: argparse.Namespace) -> int:
    """Print the entries by name, as a table or as JSON."""
    if chosen.what == "runs":
        from modellab.cli.runs import print_runs

        return print_runs(as_json=chosen.json)
    entries = _entries(chosen.what)
    if chosen.json:
        text = msgspec.json.format(msgspec.json.encode(entries), indent=2).decode()
        sys.stdout.write(text + "\n")
    else:
        write_table([[entry["name"], entry["title"], entry["summary"]] for entry in entries], stream=sys.stdout)
    return FINISHED


def _entries(what: str) -> list[dict[str, Any]]:
    if what == "architectures":
        return [_described(entry) for entry in architectures().values()]
    if what == "datasets":
        return [_described(entry) for entry in datasets().values()]
    if what == "devices":
        from modellab.training.devices import devices

        return [{"name": found.name, "title": found.title, "summary": ""} for found in devices()]
    return [
        {"name": name, "title": preset.title, "summary": preset.summary, "seconds": preset.seconds}
        for name, preset in presets().items()
    ]


def _described(entry: type[NamedConfig]) -> dict[str, Any]:
    options = {spec.name: spec.help or spec.title for spec in field_specs(entry)}
    return {"name": entry.name(), "title": entry.title, "summary": entry.summary, "options": options}
