"""The learning rate as a function of the step."""

import itertools
import math

import pytest

from modellab.training.options import Schedule
from modellab.training.schedules import Patience, Plateau, fraction_of


def fractions(schedule: Schedule, *, total: int = 100, per_epoch: int = 10) -> list[float]:
    found = fraction_of(schedule, steps_per_epoch=per_epoch, total_steps=total)
    return [found(step) if found else 1.0 for step in range(total)]


def test_that_constant_is_constant():
    assert fractions(Schedule()) == [1.0] * 100


def test_that_step_multiplies_every_so_many_epochs():
    found = fractions(Schedule(kind="step", step_epochs=3, factor=0.5))
    assert (found[29], found[30], found[60]) == (1.0, 0.5, 0.25)


def test_that_exponential_multiplies_every_epoch():
    found = fractions(Schedule(kind="exponential", factor=0.9))
    assert found[9] == 1.0
    assert found[25] == pytest.approx(0.81)


def test_that_cosine_goes_from_one_to_its_end_by_way_of_the_middle():
    found = fractions(Schedule(kind="cosine", final_fraction=0.2))
    assert found[0] == 1.0
    assert found[50] == pytest.approx(0.6)
    assert 0.2 < found[99] < 0.21


def test_that_linear_falls_in_equal_steps():
    found = fractions(Schedule(kind="linear"))
    assert found[25] == pytest.approx(0.75)
    assert {round(a - b, 9) for a, b in itertools.pairwise(found)} == {0.01}


def test_that_one_cycle_rises_to_its_peak_and_falls_to_nearly_nothing():
    found = fractions(Schedule(kind="one_cycle", peak_at=0.3))
    assert found[0] == pytest.approx(1 / 25)
    assert max(found) == pytest.approx(1.0)
    assert found.index(max(found)) == 29
    assert found[99] < 1e-5


def test_that_a_warm_up_rises_linearly_from_the_first_step():
    for kind in ("constant", "cosine", "linear"):
        found = fractions(Schedule(kind=kind, warmup_steps=10))
        assert [round(value, 9) for value in found[:10]] == [round(step / 10, 9) for step in range(1, 11)]
        assert found[10] == pytest.approx(1.0)


def test_that_a_falling_schedule_begins_when_the_warm_up_is_over():
    for schedule, epochs in (
        (Schedule(kind="step", step_epochs=2, factor=0.5, warmup_steps=25), 2),
        (Schedule(kind="exponential", factor=0.5, warmup_steps=25), 1),
    ):
        found = fractions(schedule)
        assert found[24 : 25 + 10 * epochs] == [1.0] * (10 * epochs + 1)
        assert found[25 + 10 * epochs] == 0.5


def test_that_a_plateau_waits_its_patience_and_then_drops():
    plateau = Plateau(Schedule(kind="reduce_on_plateau", factor=0.5, plateau_epochs=2))
    assert [plateau.see(loss) for loss in (1.0, 0.9, 0.95, 0.91, 0.92, 0.5)] == [
        False,
        False,
        False,
        True,
        False,
        False,
    ]
    assert plateau.fraction == 0.5


def test_that_patience_ignores_a_fall_that_is_too_small():
    patience = Patience(patience=2, min_delta=0.1)
    assert [patience.see(loss) for loss in (1.0, 0.95, 0.5, 0.45, 0.41)] == [False, False, False, False, True]
    assert math.isfinite(patience.best)
