"""What a change of a run's status says to a person, and what it offers to do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from PySide6.QtCore import QCoreApplication

from modellab.errors import UserError, spoken
from modellab.events import Failed
from modellab.recipe import Recipe, with_values
from ui.forms.checks import spec_at
from ui.forms.words import shown_value, words
from ui.lab.run_model import RunModel
from ui.lab.session import Session


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A banner: its level, its sentence, and key -> (word on the button, what it does)."""

    level: str
    sentence: str
    actions: Mapping[str, tuple[str, Callable[[], object]]] = field(default_factory=dict)


def message_for(run: RunModel, session: Session) -> Message | None:
    """The banner for the status that the run just took; None where the bar says enough."""
    if run.status == "failed" and isinstance(run.end, Failed):
        return Message(level="error", sentence=f"{run.title}: {spoken(run.end.message)}", actions=_retry(run, session))
    if run.status == "interrupted":
        sentence = _tr("{0} was interrupted at step {1}: its trainer ended without a word.").format(
            run.title, f"{run.step:,}"
        )
        return Message(level="warning", sentence=sentence, actions=_resume(run, session))
    if run.was_launched and run is not session.current and run.status in ("queued", "training"):
        return _elsewhere(run, session)
    if run.status == "paused" and run.pause is not None and run.pause.reason != "asked":
        return Message(level="warning", sentence=f"{run.title}: {spoken(run.pause.message)}")
    return None


def _elsewhere(run: RunModel, session: Session) -> Message:
    """Another run than the one shown waits or begins."""
    sentence = _tr("{0} is queued: it trains when the device is free.")
    if run.status == "training":
        sentence = _tr("{0} trains now.")
    return Message(
        level="info",
        sentence=sentence.format(run.title),
        actions={"show": (_tr("Show it"), lambda: session.open_run(run.path))},
    )


def _retry(run: RunModel, session: Session) -> dict[str, tuple[str, Callable[[], object]]]:
    """Offer the values that the trainer thinks would work."""
    end = run.end
    if not isinstance(end, Failed) or not end.suggestion:
        return {}
    try:
        recipe = with_values(run.recipe, end.suggestion)
    except UserError:
        return {}
    values = ", ".join(_in_words(recipe, name, value) for name, value in end.suggestion.items())

    def start_again() -> None:
        session.load_draft(recipe)
        session.start()

    return {"retry": (_tr("Start again with {0}").format(values), start_again)}


def _in_words(recipe: Recipe, path: str, value: object) -> str:
    """An option and its value as the form calls them: "batch size 32", "bad rows: left out"."""
    part, _, below = path.partition(".")
    spec = spec_at(type(getattr(recipe, part)), below)
    if spec is None:
        return f"{path} {value}"
    colon = ":" if spec.kind == "choice" else ""
    return f"{words(spec.title).lower()}{colon} {shown_value(spec, value)}"


def _resume(run: RunModel, session: Session) -> dict[str, tuple[str, Callable[[], object]]]:
    path = run.path  # the run itself may have made room for others since

    def resume() -> None:
        opened = session.open_run(path)
        if opened is not None and opened.status != "new":
            session.resume()  # else the bar offers it once the run has been read

    return {"resume": (_tr("Resume"), resume)} if run.checkpoint_steps else {}


def _tr(text: str) -> str:
    return QCoreApplication.translate("run_sentences", text)
