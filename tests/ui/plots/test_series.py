"""The numbers behind a curve: extremes, truncation, smoothing, axis units."""

import numpy as np
import pytest

from ui.plots import AxisMap, Series, Smoothed, XUnit
from ui.plots.smoothing import ema_scan
from ui.plots.ticks import linear_ticks, log_ticks, x_ticks


def noisy(num_points: int, *, seed: int = 0, is_even: bool = True) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(seed)
    x = np.arange(num_points, dtype=float) if is_even else np.cumsum(generator.exponential(size=num_points))
    y = generator.normal(size=num_points)
    y[generator.random(num_points) < 0.1] = np.nan
    return x, y


def in_chunks(x: np.ndarray, y: np.ndarray, *, seed: int = 1) -> Series:
    series, generator, begin = Series(), np.random.default_rng(seed), 0
    while begin < len(x):
        end = begin + int(generator.integers(1, 3000))
        series.append(x[begin:end], y[begin:end])
        if generator.random() < 0.3:
            series.window(x[0], x[begin], 50)  # the pyramid grows at different moments
        begin = end
    return series


@pytest.mark.parametrize("is_even", [True, False])
def test_that_bins_hold_the_extremes_of_all_their_points(is_even):
    x, y = noisy(60_000, is_even=is_even)
    series = in_chunks(x, y)
    edges = np.linspace(x[0] - 5, x[-1] + 5, 300)
    bins = series.bins(edges)
    known = ~np.isnan(y)
    x, y = x[known], y[known]
    for place, start, stop, low, high in zip(bins.place, bins.starts, bins.stops, bins.lows, bins.highs, strict=True):
        inside = (x >= edges[place]) & (x < edges[place + 1])
        assert np.array_equal(np.flatnonzero(inside), np.arange(start, stop))
        slack = (stop - start + 3) // 4  # blocks may reach a quarter of the bin over its edge, never short of it
        wide = y[max(0, start - slack) : stop + slack]
        assert wide.min() <= low <= y[inside].min()
        assert y[inside].max() <= high <= wide.max()


def test_that_short_bins_are_exactly_the_brute_force_extremes():
    x, y = noisy(5000, is_even=False)
    bins = in_chunks(x, y).bins(np.linspace(x[0], x[-1], 400))
    known = y[~np.isnan(y)]
    assert np.array_equal(bins.lows, [known[a:b].min() for a, b in zip(bins.starts, bins.stops, strict=True)])
    assert np.array_equal(bins.highs, [known[a:b].max() for a, b in zip(bins.starts, bins.stops, strict=True)])


def test_that_a_spike_survives_any_decimation():
    for place in (0, 1, 77_777, 131_071, 199_998, 199_999):
        y = np.zeros(200_000)
        y[place] = 9.0
        series = Series(np.arange(len(y)), y)
        for x0, x1 in ((0, len(y) - 1), (place - 50_000, place + 50_001), (place, place + 30_000)):
            for pixels in (37, 640, 1279):
                assert series.window(x0, x1, pixels)[2].max() == 9.0


def test_that_a_window_has_at_most_two_points_a_pixel_and_reaches_its_borders():
    series = Series(np.arange(10_000), np.arange(10_000))
    xs, lows, highs = series.window(100, 9000, 500)
    assert len(xs) + len(highs) <= 2 * 501
    xs, lows, highs = series.window(10.5, 20.5, 500)
    assert list(xs) == list(range(10, 22))
    assert lows is highs


def test_that_truncation_leaves_what_was_before_and_new_points_follow():
    x, y = noisy(30_000)
    series = in_chunks(x, y)
    series.window(0, 30_000, 100)
    series.truncate_from(12_345)
    assert series.extent is not None
    assert series.extent[1] < 12_345
    series.append(x[12_345:], y[12_345:] + 100)
    expected = np.where(x < 12_345, y, y + 100)
    fresh = Series(x, expected)
    for window in ((0, 30_000), (11_000, 13_000)):
        for ours, theirs in zip(series.window(*window, 90), fresh.window(*window, 90), strict=True):
            assert np.array_equal(ours, theirs)


def test_that_truncating_at_the_first_point_empties_the_series():
    series = Series([5, 6, 7], [1, np.inf, 3])
    series.truncate_from(5)
    assert len(series) == 0
    assert series.extent is None
    assert series.nearest(5) is None
    series.append([0.5], [2])
    assert series.latest() == (0.5, 2)


def test_that_a_decreasing_x_is_refused():
    series = Series([0, 1, 2], [0, 0, 0])
    with pytest.raises(ValueError, match="truncate_from"):
        series.append([1], [0])


def test_that_infinite_values_stand_apart_and_are_still_the_nearest():
    series = Series([0, 1, 2, 3], [1, np.inf, np.nan, -np.inf])
    assert len(series) == 1
    assert series.nearest(1.2) == (1, np.inf)
    assert series.nearest(9) == (3, -np.inf)
    assert series.window(0, 3, 10)[2].max() == 1


def test_that_even_steps_cost_no_memory_and_break_without_harm():
    even = Series(np.arange(0, 100_000, 10), np.zeros(10_000))
    assert even.nbytes < 8 * 10_000 * 1.4
    even.append([100_001, 100_001, 100_003], [1, 2, 3])
    assert even.nearest(100_002.5) == (100_003, 3)
    assert even.nearest(51) == (50, 0)
    assert list(even.search(np.array([0.0, 0.5, 10.0, 99_990.0, 1e9]))) == [0, 1, 1, 9999, 10_003]


@pytest.mark.parametrize("factor", [0.0, 0.3, 0.6, 0.9, 0.99, 0.999])
def test_that_smoothing_equals_the_debiased_average_step_by_step(factor):
    values = np.random.default_rng(0).normal(5, 1, 7001)
    last, expected = 0.0, []
    for i, value in enumerate(values):
        last = factor * last + (1 - factor) * value
        expected.append(last / (1 - factor ** (i + 1)))
    series = Series()
    smoothed = Smoothed(series, factor=factor)
    for begin in range(0, len(values), 613):
        chunk = values[begin : begin + 613]
        series.append(np.arange(begin, begin + len(chunk)), chunk)
        assert len(smoothed.values) == len(series)
    assert np.allclose(smoothed.values, expected, rtol=1e-6)


def test_that_smoothing_starts_anew_after_a_truncation():
    values = np.random.default_rng(0).normal(size=1000)
    series = Series(np.arange(1000), values)
    smoothed = Smoothed(series, factor=0.9)
    assert len(smoothed.values) == 1000
    series.truncate_from(500)
    series.append(np.arange(500, 1200), np.ones(700))
    fresh = Smoothed(Series(np.arange(1200), np.append(values[:500], np.ones(700))), factor=0.9)
    assert np.array_equal(smoothed.values, fresh.values)


def test_that_the_scan_carries_over_many_blocks():
    values = np.random.default_rng(0).normal(size=20_000)
    last = 0.7
    for value in values:
        last = 0.999 * last + 0.001 * value
    assert ema_scan(values, factor=0.999, initial=0.7)[-1] == pytest.approx(last, rel=1e-12)


def test_that_an_axis_map_goes_there_and_back_and_beyond_its_ends():
    axis = AxisMap([0, 100, 300], [0, 1, 2])
    steps = np.array([-50.0, 0, 50, 100, 200, 300, 400])
    assert axis.to_axis(steps) == pytest.approx([-0.5, 0, 0.5, 1, 1.5, 2, 2.5])
    assert axis.to_step(axis.to_axis(steps)) == pytest.approx(steps)
    axis.truncate_from(300)
    axis.append([200], [3])
    assert axis.to_axis(np.array([150.0])) == pytest.approx([2])


def test_that_tick_labels_are_round_short_and_distinct():
    for ticks in (
        linear_ticks(0.00013, 0.00041, max_count=6),
        linear_ticks(-3, 1e7, max_count=6),
        log_ticks(1e-7, 3e3, max_count=8),
        x_ticks(0, 1_200_000, unit=XUnit.STEP, max_count=8),
        x_ticks(0, 5400, unit=XUnit.WALL_TIME, max_count=8),
    ):
        labels = [tick.label for tick in ticks if tick.label]
        assert 3 <= len(labels) <= 10
        assert len(set(labels)) == len(labels)
        assert max(map(len, labels)) <= 7


def test_that_steps_never_have_fractional_ticks():
    assert [tick.label for tick in x_ticks(0, 3, unit=XUnit.STEP, max_count=10)] == ["0", "1", "2", "3"]
