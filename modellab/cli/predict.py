"""`modellab predict`: what a trained run says of one input."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from modellab.cli.main import FINISHED
from modellab.errors import UserError
from modellab.runs.folder import find_run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from modellab.data.base import Sample
    from modellab.inspection.load import LoadedModel
    from modellab.tasks.base import Decoded

_NUM_BEAMS = 4


def predict_command(chosen: argparse.Namespace) -> int:
    """Print classes by falling probability, or the value."""
    run = find_run(chosen.run)
    # Bad numbers are told of before torch is imported.
    values = _numbers(chosen)
    from modellab.inspection.load import load_model
    from modellab.inspection.predict import predict

    loaded = load_model(run, step=chosen.step)
    if loaded.sample.task == "masked_language_modelling" and _is_text(chosen, loaded):
        decoded = _filled(chosen.text, loaded)
    else:
        is_text = _is_text(chosen, loaded)
        stored = _encode_text(chosen.text, loaded) if is_text else _encode(chosen, values, loaded.sample)
        decoded = _translated(loaded, stored) or predict(loaded.model, loaded.sample, stored)
    classes = decoded.classes
    if decoded.task == "language_modelling" and loaded.tokenizer is not None:
        classes = tuple(loaded.tokenizer.token(int(token)) for token in classes)
    if chosen.json:
        answer: dict[str, Any] = {"step": loaded.step, "task": decoded.task, "target": decoded.target}
        if decoded.task == "regression":
            answer["value"] = decoded.value
        else:
            answer |= {"classes": classes, "probabilities": decoded.probabilities}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    elif decoded.task != "regression":
        for name, probability in zip(classes[:5], decoded.probabilities, strict=False):
            sys.stdout.write(f"{probability:7.2%}  {name}\n")
    else:
        sys.stdout.write(f"{loaded.sample.target or 'value'} {decoded.value:g}\n")
    return FINISHED


def _numbers(chosen: argparse.Namespace) -> list[float] | None:
    text = chosen.point if chosen.point is not None else chosen.row
    if text is None:
        return None
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        option = "--point" if chosen.point is not None else "--row"
        raise UserError(f"{option} {text}: write numbers with commas between, such as 0.5,-1.", field=option) from None


def _is_text(chosen: argparse.Namespace, loaded: LoadedModel) -> bool:
    """Whether the model reads text and was given some."""
    if loaded.sample.kind == "text" and chosen.text is None:
        raise UserError("This run reads text; give some with --text.", field="--text")
    return loaded.sample.kind == "text"


def _filled(text: str, loaded: LoadedModel) -> Decoded:
    """What a BERT guesses."""
    from modellab.inspection.fill_mask import decoded, fill_mask
    from modellab.nets.bert import BERT

    assert isinstance(loaded.model, BERT), "only a BERT has this task"
    assert loaded.tokenizer is not None, "text comes with a tokenizer"
    found = fill_mask(loaded.model, loaded.sample, loaded.tokenizer, text)
    for note in found.notes:
        sys.stderr.write(f"{note}\n")
    return decoded(found, loaded.tokenizer)


def _translated(loaded: LoadedModel, ids: NDArray[Any]) -> Decoded | None:
    """The best translations, of a model that translates."""
    from modellab.inspection.translate import decoded, translate
    from modellab.nets.translator import Translator

    if not isinstance(loaded.model, Translator) or loaded.tokenizer is None:
        return None
    return decoded(translate(loaded.model, ids.tolist(), num_beams=_NUM_BEAMS), loaded.tokenizer)


def _encode_text(text: str, loaded: LoadedModel) -> NDArray[Any]:
    """Token ids int32 [T]; what was done to the text on the way goes to stderr."""
    import numpy as np

    from modellab.tasks.encode_text import encode_text

    encoded = encode_text(text, loaded.sample, loaded.tokenizer, context=loaded.context)
    for note in encoded.notes:
        sys.stderr.write(f"{note}\n")
    return np.array(encoded.ids, dtype=np.int32)


def _encode(chosen: argparse.Namespace, values: list[float] | None, sample: Sample) -> NDArray[Any]:
    from modellab.tasks.encode import encode_image, encode_row

    if chosen.text is not None:
        raise UserError(f"This run reads {sample.kind}s, not text.", field="--text")
    if values is not None:
        if sample.kind == "image":
            raise UserError("This run reads images; give one with --image FILE.", field="--row")
        return encode_row(values, sample).stored
    if sample.kind != "image":
        option = "--point X,Y" if sample.kind == "point" else "--row A,B,C"
        raise UserError(f"This run reads {sample.kind}s; give one with {option}.", field="--image")
    return encode_image(Path(chosen.image), sample).stored
