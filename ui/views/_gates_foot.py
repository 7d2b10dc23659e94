"""What stands below the pages of the gates: whose colours there are, what is under the pointer, and of which step."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ui.views._coloured_text import text_reach
from ui.views._gates_data import Gates, Place
from ui.views._gates_layout import GatesLayout, Page
from ui.views._gates_order import Order
from ui.views._gates_words import raster_hint, scales_of, sentence
from ui.views._legend import Scale
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.numbers import fixed, number, whole

_FEW_TOKENS = 50  # of which shares are coarse


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Foot:
    """signal: the lane pointed at last."""

    gates: Gates
    place: Place
    signal: str
    order: Order
    has_span: bool


def write_foot(parts: GatesLayout, foot: Foot, mode: Page) -> None:
    """The legend, the sentence and the step of a page."""
    gates, place = foot.gates, foot.place
    name = foot.signal if foot.signal in gates.lanes else gates.keeps or gates.memory
    coloured = parts.search.coloured() if mode == "search" else (place, gates.memory) if mode == "unit" else None
    parts.legend.setVisible(mode == "raster" or coloured is not None)
    if mode == "raster":
        raster = parts.raster
        parts.legend.set_scales(scales_of(gates, raster.reaches, clipped=raster.clipped, dotted=raster.dotted()))
    elif coloured is not None:
        parts.legend.set_scales((_text_scale(gates, *coloured, tells_unit=mode == "search"),))
        if mode == "search":
            place, name = coloured
    # What is true of a unit over the whole text is told above its signals.
    is_told = mode == "flow" or (mode == "unit" and place.token is None)
    told = sentence(gates, place, name) if not is_told else ""
    parts.readout.setText(told or _hint(parts, foot, mode))
    is_unsorted = mode in ("raster", "unit") and parts.raster.is_kept_unsorted
    step = parts.flow.step if mode == "flow" else gates.step  # going back takes longer than reading
    told_step = _tr("step {step}").format(step=whole(step)) if step is not None else ""
    parts.step.setText(_tr("rows stay, S sorts · {step}").format(step=told_step) if is_unsorted else told_step)
    why = _tr(
        "While a unit is chosen newer numbers move no row. S sorts them, and so does choosing the order once more."
    )
    parts.step.setToolTip(wrapped_tooltip(why) if is_unsorted else "")


def _text_scale(gates: Gates, place: Place, name: str, *, tells_unit: bool) -> Scale:
    reach = fixed(text_reach(gates, place, name), decimals=2)
    caption = _tr("{signal} of unit {n}").format(signal=name, n=place.unit) if tells_unit else name
    return Scale(caption=caption, colour_map="diverging", low=f"−{reach}", high=f"+{reach}")


def _hint(parts: GatesLayout, foot: Foot, mode: Page) -> str:
    gates = foot.gates
    if mode == "raster":
        is_span_wanted = foot.order == "span" and not foot.has_span
        return raster_hint(gates, is_span_wanted=is_span_wanted, pooled=parts.raster.pooled())
    if mode == "saturation" and gates.gate_names:
        count = len(gates.tokens)
        told = _tr("a dot is a unit, over {n} tokens") if count > 1 else _tr("a dot is a unit, over 1 token")
        if count < _FEW_TOKENS:
            told += _tr(": a share is a multiple of {step} %, and a longer text in Try it tells more")
        return told.format(n=whole(count), step=number(100 / count, digits=2))
    return ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("GatesView", text)
