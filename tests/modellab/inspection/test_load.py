"""Models out of run folders: published, at a step, broken."""

import json
from pathlib import Path

import pytest
import safetensors.torch
import torch

from modellab.errors import UserError
from modellab.inspection.load import load_model, weights_at
from modellab.recipe import recipe_from_builtins
from modellab.runs.checkpoints import writing_checkpoint
from modellab.runs.folder import RunFolder, create_run

RECIPE = recipe_from_builtins(
    {"architecture": {"name": "mlp", "hidden_layers": [4]}, "dataset": {"name": "points"}, "training": {}}
)
SAMPLE = RECIPE.dataset.load().sample


@pytest.fixture
def run(tmp_path: Path) -> RunFolder:
    return create_run(RECIPE, path=tmp_path / "run")


def weights(step: int) -> dict[str, torch.Tensor]:
    state = RECIPE.architecture.build(SAMPLE).state_dict()
    return {name: torch.full_like(tensor, step) for name, tensor in state.items()}


def take_checkpoint(run: RunFolder, step: int) -> None:
    with writing_checkpoint(run, step) as folder:
        safetensors.torch.save_file(weights(step), folder / "weights.safetensors")


def publish(run: RunFolder, step: int) -> None:
    safetensors.torch.save_file(weights(step), run.live_file, metadata={"step": str(step)})


def loaded_step(run: RunFolder, step: int | None) -> int:
    """The step said, which is also what the weights are filled with."""
    loaded = load_model(run, step=step)
    assert not loaded.model.training
    assert all((weight == loaded.step).all() for weight in loaded.model.parameters())
    return loaded.step


def test_that_a_run_without_weights_says_so(run: RunFolder):
    with pytest.raises(UserError, match="no weights yet"):
        load_model(run)


def test_that_the_newest_is_published_or_checkpoint_whichever_is_later(run: RunFolder):
    publish(run, 50)
    assert loaded_step(run, None) == 50
    take_checkpoint(run, 100)
    assert loaded_step(run, None) == 100
    publish(run, 130)
    assert loaded_step(run, None) == 130


def test_that_weights_published_anew_since_they_were_found_are_said_to_be_of_their_own_step(run: RunFolder):
    publish(run, 50)
    found = weights_at(run, None)
    publish(run, 60)
    loaded = load_model(run, weights=found)
    assert loaded.step == 60
    assert all((weight == 60).all() for weight in loaded.model.parameters())


def test_that_a_step_is_the_nearest_checkpoint_at_or_before_it(run: RunFolder):
    for step in (10, 20, 40):
        take_checkpoint(run, step)
    publish(run, 55)
    assert [loaded_step(run, step) for step in (10, 39, 40, 54, 55, 56)] == [10, 20, 40, 40, 55, 40]
    with pytest.raises(UserError, match="at or before step 9"):
        weights_at(run, 9)


def test_that_a_changed_checkpoint_is_refused_by_name_and_passed_over_for_the_newest(run: RunFolder):
    take_checkpoint(run, 10)
    take_checkpoint(run, 20)
    path = run.checkpoints / "step-00000020" / "weights.safetensors"
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(UserError, match=r"weights\.safetensors"):
        load_model(run, step=20)
    assert loaded_step(run, None) == 10


def test_that_a_torn_published_file_is_passed_over(run: RunFolder):
    take_checkpoint(run, 10)
    run.live_file.write_bytes(b"\x09")
    assert loaded_step(run, None) == 10


def test_that_what_an_example_is_comes_from_the_trainers_own_words(run: RunFolder):
    take_checkpoint(run, 1)
    said = {"type": "Started", "step": 0, "device": "cpu", "device_name": "", "num_parameters": 1}
    said |= {"steps_per_epoch": 1, "total_steps": 1}
    said["sample"] = {"kind": "point", "task": "classification", "shape": [2], "classes": ["red", "blue"]}
    run.events_file.write_text("not json\n" + json.dumps(said) + "\n")
    assert load_model(run).sample.classes == ("red", "blue")
