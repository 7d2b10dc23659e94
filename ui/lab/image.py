"""The image that a person tries, drawn, opened or pasted: views that look into a model of images look at it too."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from workers.protocol import ImageInput


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class OwnImage:
    """As a question takes it. number: another with every change."""

    input: ImageInput
    arrays: dict[str, NDArray[Any]] = field(default_factory=dict)
    number: int = 0


class SharedImage(QObject):
    """None while an example of the data is tried, or nothing."""

    changed = Signal(object)  # OwnImage | None

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._value: OwnImage | None = None
        self._number = 0

    @property
    def value(self) -> OwnImage | None:
        """What is tried now."""
        return self._value

    def set(self, image: ImageInput | None, arrays: dict[str, NDArray[Any]] | None = None) -> None:
        """Try this; None: no image of a person's own."""
        if image is None and self._value is None:
            return
        self._number += 1
        self._value = None if image is None else OwnImage(input=image, arrays=dict(arrays or {}), number=self._number)
        self.changed.emit(self._value)
