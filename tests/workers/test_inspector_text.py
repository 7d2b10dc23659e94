"""The inspector on runs of text: predictions, gates, gradients, searches, and text written token by token."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from modellab.training.loop import train
from tests.workers.test_inspector import Client
from workers.inspector import Lane, Outbox
from workers.protocol import (
    AnyAnswer,
    Clamp,
    Done,
    GateMatches,
    GatesHeader,
    Generate,
    Generated,
    GradientFlow,
    ImageInput,
    Model,
    Predict,
    Prediction,
    Problem,
    RankUnits,
    Request,
    SearchGates,
    ShowGates,
    ShowGradientFlow,
    TellUnits,
    TextInput,
    UnitRanks,
    UnitsTold,
)
from workers.wire import Arrays

WORDS = {
    "architecture": {"name": "lstm", "hidden_size": 12, "bidirectional": True},
    "dataset": {"name": "words"},
    "training": {"max_steps": 3, "batch_size": 32, "device": "cpu"},
}
DOCS = {
    "architecture": {"name": "gru", "hidden_size": 24, "num_layers": 2},
    "dataset": {"name": "python_docs", "window": 20, "train_limit": 10_000},
    "training": {"max_steps": 3, "batch_size": 8, "device": "cpu", "clip_norm": 0.5},
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def trained(values: dict[str, Any], path: Path) -> Model:
    recipe = recipe_from_builtins(values)
    run = create_run(recipe, path=path)
    for _ in train(recipe, run):
        pass
    return Model(run=str(run.path))


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return trained(WORDS, tmp_path_factory.mktemp("runs") / "words")


@pytest.fixture(scope="module")
def docs(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return trained(DOCS, tmp_path_factory.mktemp("runs") / "docs")


def answers_to(client: Client, request: Request) -> list[tuple[AnyAnswer, Arrays]]:
    """Every answer, the last included."""
    number, found = client.send(request), []
    while True:
        answer, arrays = client.read()
        if answer.id == number:
            found.append((answer, arrays))
            if answer.is_last:
                return found


def test_that_a_word_is_classified_as_it_is_typed(client: Client, words: Model):
    answer, arrays = client.ask(Predict(model=words, input=TextInput(text="Straße☃")))
    assert isinstance(answer, Prediction)
    assert answer.task == "classification"
    assert len(answer.classes) == 20
    assert sum(answer.probabilities) == pytest.approx(1)
    assert any("☃" in note for note in answer.notes)
    assert arrays["seen"].shape == (7,)


def test_that_a_held_gate_changes_a_prediction_and_letting_go_brings_it_back(client: Client, words: Model):
    free, _ = client.ask(Predict(model=words, input=TextInput(text="maison")))
    clamp = Clamp(layer=0, signal="o", value=0.0, direction=1)
    held, _ = client.ask(Predict(model=words, input=TextInput(text="maison"), clamps=(clamp,)))
    again, _ = client.ask(Predict(model=words, input=TextInput(text="maison")))
    assert isinstance(free, Prediction)
    assert isinstance(held, Prediction)
    assert isinstance(again, Prediction)
    assert held.probabilities != free.probabilities
    assert again.probabilities == free.probabilities


def test_that_a_language_model_names_the_likeliest_next_tokens(client: Client, docs: Model):
    answer, _ = client.ask(Predict(model=docs, input=TextInput(text="The ")))
    assert isinstance(answer, Prediction)
    assert answer.task == "language_modelling"
    assert "␣" in answer.classes


def test_that_gates_come_with_their_tokens_and_exactly_where_asked(client: Client, words: Model):
    header, arrays = client.ask(ShowGates(model=words, text="maison"))
    assert isinstance(header, GatesHeader)
    assert header.tokens == tuple("maison")
    assert header.spans[2] == (2, 3)
    assert (header.cell, header.num_directions, header.hidden_size) == ("lstm", 2, 12)
    assert set(arrays) == {f"0/{direction}/{signal}" for direction in (0, 1) for signal in header.signals}
    assert all(values.shape == (6, 12) and values.dtype == np.float16 for values in arrays.values())
    _, exact = client.ask(ShowGates(model=words, text="maison", exact=True))
    for name, values in exact.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(arrays[name], values, atol=2e-3)


def test_that_of_a_long_text_the_layer_looked_at_comes_first(client: Client, docs: Model):
    text = ("The class of a value. " * 200)[:4000]
    (early, seen), (late, others) = answers_to(client, ShowGates(model=docs, text=text, layer=1))
    assert isinstance(early, GatesHeader)
    assert isinstance(late, GatesHeader)
    assert (early.tokens, early.num_layers) == (late.tokens, 2)
    assert (set(seen), set(others)) == ({f"1/0/{name}" for name in "rznh"}, {f"0/0/{name}" for name in "rznh"})
    assert all(values.shape == (len(text), 24) for values in (seen | others).values())


def test_that_gates_and_gradients_of_what_a_model_wrote_are_of_those_very_tokens(client: Client, docs: Model):
    typed, arrays = client.ask(ShowGates(model=docs, text="the value", exact=True))
    prompt = answers_to(client, Generate(model=docs, text="the value", num_tokens=1, seed=1))[0][0]
    assert isinstance(prompt, Generated)
    header, same = client.ask(ShowGates(model=docs, text="the value", ids=prompt.prompt, exact=True))
    assert isinstance(typed, GatesHeader)
    assert isinstance(header, GatesHeader)
    assert header.tokens == typed.tokens
    assert all(np.array_equal(same[name], arrays[name]) for name in arrays)
    written = (*prompt.prompt, prompt.number)
    longer, _ = client.ask(ShowGates(model=docs, text="the value", ids=written))
    assert isinstance(longer, GatesHeader)
    assert longer.tokens == (*typed.tokens, prompt.token)
    flow, _ = client.ask(ShowGradientFlow(model=docs, text="the value", ids=written))
    assert isinstance(flow, GradientFlow)
    assert flow.tokens == longer.tokens
    refused, _ = client.ask(ShowGates(model=docs, text="", ids=(10_000_000,)))
    assert isinstance(refused, Problem)
    assert "There is no token 10000000" in refused.message


def test_that_what_is_unknown_is_told_by_its_letters(client: Client, words: Model):
    header, _ = client.ask(ShowGates(model=words, text="a☃b"))
    flow, _ = client.ask(ShowGradientFlow(model=words, text="a☃b"))
    assert isinstance(header, GatesHeader)
    assert isinstance(flow, GradientFlow)
    assert header.tokens == flow.tokens == ("a", "\ufffd", "b")
    assert header.unknown == flow.unknown == {1: "☃"}


def test_that_the_gradient_is_traced_to_every_token(client: Client, docs: Model):
    answer, arrays = client.ask(ShowGradientFlow(model=docs, text="The class", target="e"))
    assert isinstance(answer, GradientFlow)
    assert answer.clip_norm == 0.5
    assert arrays["norms"].shape == (2, 1, 9)
    assert (np.triu(arrays["connectivity"], 1) == 0).all()


def test_that_a_prediction_does_not_wait_for_a_gradient_that_is_being_traced(client: Client, docs: Model):
    clamp = Clamp(layer=0, signal="z", unit=1, value=0.0)
    traced = client.send(ShowGradientFlow(model=docs, text="The class of a value. " * 8, clamps=(clamp,)))
    predicted = client.send(Predict(model=docs, input=TextInput(text="The")))
    assert [client.read()[0].id for _ in range(2)] == [predicted, traced]


def test_that_a_search_gives_places_in_their_context(client: Client, docs: Model):
    request = SearchGates(model=docs, units=((0, 0, "h", 3),), threshold=-2.0, most=4, signs=(1,))
    answer, _ = answers_to(client, request)[-1]
    assert isinstance(answer, GateMatches)
    assert answer.searched == answer.total > 10_000
    assert answer.step > 0
    assert answer.matches
    request = SearchGates(model=docs, units=((1, 0, "z", 0), (0, 0, "h", 3)), threshold=0.01, length=2)
    answer, _ = answers_to(client, request)[-1]
    assert isinstance(answer, GateMatches)
    assert all(len(match.match) >= 2 and match.token < 20 for match in answer.matches)


def test_that_units_are_ranked_by_a_pattern(client: Client, docs: Model):
    answer, _ = answers_to(client, RankUnits(model=docs, pattern=r"\w+", signal="h", most=5))[-1]
    assert isinstance(answer, UnitRanks)
    distances = [abs(rank.auc - 0.5) for rank in answer.ranks]
    assert len(distances) == 5
    assert distances == sorted(distances, reverse=True)
    assert 0 < answer.num_matched < answer.searched
    assert answer.step > 0


def test_that_every_unit_is_told_by_the_patterns_it_tells(client: Client, docs: Model):
    asked = TellUnits(model=docs, patterns=(r"\w+", r"\d", "never there"), signal="h", most_tokens=3_000)
    answer, arrays = answers_to(client, asked)[-1]
    assert isinstance(answer, UnitsTold)
    assert answer.searched == answer.total == 3_000
    areas = arrays["auc"]
    assert areas.shape[:3] == (3, 2, 1)
    assert np.isfinite(areas[:2]).all()
    assert np.isnan(areas[2]).all()
    assert answer.num_matched[2] == 0 < answer.num_matched[1] < answer.num_matched[0]


def test_that_a_text_is_written_token_by_token_and_others_are_answered_meanwhile(client: Client, docs: Model):
    number = client.send(Generate(model=docs, text="The ", num_tokens=400, seed=1))
    client.send(Predict(model=docs, input=TextInput(text="a")))
    order: list[AnyAnswer] = []
    while not (order and order[-1].id == number and order[-1].is_last):
        order.append(client.read()[0])
    written = [answer for answer in order if isinstance(answer, Generated)]
    assert len(written) == 400
    assert [answer.is_last for answer in written] == [False] * 399 + [True]
    assert len(written[-1].text) == 400
    assert not isinstance(order[-1], Prediction)
    again = [answer for answer, _ in answers_to(client, Generate(model=docs, text="The ", num_tokens=9, seed=1))]
    assert isinstance(again[-1], Generated)
    assert written[8].text == again[-1].text


def test_that_a_newer_question_of_its_slot_ends_a_text(client: Client, docs: Model):
    first = client.send(Generate(model=docs, text="The ", num_tokens=20_000, seed=1, slot="write"))
    while client.read()[0].id != first:
        pass
    second = client.send(Generate(model=docs, text="A", num_tokens=2, seed=1, slot="write"))
    ids: list[tuple[int, bool]] = []
    while not (ids and ids[-1][0] == second and ids[-1][1]):
        answer, _ = client.read()
        ids.append((answer.id, answer.is_last))
    assert (first, True) not in ids
    client.ask(Predict(model=docs, input=TextInput(text="a")))  # nothing of the first comes any more


@pytest.mark.parametrize(
    ("request_of", "words_of"),
    [
        (lambda words, docs: Predict(model=words, input=TextInput(text="")), "Type some text"),
        (lambda words, docs: Predict(model=words, input=ImageInput(path="x.png")), "not images"),
        (lambda words, docs: Generate(model=words, text="a"), "writes no text"),
        (lambda words, docs: Generate(model=docs, text="a", temperature=-1), "Temperature"),
        (lambda words, docs: SearchGates(model=docs, units=()), "at least one unit"),
        (lambda words, docs: SearchGates(model=docs, units=((0, 0, "f", 0),)), "signal f"),
        (lambda words, docs: RankUnits(model=docs, pattern="(", signal="h"), "no regular expression"),
        (lambda words, docs: RankUnits(model=docs, pattern="a", signal="c"), "signal c"),
        (lambda words, docs: ShowGradientFlow(model=words, text="a", target="Klingon"), "Klingon"),
        (lambda words, docs: ShowGates(model=docs, text="a", clamps=(Clamp(layer=9, signal="h", value=0),)), "layer 9"),
    ],
)
def test_that_what_cannot_be_done_is_said_in_a_sentence(
    client: Client, words: Model, docs: Model, request_of: Any, words_of: str
):
    answer, _ = client.ask(request_of(words, docs))
    assert isinstance(answer, Problem)
    assert words_of in answer.message
    assert "could not" not in answer.message


def test_that_gates_of_a_model_without_any_are_a_sentence(client: Client, tmp_path: Path):
    points = {"architecture": {"name": "mlp"}, "dataset": {"name": "points"}, "training": {"max_steps": 1}}
    answer, _ = client.ask(ShowGates(model=trained(points, tmp_path / "run"), text="a"))
    assert isinstance(answer, Problem)
    assert "recurrent" in answer.message


def test_that_a_broken_question_of_many_answers_ends_with_a_sentence(tmp_path: Path):
    sent: list[Any] = []

    class Kept(Outbox):
        def __init__(self) -> None:
            pass

        def send(self, answer: Any, arrays: Any = None) -> None:
            sent.append(answer)

    def compute(request: Request, _arrays: Arrays) -> Any:
        def answers() -> Iterator[tuple[Done, Arrays]]:
            yield Done(is_last=False), {}
            raise RuntimeError("no more")

        return answers()

    lane = Lane(compute, Kept())
    lane.put(Generate(id=4, model=Model(run=""), text=""), {})
    deadline = time.monotonic() + 5
    while len(sent) < 2 and time.monotonic() < deadline:
        time.sleep(0.005)
    assert [type(answer) for answer in sent] == [Done, Problem]
    assert sent[1].id == 4
    assert "write text" in sent[1].message
