"""A text as a run's model reads it, for whoever looks inside: tokens, one pass over them, and what is held."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from modellab.errors import UserError
from modellab.inspection.clamps import Intervention, in_force
from modellab.inspection.fill_mask import MASK, SEPARATOR, names_of, read_pair
from modellab.inspection.interventions import intervening
from modellab.inspection.load import LoadedModel
from modellab.inspection.translate import translate
from modellab.nets.bert import BERT
from modellab.nets.pretrained import PretrainedMasked, PretrainedText, PretrainedTranslator
from modellab.nets.translator import Translator
from modellab.tasks.encode_text import MAX_TOKENS, EncodedText, encode_text, tokenizer_for
from modellab.text.clean import shown
from modellab.text.tokenizer import Tokenizer
from modellab.training.probes import probes, probes_unknown
from workers.inspect_recipes import DatasetShelf
from workers.questions import Look


@dataclass(frozen=True, kw_only=True)
class Read:
    """Tokens that a model read. special: places of those that stand for nothing."""

    tokens: tuple[str, ...]
    ids: tuple[int, ...] = ()
    special: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class Reading:
    """What is read, and what a translator writes. run: one pass over it. held: interventions that this text has.

    inputs: what the model is given, int64 [1, T], where that is one text. source: what a translator reads.
    """

    read: Read
    run: Callable[[], object]
    inputs: Tensor | None = None
    written: Read | None = None
    source: tuple[int, ...] = ()
    held: tuple[Intervention, ...] = ()
    notes: tuple[str, ...] = ()
    takes_pair: bool = False


def reading_of(request: Look, loaded: LoadedModel, datasets: DatasetShelf) -> Reading:
    """The text asked for, or two; without one, one of those that the run is validated with.

    Raises:
        UserError: the model reads no text, or there is none.
    """
    model = loaded.model
    if isinstance(model, BERT | PretrainedMasked):
        return _of_bert(request, loaded, model, datasets)
    encoded = _encoded(request, loaded, datasets)
    tokens, told = encoded.tokens, _told(encoded)
    read = Read(tokens=told, ids=encoded.ids)
    if isinstance(model, PretrainedText):  # it puts tokens of its own around a text
        tokens = model.framed_names(tokens)
        read = Read(
            tokens=model.framed_names(told), ids=model.framed_ids(encoded.ids), special=model.places_around(encoded.ids)
        )
    held, unhidden = in_force(request.clamps, tokens)
    notes = (*encoded.notes, *unhidden)
    if isinstance(model, Translator | PretrainedTranslator):
        return _of_translator(
            request, loaded, model, encoded.ids, Reading(read=read, run=lambda: None, held=held, notes=notes)
        )
    ids = torch.tensor([encoded.ids], dtype=torch.int64)  # [1, N]
    return Reading(read=read, run=lambda: model(ids), inputs=ids, held=held, notes=notes)


def _of_bert(request: Look, loaded: LoadedModel, model: BERT | PretrainedMasked, datasets: DatasetShelf) -> Reading:
    """One text or two, with what stands before, between and behind them."""
    sample, tokenizer = loaded.sample, tokenizer_for(loaded.sample, loaded.tokenizer)
    pinned = () if request.text.strip() or request.pair.strip() else _pinned(request, loaded, datasets)
    notes: tuple[str, ...] = ()
    if pinned:
        ids = [sample.special("[CLS]"), *pinned[: model.context_length - 2], sample.special(SEPARATOR)]
        segments = [0] * len(ids)
    else:
        ids, segments, notes = read_pair(sample, tokenizer, request.text, request.pair, most=model.context_length)
    tokens = names_of(ids, sample, tokenizer)
    empty = {sample.special(name) for name in sample.specials if name != MASK}
    special = tuple(place for place, token in enumerate(ids) if token in empty)
    pairs = torch.tensor([list(zip(ids, segments, strict=True))])  # [1, N, 2]
    held, unhidden = in_force(request.clamps, tokens)
    return Reading(
        read=Read(tokens=tokens, ids=tuple(ids), special=special),
        run=lambda: model(pairs),
        held=held,
        notes=(*notes, *unhidden),
        takes_pair=True,
    )


def _of_translator(
    request: Look,
    loaded: LoadedModel,
    model: Translator | PretrainedTranslator,
    source_ids: tuple[int, ...],
    source: Reading,
) -> Reading:
    """With a target of a person's own, else with the likeliest one."""
    assert loaded.tokenizer is not None, "encode_text has seen to it"
    notes = source.notes
    if request.target.strip():
        wanted = encode_text(request.target, loaded.sample, loaded.tokenizer)
        target, notes = wanted.ids, (*notes, *wanted.notes)
    else:
        with intervening(model, source.held):
            target = translate(model, source_ids)[0].ids
        wrote = loaded.tokenizer.decode(target)
        told = f"Written by the model, greedily: “{wrote}”." if wrote else "The model ends the text at once."
        notes = (*notes, told)
    ids = (model.begin, *target)[: model.max_length]
    tokens = ("[BEGIN]", *(loaded.tokenizer.token(token) for token in ids[1:]))

    def run() -> Tensor:
        memory, mask = model.encode(torch.tensor([source_ids], dtype=torch.int64))
        return model.decode(torch.tensor([ids], dtype=torch.int64), memory, mask)

    written = Read(tokens=tokens, ids=ids, special=(0,))
    return Reading(read=source.read, run=run, written=written, source=source_ids, held=source.held, notes=notes)


def _told(encoded: EncodedText) -> tuple[str, ...]:
    """The tokens as they read, those that the model does not know as they stand in the text."""
    unknown = encoded.unknown
    return tuple(shown(unknown[k]) if k in unknown else token for k, token in enumerate(encoded.tokens))


def _encoded(request: Look, loaded: LoadedModel, datasets: DatasetShelf) -> EncodedText:
    """The tokens or the text asked for, else one of the run's pinned ones."""
    if request.ids and loaded.tokenizer is not None:
        return as_written(request.ids, loaded, loaded.tokenizer)
    if request.text.strip() or loaded.tokenizer is None:
        return encode_text(request.text, loaded.sample, loaded.tokenizer, context=loaded.context)
    ids = _pinned(request, loaded, datasets)[: loaded.context]
    if not ids:
        return encode_text(request.text, loaded.sample, loaded.tokenizer)
    unknown = probes_unknown(datasets.get(loaded.recipe.data()))
    return EncodedText(
        ids=ids,
        spans=(),
        tokens=tuple(loaded.tokenizer.token(token) for token in ids),
        unknown={k: letters for k, letters in unknown[request.probe % len(unknown)].items() if k < len(ids)},
    )


def as_written(ids: tuple[int, ...], loaded: LoadedModel, tokenizer: Tokenizer) -> EncodedText:
    """Tokens that a language model wrote: the last of them, as far as it reads."""
    wrong = next((token for token in ids if not 0 <= token < tokenizer.size), None)
    if wrong is not None:
        raise UserError(f"There is no token {wrong}; the model has tokens 0 to {tokenizer.size - 1}.")
    ids = ids[-min(loaded.context or MAX_TOKENS, MAX_TOKENS) :]
    return EncodedText(ids=ids, spans=(), tokens=tuple(tokenizer.token(token) for token in ids))


def _pinned(request: Look, loaded: LoadedModel, datasets: DatasetShelf) -> tuple[int, ...]:
    """One of the texts that the run is validated with; () where there is none."""
    pinned = probes(datasets.get(loaded.recipe.data()))
    return tuple(int(token) for token in pinned[request.probe % len(pinned)]) if pinned else ()
