"""The sample browser: what the dataset holds, class by class, and what the model is given of it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import msgspec
import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from modellab.data.base import Sample
from modellab.recipe import Recipe
from modellab.training.options import Augmentation
from ui.forms.words import words
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.lab.tokens import PADDING, spelled
from ui.theme import theme
from ui.theme.colour_maps import class_colours
from ui.views import _surface_colours as colours
from ui.views._export import ExportButton, Table
from ui.views._samples_balance import WIDTH, BalanceBars
from ui.views._samples_source import Examples, SampleSource
from ui.views._samples_table import RowsModel, RowsTable
from ui.views._samples_text import TextRows
from ui.views._samples_text_cells import table_of
from ui.views._samples_text_facts import TextFactsPanel
from ui.views._samples_tiles import ImageTiles
from ui.views._samples_words import about_example, about_token, summary
from ui.views._subject import Subject
from ui.views._surface_picture import axes_of, axes_through
from ui.views._surface_plot import Pointed, SurfacePlot
from ui.views._surface_points import Points
from ui.views.base import Lab, View
from ui.widgets.banner import Banner
from ui.widgets.buttons import QuietButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import ElidedLabel
from ui.widgets.numbers import whole
from ui.widgets.segmented import Segmented
from ui.widgets.spinner import Spinner
from workers.protocol import DatasetDescription

_MODEL_SEES = "model"
_ROWS_PX = 110  # a heading and a few rows
_NARROW_PX = 460  # what stands beside the examples stands below them


class SamplesView(View):
    """See the module. Shows the draft's dataset, or the run's."""

    name = "samples"
    title = "Samples"
    icon = "sample"
    order = 40

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._described: DatasetDescription | None = None
        self._examples: Examples | None = None
        self._is_stale = False
        self._spinner = Spinner(parent=self)
        self._spinner.hide()
        self._subject = Subject(lab.session, of=_matters, parent=self)
        self._source = SampleSource(lab.inspector, self)
        self._build()
        self._subject.changed.connect(self._on_subject_changed)
        self._source.described.connect(self._on_described)
        self._source.arrived.connect(self._on_arrived)
        self._source.failed.connect(self._say_empty)
        self._source.waiting_changed.connect(self._on_waiting_changed)
        lab.focus.changed.connect(self._on_focus_changed)
        theme().changed.connect(self.touch)
        self._say_empty("")
        self._subject.set_run(None)

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        self._subject.set_run(run)

    def look_at_draft(self) -> None:
        self._subject.look_at_draft()

    def shows_draft(self) -> bool:
        return self._subject.run is None

    def redraw(self) -> None:
        if self._is_stale:
            self._is_stale = False
            self._say_reading()
            self._source.show_recipe(self._subject.recipe)
        self._draw()

    # Building

    def _build(self) -> None:
        self._again = QuietButton(self.tr("Another draw"), icon_name="dice")
        self._again.setToolTip(self.tr("The first batch of the next epoch: another order, augmented anew"))
        self._again.clicked.connect(lambda: self._source.show(epoch=self._source.wanted.epoch + 1))
        self._top = FlowRow()
        self._splits = Segmented([("train", self.tr("Training"))], parent=self)
        self._top.addWidget(self._splits)
        self._notes = Banner("", is_closable=True)
        self._notes.hide()
        self._tiles = ImageTiles()
        self._tiles.end_reached.connect(self._source.fetch_more)
        self._tiles.pointed.connect(self._on_tile_pointed)
        self._tiles.chosen.connect(self._on_example_chosen)
        self._rows = RowsModel(self)
        self._rows.end_reached.connect(self._source.fetch_more)
        self._table = RowsTable(self._rows)
        self._table.clicked.connect(lambda index: self._on_example_chosen(index.row()))
        self._texts = TextRows()
        self._texts.end_reached.connect(self._source.fetch_more)
        self._texts.pointed.connect(self._on_token_pointed)
        self._texts.chosen.connect(self._on_example_chosen)
        self._facts = TextFactsPanel()
        self._facts.setFixedWidth(WIDTH)
        self._facts.pointed.connect(self._on_length_pointed)
        self._plot = SurfacePlot()
        self._plot.pointed.connect(self._on_point_pointed)
        self._balance = BalanceBars()
        self._balance.chosen.connect(lambda index: self._source.show(of_class=index))
        self._balance_scroll = QScrollArea()
        self._balance_scroll.setWidget(self._balance)
        self._balance_scroll.setWidgetResizable(True)
        self._balance_scroll.setFixedWidth(WIDTH + 12)
        self._balance_scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._summary = ElidedLabel(style="small", role="muted")
        self._picture = QWidget()
        self._row = QHBoxLayout(self._picture)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(16)
        self._side = QVBoxLayout()
        for widget in (self._tiles, self._plot, self._table, self._texts):
            self._row.addWidget(widget, 1)
        self._row.addLayout(self._side)
        self._side.setSpacing(8)
        self._side.addWidget(self._balance_scroll)
        self._side.addWidget(self._facts)
        self._side.setStretchFactor(self._balance_scroll, 1)
        self._side.addStretch(0)
        self._arrange()

    def _arrange(self) -> None:
        export = ExportButton(
            picture=self._picture, table=self._numbers, file_name=self._file_name, say=self.lab.session.say
        )
        self._top.add_pinned(self._spinner)
        self._top.add_pinned(export)
        self._export = export
        bottom = QHBoxLayout()
        bottom.setSpacing(12)
        bottom.addWidget(self._summary, 1)
        bottom.addWidget(self._again)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._notes)
        column.addWidget(self._picture, 1)
        column.addLayout(bottom)
        self._empty = EmptyState("sample", "", parent=self)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 8, 12, 8)
        outer.setSpacing(8)
        outer.addWidget(self._subject.switch)
        outer.addLayout(self._top)
        outer.addLayout(self._stack, 1)

    # What comes

    def _on_subject_changed(self) -> None:
        self._is_stale = True
        if self._subject.recipe is None:
            self._source.show_recipe(None)
            self._is_stale = False
            self._say_empty(self._subject.problem)
        self.touch()

    def _on_described(self, described: DatasetDescription) -> None:
        self._described = described
        names = {"train": self.tr("Training"), "validation": self.tr("Validation"), "test": self.tr("Test")}
        options = [(split, f"{names.get(split, split)}  {whole(count)}") for split, count in described.sizes.items()]
        options.append((_MODEL_SEES, self.tr("As the model sees it")))
        chosen = _MODEL_SEES if self._source.wanted.as_model_sees else self._source.wanted.split
        splits = Segmented(options, value=chosen, accessible_name=self.tr("Samples of:"))
        splits.set_tooltip(_MODEL_SEES, self.tr("The first batch of training, after augmentation and normalisation"))
        splits.chosen.connect(self._on_split_chosen)
        self._top.put_in_place(self._splits, splits)
        self._splits.hide()
        self._splits.deleteLater()
        self._splits = splits
        self._notes.set_sentence("  ".join(described.notes))
        self._notes.setVisible(bool(described.notes))
        self._show_balance()

    def _on_split_chosen(self, key: str) -> None:
        if key == _MODEL_SEES:
            self._source.show(as_model_sees=True)
        else:
            self._source.show(as_model_sees=False, split=key)

    def _on_arrived(self, examples: Examples) -> None:
        self._examples = examples
        self._draw()

    def _on_waiting_changed(self, is_waiting: bool) -> None:
        self._spinner.setVisible(is_waiting)

    def _say_reading(self) -> None:
        """Nobody knows yet whether there are none."""
        recipe = self._subject.recipe
        if recipe is not None and self._examples is None:
            self._empty.set_title(self.tr("Reading…"))
            self._empty.set_sentence(self.tr("Samples of {0} appear here.").format(words(recipe.dataset.title)))

    def _say_empty(self, problem: str) -> None:
        usual = self.tr(
            "The images, texts, table rows or points of the dataset chosen on the left appear here, class by class."
        )
        self._empty.set_title(self.tr("No samples to show"))
        self._empty.set_sentence(problem or usual)
        self._examples = self._described = None
        self._splits.hide()
        self._export.hide()
        self._stack.setCurrentIndex(0)

    # Drawing

    def _draw(self) -> None:
        examples = self._examples
        if examples is None or self._described is None:
            return
        kind = examples.sample.kind
        self._tiles.setVisible(kind == "image")
        # Beside a scatter the rows stand under the classes, so that the scatter has the room.
        self._show_rows()
        self._texts.setVisible(kind == "text")
        self._facts.setVisible(kind == "text" and self._described.text is not None)
        (self._side if kind == "point" else self._row).addWidget(self._table, 1)
        if kind != "point":
            self._row.removeItem(self._side)
            self._row.addLayout(self._side)
        self._plot.setVisible(kind == "point")
        self._tiles.set_examples(examples if kind == "image" else None)
        self._rows.set_examples(examples if kind in ("point", "row") else None)
        self._texts.set_examples(examples if kind == "text" else None, tokenizer=self._tokenizer())
        if kind == "point":
            self._show_points(examples)
        self._splits.show()
        self._export.show()
        self._again.setVisible(examples.wanted.as_model_sees)
        self._show_balance()
        self._summary.setText(self._summary_text(examples))
        self._on_focus_changed(self.lab.focus.value)
        self._stack.setCurrentIndex(1)

    def _show_rows(self) -> None:
        """The table, where it has room for a few rows under the classes of points."""
        kind = self._examples.sample.kind if self._examples is not None else "text"
        has_room = self._picture.height() > (4 if self._is_narrow else 2) * _ROWS_PX
        self._table.setVisible(kind == "row" or (kind == "point" and has_room))

    def _show_balance(self) -> None:
        directions = QBoxLayout.Direction
        self._row.setDirection(directions.TopToBottom if self._is_narrow else directions.LeftToRight)
        described = self._described
        wanted = self._source.wanted
        counts = described.balance.get("train" if wanted.as_model_sees else wanted.split, ()) if described else ()
        self._balance_scroll.setVisible(bool(counts))
        if described is not None and counts:
            sample = msgspec.convert(described.sample, Sample)
            self._balance.set_counts(sample.classes, counts)
            is_above_rows = sample.kind == "point"
            height = min(224, len(counts) * 30 + 4, max(64, self._picture.height() - _ROWS_PX))
            if self._is_narrow:
                height = min(height, 64)
            self._balance_scroll.setMinimumHeight(height if is_above_rows else 0)
            most = height if is_above_rows else len(counts) * 30 + 4 if sample.kind == "text" else 1 << 20
            self._balance_scroll.setMaximumHeight(most)
            if self._is_narrow:
                self._balance_scroll.setMaximumHeight(min(most, _ROWS_PX))
            beside = WIDTH + (116 if is_above_rows else 12)
            self._balance_scroll.setMinimumWidth(0 if self._is_narrow else beside)
            self._balance_scroll.setMaximumWidth(1 << 20 if self._is_narrow else beside)
        if described is not None and described.text is not None:
            split = "train" if wanted.as_model_sees else wanted.split
            sample = msgspec.convert(described.sample, Sample)
            self._facts.show_facts(described.text, split=split, reads=sample.shape[0], has_classes=bool(counts))
        self._balance.set_chosen(wanted.of_class)

    def _show_points(self, examples: Examples) -> None:
        sample, targets = examples.sample, examples.targets
        if sample.task == "regression":
            reach = float(np.abs(targets - sample.target_mean).max(initial=0)) or 1.0
            rgba = colours.target_colours(targets, middle=sample.target_mean, reach=reach)
        else:
            rgba = class_colours(len(sample.classes))[targets.astype(int)]
        split = "train" if examples.wanted.as_model_sees else examples.wanted.split
        points = Points(inputs=examples.inputs, targets=targets, total=examples.total, is_ring=split == "validation")
        self._plot.set_axes(axes_through(points, sample) if examples.wanted.as_model_sees else axes_of(sample, None))
        self._plot.set_points({split: (points, rgba)}, rim="muted" if sample.task == "regression" else "panel")

    def _summary_text(self, examples: Examples) -> str:
        assert self._described is not None
        recipe = self._subject.recipe
        is_augmented = recipe is not None and recipe.training.augmentation != Augmentation()
        return summary(examples, num_bytes=self._described.num_bytes, is_augmented=is_augmented)

    # Pointing

    def _on_focus_changed(self, focus: Focus) -> None:
        examples, held = self._examples, -1
        is_same_split = examples is not None and focus.split == examples.wanted.split
        if examples is not None and is_same_split and not examples.wanted.as_model_sees:
            held = examples.indices.index(focus.sample) if focus.sample in examples.indices else -1
        self._tiles.set_held(held)
        self._texts.set_held(held)

    def _on_example_chosen(self, position: int) -> None:
        examples = self._examples
        if examples is not None and not examples.wanted.as_model_sees and position < len(examples):
            self.lab.focus.lock(split=examples.wanted.split, sample=examples.indices[position])

    def _on_tile_pointed(self, position: int) -> None:
        if self._examples is not None:
            self._summary.setText(self._example_text(position) or self._summary_text(self._examples))

    def _on_token_pointed(self, position: int, token: int) -> None:
        if self._examples is not None:
            text = about_token(self._examples, position, token)
            self._summary.setText(text or self._summary_text(self._examples))

    def _on_length_pointed(self, text: str) -> None:
        if self._examples is not None:
            self._summary.setText(text or self._summary_text(self._examples))

    def _on_point_pointed(self, pointed: Pointed | None) -> None:
        self._on_tile_pointed(pointed.index if pointed is not None else -1)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if self._examples is not None:
            self._show_rows()
            self._show_balance()

    @property
    def _is_narrow(self) -> bool:
        return self.width() < _NARROW_PX

    def _example_text(self, position: int) -> str:
        examples = self._examples
        return about_example(examples, position, columns=self._rows.columns()[2:]) if examples is not None else ""

    # Taking it out

    def _numbers(self) -> Table | None:
        examples = self._examples
        if examples is None:
            return None
        if examples.texts is not None:
            return table_of(examples, text_of=self._text_of)
        flat = examples.inputs.reshape(len(examples), -1)
        is_rows = examples.inputs.ndim == 2
        names = self._rows.columns()[2:] if is_rows else tuple(f"pixel {n}" for n in range(flat.shape[1]))

        def rows() -> Iterator[tuple[Any, ...]]:
            for position, index in enumerate(examples.indices):
                yield (index, examples.label(position), examples.source(position), *flat[position].tolist())

        return Table(columns=("index", "label", "source", *names), rows=rows())

    def _tokenizer(self) -> str:
        recipe = self._subject.recipe
        return str(getattr(recipe.dataset, "tokenizer", "")) if recipe is not None else ""

    def _text_of(self, position: int) -> str:
        texts = self._examples.texts if self._examples is not None else None
        assert texts is not None
        read = zip(texts.ids(position), texts.written(position), strict=True)
        return spelled([text for token, text in read if token != PADDING], tokenizer=self._tokenizer()).text

    def _file_name(self) -> str:
        recipe = self._subject.recipe
        return f"{recipe.dataset.name() if recipe else 'samples'}-{self._source.wanted.split}"


def _matters(recipe: Recipe) -> tuple[object, ...]:
    training = recipe.training
    return recipe.dataset, training.augmentation, training.batch_size, training.seed
