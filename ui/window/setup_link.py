"""Ties the setup form to the session: draft, live options, which run it shows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, QTimer

from modellab.config import field_specs
from modellab.data.base import DatasetConfig
from modellab.errors import UserError
from modellab.pretrained.folder import folder_title
from modellab.recipe import Recipe, with_values
from ui.lab.option_words import change_words, value_at
from ui.lab.run_model import RunModel
from ui.views.base import Lab
from ui.window.setup_column import Relation
from ui.window.setup_facts import SetupFacts
from ui.window.workbench import Workbench

_Paths = tuple[str, ...]


class SetupLink(QObject):
    """Carries values between the form and the session; neither knows the other."""

    def __init__(self, lab: Lab, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._lab = lab
        self._bench = workbench
        self._column = workbench.setup
        self._panel = workbench.setup.panel
        self._run: RunModel | None = None
        self._followed: RunModel | None = None  # the run whose recipe the form holds
        self._draft_values: dict[str, Any] = {}  # what the form held before, right or wrong
        self._is_filling = False
        self._paths: _Paths = ()  # the person's own data that the draft reads
        self._paths_awaited: _Paths = ()  # what was put into the form and not read yet
        self._facts = SetupFacts(lab, self._panel)
        self._facts.data_read.connect(self._on_data_read)
        self._facts.noted.connect(lambda sentence: QTimer.singleShot(0, self, lambda: self._tell_note(sentence)))
        session = lab.session
        self._panel.recipe_changed.connect(self._on_recipe_changed)
        self._panel.problem_changed.connect(self._on_problem_changed)
        self._panel.live_change_asked.connect(session.set_option)
        self._column.run_chosen.connect(self._on_run_chosen)
        self._column.copy_asked.connect(self._on_copy_asked)
        session.draft_loaded.connect(self._on_draft_loaded)
        session.draft_changed.connect(self._on_draft_changed)
        session.current_changed.connect(self._on_current_changed)
        session.current_status_changed.connect(self._show_live)
        lab.focus.changed.connect(lambda _focus: self._tell_relation())
        lab.focus.changed.connect(lambda focus: self._panel.set_at_hand({"pretrained": {"folder": focus.pretrained}}))
        session.current_status_changed.connect(lambda *_: workbench.step_slider.show_run(self._run))
        if session.draft is not None:
            self._put(session.draft, can_be_undone=False)
            self._on_draft_changed(session.draft)
        self._on_current_changed(session.current)

    def _put(self, recipe: Recipe, *, can_be_undone: bool) -> None:
        """Fill the form; what it says of itself half-way is no draft."""
        self._is_filling = True
        self._panel.set_recipe(recipe, can_be_undone=can_be_undone)
        self._is_filling = False

    def _on_recipe_changed(self, _recipe: Recipe | None) -> None:
        self._take_draft()

    def _on_problem_changed(self, _problem: str) -> None:
        self._take_draft()

    def _take_draft(self) -> None:
        """Whatever the form holds now; one field that somebody marked red is enough for it to be no draft."""
        if self._column.shows_run or self._is_filling:
            return
        problem = self._panel.problem()
        draft = None if problem else self._panel.recipe()
        if draft is not None and _paths_of(draft.dataset) != self._paths:
            self._paths_awaited = _paths_of(draft.dataset)
        self._lab.session.set_draft(draft, problem=problem)

    def _on_data_read(self, dataset: DatasetConfig) -> None:
        """Who has just chosen a file wants to see what is in it."""
        if self._paths_awaited and _paths_of(dataset) == self._paths_awaited:
            self._paths_awaited = ()
            self._bench.views_area.show_draft("samples")

    def _tell_note(self, sentence: str) -> None:
        """Unless the samples of the draft, which may have been brought forward just now, say so themselves."""
        if not self._bench.views_area.shows_draft("samples"):
            self._lab.session.say("info", sentence)

    def _on_draft_loaded(self, recipe: Recipe) -> None:
        if not self._column.shows_run:
            self._put(recipe, can_be_undone=True)

    def _on_copy_asked(self) -> None:
        if self._run is not None:
            self._lab.session.load_draft(_as_ended(self._run))

    def _tell_relation(self) -> None:
        """Whether the setup is what the run in view was trained with, or trains the folder that is looked into: the one
        is easily taken for the other."""
        run, draft, folder = self._run, self._lab.session.draft, self._lab.focus.value.pretrained
        if folder:
            tunes = draft is not None and getattr(draft.architecture, "folder", "") == folder
            self._column.tell_relation("tunes" if tunes else "folder", title=folder_title(Path(folder)))
        elif run is None:
            self._column.tell_relation("", title="")
        else:
            was_changed = not _trained_alike(run.recipe, _as_ended(run))
            relation: Relation = "other"
            if draft is not None and _trained_alike(_as_ended(run), draft):
                relation = "ended" if was_changed else "same"
            elif draft is not None and _trained_alike(run.recipe, draft):
                relation = "began"
            ending = ", ".join(_changed(run.recipe, name, value) for name, value in run.applied.items())
            self._column.tell_relation(relation, title=run.title, ending=ending)

    def _on_draft_changed(self, recipe: Recipe | None) -> None:
        if recipe is not None:
            self._paths = _paths_of(recipe.dataset)
        self._tell_relation()
        self._suit_views()
        if not self._column.shows_run:
            self._describe_draft()

    def _describe_draft(self) -> None:
        self._facts.describe(self._lab.session.draft, may_time=self._run is None or not self._run.is_alive)

    def _on_current_changed(self, run: RunModel | None) -> None:
        if self._run is not None:
            self._run.options_applied.disconnect(self._on_options_applied)
            self._run.details_changed.disconnect(self._tell_relation)
            self._run.advanced.disconnect(self._on_advanced)
        self._run = run
        if run is not None:
            run.options_applied.connect(self._on_options_applied)
            run.details_changed.connect(self._tell_relation)
            run.advanced.connect(self._on_advanced)
        self._bench.views_area.show_run(run)
        self._bench.step_slider.show_run(run)
        self._lab.focus.unlock()
        self._tell_relation()
        self._suit_views()
        self._show_live()

    def _on_options_applied(self, _applied: dict[str, Any]) -> None:
        self._show_live()
        self._tell_relation()

    def _on_advanced(self) -> None:
        self._bench.step_slider.show_run(self._run)

    def _on_run_chosen(self, _is_run: bool) -> None:
        self._show_live()

    def _show_live(self, *_: object) -> None:
        """Show the run that trains with what can be changed in it, or the draft."""
        run = self._run
        self._column.offer_run(run is not None and run.is_alive)
        if run is not None and self._column.shows_run:
            if self._followed is None:
                self._draft_values = self._panel.values()
            if self._followed is not run:
                self._followed = run
                self._panel.set_live(None)  # what was asked of another run is not asked of this one
                self._put(run.recipe, can_be_undone=False)
                self._facts.describe(run.recipe, may_time=False)
            self._panel.set_live(dict(run.applied))
        elif self._followed is not None:
            self._followed = None
            self._panel.set_live(None)
            self._put_draft_back()

    def _put_draft_back(self) -> None:
        """As it was before the run was shown, its problem too; or the one that was loaded meanwhile."""
        if self._lab.session.draft is not None:
            self._put(self._lab.session.draft, can_be_undone=False)
        else:
            self._is_filling = True
            self._panel.set_values(self._draft_values)
            self._is_filling = False
        self._take_draft()
        self._describe_draft()

    def _suit_views(self) -> None:
        recipe = self._run.recipe if self._run else self._lab.session.draft
        self._bench.views_area.suit(recipe)


def _paths_of(dataset: DatasetConfig) -> _Paths:
    return tuple(str(getattr(dataset, spec.name)) for spec in field_specs(type(dataset)) if spec.path)


def _as_ended(run: RunModel) -> Recipe:
    """With what was changed while it trained."""
    try:
        return with_values(run.recipe, run.applied) if run.applied else run.recipe
    except UserError:  # a change that another version made
        return run.recipe


def _changed(recipe: Recipe, name: str, value: object) -> str:
    return change_words(recipe, name, before=value_at(recipe, name), after=value)


def _trained_alike(one: Recipe, other: Recipe) -> bool:
    """Whether they differ in nothing but the preset's name."""
    return (one.dataset, one.architecture, one.training) == (other.dataset, other.architecture, other.training)
