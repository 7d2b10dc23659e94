"""Pictures, exact values and head statistics of attention made by hand."""

import numpy as np
import pytest
import torch

from modellab.inspection import attention_blocks
from modellab.inspection.attention import Layer
from modellab.inspection.attention_blocks import blocks_of, can_be_compared, changes_of, statistics
from modellab.nets.attention import AttentionKind


def layer(
    *, heads: int = 2, queries: int = 5, keys: int = 5, kind: AttentionKind = "decoder", causal: bool = True
) -> Layer:
    torch.manual_seed(heads + queries)
    query, key = 2 * torch.randn(1, heads, queries, 4), 2 * torch.randn(1, heads, keys, 4)
    return Layer(name="here", kind=kind, query=query, key=key, scale=0.5, is_causal=causal)


def test_that_a_picture_is_the_root_of_the_shares_in_bytes():
    one = layer()
    (block,) = blocks_of([one, one])
    expected = np.round(255 * one.weights().sqrt().numpy())
    assert block.arrays["picture"].shape == (2, 2, 5, 5)
    np.testing.assert_array_equal(block.arrays["picture"][1], expected)
    np.testing.assert_allclose(block.arrays["mean"][0], one.weights().mean(0), atol=5e-4)


def test_that_exact_shares_follow_from_queries_keys_and_mask():
    one = layer()
    (block,) = blocks_of([one])
    scores = block.arrays["queries"][0] @ block.arrays["keys"][0].transpose(0, 2, 1) * block.scales[0]
    scores[:, ~block.arrays["mask"][block.mask_of[0]]] = -np.inf
    shares = np.exp(scores - scores.max(-1, keepdims=True))
    np.testing.assert_allclose(shares / shares.sum(-1, keepdims=True), one.weights(), atol=1e-6)


def test_that_encoder_decoder_and_cross_stand_apart_in_this_order():
    layers = [layer(kind="decoder"), layer(kind="cross", keys=7, causal=False), layer(kind="encoder", causal=False)]
    assert [block.kind for block in blocks_of(layers)] == ["encoder", "decoder", "cross"]


def test_that_a_mask_that_layers_share_is_sent_once():
    (block,) = blocks_of([layer(), layer()])
    assert block.mask_of == (0, 0)
    assert block.arrays["mask"].shape == (1, 5, 5)


def test_that_a_picture_beyond_the_limit_is_max_pooled(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(attention_blocks, "_MOST_PICTURE_BYTES", 20)
    one = layer()
    (block,) = blocks_of([one])
    assert block.pooled == 2
    assert block.arrays["picture"].shape == (1, 2, 3, 3)
    full = np.round(255 * one.weights().sqrt().numpy())
    assert block.arrays["picture"][0, 1, 0, 0] == full[1, :2, :2].max()
    assert block.arrays["picture"][0, 1, 2, 2] == full[1, 4, 4]


def test_that_statistics_tell_heads_of_a_kind_apart():
    even, first, before, induction = torch.zeros(4, 6, 6)
    even[:] = 1 / 6
    first[:, 0] = 1
    before[0, 0] = 1
    before[torch.arange(1, 6), torch.arange(5)] = 1
    ids = [7, 8, 9, 7, 8, 9]
    induction[:, 0] = 1
    induction[3:] = 0
    induction[torch.arange(3, 6), torch.arange(1, 4)] = 1
    found = statistics(torch.stack([even, first, before, induction]), ids=ids, special=[0])
    assert found["entropy"] == pytest.approx((np.log(6), 0, 0, 0), abs=1e-6)
    assert found["first"] == pytest.approx((1 / 6, 1, 2 / 6, 0.5), abs=1e-6)
    assert found["special"] == found["first"]
    assert found["distance"][:3] == pytest.approx((70 / 36, 2.5, 5 / 6), abs=1e-5)
    assert found["previous"][1:3] == pytest.approx((0.2, 1), abs=1e-6)
    # The first token is special: of the three that come again two count.
    assert found["induction"][3] == pytest.approx(1)
    assert found["induction"][1] == 0


def test_that_a_text_that_repeats_nothing_has_no_induction_score():
    assert statistics(torch.eye(3)[None], ids=[1, 2, 3])["induction"] == (None,)


def test_that_cross_attention_has_no_distances():
    found = statistics(torch.full((1, 3, 3), 1 / 3), ids=[], is_own_text=False)
    assert found["distance"] == found["previous"] == (None,)
    assert found["entropy"][0] == pytest.approx(np.log(3), abs=1e-5)


def test_that_heads_that_look_from_the_same_at_the_same_have_not_moved_and_others_by_their_shares():
    one, other = layer(), layer()
    assert changes_of([one], [other]) == {"here": (0.0, 0.0)}
    other.query[0, 1] *= 3
    moved = (one.weights() - other.weights()).abs().sum(-1).mean(-1) / 2
    assert changes_of([one], [other])["here"] == pytest.approx(moved.tolist(), abs=1e-6)
    unmasked = layer(causal=False)
    assert min(changes_of([one], [unmasked])["here"]) > 0.1  # of the same queries and keys


def test_that_a_text_too_long_is_not_run_once_more():
    assert can_be_compared([layer()] * 12)
    assert not can_be_compared([layer(heads=12, queries=512, keys=512)] * 12)
