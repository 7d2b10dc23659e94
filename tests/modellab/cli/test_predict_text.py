"""`modellab predict --text`: classes of a word, next tokens of a language model, and what is wrong in one sentence."""

import json
from pathlib import Path
from typing import Any

import pytest

from modellab.cli import main
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import create_run
from modellab.training.loop import train

WORDS: dict[str, Any] = {
    "architecture": {"name": "rnn", "hidden_size": 6},
    "dataset": {"name": "words"},
    "training": {"max_steps": 2, "device": "cpu"},
}
DOCS: dict[str, Any] = {
    "architecture": {"name": "gru", "hidden_size": 6},
    "dataset": {"name": "python_docs", "train_limit": 5000},
    "training": {"max_steps": 2, "batch_size": 8, "device": "cpu"},
}


def trained(values: dict[str, Any], path: Path) -> str:
    recipe = recipe_from_builtins(values)
    for _ in train(recipe, create_run(recipe, path=path)):
        pass
    return str(path)


def test_that_a_word_gets_its_classes(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["predict", trained(WORDS, tmp_path / "run"), "--text", "maison☃", "--json"]) == 0
    printed = capsys.readouterr()
    answer = json.loads(printed.out)
    assert len(answer["classes"]) == 20
    assert sum(answer["probabilities"]) == pytest.approx(1)
    assert "unknown: '☃'" in printed.err


def test_that_a_language_model_names_the_next_tokens(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    assert main(["predict", trained(DOCS, tmp_path / "run"), "--text", "The", "--json"]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["task"] == "language_modelling"
    assert "␣" in answer["classes"]


@pytest.mark.parametrize(
    ("arguments", "words"), [(["--text", ""], "Type some text"), (["--point", "1,2"], "give some with --text")]
)
def test_that_what_cannot_be_read_is_a_sentence(
    arguments: list[str], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["predict", trained(WORDS, tmp_path / "run"), *arguments]) == 2
    assert words in capsys.readouterr().err
