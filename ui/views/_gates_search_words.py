"""What a search says about itself: how much it found, in how many tokens, how far it is."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ui.views._gates_data import GATES
from ui.views._gates_search_data import USUAL, Query, Suited
from ui.widgets.numbers import duration, fixed, whole
from workers.protocol import GateMatches, UnitRanks

_SPACE = "\u00a0"  # a number and its unit stay on one line


def span_words(
    found: GateMatches | UnitRanks | None,
    query: Query | None,
    *,
    name: str,
    num_on: int,
    takes_negative: bool,
    suited: Suited | None = None,
) -> str:
    """What was found, or how to find something. suited: how the options were made to suit the span."""
    if query is None or query.span is None:
        return found_words(found) if isinstance(found, GateMatches) else _tr("Drag over the text above to mark a span.")
    aside = suited_words(suited, query.place.unit, name=name)
    if num_on == 0:
        if name not in GATES and not takes_negative:
            return _tr("No unit is on over all of it: mark less, lower the value above, or tick “or below”.")
        return _tr("No unit is on over all of it: mark less, or lower the value above.")
    if isinstance(found, GateMatches):
        return found_words(found)
    return " ".join(filter(None, (aside, _tr("Tick units to find where else they are on."))))


def suited_words(suited: Suited | None, unit: int | None, *, name: str) -> str:
    """What the options were made to suit; unit: the one looked at. Nothing where they are the usual ones."""
    if suited is None:
        return ""
    if unit is not None and suited.unit is None:
        told = _tr("Unit {n} shuts over it.") if name in GATES else _tr("Unit {n} changes its sign over it.")
        return told.format(n=unit)
    low, high = fixed(-suited.threshold, decimals=2), fixed(suited.threshold, decimals=2)
    if suited.unit is None:
        few = _tr("No unit is far from zero all through: {value} is enough here.").format(value=high)
        lows = _tr("No unit is high all through: those below {value} count too.").format(value=low)
        return lows if suited.takes_negative else few if suited.threshold < USUAL else ""
    if suited.takes_negative:
        return _tr("Unit {n} is low over it, so units below {value} count too.").format(n=suited.unit, value=low)
    few = _tr("Unit {n} is only a little above zero, so {value} is enough here.")
    return few.format(n=suited.unit, value=high) if suited.threshold < USUAL else ""


def pattern_words(found: GateMatches | UnitRanks | None) -> str:
    """In how many tokens units were ranked, or what the ranking is."""
    if isinstance(found, UnitRanks):
        told = _tr("{n} of {tokens} tokens match, at step\u00a0{step}").format(
            n=whole(found.num_matched), tokens=whole(found.searched), step=whole(found.step)
        )
        return told + progress(found)
    return _tr("How well each unit tells what the pattern matches: the area under its ROC curve.")


def found_words(found: GateMatches) -> str:
    """best 50 of 312 places in 24,503 tokens at step 749, in 0.1 s."""
    shown, places = len(found.matches), found.num_places
    told = _tr("{n} places in {tokens} tokens at step\u00a0{step}")
    if max(shown, places) == 1:
        told = _tr("1 place in {tokens} tokens at step\u00a0{step}")
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
