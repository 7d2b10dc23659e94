"""The real inspector process: answers, latest wins, end of stdin, bad questions."""

import contextlib
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import safetensors.torch

from modellab.recipe import recipe_from_builtins
from modellab.runs.checkpoints import writing_checkpoint
from modellab.runs.folder import RunFolder, create_run
from workers.inspect_recipes import DatasetShelf
from workers.inspector import Lane, Outbox
from workers.protocol import (
    AnyAnswer,
    Columns,
    DatasetDescription,
    DescribeDataset,
    DescribeModel,
    Devices,
    Done,
    ImageInput,
    ListColumns,
    ListDevices,
    Model,
    ModelDescription,
    Predict,
    Prediction,
    Problem,
    Ready,
    Request,
    RowInput,
    SamplePage,
    ShowFilters,
    ShowSamples,
    ShowSurface,
    SurfaceHeader,
)
from workers.wire import Arrays, read_frame, write_frame

REPOSITORY = Path(__file__).resolve().parents[2]
POINTS = {"architecture": {"name": "mlp", "hidden_layers": [8, 8]}, "dataset": {"name": "points"}, "training": {}}
DIGITS = {"architecture": {"name": "cnn"}, "dataset": {"name": "digits"}, "training": {"batch_size": 16}}


class Client:
    """Asks one question at a time."""

    def __init__(self) -> None:
        # Any: the type of its pipes, IO[bytes], is no BinaryIO, though the pipes are.
        self.process: Any = subprocess.Popen(
            [sys.executable, "-m", "workers.inspector"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        self.number = 0

    def read(self) -> tuple[AnyAnswer, Arrays]:
        assert self.process.stdout is not None
        frame = read_frame(self.process.stdout)
        assert frame is not None, "the inspector ended"
        return msgspec.msgpack.decode(frame.message, type=AnyAnswer), frame.arrays

    def send(self, request: Request, arrays: Arrays | None = None) -> int:
        assert self.process.stdin is not None
        self.number += 1
        write_frame(self.process.stdin, msgspec.structs.replace(request, id=self.number), arrays)
        return self.number

    def ask(self, request: Request, arrays: Arrays | None = None) -> tuple[AnyAnswer, Arrays]:
        number = self.send(request, arrays)
        while True:
            answer, found = self.read()
            if answer.id == number:
                return answer, found

    def close(self) -> None:
        assert self.process.stdin is not None
        with contextlib.suppress(BrokenPipeError):
            self.process.stdin.close()
        self.process.wait(10)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream is not None
            stream.close()


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def run_with_checkpoint(path: Path, recipe_values: dict, *, step: int = 12) -> RunFolder:
    recipe = recipe_from_builtins(recipe_values)
    run = create_run(recipe, path=path)
    model = recipe.architecture.build(recipe.dataset.load().sample)
    with writing_checkpoint(run, step) as folder:
        safetensors.torch.save_file(model.state_dict(), folder / "weights.safetensors")
    return run


def test_that_a_model_is_described_and_timed_when_asked(client: Client):
    answer, _ = client.ask(DescribeModel(recipe=DIGITS))
    assert isinstance(answer, ModelDescription)
    assert answer.layers[0].kind == "Conv2d"
    assert answer.parameters == sum(layer.parameters for layer in answer.layers)
    assert answer.memory_bytes == sum(answer.memory_parts.values())
    assert answer.memory_parts["dataset"] > 0
    deadline = time.monotonic() + 30  # timing yields to warming up
    while answer.seconds is None and time.monotonic() < deadline:
        answer, _ = client.ask(DescribeModel(recipe=DIGITS, is_timed=True))
        assert isinstance(answer, ModelDescription)
    assert answer.seconds is not None
    assert answer.seconds > 0
    again, _ = client.ask(DescribeModel(recipe=DIGITS | {"training": {"batch_size": 16, "epochs": 20}}))
    assert isinstance(again, ModelDescription)
    assert again.steps == 2 * answer.steps
    assert again.seconds == pytest.approx(2 * answer.seconds)


def test_that_a_dataset_is_described(client: Client):
    answer, _ = client.ask(DescribeDataset(dataset={"name": "digits"}))
    assert isinstance(answer, DatasetDescription)
    assert sum(answer.sizes.values()) == 1797
    assert {split: sum(counts) for split, counts in answer.balance.items()} == answer.sizes


def test_that_samples_are_shown_by_page_by_class_and_as_the_model_sees_them(client: Client):
    page, arrays = client.ask(ShowSamples(recipe=DIGITS, start=10, count=5))
    assert isinstance(page, SamplePage)
    assert page.indices == (10, 11, 12, 13, 14)
    assert arrays["inputs"].shape == (5, 8, 8, 1)
    assert arrays["inputs"].dtype == np.uint8
    _, arrays = client.ask(ShowSamples(recipe=DIGITS, split="validation", of_class=3, count=4))
    assert arrays["targets"].tolist() == [3] * 4
    plain, seen = client.ask(ShowSamples(recipe=DIGITS, as_model_sees=True, count=99))
    assert isinstance(plain, SamplePage)
    assert seen["inputs"].shape == (16, 8, 8, 1)
    turned = DIGITS | {"training": {"batch_size": 16, "augmentation": {"rotation": 90}}}
    rotated, changed = client.ask(ShowSamples(recipe=turned, as_model_sees=True))
    assert isinstance(rotated, SamplePage)
    assert rotated.indices == plain.indices
    assert not np.array_equal(seen["inputs"], changed["inputs"])
    _, arrays = client.ask(ShowSamples(recipe=POINTS, count=3))
    assert arrays["inputs"].shape == (3, 2)


def test_that_a_run_is_looked_into_at_its_steps(client: Client, tmp_path: Path):
    run = run_with_checkpoint(tmp_path / "points", POINTS)
    model = Model(run=str(run.path))
    answer, arrays = client.ask(Predict(model=model, input=RowInput(values=(0.5, -0.5))))
    assert isinstance(answer, Prediction)
    assert answer.step == 12
    assert sum(answer.probabilities) == pytest.approx(1)
    assert arrays["seen"].tolist() == [0.5, -0.5]
    header, arrays = client.ask(ShowSurface(model=model, resolution=20))
    assert isinstance(header, SurfaceHeader)
    assert header.layers == ("activation1", "activation2")
    assert arrays["output"].shape == (2, 20, 20)
    published = recipe_from_builtins(POINTS).architecture.build(recipe_from_builtins(POINTS).dataset.load().sample)
    for step in (20, 21):  # a file that was replaced is read again
        safetensors.torch.save_file(published.state_dict(), run.live_file, metadata={"step": str(step)})
        answer, _ = client.ask(Predict(model=model, input=RowInput(values=(0.5, -0.5))))
        assert isinstance(answer, Prediction)
        assert answer.step == step
    earlier, _ = client.ask(Predict(model=Model(run=str(run.path), step=15), input=RowInput(values=(0.5, -0.5))))
    assert isinstance(earlier, Prediction)
    assert earlier.step == 12


def test_that_an_image_is_predicted_and_filters_are_shown(client: Client, tmp_path: Path):
    model = Model(run=str(run_with_checkpoint(tmp_path / "digits", DIGITS).path), step=12)
    pad = np.zeros((200, 200), np.uint8)
    pad[40:160, 90:110] = 255
    answer, arrays = client.ask(Predict(model=model, input=ImageInput(drawn=True)), {"image": pad})
    assert isinstance(answer, Prediction)
    assert len(answer.classes) == 10
    assert arrays["seen"].shape == (8, 8, 1)
    done, arrays = client.ask(ShowFilters(model=model))
    assert isinstance(done, Done)
    assert arrays["kernels"].shape == (32, 1, 3, 3)


def test_that_devices_and_columns_are_listed(client: Client, tmp_path: Path):
    devices, _ = client.ask(ListDevices())
    assert isinstance(devices, Devices)
    assert devices.devices[-1].name == "cpu"
    (tmp_path / "a.csv").write_text("size,kind\n1,x\n2,y\n3,x\n")
    columns, _ = client.ask(ListColumns(path=str(tmp_path / "a.csv")))
    assert isinstance(columns, Columns)
    assert (columns.names, columns.numeric) == (("size", "kind"), (True, False))


@pytest.mark.parametrize(
    ("request_", "words"),
    [
        (DescribeModel(recipe={}), "architecture is missing"),
        (DescribeModel(recipe=DIGITS | {"dataset": {"name": "points"}}), "reads images"),
        (DescribeDataset(dataset={"name": "digitz"}), "did you mean digits"),
        (DescribeDataset(dataset={}), "no dataset named"),
        (ShowSamples(recipe=POINTS, split="nothing"), "no nothing split"),
        (Predict(model=Model(run="nowhere"), input=RowInput(values=())), "nowhere"),
        (ShowSurface(model=Model(run="x"), resolution=100_000), "512"),
        (ListColumns(path="/nowhere.csv"), "nowhere.csv"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_that_a_bad_question_is_a_problem_in_words_and_the_next_is_answered(
    client: Client, request_: Request, words: str
):
    answer, _ = client.ask(request_)
    assert isinstance(answer, Problem)
    assert words in answer.message
    assert "Traceback" not in answer.message
    answer, _ = client.ask(DescribeDataset(dataset={"name": "points"}))
    assert isinstance(answer, DatasetDescription)


def test_that_a_question_of_no_known_kind_is_answered_with_its_number(client: Client):
    class Unheard(msgspec.Struct, tag_field="type", tag=True):
        id: int

    assert client.process.stdin is not None
    write_frame(client.process.stdin, Unheard(id=4711))
    while True:
        answer, _ = client.read()
        if answer.id == 4711:
            break
    assert isinstance(answer, Problem)
    assert "cannot be read" in answer.message


def test_that_it_says_when_it_is_ready_and_ends_when_stdin_does_whatever_it_is_doing():
    client = Client()
    try:
        assert isinstance(client.read()[0], Ready)
        large = POINTS | {
            "architecture": {"name": "mlp", "hidden_layers": [4000] * 6},
            "dataset": {"name": "points", "count": 100_000},
            "training": {"optimizer": "gradient_descent"},
        }
        client.send(DescribeModel(recipe=large, is_timed=True))
    finally:
        client.close()  # waits no longer than its patience
    assert client.process.returncode == 0


def test_that_garbage_ends_it_with_a_word_and_no_traceback():
    client = Client()
    assert client.process.stdin is not None
    assert client.process.stderr is not None
    client.process.stdin.write(b"GET / HTTP/1.1\r\n\r\n")
    client.process.stdin.flush()
    said = client.process.stderr.read().decode()
    client.close()
    assert client.process.returncode == 2
    assert "cannot be read any more" in said
    assert "Traceback" not in said


def test_that_what_a_library_prints_corrupts_no_frame(tmp_path: Path):
    code = (
        "import os, sys; from workers import inspector; q, a = inspector.take_over_pipes();"
        "print('stray'); os.write(1, b'stray'); sys.stdout.flush(); os.system('echo stray');"
        "from workers.protocol import Problem; from workers.wire import write_frame;"
        "write_frame(a, Problem(message='m'))"
    )
    child = subprocess.run([sys.executable, "-c", code], cwd=REPOSITORY, capture_output=True, timeout=60, input=b"")
    assert child.returncode == 0, child.stderr
    assert child.stdout.startswith(b"MLW1")
    assert child.stderr.count(b"stray") == 3


class Recorder(Outbox):
    """Keeps what is sent."""

    def __init__(self) -> None:
        self.sent: list[int] = []

    def send(self, answer, arrays=None) -> None:
        self.sent.append(answer.id)


def test_that_in_a_slot_only_the_newest_waiting_question_is_answered():
    gate, outbox = threading.Event(), Recorder()

    def compute(request: Request, arrays: Arrays):
        assert gate.wait(10)
        return Done(), {}

    lane = Lane(compute, outbox)
    lane.put(ListDevices(id=1, slot="a"), {})
    while lane.has_waiting:
        time.sleep(0.001)
    for number, slot in ((2, "a"), (3, "b"), (4, "a"), (5, ""), (6, "a"), (7, "")):
        lane.put(ListDevices(id=number, slot=slot), {})
    gate.set()
    deadline = time.monotonic() + 10
    while len(outbox.sent) < 5 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert outbox.sent == [1, 6, 3, 5, 7]


def test_that_an_answer_of_many_steps_comes_though_questions_never_end():
    outbox = Recorder()

    def compute(request: Request, arrays: Arrays):
        if request.slot == "long":
            return iter([None, None, None, (Done(), {})])
        if request.id == 1:
            lane.put(ListDevices(id=1000, slot="long"), {})
        if request.id < 300:
            lane.put(ListDevices(id=request.id + 1, slot="short"), {})
        return Done(), {}

    lane = Lane(compute, outbox)
    lane.put(ListDevices(id=1, slot="short"), {})
    deadline = time.monotonic() + 10
    while len(outbox.sent) < 301 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert outbox.sent.index(1000) < 30


def test_that_any_exception_is_one_sentence(capsys: pytest.CaptureFixture[str]):
    outbox, answered = Recorder(), []

    def compute(request: Request, arrays: Arrays):
        raise RuntimeError("out\nof memory")

    outbox.send = lambda answer, arrays=None: answered.append(answer)  # type: ignore[method-assign]
    Lane(compute, outbox).put(ShowFilters(id=3, model=Model(run="")), {})
    deadline = time.monotonic() + 10
    while not answered and time.monotonic() < deadline:
        time.sleep(0.001)
    sentence = "The inspector could not show the filters: RuntimeError: out of memory"
    assert answered == [Problem(id=3, message=sentence)]
    assert "RuntimeError" in capsys.readouterr().err


def test_that_what_is_no_exception_is_told_too_and_the_next_question_answered(capsys: pytest.CaptureFixture[str]):
    outbox = Recorder()

    def compute(request: Request, arrays: Arrays):
        if request.id == 1:
            raise SystemExit("a library gave up")  # as what panics in Rust, of no class that is an Exception
        return Done(), {}

    lane = Lane(compute, outbox)
    lane.put(ListDevices(id=1), {})
    lane.put(ListDevices(id=2), {})
    deadline = time.monotonic() + 10
    while len(outbox.sent) < 2 and time.monotonic() < deadline:
        time.sleep(0.001)
    assert outbox.sent == [1, 2]
    assert "a library gave up" in capsys.readouterr().err


def test_that_a_dataset_that_takes_long_to_load_holds_up_no_other():
    gate = threading.Event()

    class Dataset:
        def __init__(self, *, is_slow: bool) -> None:
            self._is_slow = is_slow

        def load(self) -> object:
            assert not self._is_slow or gate.wait(10)
            return self

    shelf, slow, fast = DatasetShelf(), Dataset(is_slow=True), Dataset(is_slow=False)
    found: list[object] = []
    threads = [threading.Thread(target=lambda: found.append(shelf.get(slow))) for _ in range(2)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    other = threading.Thread(target=shelf.get, args=(fast,))
    other.start()
    other.join(timeout=2)
    is_held_up = other.is_alive()
    gate.set()
    for thread in (*threads, other):
        thread.join()
    assert not is_held_up
    assert found == [slow, slow]
