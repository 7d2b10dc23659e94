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
        self._first = 0  # the token that what is read begins with
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
            return  # another text is tried meanwhile; or there is neither attention nor gates to follow it
        before = self._first if focus.written else 0
        read, place = self._read_of(ids, written)
        is_following = not focus.written or focus.token in (None, self._followed)
        if not is_following and focus.token is not None:  # what was clicked stays, as far as it is still read
            kept = focus.token - (self._first - before)
            is_following = not 0 <= kept < len(read)
            place = place if is_following else kept
        self._followed = place if is_following else None
        self._focus.lock(written=read, token=place)

    def _on_pointed(self, ids: tuple[int, ...], written: int) -> None:
        if ids and self._is_looked_into():
            first = self._first
            read, place = self._read_of(ids, written)
            self._first = first  # of what is locked
            self._focus.preview(written=read, token=place)
        else:
            self._focus.end_preview()

    def _on_chosen(self, ids: tuple[int, ...], written: int) -> None:
        """Of no token: the newest is followed again. While another text is tried it is only previewed."""
        if self._text != self._writing.output.begun() or not self._is_looked_into():
            return
        if not ids:
            self._followed = None
            self._focus.lock(written=self._focus.value.written, token=None)
        else:
            read, place = self._read_of(ids, written)
            self._followed = None
            self._focus.lock(written=read, token=place)

    def _is_looked_into(self) -> bool:
        shows = type(self._run.recipe.architecture).shows if self._run is not None else frozenset()
        return self._is_opened or bool(shows & {"attention", "gates"})

    def _read_of(self, ids: tuple[int, ...], written: int) -> tuple[tuple[int, ...], int]:
        """The last tokens, as many as the model reads at once, and the place of a written one among them; of one that
        is not among them, those up to it."""
        context = getattr(self._run.recipe.architecture, "context", None) if self._run is not None else None
        most = context(self._sample) if context is not None and self._sample is not None else MAX_TOKENS
        if self._is_opened and self._sample is not None:
            most = self._sample.shape[0]
        place = len(ids) - len(self._writing.tokens()) + written
        end = len(ids) if place >= len(ids) - most else place + 1  # one that is read no more: what was read then
        self._first = max(0, end - most)
        return ids[self._first : end], place - self._first
