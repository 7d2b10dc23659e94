"""What every way of giving the model an input has in common: an image, a point, a row."""

from __future__ import annotations

from typing import Any

import msgspec
from numpy.typing import NDArray
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from modellab.data.base import Sample
from workers.protocol import AnyInput


class Given(msgspec.Struct, frozen=True, kw_only=True):
    """An input, and the arrays that go with its question."""

    input: AnyInput
    arrays: dict[str, NDArray[Any]] = {}


class InputEditor(QWidget):
    """One kind of input; subclasses override what is below."""

    changed = Signal()  # `given` is another
    sample_asked = Signal()  # a person wants any validation sample
    problem_found = Signal(str)  # one sentence

    def set_sample(self, sample: Sample | None) -> None:
        """What one input of the model looks like; None before a run says so."""

    def given(self) -> Given | None:
        """The input to ask about; None while there is none, or it is not valid."""
        return None

    def show_example(self, values: NDArray[Any], *, caption: str) -> None:
        """Take an example of the data: uint8 [H, W, C] or float32 [D]."""

    def show_seen(self, seen: NDArray[Any]) -> None:
        """Show the input as the model sees it."""

    def show_answer(self, class_index: int | None) -> None:
        """The likeliest class of what is given, where the input is painted by it."""

    def show_examples(self, inputs: NDArray[Any], targets: NDArray[Any]) -> None:
        """Some examples [N, ...] to stand behind the input, where there is room."""
