"""Architectures: one file each, found by folder walk."""

from __future__ import annotations

import functools

from modellab.architectures.base import ArchitectureConfig
from modellab.registry import walk

__all__ = ["ArchitectureConfig", "architectures"]


@functools.cache
def architectures() -> dict[str, type[ArchitectureConfig]]:
    """Every architecture there is, by name."""
    return {entry.name(): entry for entry in walk(__name__, ArchitectureConfig)}
