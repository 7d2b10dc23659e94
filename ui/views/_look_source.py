"""Where what goes on inside comes from: the inspector, for any step of a run and any text, or a pretrained model."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Signal

from ui.inspector import Inspector
from ui.lab.clamps import Clamps
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.views._patience import Patience
from workers.protocol import AnyAnswer, Look, Model, Problem

Asked = TypeVar("Asked", bound=Look)

# What a pretrained model reads until something is typed.
SENTENCE = "The cat sat on the mat because it was tired of chasing the mouse around the house."


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What is read: a text, a second one read with it, and what a translator writes; or tokens that were written;
    or an image of a person's own, by its number."""

    text: str = ""
    pair: str = ""
    target: str = ""
    ids: tuple[int, ...] = ()
    image: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """One state of one model on one text. newest: what stood for "the newest" when it was asked for."""

    run: str
    pretrained: str
    step: int | None
    newest: int
    texts: Texts
    probe: int
    clamps: Clamps = ()
    more: tuple[object, ...] = ()

    def question(self, kind: type[Asked], **options: Any) -> Asked:
        """As it is asked; options: what this kind has beside."""
        return kind(
            model=Model(run=self.run, step=self.step) if self.run else None,
            pretrained=self.pretrained,
            text=self.texts.text,
            pair=self.texts.pair,
            target=self.texts.target,
            ids=self.texts.ids,
            probe=self.probe,
            clamps=self.clamps,
            **options,
        )


def told(text: str) -> str:
    """A text as it was typed, spaces at its ends too, which are tokens as any other; of spaces alone nothing."""
    return text if text.strip() else ""


def pair_told(focus: Focus) -> str:
    """The second text, where there is a first."""
    return focus.pair.strip() if focus.text.strip() or focus.pretrained else ""


class LookSource(QObject):
    """Gives what is newest of what is wanted; while training runs ahead, it passes over what it cannot keep up with.

    ask: the question for what is wanted. read: what an answer holds; None: nothing, which `nothing` says.
    """

    arrived = Signal(object)  # what `read` gives
    failed = Signal(str)
    # Whether an answer is overdue, and whether what is shown is of another question, not only of an older step.
    waiting_changed = Signal(bool, bool)

    def __init__(
        self,
        inspector: Inspector,
        parent: QObject,
        *,
        ask: Callable[[Wanted], Look],
        read: Callable[[Any, dict[str, Any]], object | None],
        nothing: str = "",
    ) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._question, self._read, self._nothing = ask, read, nothing
        self._run: RunModel | None = None
        self._pretrained = ""
        self._step: int | None = None
        self._texts = Texts()
        self._probe = 0
        self._clamps: Clamps = ()
        self._more: tuple[object, ...] = ()
        self._under_way: Wanted | None = None
        self._shown: Wanted | None = None
        self._patience = Patience(self)
        self._patience.changed.connect(lambda waits: self.waiting_changed.emit(waits, waits and self._is_behind()))

    def follow(
        self,
        run: RunModel | None,
        *,
        pretrained: str,
        step: int | None,
        texts: Texts,
        probe: int,
        clamps: Clamps = (),
        more: tuple[object, ...] = (),
    ) -> None:
        """Give this from now on; step None: the newest, text empty: one of the run's own; more: the view's own."""
        if run is not self._run or pretrained != self._pretrained:
            self._shown = self._under_way = None
            self._patience.end()
        self._run, self._pretrained, self._step, self._texts, self._probe = run, pretrained, step, texts, probe
        self._clamps, self._more = clamps, more

    def forget(self) -> None:
        """What was shown is no longer: ask anew."""
        self._shown = self._under_way = None
        self._patience.end()

    def refresh(self) -> None:
        """Ask for what is wanted, unless it is shown or asked for already."""
        wanted = self._wanted()
        if wanted is None or wanted in (self._shown, self._under_way):
            return
        # While the same is only newer, the answer under way is waited for: else a fast run would never be seen.
        if self._under_way is not None and _but_newest(wanted) == _but_newest(self._under_way):
            return
        self._under_way = wanted
        self._patience.begin()
        self._ask(wanted)

    def _is_behind(self) -> bool:
        shown, under_way = self._shown, self._under_way
        return shown is not None and under_way is not None and _but_newest(shown) != _but_newest(under_way)

    def _wanted(self) -> Wanted | None:
        if self._pretrained:
            texts = self._texts if self._texts.text else replace(self._texts, text=SENTENCE)
            return Wanted(
                run="",
                pretrained=self._pretrained,
                step=None,
                newest=0,
                texts=texts,
                probe=0,
                clamps=self._clamps,
                more=self._more,
            )
        run = self._run
        if run is None:
            return None
        newest = run.newest_step if self._step is None else self._step
        if newest is None:
            return None
        return Wanted(
            run=str(run.path),
            pretrained="",
            step=self._step,
            newest=newest,
            texts=self._texts,
            probe=0 if self._texts.text or self._texts.ids else self._probe,
            clamps=self._clamps,
            more=self._more,
        )

    def _ask(self, wanted: Wanted) -> None:
        def on_answer(header: AnyAnswer, arrays: dict[str, Any]) -> None:
            if wanted != self._under_way:
                return
            self._done(wanted)
            found = self._read(header, arrays)
            if found is None:
                self.failed.emit(self._nothing)
            else:
                self.arrived.emit(found)
            self.refresh()

        def on_problem(problem: Problem) -> None:
            if wanted == self._under_way:
                self._done(wanted)
                self.failed.emit(problem.message)

        question, arrays = self._question(wanted), self.arrays() or None
        self._inspector.ask(question, on_answer, arrays=arrays, on_problem=on_problem, owner=self)

    def arrays(self) -> dict[str, Any]:
        """What goes with a question."""
        return {}

    def _done(self, wanted: Wanted) -> None:
        self._under_way, self._shown = None, wanted
        self._patience.end()


def _but_newest(wanted: Wanted) -> tuple[object, ...]:
    """What makes it another question: a text that is being written is still the same when it has grown, and so is an
    image that is being drawn."""
    texts = replace(wanted.texts, text="", ids=()) if wanted.texts.ids else wanted.texts
    texts = replace(texts, image=min(1, texts.image))
    return (
        wanted.run,
        wanted.pretrained,
        wanted.step,
        texts,
        bool(wanted.texts.ids),
        wanted.probe,
        wanted.clamps,
        wanted.more,
    )
