"""What each layer would say, as the view holds it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ui.lab.tokens import HIDDEN
from workers.protocol import LensHeader

Measure = Literal["probability", "final", "entropy"]
Floats = NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Lens:
    """Arrays as of modellab.inspection.logit_lens: row 0 is the first layer's input, row r what layer r - 1 gives."""

    header: LensHeader
    best: NDArray[np.int32]
    probabilities: Floats
    entropy: Floats
    final: Floats

    @property
    def num_rows(self) -> int:
        """Layers, and what the first of them reads."""
        return int(self.best.shape[0])

    @property
    def num_columns(self) -> int:
        """Tokens, and what stands before them."""
        return int(self.best.shape[1])

    def said(self, row: int, column: int) -> str:
        """The likeliest."""
        return self.header.names.get(int(self.best[row, column, 0]), "")

    def likeliest(self) -> tuple[str, ...]:
        """What any layer finds likeliest anywhere."""
        return tuple(self.header.names.get(name, "") for name in np.unique(self.best[:, :, 0]).tolist())

    def choices(self, row: int, column: int) -> list[tuple[str, float]]:
        """The five likeliest and their probabilities."""
        names, shares = self.best[row, column].tolist(), self.probabilities[row, column].tolist()
        return [(self.header.names.get(name, ""), share) for name, share in zip(names, shares, strict=True)]

    def truth(self, column: int) -> str:
        """What the text has there; "" where nobody knows."""
        return self.header.truth[column] if column < len(self.header.truth) else ""

    def is_right(self, row: int, column: int) -> bool:
        """Whether the likeliest is what the text has there."""
        return bool(self.truth(column)) and self.said(row, column) == self.truth(column)

    def values(self, measure: Measure) -> Floats:
        """What the cells are coloured by, [R, C]: a probability, or nats."""
        if measure == "entropy":
            return self.entropy
        return self.final if measure == "final" else np.ascontiguousarray(self.probabilities[:, :, 0])

    def highest(self, measure: Measure) -> float:
        """What has the full colour."""
        return float(np.log(max(2, self.header.num_choices))) if measure == "entropy" else 1.0

    def column_of(self, token: int | None) -> int | None:
        """The column of a token of the text."""
        column = None if token is None else token + self.header.num_front
        return column if column is not None and column < self.num_columns else None

    def first_column(self) -> int:
        """What is told of before anybody looks at a token: the whole text, a hidden token, or the last one."""
        if self.header.num_front:
            return 0
        hidden = (column for column, token in enumerate(self.header.columns) if token in HIDDEN)
        return next(hidden, self.num_columns - 1) if self.header.says == "hidden" else self.num_columns - 1

    def token_of(self, column: int) -> int | None:
        """The token of a column; None: the whole text's."""
        token = column - self.header.num_front
        return token if token >= 0 else None


def lens_from(header: LensHeader, arrays: dict[str, Any]) -> Lens | None:
    """Read an answer; None: there is nothing in it that can be shown."""
    names = ("best", "probabilities", "entropy", "final")
    if not header.columns or any(name not in arrays for name in names):
        return None
    best, probabilities, entropy, final = (np.asarray(arrays[name]) for name in names)
    return Lens(header=header, best=best, probabilities=probabilities, entropy=entropy, final=final)
