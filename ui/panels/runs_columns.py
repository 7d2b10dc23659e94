"""The columns of the table of runs: what each shows, and what it sorts by."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, TypeAlias

from ui.panels.runs_rows import (
    QT_TRANSLATE_NOOP,
    RunRow,
    duration_text,
    loss_text,
    score_text,
    started_text,
    status_word,
    steps_text,
)

ColumnName = Literal[
    "shown", "star", "name", "status", "architecture", "dataset", "curve", "train_loss", "val_loss", "score", "best",
    "steps", "seconds", "started", "note",
]  # fmt: skip
SortKey: TypeAlias = float | str | tuple[int, float] | None  # None goes last in either direction


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """How one column reads. `text` fills a cell, `key` sorts it; `is_number` aligns it right; `width` in pixels."""

    name: ColumnName
    title: str
    help: str
    width: int
    text: Callable[[RunRow], str] = lambda row: ""
    key: Callable[[RunRow], SortKey] = lambda row: None
    is_number: bool = False
    can_hide: bool = True


def _first_line(text: str) -> str:
    return text.strip().split("\n", 1)[0]


COLUMNS: tuple[Column, ...] = (
    Column(
        name="shown", title="", width=36, can_hide=False,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Whether the curves show it, in which colour. Click or Space: change."),
        key=lambda row: -1.0 if row.colour is None else float(row.colour),
    ),
    Column(
        name="star", title="", width=28,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Runs marked with a star. Click or S: mark or unmark."),
        key=lambda row: float(row.details.starred),
    ),
    Column(
        name="name", title=QT_TRANSLATE_NOOP("RunsPanel", "Run"), width=150, can_hide=False,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Name of the run. F2: rename. Enter: show it in every view."),
        text=lambda row: row.name, key=lambda row: row.name.casefold(),
    ),
    Column(
        name="status", title=QT_TRANSLATE_NOOP("RunsPanel", "Status"), width=112,
        help=QT_TRANSLATE_NOOP("RunsPanel", "What the run does now, or how it ended."),
        text=lambda row: status_word(row.status), key=lambda row: status_word(row.status),
    ),
    Column(
        name="architecture", title=QT_TRANSLATE_NOOP("RunsPanel", "Architecture"), width=116,
        help=QT_TRANSLATE_NOOP("RunsPanel", "The network that is trained."),
        text=lambda row: row.architecture, key=lambda row: row.architecture.casefold(),
    ),
    Column(
        name="dataset", title=QT_TRANSLATE_NOOP("RunsPanel", "Dataset"), width=92,
        help=QT_TRANSLATE_NOOP("RunsPanel", "What it learns from."),
        text=lambda row: row.dataset, key=lambda row: row.dataset.casefold(),
    ),
    Column(
        name="curve", title=QT_TRANSLATE_NOOP("RunsPanel", "Loss"), width=96,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Training loss over the steps; the dot is the newest."),
        key=lambda row: row.train_loss,
    ),
    Column(
        name="train_loss", title=QT_TRANSLATE_NOOP("RunsPanel", "Train loss"), width=80, is_number=True,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Loss of the newest training batch."),
        text=lambda row: loss_text(row.train_loss), key=lambda row: row.train_loss,
    ),
    Column(
        name="val_loss", title=QT_TRANSLATE_NOOP("RunsPanel", "Val loss"), width=66, is_number=True,
        help=QT_TRANSLATE_NOOP(
            "RunsPanel", "Loss on the whole validation split, at its newest evaluation; hover a value for its step."
        ),
        text=lambda row: loss_text(row.val_loss), key=lambda row: row.val_loss,
    ),
    Column(
        name="score", title=QT_TRANSLATE_NOOP("RunsPanel", "Val score"), width=80, is_number=True,
        help=QT_TRANSLATE_NOOP(
            "RunsPanel", "Accuracy on the validation split, at its newest evaluation; for regression R², "
            "the share of the variance explained. Hover a value for its step."
        ),
        text=lambda row: score_text(row.score, is_r2=row.is_r2), key=lambda row: row.score,
    ),
    Column(
        name="best", title=QT_TRANSLATE_NOOP("RunsPanel", "Best"), width=62, is_number=True,
        help=QT_TRANSLATE_NOOP(
            "RunsPanel", "The highest validation accuracy, or R², of the whole run; hover it for its step."
        ),
        text=lambda row: score_text(row.best, is_r2=False), key=lambda row: row.best,
    ),
    Column(
        name="steps", title=QT_TRANSLATE_NOOP("RunsPanel", "Steps"), width=106, is_number=True,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Optimiser steps taken, and of how many where it is not all."),
        text=steps_text, key=lambda row: float(row.steps),
    ),
    Column(
        name="seconds", title=QT_TRANSLATE_NOOP("RunsPanel", "Time"), width=54, is_number=True,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Time spent training; pauses do not count."),
        text=lambda row: duration_text(row.seconds), key=lambda row: row.seconds,
    ),
    Column(
        name="started", title=QT_TRANSLATE_NOOP("RunsPanel", "Started"), width=108, is_number=True,
        help=QT_TRANSLATE_NOOP("RunsPanel", "When training began; what trains or waits stands before the rest."),
        text=lambda row: started_text(row.started), key=RunRow.urgency,
    ),
    Column(
        name="note", title=QT_TRANSLATE_NOOP("RunsPanel", "Note"), width=52,
        help=QT_TRANSLATE_NOOP("RunsPanel", "Your own words about the run. N: edit."),
        text=lambda row: _first_line(row.details.note), key=lambda row: row.details.note.casefold() or None,
    ),
)  # fmt: skip
PLACE: dict[ColumnName, int] = {column.name: place for place, column in enumerate(COLUMNS)}
