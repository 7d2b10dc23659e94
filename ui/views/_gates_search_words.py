"""What a search says about itself: how much it found, in how many tokens, how far it is."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ui.views._gates_data import GATES
from ui.views._gates_on_units import OnUnits
from ui.views._gates_search_data import USUAL, Query, Suited
from ui.widgets.numbers import duration, fixed, whole
from workers.protocol import GateMatches, UnitRanks

_MOST_NAMED = 3
_SPACE = "\u00a0"  # a number and its unit stay on one line


@dataclass(frozen=True, slots=True, kw_only=True)
class Ticks:
    """missed: units that were to be ticked and are not on. stands_in: others are ticked in their place. without: those
    missed of what was found."""

    num_ticked: int = 0
    missed: tuple[int, ...] = ()
    stands_in: bool = False
    without: tuple[int, ...] = ()

    @classmethod
    def of(cls, units: OnUnits, *, without: tuple[int, ...]) -> Ticks:
        """What the list has ticked."""
        return cls(num_ticked=len(units.ticked()), missed=units.missed, stands_in=units.stands_in, without=without)


def span_words(
    found: GateMatches | UnitRanks | None,
    query: Query | None,
    *,
    name: str,
    num_on: int,
    takes_negative: bool,
    suited: Suited | None = None,
    ticks: Ticks | None = None,
) -> str:
    """What was found, or how to find something. suited: how the options were made to suit the span."""
    ticks = ticks or Ticks()
    told = found_words(found) if isinstance(found, GateMatches) else ""
    if told and ticks.without:
        told = _tr("Without {units}: {found}").format(units=_units(ticks.without), found=told)
    if query is None or query.span is None:
        return told or _tr("Drag over the text above to mark a span.")
    aside = suited_words(suited, query.place.unit, name=name)
    if num_on == 0:
        if name not in GATES and not takes_negative:
            return _tr("No unit is on over all of it: mark less, lower the value above, or tick “or below”.")
        return _tr("No unit is on over all of it: mark less, or lower the value above.")
    if told:
        return told
    if ticks.missed:
        return missed_words(ticks, aside if ticks.missed == (query.place.unit,) else "")
    return " ".join(filter(None, (aside, _tr("Tick units to find where else they are on."))))


def missed_words(ticks: Ticks, why: str) -> str:
    """Which of the units that were to be searched for are not, and which are instead; why: where that is known."""
    if not why:
        said = _tr("{units} is not on over it.") if len(ticks.missed) == 1 else _tr("{units} are not on over it.")
        units = _units(ticks.missed)
        why = said.format(units=units[:1].upper() + units[1:])
    if not ticks.stands_in:
        return why
    told = _tr("Ticked instead: the strongest.") if ticks.num_ticked == 1 else _tr("Ticked instead: the {n} strongest.")
    return f"{why} {told.format(n=whole(ticks.num_ticked))}"


def _units(units: tuple[int, ...]) -> str:
    if len(units) == 1:
        return _tr("unit {n}").format(n=units[0])
    shown = ", ".join(map(str, units[:_MOST_NAMED])) + ("…" if len(units) > _MOST_NAMED else "")
    return _tr("units {list}").format(list=shown)


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
        told = _tr("{n} of {tokens} tokens of the validation texts match, at step\u00a0{step}").format(
            n=whole(found.num_matched), tokens=whole(found.searched), step=whole(found.step)
        )
        return told + progress(found)
    return _tr(
        "How well each unit tells what the pattern matches in the validation texts: the area under its ROC curve."
    )


def found_words(found: GateMatches) -> str:
    """best 50 of 312 places in 24,503 tokens at step 749, in 0.1 s."""
    shown, places = len(found.matches), found.num_places
    told = _tr("{n} places in {tokens} tokens of the validation texts at step\u00a0{step}")
    if max(shown, places) == 1:
        told = _tr("1 place in {tokens} tokens of the validation texts at step\u00a0{step}")
    if shown < places:
        told = _tr("best {n} of {places} places in {tokens} tokens of the validation texts at step\u00a0{step}")
    told = told.format(n=whole(shown), places=whole(places), tokens=whole(found.searched), step=whole(found.step))
    return told + progress(found, seconds=found.seconds)


def progress(answer: GateMatches | UnitRanks, *, seconds: float | None = None) -> str:
    """What follows: how far it is, or how long it took."""
    if not answer.is_last and answer.total:
        return f", {100 * answer.searched // answer.total}{_SPACE}%"
    return _tr(", in\u00a0{time}").format(time=duration(seconds).replace(" ", _SPACE)) if seconds else ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("SearchPage", text)
