"""What each metric is called and what it is, in the field's words."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modellab.config import to_builtins
from modellab.recipe import Recipe
from ui.plots.viewport import YKind


def title_of(metric: str) -> str:
    """The metric's name."""
    titles = {
        "loss": _tr("Loss"),
        "accuracy": _tr("Accuracy"),
        "f1": _tr("Macro F1"),
        "rmse": _tr("RMSE"),
        "r2": _tr("R²"),
        "gradient_norm": _tr("Gradient norm"),
        "learning_rate": _tr("Learning rate"),
        "samples_per_second": _tr("Samples a second"),
        "memory_mb": _tr("Memory, MB"),
    }
    return titles.get(metric, metric.replace("_", " ").capitalize())


def help_of(metric: str) -> str:
    """What the metric measures; empty for one that says so itself."""
    helps = {
        "loss": _tr(
            "What training makes small: cross-entropy (minus the log of the probability given to the right class or "
            "token), or the mean squared error of a regression. Training is of each batch, validation of examples "
            "that the network never learns from."
        ),
        "accuracy": _tr("Share of the examples whose likeliest class is the right one."),
        "f1": _tr(
            "The harmonic mean of precision and recall of each class, averaged over the classes: a rare class counts "
            "as much as a common one."
        ),
        "rmse": _tr("Root of the mean squared error, in the unit of the target."),
        "r2": _tr("Coefficient of determination: 1 is exact, 0 no better than always saying the mean."),
        "gradient_norm": _tr("Euclidean length of the gradient over all weights, before clipping."),
        "learning_rate": _tr("Size of a step of the optimiser; the schedule changes it from step to step."),
        "samples_per_second": _tr("Training examples a second."),
        "memory_mb": _tr("Memory that the trainer holds on its device, in megabytes."),
        "perplexity": _tr("The exponential of the loss a token: among how many equally likely tokens it wavers."),
        "next_loss": _tr("Cross-entropy of telling whether the second passage follows the first."),
        "next_accuracy": _tr("Share of the pairs of which it is told right whether one passage follows the other."),
        "exact_match": _tr("Share of the texts of which every token is right."),
    }
    return helps.get(metric, "")


def training_help(metric: str, recipe: Recipe) -> str:
    """Why the curve of training may be the worse one; empty where nothing makes it so."""
    if y_kind_of(metric) == "any":
        return ""
    options = to_builtins(recipe.architecture)
    has_dropout = any(name.endswith("dropout") and value for name, value in options.items())
    found = [_tr("dropout")] if has_dropout else []
    if metric.endswith("loss") and recipe.training.label_smoothing > 0:
        found.append(_tr("label smoothing"))
    if not found:
        return ""
    return _tr(
        "Measured with {what} on, as the network learns; validation is measured without and can be the better one."
    ).format(what=_tr(" and ").join(found))


def y_kind_of(metric: str) -> YKind:
    """How the metric's axis is fitted."""
    if metric in ("f1", "exact_match") or metric.endswith("accuracy"):
        return "share"
    return "fall" if metric.endswith("loss") else "any"


def _tr(text: str) -> str:
    return QCoreApplication.translate("CurvesView", text)
