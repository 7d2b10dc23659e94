"""The layers of a pretrained model, told without training anything."""

import pytest

from modellab.pretrained.folder import check_folder
from modellab.pretrained.opening import open_pretrained
from modellab.pretrained.parts import parts_of
from tests.modellab.pretrained.folders import bart, bert, gpt2, vit


@pytest.mark.parametrize("make", [bert, bart, gpt2])
def test_that_every_weight_of_a_folder_is_in_a_layer(make, tmp_path):
    opened = open_pretrained(check_folder(make(tmp_path / "model")))
    layers, read = parts_of(opened)
    assert len(read) == 1
    inside = [name for name, _ in opened.model.named_parameters(remove_duplicate=False)]
    named = {layer.name for layer in layers if layer.parameters}
    assert {name.rpartition(".")[0] for name in inside} - {"cls.predictions", "model.shared"} <= named
    dense = next(layer for layer in layers if layer.kind in ("Linear", "Conv1D"))
    assert dense.flops == 2 * 16 * dense.shape[1] * read[0]


def test_that_a_model_of_images_reads_one_of_its_size(tmp_path):
    layers, read = parts_of(open_pretrained(check_folder(vit(tmp_path / "model"))))
    assert read == (3, 12, 12)
    assert layers[-1].shape == (3,)
