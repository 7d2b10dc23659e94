"""State without pickle: whatever an optimiser holds goes to safetensors and JSON and comes back."""

import msgspec
import pytest
import torch

from modellab.training.state import copied, packed, unpacked


def test_that_a_tree_comes_back_as_it_was():
    tree = {
        "state": {0: {"step": torch.tensor(3.0), "average": torch.ones(2)}, 1: {}},
        "groups": [{"lr": 0.1, "betas": (0.9, 0.99), "fused": True, "foreach": None}],
        "name": "adam",
    }
    structure, tensors = packed(tree)
    back = unpacked(msgspec.json.decode(msgspec.json.encode(structure)), tensors)
    assert back["groups"] == tree["groups"]
    assert back["name"] == "adam"
    assert torch.equal(back["state"][0]["average"], torch.ones(2))
    assert set(back["state"]) == {0, 1}


def test_that_a_copy_does_not_change_with_the_original():
    tree = {"a": [torch.zeros(2)]}
    copy = copied(tree)
    tree["a"][0] += 1
    assert torch.equal(copy["a"][0], torch.zeros(2))


def test_that_what_is_not_plain_is_refused():
    with pytest.raises(AssertionError, match="not plain"):
        packed({"a": object()})
