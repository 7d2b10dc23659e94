"""Where a pretrained model looks while it reads a text, a pair of texts, or a source and its translation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch

from modellab.errors import UserError
from modellab.inspection.attention import Layer, layers_of
from modellab.inspection.attention_blocks import can_be_compared
from modellab.inspection.clamps import Intervention, in_force
from modellab.inspection.interventions import intervening
from modellab.pretrained.opening import PretrainedModel, context_length
from modellab.pretrained.texts import ReadText, read_text, tokens_for_the_eye

_MOST_WRITTEN = 64


@dataclass(frozen=True, kw_only=True, eq=False)
class Looked:
    """Layers of a batch of one; read: what was read, written: the target's tokens as the decoder had them. without: the
    layers of the same tokens with no interventions, empty where there are none or the text is too long for it."""

    layers: list[Layer]
    read: ReadText
    written: tuple[str, ...] = ()
    written_ids: tuple[int, ...] = ()
    notes: tuple[str, ...] = ()
    without: tuple[Layer, ...] = ()


def look_at_text(
    opened: PretrainedModel,
    text: str,
    *,
    pair: str = "",
    target: str = "",
    interventions: Sequence[Intervention] = (),
) -> Looked:
    """One forward pass. A translator without a target first writes one, always taking the likeliest token.

    interventions: heads scaled and tokens hidden meanwhile.

    Raises:
        UserError: there is no text, or the model reads none or has no attention to show.
    """
    read, inputs = inputs_of(opened, text, pair=pair)
    held, unhidden = in_force(interventions, read.tokens)
    given: dict[str, torch.Tensor] = {}
    written: list[int] = []
    notes: tuple[str, ...] = ()
    if getattr(opened.model.config, "is_encoder_decoder", False):
        with intervening(opened.model, held):
            written, notes = _decoded(opened, inputs, read, target)
        given = {"decoder_input_ids": torch.tensor([written])}

    def run() -> object:
        return opened.model(**inputs, **given)

    with intervening(opened.model, held):
        layers = layers_of(opened.model, run)
    without = tuple(layers_of(opened.model, run)) if held and can_be_compared(layers) else ()
    if not given:
        return Looked(layers=layers, read=read, notes=(*read.notes, *unhidden), without=without)
    if all(layer.kind != "encoder" for layer in layers):
        notes = (*notes, "The encoder computes its attention in a way of its own, of which nothing can be shown.")
    return Looked(
        layers=layers,
        read=read,
        written=tokens_for_the_eye(opened.tokenizer, written),
        written_ids=tuple(written),
        notes=(*read.notes, *unhidden, *notes),
        without=without,
    )


def _decoded(
    opened: PretrainedModel, inputs: dict[str, torch.Tensor], read: ReadText, target: str
) -> tuple[list[int], tuple[str, ...]]:
    """What the decoder reads, and what is said of it."""
    if opened.folder.use == "seq2seq":
        return _written(opened, inputs, target)
    told = "Where no head writes, the decoder reads the text itself, each token one place later."
    return [start_of(opened), *read.ids[:-1]], (told,)


def inputs_of(opened: PretrainedModel, text: str, *, pair: str = "") -> tuple[ReadText, dict[str, torch.Tensor]]:
    """A text, or two, as the model reads it, and what the model is called with.

    Raises:
        UserError: there is no text, or the model reads none.
    """
    if opened.tokenizer is None:
        raise UserError(f"{opened.title} reads images, not text.")
    config: Any = opened.model.config
    writes = opened.folder.use == "causal"
    has_segments = not writes and getattr(config, "type_vocab_size", 0) > 1
    most = context_length(opened)
    read = read_text(opened.tokenizer, text, pair=pair, most=most, has_segments=has_segments, keeps_last=writes)
    inputs = dict(read.inputs)
    if not has_segments:
        inputs.pop("token_type_ids", None)
    return read, inputs


def _written(
    opened: PretrainedModel, inputs: dict[str, torch.Tensor], target: str
) -> tuple[list[int], tuple[str, ...]]:
    """What the decoder reads: the target's tokens behind the one it starts with; and what was done."""
    model: Any = opened.model
    if not target.strip():
        with torch.inference_mode():
            most = min(_MOST_WRITTEN, context_length(opened) - 2)
            found = model.generate(**inputs, max_new_tokens=most, num_beams=1, do_sample=False)
        ids = [int(token) for token in found[0]]
        return (ids[:-1] if len(ids) > 1 else ids), (
            "The target was written by the model, greedily: the likeliest token each time.",
        )
    wanted = read_text(opened.tokenizer, target, most=context_length(opened), is_target=True)
    return [start_of(opened), *wanted.ids[:-1]], wanted.notes


def start_of(opened: PretrainedModel) -> int:
    """The token that a decoder reads first.

    Raises:
        UserError: config.json does not say.
    """
    config: Any = opened.model.config
    starts = [getattr(config, name, None) for name in ("decoder_start_token_id", "bos_token_id")]
    start = next((start for start in starts if start is not None), None)
    if start is None:
        raise UserError(
            f"{opened.title} does not say which token its decoder starts with; name it in its config.json as "
            "decoder_start_token_id."
        )
    return int(start)
