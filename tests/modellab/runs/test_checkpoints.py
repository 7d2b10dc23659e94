"""Checkpoints: whole or named as broken, thinned out to log-spaced steps."""

import json
from pathlib import Path

import pytest

from modellab.errors import UserError
from modellab.runs.checkpoints import (
    checkpoint_at,
    folder_name,
    list_checkpoints,
    newest_whole,
    thin_out,
    verify,
    writing_checkpoint,
)
from modellab.runs.folder import RunFolder


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return RunFolder(tmp_path / "run")


def write(run: RunFolder, step: int, *, data: bytes = bytes(1000), is_best: bool = False) -> Path:
    with writing_checkpoint(run, step, is_best=is_best) as folder:
        (folder / "weights.safetensors").write_bytes(data)
        (folder / "state.json").write_bytes(b"{}")
    return run.checkpoints / folder_name(step)


def test_that_a_checkpoint_lists_its_files_with_their_digests(run: RunFolder):
    folder = write(run, 12)
    manifest = json.loads((folder / "MANIFEST.json").read_text())
    assert manifest["step"] == 12
    assert set(manifest["files"]) == {"weights.safetensors", "state.json"}
    assert len(manifest["files"]["state.json"]["sha256"]) == 64
    assert verify(folder).step == 12


@pytest.mark.parametrize(
    ("harm", "says"),
    [
        (lambda path: path.write_bytes(path.read_bytes()[:-1]), "cut short"),
        (lambda path: path.write_bytes(b"\x01" + path.read_bytes()[1:]), "checksum"),
        (lambda path: path.unlink(), "missing"),
    ],
)
def test_that_a_damaged_file_is_named_and_the_checkpoint_before_is_offered(run: RunFolder, harm, says: str):
    write(run, 1)
    damaged = write(run, 2) / "weights.safetensors"
    harm(damaged)
    with pytest.raises(UserError, match=says) as caught:
        verify(damaged.parent)
    assert str(damaged) in caught.value.message
    whole, problems = newest_whole(run)
    assert whole is not None
    assert whole.step == 1
    assert problems == [caught.value.message]


def test_that_a_folder_without_a_manifest_is_no_checkpoint(run: RunFolder):
    (write(run, 5) / "MANIFEST.json").unlink()
    assert list_checkpoints(run) == []
    with pytest.raises(UserError, match="no checkpoint yet"):
        checkpoint_at(run, None)


def test_that_what_breaks_off_leaves_nothing_and_the_one_before_alone(run: RunFolder):
    write(run, 5, data=b"before")
    with pytest.raises(OSError, match="full"):
        write_half(run, 5)
    assert [path.name for path in run.checkpoints.iterdir()] == [folder_name(5)]
    assert (run.checkpoints / folder_name(5) / "weights.safetensors").read_bytes() == b"before"


def write_half(run: RunFolder, step: int) -> None:
    with writing_checkpoint(run, step) as folder:
        (folder / "weights.safetensors").write_bytes(b"half")
        raise OSError("full")


def test_that_thinning_keeps_the_first_the_best_and_the_last_and_the_rest_log_spaced(run: RunFolder):
    for step in (0, 1, 2, 4, 8, 9, 10, 16, 32, 33, 64):
        write(run, step, is_best=step == 9)
    removed = thin_out(run, budget_bytes=1010 * 7)
    kept = [checkpoint.step for checkpoint in list_checkpoints(run)]
    assert len(kept) <= 7
    assert {0, 9, 64} <= set(kept)
    assert not {8, 10} <= set(kept)
    assert len(removed) == 11 - len(kept)
    assert all(not (run.path / name).exists() for name in removed)


def test_that_a_step_between_two_checkpoints_is_the_one_before(run: RunFolder):
    write(run, 10)
    write(run, 20)
    assert checkpoint_at(run, 19).step == 10
    with pytest.raises(UserError, match="at or before step 9"):
        checkpoint_at(run, 9)
