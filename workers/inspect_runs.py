"""What the inspector answers about runs: predictions, surfaces and filters of any step."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Hashable
from pathlib import Path

import msgspec
import numpy as np

from modellab.errors import UserError
from modellab.inspection.clamps import in_force
from modellab.inspection.filters import filters
from modellab.inspection.inputs import for_the_eye, patch_names
from modellab.inspection.load import LoadedModel, load_model, weights_at
from modellab.inspection.predict import predict
from modellab.inspection.surface import surface
from modellab.pretrained.parts import parts_of
from modellab.runs.folder import RunFolder
from modellab.tasks.encode import Encoded, encode_image, encode_row
from workers.pretrained_shelf import PretrainedShelf
from workers.protocol import (
    AnyInput,
    DescribePretrained,
    Done,
    ImageInput,
    Model,
    Predict,
    Prediction,
    PretrainedDescription,
    RowInput,
    ShowFilters,
    ShowSurface,
    SurfaceHeader,
)
from workers.wire import Arrays

_NUM_MODELS = 6
_MOST_RESOLUTION = 512


class ModelShelf:
    """The models asked for last, by the identity of their weights file: a file that was replaced is read again.

    pretrained: where those come from that belong to no run.
    """

    def __init__(self, pretrained: PretrainedShelf | None = None) -> None:
        self.pretrained = pretrained or PretrainedShelf()
        self._models: OrderedDict[Hashable, LoadedModel] = OrderedDict()

    def get(self, wanted: Model) -> LoadedModel:
        """The model with the weights of that step.

        Raises:
            UserError: as `load_model`, or `PretrainedShelf.loaded`.
        """
        if wanted.pretrained:
            return self.pretrained.loaded(wanted.pretrained)
        run = RunFolder(Path(wanted.run))
        weights = weights_at(run, wanted.step)
        identity = weights.identity()
        if identity not in self._models:
            self._models[identity] = load_model(run, step=wanted.step, weights=weights)
        self._models.move_to_end(identity)
        while len(self._models) > _NUM_MODELS:
            self._models.popitem(last=False)
        return self._models[identity]


def answer_predict(request: Predict, arrays: Arrays, shelf: ModelShelf) -> tuple[Prediction, Arrays]:
    """Classes or a value for one input of a person's own."""
    loaded = shelf.get(request.model)
    encoded = encode_input(request.input, arrays, loaded)
    held, unhidden = in_force(request.clamps, patch_names(loaded.model))
    start = time.perf_counter()
    decoded = predict(loaded.model, loaded.sample, encoded.stored, interventions=held)
    milliseconds = (time.perf_counter() - start) * 1000
    answer = Prediction(
        step=loaded.step,
        task=decoded.task,
        classes=decoded.classes,
        probabilities=decoded.probabilities,
        value=decoded.value,
        target=decoded.target,
        milliseconds=milliseconds,
        notes=(*encoded.notes, *unhidden),
    )
    return answer, {"seen": for_the_eye(encoded.stored[None], loaded.sample)[0]}


def answer_pretrained(request: DescribePretrained, shelf: ModelShelf) -> tuple[PretrainedDescription, Arrays]:
    """What a pretrained folder's model reads and says, or why it says nothing.

    Raises:
        UserError: it cannot be opened.
    """
    opened = shelf.pretrained.get(request.name)
    described = PretrainedDescription(title=opened.title, notes=opened.notes)
    if request.wants_layers:
        layers, read = parts_of(opened)
        count = sum(weight.numel() for weight in opened.model.parameters())
        return msgspec.structs.replace(described, layers=layers, read=read, parameters=count), {}
    try:
        loaded = shelf.pretrained.loaded(request.name)
    except UserError as error:
        return msgspec.structs.replace(described, problem=error.message), {}
    return msgspec.structs.replace(described, sample=msgspec.to_builtins(loaded.sample)), {}


def answer_surface(request: ShowSurface, shelf: ModelShelf) -> tuple[SurfaceHeader, Arrays]:
    """The decision surface of a step."""
    if not 2 <= request.resolution <= _MOST_RESOLUTION:
        raise UserError(f"A surface has 2 to {_MOST_RESOLUTION} points a side; {request.resolution} were asked for.")
    loaded = shelf.get(request.model)
    found = surface(loaded.model, loaded.sample, request.resolution)
    return SurfaceHeader(step=loaded.step, layers=tuple(getattr(loaded.model, "hidden_names", ()))), found


def answer_filters(request: ShowFilters, shelf: ModelShelf) -> tuple[Done, Arrays]:
    """The first convolution's kernels at a step."""
    loaded = shelf.get(request.model)
    return Done(step=loaded.step), filters(loaded.model)


def encode_input(given: AnyInput, arrays: Arrays, loaded: LoadedModel) -> Encoded:
    """A row, or an image in the arrays or in a file, as the model's own inputs are stored.

    Raises:
        UserError: the model takes none of these, or there is no image or none that can be read.
    """
    if isinstance(given, RowInput):
        return encode_row(given.values, loaded.sample)
    if not isinstance(given, ImageInput):
        raise UserError("This model does not read text.")
    if given.path:
        return encode_image(Path(given.path), loaded.sample, drawn=given.drawn)
    if "image" not in arrays:
        raise UserError("No image came with the question.")
    return encode_image(np.asarray(arrays["image"]), loaded.sample, drawn=given.drawn)
