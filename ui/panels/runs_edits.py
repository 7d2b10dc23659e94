"""Changes of runs that can be undone: names, notes, stars and deletion, written to disk in the order they were made."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand
from shiboken6 import isValid

from modellab.errors import UserError
from modellab.runs.folder import Details, RunFolder, Status
from modellab.runs.summary import restore, trash
from ui.lab.background import in_background
from ui.lab.session import Session
from ui.panels.runs_rows import RunRow


class RunEdits(QObject):
    """Makes undo commands and does their work on the disk, one after another, off the window's thread."""

    details_changed = Signal(object, object)  # folder, Details
    runs_deleted = Signal(object)  # list of folders, now in the trash
    runs_restored = Signal(object)  # list of folders, back again

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self._waiting: deque[tuple[Callable[[], Any], Callable[[Any], None]]] = deque()
        self._is_working = False
        self._refused: dict[Path, tuple[Status, str]] = {}  # what was said of runs that cannot be deleted yet

    def change_details(self, changes: Mapping[Path, tuple[Details, Details]], *, text: str) -> None:
        """Give runs other names, notes or stars; for each folder what it had and what it gets."""
        changes = {path: change for path, change in changes.items() if change[0] != change[1]}
        if changes:
            self.session.undo_stack.push(_ChangeDetails(self, changes, text=text))

    def delete(self, paths: list[Path], *, text: str) -> None:
        """Move runs to the trash."""
        if paths:
            self.session.undo_stack.push(_Delete(self, paths, text=text))

    def refuse(self, row: RunRow, sentence: str) -> None:
        """Say why a run stays, for as long as it does what the sentence says."""
        self._refused[row.path] = (row.status, sentence)
        self.session.say("warning", sentence)

    def take_back(self, row_of: Callable[[Path], RunRow | None]) -> None:
        """Withdraw what was said of runs that do something else by now."""
        for path, (status, sentence) in list(self._refused.items()):
            row = row_of(path)
            if row is None or row.status != status:
                del self._refused[path]
                self.session.withdraw(sentence)

    def do(self, work: Callable[[], Any], on_done: Callable[[Any], None]) -> None:
        """Queue work for the disk; what is asked for later is done later."""
        self._waiting.append((work, on_done))
        self._next()

    def _next(self) -> None:
        if self._is_working or not self._waiting:
            return
        self._is_working = True
        work, on_done = self._waiting.popleft()

        def finish(result: Any, *, error: UserError | None = None) -> None:
            if not isValid(self):
                return
            self._is_working = False
            if error is None:
                on_done(result)
            else:
                self.session.say("error", error.message)
                self.session.runs_changed.emit()
            self._next()

        in_background(work, finish, on_problem=lambda error: finish(None, error=error))

    def write_details(self, details: Mapping[Path, Details]) -> None:
        """Show other details at once and keep them on disk."""
        for run in self.session.open_runs:
            if run.path in details:
                run.set_details(details[run.path])
        for path, one in details.items():
            self.details_changed.emit(path, one)

        def write() -> None:
            for path, one in details.items():
                try:
                    RunFolder(path).set_details(one)
                except OSError as error:
                    raise UserError(f"Cannot write to {path}: {error.strerror or error}.") from None

        self.do(write, lambda _: None)


class _ChangeDetails(QUndoCommand):
    def __init__(self, edits: RunEdits, changes: Mapping[Path, tuple[Details, Details]], *, text: str) -> None:
        super().__init__(text)
        self._edits = edits
        self._before = {path: before for path, (before, _) in changes.items()}
        self._after = {path: after for path, (_, after) in changes.items()}

    def redo(self) -> None:
        self._edits.write_details(self._after)

    def undo(self) -> None:
        self._edits.write_details(self._before)


class _Delete(QUndoCommand):
    def __init__(self, edits: RunEdits, paths: list[Path], *, text: str) -> None:
        super().__init__(text)
        self._edits = edits
        self._paths = paths
        self._trashed: dict[Path, Path] = {}
        self._shown: list[tuple[Path, bool]] = []  # what the curves showed, and whether it was the current run

    def redo(self) -> None:
        session = self._edits.session
        self._shown = []
        for run in session.open_runs:
            if run.path in self._paths:
                self._shown.append((run.path, run is session.current))
                session.close_run(run)
        self._edits.do(self._trash, self._on_trashed)

    def undo(self) -> None:
        self._edits.do(self._restore, self._on_restored)

    def _trash(self) -> None:
        for path in self._paths:
            if path not in self._trashed:
                self._trashed[path] = trash(RunFolder(path))

    def _restore(self) -> list[Path]:
        back = []
        for path, trashed in list(self._trashed.items()):
            restore(trashed)
            del self._trashed[path]
            back.append(path)
        return back

    def _on_trashed(self, _: object) -> None:
        self._edits.runs_deleted.emit(self._paths)
        self._edits.session.runs_changed.emit()

    def _on_restored(self, paths: list[Path]) -> None:
        self._edits.runs_restored.emit(paths)
        for path, was_current in self._shown:
            if path in paths:
                self._edits.session.open_run(path, make_current=was_current)
        self._edits.session.runs_changed.emit()
