"""Exported folders open in `transformers` with equal logits and token ids, and come back as they were."""

import sys
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers

from modellab.architectures._transformer import TransformerConfig
from modellab.cli import main
from modellab.errors import UserError
from modellab.exporting.hugging_face import export_folder, import_weights
from modellab.inspection.load import LoadedModel, load_model
from modellab.recipe import recipe_from_builtins
from modellab.runs.folder import RunFolder, create_run
from modellab.training.loop import train

TEXT = "The for statement, with 3 else clauses.\n"
SMALL = {"width": 16, "num_layers": 2, "num_heads": 2}
GPT = {"name": "gpt", **SMALL}
BERT = {"name": "bert", "norm": "after", **SMALL}
DOCS = {"name": "python_docs", "train_limit": 20_000, "window": 64}
HIDDEN = {**DOCS, "learn": "hidden_tokens", "tokenizer": "wordpiece", "vocabulary_size": 300}


def trained(architecture: dict[str, Any], dataset: dict[str, Any], path: Path) -> LoadedModel:
    training = {"max_steps": 20, "batch_size": 8, "learning_rate": 0.02, "device": "cpu"}
    recipe = recipe_from_builtins({"architecture": architecture, "dataset": dataset, "training": training})
    for _ in train(recipe, create_run(recipe, path=path)):
        pass
    return load_model(RunFolder(path))


def opened(kind: Any, folder: Path) -> Any:
    """With every weight found and none left over."""
    model, report = kind.from_pretrained(folder, output_loading_info=True)
    assert not report["missing_keys"]
    assert not report["unexpected_keys"]
    assert not report["mismatched_keys"]
    return model.eval()


@pytest.mark.parametrize("tokenizer", ["characters", "words", "bpe"])
@pytest.mark.parametrize(
    "options",
    [
        {},
        {"activation": "gelu_tanh", "feed_forward": 24},
        {"positions": "rotary"},
        {"positions": "rotary", "tie_weights": False, "biases": False},
        {"tie_weights": False, "activation": "relu", "biases": False},
    ],
)
def test_that_an_exported_gpt_gives_equal_logits(options: dict[str, Any], tokenizer: str, tmp_path: Path):
    dataset = {**DOCS, "tokenizer": tokenizer, "vocabulary_size": 400}
    loaded = trained({**GPT, **options}, dataset, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", str(tmp_path / "folder")]) == 0
    theirs = opened(transformers.AutoModelForCausalLM, tmp_path / "folder")
    cut = transformers.AutoTokenizer.from_pretrained(tmp_path / "folder")
    assert loaded.tokenizer is not None
    ids = list(loaded.tokenizer.encode(TEXT).ids)
    assert cut(TEXT, add_special_tokens=False)["input_ids"] == ids
    with torch.no_grad():
        wanted, found = loaded.model(torch.tensor([ids])), theirs(torch.tensor([ids])).logits
    assert float(wanted.std()) > 0.1
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("biases", [True, False])
def test_that_an_exported_bert_gives_equal_logits(biases: bool, tmp_path: Path):
    loaded = trained({**BERT, "biases": biases}, HIDDEN, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", str(tmp_path / "folder")]) == 0
    theirs = opened(transformers.AutoModelForPreTraining, tmp_path / "folder")
    cut = transformers.AutoTokenizer.from_pretrained(tmp_path / "folder")
    assert cut.mask_token_id == loaded.sample.special("[MASK]")
    ids = torch.tensor([cut("[CLS] the [MASK] statement [SEP] a list [SEP]", add_special_tokens=False)["input_ids"]])
    segments = (torch.arange(ids.shape[1]) > 5).long()[None]
    with torch.no_grad():
        wanted = loaded.model(torch.stack([ids, segments], 2))
        found = theirs(ids, token_type_ids=segments)
    torch.testing.assert_close(found.prediction_logits, wanted.tokens, atol=1e-5, rtol=0)
    torch.testing.assert_close(found.seq_relationship_logits, wanted.follows, atol=1e-5, rtol=0)


@pytest.mark.parametrize(
    ("architecture", "dataset"), [(GPT, DOCS), ({**GPT, "positions": "rotary"}, DOCS), (BERT, HIDDEN)]
)
def test_that_an_exported_folder_comes_back(architecture: dict[str, Any], dataset: dict[str, Any], tmp_path: Path):
    loaded = trained(architecture, dataset, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", str(tmp_path / "folder")]) == 0
    config = loaded.recipe.architecture
    assert isinstance(config, TransformerConfig)
    anew = config.build(loaded.sample)
    import_weights(anew, config, loaded.sample, tmp_path / "folder")
    for name, weight in loaded.model.state_dict().items():
        assert torch.equal(anew.state_dict()[name], weight), name


def test_that_weights_of_another_shape_are_named(tmp_path: Path):
    loaded = trained(GPT, DOCS, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", str(tmp_path / "folder")]) == 0
    config = recipe_from_builtins({"architecture": {**GPT, "width": 32}, "dataset": DOCS}).architecture
    assert isinstance(config, TransformerConfig)
    with pytest.raises(
        UserError, match=r"The tensor transformer\.wte\.weight in .* is \[\d+, 16\], but config\.json says"
    ):
        import_weights(config.build(loaded.sample), config, loaded.sample, tmp_path / "folder")


def test_that_what_cannot_be_exported_is_a_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    trained({**GPT, "norm": "after"}, DOCS, tmp_path / "run")
    assert main(["export", str(tmp_path / "run"), "--to", str(tmp_path / "folder")]) == 2
    assert "normalises before" in capsys.readouterr().err
    assert not (tmp_path / "folder").exists()
    trained(GPT, DOCS, tmp_path / "other")
    assert main(["export", str(tmp_path / "other"), "--to", str(tmp_path / "run")]) == 2
    assert "not empty" in capsys.readouterr().err


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no limit of a file's size.")
@pytest.mark.parametrize("most_bytes", [100, 30_000])  # too little for the tokenizer, and for the weights
def test_that_an_export_without_room_is_a_sentence_and_leaves_nothing(most_bytes: int, tmp_path: Path):
    import resource

    recipe = recipe_from_builtins({"architecture": {**GPT, "width": 64}, "dataset": DOCS, "training": {}})
    data = recipe.dataset.load()
    model = recipe.architecture.build(data.sample)
    loaded = LoadedModel(recipe=recipe, sample=data.sample, model=model, step=0, tokenizer=data.tokenizer)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (most_bytes, before[1]))
    try:
        with pytest.raises(UserError, match="cannot be written") as raised:
            export_folder(loaded, tmp_path / "folder")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert str(tmp_path / "folder") in raised.value.message
    assert not (tmp_path / "folder").exists()
