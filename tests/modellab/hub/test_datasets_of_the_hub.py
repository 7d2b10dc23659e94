"""Text datasets of a hub that answers: every form, the columns picked, and what cannot be had."""

from typing import Any

import pytest

from modellab.data.base import LoadedDataset
from modellab.data.hub_text import hub_columns
from tests.hub_double import Fault, HubDouble
from tests.modellab.data.conftest import sentence
from tests.modellab.data.text_loading import load, problem
from tests.modellab.hub.conftest import forget, json_lines, parquet

TEXTS = [sentence(index) for index in range(24)]
LABELS = [index % 2 for index in range(24)]


def loaded(hub: HubDouble, files: dict[str, bytes], **options: Any) -> LoadedDataset:
    hub.add("us/things", files)
    forget()
    return load("hub_text", hub_id="us/things", **options)


def test_that_shards_and_splits_of_parquet_are_read_with_the_names_of_their_classes(hub: HubDouble):
    names = {"mood": ["sad", "glad"]}
    shard = [{"quote": TEXTS[start:end], "mood": LABELS[start:end]} for start, end in ((0, 12), (12, 20))]
    files = {f"data/train-0000{k}-of-00002.parquet": parquet(part, class_names=names) for k, part in enumerate(shard)}
    files["data/test-00000-of-00001.parquet"] = parquet({"quote": TEXTS[20:], "mood": LABELS[20:]}, class_names=names)
    data = loaded(hub, files | {"README.md": b"# Things"}, text_column="quote", label_column="mood")
    assert data.sample.classes == ("sad", "glad")
    assert len(data.train) + len(data.validation) == 20
    assert data.test is not None
    assert len(data.test) == 4
    assert hub_columns("us/things", "") == ("quote", "mood")


def test_that_columns_of_any_name_are_picked_from_json_lines_and_csv(hub: HubDouble):
    text, label = 'the "long" $text', "étiquette (0/1)"
    rows = [{text: words, label: "sí" if kind else "no", " ": 1} for words, kind in zip(TEXTS, LABELS, strict=True)]
    data = loaded(hub, {"train.jsonl": json_lines(rows)}, text_column=text, label_column=label)
    assert data.sample.classes == ("no", "sí")
    csv = "\n".join(["Review Text,stars", *(f'"{t}",{k}' for t, k in zip(TEXTS, LABELS, strict=True))])
    assert loaded(hub, {"train.csv": csv.encode()}, max_length=7).sample.classes  # both columns found by name


def test_that_a_text_alone_is_a_stream_and_pairs_are_translated(hub: HubDouble):
    stream = loaded(hub, {"train.txt": "\n".join(TEXTS * 4).encode()}, task="language_modelling", window=8)
    assert stream.sample.task == "language_modelling"
    pairs = [{"translation": {"de": f"ein {words}", "en": f"a {words}"}} for words in TEXTS]
    hub.add("us/pairs", {"train.jsonl": json_lines(pairs)})
    data = load("hub_text", hub_id="us/pairs", task="translation", target_column="translation.de")
    assert data.sample.task == "translation"
    assert "'translation.en', targets from 'translation.de'" in data.notes[0]


def test_that_of_several_subsets_one_is_to_be_chosen(hub: HubDouble):
    listed = "".join(
        f"- config_name: {name}\n  data_files:\n  - split: train\n    path: {name}/*.parquet\n"
        for name in ("big", "small")
    )
    readme = f"---\nconfigs:\n{listed}---\n".encode()
    big, small = (parquet({"text": TEXTS[:count], "label": LABELS[:count]}) for count in (24, 10))
    hub.add("us/sets", {"README.md": readme, "big/train.parquet": big, "small/train.parquet": small})
    unnamed, misspelled = problem("hub_text", hub_id="us/sets"), problem("hub_text", hub_id="us/sets", subset="smal")
    assert unnamed.message == "The dataset us/sets has several subsets; choose one of big, small."
    assert misspelled.message == "The dataset us/sets has no such subset; choose one of big, small."
    assert unnamed.field == misspelled.field == "dataset.subset"
    data = load("hub_text", hub_id="us/sets", subset="small")
    assert len(data.train) + len(data.validation) == 10
    assert not any("big/" in asked for asked in hub.asked if "resolve" in asked)


def test_that_what_was_read_once_needs_no_hub(hub: HubDouble):
    options = {"text_column": "text", "label_column": "label"}
    loaded(hub, {"train.parquet": parquet({"text": TEXTS, "label": LABELS, "other": TEXTS})}, **options)
    forget()
    hub.faults.append(Fault(where="/", method="ANY", status=503))
    load("hub_text", hub_id="us/things", **options)
    other = load("hub_text", hub_id="us/things", text_column="other", label_column="label")
    assert len(other.train) + len(other.validation) == 24
    assert "the hub is out of order (503); try again later" in problem("hub_text", hub_id="us/never").message


@pytest.mark.parametrize(
    ("files", "says"),
    [
        ({"README.md": b"#", "odd.py": b"import os"}, "is a program on the hub (odd.py), which is never run; choose"),
        ({"train.pkl": b"cos\nsystem\n(S'true'\ntR."}, "has no data on the hub that can be read; choose"),
        ({"train.tar": b"\0" * 10_240}, "has its data as .tar files on the hub, which are not read; choose"),
    ],
)
def test_that_what_is_no_data_to_be_read_is_one_sentence(hub: HubDouble, files: dict[str, bytes], says: str):
    hub.add("us/odd", files)
    said = problem("hub_text", hub_id="us/odd")
    assert said.message.startswith("The dataset us/odd ")
    assert says in said.message
    assert said.field == "dataset.hub_id"


def test_that_who_may_not_read_is_told_what_to_do(hub: HubDouble, monkeypatch: pytest.MonkeyPatch):
    hub.add("us/gated", {"train.parquet": parquet({"text": TEXTS, "label": LABELS})}, is_gated=True)

    def said(hub_id: str = "us/gated") -> str:
        return problem("hub_text", hub_id=hub_id).message

    assert "check the spelling (owner/name)" in said("us/gatd")
    assert f"it is gated on the hub; ask for access at {hub.url}/datasets/us/gated, then set HF_TOKEN" in said()
    monkeypatch.setenv("HF_TOKEN", "hf_wrong")
    assert "the hub does not know your token; set another HF_TOKEN" in said()
    monkeypatch.setenv("HF_TOKEN", hub.accepts)
    hub.is_granted = False
    assert f"has not given you access to it yet; ask for it at {hub.url}/datasets/us/gated" in said()
    hub.is_granted = True
    assert load("hub_text", hub_id="us/gated").sample.classes == ("0", "1")
    assert ("", "cdn") in hub.told  # where the large files lie no token is shown
    assert (hub.accepts, "cdn") not in hub.told


def test_that_too_many_questions_are_told_at_once(hub: HubDouble):
    hub.faults.append(Fault(where="/", method="ANY", status=429))
    assert "too many questions from here (429); wait some minutes" in problem("hub_text", hub_id="us/any").message
    assert len(hub.asked) < 6
