"""Fetching: taken up again where it broke off, checked, told, stopped; a disk that is full."""

import os
from pathlib import Path
from typing import Any

import pytest

from modellab.errors import UserError
from modellab.hub import fetch as fetching
from modellab.hub.fetch import cache_of, fetch
from modellab.hub.telling import Fetching, FetchingStoppedError, telling
from tests import hub_double
from tests.hub_double import Fault, HubDouble

BYTES = 600_000
CONTENT = os.urandom(BYTES)


@pytest.fixture(autouse=True)
def _large(hub: HubDouble) -> None:
    hub.add("us/large", {"data/train.parquet": CONTENT, "README.md": b"# Large\n"})


def fetched(hub: HubDouble, name: str = "data/train.parquet") -> bytes:
    commit = hub.datasets["us/large"].commit
    fetch("us/large", kind="dataset", commit=commit, paths=[name])
    return (cache_of("us/large", kind="dataset") / "snapshots" / commit / name).read_bytes()


def parts() -> list[Path]:
    return sorted((cache_of("us/large", kind="dataset") / "blobs").glob("*part"))


def test_that_a_file_lies_where_the_hubs_client_looks_and_is_told_as_it_comes(hub: HubDouble):
    told: list[Fetching] = []
    with telling(told.append):
        assert fetched(hub) == CONTENT
        assert fetched(hub, "README.md") == b"# Large\n"
    assert told[0].done == 0
    assert (told[-3].what, told[-3].done, told[-3].total) == ("us/large", BYTES, BYTES)
    assert told[-3].amount() == "0.6 of 0.6 MB"
    before = len(hub.asked)
    fetched(hub)
    assert not any("GET /cdn" in asked for asked in hub.asked[before:])


@pytest.mark.parametrize("etag", ["../../../escaped", ""])
def test_that_a_checksum_that_is_none_names_no_file(hub: HubDouble, monkeypatch: pytest.MonkeyPatch, etag: str):
    monkeypatch.setattr(hub_double, "_git_hash", lambda _content: etag)
    with pytest.raises(UserError, match=r"tells no checksum of README\.md of us/large"):
        fetched(hub, "README.md")
    assert not [path for path in cache_of("us/large", kind="dataset").parent.rglob("*") if path.is_file()]


def test_that_a_connection_that_breaks_off_is_taken_up_where_it_was(hub: HubDouble):
    hub.faults.append(Fault(where="/cdn/", cut=200_000))
    assert fetched(hub) == CONTENT
    assert hub.ranges == ["bytes=200000-", "bytes=400000-"]


def test_that_a_hub_that_goes_in_the_middle_leaves_what_came(hub: HubDouble):
    hub.faults += [Fault(where="/cdn/", cut=200_000, times=1), Fault(where="/cdn/", cut=0)]
    with pytest.raises(UserError, match=r"broke off at 0\.2 of 0\.6 MB of us/large \(data/train\.parquet\); what"):
        fetched(hub)
    hub.faults.clear()
    assert fetched(hub) == CONTENT
    assert hub.ranges[-1] == "bytes=200000-"
    assert not parts()


def test_that_a_stop_keeps_what_is_here(hub: HubDouble, monkeypatch: pytest.MonkeyPatch):
    def stop(told: Fetching) -> None:
        if told.done > 100_000:
            raise FetchingStoppedError

    monkeypatch.setattr(fetching, "_LOOK_SECONDS", 0.0)
    with (
        telling(stop),
        pytest.raises(UserError, match=r"us/large was stopped at 0\.\d of 0\.6 MB; what is here"),
    ):
        fetched(hub)
    assert parts()[0].stat().st_size > 100_000
    assert fetched(hub) == CONTENT


@pytest.mark.parametrize("times", [1, 2])
def test_that_damage_of_the_right_size_is_found(hub: HubDouble, times: int):
    hub.faults.append(Fault(where="/cdn/", content=bytes(BYTES), times=times))
    if times == 1:
        assert fetched(hub) == CONTENT
        return
    with pytest.raises(UserError, match=r"data/train\.parquet of us/large came damaged from the hub twice"):
        fetched(hub)
    assert not parts()


@pytest.mark.parametrize("wrong", [bytes(1000), bytes(BYTES + 5)])
def test_that_a_part_that_is_not_of_this_file_is_thrown_away(hub: HubDouble, wrong: bytes):
    hub.faults.append(Fault(where="/cdn/", cut=0))
    with pytest.raises(UserError, match=r"broke off at 0 of 0\.6 MB"):
        fetched(hub)
    hub.faults.clear()
    parts()[0].write_bytes(wrong)
    assert fetched(hub) == CONTENT


def test_that_a_disk_without_room_is_told_before_anything_is_fetched(hub: HubDouble, monkeypatch: pytest.MonkeyPatch):
    usage: Any = type("Usage", (), {"free": fetching._SPARE_BYTES + 100_000})
    monkeypatch.setattr("shutil.disk_usage", lambda _folder: usage)
    with pytest.raises(UserError, match=r"us/large has 0\.6 MB to be fetched .* has room for 0\.1 MB; free some space"):
        fetched(hub)
    assert not any("/cdn/" in asked for asked in hub.asked)


def test_that_a_disk_that_fills_up_keeps_what_came(hub: HubDouble, monkeypatch: pytest.MonkeyPatch):
    receive = fetching._receive

    def until_full(*arguments: Any) -> None:
        receive(*arguments)
        raise OSError(28, "No space left on device")

    hub.faults.append(Fault(where="/cdn/", cut=200_000, times=1))
    monkeypatch.setattr(fetching, "_receive", until_full)
    with pytest.raises(UserError, match=r"is full at 0\.\d of 0\.6 MB of us/large; free some space"):
        fetched(hub)
    monkeypatch.setattr(fetching, "_receive", receive)
    assert fetched(hub) == CONTENT
