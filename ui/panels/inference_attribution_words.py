"""What is said of the contributions of tokens to the score of a class: which count most, and what all make together."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from ui.views._tokens import quoted_in
from ui.widgets.help_dot import rich_tooltip
from ui.widgets.numbers import fixed, number
from workers.protocol import AttributionHeader


def token_words(tokens: Sequence[str], values: NDArray[np.float32], place: int, *, of_class: str) -> str:
    """What one token does: “d” speaks for Dutch: it adds 3.26 to its score."""
    value = float(values[place])
    told = _tr("{token} leaves the score of {name} as it is.")
    if value > 0:
        told = _tr("{token} speaks for {name}: it adds {value} to its score.")
    elif value < 0:
        told = _tr("{token} speaks against {name}: it takes {value} from its score.")
    return told.format(token=quoted_in(tokens, place), name=of_class, value=number(abs(value), digits=3))


def strongest_words(tokens: Sequence[str], values: NDArray[np.float32], *, of_class: str) -> str:
    """Which tokens count most: “d” speaks most for Dutch (+3.26), “z” most against it (−0.12)."""
    best, worst = int(values.argmax()), int(values.argmin())
    most_for = (quoted_in(tokens, best), signed(float(values[best])))
    most_against = (quoted_in(tokens, worst), signed(float(values[worst])))
    if values[best] > 0 and values[worst] < 0:
        told = _tr("{token} speaks most for {name} ({value}), {other} most against it ({less}).")
    elif values[best] > 0:
        told = _tr("{token} speaks most for {name} ({value}), none against it.")
    elif values[worst] < 0:
        told = _tr("{other} speaks most against {name} ({less}), none for it.")
    else:
        told = _tr("No token speaks for {name} or against it.")
    return told.format(token=most_for[0], value=most_for[1], other=most_against[0], less=most_against[1], name=of_class)


def together_words(header: AttributionHeader) -> str:
    """What the score is with all tokens, and what it would be with none."""
    return _tr("Together they take the score from {baseline} (padding alone) to {score}.").format(
        baseline=fixed(header.baseline, decimals=2), score=fixed(header.score, decimals=2)
    )


def together_help(header: AttributionHeader, *, total: float) -> str:
    """What a score is, and how exactly the contributions add up; total: of all tokens."""
    told = _tr(
        "The score of a class is its logit: the higher it is beside those of the other classes, the likelier is the "
        "class. The contributions add up to what the text changes of it, here to {total} (completeness); the sum over "
        "{n} points of the way from padding to the text is off by {residual}."
    )
    return rich_tooltip(
        _tr("Score"),
        told.format(total=signed(total), n=header.num_points, residual=fixed(abs(header.residual), decimals=3)),
    )


def signed(value: float) -> str:
    """With its sign: +0.5, −1."""
    text = number(value, digits=3)
    return f"+{text}" if value > 0 else text


def _tr(text: str) -> str:
    return QCoreApplication.translate("AttributionPanel", text)
