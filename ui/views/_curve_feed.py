"""Which curves a run has for a metric, and keeping plots supplied with them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from ui.lab.run_model import RunModel
from ui.plots import CurvePlot, Marker, MarkerKind, Series, format_value
from ui.plots.curve import LineStyle
from ui.views._curve_words import title_of, training_help

_FIRST = ("loss", "accuracy", "r2", "rmse", "f1", "gradient_norm", "learning_rate", "samples_per_second", "memory_mb")
_MARKER_KINDS = {
    "option": MarkerKind.OPTION,
    "checkpoint": MarkerKind.CHECKPOINT,
    "paused": MarkerKind.PAUSE,
    "failed": MarkerKind.FAILURE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Source:
    """One curve a run has: where it was measured, and how that is drawn."""

    split: str
    series: Series
    line: LineStyle
    help: str = ""


def metrics_of(runs: Iterable[RunModel]) -> list[str]:
    """Every metric any of the runs has, the customary ones first."""
    found = {name for run in runs for name in run.columns} | {name for run in runs for _, name in run.evaluations}
    return sorted(found, key=lambda name: (_FIRST.index(name) if name in _FIRST else len(_FIRST), name))


def default_metrics(metrics: list[str]) -> list[str]:
    """Loss, and what else tells best how good the run is."""
    second = next((name for name in ("accuracy", "r2", "rmse", "f1") if name in metrics), "")
    return [name for name in ("loss", second) if name in metrics]


def supply(plot: CurvePlot, metric: str, runs: Iterable[RunModel], *, shows_run_names: bool) -> None:
    """Give a plot exactly the curves of these runs, in their order; known curves are kept as they are."""
    wanted: list[str] = []
    known = set(plot.keys())
    runs = list(runs)
    titles = [run.title for run in runs]
    for run in runs:
        name = run.title if titles.count(run.title) == 1 else f"{run.title} · {run.id}"
        group = name if shows_run_names else ""
        for source in _sources(run, metric):
            key = _key(run, source)
            wanted.append(key)
            if key not in known or plot.series(key) is not source.series or plot.group(key) != group:
                plot.add_curve(
                    key,
                    label=source.split,
                    group=group,
                    colour=run.colour,
                    line=source.line,
                    series=source.series,
                    axis_maps=run.axis_maps,
                    help_text=source.help,
                )
    for key in known - set(wanted):
        plot.remove_curve(key)
    plot.arrange(wanted)


def _key(run: RunModel, source: _Source) -> str:
    return f"{run.id}/{source.split}"


def relabel(plot: CurvePlot) -> None:
    """Forget every curve, so that the next supply names them anew."""
    known = plot.keys()
    for key in known:
        plot.remove_curve(key)


def markers_of(run: RunModel | None, metric: str) -> list[Marker]:
    """What happened in the run, and where it did best by this metric, for its plot."""
    if run is None:
        return []
    curve = next((_key(run, source) for source in _sources(run, metric)), None)
    found = [
        Marker(step=marker.step, kind=_MARKER_KINDS[marker.kind], text=marker.text, curve=curve)
        for marker in run.markers
        if marker.kind in _MARKER_KINDS
    ]
    best = run.best(metric)
    if best is not None:
        text = _tr("{metric}: best on validation, {value} at step {step:,}")
        told = text.format(metric=title_of(metric), value=format_value(best[1]), step=round(best[0]))
        found.append(Marker(step=best[0], kind=MarkerKind.BEST, text=told, curve=curve))
    return found


def points_of(runs: Iterable[RunModel], metrics: Iterable[str]) -> Iterator[tuple[str, str, str, int, float]]:
    """(run, split, metric, step, value) of every measured point, metric by metric."""
    sources = [(run, metric, source) for metric in metrics for run in runs for source in _sources(run, metric)]
    for run, metric, source in sources:
        steps, values = source.series.slice(0, len(source.series))
        for step, value in zip(steps, values, strict=True):
            yield run.id, source.split, metric, int(step), float(value)


def _sources(run: RunModel, metric: str) -> list[_Source]:
    sources = []
    if metric in run.columns:
        sources.append(
            _Source(
                split=_tr("train"),
                series=run.columns[metric],
                line=LineStyle.TRAIN,
                help=training_help(metric, run.recipe),
            )
        )
    for split, line in (("validation", LineStyle.VALIDATION), ("test", LineStyle.TEST)):
        if (split, metric) in run.evaluations:
            name = _tr("validation") if split == "validation" else _tr("test")
            sources.append(_Source(split=name, series=run.evaluations[split, metric], line=line))
    return sources


def _tr(text: str) -> str:
    return QCoreApplication.translate("curves", text)
