"""A run's model as it was at a step, out of its folder."""

from __future__ import annotations

from pathlib import Path

import msgspec
from torch import nn

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.events import Started, decode_event
from modellab.inspection.weights import load_weights, read_metadata
from modellab.nets.recurrent import Recurrent
from modellab.recipe import Recipe
from modellab.runs.checkpoints import checkpoint_at, list_checkpoints, newest_whole, verify
from modellab.runs.folder import RunFolder
from modellab.text.tokenizer import Tokenizer, load_tokenizer

# Started is among the first events, whatever else there is.
_HEAD_BYTES = 1 << 20


class LoadedModel(msgspec.Struct, frozen=True, kw_only=True):
    """A module in evaluation mode on the CPU, and what its inputs and outputs mean. tokenizer: of a text model."""

    recipe: Recipe
    sample: Sample
    model: nn.Module
    step: int
    tokenizer: Tokenizer | None = None

    @property
    def context(self) -> int | None:
        """The most tokens it reads at once, of a language model that has such a bound."""
        found: int | None = getattr(self.model, "context_length", None)
        return found if self.sample.task == "language_modelling" else None


class WeightsFile(msgspec.Struct, frozen=True, kw_only=True):
    """Where weights are and the step they really hold; `checkpoint` is their folder, None when they are published."""

    path: Path
    step: int
    checkpoint: Path | None = None

    def identity(self) -> tuple[str, int, int, int, int]:
        """Path, step, inode, time of change in ns and size: the same file again has the same.

        The step tells two files apart that were written within one tick of the file system's clock.

        Raises:
            UserError: the file is gone.
        """
        try:
            found = self.path.stat()
        except OSError as error:
            raise UserError(f"Cannot read the weights {self.path}: {error.strerror or error}.") from None
        return str(self.path), self.step, found.st_ino, found.st_mtime_ns, found.st_size


def load_model(run: RunFolder, *, step: int | None = None, weights: WeightsFile | None = None) -> LoadedModel:
    """Build the run's model and load `weights`, else those of `step`, as `weights_at` finds them.

    A checkpoint's files are first checked against their SHA-256; where the newest is broken, the newest whole one is
    taken for step None.

    Raises:
        UserError: the run has no recipe, no readable dataset or no weights, or they are broken or do not fit.
    """
    recipe = run.recipe()
    sample = run_sample(run, recipe)
    found = weights or weights_at(run, step)
    if found.checkpoint is not None:
        try:
            verify(found.checkpoint)
        except UserError as error:
            if step is not None:
                raise UserError(f"{error.message} {_what_is_whole(run, before=found.step)}") from None
            whole = checkpoint_at(run, None)
            found = WeightsFile(path=whole.weights_file, step=whole.step, checkpoint=whole.folder)
    model = recipe.architecture.rebuild(sample, run.model_folder)
    metadata = load_weights(found.path, model)
    # What is published may have been replaced since it was found.
    published = _step_of(metadata) if found.checkpoint is None else None
    tokenizer = run_tokenizer(run, recipe) if sample.kind == "text" else None
    return LoadedModel(
        recipe=recipe,
        sample=sample,
        model=model.eval(),
        step=found.step if published is None else published,
        tokenizer=tokenizer,
    )


def _what_is_whole(run: RunFolder, *, before: int) -> str:
    whole, _ = newest_whole(run, before=before)
    return (
        "No checkpoint before it is whole."
        if whole is None
        else f"The last whole one before it is of step {whole.step}."
    )


def weights_at(run: RunFolder, step: int | None) -> WeightsFile:
    """The weights of a step, not yet checked.

    step: None is the newest there is, published or checkpoint; a number is that step, or the nearest checkpoint before.

    Raises:
        UserError: there is none.
    """
    live = live_step(run)
    checkpoints = list_checkpoints(run)
    newest = checkpoints[-1].step if checkpoints else -1
    if live is not None and (step == live or (step is None and live >= newest)):
        return WeightsFile(path=run.live_file, step=live)
    found = [checkpoint for checkpoint in checkpoints if step is None or checkpoint.step <= step]
    if not found:
        when = "yet; they come with the first steps" if step is None else f"at or before step {step}"
        raise UserError(f"The run {run.id} has no weights {when}.")
    return WeightsFile(path=found[-1].weights_file, step=found[-1].step, checkpoint=found[-1].folder)


def live_step(run: RunFolder) -> int | None:
    """The step of the published weights; None where there are none."""
    if not run.live_file.is_file():
        return None
    try:
        return _step_of(read_metadata(run.live_file))
    except UserError:
        return None  # a torn file; the checkpoints are still there


def _step_of(metadata: dict[str, str]) -> int | None:
    """The step that a file of weights says it is of; None where it does not."""
    try:
        return int(metadata.get("step", ""))
    except ValueError:
        return None


def run_sample(run: RunFolder, recipe: Recipe) -> Sample:
    """What one example of the run is: as its trainer said when it started, else by loading the dataset.

    Raises:
        UserError: the trainer never started and the dataset cannot be loaded.
    """
    for line in _head(run.events_file):
        try:
            event = decode_event(line)
            if isinstance(event, Started) and event.sample:
                return msgspec.convert(event.sample, Sample)
        except msgspec.DecodeError:
            continue  # of another version, or torn
    return recipe.data().load().sample


def run_tokenizer(run: RunFolder, recipe: Recipe) -> Tokenizer | None:
    """What cuts the run's texts: as its trainer saved it, else the dataset's.

    Raises:
        UserError: the file is broken, or there is none and the dataset cannot be loaded.
    """
    if run.tokenizer_file.is_file():
        return load_tokenizer(run.tokenizer_file)
    return recipe.data().load().tokenizer


def recurrent_of(loaded: LoadedModel, done: str) -> Recurrent:
    """The model, where it is a recurrent one.

    Raises:
        UserError: it is not.
    """
    if not isinstance(loaded.model, Recurrent):
        title = loaded.recipe.architecture.title
        raise UserError(f"Only the gates of recurrent networks can be {done}; this run's model is a {title}.")
    return loaded.model


def _head(path: Path) -> list[bytes]:
    try:
        with path.open("rb") as file:
            return file.read(_HEAD_BYTES).split(b"\n")
    except OSError:
        return []
