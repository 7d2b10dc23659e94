"""Generation: repeatable, limited as told, and the same as if all were computed anew for each token."""

from typing import Any

import pytest
import torch
import transformers

from modellab.architectures import architectures
from modellab.architectures.gpt import GPTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.clamps import Clamp
from modellab.inspection.generate import Sampling, distribution, generate, penalised
from modellab.nets.gpt import GPT
from modellab.nets.recurrent import Recurrent
from modellab.text.characters import CharacterTokenizer

TOKENIZER = CharacterTokenizer(tuple("abcdefgh "), lower_case=False)
STREAM = Sample(kind="text", task="language_modelling", shape=(6,), num_tokens=TOKENIZER.size)
PROMPT = TOKENIZER.encode("bad egg").ids


def gpt(**options: Any) -> GPT:
    torch.manual_seed(0)
    config = GPTConfig(width=16, num_layers=2, context_length=12, **options)
    model = config.build(STREAM).eval()
    assert isinstance(model, GPT)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.4)  # as drawn, it finds all tokens about alike
    return model


def build(cell: str) -> Recurrent:
    torch.manual_seed(0)
    model = architectures()[cell](hidden_size=8, num_layers=2).build(STREAM).eval()
    assert isinstance(model, Recurrent)
    return model


def written(model: Recurrent | GPT, **options: Any) -> str:
    return list(generate(model, TOKENIZER, PROMPT, Sampling(**options)))[-1].text


def test_that_a_seed_repeats_itself_and_another_does_not():
    model = build("lstm")
    assert written(model, seed=3, num_tokens=30) == written(model, seed=3, num_tokens=30)
    assert written(model, seed=3, num_tokens=30) != written(model, seed=4, num_tokens=30)


@pytest.mark.parametrize("cell", ["rnn", "gru", "lstm"])
def test_that_carried_state_gives_what_computing_all_anew_gives(cell: str):
    model = build(cell)
    ids = list(PROMPT)
    for made in generate(model, TOKENIZER, PROMPT, Sampling(seed=0, num_tokens=25)):
        model.begin_stream()
        with torch.no_grad():
            logits = model(torch.tensor([ids]))[0, -1]
        wanted = distribution(logits, Sampling())
        assert made.probabilities[0] == pytest.approx(float(wanted.max()), abs=1e-5)
        assert made.candidates[0] == int(wanted.argmax())
        ids.append(made.token)
    assert made.is_last


@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary"])
def test_that_a_gpt_with_a_cache_writes_what_it_writes_without_also_beyond_its_context(positions: str):
    model = gpt(positions=positions)
    ids = list(PROMPT)
    for made in generate(model, TOKENIZER, PROMPT, Sampling(seed=0, num_tokens=25)):
        with torch.no_grad():
            wanted = distribution(model(torch.tensor([ids[-12:]]))[0, -1], Sampling())
        assert made.probabilities[0] == pytest.approx(float(wanted.max()), abs=1e-4)
        assert made.candidates[0] == int(wanted.argmax())
        ids.append(made.token)
    assert made.is_last


def test_that_at_temperature_0_the_runners_up_are_those_of_the_model():
    model = build("lstm")
    with torch.no_grad():
        wanted = distribution(model(torch.tensor([PROMPT]))[0, -1], Sampling())
    made = next(generate(model, TOKENIZER, PROMPT, Sampling(temperature=0, num_tokens=1)))
    assert made.token == made.candidates[0]
    assert made.candidates == tuple(wanted.topk(len(made.candidates)).indices.tolist())
    assert made.probabilities[1] == pytest.approx(float(wanted.sort(descending=True).values[1]), abs=1e-5) != 0
    assert made.probability == made.probabilities[0]


def test_that_a_prompt_longer_than_the_context_is_continued_from_its_end():
    model, long = gpt(), TOKENIZER.encode("a bad egg had a cab bed").ids
    first = next(generate(model, TOKENIZER, long, Sampling(seed=0)))
    assert first == next(generate(model, TOKENIZER, long[-12:], Sampling(seed=0)))


def test_that_a_gpt_is_told_once_to_leave_nothing_out_and_trains_on_afterwards(monkeypatch: pytest.MonkeyPatch):
    model = gpt(dropout=0.5)
    wanted = written(model, seed=0, num_tokens=20)
    modes: list[bool] = []
    train = model.train

    def noted(mode: bool = True) -> GPT:
        modes.append(mode)
        return train(mode)

    monkeypatch.setattr(model, "train", noted)
    model.train()
    assert written(model, seed=0, num_tokens=20) == wanted
    assert modes == [True, False, True]
    assert model.training


def test_that_a_gpt_trains_on_after_writing_that_was_broken_off():
    model = gpt(dropout=0.5).train()
    writing = generate(model, TOKENIZER, PROMPT, Sampling(seed=0))
    next(writing)
    writing.close()
    assert all(module.training for module in model.modules())


def test_that_a_repetition_penalty_makes_what_was_there_less_likely():
    logits = torch.tensor([1.0, 1.0, 2.0, -2.0, 0.5])
    assert penalised(logits, [2, 3], 2.0).tolist() == [1.0, 1.0, 1.0, -4.0, 0.5]
    assert penalised(logits, [2, 3], 1.0) is logits


@pytest.mark.parametrize("penalty", [0.7, 1.3, 2.0])
def test_that_the_penalty_is_that_of_hugging_face(penalty: float):
    logits = torch.randn(40, generator=torch.Generator().manual_seed(0))
    ids = [3, 7, 7, 39, 0]
    theirs = transformers.RepetitionPenaltyLogitsProcessor(penalty)(torch.tensor([ids]), logits[None].clone())[0]
    torch.testing.assert_close(penalised(logits, ids, penalty), theirs)


def test_that_what_is_written_is_drawn_with_the_penalty_on_prompt_and_writing():
    model = gpt()
    sampling = Sampling(seed=1, num_tokens=8, repetition_penalty=1.7)
    ids = list(PROMPT)
    for made in generate(model, TOKENIZER, PROMPT, sampling):
        with torch.no_grad():
            logits = model(torch.tensor([ids[-12:]]))[0, -1]
        wanted = distribution(penalised(logits, ids, 1.7), sampling)
        assert made.probabilities[0] == pytest.approx(float(wanted.max()), abs=1e-5)
        ids.append(made.token)


def test_that_held_units_steer_what_is_written():
    model = build("gru")
    clamps = [Clamp(layer=1, signal="h", value=4.0, unit=0)]
    free = [made.probabilities for made in generate(model, TOKENIZER, PROMPT, Sampling(seed=0, num_tokens=4))]
    held = generate(model, TOKENIZER, PROMPT, Sampling(seed=0, num_tokens=4), clamps=clamps)
    assert [made.probabilities for made in held] != free


def test_that_temperature_0_takes_the_likeliest_and_nothing_draws_padding_or_the_unknown():
    logits = torch.tensor([9.0, 9.0, 1.0, 2.0, 0.0])
    assert distribution(logits, Sampling(temperature=0)).tolist() == [0, 0, 0, 1, 0]
    assert distribution(logits, Sampling())[:2].tolist() == [0, 0]


def test_that_top_k_and_top_p_cut_the_tail():
    logits = torch.tensor([0.0, 0.0, 4.0, 3.0, 2.0, 1.0]).log_softmax(0)
    assert (distribution(logits, Sampling(top_k=2)) > 0).tolist() == [False, False, True, True, False, False]
    kept = distribution(logits, Sampling(top_p=0.7))
    assert (kept > 0).tolist() == [False, False, True, True, False, False]
    assert float(kept.sum()) == pytest.approx(1.0)
    assert (distribution(logits, Sampling(top_p=1e-9)) > 0).sum() == 1


def test_that_writing_ends_at_the_stop_which_is_left_out():
    model = build("rnn")
    text = written(model, seed=0, num_tokens=60)
    stop = text[10:12]
    assert written(model, seed=0, num_tokens=60, stop=stop) == text[: text.index(stop)]


@pytest.mark.parametrize(
    "options", [{"temperature": -1}, {"top_p": 0}, {"top_k": -1}, {"num_tokens": 0}, {"repetition_penalty": 0}]
)
def test_that_an_option_that_makes_no_sense_is_said_in_words(options: dict[str, Any]):
    with pytest.raises(UserError):
        written(build("rnn"), **options)
