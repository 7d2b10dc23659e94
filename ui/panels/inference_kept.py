"""What was tried with each run, for when it is shown again."""

from __future__ import annotations

from pathlib import Path

from ui.lab.run_model import RunModel

Texts = tuple[str, str]  # a text, and a second one that is read with it


class KeptTexts:
    """By the folders of the runs."""

    def __init__(self) -> None:
        self._texts: dict[Path, Texts] = {}

    def keep(self, run: RunModel, texts: Texts) -> None:
        """This stands there while the run is shown."""
        self._texts[run.path] = texts

    def texts_of(self, run: RunModel, *, before: RunModel, now: Texts) -> Texts:
        """What was tried with this run; at first, what is tried now with one that learns from the same data."""
        is_alike = type(before.recipe.dataset) is type(run.recipe.dataset)
        return self._texts.get(run.path, now if is_alike else ("", ""))
