"""What the inspector answers about tokens: what each layer would say at them, and which embeddings are near."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import msgspec
import numpy as np
import torch
from torch import Tensor

from modellab.errors import UserError
from modellab.inspection.attribution import attribution
from modellab.inspection.clamps import in_force
from modellab.inspection.fill_mask import names_of
from modellab.inspection.interventions import intervening
from modellab.inspection.load import LoadedModel
from modellab.inspection.logit_lens import (
    Lens,
    ReadOut,
    read_out_of,
    read_out_of_pretrained,
    read_states,
    states_of,
)
from modellab.inspection.neighbours import Neighbours, neighbours, token_embedding
from modellab.nets.bert import BERT
from modellab.nets.pretrained import PretrainedMasked
from modellab.pretrained.looking import inputs_of
from modellab.pretrained.opening import PretrainedModel
from modellab.pretrained.texts import tokens_for_the_eye
from modellab.tasks.encode_text import encode_text, tokenizer_for
from modellab.text.tokenizer import UNKNOWN
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf
from workers.pretrained_shelf import PretrainedShelf
from workers.protocol import (
    AttributionHeader,
    LensHeader,
    NeighboursHeader,
    ShowAttribution,
    ShowLens,
    ShowNeighbours,
)
from workers.reading import Read, Reading, reading_of
from workers.wire import Arrays

_MOST_PRETRAINED = 64  # columns; with a vocabulary of 50,000 a row of them takes a fifth of a second and more


def answer_lens(
    request: ShowLens, models: ModelShelf, pretrained: PretrainedShelf, datasets: DatasetShelf
) -> Iterator[tuple[LensHeader, Arrays] | None]:
    """The likeliest tokens or classes after each layer, for every token of a text."""
    began = time.perf_counter()
    if request.pretrained:
        opened = pretrained.get(request.pretrained)
        if request.ids or opened.folder.use in ("sequence_classification", "seq2seq"):  # in our numbers, as it is tried
            loaded = pretrained.loaded(request.pretrained)
            parts = _lens_of_run(loaded, reading_of(request, loaded, datasets), title=opened.title)
        else:
            parts = _lens_of_pretrained(request, opened)
    elif request.model is not None:
        loaded = models.get(request.model)
        parts = _lens_of_run(loaded, reading_of(request, loaded, datasets))
    else:
        raise UserError("Choose a run or a pretrained model to look into.")
    seconds = time.perf_counter() - began
    began = time.perf_counter()
    for lens in read_states(parts.read_out, parts.states, never=parts.never):
        seconds += time.perf_counter() - began
        if lens is None:
            yield None
        else:
            header = msgspec.structs.replace(parts.header(lens), milliseconds=seconds * 1000)
            yield (
                header,
                {
                    "best": np.ascontiguousarray(lens.best),
                    "probabilities": np.ascontiguousarray(lens.probabilities),
                    "entropy": np.ascontiguousarray(lens.entropy),
                    "final": np.ascontiguousarray(lens.final),
                },
            )
        began = time.perf_counter()


@dataclass(frozen=True, kw_only=True, eq=False)
class _Parts:
    """What is read out, and what is said of it: header, of the lens that is found."""

    read_out: ReadOut
    states: list[Tensor]
    header: Callable[[Lens], LensHeader]
    never: tuple[int, ...] = ()


def _lens_of_run(loaded: LoadedModel, reading: Reading, *, title: str = "") -> _Parts:
    source = torch.tensor([reading.source], dtype=torch.int64) if reading.source else reading.inputs
    read_out = read_out_of(loaded.model, ids=source, run=reading.run)
    sample = loaded.sample
    columns = reading.written or reading.read
    is_classes = sample.task in ("classification", "regression")
    if sample.task == "regression":
        raise UserError("This model says a number, not one of several; the lens needs classes or tokens.")
    never = () if is_classes else _never(loaded)
    with intervening(loaded.model, reading.held):
        states = states_of(loaded.model, read_out, reading.run)
    says: Literal["next", "hidden", "class"] = "class" if is_classes else "next"
    truth: tuple[str, ...] = ()
    if isinstance(loaded.model, BERT | PretrainedMasked):
        says, truth = "hidden", columns.tokens
    elif not is_classes:
        truth = (*columns.tokens[1:], "")

    def header(lens: Lens) -> LensHeader:
        return LensHeader(
            step=loaded.step,
            num_layers=len(read_out.blocks),
            columns=(*("",) * read_out.num_front, *columns.tokens),
            says=says,
            num_choices=sample.num_outputs if is_classes else sample.num_tokens,
            names=dict(enumerate(sample.classes)) if is_classes else _names(loaded, np.unique(lens.best).tolist()),
            num_front=read_out.num_front,
            truth=truth,
            title=title,
            takes_pair=reading.takes_pair,
            takes_target=reading.written is not None,
            notes=reading.notes,
        )

    return _Parts(read_out=read_out, states=states, header=header, never=never)


def _lens_of_pretrained(request: ShowLens, opened: PretrainedModel) -> _Parts:
    read_out = read_out_of_pretrained(opened.model, opened.title)
    read, inputs = inputs_of(opened, request.text, pair=request.pair)
    notes = read.notes
    if len(read.ids) > _MOST_PRETRAINED:
        inputs = {name: value[:, :_MOST_PRETRAINED] for name, value in inputs.items()}
        notes = (*notes, f"The lens reads the first {_MOST_PRETRAINED} tokens.")
    tokens = read.tokens[:_MOST_PRETRAINED]
    held, unhidden = in_force(request.clamps, tokens)
    model: Any = opened.model
    with intervening(model, held):
        states = states_of(model, read_out, lambda: model(**inputs))
    is_causal = opened.folder.use == "causal"

    def header(lens: Lens) -> LensHeader:
        best = np.unique(lens.best).tolist()
        return LensHeader(
            step=0,
            num_layers=len(read_out.blocks),
            columns=tokens,
            says="next" if is_causal else "hidden",
            num_choices=read_out.num_choices,
            names=dict(zip(best, tokens_for_the_eye(opened.tokenizer, best), strict=True)),
            truth=(*tokens[1:], "") if is_causal else tokens,
            title=opened.title,
            takes_pair=opened.folder.use == "masked",
            notes=(*notes, *unhidden),
        )

    return _Parts(read_out=read_out, states=states, header=header)


def _unknown(text: str, loaded: LoadedModel, read: Read) -> dict[int, str]:
    """What a person wrote where the model reads a token of no word, by its place among those that are read."""
    if not text.strip():
        return {}
    encoded = encode_text(text, loaded.sample, loaded.tokenizer, context=loaded.context)
    own = [place for place in range(len(read.tokens)) if place not in read.special]
    return {own[place]: letters for place, letters in encoded.unknown.items() if place < len(own)}


def answer_attribution(
    request: ShowAttribution, models: ModelShelf, datasets: DatasetShelf
) -> Iterator[tuple[AttributionHeader, Arrays] | None]:
    """What each token of a text adds to the score of a class."""
    if request.model is None:
        raise UserError("Choose a run to look into.")
    loaded = models.get(request.model)
    sample = loaded.sample
    if sample.kind != "text" or sample.task != "classification":
        raise UserError("Contributions are told of models that classify texts; this one does not.")
    if request.of_class is not None and request.of_class not in sample.classes:
        raise UserError(f"There is no class {request.of_class!r}; there are {', '.join(sample.classes[:20])}.")
    reading = reading_of(request, loaded, datasets)
    assert reading.inputs is not None, "a classifier reads one text"
    read = reading.read
    seconds, began = 0.0, time.perf_counter()
    for found in attribution(
        loaded.model,
        reading.inputs,
        target=None if request.of_class is None else sample.classes.index(request.of_class),
        places=[place for place in range(len(read.tokens)) if place not in read.special],
        interventions=reading.held,
    ):
        seconds += time.perf_counter() - began
        if found is None:
            yield None
        else:
            header = AttributionHeader(
                step=loaded.step,
                of_class=sample.classes[found.target],
                tokens=read.tokens,
                special=read.special,
                score=found.score,
                baseline=found.baseline,
                residual=found.residual,
                num_points=found.num_points,
                unknown=_unknown(request.text, loaded, read),
                milliseconds=seconds * 1000,
                notes=reading.notes,
            )
            yield header, {"contributions": found.contributions}
        began = time.perf_counter()


def answer_neighbours(
    request: ShowNeighbours, models: ModelShelf, pretrained: PretrainedShelf, datasets: DatasetShelf
) -> tuple[NeighboursHeader, Arrays]:
    """The nearest tokens of one of the text, or of one that is named."""
    if request.pretrained:
        return _near_in_pretrained(request, pretrained.get(request.pretrained)), {}
    if request.model is None:
        raise UserError("Choose a run or a pretrained model to look into.")
    loaded = models.get(request.model)
    reading = reading_of(request, loaded, datasets)
    tokenizer = tokenizer_for(loaded.sample, loaded.tokenizer)
    embedding = token_embedding(loaded.model, num_tokens=loaded.sample.num_tokens)
    wanted = tokenizer.encode(request.word).ids if request.word else ()
    place, token = _asked_for(request, reading.read.ids, wanted)
    found = neighbours(embedding, token, most=request.most, never=range(UNKNOWN + 1))
    return NeighboursHeader(
        step=loaded.step,
        tokens=reading.read.tokens,
        token=_names(loaded, [token])[token],
        place=place,
        names=tuple(_names(loaded, list(found.tokens))[one] for one in found.tokens),
        **_measures(found, embedding),
        notes=(*reading.notes, *_of_several(request.word, wanted)),
    ), {}


def _near_in_pretrained(request: ShowNeighbours, opened: PretrainedModel) -> NeighboursHeader:
    read, _ = inputs_of(opened, request.text, pair=request.pair)
    embedding = token_embedding(opened.model, num_tokens=len(opened.tokenizer))
    wanted = opened.tokenizer(request.word, add_special_tokens=False)["input_ids"] if request.word else []
    place, token = _asked_for(request, read.ids, wanted)
    found = neighbours(embedding, token, most=request.most)
    return NeighboursHeader(
        step=0,
        tokens=read.tokens,
        token=tokens_for_the_eye(opened.tokenizer, [token])[0],
        place=place,
        names=tokens_for_the_eye(opened.tokenizer, list(found.tokens)),
        **_measures(found, embedding),
        title=opened.title,
        notes=(*read.notes, *_of_several(request.word, wanted)),
    )


def _measures(found: Neighbours, embedding: Tensor) -> dict[str, Any]:
    """What a header tells of them in numbers."""
    return {
        "ids": found.tokens,
        "cosines": found.cosines,
        "norm": found.norm,
        "mean_norm": found.mean_norm,
        "num_tokens": len(embedding),
        "width": embedding.shape[1],
    }


def _asked_for(request: ShowNeighbours, ids: Sequence[int], wanted: Sequence[int]) -> tuple[int | None, int]:
    """The place in the text, None where it was asked for by itself, and the token."""
    if request.token is not None:
        return None, request.token
    if request.word:
        if not wanted:
            raise UserError(f"“{request.word}” is no token of this model; type another.")
        return None, int(wanted[0])
    place = min(max(0, request.place or 0), len(ids) - 1)
    return place, ids[place]


def _of_several(word: str, wanted: Sequence[int]) -> tuple[str, ...]:
    if len(wanted) < 2:
        return ()
    return (f"“{word}” is {len(wanted)} tokens of this model; shown is the first.",)


def _names(loaded: LoadedModel, ids: Sequence[int]) -> dict[int, str]:
    """How tokens read, by their numbers."""
    tokenizer = tokenizer_for(loaded.sample, loaded.tokenizer)
    return dict(zip(ids, names_of(ids, loaded.sample, tokenizer), strict=True))


def _never(loaded: LoadedModel) -> tuple[int, ...]:
    """Tokens that are never said: padding, the unknown and, of a BERT, those that no text holds."""
    own = loaded.sample.num_tokens - len(loaded.sample.specials)
    specials = range(own, loaded.sample.num_tokens) if isinstance(loaded.model, BERT | PretrainedMasked) else ()
    return (*range(UNKNOWN + 1), *specials)
