"""What a search says about itself: how much it found, in how many tokens, how far it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ui.views._numbers import duration, whole
from workers.protocol import GateMatches, UnitRanks

_SPACE = "\u00a0"  # a number and its unit stay on one line


def found_words(found: GateMatches) -> str:
    """best 50 of 312 places in 24,503 tokens at step 749, in 0.1 s."""
    shown, places = len(found.matches), found.num_places
    told = _tr("{n} places in {tokens} tokens at step\u00a0{step}")
    if shown < places:
        told = _tr("best {n} of {places} places in {tokens} tokens at step\u00a0{step}")
    told = told.format(n=whole(shown), places=whole(places), tokens=whole(found.searched), step=whole(found.step))
    return told + progress(found, seconds=found.seconds)


def progress(answer: GateMatches | UnitRanks, *, seconds: float | None = None) -> str:
    """What follows: how far it is, or how long it took."""
    if not answer.is_last and answer.total:
        return f", {100 * answer.searched // answer.total}{_SPACE}%"
    return _tr(", in\u00a0{time}").format(time=duration(seconds).replace(" ", _SPACE)) if seconds else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchPage", text)
