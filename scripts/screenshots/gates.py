"""Gates: the raster of a word and of a page, a cell with a job that can be named, saturation early and late."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from scripts.screenshots.hands import picture, press, settle, type_text, wait
from scripts.screenshots.kept_runs import open_run
from ui.views.gates import GatesView
from ui.window.main_window import MainWindow
from workers.protocol import UnitRank

WORD = "gezelligheid"
# Of the kind that the documentation is, and of about 300 characters, some of them quoted.
PASSAGE = (
    'The "with" statement wraps a block in the methods of a context manager. If "__enter__()" returns without an '
    'error, then "__exit__()" will always be called. The expression "x < y" calls "x.__lt__(y)", and "del x.name" '
    "deletes an attribute of the object; a name that is not found raises a NameError exception."
)
QUOTED = "inside double quotes"
EARLY_STEP = 30


def take_gates(window: MainWindow) -> None:
    """Every picture of the gates, of runs that are kept."""
    open_run(window, "words-lstm", view="gates")
    type_and_wait(window, WORD)
    picture(window, "gates-word")
    open_run(window, "docs-lstm", view="gates")
    type_and_wait(window, PASSAGE)
    choose_page(window, "raster")
    picture(window, "gates-page")
    rank_units(window, QUOTED)
    picture(window, "gates-search", sizes=[""])
    open_best_unit(window)
    picture(window, "gates-unit")
    take_saturation(window)


def type_and_wait(window: MainWindow, text: str) -> None:
    """Type it, and wait for its gates."""
    type_text(window, text)
    wait(window, lambda: "".join(shown_tokens(window)).replace("␣", " ") == text, "the gates of the text")
    settle(1500)


def choose_page(window: MainWindow, page: str) -> None:
    """Raster, unit, saturation, search or flow, by a click."""
    modes = gates_view(window)._parts.modes
    keys = ["raster", "unit", "saturation", "search", "flow"]
    press(modes, at=modes._rects()[keys.index(page)].center().toPoint())
    settle(500)


def rank_units(window: MainWindow, preset: str) -> None:
    """Ask which units tell a pattern from the rest, and wait until the whole validation text is read."""
    search = gates_view(window)._parts.search
    choose_page(window, "search")
    rects = search._mode._rects()
    press(search._mode, at=rects[1].center().toPoint())
    actions = [action for menu in search.findChildren(QMenu) for action in menu.actions()]
    next(action for action in actions if str(action.text()).startswith(preset)).trigger()
    wait(window, lambda: bool(search._ranks.entries()) and search._spinner.isHidden(), "the ranks of the units")
    settle(500)


def open_best_unit(window: MainWindow) -> None:
    """Click the first row, which is the unit that tells the pattern best."""
    ranks = gates_view(window)._parts.search._ranks
    best = ranks.entries()[0]
    assert isinstance(best, UnitRank)
    print(f"layer {best.layer + 1} unit {best.unit} tells what is {QUOTED}: AUC {best.auc:.3f}", flush=True)
    press(ranks.viewport(), at=QPoint(20, 12))
    facts = gates_view(window)._parts.unit._facts
    wait(window, lambda: facts.text().startswith("follows"), "what the unit does")
    settle(1500)


def take_saturation(window: MainWindow) -> None:
    """How often gates are open or shut, after a few steps and at the end."""
    choose_page(window, "saturation")
    run = window.lab.session.current
    assert run is not None
    early = min(run.checkpoint_steps, key=lambda step: abs(step - EARLY_STEP))
    for name, step in (("early", early), ("late", run.step)):
        window.lab.focus.lock(step=step, unit=None, token=None)
        wait(window, lambda step=step: shown_step(window) == step, f"the gates of step {step}")  # type: ignore[misc]
        settle(500)
        picture(window, f"gates-saturation-{name}", sizes=[""])


def gates_view(window: MainWindow) -> GatesView:
    """The view."""
    assert window.workbench is not None
    return next(iter(window.workbench.findChildren(GatesView)))


def shown_tokens(window: MainWindow) -> tuple[str, ...]:
    """The tokens on show."""
    gates = gates_view(window)._gates
    return gates.tokens if gates is not None else ()


def shown_step(window: MainWindow) -> int:
    """The step on show."""
    gates = gates_view(window)._gates
    return gates.step if gates is not None else -1
