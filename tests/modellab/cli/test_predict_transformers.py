"""`modellab predict --text` of Transformers that were trained a moment ago: next and hidden tokens, translations."""

import json
from pathlib import Path
from typing import Any

import pytest

from modellab.cli import main
from modellab.events import Evaluated, Failed, Finished
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from modellab.training.loop import train

SMALL = {"width": 16, "num_layers": 1, "num_heads": 2}
TRAINING = {"max_steps": 3, "batch_size": 8, "device": "cpu", "evaluate_every": 3}
DOCS = {"name": "python_docs", "train_limit": 5000}


def trained(architecture: str, dataset: dict[str, Any], path: Path) -> tuple[str, dict[str, float]]:
    """The run's folder and its last metrics on the validation split."""
    values = {"architecture": {"name": architecture, **SMALL}, "dataset": dataset, "training": TRAINING}
    recipe = recipe_from_builtins(values)
    events = list(train(recipe, create_run(recipe, path=path)))
    assert not [event for event in events if isinstance(event, Failed)]
    assert isinstance(events[-1], Finished)
    found = [event for event in events if isinstance(event, Evaluated) and event.split == "validation"]
    return str(path), dict(found[-1].metrics)


def answer_of(capsys: pytest.CaptureFixture[str], run: str, text: str) -> tuple[dict[str, Any], str]:
    assert main(["predict", run, "--text", text, "--json"]) == 0
    printed = capsys.readouterr()
    answer: dict[str, Any] = json.loads(printed.out)
    return answer, printed.err


def test_that_a_gpt_names_next_tokens_and_says_what_it_did_not_read(tmp_path: Path, capsys: Any):
    run, metrics = trained("gpt", {**DOCS, "window": 16}, tmp_path / "run")
    assert {"loss", "perplexity", "accuracy"} <= set(metrics)
    answer, notes = answer_of(capsys, run, "The for statement is used to iterate")
    assert answer["task"] == "language_modelling"
    assert "Only the last 16 of 36 tokens" in notes


def test_that_a_bert_guesses_hidden_tokens_and_whether_texts_follow(tmp_path: Path, capsys: Any):
    dataset = {**DOCS, "learn": "hidden_tokens", "tokenizer": "words", "vocabulary_size": 300, "window": 24}
    run, metrics = trained("bert", dataset, tmp_path / "run")
    assert {"loss", "perplexity", "accuracy", "next_loss", "next_accuracy"} <= set(metrics)
    answer, _ = answer_of(capsys, run, "The [MASK] statement")
    assert len(answer["classes"]) == 10
    answer, _ = answer_of(capsys, run, "The for statement [SEP] is used to iterate")
    assert sum(answer["probabilities"]) == pytest.approx(1.0)
    assert main(["predict", run, "--text", "The for statement"]) == 2
    assert "[MASK]" in capsys.readouterr().err


def test_that_a_translator_writes_a_text(tmp_path: Path, capsys: Any):
    run, metrics = trained("translator", {"name": "dates"}, tmp_path / "run")
    assert {"loss", "perplexity", "accuracy", "exact_match"} <= set(metrics)
    answer, _ = answer_of(capsys, run, "7 mars 2031")
    assert answer["task"] == "translation"
    assert len(answer["classes"]) == 4
    assert answer["probabilities"] == sorted(answer["probabilities"], reverse=True)


def test_that_an_encoder_and_a_vit_learn_and_are_evaluated(tmp_path: Path):
    for name, dataset in (("transformer", {"name": "words"}), ("vit", {"name": "digits"})):
        _, metrics = trained(name, dataset, tmp_path / name)
        assert {"loss", "accuracy", "f1"} <= set(metrics)
