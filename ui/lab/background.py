"""Work that must not block the window's thread: run in a pool, answered on the main thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from PySide6.QtCore import QObject, QRunnable, Qt, QThreadPool, Signal

from modellab.errors import UserError

Result = TypeVar("Result")


class _Relay(QObject):
    finished = Signal(object, object)  # the result, the exception


class _Work(QRunnable):
    def __init__(self, work: Callable[[], Any], relay: _Relay) -> None:
        super().__init__()
        self._work = work
        self._relay = relay

    def run(self) -> None:
        try:
            result, error = self._work(), None
        except Exception as problem:  # noqa: BLE001 - handed to the main thread, which says it to a person
            result, error = None, problem
        try:
            self._relay.finished.emit(result, error)
        except RuntimeError:  # the window closed meanwhile and took the relay with it
            return


def in_background(
    work: Callable[[], Result],
    on_done: Callable[[Result], object] | None = None,
    *,
    on_problem: Callable[[UserError], object] | None = None,
) -> None:
    """Run `work` on another thread; then call one of the two on the main thread.

    An exception that is no UserError reaches `on_problem` as one sentence too; with no `on_problem` it is raised on the
    main thread, where the window's hook shows it.
    """
    relay = _Relay()

    def deliver(result: Result, error: Exception | None) -> None:
        _alive.discard(relay)
        if error is None:
            if on_done is not None:
                on_done(result)
        elif on_problem is not None:
            on_problem(error if isinstance(error, UserError) else UserError(_sentence(error)))
        else:
            raise error

    _alive.add(relay)
    relay.finished.connect(deliver, Qt.ConnectionType.QueuedConnection)
    QThreadPool.globalInstance().start(_Work(work, relay))


def _sentence(error: Exception) -> str:
    """What the system says where it says something; whoever asked knows of which file."""
    if isinstance(error, OSError) and error.strerror:
        return f"{error.strerror}."
    return f"{type(error).__name__}: {error}"


_alive: set[_Relay] = set()  # a relay with a connection to a closure must outlive its work
