"""What fits what: the entries of the two pickers, and why an architecture cannot read a dataset."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modellab.architectures import ArchitectureConfig, architectures
from modellab.config import from_builtins
from modellab.data import DatasetConfig, datasets
from modellab.data.base import Sample
from modellab.errors import UserError
from ui.forms.values import default_values
from ui.forms.words import words
from ui.panels.setup_picker import Entry

_OWN = "Your own"
_GROUPS = ("Embedded", "Public", _OWN)


def mistake_of(config: ArchitectureConfig, sample: Sample | None) -> UserError | None:
    """What a number of the architecture's own makes impossible on this data, with its field; None: nothing."""
    if sample is None or config.misfit_of_kind(sample):
        return None
    try:
        config.check(sample)
    except UserError as error:
        return error if error.field else None
    return None


def misfit_of(config: ArchitectureConfig, dataset: type[DatasetConfig], sample: Sample | None) -> str:
    """Why the architecture cannot read the dataset, "" when it can; by its kind alone until a sample is known."""
    if sample is not None:
        return words(config.misfit(sample))
    task = min(config.tasks & dataset.tasks or dataset.tasks or config.tasks)  # which it asks for may not be known
    return words(config.misfit_of_kind(Sample(kind=dataset.kind, task=task, shape=())))


def dataset_entries(*, own_first: bool = False) -> list[Entry]:
    """Every dataset, by group."""
    groups = sorted(_GROUPS, key=lambda group: group != _OWN) if own_first else list(_GROUPS)
    found = sorted(
        datasets().values(),
        key=lambda entry: (groups.index(entry.group), words(entry.title) if entry.group == _OWN else ""),
    )
    return [
        Entry(name=entry.name(), title=words(entry.title), sentence=words(entry.summary), group=words(entry.group))
        for entry in found
    ]


def architecture_entries(dataset: type[DatasetConfig]) -> list[Entry]:
    """Every architecture, those that can read the dataset first."""
    fits, other = _tr("Fits this dataset"), _tr("Cannot read this dataset")
    found = []
    for entry in architectures().values():
        misfit = _misfit_by_default(entry, dataset)
        found.append(
            Entry(
                name=entry.name(),
                title=words(entry.title),
                sentence=words(entry.summary),
                group=other if misfit else fits,
                misfit=misfit,
            )
        )
    return sorted(found, key=lambda one: bool(one.misfit))


def _misfit_by_default(entry: type[ArchitectureConfig], dataset: type[DatasetConfig]) -> str:
    try:
        config = from_builtins(entry, default_values(entry))
    except UserError:  # an option without default, such as a folder: nothing can be said before it is chosen
        return ""
    # Sizes can be mended after choosing, so only what kind of input it reads counts here.
    return misfit_of(config, dataset, None)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SetupPanel", text)
