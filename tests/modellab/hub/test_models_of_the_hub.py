"""Pretrained models of a hub that answers: what is read is fetched, what would be unpickled or run is refused."""

import json

import pytest

from modellab.errors import UserError
from modellab.pretrained.folder import find_pretrained
from tests.hub_double import Fault, HubDouble
from tests.modellab.hub.conftest import forget

CONFIG = json.dumps({"model_type": "bert", "architectures": ["BertForMaskedLM"]}).encode()
WEIGHTS = b"\x02\0\0\0\0\0\0\0{}"
FILES = {"config.json": CONFIG, "tokenizer.json": b"{}", "model.safetensors": WEIGHTS, "README.md": b"#"}


def refused(hub_id: str) -> str:
    forget()
    with pytest.raises(UserError) as caught:
        find_pretrained(hub_id)
    assert "\n" not in caught.value.message
    return caught.value.message


def test_that_a_model_is_fetched_once_and_then_needs_no_hub(hub: HubDouble):
    others = {"pytorch_model.bin": b"\x80\x02.", "onnx/model.safetensors": WEIGHTS}
    hub.add("us/bert", FILES | others, kind="models")
    found = find_pretrained("us/bert")
    assert {file.name for file in found.path.iterdir()} == {"config.json", "tokenizer.json", "model.safetensors"}
    num_asked = len(hub.asked)
    assert find_pretrained("us/bert").path == found.path
    assert len(hub.asked) == num_asked
    forget()
    hub.faults.append(Fault(where="/", method="ANY", status=500))
    assert find_pretrained("us/bert").path == found.path


@pytest.mark.parametrize(
    ("files", "says"),
    [
        (
            {"config.json": CONFIG, "pytorch_model.bin": b"\x80\x02."},
            "only as pytorch_model.bin, which would have to be",
        ),
        ({"config.json": CONFIG}, "has its weights on the hub not at all; choose a model with .safetensors"),
        ({"README.md": b"#"}, "us/odd on the hub is no model that can be opened: it has no config.json"),
    ],
)
def test_that_what_is_no_model_is_refused_before_anything_is_fetched(
    hub: HubDouble, files: dict[str, bytes], says: str
):
    hub.add("us/odd", files, kind="models")
    assert says in refused("us/odd")
    assert not any("resolve" in asked for asked in hub.asked)


def test_that_code_of_its_own_is_refused_before_the_weights_are_fetched(hub: HubDouble):
    own = json.dumps({"model_type": "mine", "auto_map": {"AutoModel": "modeling_mine.Mine"}}).encode()
    hub.add("us/mine", FILES | {"config.json": own, "modeling_mine.py": b"import os"}, kind="models")
    assert "names code of its own (modeling_mine.Mine), which is never run" in refused("us/mine")
    assert not any("safetensors" in asked or ".py" in asked for asked in hub.asked)


def test_that_who_may_not_have_a_model_is_told_what_to_do(hub: HubDouble):
    hub.add("us/gated", FILES, kind="models", is_gated=True)
    assert f"it is gated on the hub; ask for access at {hub.url}/us/gated, then set HF_TOKEN" in refused("us/gated")
    assert "check the spelling (owner/name)" in refused("us/gatd")
    assert "it is no name on the hub; give its owner and name" in refused("not a name")
    hub.faults.append(Fault(where="/", method="ANY", status=502))
    assert "the hub is out of order (502); try again later" in refused("us/gated")
