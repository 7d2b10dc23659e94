"""What a view is: a widget that draws one run's events and captures; live, replayed or remote, it cannot tell."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field
from typing import ClassVar

from PySide6.QtCore import QTimer
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QWidget

from modellab.data.base import InputKind
from modellab.recipe import Recipe
from ui.inspector import Inspector
from ui.lab.clamps import SharedClamps
from ui.lab.focus import Focus, SharedFocus
from ui.lab.image import SharedImage
from ui.lab.run_model import RunModel
from ui.lab.session import Session

_REDRAW_MS = 40
# What a view of a run that learns may take of the time. On few cores it takes it from the training, and more than it
# takes: threads of a step wait for one another.
_REDRAW_SHARE = 0.05
_MOST_REST_SECONDS = 0.25
_PAINTED_MS = 20  # what is to be painted has been by then


@dataclass(frozen=True, slots=True, kw_only=True)
class Lab:
    """What views and panels may ask of."""

    session: Session
    focus: SharedFocus
    inspector: Inspector
    clamps: SharedClamps = field(default_factory=SharedClamps)
    image: SharedImage = field(default_factory=SharedImage)

    def __post_init__(self) -> None:
        self.clamps.follow(self.session, self.focus)


@dataclass(frozen=True, slots=True, kw_only=True)
class ViewPage:
    """One of the pages of a view. words: what else a person may look for it by."""

    key: str
    title: str
    words: str


class View(QWidget):
    """A tab in the middle. Subclasses override `show_run` and `redraw`, and call `touch()` when there is news.

    name: stable, for the layout file. title: on the tab. icon: of `ui.theme.icons`. order: tabs go by it.
    kinds: the inputs it suits; empty for any. needs: what it draws that only some architectures have (`shows`); empty
    for what all have. Its tab is hidden for other runs. opens_folders: it shows a pretrained model that is opened.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    icon: ClassVar[str]
    order: ClassVar[int]
    kinds: ClassVar[frozenset[InputKind]] = frozenset()
    needs: ClassVar[str] = ""
    opens_folders: ClassVar[bool] = False
    pages: ClassVar[tuple[ViewPage, ...]] = ()  # that can be opened by name

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lab = lab
        self.run: RunModel | None = None
        self._is_dirty = True
        self._redraw_timer = QTimer(self)
        self._redraw_timer.setSingleShot(True)
        self._next_redraw = 0.0
        self._redraw_timer.timeout.connect(self._redraw_if_seen)

    @classmethod
    def suits(cls, recipe: Recipe | None, focus: Focus) -> bool:
        """Whether it has something to draw of runs of this recipe, or of what is looked at instead."""
        if recipe is None:
            return not cls.kinds and not cls.needs
        fits_data = not cls.kinds or type(recipe.dataset).kind in cls.kinds
        return fits_data and (not cls.needs or cls.needs in type(recipe.architecture).shows)

    def set_run(self, run: RunModel | None) -> None:
        """Show another run, or none."""
        if run is self.run:
            return
        before, self.run = self.run, run
        self.show_run(run, before)
        self._next_redraw = 0.0
        self.touch()

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        """Connect to the new run's signals and let go of the one before (which may be being deleted)."""

    def open_page(self, key: str) -> None:
        """Show that one of its `pages`."""

    def look_at_draft(self) -> None:
        """Where it can look at either: not at the run, at what Start would train."""

    def shows_draft(self) -> bool:
        """Whether it looks at what Start would train."""
        return False

    def redraw(self) -> None:
        """Draw what is new; called at most 25 times a second, less where drawing takes long beside a training, and only
        while the view can be seen."""

    def touch(self) -> None:
        """There is news to draw."""
        self._is_dirty = True
        if self.is_seen():
            self._redraw_soon()

    def is_seen(self) -> bool:
        """Whether any of it is in sight. To Qt a dock whose tab is behind another is visible too: off the screen."""
        return self.isVisible() and not self.visibleRegion().isEmpty()

    def wake(self) -> None:
        """It has come into sight: draw what it has missed."""
        if self._is_dirty:
            self._redraw_soon()

    def _redraw_soon(self) -> None:
        if not self._redraw_timer.isActive():
            rest_ms = math.ceil((self._next_redraw - time.perf_counter()) * 1000)
            self._redraw_timer.start(max(_REDRAW_MS, rest_ms))

    def _redraw_if_seen(self) -> None:
        if self._is_dirty and self.is_seen():
            self._is_dirty = False
            before = time.thread_time()
            self.redraw()
            QTimer.singleShot(_PAINTED_MS, self, lambda: self._rest_after(time.thread_time() - before))

    def _rest_after(self, seconds: float) -> None:
        is_training = self.run is not None and self.run.status == "training"
        rest = min(seconds / _REDRAW_SHARE, _MOST_REST_SECONDS) if is_training else 0.0
        self._next_redraw = time.perf_counter() + rest

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.wake()
