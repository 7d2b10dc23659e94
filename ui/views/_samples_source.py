"""The examples that the samples view shows: asked for page by page, with what the dataset says of itself."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QObject, Signal

from modellab.data.base import InputKind, Sample
from modellab.recipe import Recipe, recipe_to_builtins
from ui.inspector import Inspector
from ui.views._patience import Patience
from workers.protocol import AnyAnswer, DatasetDescription, DescribeDataset, Problem, SamplePage, ShowSamples

_A_PAGE: dict[InputKind, int] = {"image": 192, "point": 4096, "row": 1024, "text": 256}
_MOST = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which examples. as_model_sees: the first batch of `epoch`; the split is then the training set."""

    split: str = "train"
    of_class: int | None = None
    as_model_sees: bool = False
    epoch: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """Texts end to end: text i is tokens[offsets[i]:offsets[i + 1]], int32; its length before it was cut to what the
    model reads; and how each token reads, by its number, and by its place how what stands for an unknown one does.
    starts: of a stream, the token at which each begins."""

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]
    shown: dict[int, str]
    unknown: dict[int, str]
    starts: NDArray[np.int64] | None = None

    def ids(self, position: int) -> list[int]:
        """The tokens of one text."""
        return self.tokens[self.offsets[position] : self.offsets[position + 1]].tolist()

    def written(self, position: int) -> list[str]:
        """The tokens of one text as they read; of those that the model does not know what stands in the text."""
        first = int(self.offsets[position])
        return [self.unknown.get(place) or self.shown[token] for place, token in enumerate(self.ids(position), first)]

    def usual_length(self) -> int:
        """Three in four of these are no longer."""
        return int(np.quantile(self.lengths, 0.75)) if len(self.lengths) else 0

    def joined(self, more: Texts) -> Texts:
        """These and then those."""
        return Texts(
            tokens=np.concatenate([self.tokens, more.tokens]),
            offsets=np.concatenate([self.offsets, more.offsets[1:] + self.offsets[-1]]),
            lengths=np.concatenate([self.lengths, more.lengths]),
            shown=self.shown | more.shown,
            unknown=self.unknown | {len(self.tokens) + place: text for place, text in more.unknown.items()},
            starts=None if self.starts is None or more.starts is None else np.concatenate([self.starts, more.starts]),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Examples:
    """What has come: inputs uint8 [N, H, W, C] or float32 [N, D], or texts; targets [N] (none to write on), their rows
    in the split and sources. written: what texts are to be translated to."""

    sample: Sample
    wanted: Wanted
    inputs: NDArray[Any]
    targets: NDArray[Any]
    indices: tuple[int, ...]
    sources: tuple[str, ...] = ()
    total: int = 0
    texts: Texts | None = None
    written: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.indices)

    def label(self, position: int) -> str:
        """The class's name, the value or the translation; none where tokens of the text are the target."""
        if self.sample.task not in ("classification", "regression"):
            return self.written[position] if self.written else ""
        target = self.targets[position]
        return self.sample.classes[int(target)] if self.sample.classes else f"{float(target):g}"

    def source(self, position: int) -> str:
        """Where the example comes from; empty when it has no place of its own."""
        return self.sources[position] if position < len(self.sources) else ""


@dataclass(slots=True)
class _State:
    recipe: dict[str, Any] = field(default_factory=dict)
    wanted: Wanted = Wanted()
    asked: int = 0
    is_asking: bool = False
    page: int = 192


class SampleSource(QObject):
    """Asks the inspector; an answer to an older question is passed over."""

    described = Signal(object)  # DatasetDescription
    arrived = Signal(object)  # Examples, all so far
    failed = Signal(str)
    waiting_changed = Signal(bool)  # whether an answer is overdue

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(parent)
        self._inspector = inspector
        self._state = _State()
        self._examples: Examples | None = None
        self._patience = Patience(self)
        self._patience.changed.connect(self.waiting_changed)

    @property
    def wanted(self) -> Wanted:
        """Which examples are shown or on their way."""
        return self._state.wanted

    def show_recipe(self, recipe: Recipe | None) -> None:
        """Another recipe; None: nothing."""
        self._state.asked += 1
        self._examples = None
        if recipe is None:
            self._end_wait()
            return
        self._state.recipe = recipe_to_builtins(recipe)
        self._state.wanted = replace(self._state.wanted, of_class=None)
        asked = self._state.asked
        self._patience.begin()

        def on_answer(answer: AnyAnswer, _arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(answer, DatasetDescription)
            if asked == self._state.asked:
                if self._state.wanted.split not in answer.sizes:
                    self._state.wanted = replace(self._state.wanted, split="train")
                self._state.page = _A_PAGE[msgspec.convert(answer.sample, Sample).kind]
                self.described.emit(answer)
                self._ask(start=0)

        values = self._state.recipe
        request = DescribeDataset(
            slot="samples-dataset", dataset=values["dataset"], architecture=values["architecture"]
        )
        self._inspector.ask(request, on_answer, on_problem=lambda p: self._fail(p, asked), owner=self)

    def show(self, **changes: Any) -> None:
        """Other examples of the same recipe: `split`, `of_class`, `as_model_sees` or `epoch`."""
        self._state.wanted = replace(self._state.wanted, **changes)
        if self._state.recipe:
            self._state.asked += 1
            self._patience.begin()
            self._ask(start=0)

    def fetch_more(self) -> None:
        """The next page, if there is one and none is on its way."""
        examples = self._examples
        if examples is None or self._state.is_asking or examples.wanted != self._state.wanted:
            return
        if len(examples) < min(examples.total, _MOST) and not examples.wanted.as_model_sees:
            self._ask(start=len(examples))

    def _ask(self, *, start: int) -> None:
        asked, wanted = self._state.asked, self._state.wanted
        self._state.is_asking = True

        def on_answer(answer: AnyAnswer, arrays: dict[str, NDArray[Any]]) -> None:
            assert isinstance(answer, SamplePage)
            if asked == self._state.asked:
                self._end_wait()
                self._examples = self._joined(answer, arrays, wanted=wanted, start=start)
                self.arrived.emit(self._examples)

        request = ShowSamples(
            slot="samples",
            recipe=self._state.recipe,
            split=wanted.split,
            start=start,
            count=self._state.page,
            of_class=wanted.of_class,
            as_model_sees=wanted.as_model_sees,
            epoch=wanted.epoch,
        )
        self._inspector.ask(request, on_answer, on_problem=lambda p: self._fail(p, asked), owner=self)

    def _joined(self, page: SamplePage, arrays: dict[str, NDArray[Any]], *, wanted: Wanted, start: int) -> Examples:
        before = self._examples if start else None
        new = Examples(
            sample=msgspec.convert(page.sample, Sample),
            wanted=wanted,
            inputs=arrays["inputs"] if "inputs" in arrays else np.empty((len(page.indices), 0), dtype=np.float32),
            targets=arrays["targets"],
            indices=page.indices,
            sources=page.sources,
            total=page.total,
            texts=_texts_of(page, arrays) if "offsets" in arrays else None,
            written=page.written,
        )
        if before is None:
            return new
        return replace(
            new,
            inputs=np.concatenate([before.inputs, new.inputs]),
            targets=np.concatenate([before.targets, new.targets]),
            indices=before.indices + new.indices,
            sources=before.sources + new.sources,
            texts=before.texts.joined(new.texts) if before.texts and new.texts else None,
            written=before.written + new.written,
        )

    def _fail(self, problem: Problem, asked: int) -> None:
        if asked == self._state.asked:
            self._end_wait()
            self.failed.emit(problem.message)

    def _end_wait(self) -> None:
        self._state.is_asking = False
        self._patience.end()


def _texts_of(page: SamplePage, arrays: dict[str, NDArray[Any]]) -> Texts:
    return Texts(
        tokens=arrays["tokens"],
        offsets=arrays["offsets"],
        lengths=arrays["lengths"],
        shown=page.tokens,
        unknown=page.unknown,
        starts=arrays.get("starts"),
    )
