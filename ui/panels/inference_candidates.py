"""What a written token was drawn from, and in which words it is told."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication

from ui.lab.clamp_words import interventions_text
from ui.lab.clamps import Clamps
from ui.lab.tokens import token_number
from ui.panels.inference_text_settings import WritingOptions
from workers.protocol import Generated, Intervention


class Candidates(msgspec.Struct, frozen=True, kw_only=True):
    """The likeliest tokens first; the one that was written may be none of them. about: what was done to them before.

    clamps: what was held when it was written.
    """

    tokens: tuple[str, ...]
    probabilities: tuple[float, ...]
    written: str
    probability: float
    caption: str
    about: str
    clamps: tuple[Intervention, ...] = ()

    def rows(self, most: int) -> tuple[list[str], list[float], int]:
        """So many of the likeliest, below them the written token where it is none of these; and which row it is."""
        names, shares = list(self.tokens[:most]), list(self.probabilities[:most])
        if self.written not in names:
            names.append(self.written)
            shares.append(self.probability)
        return names, shares, names.index(self.written)


def candidates_of(
    written: Generated, *, place: int, total: int, options: WritingOptions, clamps: Clamps = ()
) -> Candidates:
    """Of the written token at that place."""
    return Candidates(
        tokens=written.candidates,
        probabilities=written.probabilities,
        written=written.token,
        probability=written.probability,
        caption=_tr("token {0:,} of {1:,}").format(token_number(place), total),
        about=_about(options),
        clamps=clamps,
    )


def drawn_words(then: Clamps, now: Clamps) -> str:
    """What was held when a token was written, and where something else is held now how to see what that changes."""
    if then == now:
        return _tr("Drawn with {interventions} on.").format(interventions=interventions_text(len(then))) if then else ""
    if not then:
        return _tr("As it was when this token was written; Generate again to see what interventions change.")
    if now:
        return _tr("Drawn with other interventions on; Generate again to see what these change.")
    told = _tr("Drawn with {interventions} on; Generate again to see it without.")
    return told.format(interventions=interventions_text(len(then)))


def before_temperature() -> str:
    """What is told of probabilities that are the model's own."""
    return _tr("before temperature")


def _about(options: WritingOptions) -> str:
    if options.temperature == 0:
        return _tr("before temperature, which is 0")
    is_cut_twice = options.top_k > 0 and options.top_p < 1
    is_penalised = options.repetition_penalty != 1
    if is_cut_twice and is_penalised:
        return _tr("after penalty, temperature, top-k, top-p")
    parts = [_tr("after temperature {0:g}").format(options.temperature)]
    if is_penalised:
        parts.append(_tr("penalty"))
    if is_cut_twice:
        parts.append(_tr("top-k, top-p"))  # their numbers stand in the settings: here they would be cut short
    elif options.top_k:
        parts.append(_tr("top-k {0}").format(options.top_k))
    elif options.top_p < 1:
        parts.append(_tr("top-p {0:g}").format(options.top_p))
    return ", ".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("WritingPanel", text)
