"""Views: one file each, found by folder walk; a view draws events and captures of the run it is given."""

from __future__ import annotations

import functools

from modellab.registry import walk
from ui.views.base import View


@functools.cache
def views() -> list[type[View]]:
    """Every view there is, in the order of its tab."""
    return sorted(walk(__name__, View), key=lambda view: view.order)
