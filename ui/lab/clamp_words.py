"""Interventions in few words: on chips, in the menu of undo, beside a prediction.

A signal is held at a value, a head switched off or scaled, a token hidden.
"""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from ui.lab.tokens import token_number
from workers.protocol import Clamp, HeadScale, Intervention


def _tr(text: str) -> str:
    return QCoreApplication.translate("Clamps", text)


def clamp_text(clamp: Intervention, *, tells_layer: bool = False) -> str:
    """unit 17 f = 1, with its layer and tokens where they matter; layer 2 · head 4 switched off; “cat” hidden."""
    if isinstance(clamp, Clamp):
        return _signal_text(clamp, tells_layer=tells_layer)
    if isinstance(clamp, HeadScale):
        kind = {"encoder": _tr("encoder"), "decoder": _tr("decoder"), "cross": _tr("cross")}.get(clamp.kind)
        where = _tr("layer {layer} · head {head}").format(layer=clamp.layer, head=clamp.head)
        value = _tr("switched off") if clamp.factor == 0 else f"× {number(clamp.factor)}"
        return " ".join([*([f"{kind} ·"] if kind else []), where, value])
    return _tr("“{token}” (token {place}) hidden").format(token=clamp.token, place=token_number(clamp.place))


def interventions_text(count: int) -> str:
    """1 intervention; 3 interventions."""
    return _tr("1 intervention") if count == 1 else _tr("{n} interventions").format(n=count)


def number(value: float) -> str:
    """As short as it can be, with a true minus."""
    return f"{value:g}".replace("-", "−")


def _signal_text(clamp: Clamp, *, tells_layer: bool) -> str:
    unit = _tr("every unit") if clamp.unit is None else _tr("unit {n}").format(n=clamp.unit)
    parts = [f"{unit} {clamp.signal} = {number(clamp.value)}"]
    if tells_layer:
        parts.insert(0, _tr("layer {n}").format(n=clamp.layer + 1))
    if clamp.direction:
        parts.append(_tr("backward"))
    if clamp.first is not None and clamp.last is not None:
        first, last = token_number(clamp.first), token_number(clamp.last)
        told = _tr("token {first}") if first == last else _tr("tokens {first}–{last}")
        parts.append(told.format(first=first, last=last))
    return " · ".join(parts)
