"""Exported folders come back as finished runs with equal logits; what our nets cannot be is one sentence."""

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import transformers

from modellab.cli import main
from modellab.errors import UserError
from modellab.inspection.fill_mask import read_pair
from modellab.inspection.load import load_model
from modellab.runs.checkpoints import checkpoint_at
from modellab.runs.folder import RunFolder
from modellab.training.checkpointing import load_checkpoint
from tests.modellab.exporting.test_hugging_face import BERT, DOCS, GPT, HIDDEN, TEXT, trained

ROTARY = {**GPT, "positions": "rotary", "tie_weights": False, "dropout": 0.1, "activation": "relu"}


def exported(architecture: dict[str, Any], dataset: dict[str, Any], path: Path) -> Path:
    trained(architecture, dataset, path / "run")
    assert main(["export", str(path / "run"), "--to", str(path / "folder")]) == 0
    return path / "folder"


@pytest.mark.parametrize("tokenizer", ["characters", "words", "bpe"])
@pytest.mark.parametrize("architecture", [GPT, {**GPT, "context_length": 100, "feed_forward": 24}, ROTARY])
def test_that_an_exported_gpt_comes_back_as_a_run(architecture: dict[str, Any], tokenizer: str, tmp_path: Path):
    dataset = {**DOCS, "tokenizer": tokenizer, "vocabulary_size": 400}
    folder = exported(architecture, dataset, tmp_path)
    assert main(["import", str(folder), "--out", str(tmp_path / "again")]) == 0
    before, after = load_model(RunFolder(tmp_path / "run")), load_model(RunFolder(tmp_path / "again"))
    assert RunFolder(tmp_path / "again").status() == "finished"
    assert RunFolder(tmp_path / "again").details().name == "folder"
    assert before.tokenizer is not None
    assert after.tokenizer is not None
    ids = before.tokenizer.encode(TEXT).ids
    assert after.tokenizer.encode(TEXT).ids == ids
    theirs = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
    with torch.no_grad():
        wanted, found = before.model(torch.tensor([ids])), after.model(torch.tensor([ids]))
        as_theirs = theirs(torch.tensor([ids])).logits
    assert torch.equal(found, wanted)
    torch.testing.assert_close(found, as_theirs, atol=1e-5, rtol=0)
    assert main(["predict", str(tmp_path / "again"), "--text", "The for "]) == 0


def test_that_an_exported_bert_comes_back_as_a_run(tmp_path: Path):
    folder = exported(BERT, HIDDEN, tmp_path)
    assert main(["import", str(folder), "--out", str(tmp_path / "again")]) == 0
    before, after = load_model(RunFolder(tmp_path / "run")), load_model(RunFolder(tmp_path / "again"))
    assert after.sample.special("[MASK]") == before.sample.special("[MASK]")
    assert before.tokenizer is not None
    theirs = transformers.AutoTokenizer.from_pretrained(folder)("The for", "statement", return_token_type_ids=True)
    ids, segments, _ = read_pair(before.sample, before.tokenizer, "The for", "statement", most=99)
    assert (theirs["input_ids"], theirs["token_type_ids"]) == (ids, segments)
    pairs = torch.randint(2, before.sample.num_tokens, (2, 20, 2))
    pairs[..., 1] = (torch.arange(20) > 9).long()
    with torch.no_grad():
        wanted, found = before.model(pairs), after.model(pairs)
    assert torch.equal(found.tokens, wanted.tokens)
    assert torch.equal(found.follows, wanted.follows)
    assert main(["export", str(tmp_path / "again"), "--to", str(tmp_path / "twice")]) == 0
    assert (tmp_path / "twice" / "config.json").read_bytes() == (folder / "config.json").read_bytes()


@pytest.fixture(scope="module")
def rotary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An exported GPT with rotary positions."""
    return exported(ROTARY, DOCS, tmp_path_factory.mktemp("rotary"))


def test_that_an_imported_run_cannot_be_gone_on_with(rotary: Path, tmp_path: Path):
    assert main(["import", str(rotary), "--out", str(tmp_path / "run")]) == 0
    with pytest.raises(UserError, match="holds weights alone, as that of an imported run does"):
        load_checkpoint(checkpoint_at(RunFolder(tmp_path / "run"), None))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"model_type": "llama"}, "of type 'llama'; only gpt2, gpt_neox and bert"),
        ({"use_parallel_residual": True}, "its use_parallel_residual is True, where ours has False"),
        ({"architectures": ["GPTNeoXModel"]}, "its architectures is ['GPTNeoXModel']"),
        ({"hidden_act": "tanh"}, "has the activation tanh"),
        ({"vocab_size": 7}, "has a model of 7 tokens and a tokenizer of"),
        ({"hidden_size": 32}, "The tensor gpt_neox.embed_in.weight in"),
        ({"num_hidden_layers": 3}, "has no tensor gpt_neox.layers.2"),
        ({"num_attention_heads": 3}, "not divisible"),
        ({"hidden_size": "wide"}, "config.json is broken"),
    ],
)
def test_that_what_our_nets_cannot_be_is_one_sentence(
    rotary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], change: dict[str, Any], says: str
):
    folder = tmp_path / "folder"
    folder.mkdir()
    for path in rotary.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    described = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(described | change))
    assert main(["import", str(folder), "--out", str(tmp_path / "run")]) == 2
    said = capsys.readouterr().err
    assert says in said
    assert said.count("\n") == 1
    assert not (tmp_path / "run").exists()


def test_that_a_folder_without_a_file_or_a_full_one_is_refused(
    rotary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    assert main(["import", str(tmp_path / "nothing"), "--out", str(tmp_path / "run")]) == 2
    assert "There is no folder" in capsys.readouterr().err
    assert main(["import", str(rotary), "--out", str(rotary)]) == 2
    assert "is not empty" in capsys.readouterr().err
    for name in ("config.json", "model.safetensors"):
        (tmp_path / name).write_bytes((rotary / name).read_bytes())
    assert main(["import", str(tmp_path), "--out", str(tmp_path / "run")]) == 2
    assert "tokenizer.json cannot be read" in capsys.readouterr().err
    (tmp_path / "model.safetensors").rename(tmp_path / "pytorch_model.bin")
    assert main(["import", str(tmp_path), "--out", str(tmp_path / "run")]) == 2
    assert "would have to be unpickled" in capsys.readouterr().err


def test_that_weights_that_are_not_finite_are_not_imported_and_surplus_ones_are_told(
    rotary: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    folder = tmp_path / "folder"
    shutil.copytree(rotary, folder)
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    more = weights | {"gpt_neox.layers.9.mlp.bias": torch.ones(3), "gpt_neox.layers.0.attention.bias": torch.ones(1)}
    safetensors.torch.save_file(more, folder / "model.safetensors")
    assert main(["import", str(folder), "--out", str(tmp_path / "run")]) == 0
    told = "hold 2 tensors that this model does not have, the first of them gpt_neox.layers.0.attention.bias"
    assert told in RunFolder(tmp_path / "run").details().note
    weights["gpt_neox.final_layer_norm.weight"][2] = torch.nan
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    assert main(["import", str(folder), "--out", str(tmp_path / "other")]) == 2
    assert "The tensor gpt_neox.final_layer_norm.weight in" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_that_an_output_written_out_though_it_is_tied_does_no_harm(tmp_path: Path):
    folder = exported(GPT, DOCS, tmp_path)
    weights = safetensors.torch.load_file(folder / "model.safetensors")
    weights["lm_head.weight"] = weights["transformer.wte.weight"].clone()
    safetensors.torch.save_file(weights, folder / "model.safetensors")
    assert main(["import", str(folder), "--out", str(tmp_path / "again")]) == 0
    assert "hold" not in RunFolder(tmp_path / "again").details().note
