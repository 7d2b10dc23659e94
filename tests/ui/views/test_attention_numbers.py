"""What the numbers and colours of the attention view are."""

import numpy as np
import pytest

from tests.ui.views.attention_fakes import block
from ui.views._attention_arcs import MASS, is_within_mass
from ui.views._attention_colours import full_share, pooled, positions
from ui.views._attention_data import SHARES, Block, running


def held(described_and_arrays):
    described, arrays = described_and_arrays
    return Block(header=described, arrays={name.partition("/")[2]: array for name, array in arrays.items()})


@pytest.mark.parametrize("kind", ["encoder", "decoder"])
def test_that_exact_shares_are_those_of_the_picture(kind):
    one = held(block(kind=kind))
    for layer in range(3):
        exact = one.exact(layer, 2)
        np.testing.assert_allclose(exact.sum(-1), 1, atol=1e-6)
        np.testing.assert_array_equal(np.rint(255 * np.sqrt(exact)), one.picture[layer, 2])
        np.testing.assert_allclose(one.exact(layer, 2, query=3), exact[3], atol=1e-7)


def test_that_a_query_whose_keys_are_all_hidden_has_no_shares():
    described, arrays = block(kind="decoder")
    arrays["0/mask"][0, :, 0] = False
    one = held((described, arrays))
    np.testing.assert_array_equal(one.exact(1, 2)[0], 0)
    np.testing.assert_allclose(one.exact(1, 2)[1:].sum(-1), 1, atol=1e-6)
    np.testing.assert_array_equal(one.exact(1, 2, query=0), 0)


def test_that_mean_max_and_rollout_are_of_all_heads():
    one = held(block(kind="decoder"))
    heads = np.stack([one.exact(1, head) for head in range(4)])
    np.testing.assert_allclose(one.exact(1, 0, over="mean"), heads.mean(0), atol=1e-6)
    np.testing.assert_allclose(one.exact(1, 0, over="max"), heads.max(0), atol=1e-6)
    means = [(one.exact(layer, 0, over="mean") + np.eye(6)) / 2 for layer in range(2)]
    np.testing.assert_allclose(one.rollout(1), means[1] @ means[0], atol=1e-3)


def test_that_shared_keys_serve_every_head_of_their_group():
    described, arrays = block()
    arrays["0/keys"] = arrays["0/keys"][:, :2]
    one = held((described, arrays))
    _, key, _ = one.pair(0, 3, 0, 5)
    np.testing.assert_array_equal(key, arrays["0/keys"][0, 1, 5])


def test_that_pooling_keeps_the_largest():
    values = np.arange(4 * 7, dtype=np.uint8).reshape(4, 7)
    assert pooled(values, rows=2, columns=3).tolist() == [[9, 12, 13], [23, 26, 27]]


@pytest.mark.parametrize("scale", ["sqrt", "linear", "log"])
def test_that_every_scale_rises_from_nothing_to_full_colour(scale):
    places = positions(SHARES, scale, 0.5)
    assert places[0] == 0
    assert places[-1] == 1
    assert (np.diff(places) >= 0).all()


def test_that_a_row_that_is_all_but_even_is_not_in_full_colour():
    assert full_share(np.full(10, 0.1, dtype=np.float32)) == pytest.approx(0.2)
    assert full_share(np.array([0.7, 0.1, 0.1, 0.1], dtype=np.float32)) == pytest.approx(0.7)


def test_that_lines_are_the_fewest_that_make_up_the_mass():
    shares = np.array([[0.5, 0.3, 0.15, 0.05], [0.97, 0.01, 0.01, 0.01]], dtype=np.float32)
    assert is_within_mass(shares).tolist() == [[True, True, True, False], [True, False, False, False]]
    random = np.random.default_rng(0).dirichlet(np.ones(30), size=20).astype(np.float32)
    chosen = is_within_mass(random)
    assert ((random * chosen).sum(1) >= MASS - 1e-6).all()
    smallest = np.where(chosen, random, 2).min(1)
    assert ((random * chosen).sum(1) - smallest < MASS).all()


def test_that_tokens_read_on_as_a_text():
    assert "".join(running(("[CLS]", "un", "##tied", "it", ".", "[SEP]"))) == "[CLS] untied it. [SEP]"
    assert "".join(running(("[BEGIN]", "2", "0", "[END]"))) == "[BEGIN] 20 [END]"
    assert "".join(running(("The", "␣cat", "␣sat", "s"))) == "The cat sats"
    parts = running(("[CLS]", "it", "‹xE280›", "‹x99›", "s", "␣", "‹xC3›", "‹xA9›", "[SEP]"))
    assert parts == ("[CLS] ", "it", "’", "", "s", "␣", "é", " ", "[SEP]")


def test_that_all_shares_are_exact_where_that_is_quick_and_else_as_near_as_bytes_are(monkeypatch):
    one = held(block(kind="encoder"))
    exact = one.exact(0, 1)
    np.testing.assert_array_equal(one.all_shares(0, 1), exact)
    monkeypatch.setattr("ui.views._attention_data._MOST_EXACT", 0)
    near = one.all_shares(0, 1)
    assert not np.array_equal(near, exact)
    np.testing.assert_allclose(np.sqrt(near), np.sqrt(exact), atol=0.01)
