"""The inspector: answers the window's questions on stdin, on stdout, beside training and without slowing it.

The main thread reads. Two lanes compute, one for runs and one for recipes and datasets; what is read or fetched for the
latter is so in threads of its own, so that a download holds up nothing else. In a lane the newest question of a slot
replaces one that waits. When the window goes, stdin ends, and so does this process, at once, whatever it is doing.
"""

from __future__ import annotations

import contextlib
import faulthandler
import functools
import os
import sys
import threading
import time
import traceback
from collections import OrderedDict
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from modellab.errors import UserError
from modellab.training.waiting import spin_briefly
from workers.idle_cores import IdleCores
from workers.outbox import Outbox as Outbox
from workers.protocol import (
    Answer,
    AnyRequest,
    DescribeDataset,
    DescribeModel,
    DescribePretrained,
    Generate,
    ListColumns,
    ListDevices,
    Look,
    Predict,
    Problem,
    RankUnits,
    Ready,
    Request,
    SearchGates,
    ShowAttention,
    ShowAttribution,
    ShowFilters,
    ShowGates,
    ShowGradientFlow,
    ShowLens,
    ShowNeighbours,
    ShowSamples,
    ShowSurface,
    SteerFetching,
    TellUnits,
    TextInput,
)
from workers.wire import Arrays, Frame, WireError, read_frame, widened

if TYPE_CHECKING:
    from workers.inspect_corpus import CorpusSearcher
    from workers.inspect_runs import ModelShelf

Answered = tuple[Answer, Arrays]
Answers = Iterator[Answered | None]  # None: others may have their turn
Compute = Callable[[Request, Arrays], Answered | Answers]
_ENDED = object()
_decoder: msgspec.msgpack.Decoder[AnyRequest] = msgspec.msgpack.Decoder(AnyRequest)
_FIRST_QUESTIONS_SECONDS = 0.02
_MOST_WAIT_SECONDS = 0.5
_MOST_BEFORE = 4  # questions in a row before what is under way has a turn: while a run publishes they never end
_ABOUT_RECIPES = (DescribeModel, DescribeDataset, ShowSamples, ListColumns, SteerFetching)
_DOES: dict[type[Request], str] = {
    Predict: "predict",
    DescribeModel: "describe the model",
    DescribePretrained: "open the pretrained model",
    DescribeDataset: "read the dataset",
    ShowSamples: "show the examples",
    ListDevices: "list the devices",
    ShowSurface: "draw the decision surface",
    ShowFilters: "show the filters",
    ListColumns: "read the table",
    SteerFetching: "stop fetching",
    ShowGates: "show the gates",
    ShowGradientFlow: "trace the gradient",
    ShowAttention: "show the attention",
    ShowAttribution: "tell the tokens' contributions",
    ShowLens: "read the layers out",
    ShowNeighbours: "compare the embeddings",
    SearchGates: "search the texts",
    RankUnits: "rank the units",
    TellUnits: "tell what the units do",
    Generate: "write text",
}


class Lane:
    """A thread that answers one question at a time, the one asked first first; in a slot the newest alone.

    A question may have many answers, or one of many steps: between two of them others are answered, never so many that
    it stands still, and a newer one of its slot ends it. first: done before any question; before: before each answer.
    """

    def __init__(
        self,
        compute: Compute,
        outbox: Outbox,
        *,
        first: Callable[[], None] | None = None,
        before: Callable[[], None] = lambda: None,
    ) -> None:
        self._compute = compute
        self._outbox = outbox
        self._first = first
        self._before = before
        self._waiting: OrderedDict[str, tuple[Request, Arrays]] = OrderedDict()
        self._under_way: OrderedDict[str, tuple[Request, Answers]] = OrderedDict()
        self._changed = threading.Condition()
        self._is_busy = first is not None
        threading.Thread(target=self._work, daemon=True).start()

    @property
    def is_idle(self) -> bool:
        """Whether no question waits or is being answered."""
        return not self._waiting and not self._under_way and not self._is_busy

    @property
    def has_waiting(self) -> bool:
        """Whether a question waits."""
        return bool(self._waiting)

    def put(self, request: Request, arrays: Arrays) -> None:
        """Take a question; it replaces one of its slot that still waits, and stands at its place."""
        with self._changed:
            self._waiting[_slot_of(request)] = (request, arrays)
            self._changed.notify()

    def _work(self) -> None:
        if self._first is not None:
            self._first()
        num_before = 0
        while True:
            with self._changed:
                self._is_busy = False
                while not self._waiting and not self._under_way:
                    self._changed.wait()
                self._is_busy = True
                is_due = self._under_way and num_before >= _MOST_BEFORE
                waiting = self._waiting.popitem(last=False)[1] if self._waiting and not is_due else None
            num_before = num_before + 1 if waiting is not None else 0
            if waiting is not None:
                self._under_way.pop(_slot_of(waiting[0]), None)
                self._begin(*waiting)
            else:
                self._go_on()
            del waiting  # while waiting for the next nothing large is held

    def _begin(self, request: Request, arrays: Arrays) -> None:
        """Answer a question, or begin to."""
        try:
            self._before()
            found = self._compute(request, arrays)
        except BaseException as error:  # noqa: BLE001 - said to a person, and in full to the log; Rust's panics too
            self._outbox.send(_problem(request, error))
            return
        if isinstance(found, tuple):
            self._send(request, found)
        else:
            self._under_way[_slot_of(request)] = (request, found)

    def _go_on(self) -> None:
        """One more answer of a question that has many; they take turns."""
        slot, (request, answers) = self._under_way.popitem(last=False)
        try:
            self._before()
            found = next(answers, _ENDED)
        except BaseException as error:  # noqa: BLE001 - as above
            self._outbox.send(_problem(request, error))
            return
        if found is None:
            self._under_way[slot] = (request, answers)
        elif isinstance(found, tuple):
            self._send(request, found)
            if not found[0].is_last:
                self._under_way[slot] = (request, answers)

    def _send(self, request: Request, found: Answered) -> None:
        answer, arrays = found
        self._outbox.send(msgspec.structs.replace(answer, id=request.id), arrays)


class Inspector:
    """What is kept between questions, and who answers which."""

    def __init__(self, outbox: Outbox) -> None:
        from workers.inspect_recipes import DatasetShelf, StepTimes
        from workers.loads import Loads

        self._outbox = outbox
        self._datasets = DatasetShelf()
        self._loads = Loads()
        self._times = StepTimes()
        self._models: ModelShelf | None = None
        self._corpora: CorpusSearcher | None = None
        self._is_warm = False
        self._cores = IdleCores(partner=os.getppid())
        self._recipes = Lane(self._answer_about_recipes, outbox)
        self._runs = Lane(self._answer_about_runs, outbox, first=self._warm_up, before=self._fit_threads)

    def take(self, frame: Frame) -> None:
        """Hand a question to its lane; one that cannot be read is answered with a Problem."""
        try:
            request = _decoder.decode(frame.message)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            self._outbox.send(Problem(id=_id_of(frame.message), message=f"The question cannot be read: {error}."))
            return
        (self._recipes if isinstance(request, _ABOUT_RECIPES) else self._runs).put(request, frame.arrays)

    def _nothing_waits(self) -> bool:
        return not (self._recipes.has_waiting or self._runs.has_waiting) and self._is_warm

    def _fit_threads(self) -> None:
        """A thread for each core that nobody else uses, one at least: beside a training that is all there is."""
        if not self._is_warm:
            return
        import torch

        from workers.inspect_recipes import threads_of_a_trainer

        num_threads = min(threads_of_a_trainer(), self._cores.count())
        if torch.get_num_threads() != num_threads:
            torch.set_num_threads(num_threads)

    def _warm_up(self) -> None:
        """Load torch and what its first use loads, before anyone waits for it; the first questions go before."""
        start = time.perf_counter()
        time.sleep(_FIRST_QUESTIONS_SECONDS)
        while not self._recipes.is_idle and time.perf_counter() - start < _MOST_WAIT_SECONDS:
            time.sleep(_FIRST_QUESTIONS_SECONDS)
        warm_up()
        self._is_warm = True
        self._outbox.send(Ready(seconds=time.perf_counter() - start))

    def _answer_about_recipes(self, request: Request, arrays: Arrays) -> Answered | Answers:
        from workers.recipe_loads import answer_steering, load_of

        if isinstance(request, SteerFetching):
            return answer_steering(request, self._loads)
        key, load = load_of(request, self._datasets)
        return self._loads.answer(key, load, functools.partial(self._answer_of_what_is_there, request))

    def _answer_of_what_is_there(self, request: Request) -> Answered:
        from workers import inspect_recipes

        match request:
            case DescribeModel():
                return inspect_recipes.answer_model(request, self._datasets, self._times, is_wanted=self._nothing_waits)
            case DescribeDataset():
                return inspect_recipes.answer_dataset(request, self._datasets)
            case ShowSamples():
                return inspect_recipes.answer_samples(request, self._datasets)
            case ListColumns():
                return inspect_recipes.answer_columns(request)
        raise AssertionError(type(request).__name__)

    def _answer_about_runs(self, request: Request, arrays: Arrays) -> Answered | Answers:
        from workers import inspect_recipes, inspect_runs, inspect_text

        if self._models is None:
            self._models = inspect_runs.ModelShelf()
        match request:
            case Predict(input=TextInput()):
                return inspect_text.answer_predict_text(request, self._models)
            case Predict():
                return inspect_runs.answer_predict(request, arrays, self._models)
            case ShowSurface():
                return inspect_runs.answer_surface(request, self._models)
            case ShowFilters():
                return inspect_runs.answer_filters(request, self._models)
            case ShowGates():
                return inspect_text.answer_gates(request, self._models)
            case ShowGradientFlow():
                return inspect_text.answer_gradient_flow(request, self._models)
            case Generate():
                return inspect_text.answer_generate(request, self._models)
            case ShowAttention() | ShowLens() | ShowNeighbours() | ShowAttribution():
                return self._look(request, arrays, self._models)
            case SearchGates() | RankUnits() | TellUnits():
                return self._search(request, self._models)
            case DescribePretrained():
                return inspect_runs.answer_pretrained(request, self._models)
            case ListDevices():
                return inspect_recipes.answer_devices()
        raise AssertionError(type(request).__name__)

    def _look(self, request: Look, arrays: Arrays, models: ModelShelf) -> Answered | Answers:
        from workers.inspect_attention import answer_attention
        from workers.inspect_tokens import answer_attribution, answer_lens, answer_neighbours

        if isinstance(request, ShowLens):
            return answer_lens(request, models, models.pretrained, self._datasets)
        if isinstance(request, ShowNeighbours):
            return answer_neighbours(request, models, models.pretrained, self._datasets)
        if isinstance(request, ShowAttribution):
            return answer_attribution(request, models, self._datasets)
        assert isinstance(request, ShowAttention)
        return answer_attention(request, models, models.pretrained, self._datasets, given=arrays)

    def _search(self, request: SearchGates | RankUnits | TellUnits, models: ModelShelf) -> Iterator[Answered]:
        from workers.inspect_corpus import CorpusSearcher

        if self._corpora is None:
            self._corpora = CorpusSearcher(models, self._datasets)
        return self._corpora.answer(request)


def main() -> None:
    """Answer until stdin ends."""
    faulthandler.enable()
    questions, answers = take_over_pipes()
    lower_priority()
    spin_briefly()  # as a trainer: else what it times of a step says nothing on a busy machine
    inspector = Inspector(Outbox(answers))
    try:
        while (frame := read_frame(questions)) is not None:
            inspector.take(frame)
    except (WireError, OSError) as error:
        sys.stderr.write(f"The questions cannot be read any more: {error}.\n")
        sys.stderr.flush()
        os._exit(2)
    os._exit(0)  # not sys.exit: that would wait for a computation in native code


def take_over_pipes() -> tuple[BinaryIO, BinaryIO]:
    """Private copies of stdin and stdout; what anyone prints from now on goes to stderr and corrupts no frame."""
    questions = os.fdopen(os.dup(0), "rb", buffering=0)
    answers = os.fdopen(os.dup(1), "wb", buffering=1 << 16)
    with open(os.devnull, "rb") as nothing:
        os.dup2(nothing.fileno(), 0)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return questions, widened(answers)


def lower_priority() -> None:
    """Let training go first; threads started from now on inherit it."""
    import psutil

    with contextlib.suppress(OSError, psutil.Error):
        psutil.Process().nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)


def warm_up() -> None:
    """Load torch, and run a model once for real and once on the meta device: first uses load a second's worth more."""
    import torch

    from modellab.architectures.mlp import MLPConfig
    from modellab.data.base import Sample
    from modellab.inspection.summary import summarise
    from modellab.inspection.surface import surface
    from modellab.training.options import TrainingOptions
    from workers.inspect_recipes import threads_of_a_trainer

    threads_of_a_trainer()
    torch.set_num_threads(1)
    sample = Sample(kind="point", task="classification", shape=(2,), classes=("a", "b"))
    surface(MLPConfig(hidden_layers=(2,)).build(sample), sample, 2)
    summarise(MLPConfig(hidden_layers=(2,)), sample, TrainingOptions(), num_train=4)


def _slot_of(request: Request) -> str:
    """Questions of the same one replace each other."""
    return f"slot {request.slot}" if request.slot else f"id {request.id}"


def _problem(request: Request, error: BaseException) -> Problem:
    """What is wrong, in one sentence."""
    if isinstance(error, UserError):
        return Problem(id=request.id, message=error.message, field=error.field, remedy=error.remedy)
    traceback.print_exception(error)
    what = _DOES.get(type(request), "answer")
    text = " ".join(str(error).split())[:300]
    return Problem(id=request.id, message=f"The inspector could not {what}: {type(error).__name__}: {text}")


def _id_of(message: bytes) -> int:
    """The number of a question that cannot be read otherwise; 0 where there is none."""
    try:
        found = msgspec.msgpack.decode(message)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return 0
    number = found.get("id") if isinstance(found, dict) else None
    return number if isinstance(number, int) else 0


if __name__ == "__main__":
    main()
