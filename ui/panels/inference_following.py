"""The views look at what a language model writes: at its newest token, or at the one that is pointed at or chosen."""

from __future__ import annotations

from PySide6.QtCore import QObject

from modellab.data.base import Sample
from modellab.tasks.encode_text import MAX_TOKENS
from ui.lab.focus import SharedFocus
from ui.lab.run_model import RunModel
from ui.panels.inference_text_writing import WritingPanel


class Following(QObject):
    """Between the writing and the focus; `set_model` says what the views can see of the model."""

    def __init__(self, writing: WritingPanel, focus: SharedFocus, parent: QObject) -> None:
        super().__init__(parent)
        self._writing = writing
        self._focus = focus
        self._run: RunModel | None = None
        self._sample: Sample | None = None
        self._is_opened = False
        self._text = ""
        self._followed: int | None = None
        writing.followed.connect(self._on_followed)
        writing.pointed.connect(self._on_pointed)
        writing.chosen.connect(self._on_chosen)
        focus.unlocked.connect(lambda: writing.output.choose(-1))

    def set_model(self, run: RunModel | None, sample: Sample | None, *, is_opened: bool) -> None:
        """Of which what is written is read. is_opened: a pretrained one, not the run's."""
        self._run, self._sample, self._is_opened = run, sample, is_opened

    def set_text(self, text: str) -> None:
        """What is tried: while it is not what the writing began with, it is looked at itself."""
        self._text = text

    def _on_followed(self, ids: tuple[int, ...], written: int) -> None:
        """The views read what is written, and look at its newest token until a person looks at another."""
        focus = self._focus.value
        if self._text != self._writing.output.begun() or not self._is_looked_into():
            return  # another text is tried meanwhile; or there is no attention to follow it
        read, place = self._read_of(ids, written)
        is_following = not focus.written or focus.token in (None, self._followed)
        self._followed = place if is_following else None
        self._focus.lock(written=read, token=place if is_following else focus.token)

    def _on_pointed(self, ids: tuple[int, ...], written: int) -> None:
        if ids and self._is_looked_into():
            read, place = self._read_of(ids, written)
            self._focus.preview(written=read, token=place)
        else:
            self._focus.end_preview()

    def _on_chosen(self, ids: tuple[int, ...], written: int) -> None:
        if self._text == self._writing.output.begun() and self._is_looked_into():
            read, place = self._read_of(ids, written)
            self._focus.lock(written=read, token=place)

    def _is_looked_into(self) -> bool:
        run = self._run
        return self._is_opened or (run is not None and "attention" in type(run.recipe.architecture).shows)

    def _read_of(self, ids: tuple[int, ...], written: int) -> tuple[tuple[int, ...], int | None]:
        """The last tokens, as many as the model reads at once, and the place of a written one among them."""
        context = getattr(self._run.recipe.architecture, "context", None) if self._run is not None else None
        most = context(self._sample) if context is not None and self._sample is not None else MAX_TOKENS
        if self._is_opened and self._sample is not None:
            most = self._sample.shape[0]
        first = max(0, len(ids) - most)
        place = len(ids) - len(self._writing.tokens()) + written - first
        return ids[first:], place if place >= 0 else None
