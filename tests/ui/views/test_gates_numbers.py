"""What the numbers of the gates view are."""

import numpy as np
import pytest

from tests.ui.views.fake_lab import is_blank
from tests.ui.views.gates_fakes import (
    PAGES,
    TOKENS,
    UNITS,
    gru_arrays,
    lstm_arrays,
    made_of,
    read,
    shown_view,
)
from ui.views._gates_data import Place, budget, half_life, holds_since, shares
from ui.views._gates_order import cluster, order_units, span_correlation
from ui.views._gates_search_data import units_on


@pytest.mark.parametrize("direction", [0, 1])
def test_that_kept_and_written_make_the_cell_in_both_directions(direction):
    arrays = lstm_arrays(40, directions=2)
    gates = read(arrays, tokens="x" * 40)
    for unit in range(UNITS):
        place = Place(layer=1, direction=direction, unit=unit)
        kept, written = made_of(gates, place)
        np.testing.assert_allclose(kept + written, gates.trace(place, "c"), atol=2e-6)


def test_that_kept_and_written_make_the_hidden_state_of_a_gru():
    arrays = gru_arrays(30)
    gates = read(arrays, tokens=tuple("x" * 30))
    kept, written = made_of(gates, Place(unit=3))
    np.testing.assert_allclose(kept + written, gates.trace(Place(unit=3), "h"), atol=2e-6)


def test_that_a_plain_rnn_has_no_budget_and_one_lane(qtbot, tmp_path):
    arrays = {"0/0/h": lstm_arrays(len(TOKENS))["0/0/h"]}
    view, *_ = shown_view(qtbot, tmp_path, arrays=arrays)
    assert view._gates.lanes == ("h",)
    assert budget(view._gates, Place(unit=0)) is None
    for page in PAGES[:3]:
        view._parts.modes.choose(page)
        assert not is_blank(view._parts._pages.currentWidget())  # no gates: the page says so


def test_that_the_half_life_of_a_gate_at_one_half_is_one_token():
    assert half_life(0.5) == pytest.approx(1)
    assert half_life(1.0) == float("inf")
    assert half_life(0.0) == 0


def test_that_holding_goes_back_to_where_the_gate_last_let_go():
    keep = np.array([0.95, 0.2, 0.99, 0.95, 0.95], dtype=np.float32)
    assert holds_since(keep, 4) == 1
    assert holds_since(keep, 1) == 1
    assert holds_since(keep[::-1].copy(), 0, direction=1) == 3


def test_that_shares_count_what_is_open_and_shut():
    lane = np.array([[0.95, 0.05], [0.95, 0.5], [0.5, 0.05], [0.91, 0.0]], dtype=np.float16)
    opened, shut = shares(lane)
    assert opened.tolist() == [0.75, 0]
    assert shut.tolist() == [0, 0.75]


@pytest.mark.parametrize("by", ["raw", "keep", "half_life", "cluster", "span"])
def test_that_each_order_shows_every_unit_once(by):
    arrays = lstm_arrays(20)
    gates = read(arrays, tokens=tuple("x" * 20))
    rows = order_units(gates, Place(), by=by, span=(3, 6))
    assert sorted(rows.tolist()) == list(range(UNITS))


def test_that_clustering_puts_like_beside_like():
    rng = np.random.default_rng(1)
    kinds = rng.normal(size=(200, 3))
    of = np.array([0, 1, 2] * 8)
    rows = cluster(kinds[:, of] + 0.1 * rng.normal(size=(200, 24)))
    changes = int((np.diff(of[rows]) != 0).sum())
    assert changes == 2


def test_that_units_that_follow_a_span_come_first():
    memory = np.zeros((10, 3), dtype=np.float32)
    memory[3:6, 1] = 1
    memory[3:6, 2] = -1
    assert np.round(span_correlation(memory, (3, 5)), 3).tolist() == [0, 1, -1]


def test_that_units_on_over_a_span_obey_threshold_lobes_and_whiskers():
    arrays = {"0/0/h": np.zeros((6, 4), dtype=np.float32)}
    arrays["0/0/h"][2:4] = [0.5, 0.5, -0.5, 0.2]
    arrays["0/0/h"][4, 0] = 0.9
    gates = read(arrays, tokens=tuple("abcdef"))

    def on(**options):
        settings = {"takes_negative": False, "has_whiskers": False, **options}
        found = units_on(gates, Place(), name="h", span=(2, 3), threshold=0.3, **settings)
        return {(one.unit, one.sign) for one in found}

    assert on() == {(0, 1), (1, 1)}
    assert on(takes_negative=True) == {(0, 1), (1, 1), (2, -1)}
    assert on(has_whiskers=True) == {(1, 1)}
