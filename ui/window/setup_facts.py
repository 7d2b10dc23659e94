"""What only the inspector knows of a draft: its size, its dataset, the choices of a field."""

from __future__ import annotations

from typing import Any, cast

import msgspec
from PySide6.QtCore import QObject, QTimer, Signal

from modellab.architectures import ArchitectureConfig
from modellab.config import to_builtins
from modellab.data.base import DatasetConfig, Sample
from modellab.data.hub_text import HubTextConfig
from modellab.errors import UserError
from modellab.hub.telling import Fetching
from modellab.recipe import Recipe, recipe_to_builtins
from ui.panels.setup import SetupPanel
from ui.panels.setup_card import EntryCard
from ui.views.base import Lab
from ui.widgets.numbers import about
from ui.window.status_line import amount
from workers.protocol import (
    Columns,
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    Devices,
    FetchingTold,
    ListColumns,
    ListDevices,
    ModelDescription,
    Problem,
    SteerFetching,
)

_TIMING_DELAY_MS = 700  # nobody types for this long
_OF_THE_HUB = ("dataset", "dataset.hub_id")  # fields beside which is said what the hub refuses
_READING_DELAY_MS = 400  # what is read sooner needs no word about it


class SetupFacts(QObject):
    """Asks, and writes the answers beside what they are about."""

    data_read = Signal(object)  # DatasetConfig: what a draft learns from is there and can be read
    noted = Signal(str)  # how a person's own data was read, as often as that is another

    def __init__(self, lab: Lab, panel: SetupPanel) -> None:
        super().__init__(panel)
        self._inspector = lab.inspector
        self._say = lab.session.say
        self._warned = (0, 0)  # steps of warm-up, of the run
        self._noted: tuple[str, ...] = ()  # of the data, said last
        self._panel = panel
        self._recipe: Recipe | None = None
        self._dataset: tuple[DatasetConfig, ArchitectureConfig | None] | None = None  # as what is said of it was asked
        self._timing = QTimer(self)
        self._timing.setSingleShot(True)
        self._timing.setInterval(_TIMING_DELAY_MS)
        self._timing.timeout.connect(self._on_timing_due)
        self._fetched: Fetching | None = None  # as was told last
        self._source: object = None  # of what was asked about last
        self._stopped: object = None  # of what a person wants nothing more, for now
        for part in (panel.dataset_part(), panel.architecture_part()):
            part.card.steered.connect(self._on_fetching_steered)
        self._reading = QTimer(self)
        self._reading.setSingleShot(True)
        self._reading.setInterval(_READING_DELAY_MS)
        self._reading.timeout.connect(lambda: panel.set_dataset_facts(self.tr("is being read…")))
        panel.choices_asked.connect(self._on_choices_asked)
        self._on_choices_asked("devices", "")

    def describe(self, recipe: Recipe | None, *, may_time: bool) -> None:
        """Find out about a draft; may_time: nothing else wants the machine, so a few steps may be timed."""
        self._recipe = recipe
        self._timing.stop()
        if recipe is None:
            return
        # The data first: reading it needs no torch, which takes the inspector seconds to load.
        self._ask_dataset(recipe)
        self._ask_model(recipe, is_timed=False)
        if may_time:
            self._timing.start()

    def _ask_dataset(self, recipe: Recipe) -> None:
        brings = recipe.architecture if recipe.architecture.brings else None
        if (recipe.dataset, brings) != self._dataset:
            self._dataset = (recipe.dataset, brings)
            self._source = _source_of(recipe)
            architecture = None if brings is None else to_builtins(brings)
            self._reading.start()
            self._inspector.ask(
                DescribeDataset(slot="setup-dataset", dataset=to_builtins(recipe.dataset), architecture=architecture),
                lambda answer, _arrays: self._on_dataset_described(answer, recipe),
                on_problem=lambda problem: self._on_dataset_problem(problem, recipe),
                owner=self,
            )

    def _on_timing_due(self) -> None:
        if self._recipe is not None:
            self._ask_model(self._recipe, is_timed=True)

    def _ask_model(self, recipe: Recipe, *, is_timed: bool) -> None:
        self._inspector.ask(
            DescribeModel(slot="estimate", recipe=recipe_to_builtins(recipe), is_timed=is_timed),
            lambda answer, arrays: self._on_model_described(answer, arrays, recipe),
            on_problem=lambda problem: self._on_model_problem(problem, recipe),
            owner=self,
        )

    def _on_model_described(self, answer: Any, _arrays: Any, asked: Recipe) -> None:
        if not isinstance(answer, ModelDescription):
            return
        self._warn_of_warmup(asked, steps=answer.steps)
        parts = [answer.about] if answer.about else []
        if answer.trained < answer.parameters:
            parts.append(self.tr("{0} of {1} learn").format(_short(answer.trained), _short(answer.parameters)))
        else:
            count = _short(answer.parameters) if answer.about else f"{answer.parameters:,}"
            parts.append(self.tr("{0} parameters").format(count))
        parts.append(amount(answer.memory_bytes))
        if answer.seconds is not None:
            parts.append(about(answer.seconds))
        self._panel.set_estimate(" · ".join(parts))

    def _warn_of_warmup(self, recipe: Recipe, *, steps: int) -> None:
        """Said once for each pair of numbers: nothing is wrong with it, but hardly anybody means it."""
        schedule = recipe.training.schedule
        warmup = 0 if schedule.kind == "one_cycle" else schedule.warmup_steps
        if 0 < steps < warmup and (warmup, steps) != self._warned:
            sentence = self.tr(
                "Warm-up takes {0:,} steps, which is longer than the run ({1:,} steps): the learning rate never "
                "reaches its value."
            )
            self._say("warning", sentence.format(warmup, steps))
        self._warned = (warmup, steps)

    def _on_model_problem(self, problem: Problem, asked: Recipe) -> None:
        if self._fetched is None or self._card_of(self._fetched, asked) is not self._panel.architecture_part().card:
            self._panel.set_estimate("")
        if problem.field and not self._is_stopped(asked) and self._is_shown(asked):
            self._panel.mark(UserError(problem.message, field=problem.field, remedy=problem.remedy))

    def _on_dataset_described(self, answer: Any, asked: Recipe) -> None:
        self._reading.stop()
        if isinstance(answer, FetchingTold):
            self._show_fetching(answer.fetching, asked)
            return
        self._fetched = None
        # Of another dataset, or as another architecture read it, it says nothing of the one that was chosen since.
        shown = cast("type[ArchitectureConfig]", self._panel.architecture_part().entry())
        is_same_data = self._panel.dataset_part().name() == asked.dataset.name()
        if isinstance(answer, DatasetDescription) and is_same_data and shown.brings == asked.architecture.brings:
            self._panel.suit_size(answer.sizes["train"])
            self._panel.set_sample(msgspec.convert(answer.sample, Sample))
            self._panel.set_dataset_facts(_sizes(answer))
            self._ask_hub_columns(asked.dataset)
            self.data_read.emit(asked.dataset)
            if answer.notes and answer.notes != self._noted:
                self.noted.emit("  ".join(answer.notes))
            self._noted = answer.notes

    def _on_dataset_problem(self, problem: Problem, asked: Recipe) -> None:
        self._reading.stop()
        self._dataset = None  # ask again after the next edit: the file may be mended by then
        if self._is_stopped(asked) and self._fetched is not None:
            self._show_fetching(self._fetched, asked)
            return
        told, self._fetched = self._fetched, None
        self._panel.set_sample(None)
        self._panel.set_dataset_facts("")
        if problem.field.endswith("_column"):  # it is there, and a person is to say which
            self._ask_hub_columns(asked.dataset)
        if problem.field and self._is_shown(asked):
            self._panel.mark(UserError(problem.message, field=problem.field, remedy=problem.remedy))
            if problem.field in _OF_THE_HUB:
                self._offer_again(asked.dataset, told)

    def _show_fetching(self, fetching: Fetching, asked: Recipe) -> None:
        self._fetched = fetching
        if self._card_of(fetching, asked) is self._panel.dataset_part().card:
            self._panel.set_estimate("")  # that was of other data
        is_stopped = self._is_stopped(asked)
        said = self.tr("stopped at {0}") if is_stopped else self.tr("{0} fetched")
        share = fetching.done / max(1, fetching.total)
        self._card_of(fetching, asked).set_fetching(said.format(fetching.amount()), share=share, is_stopped=is_stopped)

    def _offer_again(self, dataset: DatasetConfig, told: Fetching | None) -> None:
        """The hub may answer the next time, and what came of a file is kept."""
        hub_id = str(getattr(dataset, "hub_id", "")).strip()
        if not hub_id:
            return
        card, said, share = self._panel.dataset_part().card, self.tr("could not be read"), 0.0
        if told is not None and told.what == hub_id:
            said, share = self.tr("{0} fetched").format(told.amount()), told.done / max(1, told.total)
        card.set_fetching(said, share=share, is_stopped=True)

    def _card_of(self, fetching: Fetching, asked: Recipe) -> EntryCard:
        """What is being fetched is the architecture's model, or else the dataset."""
        folder = str(getattr(asked.architecture, "folder", "")).strip()
        part = self._panel.architecture_part() if folder == fetching.what else self._panel.dataset_part()
        return part.card

    def _is_stopped(self, asked: Recipe) -> bool:
        return self._stopped == _source_of(asked)

    def _on_fetching_steered(self, go_on: bool) -> None:
        self._inspector.ask(SteerFetching(slot="setup-fetching", go_on=go_on), lambda *_: None, owner=self)
        if not go_on:
            self._stopped = self._source
            return
        self._stopped, self._dataset = None, None
        self._panel.clear_marks()
        try:
            self.describe(self._panel.recipe(), may_time=False)
        except UserError:
            return  # something else is wrong in the form, and is said there

    def _is_shown(self, asked: Recipe) -> bool:
        """Whether the form still holds it: what was wrong with half a path says nothing of the whole."""
        try:
            shown = self._panel.recipe()
        except UserError:
            return False
        return (shown.architecture, shown.dataset) == (asked.architecture, asked.dataset)

    def _on_choices_asked(self, key: str, path: str) -> None:
        if key == "devices":
            self._inspector.ask(ListDevices(slot="devices"), self._on_devices_listed, owner=self)
        elif key == "columns" and path:
            self._inspector.ask(
                ListColumns(slot="columns", path=path),
                lambda answer, _arrays: self._on_columns_listed(answer, "columns"),
                on_problem=lambda _problem: self._panel.set_choices("columns", []),
                owner=self,
            )

    def _ask_hub_columns(self, dataset: DatasetConfig) -> None:
        """Once it was read: by then it is here, wherever it came from."""
        if isinstance(dataset, HubTextConfig):
            self._inspector.ask(
                ListColumns(slot="hub-columns", hub_id=dataset.hub_id, subset=dataset.subset),
                lambda answer, _arrays: self._on_columns_listed(answer, "hub_columns"),
                on_problem=lambda _problem: self._panel.set_choices("hub_columns", []),
                owner=self,
            )

    def _on_devices_listed(self, answer: Any, _arrays: Any) -> None:
        if isinstance(answer, Devices):
            found = [(device.name, f"{device.name} · {device.title}") for device in answer.devices]
            self._panel.set_choices("devices", [("auto", self.tr("auto")), *found])

    def _on_columns_listed(self, answer: Any, key: str) -> None:
        if isinstance(answer, Columns):
            self._panel.set_choices(key, [(name, name) for name in answer.names])


def _source_of(recipe: Recipe) -> tuple[object, object]:
    """What is fetched for a recipe comes from these."""
    return recipe.dataset, recipe.architecture if recipe.architecture.brings else None


def _short(count: int) -> str:
    """1,538 or 22.7 M"""
    return f"{count:,}" if count < 1_000_000 else f"{count / 1e6:,.1f} M"


def _sizes(answer: DatasetDescription) -> str:
    """54,000 + 6,000 + 10,000 examples · 10 classes"""
    sizes = " + ".join(f"{size:,}" for size in answer.sizes.values())
    classes = len(next(iter(answer.balance.values()), ()))
    return f"{sizes} examples" + (f" · {classes} classes" if classes else "")
