"""The left column: dataset, architecture and training options, which together are a recipe."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import QTimer, Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QFrame, QScrollArea, QVBoxLayout, QWidget

from modellab.architectures import ArchitectureConfig, architectures
from modellab.config import field_specs, to_builtins
from modellab.data import DatasetConfig, datasets
from modellab.data.base import Sample
from modellab.errors import UserError, spoken
from modellab.presets.nearest import suiting_architecture
from modellab.recipe import Recipe
from modellab.training.options import TrainingOptions
from ui.forms import ConfigForm
from ui.forms.values import narrowed
from ui.panels.setup_fit import architecture_entries, dataset_entries, misfit_of, mistake_of
from ui.panels.setup_part import ChangeCommand, SetupPart
from ui.panels.setup_picker import EntryPicker
from ui.panels.setup_suiting import Given, given_with, suit, suit_size, with_at_hand, with_path
from ui.panels.setup_training import meaningless_for, training_sections
from ui.widgets.labels import SectionLabel

_SETTLE_MS = 80
_MARGIN_PX, _SCROLL_BAR_PX = 12, 10
# Lines of their forms in sight at first, so that the training options are in sight too at 1280x800.
_DATASET_LINES, _ARCHITECTURE_LINES = 3, 5


class SetupPanel(QFrame):
    """Says what a person asks for; it reads no file and talks to no process."""

    recipe_changed = Signal(object)  # Recipe, or None while something is wrong; after a moment without edits
    problem_changed = Signal(str)  # one sentence, empty when all is well; at once
    choices_asked = Signal(str, str)  # key of the choices, path they depend on
    live_change_asked = Signal(str, object)  # path in the recipe, plain value

    def __init__(self, *, undo_stack: QUndoStack | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("surface", "panel")
        self._undo_stack = undo_stack
        self._choices: dict[str, Sequence[tuple[str, str]]] = {}
        self._choices_asked: dict[str, str] = {}
        self._sample: Sample | None = None
        self._preset = ""
        self._given: Given = {}
        self._at_hand: Mapping[str, Mapping[str, Any]] = {}
        self._file, self._is_new_file = "", False
        self._preset_identity: tuple[object, ...] = ()  # what the preset's name stands for
        self._problem = ""
        self._is_live = False
        self._shown: Recipe | None = None
        self._told: Recipe | None = None
        self._has_told = False
        self._settle = QTimer(self, singleShot=True, interval=_SETTLE_MS)
        self._settle.timeout.connect(self._on_settled)
        self._dataset = self._part(self.tr("Dataset"), datasets(), at="dataset", num_lines=_DATASET_LINES)
        self._architecture = self._part(
            self.tr("Architecture"), architectures(), at="architecture", num_lines=_ARCHITECTURE_LINES
        )
        self._training = ConfigForm(
            TrainingOptions,
            at="training",
            sections=training_sections(),
            choices=self._known_choices,
            undo_stack=undo_stack,
        )
        self._given = given_with(self.values())
        self._lay_out()
        self._connect()
        self._on_dataset_edited()

    def recipe(self) -> Recipe:
        """The recipe as it stands.

        Raises:
            UserError: a value is wrong, or the architecture cannot read the dataset.
        """
        recipe = Recipe(
            dataset=cast(DatasetConfig, self._dataset.form().config()),
            architecture=cast(ArchitectureConfig, self._architecture.form().config()),
            training=cast(TrainingOptions, self._training.config()),
            preset=self._preset_name(),
        )
        misfit = misfit_of(recipe.architecture, type(recipe.dataset), self._sample)
        if misfit:
            raise UserError(misfit, field="architecture")
        return recipe

    def set_recipe(self, recipe: Recipe, *, can_be_undone: bool = True) -> None:
        """Show a recipe, such as a preset's or a run's; that of the run now followed is shown already."""
        if self._is_live and recipe == self._shown:
            return
        self._shown = recipe
        new = {
            "dataset": to_builtins(recipe.dataset),
            "architecture": to_builtins(recipe.architecture),
            "training": to_builtins(recipe.training),
            "preset": recipe.preset,
        }
        old = self.values()
        new["given"] = {**old["given"], **given_with(new)}  # fields of other architectures are as they were put
        if self._undo_stack is None or not can_be_undone:
            self._load(new)
        elif any(new[part] != old[part] for part in ("dataset", "architecture", "training", "preset")):
            text = self.tr("change to {0}").format(recipe.title())
            self._undo_stack.push(ChangeCommand(text, do=self._load, old=old, new=new))

    def values(self) -> dict[str, Any]:
        """What the form holds, wrong values included: dataset, architecture, training, preset; and what was given."""
        return {
            "dataset": self._dataset.values(),
            "architecture": self._architecture.values(),
            "training": self._training.values(),
            "preset": self._preset_name(),
            "given": self._given,
        }

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show what `values` gave, without undo."""
        self._shown = None
        self._load(values)

    def problem(self) -> str:
        """Why this cannot be started, in one sentence; empty when it can."""
        for form in (self._dataset.form(), self._architecture.form(), self._training):
            error = form.error()
            if error is not None:
                return spoken(error.message)
        try:
            self.recipe()
        except UserError as error:
            return spoken(error.message)
        return ""

    def set_estimate(self, text: str) -> None:
        """What the model will need, measured: "69 076 parameters · 0.3 MB"; goes with the next choice."""
        self._architecture.card.set_facts(text)

    def set_dataset_facts(self, text: str) -> None:
        """What the dataset holds, counted: "14 647 words · 20 languages"; goes with the next choice."""
        self._dataset.card.set_facts(text)

    def set_sample(self, sample: Sample | None) -> None:
        """What one example of the dataset is, once it was loaded: misfits become exact."""
        self._sample = sample
        self._tell()

    def mark(self, error: UserError) -> None:
        """Show beside its field what somebody else found wrong; it goes with the next edit."""
        part = error.field.partition(".")[0].partition("[")[0]
        forms = {"dataset": self._dataset.form(), "architecture": self._architecture.form()}
        forms.get(part, self._training).mark(error)
        self._tell_problem()

    def clear_marks(self) -> None:
        """What was found wrong is being looked at again."""
        for form in (self._dataset.form(), self._architecture.form(), self._training):
            form.clear_marks()
        self._tell_problem()

    def set_at_hand(self, values: Mapping[str, Mapping[str, Any]]) -> None:
        """By an architecture's name: options taken over when it is chosen, unless a person has given others."""
        self._at_hand = values

    def set_choices(self, key: str, choices: Sequence[tuple[str, str]]) -> None:
        """The (value, label) pairs of a key that `choices_asked` named."""
        self._choices[key] = tuple(choices)
        for form in (*self._dataset.forms(), *self._architecture.forms(), self._training):
            form.update_choices(key)

    def set_live(self, applied: Mapping[str, Any] | None) -> None:
        """While a run trains, allow live options only; `applied`: what it uses, by path in the recipe. None: over."""
        self._is_live = applied is not None
        found = applied or {}
        self._dataset.set_live(self._is_live, narrowed(found, "dataset"))
        self._architecture.set_live(self._is_live, narrowed(found, "architecture"))
        self._training.set_live(self._is_live, narrowed(found, "training"))

    def set_applied(self, path: str, value: Any) -> None:
        """The run now uses this value of an option; `path` in the recipe."""
        forms = {"dataset": self._dataset.form(), "architecture": self._architecture.form(), "training": self._training}
        part, _, below = path.partition(".")
        if part in forms:
            forms[part].set_applied(below, value)

    def training_form(self) -> ConfigForm:
        """The form of the training options."""
        return self._training

    def dataset_part(self) -> SetupPart:
        """The dataset's card and form."""
        return self._dataset

    def architecture_part(self) -> SetupPart:
        """The architecture's card and form."""
        return self._architecture

    def _part(self, heading: str, entries: Mapping[str, Any], *, at: str, num_lines: int) -> SetupPart:
        return SetupPart(
            heading,
            entries,
            at=at,
            num_lines=num_lines,
            choices=self._known_choices,
            undo_stack=self._undo_stack,
        )

    def _lay_out(self) -> None:
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setSpacing(6)
        for widget in (self._dataset, self._architecture, SectionLabel(self.tr("Training")), self._training):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(self._scroll.horizontalScrollBarPolicy().ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(self.focusPolicy())
        self._scroll.setWidget(content)
        self._scroll.verticalScrollBar().rangeChanged.connect(self._on_scroll_range_changed)
        self._on_scroll_range_changed(0, 0)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 4, 0, 4)
        outer.addWidget(self._scroll)

    def _connect(self) -> None:
        self._dataset.edited.connect(self._on_dataset_edited)
        self._architecture.edited.connect(self._on_architecture_edited)
        self._training.changed.connect(self._on_edited)
        self._training.live_change_asked.connect(
            lambda path, value: self.live_change_asked.emit(f"training.{path}", value)
        )
        self._dataset.picker_asked.connect(self._on_dataset_picker_asked)
        self._architecture.picker_asked.connect(self._on_architecture_picker_asked)
        for part in (self._dataset, self._architecture):
            part.choice_asked.connect(lambda name, part=part: self._on_choice_asked(part, name))
        for source in (self._dataset, self._architecture, self._training):
            source.rows_made.connect(self._on_rows_made)
            source.validity_changed.connect(self._tell_problem)
        self._on_rows_made()

    def _known_choices(self, key: str) -> Sequence[tuple[str, str]]:
        return self._choices.get(key, ())

    def _load(self, values: Mapping[str, Any]) -> None:
        shown = self._dataset.name(), self._named_file()
        self._preset, self._given = values["preset"], values["given"]
        self._dataset.load(values["dataset"])
        self._architecture.load(values["architecture"])
        self._training.set_values(values["training"])
        self._preset_identity = self._identity()
        if (self._dataset.name(), self._named_file()) != shown:
            self._scroll.verticalScrollBar().setValue(0)  # where the new one's file, target and facts are
        self._file, self._is_new_file = self._named_file(), False

    def _on_choice_asked(self, part: SetupPart, name: str) -> None:
        """Another dataset or architecture: its options as they were left, and those of training that suit it.

        What a person changed stays; an architecture that cannot read the dataset makes room for one that can.
        """
        old = self.values()
        chosen = {part.at: part.values_of(name)}
        if part is self._dataset:
            chosen["dataset"] = with_path(chosen["dataset"], left=old["dataset"])
            suiting = suiting_architecture(name, chosen=self._architecture.name())
            chosen["architecture"] = self._architecture.values_of(suiting)
        new = suit(old | chosen, left=old["architecture"])
        if part is self._architecture:
            new = with_at_hand(new, self._at_hand.get(name, {}), own=chosen[part.at], given=old["given"])
        if self._undo_stack is None:
            self._load(new)
        else:
            text = self.tr("change to {0}").format(part.title_of(name))
            self._undo_stack.push(ChangeCommand(text, do=self._load, old=old, new=new))

    def expect_size(self) -> None:
        """The file was just chosen, though it came with a whole recipe."""
        self._is_new_file = True

    def suit_size(self, num_examples: int) -> None:
        """A table that a person has just chosen has so many training examples: what suits so few."""
        is_table = cast("type[DatasetConfig]", self._dataset.entry()).kind == "row"
        if self._is_new_file and is_table and not self._is_live:
            suited = suit_size(self.values(), num_examples=num_examples)
            self._given, self._is_new_file = suited["given"], False
            self._training.set_values(suited["training"])

    def _named_file(self) -> str:
        return str(self._dataset.values().get("file", ""))

    def _preset_name(self) -> str:
        """The preset's name, as long as this is that preset with other numbers."""
        return self._preset if self._identity() == self._preset_identity else ""

    def _identity(self) -> tuple[object, ...]:
        """What makes it another recipe than its preset: the architecture, the dataset, its shape or file; no number."""
        dataset = self._dataset.values()
        return (self._architecture.name(), {key: value for key, value in dataset.items() if isinstance(value, str)})

    def _tell(self) -> None:
        self._tell_problem()
        self._settle.start()

    def _tell_problem(self) -> None:
        form = self._architecture.form()
        misfit = ""
        if form.is_valid():
            config = cast(ArchitectureConfig, form.config())
            mistake = mistake_of(config, self._sample)
            if mistake is not None:
                form.mark(mistake)  # beside its field, not over all of them
            else:
                misfit = misfit_of(config, cast("type[DatasetConfig]", self._dataset.entry()), self._sample)
        self._architecture.card.set_problem(misfit)
        problem = self.problem()
        if problem != self._problem:
            self._problem = problem
            self.problem_changed.emit(problem)

    def _ask_choices(self) -> None:
        """Ask for choices that are needed and not asked for yet, or that depend on a path that has changed."""
        for form_class, values in (
            (self._dataset.entry(), self._dataset.values()),
            (self._architecture.entry(), self._architecture.values()),
            (TrainingOptions, {}),
        ):
            specs = field_specs(form_class)
            path = next((str(values.get(spec.name, "")) for spec in specs if spec.path), "")
            for key in dict.fromkeys(spec.choices_from for spec in specs if spec.choices_from):
                if self._choices_asked.get(key) != path:
                    self._choices_asked[key] = path
                    self.choices_asked.emit(key, path)

    def _on_edited(self) -> None:
        for form in (self._dataset.form(), self._architecture.form(), self._training):
            form.clear_marks()
        self._tell()

    def _on_dataset_edited(self) -> None:
        self._sample = None
        if self._named_file() != self._file:
            self._file, self._is_new_file = self._named_file(), True
        kind = cast("type[DatasetConfig]", self._dataset.entry()).kind
        self._training.hide_fields(meaningless_for(kind))
        self._on_architecture_edited()

    def _on_architecture_edited(self) -> None:
        brings = cast("type[ArchitectureConfig]", self._architecture.entry()).brings
        self._dataset.form().hide_fields(brings)
        self._on_edited()

    def _on_settled(self) -> None:
        self._ask_choices()
        try:
            recipe: Recipe | None = self.recipe()
        except UserError:
            recipe = None
        if not self._has_told or recipe != self._told:
            self._told, self._has_told = recipe, True
            self.recipe_changed.emit(recipe)

    def _on_dataset_picker_asked(self) -> None:
        self._open_picker(self._dataset, dataset_entries(), self.tr("Datasets"))

    def _on_architecture_picker_asked(self) -> None:
        dataset = cast("type[DatasetConfig]", self._dataset.entry())
        self._open_picker(self._architecture, architecture_entries(dataset), self.tr("Architectures"))

    def ask_dataset(self) -> None:
        """Open the list of datasets as the first thing to choose, and say what comes after it."""
        self._scroll.verticalScrollBar().setValue(0)
        lead = self.tr("First choose what it learns from. Then change what you like, and press Start.")
        self._open_picker(self._dataset, dataset_entries(own_first=True), self.tr("Datasets"), lead=lead)

    def _open_picker(self, part: SetupPart, entries: Sequence[Any], title: str, *, lead: str = "") -> None:
        # The first choice begins at the top of the list, whatever stands there for want of one.
        picker = EntryPicker(entries, current="" if lead else part.name(), title=title, lead=lead, parent=self)
        picker.chosen.connect(part.choose)
        picker.open_under(part.card)

    def _on_rows_made(self) -> None:
        widgets = [*self._dataset.tab_widgets(), *self._architecture.tab_widgets(), *self._training.tab_widgets()]
        for before, after in itertools.pairwise(widgets):
            QWidget.setTabOrder(before, after)

    def _on_scroll_range_changed(self, low: int, high: int) -> None:
        # The bar takes the margin's place: nothing moves when it comes or goes.
        right = _MARGIN_PX - _SCROLL_BAR_PX if high > low else _MARGIN_PX
        self._column.setContentsMargins(_MARGIN_PX, 6, right, 6)
