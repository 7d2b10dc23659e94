"""What the gates are called and what they do, in the field's words; and one sentence of what is under the pointer."""

from __future__ import annotations

import math

import numpy as np
from PySide6.QtCore import QCoreApplication

from ui.views._gates_data import GATES, OPEN, SHUT, Gates, Place, PointedDot, budget, half_life, holds_since
from ui.views._legend import Scale
from ui.views._tokens import phrase, quoted_in
from ui.widgets.numbers import fixed, whole

_MOST_TEXT = 60  # letters


def _tr(text: str) -> str:
    return QCoreApplication.translate("GatesView", text)


def title_of(name: str) -> str:
    """The long name of a signal."""
    return {
        "i": _tr("input"),
        "f": _tr("forget"),
        "o": _tr("output"),
        "g": _tr("candidate"),
        "c": _tr("cell"),
        "h": _tr("hidden"),
        "r": _tr("reset"),
        "z": _tr("update"),
        "n": _tr("candidate"),
    }[name]


def help_of(name: str, cell: str) -> str:
    """What a signal is and does, with its formula."""
    if name == "h" and cell != "lstm":
        if cell == "gru":
            return _tr("Hidden state h = z·h₋₁ + (1−z)·n: the memory, and what the layer says to the next one.")
        return _tr("Hidden state h = tanh(W·x + U·h₋₁ + b): the only memory a plain RNN has.")
    return {
        "i": _tr("Input gate i = σ(…): how much of the candidate is written into the cell. 1 writes all, 0 nothing."),
        "f": _tr("Forget gate f = σ(…): how much of the cell is kept from the step before. 1 keeps all, 0 forgets."),
        "o": _tr("Output gate o = σ(…): how much of the cell is shown as the hidden state. 1 shows, 0 hides."),
        "g": _tr("Candidate g = tanh(…): what would be written, between −1 and 1."),
        "c": _tr("Cell state c = f·c₋₁ + i·g: the memory. It has no bounds and can count."),
        "h": _tr("Hidden state h = o·tanh(c): what the layer says to the next one, between −1 and 1."),
        "r": _tr("Reset gate r = σ(…): how much of the old state the candidate may see."),
        "z": _tr("Update gate z = σ(…): how much of the old state is kept. 1 keeps all, 0 takes the candidate."),
        "n": _tr("Candidate n = tanh(…): what the state would become, between −1 and 1."),
    }[name]


def half_life_text(mean_keep: float) -> str:
    """A half-life in tokens: 0.4, 12, ∞."""
    told = short_half_life(half_life(mean_keep))
    return _tr("half-life ∞") if told == "∞" else _tr("half-life {n} tokens").format(n=told)


def short_half_life(tokens: float) -> str:
    """A number of tokens: 0.4, 12, ∞."""
    if math.isinf(tokens) or tokens >= 1e5:
        return "∞"
    return fixed(tokens, decimals=1) if tokens < 10 else whole(round(tokens))


def value_text(value: float) -> str:
    """Three decimals, a true minus: the width stays."""
    return fixed(value, decimals=3)


def unit_facts(gates: Gates, place: Place) -> str:
    """What is true of a unit over the whole text."""
    if place.unit is None:
        return ""
    memory = gates.trace(place, gates.memory)
    parts = []
    if gates.keeps:
        mean = float(np.mean(gates.trace(place, gates.keeps)))
        parts = [_tr("mean {gate} {mean}").format(gate=gates.keeps, mean=value_text(mean)), half_life_text(mean)]
    low, high = value_text(float(memory.min())), value_text(float(memory.max()))
    parts.append(_tr("{name} from {low} to {high}").format(name=gates.memory, low=low, high=high))
    return "  ·  ".join(parts)


def sentence(gates: Gates, place: Place, name: str) -> str:
    """unit 17 · f 0.981 at “␣”: keeps 98 %, and 91 % of what it held at “v”."""
    if place.unit is None:
        return ""
    unit = _tr("unit {n}").format(n=place.unit)
    if place.token is None or name not in gates.lanes:
        return f"{unit}  ·  {unit_facts(gates, place)}"
    value = gates.value(place, name)
    assert value is not None
    token = quoted_in(gates.tokens, place.token)
    if place.token in gates.unknown:
        token = _tr("{token} (unknown)").format(token=token)
    said = _meaning(gates, place, name, value)
    text = _tr("{unit} · {name} {value} at {token}").format(unit=unit, name=name, value=value_text(value), token=token)
    return f"{text}: {said}" if said else text


def _meaning(gates: Gates, place: Place, name: str, value: float) -> str:
    if name == gates.keeps:
        return _keeping(gates, place, value)
    if name == "i":
        return "; ".join((_tr("input gate {p} % open").format(p=round(100 * value)), _writing(gates, place)))
    if name in GATES:
        opened, shut = {
            "o": (_tr("shows its cell"), _tr("hides its cell")),
            "r": (_tr("the candidate sees the old state"), _tr("the candidate starts anew")),
        }[name]
        share = {"o": _tr("shows {p} %"), "r": _tr("lets {p} % be seen")}[name]
        return opened if value > OPEN else shut if value < SHUT else share.format(p=round(100 * value))
    return _writing(gates, place) if name in ("g", "n") else ""


def _writing(gates: Gates, place: Place) -> str:
    """What the token adds to the memory, i·g or (1−z)·n: the gate alone does not tell that."""
    parts = budget(gates, place)
    if parts is None or place.token is None:
        return ""
    written = float(parts[1][place.token])
    return _tr("writes nothing") if _is_nothing(written) else _tr("writes {value}").format(value=value_text(written))


def _is_nothing(value: float) -> bool:
    """Whether the eye reads a nought."""
    return float(value_text(value).replace("−", "-")) == 0


def _keeping(gates: Gates, place: Place, value: float) -> str:
    assert place.token is not None
    if place.token == (len(gates.tokens) - 1 if place.direction else 0):
        return _tr("there is nothing to keep yet")
    memory = gates.trace(place, gates.memory)
    if _is_nothing(float(memory[place.token + (1 if place.direction else -1)])):
        return _tr("it holds nothing")
    if value < SHUT:
        return _tr("forgets")
    share = _tr("keeps {p} %").format(p=round(100 * value))
    keep = gates.trace(place, gates.keeps)
    since = holds_since(keep, place.token, direction=place.direction)
    between = keep[place.token : since] if place.direction else keep[since + 1 : place.token + 1]
    if len(between) < 2 or _is_nothing(float(memory[since])):
        return share
    left = _tr("{p} % of what it held at {token}").format(
        p=round(100 * float(between.prod())), token=quoted_in(gates.tokens, since)
    )
    return _tr("{share}, and {left}").format(share=share, left=left)


def raster_hint(gates: Gates, *, is_span_wanted: bool, pooled: int) -> str:
    """How large the raster is and what one can do with it."""
    if is_span_wanted:
        return _tr("drag along the tokens to choose a span")
    gestures = _tr("drag marks a span, double click opens a unit, wheel zooms")
    if pooled > 1:
        return _tr("up to {n} share a pixel").format(n=pooled) + f" · {gestures}"
    told = _tr("{units} units · {tokens} tokens") if len(gates.tokens) > 1 else _tr("{units} units · 1 token")
    told = told.format(units=whole(gates.num_units), tokens=whole(len(gates.tokens)))
    return f"{told} · {gestures}"


def text_told(gates: Gates, *, whose: str) -> str:
    """text: “votski”, a validation text."""
    told = {
        "model": _tr("text: {text}, written by the model"),
        "trainer": _tr("text: {text}, a validation text"),
        "nobody": _tr("text: {text}, an example"),
    }.get(whose, _tr("text: {text}"))
    return told.format(text=phrase(gates.running, most=_MOST_TEXT))


def dot_sentence(gates: Gates, dot: PointedDot) -> str:
    """f of 3 units (3, 17, 20): open 81 % of the time, shut 0 %."""
    units = ", ".join(str(unit) for unit in dot.units[:6]) + ("…" if len(dot.units) > 6 else "")
    who = _tr("unit {n}") if len(dot.units) == 1 else _tr("{count} units: {n}")
    told = _tr("{who} · {title} gate above {high} for {opened} % and below {low} for {shut} % of {tokens} tokens")
    return told.format(
        who=who.format(n=units, count=len(dot.units)),
        title=title_of(dot.name),
        high=OPEN,
        low=SHUT,
        opened=fixed(100 * dot.opened, decimals=1),
        shut=fixed(100 * dot.shut, decimals=1),
        tokens=whole(len(gates.tokens)),
    )


def scales_of(
    gates: Gates, reaches: dict[str, float], *, clipped: frozenset[str], dotted: frozenset[str] = frozenset()
) -> tuple[Scale, ...]:
    """The legend of a raster: one scale for the gates, one for each reach of the signed signals.

    clipped: signals with values beyond the reach. dotted: those of which such values in sight bear a dot.
    """
    scales = []
    if gates.gate_names:
        names = " ".join(gates.gate_names)
        scales.append(Scale(caption=names, colour_map="viridis", low="0", high="1", middle="0.5"))
    by_reach: dict[tuple[float, bool], list[str]] = {}
    for name in gates.lanes:
        if name not in GATES:
            by_reach.setdefault((reaches.get(name, 1.0), name in clipped), []).append(name)
    for (reach, is_clipped), names_of_reach in by_reach.items():
        is_dotted = bool(dotted & set(names_of_reach))
        below, above = ("≤ ", "≥ ") if is_clipped or is_dotted else ("", "")
        scales.append(
            Scale(
                caption=" ".join(names_of_reach),
                colour_map="diverging",
                low=f"{below}−{reach:g}",
                high=f"{above}+{reach:g}" + (_tr(" · dot: beyond") if is_dotted else ""),
                middle="0",
            )
        )
    return tuple(scales)
