"""How long a step is said to take: by processor time of one thread, or by the clock of as many as a trainer has."""

import msgspec
import pytest
import torch

from modellab.inspection import timing
from modellab.presets import presets
from modellab.presets import times as preset_times
from modellab.presets.times import kept_seconds
from modellab.recipe import recipe_from_builtins, recipe_to_builtins, with_values
from workers import inspect_recipes
from workers.inspect_recipes import DatasetShelf, StepTimes, answer_model, threads, threads_of_a_trainer
from workers.protocol import DescribeModel

RECIPE = {"architecture": {"name": "mlp"}, "dataset": {"name": "points", "count": 200}, "training": {"device": "cpu"}}


def test_that_threads_are_as_before_afterwards():
    before = torch.get_num_threads()
    with threads(before + 1):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before


@pytest.mark.parametrize(("alone", "together", "told"), [(0.02, 0.5, 0.02), (0.02, 0.012, 0.012), (None, 0.5, None)])
def test_that_the_less_of_both_is_told_each_with_its_own_threads(
    monkeypatch: pytest.MonkeyPatch, alone: float | None, together: float, told: float | None
):
    used = []

    def measured(*_args: object, clock: object = None, **_options: object) -> float | None:
        used.append((torch.get_num_threads(), clock is not None))
        return alone if clock is not None else together

    trainers = threads_of_a_trainer()
    monkeypatch.setattr(timing, "step_seconds", measured)
    with threads(2 if trainers != 2 else 3):  # whatever the other lane has set
        times, request = StepTimes(), DescribeModel(recipe=RECIPE, is_timed=True)
        answer_model(request, DatasetShelf(), times, is_wanted=lambda: True)
    assert used == [(1, True), (trainers, False)]
    assert times.get(recipe_from_builtins(RECIPE)) == told
    assert inspect_recipes.threads_of_a_trainer() == trainers


def test_that_the_setup_begins_with_the_time_that_a_presets_card_tells(monkeypatch: pytest.MonkeyPatch):
    preset = presets()["xor"].recipe
    monkeypatch.setattr(timing, "step_seconds", lambda *_args, **_options: 0.001)
    request = DescribeModel(recipe=recipe_to_builtins(with_values(preset, {"training.device": "cpu"})), is_timed=True)
    monkeypatch.setattr(preset_times, "_is_preset", lambda recipe: recipe.preset == "xor")
    told, _ = answer_model(request, DatasetShelf(), StepTimes(), is_wanted=lambda: True)
    assert told.seconds == kept_seconds()["xor"] > 0
    untimed = msgspec.structs.replace(request, is_timed=False)
    again, _ = answer_model(untimed, DatasetShelf(), StepTimes(), is_wanted=lambda: True)
    assert again.seconds == told.seconds
