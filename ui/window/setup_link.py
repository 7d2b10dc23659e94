"""Ties the setup form to the session and the inspector: draft, live options, estimate, choices."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject, QTimer

from modellab.recipe import Recipe, recipe_to_builtins
from ui.lab.run_model import RunModel
from ui.views.base import Lab
from ui.window.status_line import amount, duration
from ui.window.workbench import Workbench
from workers.protocol import Columns, DescribeModel, Devices, ListColumns, ListDevices, ModelDescription


_TIMING_DELAY_MS = 700  # nobody types for this long


class SetupLink(QObject):
    """Carries values between the form and the session; neither knows the other."""

    def __init__(self, lab: Lab, workbench: Workbench) -> None:
        super().__init__(workbench)
        self._lab = lab
        self._bench = workbench
        self._setup = workbench.setup
        self._run: RunModel | None = None
        self._timing = QTimer(self)
        self._timing.setSingleShot(True)
        self._timing.setInterval(_TIMING_DELAY_MS)
        self._timing.timeout.connect(self._on_timing_due)
        session = lab.session
        self._setup.recipe_changed.connect(self._on_recipe_changed)
        self._setup.problem_changed.connect(self._on_problem_changed)
        self._setup.live_change_asked.connect(lab.session.set_option)
        self._setup.choices_asked.connect(self._on_choices_asked)
        session.draft_loaded.connect(self._setup.set_recipe)
        session.draft_changed.connect(self._on_draft_changed)
        session.current_changed.connect(self._on_current_changed)
        session.current_status_changed.connect(self._show_live)
        if session.draft is not None:
            self._setup.set_recipe(session.draft)
            self._on_draft_changed(session.draft)
        self._on_current_changed(session.current)
        self._on_choices_asked("devices", "")

    def _on_recipe_changed(self, recipe: Recipe | None) -> None:
        if recipe is not None:
            self._lab.session.set_draft(recipe)

    def _on_problem_changed(self, problem: str) -> None:
        if problem:
            self._lab.session.set_draft(None, problem=problem)

    def _on_draft_changed(self, recipe: Recipe | None) -> None:
        self._suit_views()
        if recipe is None:
            return
        self._describe(recipe, is_timed=False)
        self._timing.start()

    def _on_timing_due(self) -> None:
        """Time a few steps of the draft, but never while a run wants the machine."""
        recipe, run = self._lab.session.draft, self._run
        if recipe is not None and (run is None or not run.is_alive):
            self._describe(recipe, is_timed=True)

    def _describe(self, recipe: Recipe, *, is_timed: bool) -> None:
        self._lab.inspector.ask(
            DescribeModel(slot="estimate", recipe=recipe_to_builtins(recipe), is_timed=is_timed),
            self._on_described,
            on_problem=lambda problem: self._setup.set_estimate(problem.message),
            owner=self,
        )

    def _on_described(self, answer: Any, _arrays: Any) -> None:
        if isinstance(answer, ModelDescription):
            parts = [
                self.tr("{0} parameters").format(f"{answer.parameters:,}"),
                amount(answer.memory_bytes),
            ]
            if answer.seconds is not None:
                parts.append(self.tr("about {0}").format(duration(answer.seconds)))
            self._setup.set_estimate(" · ".join(parts))

    def _on_current_changed(self, run: RunModel | None) -> None:
        if self._run is not None:
            self._run.options_applied.disconnect(self._show_live)
            self._run.advanced.disconnect(self._on_advanced)
        self._run = run
        if run is not None:
            run.options_applied.connect(self._show_live)
            run.advanced.connect(self._on_advanced)
        self._bench.views_area.show_run(run)
        self._bench.step_slider.show_run(run)
        self._lab.focus.unlock()
        self._suit_views()
        self._show_live()

    def _on_advanced(self) -> None:
        self._bench.step_slider.show_run(self._run)

    def _show_live(self, *_: object) -> None:
        run = self._run
        is_live = run is not None and run.is_alive
        if run is not None and is_live:
            self._setup.set_recipe(run.recipe)
            self._setup.set_live(dict(run.applied))
        else:
            self._setup.set_live(None)

    def _suit_views(self) -> None:
        recipe = self._run.recipe if self._run else self._lab.session.draft
        self._bench.views_area.suit(type(recipe.dataset).kind if recipe else None)

    def _on_choices_asked(self, key: str, context: str) -> None:
        if key == "devices":
            self._lab.inspector.ask(ListDevices(slot="devices"), self._on_devices_listed, owner=self)
        elif key == "columns" and context:
            self._lab.inspector.ask(
                ListColumns(slot="columns", path=context),
                self._on_columns_listed,
                on_problem=lambda _problem: self._setup.set_choices("columns", []),
                owner=self,
            )

    def _on_devices_listed(self, answer: Any, _arrays: Any) -> None:
        if isinstance(answer, Devices):
            found = [(device.name, f"{device.name} · {device.title}") for device in answer.devices]
            self._setup.set_choices("devices", [("auto", self.tr("auto")), *found])

    def _on_columns_listed(self, answer: Any, _arrays: Any) -> None:
        if isinstance(answer, Columns):
            self._setup.set_choices("columns", [(name, name) for name in answer.names])
