"""How the training options are arranged, and which of them have a meaning for which data."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modellab.config import field_specs
from modellab.data.base import InputKind
from modellab.training.options import Augmentation, TrainingOptions
from ui.forms import Section

_MAIN = ("epochs", "batch_size", "optimizer", "learning_rate", "momentum", "rms_decay", "schedule")
_MORE = ("max_steps", "accumulation", "beta1", "beta2", "loss", "evaluate_every")
_REGULARISATION = ("weight_decay", "l1", "label_smoothing", "clip_norm", "clip_value", "early_stopping")
_MACHINE = ("device", "precision", "compile", "seed", "checkpoint_budget_mb")
_FOR_ALL_DATA = ("noise",)


def training_sections() -> tuple[Section, ...]:
    """Length, batch, optimiser, rate and schedule in sight; then a foldable group each for the rest.

    An option that nobody has put anywhere still gets its row, under "Other".
    """
    names = [spec.name for spec in field_specs(TrainingOptions)]
    known = {*_MAIN, *_MORE, *_REGULARISATION, *_MACHINE, "augmentation"}
    others = tuple(name for name in names if name not in known)

    def there(*wanted: str) -> tuple[str, ...]:
        return tuple(name for name in wanted if name in names)

    sections = [
        Section(fields=there(*_MAIN), more=there(*_MORE)),
        Section(title=_tr("Regularisation"), fields=there(*_REGULARISATION)),
        Section(fields=there("augmentation")),
        Section(title=_tr("Machine"), fields=there(*_MACHINE), is_open=False),
    ]
    return (*sections, Section(title=_tr("Other"), fields=others)) if others else tuple(sections)


def meaningless_for(kind: InputKind) -> frozenset[str]:
    """The options that do nothing for such data: points and rows cannot be turned or flipped."""
    if kind == "image":
        return frozenset()
    names = (spec.name for spec in field_specs(Augmentation))
    return frozenset(f"augmentation.{name}" for name in names if name not in _FOR_ALL_DATA)


def _tr(text: str) -> str:
    return QCoreApplication.translate("SetupPanel", text)
