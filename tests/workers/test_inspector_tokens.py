"""The inspector on tokens: what each layer would say, and which embeddings are near; of runs and pretrained folders."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from tests.modellab.pretrained.folders import bert
from tests.workers.test_inspector import Client
from tests.workers.test_inspector_attention import BERT, DATES, GPT, LSTM, VIT, trained
from workers.protocol import (
    AttributionHeader,
    HeadScale,
    LensHeader,
    NeighboursHeader,
    Predict,
    Prediction,
    Problem,
    ShowAttribution,
    ShowLens,
    ShowNeighbours,
    TextInput,
)

WORDS = {
    "architecture": {"name": "transformer", "width": 16, "num_layers": 2, "num_heads": 2},
    "dataset": {"name": "words"},
    "training": {"max_steps": 2, "batch_size": 8, "device": "cpu"},
}


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    made = Client()
    yield made
    made.close()


def test_that_the_last_layer_of_a_gpt_says_what_the_panel_says(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "gpt")
    header, arrays = client.ask(ShowLens(model=model, text="import sys"))
    said, _ = client.ask(Predict(model=model, input=TextInput(text="import sys")))
    assert isinstance(header, LensHeader)
    assert isinstance(said, Prediction)
    assert (header.num_layers, header.says, header.num_front) == (2, "next", 0)
    assert header.columns[:2] == ("i", "m")
    assert header.truth[:2] == ("m", "p")
    assert header.truth[-1] == ""
    assert arrays["best"].shape == (3, 10, 5)
    np.testing.assert_allclose(arrays["probabilities"][-1, -1], said.probabilities[:5], atol=1e-5)
    assert [header.names[int(k)] for k in arrays["best"][-1, -1]] == list(said.classes[:5])


def test_that_a_head_that_is_off_is_off_in_the_lens_too(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "held")
    _, free = client.ask(ShowLens(model=model, text="import sys"))
    off = HeadScale(module="blocks.1.attention", head=0)
    _, held = client.ask(ShowLens(model=model, text="import sys", clamps=(off,)))
    np.testing.assert_array_equal(free["probabilities"][:2], held["probabilities"][:2])
    assert (free["probabilities"][2] != held["probabilities"][2]).any()


def test_that_a_classifier_is_read_out_of_the_whole_text_and_of_each_token(client: Client, tmp_path: Path):
    model = trained(WORDS, tmp_path / "words")
    header, arrays = client.ask(ShowLens(model=model, text="haus"))
    said, _ = client.ask(Predict(model=model, input=TextInput(text="haus")))
    assert isinstance(header, LensHeader)
    assert isinstance(said, Prediction)
    assert header.columns == ("", "h", "a", "u", "s")
    assert (header.says, header.num_front, header.truth) == ("class", 1, ())
    np.testing.assert_allclose(arrays["probabilities"][-1, 0], said.probabilities[:5], atol=1e-5)
    assert header.names[int(arrays["best"][-1, 0, 0])] == said.classes[0]


def test_that_hidden_tokens_and_translations_are_read_out(client: Client, tmp_path: Path):
    header, _ = client.ask(ShowLens(model=trained(BERT, tmp_path / "bert"), text="the [MASK] function"))
    assert isinstance(header, LensHeader)
    assert (header.says, header.columns[0], header.takes_pair) == ("hidden", "[CLS]", True)
    assert header.truth == header.columns
    header, arrays = client.ask(ShowLens(model=trained(DATES, tmp_path / "dates"), text="1 May 2001", target="2001"))
    assert isinstance(header, LensHeader)
    assert header.columns == ("[BEGIN]", "2", "0", "0", "1")
    assert header.truth == ("2", "0", "0", "1", "")
    assert arrays["best"].shape[:2] == (2, 5)


def test_that_a_pretrained_masked_model_is_read_out(client: Client, tmp_path: Path):
    header, arrays = client.ask(ShowLens(pretrained=str(bert(tmp_path / "bert")), text="the cat [MASK] on the mat"))
    assert isinstance(header, LensHeader), header
    assert (header.says, header.num_layers) == ("hidden", 2)
    assert arrays["best"].shape == (3, 8, 5)
    assert set(arrays["best"].flatten().tolist()) <= set(header.names)


def test_that_the_neighbours_of_a_token_are_told_of_any_text_model(client: Client, tmp_path: Path):
    for values, text, place in ((GPT, "import sys", 2), (LSTM, "import sys", 2), (WORDS, "haus", 1)):
        model = trained(values, tmp_path / str(len(list(tmp_path.iterdir()))))
        answer, _ = client.ask(ShowNeighbours(model=model, text=text, place=place))
        assert isinstance(answer, NeighboursHeader)
        assert answer.token == text[place]
        assert answer.place == place
        assert answer.token not in answer.names
        assert list(answer.cosines) == sorted(answer.cosines, reverse=True)
        assert answer.tokens == tuple(text.replace(" ", "␣"))


def test_that_neighbours_are_asked_for_by_name_too(client: Client, tmp_path: Path):
    model = trained(GPT, tmp_path / "named")
    answer, _ = client.ask(ShowNeighbours(model=model, text="import", word="yes", most=3))
    assert isinstance(answer, NeighboursHeader)
    assert (answer.token, answer.place, len(answer.names)) == ("y", None, 3)
    assert answer.notes == ("“yes” is 3 tokens of this model; shown is the first.",)
    again, _ = client.ask(ShowNeighbours(model=model, text="import", token=answer.ids[0]))
    assert isinstance(again, NeighboursHeader)
    assert again.token == answer.names[0]
    folder = str(bert(tmp_path / "bert"))
    answer, _ = client.ask(ShowNeighbours(pretrained=folder, text="the cat sat", word="dog", most=3))
    assert isinstance(answer, NeighboursHeader)
    assert (answer.token, answer.title) == ("dog", "bert")


def test_that_what_has_no_layers_to_read_out_says_so(client: Client, tmp_path: Path):
    for question, words in (
        (ShowLens(model=trained(LSTM, tmp_path / "lstm"), text="abc"), "no layers to read out"),
        (ShowLens(model=trained(VIT, tmp_path / "vit"), text="abc"), "does not read text"),
        (ShowNeighbours(model=trained(VIT, tmp_path / "vit2"), text="abc"), "does not read text"),
        (ShowLens(text="abc"), "Choose a run"),
    ):
        answer, _ = client.ask(question)
        assert isinstance(answer, Problem)
        assert words in answer.message


def test_that_a_texts_contributions_are_answered_while_other_questions_are(client: Client, tmp_path: Path):
    model = trained(WORDS, tmp_path / "words")
    number = client.send(ShowAttribution(model=model, text="wissenschaft", slot="attribution"))
    other = client.send(Predict(model=model, input=TextInput(text="wissenschaft")))
    answers = [client.read() for _ in range(2)]
    assert [answer.id for answer, _ in answers] == [other, number]
    (said, _), (header, arrays) = answers
    assert isinstance(said, Prediction)
    assert isinstance(header, AttributionHeader)
    assert header.of_class == said.classes[0]
    assert "".join(header.tokens) == "wissenschaft"
    assert header.baseline + arrays["contributions"].sum() + header.residual == pytest.approx(header.score, abs=1e-4)
    of_class, _ = client.ask(ShowAttribution(model=model, text="wissenschaft", of_class="Dutch"))
    assert isinstance(of_class, AttributionHeader)
    assert of_class.of_class == "Dutch"
    wrong, _ = client.ask(ShowAttribution(model=model, text="a", of_class="Klingon"))
    assert isinstance(wrong, Problem)
    assert "no class 'Klingon'" in wrong.message
