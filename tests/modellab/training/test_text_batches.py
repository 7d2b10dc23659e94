"""Batches of text: every text once, padded as far as its batch needs, and streams that go on where they ended."""

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from modellab.data.base import LoadedDataset, Sample, Split, num_batches, num_examples
from modellab.events import Checkpointed, Failed, Finished, Started
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.runs.folder import RunFolder, create_run
from modellab.tasks import task_for
from modellab.text.tokenizer import PAD, UNKNOWN, load_tokenizer
from modellab.training.batches import Batches, blank_example, make_batches
from modellab.training.evaluation import Evaluator
from modellab.training.learner import Learner
from modellab.training.loop import train
from modellab.training.options import TrainingOptions
from modellab.training.streams import begin_stream, other_stream
from modellab.training.text_batches import StreamBatches, TextBatches, gathered
from tests.modellab.training.helpers import column, only

CPU = torch.device("cpu")


@pytest.fixture
def texts() -> tuple[Split, Sample]:
    """503 texts of 1 to 40 tokens, of which at most 30 are read; a text's first token is its number."""
    rng = np.random.default_rng(0)
    lengths = rng.integers(1, 41, 503)
    offsets = np.concatenate([[0], np.cumsum(lengths)])
    tokens = rng.integers(2, 600, offsets[-1]).astype(np.int32)
    tokens[offsets[:-1]] = np.arange(503) + 2
    sample = Sample(kind="text", task="classification", shape=(30,), classes=("a", "b", "c"), num_tokens=600)
    return Split(inputs=tokens, targets=rng.integers(0, 3, 503), offsets=offsets), sample


@pytest.fixture
def stream() -> tuple[Split, Sample]:
    """1,003 tokens that count up, windows of 7."""
    tokens = np.arange(1_003, dtype=np.int32)
    sample = Sample(kind="text", task="language_modelling", shape=(7,), num_tokens=1_100)
    return Split(inputs=tokens[:-1], targets=tokens[1:]), sample


def of_texts(texts: tuple[Split, Sample], batch_size: int = 8, **options: object) -> TextBatches:
    found = make_batches(*texts, CPU, batch_size, 7, **options)  # type: ignore[arg-type]
    assert isinstance(found, TextBatches)
    return found


def of_stream(stream: tuple[Split, Sample], batch_size: int = 8, **options: object) -> StreamBatches:
    found = make_batches(*stream, CPU, batch_size, 7, **options)  # type: ignore[arg-type]
    assert isinstance(found, StreamBatches)
    return found


def padded(split: Split, rows: np.ndarray, *, most: int) -> np.ndarray:
    """The texts one by one."""
    assert split.offsets is not None
    texts = [split.inputs[split.offsets[row] : split.offsets[row + 1]][:most].tolist() for row in rows]
    longest = max(map(len, texts))
    return np.array([text + [PAD] * (longest - len(text)) for text in texts])


def equal(one: list, other: list) -> bool:
    """Bit for bit."""
    return len(one) == len(other) and all(
        torch.equal(x, a) and torch.equal(y, b) for (x, y), (a, b) in zip(one, other, strict=True)
    )


# -- labelled texts


def test_that_a_batch_is_its_texts_padded_to_the_longest(texts: tuple[Split, Sample]):
    split, sample = texts
    batches = of_texts(texts)
    seen = list(batches.epoch(2))
    assert len(seen) == batches.steps_per_epoch == 63 == num_batches(split, sample, 8)
    for rows, (inputs, targets) in zip(batches.rows(2), seen, strict=True):
        np.testing.assert_array_equal(inputs, padded(split, rows, most=sample.shape[0]))
        assert torch.equal(targets, torch.from_numpy(split.targets[rows]))
        assert inputs.dtype == targets.dtype == torch.int64
        assert inputs.shape[1] == int((inputs != PAD).sum(1).max()) <= 30


def test_that_texts_are_gathered_where_they_are_to_begin():
    tokens = np.arange(10, 20, dtype=np.int32)
    starts, lengths = np.array([0, 7, 4]), np.array([2, 3, 0])
    assert gathered(tokens, starts, lengths).tolist() == [[10, 11, 0], [17, 18, 19], [0, 0, 0]]
    found = gathered(tokens, starts, lengths, at=np.array([2, 1, 0]), width=5)
    assert found.tolist() == [[0, 0, 10, 11, 0], [0, 17, 18, 19, 0], [0, 0, 0, 0, 0]]
    assert gathered(tokens, starts, lengths, at=1, width=4).tolist() == [[0, 10, 11, 0], [0, 17, 18, 19], [0, 0, 0, 0]]
    assert gathered(tokens[:0], starts[:2] * 0, lengths[2:].repeat(2)).shape == (2, 0)


def test_that_every_text_comes_once_an_epoch_and_epochs_differ(texts: tuple[Split, Sample]):
    batches = of_texts(texts)
    epochs = [torch.cat([x[:, 0] for x, _ in batches.epoch(epoch)]) for epoch in (0, 1)]
    assert not torch.equal(epochs[0], epochs[1])
    for firsts in epochs:
        assert sorted(firsts.tolist()) == list(range(2, 505))


def test_that_texts_of_like_length_share_a_batch(texts: tuple[Split, Sample]):
    cells = sum(x.numel() for x, _ in of_texts(texts).epoch(0))
    assert texts[0].offsets is not None
    tokens = int(np.minimum(np.diff(texts[0].offsets), 30).sum())
    assert tokens <= cells < 1.06 * tokens
    lengths = [x.shape[1] for x, _ in of_texts(texts).epoch(0)]
    assert lengths != sorted(lengths)


@pytest.mark.parametrize("chunk", [1, 50, 10_000])
def test_that_batches_gathered_at_once_or_from_a_file_are_the_same(texts: tuple[Split, Sample], chunk: int):
    resident, elsewhere = of_texts(texts), of_texts(texts, budget_bytes=0)
    elsewhere._chunk_tokens = chunk
    assert resident.is_resident
    assert not elsewhere.is_resident
    assert equal(list(resident.epoch(1)), list(elsewhere.epoch(1)))
    assert equal(list(resident.whole(16)), list(elsewhere.whole(16)))


def test_that_an_epoch_of_texts_can_be_taken_up_at_any_batch(texts: tuple[Split, Sample]):
    whole = list(of_texts(texts).epoch(1))
    for start in (0, 1, 40, 62, 63):
        assert equal(list(of_texts(texts).epoch(1, start=start)), whole[start:])


def test_that_evaluation_sees_every_text_once(texts: tuple[Split, Sample]):
    firsts = torch.cat([x[:, 0] for x, _ in of_texts(texts).whole(100)])
    assert sorted(firsts.tolist()) == list(range(2, 505))


@pytest.mark.parametrize(
    ("options", "sizes"),
    [({"full_batch": True}, [503]), ({"drop_last": True, "batch_size": 251}, [251, 251]), ({"batch_size": 900}, [503])],
)
def test_that_full_and_dropped_batches_have_their_sizes(texts: tuple[Split, Sample], options: dict, sizes: list):
    batches = of_texts(texts, **options)
    assert [len(y) for _, y in batches.epoch(0)] == sizes
    assert batches.steps_per_epoch == len(sizes)


def test_that_the_typical_batch_is_of_middling_length(texts: tuple[Split, Sample]):
    lengths = [x.shape[1] for x, _ in of_texts(texts).epoch(0)]
    assert abs(of_texts(texts).typical()[0].shape[1] - np.mean(lengths)) < 2


# -- streams


@pytest.mark.parametrize("budget", [None, 0])
@pytest.mark.parametrize("batch_size", [1, 3, 8])
def test_that_rows_go_on_where_they_ended_and_targets_are_one_ahead(
    stream: tuple[Split, Sample], batch_size: int, budget: int | None
):
    batches = of_stream(stream, batch_size, budget_bytes=budget)
    batches._chunk_tokens = 7 * batch_size * 4  # several chunks
    seen = list(batches.epoch(0))
    length = 1_002 // batch_size
    assert len(seen) == batches.steps_per_epoch == num_batches(*stream, batch_size) == -(-length // 7)
    inputs = torch.cat([x for x, _ in seen], dim=1)
    assert torch.equal(inputs, torch.arange(length * batch_size).view(batch_size, length))
    for x, y in seen:
        assert x.dtype == y.dtype == torch.int64
        assert torch.equal(y, x + 1)
    assert all(x.shape == (batch_size, 7) for x, _ in seen[:-1])
    assert equal(list(batches.epoch(3, start=5)), seen[5:])


def test_that_a_window_is_an_example_of_a_stream(stream: tuple[Split, Sample]):
    assert num_examples(*stream) == 143
    ((inputs, _),) = of_stream(stream, full_batch=True).epoch(0)
    assert inputs.shape == (143, 7)


def test_that_evaluation_reads_nearly_all_of_a_stream_in_long_rows(stream: tuple[Split, Sample]):
    seen = list(of_stream(stream).whole(1024))
    inputs = torch.cat([x for x, _ in seen], dim=1)
    assert inputs.shape[1] >= 16 * 7
    assert inputs.numel() > 1_002 - len(inputs)


# -- what a model carries


class Counting(nn.Module):
    """Carries how many tokens of its stream it has read."""

    def __init__(self) -> None:
        super().__init__()
        self.carry: list[Tensor] | None = None
        self.bias = nn.Parameter(torch.zeros(1_100))
        self.begun = 0

    def begin_stream(self) -> None:
        self.carry = None
        self.begun += 1

    def forward(self, ids: Tensor) -> Tensor:
        before = self.carry[0] if self.carry is not None else torch.zeros(len(ids))
        self.carry = [before + ids.shape[1]]
        return self.bias.expand(*ids.shape, -1)


def test_that_evaluating_leaves_the_stream_of_training_alone(stream: tuple[Split, Sample]):
    split, sample = stream
    model = Counting()
    batches = of_stream(stream)
    next(iter(batches.epoch(0)))
    model(torch.zeros(8, 7, dtype=torch.int64))
    data = LoadedDataset(sample=sample, train=split, validation=split)
    evaluator = Evaluator(data, task_for(sample), TrainingOptions(), train=batches)
    evaluator.evaluate(model, "validation", step=1)
    assert model.begun == 1
    assert model.carry is not None
    assert model.carry[0].tolist() == [7.0] * 8


@pytest.mark.parametrize("budget", [0, 1 << 30])
def test_that_shuffled_windows_are_whole_and_read_once_an_epoch(stream, budget: int):
    split, sample = stream
    batches = StreamBatches(split, sample, CPU, 8, 3, is_shuffled=True, budget_bytes=budget)
    orders = []
    for epoch in (0, 1):
        found = list(batches.epoch(epoch))
        assert len(found) == batches.steps_per_epoch
        inputs = torch.cat([inputs for inputs, _ in found])  # [N, 7]
        assert torch.equal(torch.cat([targets for _, targets in found]), inputs + 1)
        assert torch.equal(inputs, inputs[:, :1] + torch.arange(7))
        assert len(inputs.unique()) == inputs.numel() >= 1003 - 2 * 7
        orders.append(inputs[:, 0].tolist())
    assert orders[0] != sorted(orders[0])
    assert orders[0] != orders[1]
    resumed = [inputs for inputs, _ in batches.epoch(1, start=5)]
    assert torch.equal(torch.cat(resumed)[:, 0], torch.tensor(orders[1][5 * 8 :]))


def test_that_evaluation_of_shuffled_windows_counts_each_token_once_and_gives_it_a_past(stream):
    split, sample = stream
    batches = StreamBatches(split, sample, CPU, 8, is_shuffled=True, budget_bytes=1 << 30)
    seen: list[int] = []
    for inputs, targets in batches.whole(16):
        assert torch.equal(targets[targets != PAD], (inputs + 1)[targets != PAD])
        seen += targets[targets != PAD].tolist()
        is_first = inputs[:, 0] == int(split.inputs[0])
        assert (targets[~is_first, :3] == PAD).all()
    assert sorted(seen) == split.targets.tolist()


def test_that_a_stream_too_short_to_shuffle_is_read_in_order(stream):
    split, sample = stream
    short = Split(inputs=split.inputs[:9], targets=split.targets[:9])
    batches = StreamBatches(short, sample, CPU, 8, is_shuffled=True, budget_bytes=0)
    found = list(batches.epoch(0))
    assert len(found) == batches.steps_per_epoch
    assert found[0][0].shape == (1, 7)


def test_that_a_learner_keeps_and_restores_what_is_carried():
    model = Counting()
    learner = Learner(model, lambda outputs, targets: outputs.sum(), TrainingOptions(), device=CPU)
    model.carry = [torch.tensor([1.0, 2.0])]
    state, weights = learner.state(), dict(model.state_dict())
    model.carry = [torch.tensor([9.0, 9.0])]
    learner.load(weights, state)
    assert model.carry is not None
    assert model.carry[0].tolist() == [1.0, 2.0]
    begin_stream(model)
    learner.load(weights, learner.state())
    assert model.carry is None


def test_that_models_that_carry_nothing_are_left_alone():
    model = nn.Linear(2, 2)
    begin_stream(model)
    with other_stream(model):
        pass
    assert not hasattr(model, "carry")


def test_that_a_blank_text_is_as_long_as_texts_get_and_no_padding():
    sample = Sample(kind="text", task="classification", shape=(9,), classes=("a", "b"), num_tokens=5)
    found = blank_example(sample, 2)
    assert found.dtype == torch.int64
    assert found.tolist() == [[UNKNOWN] * 9] * 2
    with torch.device("meta"):
        assert blank_example(sample, 2).device.type == "meta"


def test_that_other_kinds_have_their_own_batches():
    sample = Sample(kind="row", task="classification", shape=(3,), classes=("a", "b"), mean=(0,) * 3, std=(1,) * 3)
    split = Split(inputs=np.zeros((5, 3), dtype=np.float32), targets=np.zeros(5, dtype=np.int64))
    assert isinstance(make_batches(split, sample, CPU, 2, 0), Batches)
    assert blank_example(sample, 4).shape == (4, 3)


# -- a run of text


def text_recipe(path: str, **training: object) -> Recipe:
    return recipe_from_builtins(
        {
            "architecture": {"name": "rnn", "hidden_size": 6, "embedding_size": 4},
            "dataset": {"name": "text_file", "file": path, "window": 8},
            "training": {"epochs": 3, "batch_size": 4, "learning_rate": 0.01, "device": "cpu"} | training,
        }
    )


@pytest.fixture
def novel(tmp_path) -> str:
    path = tmp_path / "novel.txt"
    path.write_text("It was a bright cold day in April, and the clocks were striking thirteen.\n" * 12)
    return str(path)


def test_that_a_run_of_text_keeps_its_tokenizer(novel: str, tmp_path):
    chosen = text_recipe(novel, max_steps=3)
    run = create_run(chosen, path=tmp_path / "run")
    events = list(train(chosen, run))
    assert only(events, Finished)
    started = only(events, Started)[0]
    tokenizer = load_tokenizer(run.tokenizer_file)
    assert tokenizer.size == started.sample["num_tokens"]
    assert tokenizer.decode(tokenizer.encode("April").ids) == "April"


def test_that_a_resumed_stream_goes_on_bit_for_bit(novel: str, tmp_path):
    chosen = text_recipe(novel)
    whole = column(train(chosen), "loss")
    stop = len(whole) // 2 + 1
    part = text_recipe(novel, max_steps=stop)
    run = create_run(part, path=tmp_path / "run")
    events = list(train(part, run))
    assert only(events, Checkpointed)
    resumed = [*events, *train(chosen, RunFolder(run.path), resume=True)]
    assert not only(resumed, Failed)
    assert column(resumed, "loss") == whole


def test_that_a_run_does_not_go_on_with_another_vocabulary(novel: str, tmp_path):
    chosen = text_recipe(novel, max_steps=3)
    run = create_run(chosen, path=tmp_path / "run")
    assert only(list(train(chosen, run)), Finished)
    with open(novel, "a") as file:
        file.write("Ωψ" * 200)
    failed = only(list(train(text_recipe(novel), run, resume=True)), Failed)
    assert "vocabulary" in failed[0].message
    assert not failed[0].traceback
    assert sorted(path.name for path in run.path.glob("tokenizer*")) == ["tokenizer.json"]
