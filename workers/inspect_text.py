"""What the inspector answers about models that read text: predictions, gates, gradients, generation."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import numpy as np
import torch

from modellab.errors import UserError
from modellab.inspection.clamps import in_force
from modellab.inspection.gates import gates, gates_in_turn
from modellab.inspection.generate import Sampling, generate
from modellab.inspection.gradient_flow import Flow, flow_in_parts
from modellab.inspection.load import LoadedModel, recurrent_of
from modellab.inspection.predict_text import predict_text
from modellab.nets.gpt import GPT
from modellab.nets.pretrained import PretrainedWriter
from modellab.nets.recurrent import Recurrent
from modellab.nets.recurrent_cells import SIGNALS
from modellab.tasks.encode_text import EncodedText, encode_text
from modellab.text.clean import shown
from modellab.text.tokenizer import Tokenizer
from workers.inspect_runs import ModelShelf
from workers.protocol import (
    GatesHeader,
    Generate,
    Generated,
    GradientFlow,
    Predict,
    Prediction,
    ShowGates,
    ShowGradientFlow,
    TextInput,
)
from workers.reading import as_written
from workers.wire import Arrays

AnsweredGates = tuple[GatesHeader, Arrays]

# Beyond this a float16 is no number.
_MOST_HALF = 65_504.0
# Units times tokens beyond which one waits for all layers at once.
_LONG = 1 << 16


def answer_predict_text(request: Predict, shelf: ModelShelf) -> tuple[Prediction, Arrays]:
    """Classes, a value, the likeliest next or hidden tokens, or translations of a text."""
    assert isinstance(request.input, TextInput)
    loaded = shelf.get(request.model)
    found = predict_text(
        loaded,
        request.input.text,
        pair=request.input.pair,
        num_beams=request.input.num_beams,
        clamps=request.clamps,
    )
    answer = Prediction(
        step=loaded.step,
        task=found.decoded.task,
        classes=found.decoded.classes,
        probabilities=found.decoded.probabilities,
        value=found.decoded.value,
        target=found.decoded.target,
        milliseconds=found.milliseconds,
        num_tokens=found.num_tokens,
        notes=found.notes,
        parts=found.decoded.parts,
    )
    return answer, {"seen": found.ids}


def answer_gates(request: ShowGates, shelf: ModelShelf) -> AnsweredGates | Iterator[AnsweredGates]:
    """Every signal of every layer for a text; where that takes a while, of the layer that is looked at first."""
    loaded = shelf.get(request.model)
    model = recurrent_of(loaded, "shown")
    encoded = _read(request, loaded)
    ids, num_layers = _batch_of_one(encoded), len(model.layers)
    answer = GatesHeader(
        step=loaded.step,
        cell=model.cell,
        num_layers=num_layers,
        num_directions=len(model.directions[0]),
        hidden_size=model.hidden_size,
        signals=SIGNALS[model.cell],
        tokens=encoded.tokens,
        spans=encoded.spans,
        unknown=_shown(encoded.unknown),
        notes=encoded.notes,
    )
    if num_layers == 1 or ids.numel() * model.hidden_size < _LONG:
        return answer, _for_the_wire(gates(model, ids, clamps=request.clamps).named(), exact=request.exact)
    first = min(max(request.layer, 0), num_layers - 1)
    parts = gates_in_turn(model, ids, clamps=request.clamps, first=first)
    return (
        (msgspec.structs.replace(answer, is_last=is_last), _for_the_wire(part, exact=request.exact))
        for is_last, part in zip((False, True), parts, strict=True)
    )


def answer_gradient_flow(request: ShowGradientFlow, shelf: ModelShelf) -> Iterator[tuple[GradientFlow, Arrays] | None]:
    """How far back the loss at the end of a text reaches; that of a long one takes seconds, and others may go first."""
    loaded = shelf.get(request.model)
    model = recurrent_of(loaded, "traced back")
    encoded = _read(request, loaded)
    target = _target_of(request.target, loaded)
    ids = _batch_of_one(encoded)
    for found in flow_in_parts(model, loaded.sample, ids, target=target, clamps=request.clamps):
        if found is None:
            yield None
        else:
            yield _flow_answer(found, encoded, loaded), {"norms": found.norms, "connectivity": found.connectivity}


def answer_generate(request: Generate, shelf: ModelShelf) -> Iterator[tuple[Generated, Arrays]]:
    """One answer a token; what is wrong is said before the first."""
    loaded = shelf.get(request.model)
    if loaded.sample.task != "language_modelling":
        raise UserError("This model writes no text by itself; train a language model.")
    if not isinstance(loaded.model, Recurrent | GPT | PretrainedWriter):
        raise UserError(f"A {loaded.recipe.architecture.title} does not write token by token; train a GPT or an LSTM.")
    encoded = encode_text(request.text or "\n", loaded.sample, loaded.tokenizer, context=loaded.context)
    held, _ = in_force(request.clamps, encoded.tokens)
    tokenizer = _tokenizer_of(loaded)
    sampling = Sampling(
        num_tokens=request.num_tokens,
        temperature=request.temperature,
        top_k=request.top_k,
        top_p=request.top_p,
        repetition_penalty=request.repetition_penalty,
        seed=request.seed,
        stop=request.stop,
    )
    is_first = True
    for made in generate(loaded.model, tokenizer, encoded.ids, sampling, clamps=held):
        answer = Generated(
            text=made.text,
            token=tokenizer.token(made.token),
            number=made.token,
            prompt=encoded.ids if is_first else (),
            candidates=tuple(tokenizer.token(token) for token in made.candidates),
            probabilities=made.probabilities,
            probability=made.probability,
            is_last=made.is_last,
            step=loaded.step,
        )
        is_first = False
        yield answer, {}


def _read(request: ShowGates | ShowGradientFlow, loaded: LoadedModel) -> EncodedText:
    """The text asked for, or the very tokens that the model wrote."""
    if request.ids:
        return as_written(request.ids, loaded, _tokenizer_of(loaded))
    return encode_text(request.text, loaded.sample, loaded.tokenizer)


def _flow_answer(found: Flow, encoded: EncodedText, loaded: LoadedModel) -> GradientFlow:
    return GradientFlow(
        step=loaded.step,
        tokens=encoded.tokens,
        loss=found.loss,
        target=_target_name(found.target, loaded),
        is_next_token=loaded.sample.task == "language_modelling",
        weights_norm=found.weights_norm,
        clip_norm=loaded.recipe.training.clip_norm,
        unknown=_shown(encoded.unknown),
        notes=(*encoded.notes, *found.notes),
    )


def _for_the_wire(signals: dict[str, torch.Tensor], *, exact: bool) -> Arrays:
    if not exact:
        signals = {name: values.clamp(-_MOST_HALF, _MOST_HALF).half() for name, values in signals.items()}
    return {name: np.ascontiguousarray(values.numpy()) for name, values in signals.items()}


def _shown(unknown: dict[int, str]) -> dict[int, str]:
    return {place: shown(letters) for place, letters in unknown.items()}


def _batch_of_one(encoded: EncodedText) -> torch.Tensor:
    return torch.tensor([encoded.ids], dtype=torch.int64)  # [1, T]


def _target_of(text: str, loaded: LoadedModel) -> int | None:
    """The class or next token of that name; None, what the model itself finds likeliest, where none is named."""
    if not text or loaded.sample.task == "regression":
        return None
    if loaded.sample.task == "classification":
        if text not in loaded.sample.classes:
            raise UserError(f"There is no class {text!r}; there are {', '.join(loaded.sample.classes[:20])}.")
        return loaded.sample.classes.index(text)
    found = _tokenizer_of(loaded).encode(text).ids
    if not found:
        raise UserError("Name a token to trace back from, or none.")
    return found[0]


def _target_name(target: int | None, loaded: LoadedModel) -> str:
    if target is None:
        return ""
    if loaded.sample.task == "classification":
        return loaded.sample.classes[target]
    return _tokenizer_of(loaded).token(target)


def _tokenizer_of(loaded: LoadedModel) -> Tokenizer:
    assert loaded.tokenizer is not None, "encode_text has seen to it"
    return loaded.tokenizer
