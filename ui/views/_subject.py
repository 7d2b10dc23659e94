"""Which recipe a view looks at: the shown run's, or the one that Start would train next."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QWidget

from modellab.recipe import Recipe
from ui.lab.run_model import RunModel
from ui.lab.session import Session
from ui.widgets.segmented import Segmented

_DEBOUNCE_MS = 150


class Subject(QObject):
    """The run's recipe while there is a run; the draft's before, and after a change of it once the run is over.

    of: the part of a recipe that matters to the view; changes of the rest are passed over.
    """

    changed = Signal()

    def __init__(self, session: Session, *, of: Callable[[Recipe], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._of = of
        self._run: RunModel | None = None
        self._wants_draft = False
        self._is_offered = True
        self._told: tuple[object, RunModel | None] | None = None
        self._timer = QTimer(self, singleShot=True, interval=_DEBOUNCE_MS)
        self._timer.timeout.connect(self._tell)
        self.switch = Segmented(
            [("run", self.tr("This run")), ("draft", self.tr("Next run"))],
            accessible_name=self.tr("Shown:"),
            parent=parent,
        )
        self.switch.set_tooltip("run", self.tr("What the run on show was made from"))
        self.switch.set_tooltip("draft", self.tr("What Start would train now"))
        self.switch.chosen.connect(self._on_switch_chosen)
        self.switch.hide()
        session.draft_changed.connect(self._on_draft_changed)
        session.problem_changed.connect(self._on_problem_changed)

    @property
    def run(self) -> RunModel | None:
        """The run looked at; None while it is the draft."""
        return None if self._shows_draft() else self._run

    @property
    def recipe(self) -> Recipe | None:
        """The recipe looked at; None while the form has a problem."""
        return self._session.draft if self._shows_draft() or self._run is None else self._run.recipe

    @property
    def problem(self) -> str:
        """Why there is no recipe."""
        return self._session.problem if self.recipe is None else ""

    def set_run(self, run: RunModel | None) -> None:
        """Another run is shown."""
        self._run = run
        self._wants_draft = False
        self._tell()

    def set_offered(self, is_offered: bool) -> None:
        """Whether there is anything to choose; not while something else is shown."""
        self._is_offered = is_offered
        self._tell()

    def look_at_draft(self) -> None:
        """Not at the run, where the draft is another."""
        self._wants_draft = True
        self._tell()

    def _shows_draft(self) -> bool:
        return self._run is None or (self._wants_draft and self._differs())

    def _differs(self) -> bool:
        draft = self._session.draft
        return self._run is not None and draft is not None and self._of(draft) != self._of(self._run.recipe)

    def _on_draft_changed(self, _draft: Recipe | None) -> None:
        if self._run is not None and not self._run.is_alive and self._differs():
            self._wants_draft = True
        self._timer.start()

    def _on_problem_changed(self, _problem: str) -> None:
        self._timer.start()

    def _on_switch_chosen(self, key: str) -> None:
        self._wants_draft = key == "draft"
        self._tell()

    def _tell(self) -> None:
        self._timer.stop()
        self.switch.setVisible(self._is_offered and self._differs())
        self.switch.blockSignals(True)
        self.switch.choose("draft" if self._shows_draft() else "run")
        self.switch.blockSignals(False)
        recipe = self.recipe
        told = (self._of(recipe) if recipe is not None else self.problem, self.run)
        if told != self._told:
            self._told = told
            self.changed.emit()
