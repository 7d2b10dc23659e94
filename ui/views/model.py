"""The network as it is built: its layers, what training it will need, and its first filters once trained; or the layers
of a pretrained model that is open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
from numpy.typing import NDArray
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStackedLayout, QVBoxLayout, QWidget

from modellab.data.base import Sample
from modellab.pretrained.folder import folder_title
from modellab.recipe import Recipe, recipe_to_builtins
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.theme import theme
from ui.views._export import ExportButton, Table
from ui.views._model_diagram import Diagram, blocks_of
from ui.views._model_filters import FilterTiles
from ui.views._model_memory import MemoryBar
from ui.views._model_table import LayersModel, LayersTable
from ui.views._model_words import needs, opened_totals, totals
from ui.views._patience import Patience
from ui.views._subject import Subject
from ui.views.base import Lab, View
from ui.widgets.buttons import IconButton
from ui.widgets.colour_legend import ColourLegend
from ui.widgets.empty_state import EmptyState
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import ElidedLabel, SectionLabel, TextLabel
from ui.widgets.numbers import number, whole
from ui.widgets.spinner import Spinner
from workers.protocol import (
    AnyAnswer,
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    DescribePretrained,
    Done,
    Model,
    ModelDescription,
    PretrainedDescription,
    Problem,
    ShowFilters,
)


class ModelView(View):
    """See the module. Shows what Start would train, or the run's own network, or that of the folder that is open."""

    name = "model"
    title = "Model"
    icon = "network"
    order = 50
    opens_folders = True

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._described: ModelDescription | PretrainedDescription | None = None
        self._opened = lab.focus.value.pretrained
        self._input_shape: tuple[int, ...] = ()
        self._is_stale = False
        self._asked = 0
        self._filters_asked: tuple[str, int | None] | None = None
        self._filters_step = 0
        self._subject = Subject(lab.session, of=_matters, parent=self)
        self._spinner = Spinner(parent=self)
        self._spinner.hide()
        self._patience = Patience(self)
        self._build()
        self._patience.changed.connect(self._on_waiting_changed)
        self._subject.changed.connect(self._on_subject_changed)
        lab.focus.changed.connect(self._on_focus_changed)
        theme().changed.connect(self.touch)
        self._say_empty("")
        self._subject.set_run(None)
        self._suit_opened()
        if self._opened:  # before this view was first seen
            self._renew()

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        if before is not None:
            before.published.disconnect(self._on_published)
        if run is not None:
            run.published.connect(self._on_published)
        self._subject.set_run(run)

    def redraw(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._ask()
        self._ask_filters()

    def _on_waiting_changed(self, is_waiting: bool) -> None:
        self._spinner.setVisible(is_waiting)
        self._empty.setVisible(
            not is_waiting and self._stack.currentIndex() == 0
        )  # nobody knows yet that there is none

    # Building

    def _build(self) -> None:
        self._totals = ElidedLabel()
        self._need = TextLabel(style="small", role="muted")
        self._diagram = Diagram()
        self._layers = LayersModel(self)
        self._table = LayersTable(self._layers)
        self._diagram.layer_chosen.connect(self._table.selectRow)
        self._memory = MemoryBar()
        self._filters = FilterTiles()
        self._filters.pointed.connect(self._on_filter_pointed)
        self._filters_caption = TextLabel(style="small", role="muted")
        self._filters_legend = ColourLegend("diverging", low="−1", high="1", strip_width=80)
        self._filters_box = QWidget()
        box = QVBoxLayout(self._filters_box)
        box.setContentsMargins(0, 0, 0, 0)
        box.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(_heading(self.tr("First filters")))
        head.addWidget(self._filters_caption, 1)
        head.addWidget(self._filters_legend)
        box.addLayout(head)
        box.addWidget(self._filters)
        self._filters_box.hide()
        self._picture = QWidget()
        column = QVBoxLayout(self._picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._diagram)
        column.addWidget(self._table, 1)
        column.addWidget(self._filters_box)
        self._needs = self._memory_box()
        column.addWidget(self._needs)
        self._empty = EmptyState("network", "", title=self.tr("No model to show"), parent=self)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(self._picture)
        self._export = ExportButton(
            picture=self._picture, table=self._numbers, file_name=self._file_name, say=self.lab.session.say
        )
        self._name = ElidedLabel(style="strong", elide=Qt.TextElideMode.ElideLeft)
        self._name.setMaximumWidth(220)
        self._close = IconButton("close", self.tr("Back to the run"))
        self._close.clicked.connect(lambda: self.lab.focus.lock(pretrained="", token=None))
        top = FlowRow()
        for widget in (self._subject.switch, self._name, self._close):
            top.addWidget(widget)
        top.add_stretching(self._totals)
        top.add_pinned(self._spinner)
        top.add_pinned(self._export)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 12)
        outer.setSpacing(8)
        outer.addLayout(top)
        outer.addLayout(self._stack, 1)

    def _memory_box(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        head = QHBoxLayout()
        head.setSpacing(12)
        head.addWidget(_heading(self.tr("Training needs")))
        head.addWidget(self._need, 1)
        column.addLayout(head)
        column.addWidget(self._memory)
        return box

    # Asking

    def _on_subject_changed(self) -> None:
        if not self._opened:
            self._renew()

    def _suit_opened(self) -> None:
        """An open folder's name stands where else one chooses between two runs."""
        self._subject.set_offered(not self._opened)
        self._name.setText(folder_title(Path(self._opened)) if self._opened else "")
        for widget in (self._name, self._close):
            widget.setVisible(bool(self._opened))

    def _renew(self) -> None:
        """Another model is shown."""
        self._is_stale = True
        self._filters_asked = None
        self._filters_box.hide()
        if not self._opened and self._subject.recipe is None:
            self._asked += 1
            self._is_stale = False
            self._patience.end()
            self._say_empty(self._subject.problem)
        self.touch()

    def _ask(self) -> None:
        if self._opened:
            self._ask_opened()
            return
        recipe = self._subject.recipe
        if recipe is None:
            return
        self._asked += 1
        self._patience.begin()
        values = recipe_to_builtins(recipe)
        asked = self._asked
        self._input_shape = ()

        def on_dataset(answer: AnyAnswer, _arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(answer, DatasetDescription)
            if asked == self._asked:
                self._input_shape = msgspec.convert(answer.sample, Sample).shape
                self._draw_diagram()

        self._ask_model(values, asked, is_timed=False)
        request = DescribeDataset(slot="model-dataset", dataset=values["dataset"], architecture=values["architecture"])
        self.lab.inspector.ask(request, on_dataset, owner=self)

    def _ask_opened(self) -> None:
        self._asked += 1
        self._patience.begin()
        asked = self._asked

        def on_answer(answer: AnyAnswer, _arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(answer, PretrainedDescription)
            if asked == self._asked:
                self._patience.end()
                self._described, self._input_shape = answer, answer.read
                self._draw()

        request = DescribePretrained(slot="model", name=self._opened, wants_layers=True)
        self.lab.inspector.ask(request, on_answer, on_problem=lambda found: self._fail(found, asked), owner=self)

    def _fail(self, problem: Problem, asked: int) -> None:
        if asked == self._asked:
            self._patience.end()
            self._say_empty(problem.message)

    def _ask_model(self, recipe: dict[str, Any], asked: int, *, is_timed: bool) -> None:
        def on_answer(answer: AnyAnswer, _arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(answer, ModelDescription)
            if asked != self._asked:
                return
            self._patience.end()
            self._described = answer
            self._draw()
            self._ask_filters()
            # Time is measured only before a run: during one it would slow the trainer down.
            if answer.seconds is None and not is_timed and self._subject.run is None:
                self._ask_model(recipe, asked, is_timed=True)

        request = DescribeModel(slot="model", recipe=recipe, is_timed=is_timed)
        self.lab.inspector.ask(request, on_answer, on_problem=lambda found: self._fail(found, asked), owner=self)

    # Filters

    def _on_published(self, _step: int) -> None:
        if self.lab.focus.value.step is None:
            self.touch()

    def _on_focus_changed(self, focus: Focus) -> None:
        if focus.pretrained != self._opened:
            self._opened = focus.pretrained
            self._suit_opened()
            self._renew()
        elif self._subject.run is not None:
            self.touch()

    def _ask_filters(self) -> None:
        run = self._subject.run
        if self._opened or run is None or self._described is None or not _has_filters(self._described):
            return
        step = self.lab.focus.value.step
        newest = run.published_step if run.published_step is not None else max(run.checkpoint_steps, default=None)
        if step is None and newest is None:
            return
        wanted = (run.id, newest if step is None else step)
        if wanted == self._filters_asked:
            return
        self._filters_asked = wanted

        def on_answer(answer: AnyAnswer, arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(answer, Done)
            if wanted == self._filters_asked and run is self._subject.run:
                self._filters.set_kernels(arrays["kernels"])
                reach = number(self._filters.reach, digits=3)
                self._filters_legend.set_range(f"−{reach}", reach)
                self._filters_legend.setVisible(arrays["kernels"].shape[1] != 3)
                self._filters_box.show()
                self._filters_step = answer.step
                self._on_filter_pointed("")

        request = ShowFilters(slot="model-filters", model=Model(run=str(run.path), step=step))
        self.lab.inspector.ask(request, on_answer, owner=self)

    def _on_filter_pointed(self, words: str) -> None:
        if not words:
            total = self._filters.num_kernels
            shown = self._filters.num_shown
            parts = [self.tr("step {step}").format(step=whole(self._filters_step))]
            if shown < total:
                parts.insert(0, self.tr("first {n} of {total}").format(n=whole(shown), total=whole(total)))
            words = "   ·   ".join(parts)
        self._filters_caption.setText(words)

    # Drawing

    def _say_empty(self, problem: str) -> None:
        usual = self.tr("Choose a dataset and an architecture: the layers and what training needs appear here.")
        self._empty.set_sentence(problem or usual)
        self._described = None
        self._totals.setText("")
        self._export.hide()
        self._stack.setCurrentIndex(0)

    def _draw(self) -> None:
        described = self._described
        if described is None:
            return
        self._layers.set_layers(described.layers)
        if isinstance(described, PretrainedDescription):
            told = opened_totals(described)
        else:
            told = totals(described)
            self._memory.set_parts(described.memory_parts)
            self._need.setText("   ·   ".join(needs(described)))
        self._totals.setText("   ·   ".join(told))
        self._needs.setVisible(isinstance(described, ModelDescription))
        self._draw_diagram()
        self._export.show()
        self._stack.setCurrentIndex(1)

    def _draw_diagram(self) -> None:
        if self._described is not None:
            shape = self._input_shape
            blocks = blocks_of(self._described.layers, shape, input_title=self.tr("Input"))
            self._diagram.set_blocks(blocks if shape else blocks[1:])

    # Taking it out

    def _numbers(self) -> Table | None:
        return self._layers.table() if self._described is not None else None

    def _file_name(self) -> str:
        recipe = self._subject.recipe
        return f"{self._name.text() or (recipe.title() if recipe else 'model')}-layers"


def _heading(text: str) -> SectionLabel:
    label = SectionLabel(text)
    label.setContentsMargins(0, 0, 0, 0)
    return label


def _has_filters(described: ModelDescription | PretrainedDescription) -> bool:
    return any(layer.kind.startswith("Conv") for layer in described.layers)


def _matters(recipe: Recipe) -> tuple[object, ...]:
    return recipe.architecture, recipe.dataset, recipe.training
