"""A colour for each run, kept with it: the same in every view, and in every window that opens it again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from modellab.runs.folder import RunFolder, run_folders
from ui.lab.background import in_background
from ui.theme.series import num_series_colours


class RunColours:
    """Hands them out. Of any eight runs that were started one after another no two have the same."""

    def __init__(self) -> None:
        self._known: dict[str, int] = {}  # by folder: also of one that cannot be written to

    def of(self, run: RunFolder, *, beside: Iterable[int]) -> int:
        """The run's colour; one that was never shown gets one that is not among those `beside` it."""
        path = str(run.path)
        if path not in self._known:
            kept = run.colour()
            self._known[path] = free_colour(beside) if kept is None else kept
            if kept is None:
                # A folder that only may be read has its colour as long as this window lives.
                in_background(lambda: run.set_colour(self._known[path]), on_problem=lambda _error: None)
        return self._known[path]


def colour_new(run: RunFolder, *, beside: Iterable[int]) -> None:
    """Give a run that was just made the colour that was not used for the longest time; reads other runs' folders."""
    others = (other.colour() for other in run_folders()[: num_series_colours()] if other.path != run.path)
    recent = [colour for colour in others if colour is not None]
    run.set_colour(free_colour([*recent, *beside]))


def free_colour(taken: Iterable[int]) -> int:
    """The first of the series' colours that is not taken, else the one that is taken least."""
    counts = Counter(taken)
    return min(range(num_series_colours()), key=lambda colour: (counts[colour], colour))
