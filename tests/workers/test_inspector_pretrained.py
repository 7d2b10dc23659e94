"""What the window is told of a pretrained folder before anything is trained: what it is, what learns, what is wrong."""

import json
from pathlib import Path
from typing import Any

import pytest
import safetensors.torch
import torch

from modellab.errors import UserError
from tests.modellab.pretrained.folders import WORDS, bert
from workers.inspect_recipes import DatasetShelf, StepTimes, answer_dataset, answer_model, answer_samples
from workers.protocol import DescribeDataset, DescribeModel, ModelDescription, ShowSamples


def values(folder: Path, **options: Any) -> dict[str, Any]:
    rows = "\n".join("the cat sat on the mat,one\na dog ran home,other" for _ in range(10))
    (folder.parent / "texts.csv").write_text(f"text,label\n{rows}\n")
    return {
        "architecture": {"name": "pretrained", "folder": str(folder), **options},
        "dataset": {"name": "text_table", "file": str(folder.parent / "texts.csv"), "max_length": 8},
        "training": {"batch_size": 4, "device": "cpu"},
    }


def described(recipe: dict[str, Any], *, is_timed: bool = False) -> ModelDescription:
    request = DescribeModel(recipe=recipe, is_timed=is_timed)
    answer, _ = answer_model(request, DatasetShelf(), StepTimes(), is_wanted=lambda: True)
    return answer


def test_that_a_folder_is_told_in_words_with_what_learns_of_it(tmp_path: Path):
    folder = bert(tmp_path / "model")
    whole, head = described(values(folder)), described(values(folder, train="head"))
    assert whole.about == "bert, 2 layers"
    assert whole.trained == whole.parameters == head.parameters
    assert head.trained == 16 * 16 + 16 + 16 * 2 + 2, "the pooler and the classifier"
    assert head.memory_parts["optimiser"] == 2 * 4 * head.trained
    assert head.memory_parts["activations"] < whole.memory_parts["activations"] / 4
    assert described(values(folder), is_timed=True).seconds is not None


def change_weights(folder: Path, tensor: torch.Tensor | None) -> None:
    found = safetensors.torch.load_file(folder / "model.safetensors")
    name = "bert.encoder.layer.1.output.dense.weight"
    kept = {one: value for one, value in found.items() if one != name} | ({} if tensor is None else {name: tensor})
    safetensors.torch.save_file(kept, folder / "model.safetensors", metadata={"format": "pt"})


def test_that_a_wrong_folder_is_marked_before_start(tmp_path: Path):
    def refused(folder: Path, words: str, *, is_timed: bool = False) -> None:
        with pytest.raises(UserError, match=words) as caught:
            described(values(folder), is_timed=is_timed)
        assert caught.value.field == "architecture.folder"

    (tmp_path / "empty").mkdir()
    refused(tmp_path / "empty", r"holds no pretrained model: it has no config\.json")
    pickled = bert(tmp_path / "pickled")
    (pickled / "model.safetensors").rename(pickled / "pytorch_model.bin")
    refused(pickled, "only as pytorch_model.bin, which would have to be unpickled")
    code = bert(tmp_path / "code")
    config = json.loads((code / "config.json").read_text())
    (code / "config.json").write_text(json.dumps(config | {"auto_map": {"AutoModel": "evil.Evil"}}))
    refused(code, r"names code of its own \(evil.Evil\), which is never run")
    other = bert(tmp_path / "other", words=WORDS[:9])
    (other / "tokenizer.json").write_bytes((bert(tmp_path / "more") / "tokenizer.json").read_bytes())
    refused(other, "does not match the model: it has 15 tokens, the model embeddings for 9")
    missing, shape = bert(tmp_path / "missing"), bert(tmp_path / "shape")
    change_weights(missing, None)
    change_weights(shape, torch.zeros(3, 4))
    refused(missing, r"have no tensor bert\.encoder\.layer\.1\.output\.dense\.weight", is_timed=True)
    refused(shape, r"The tensor bert\.encoder\.layer\.1\.output\.dense\.weight .* is \[3, 4\]", is_timed=True)


def test_that_texts_are_shown_as_the_folders_tokenizer_cuts_them(tmp_path: Path):
    recipe = values(bert(tmp_path / "model"))
    shelf = DatasetShelf()
    request = DescribeDataset(dataset=recipe["dataset"], architecture=recipe["architecture"])
    description, _ = answer_dataset(request, shelf)
    assert description.sample["num_tokens"] == len(WORDS)
    own, _ = answer_dataset(DescribeDataset(dataset=recipe["dataset"]), shelf)
    assert own.sample["num_tokens"] != len(WORDS)
    page, arrays = answer_samples(ShowSamples(recipe=recipe, count=1), shelf)
    read = [page.tokens[token] for token in arrays["tokens"][: arrays["offsets"][1]].tolist()]
    assert " ".join(read) in ("the cat sat on the mat", "a dog ran home")

    nowhere = {**recipe["architecture"], "folder": str(tmp_path / "none")}
    still, _ = answer_dataset(DescribeDataset(dataset=recipe["dataset"], architecture=nowhere), shelf)
    assert still.sizes == own.sizes, "what is wrong with the folder is said of the model"
