"""The window's side of the inspector process: questions out, answers back on the main thread."""

from __future__ import annotations

import inspect
import os
import sys
import time
import weakref
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QObject, QProcess, QProcessEnvironment, QTimer, Signal
from shiboken6 import isValid

from modellab.errors import spoken
from workers.protocol import AnyAnswer, Problem, Ready, Request
from workers.wire import Frame, FrameReader, WireError, encode_frame

OnAnswer = Callable[[AnyAnswer, dict[str, NDArray[Any]]], object]
OnProblem = Callable[[Problem], object]

_decoder: msgspec.msgpack.Decoder[AnyAnswer] = msgspec.msgpack.Decoder(AnyAnswer)
_ROOT = Path(__file__).resolve().parents[1]
# A process that dies young is started again later and later, lest a broken installation keep the machine busy.
_YOUNG_SECONDS = 10.0
_DELAYS_MS = (0, 500, 2000, 8000, 30_000)
_STOP_MS = 2000
_LOG_BYTES = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    slot: str
    on_answer: OnAnswer
    on_problem: OnProblem | None
    owner: weakref.ref[QObject] | None


class Inspector(QObject):
    """Asks a process of its own what needs torch. Never blocks; every callback runs on the main thread.

    ready: it has loaded what it needs (questions may be asked before, even before `start`). restarted: it died, for the
    reason given, and was started again; the questions that waited were answered with a Problem.
    """

    ready = Signal()
    restarted = Signal(str)

    def __init__(self, parent: QObject | None = None, *, command: tuple[str, ...] | None = None) -> None:
        """`command` is the program to run and its arguments, for tests."""
        super().__init__(parent)
        self._command = command or (sys.executable, "-m", "workers.inspector")
        self._process: QProcess | None = None
        self._reader = FrameReader()
        self._asked: dict[int, _Asked] = {}
        self._held: list[bytes | memoryview] = []
        self._last_id = 0
        self._started_at = 0.0
        self._num_early_deaths = 0
        self._log = b""
        self._is_ready = False
        self._is_wanted = False
        self._restart_timer = QTimer(self)
        self._restart_timer.setSingleShot(True)
        self._restart_timer.timeout.connect(self._launch)
        application = QCoreApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(self.stop)

    @property
    def is_ready(self) -> bool:
        """Whether it has loaded what it needs."""
        return self._is_ready

    @property
    def is_idle(self) -> bool:
        """Whether every question was answered."""
        return self.is_ready and not self._asked

    @property
    def log(self) -> str:
        """The last it wrote to stderr."""
        return self._log.decode(errors="replace")

    def start(self) -> None:
        """Start the process, if it is not running."""
        self._is_wanted = True
        if self._process is None and not self._restart_timer.isActive():
            self._launch()

    def stop(self) -> None:
        """End the process, which it does within milliseconds of its stdin's end. What was asked is forgotten."""
        self._is_wanted = False
        self._restart_timer.stop()
        self._asked.clear()
        self._held.clear()
        process = self._process
        self._let_go()
        # Qt complains of a process that outlives its object, so the window's last act is to see it off.
        if process is not None and not process.waitForFinished(_STOP_MS):
            process.kill()
            process.waitForFinished(_STOP_MS)

    def restart(self) -> None:
        """Start anew, with the environment as it is now; what was asked is answered with a Problem."""
        self._let_go()
        self._fail_all("The inspector was started anew; ask again.")
        self._num_early_deaths = 0
        self._is_wanted = True
        self._launch()

    def ask(
        self,
        request: Request,
        on_answer: OnAnswer,
        *,
        arrays: Mapping[str, NDArray[Any]] | None = None,
        on_problem: OnProblem | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Ask; `on_answer(answer, arrays)` is called with the answer, `on_problem(problem)` if there can be none.

        Of the questions of one slot only the last is answered. owner: when it is gone nothing is called; left out, it
        is the object whose method `on_answer` is. Without `on_problem`, a problem is not told. Some questions
        have several answers, the last of which says so.
        """
        self._last_id += 1
        owner = owner or _owner_of(on_answer)
        asked = _Asked(
            slot=request.slot,
            on_answer=on_answer,
            on_problem=on_problem,
            owner=None if owner is None else weakref.ref(owner),
        )
        if request.slot:
            for number in [number for number, other in self._asked.items() if other.slot == request.slot]:
                del self._asked[number]
        try:
            parts = encode_frame(msgspec.structs.replace(request, id=self._last_id), arrays)
        except WireError as error:
            text = f"The question is too large: {error}."
            QTimer.singleShot(0, self, lambda: _tell_problem(asked, Problem(message=text)))
            return
        self._asked[self._last_id] = asked
        if self._process is None:
            self._held.extend(bytes(part) for part in parts)  # sent when it starts
            return
        for part in parts:
            self._process.write(bytes(part) if isinstance(part, memoryview) else part)

    def _launch(self) -> None:
        process = QProcess(self)
        environment = QProcessEnvironment.systemEnvironment()
        for name, value in os.environ.items():  # Qt read them once; some may have been set since
            environment.insert(name, value)
        paths = [str(_ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]
        environment.insert("PYTHONPATH", os.pathsep.join(paths))
        process.setProcessEnvironment(environment)
        process.setProgram(self._command[0])
        process.setArguments(list(self._command[1:]))
        process.readyReadStandardOutput.connect(self._on_answers_arrived)
        process.readyReadStandardError.connect(self._on_log_arrived)
        process.finished.connect(self._on_process_finished)
        process.errorOccurred.connect(self._on_process_error)
        self._process = process
        self._reader = FrameReader()
        self._started_at = time.monotonic()
        self._is_ready = False
        process.start()
        for part in self._held:
            process.write(bytes(part))
        self._held.clear()

    def _let_go(self) -> None:
        """Have no process any more; the one there was ends in its own time, or is killed."""
        process, self._process = self._process, None
        self._is_ready = False
        if process is None:
            return
        process.readyReadStandardOutput.disconnect(self._on_answers_arrived)
        process.readyReadStandardError.disconnect(self._on_log_arrived)
        process.finished.disconnect(self._on_process_finished)
        process.errorOccurred.disconnect(self._on_process_error)
        process.finished.connect(process.deleteLater)
        if process.state() == QProcess.ProcessState.NotRunning:
            process.deleteLater()
            return
        process.closeWriteChannel()
        QTimer.singleShot(_STOP_MS, process, process.kill)

    def _on_answers_arrived(self) -> None:
        if self._process is None:
            return
        block = self._process.readAllStandardOutput()
        try:
            frames = self._reader.feed(memoryview(block.data()))
            answers = [(_decoder.decode(frame.message), frame) for frame in frames]
        except (WireError, msgspec.DecodeError) as error:
            self._on_death(f"it answered what cannot be read: {error}")
            return
        for answer, frame in answers:
            self._deliver(answer, frame)

    def _deliver(self, answer: AnyAnswer, frame: Frame) -> None:
        if isinstance(answer, Ready):
            self._is_ready = True
            self.ready.emit()
            return
        asked = self._asked.get(answer.id)
        if answer.is_last:
            self._asked.pop(answer.id, None)
        if asked is None:  # a newer question of its slot was asked meanwhile
            return
        if isinstance(answer, Problem):
            _tell_problem(asked, answer)
        elif not _is_gone(asked):
            asked.on_answer(answer, frame.arrays)

    def _on_log_arrived(self) -> None:
        if self._process is not None:
            self._log = (self._log + self._process.readAllStandardError().data())[-_LOG_BYTES:]

    def _on_process_finished(self, exit_code: int, status: QProcess.ExitStatus) -> None:
        self._on_answers_arrived()  # what it still said
        if self._process is not None:
            crashed = status == QProcess.ExitStatus.CrashExit
            self._on_death("it crashed" if crashed else f"it ended with exit code {exit_code}")

    def _on_process_error(self, error: QProcess.ProcessError) -> None:
        if error == QProcess.ProcessError.FailedToStart and self._process is not None:
            self._on_death(f"it could not be started: {self._process.errorString()}")

    def _on_death(self, reason: str) -> None:
        """Answer what waits, and start again: at once, or later if it keeps dying young."""
        self._on_log_arrived()
        self._let_go()
        is_young = time.monotonic() - self._started_at < _YOUNG_SECONDS
        self._num_early_deaths = self._num_early_deaths + 1 if is_young else 0
        delay_ms = _DELAYS_MS[min(self._num_early_deaths, len(_DELAYS_MS) - 1)]
        self._restart_timer.start(delay_ms)
        self._fail_all(f"The inspector stopped working ({reason}) and is being started again; ask again.")
        self.restarted.emit(reason)

    def _fail_all(self, message: str) -> None:
        waiting, self._asked = self._asked, {}
        self._held.clear()
        for number, asked in waiting.items():
            _tell_problem(asked, Problem(id=number, message=message))


def _tell_problem(asked: _Asked, problem: Problem) -> None:
    if asked.on_problem is not None and not _is_gone(asked):
        asked.on_problem(msgspec.structs.replace(problem, message=spoken(problem.message)))


def _owner_of(callback: OnAnswer) -> QObject | None:
    owner = callback.__self__ if inspect.ismethod(callback) else None
    return owner if isinstance(owner, QObject) else None


def _is_gone(asked: _Asked) -> bool:
    """Whether the owner was deleted, on Python's side or on Qt's."""
    if asked.owner is None:
        return False
    owner = asked.owner()
    return owner is None or not isValid(owner)
