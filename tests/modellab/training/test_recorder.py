"""What a Progress event carries."""

import numpy as np
import pytest

from modellab.training.recorder import rounded
from modellab.training.shares import Share, Stride


@pytest.mark.parametrize("value", [0.123456789, 1234567.0, 1.5e-12, -3.14159265, 0.0, 2.0, 1e30])
def test_that_numbers_keep_six_significant_digits(value: float):
    (found,) = rounded(np.array([value]))
    assert found == pytest.approx(float(f"{value:.6g}"), rel=5e-6)
    assert len(repr(found)) <= 13


def test_that_what_is_not_finite_is_not_measured():
    assert rounded(np.array([1.0, np.nan, np.inf])) == [1.0, None, None]


def test_that_a_share_waits_longer_the_more_it_cost():
    share = Share(0.01, least_seconds=0.5)
    assert share.is_due(0.0)
    share.charge(0.02, now=10.0)
    assert not share.is_due(11.9)
    assert share.is_due(12.0)
    share.charge(0.0, now=20.0)
    assert not share.is_due(20.4)


def test_that_the_price_of_the_first_time_does_not_put_off_the_second():
    share = Share(0.01, least_seconds=0.5, second_within=1.0)
    share.charge(0.2, now=10.0)
    assert not share.is_due(10.9)
    assert share.is_due(11.0)
    share.charge(0.02, now=11.0)
    assert not share.is_due(12.9)
    assert share.is_due(13.0)


def test_that_a_stride_grows_until_measuring_is_cheap():
    stride = Stride(0.01)
    stride.adapt(cost=50e-6, step_seconds=250e-6)
    assert stride.steps == 20
    stride.adapt(cost=50e-6, step_seconds=0.1)
    assert stride.steps == 1
