"""Whole frames from the inspector to its window, from any thread."""

from __future__ import annotations

import os
import threading
from typing import BinaryIO

from workers.protocol import Answer, Problem
from workers.wire import Arrays, WireError, write_frame


class Outbox:
    """One frame at a time."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lock = threading.Lock()

    def send(self, answer: Answer, arrays: Arrays | None = None) -> None:
        """Send one answer; one too large is sent as a Problem."""
        try:
            with self._lock:
                write_frame(self._stream, answer, arrays)
        except WireError as error:
            self.send(Problem(id=answer.id, message=f"The answer is too large: {error}."))
        except OSError:  # the window is gone
            os._exit(0)
