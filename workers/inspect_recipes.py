"""What the inspector answers about recipes and datasets, before anything is trained."""

from __future__ import annotations

import contextlib
import functools
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from modellab.architectures import architectures
from modellab.config import from_builtins
from modellab.data import DatasetConfig, LoadedDataset, Split, datasets
from modellab.data.base import num_batches, num_examples
from modellab.data.hub_text import hub_columns
from modellab.data.table import table_columns
from modellab.errors import UserError
from modellab.inspection.texts import text_facts, text_page, tokens_for_the_eye, translations, unknown_in_batch
from modellab.presets.times import agreed_seconds
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.registry import look_up
from modellab.text.clean import shown
from modellab.text.tokenizer import PAD
from workers.protocol import (
    Columns,
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    Device,
    Devices,
    ListColumns,
    ModelDescription,
    SamplePage,
    ShowSamples,
)
from workers.wire import Arrays

if TYPE_CHECKING:
    from modellab.architectures import ArchitectureConfig
    from modellab.data import Sample

_NUM_DATASETS = 3
_NUM_TIMES = 64
_MOST_SAMPLES = 1024
_MOST_SAMPLE_BYTES = 1 << 26


class DatasetShelf:
    """The datasets asked for last, by their config; one that is being loaded holds up no other."""

    def __init__(self) -> None:
        self._datasets: OrderedDict[DatasetConfig, LoadedDataset] = OrderedDict()
        self._loading: dict[DatasetConfig, threading.Lock] = {}
        self._lock = threading.Lock()

    def get(self, config: DatasetConfig) -> LoadedDataset:
        """The dataset, loaded.

        Raises:
            UserError: as `DatasetConfig.load`.
        """
        with self._lock:
            loading = self._loading.setdefault(config, threading.Lock())
        try:
            with loading:  # whoever asks for the same one waits for it
                found = self._datasets.get(config)
                found = config.load() if found is None else found
                self._keep(config, found)
        finally:
            with self._lock:
                self._loading.pop(config, None)
        return found

    def _keep(self, config: DatasetConfig, data: LoadedDataset) -> None:
        with self._lock:
            self._datasets[config] = data
            self._datasets.move_to_end(config)
            while len(self._datasets) > _NUM_DATASETS:
                self._datasets.popitem(last=False)


class StepTimes:
    """Measured seconds of a step, by what decides it."""

    def __init__(self) -> None:
        self._seconds: OrderedDict[bytes, float] = OrderedDict()

    def get(self, recipe: Recipe) -> float | None:
        """What was measured for a recipe like this; None when nothing was."""
        return self._seconds.get(self._key(recipe))

    def put(self, recipe: Recipe, seconds: float) -> None:
        """Keep a measurement."""
        self._seconds[self._key(recipe)] = seconds
        while len(self._seconds) > _NUM_TIMES:
            self._seconds.popitem(last=False)

    def _key(self, recipe: Recipe) -> bytes:
        """Everything but how long to train and with which numbers."""
        training = recipe.training
        decides = (training.optimizer, training.batch_size, training.accumulation, training.loss, training.precision)
        clips = (training.clip_norm is None, training.clip_value is None, training.l1 == 0)
        return msgspec.json.encode((recipe.architecture, recipe.dataset, decides, clips))


def answer_model(
    request: DescribeModel, shelf: DatasetShelf, times: StepTimes, *, is_wanted: Callable[[], bool]
) -> tuple[ModelDescription, Arrays]:
    """Layers, memory and time of a recipe; one that cannot fit in the device's memory is refused.

    Time is measured where the recipe trains on the CPU; a GPU is left to those who train on it.
    """
    from modellab.inspection.batch import reads_shuffled
    from modellab.inspection.memory_fit import summary_that_fits

    recipe = recipe_from_builtins(request.recipe)
    data = shelf.get(recipe.data())
    if data.sample.kind not in recipe.architecture.accepts:  # sizes that do not fit name their own field below
        raise UserError(recipe.architecture.misfit(data.sample), field="architecture.name")
    summary, size = summary_that_fits(recipe, data)
    is_shuffled, options = reads_shuffled(recipe.architecture, data.sample), recipe.training
    batches = num_batches(data.train, data.sample, size, is_shuffled=is_shuffled)
    steps = -(-batches // options.accumulation) * options.epochs
    steps = steps if options.max_steps is None else min(steps, options.max_steps)
    if request.is_timed and times.get(recipe) is None:
        _measure(recipe, data, times, memory_bytes=summary.memory_bytes, is_wanted=is_wanted)
    step_seconds = times.get(recipe)
    answer = ModelDescription(
        layers=summary.layers,
        parameters=summary.parameters,
        trained=summary.trained,
        flops=summary.flops,
        memory_bytes=summary.memory_bytes,
        memory_parts=summary.memory_parts,
        steps=steps,
        seconds=agreed_seconds(recipe, None if step_seconds is None else step_seconds * steps),
        about=recipe.architecture.about(),
    )
    return answer, {}


def answer_dataset(request: DescribeDataset, shelf: DatasetShelf) -> tuple[DatasetDescription, Arrays]:
    """Sizes, balance and notes of a dataset."""
    config = from_builtins(
        look_up(datasets(), request.dataset.get("name"), what="dataset"), request.dataset, at="dataset"
    )
    data = shelf.get(_suited(config, request.architecture))
    splits = data.splits()
    answer = DatasetDescription(
        sample=msgspec.to_builtins(data.sample),
        sizes={name: num_examples(split, data.sample) for name, split in splits.items()},
        balance={name: _balance(split, data.sample) for name, split in splits.items()},
        notes=data.notes,
        num_bytes=sum(split.inputs.nbytes + split.targets.nbytes for split in splits.values()),
        text=text_facts(data) if data.sample.kind == "text" else None,
    )
    return answer, {}


def answer_samples(request: ShowSamples, shelf: DatasetShelf) -> tuple[SamplePage, Arrays]:
    """A page of a split, or the first batch of an epoch as the model sees it."""
    recipe = recipe_from_builtins(request.recipe)
    data = shelf.get(recipe.data())
    starts = None
    if request.as_model_sees:
        rows, inputs, starts = _augmented(request, recipe, data)
        split, start, total = data.train, 0, len(rows)
    else:
        split, start = _split(data, request.split), max(0, request.start)
        chosen = _chosen(request, split, data.sample)
        rows, total = chosen[start:][: _page_size(request.count, split, data.sample)], len(chosen)
        inputs = np.empty(0) if data.sample.kind == "text" else np.array(split.inputs[rows])
    answer = SamplePage(
        sample=msgspec.to_builtins(data.sample),
        start=start,
        total=total,
        indices=tuple(rows.tolist()),
        sources=tuple(split.sources[index] for index in rows) if len(split.sources) else (),
    )
    if data.sample.kind == "text":
        return _with_tokens(answer, data, split, padded=inputs if request.as_model_sees else None, starts=starts)
    pictures = np.ascontiguousarray(inputs.transpose(0, 2, 3, 1)) if data.sample.kind == "image" else inputs
    return answer, {"inputs": pictures, "targets": np.array(split.targets[rows])}


def _with_tokens(
    answer: SamplePage,
    data: LoadedDataset,
    split: Split,
    *,
    padded: NDArray[Any] | None,
    starts: NDArray[np.int64] | None,
) -> tuple[SamplePage, Arrays]:
    """The page with its texts; padded: [N, T] as the first batch has them, with the padding; starts: of windows."""
    assert data.tokenizer is not None, "text comes with a tokenizer"
    rows = np.array(answer.indices, dtype=np.int64)
    page = text_page(split, data.sample, rows, starts=starts)
    arrays: Arrays = {"tokens": page.tokens, "offsets": page.offsets, "targets": page.targets, "lengths": page.lengths}
    unknown = page.unknown
    if split.offsets is None:
        arrays["starts"] = page.starts
    elif padded is not None:
        arrays["tokens"] = padded.astype(np.int32).ravel()
        arrays["offsets"] = np.arange(len(rows) + 1, dtype=np.int64) * padded.shape[1]
        is_pieces = data.sample.task == "masked_language_modelling"  # both, with what is between them, never cut
        if is_pieces:
            arrays["lengths"] = np.count_nonzero(padded != PAD, axis=1)
        unknown = unknown_in_batch(page, padded, front=1 if is_pieces else 0)
    read = tokens_for_the_eye(arrays["tokens"], data.tokenizer, data.sample.specials)
    return msgspec.structs.replace(
        answer,
        tokens=read,
        unknown={place: shown(text) for place, text in unknown.items()},
        written=translations(split, rows, data.tokenizer),
    ), arrays


def answer_devices() -> tuple[Devices, Arrays]:
    """The devices there are."""
    from modellab.training.devices import devices

    with threads(threads_of_a_trainer()):  # the processor's title says how many there are
        found = tuple(
            Device(name=device.name, title=device.title, memory_bytes=device.memory_bytes) for device in devices()
        )
    return Devices(devices=found), {}


def answer_columns(request: ListColumns) -> tuple[Columns, Arrays]:
    """The columns of a table file, or of a dataset of the hub."""
    if request.hub_id:
        return Columns(names=hub_columns(request.hub_id, request.subset)), {}
    found = table_columns(request.path)
    answer = Columns(names=found.names, numeric=found.numeric, suggested=found.suggested, num_rows=found.num_rows)
    return answer, {}


def brought_architecture(architecture: dict[str, Any] | None) -> ArchitectureConfig | None:
    """The architecture that brings the dataset's tokenizer; None where it is none that there could be."""
    if architecture is None:
        return None
    try:
        kind = look_up(architectures(), architecture.get("name"), what="architecture")
        return from_builtins(kind, architecture, at="architecture")
    except UserError:
        return None


def _suited(config: DatasetConfig, architecture: dict[str, Any] | None) -> DatasetConfig:
    """The dataset as that architecture reads it; as it is where that brings nothing, or what it brings is not there:
    what is said of the model tells."""
    brought = brought_architecture(architecture)
    try:
        return config if brought is None else brought.suited(config)
    except UserError:
        return config


def _measure(
    recipe: Recipe, data: LoadedDataset, times: StepTimes, *, memory_bytes: int, is_wanted: Callable[[], bool]
) -> None:
    import torch

    from modellab.inspection.timing import step_seconds
    from modellab.training.devices import free_memory, resolve

    device = torch.device(resolve(recipe.training.device).name)
    if device.type != "cpu" or memory_bytes > free_memory(device) / 2:
        return
    measured = functools.partial(step_seconds, recipe.architecture, data, recipe.training, is_wanted=is_wanted)
    # A busy machine stretches what is timed here, behind all others, far beyond what a trainer will need.
    with threads(1):
        alone = measured(clock=time.thread_time)
    with threads(threads_of_a_trainer()):
        together = measured()
    if alone is not None and together is not None:
        times.put(recipe, min(alone, together))


@functools.cache
def threads_of_a_trainer() -> int:
    """How many threads torch takes by itself; to be asked before it is told otherwise."""
    import torch

    return torch.get_num_threads()


@contextlib.contextmanager
def threads(count: int) -> Iterator[None]:
    """So many of torch's threads; afterwards as many as before."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _augmented(
    request: ShowSamples, recipe: Recipe, data: LoadedDataset
) -> tuple[NDArray[np.int64], NDArray[Any], NDArray[np.int64] | None]:
    """Rows and stored-form inputs of an epoch's first batch, of the wanted class where one is named, and where its
    windows begin where it has windows."""
    from modellab.inspection.batch import first_batch
    from modellab.inspection.inputs import to_stored

    size = _page_size(request.count, data.train, data.sample)
    rows, inputs, starts = first_batch(recipe.architecture, data, recipe.training, epoch=request.epoch, most=size)
    if request.of_class is not None and data.sample.task == "classification":
        wanted = data.train.targets[rows] == request.of_class
        rows, inputs = rows[wanted], inputs[wanted]
    # Points and rows are shown as the model reads them; images would mean nothing to the eye.
    return rows, to_stored(inputs, data.sample) if data.sample.kind == "image" else inputs.numpy(), starts


def _split(data: LoadedDataset, name: str) -> Split:
    splits = data.splits()
    if name not in splits:
        raise UserError(f"This dataset has no {name} split; it has {', '.join(splits)}.")
    return splits[name]


def _balance(split: Split, sample: Sample) -> tuple[int, ...]:
    """Examples of each class; empty for regression."""
    if sample.task != "classification":
        return ()
    return tuple(np.bincount(split.targets, minlength=len(sample.classes)).tolist())


def _chosen(request: ShowSamples, split: Split, sample: Sample) -> NDArray[np.int64]:
    """The rows of the split that are asked for."""
    if request.of_class is None or sample.task != "classification":
        return np.arange(num_examples(split, sample))
    return np.flatnonzero(split.targets == request.of_class)


def _page_size(count: int, split: Split, sample: Sample) -> int:
    """As many as asked for, within what may be sent at once."""
    shape = sample.shape if sample.kind == "text" else split.inputs.shape[1:]
    one: Any = split.inputs.dtype.itemsize * math.prod(shape)
    return max(0, min(count, _MOST_SAMPLES, max(1, _MOST_SAMPLE_BYTES // max(1, int(one)))))
