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


def predict_command(chosen: argparse.Namespace) -> int:
    """Print classes by falling probability, or the value."""
    run = find_run(chosen.run)
    # Bad numbers are told of before torch is imported.
    values = _numbers(chosen)
    from modellab.inspection.load import load_model
    from modellab.inspection.predict import predict
    from modellab.inspection.predict_text import predict_text
    from modellab.tasks.base import Part

    loaded = load_model(run, step=chosen.step)
    if _is_text(chosen, loaded):
        found = predict_text(loaded, chosen.text)
        for note in found.notes:
            sys.stderr.write(f"{note}\n")
        decoded = found.decoded
    else:
        decoded = predict(loaded.model, loaded.sample, _encode(chosen, values, loaded.sample))
    if chosen.json:
        answer: dict[str, Any] = {"step": loaded.step, "task": decoded.task, "target": decoded.target}
        if decoded.task == "regression":
            answer["value"] = decoded.value
        else:
            answer |= {"classes": decoded.classes, "probabilities": decoded.probabilities}
            answer |= {"parts": decoded.parts} if decoded.parts else {}
        sys.stdout.write(msgspec.json.encode(answer).decode() + "\n")
    elif decoded.task != "regression":
        only = Part(title="", classes=decoded.classes, probabilities=decoded.probabilities)
        for part in decoded.parts or (only,):
            if part.title:
                sys.stdout.write(f"{part.title}\n")
            for name, probability in zip(part.classes[:5], part.probabilities, strict=False):
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
