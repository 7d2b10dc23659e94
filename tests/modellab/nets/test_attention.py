"""Attention against torch's own, and what must hold of masks, caches and rotation."""

import pytest
import torch
from torch import Tensor, nn

from modellab.nets.attention import Attention, KeyValueCache, rotated, rotations
from modellab.nets.tap import record

B, N, D, H = 3, 7, 24, 4


@pytest.fixture(autouse=True)
def _seed() -> None:
    torch.manual_seed(0)


def reference(attention: Attention) -> nn.MultiheadAttention:
    """Torch's own module with the same weights."""
    theirs = nn.MultiheadAttention(D, H, batch_first=True)
    weight, bias = attention.project.weight.data, attention.project.bias.data
    if attention.kind == "cross":
        weight = torch.cat([weight, attention.project_memory.weight.data])
        bias = torch.cat([bias, attention.project_memory.bias.data])
    theirs.in_proj_weight.data, theirs.in_proj_bias.data = weight, bias
    theirs.out_proj.load_state_dict(attention.output.state_dict())
    return theirs.eval()


def mask_of(*lengths: int, size: int = N) -> Tensor:
    return torch.arange(size) < torch.tensor(lengths)[:, None]


def test_that_an_encoder_agrees_with_torch_on_padded_texts():
    attention = Attention(D, H).eval()
    x, mask = torch.randn(B, N, D), mask_of(7, 4, 1)
    wanted, _ = reference(attention)(x, x, x, key_padding_mask=~mask)
    assert torch.allclose(attention(x, mask=mask), wanted, atol=1e-6)


def test_that_a_decoder_agrees_with_torch_padded_or_not():
    attention = Attention(D, H, kind="decoder").eval()
    x, mask = torch.randn(B, N, D), mask_of(7, 4, 2)
    ahead = torch.ones(N, N, dtype=torch.bool).triu(1)
    theirs = reference(attention)
    assert torch.allclose(attention(x), theirs(x, x, x, attn_mask=ahead)[0], atol=1e-6)
    wanted, _ = theirs(x, x, x, attn_mask=ahead, key_padding_mask=~mask)
    assert torch.allclose(attention(x, mask=mask), wanted, atol=1e-6)


def test_that_a_cross_attention_agrees_with_torch():
    attention = Attention(D, H, kind="cross").eval()
    x, memory, mask = torch.randn(B, 5, D), torch.randn(B, N, D), mask_of(7, 4, 1)
    wanted, _ = reference(attention)(x, memory, memory, key_padding_mask=~mask)
    assert torch.allclose(attention(x, memory=memory, mask=mask), wanted, atol=1e-6)


def test_that_the_taps_give_what_the_attention_is_made_of():
    attention = Attention(D, H, kind="decoder").eval()
    x, rotation, mask = torch.randn(B, N, D), rotations(N, D // H), mask_of(7, 7, 7)
    with record(attention, ["query", "key", "mask", "heads"]) as seen:
        y = attention(x, mask=mask, rotation=rotation)
    scores = seen["query"] @ seen["key"].transpose(2, 3) * attention.scale  # [B, H, N, N]
    weights = scores.masked_fill(torch.ones(N, N, dtype=torch.bool).triu(1), -torch.inf).softmax(3)
    values = attention.project(x)[..., 2 * D :].view(B, N, H, D // H).transpose(1, 2)
    assert torch.allclose(weights @ values, seen["heads"], atol=1e-6)
    assert torch.allclose(attention.output(seen["heads"].transpose(1, 2).flatten(2)), y)
    assert seen["mask"] is mask


def test_that_a_hook_on_the_mask_hides_a_token_where_there_was_no_mask():
    attention = Attention(D, H).eval()
    x, hidden = torch.randn(1, N, D), torch.ones(1, N, dtype=torch.bool)
    hidden[0, 2] = False
    handle = attention.mask.register_forward_hook(lambda *_: hidden)
    held = attention(x)
    handle.remove()
    assert torch.equal(held, attention(x, mask=hidden))
    assert not torch.allclose(held, attention(x))


def test_that_an_encoder_never_sees_its_padding():
    attention = Attention(D, H).eval()
    x, mask = torch.randn(B, N, D), mask_of(7, 4, 1)
    other = torch.where(mask[:, :, None], x, torch.randn(B, N, D))
    assert torch.allclose(attention(x, mask=mask)[mask], attention(other, mask=mask)[mask], atol=1e-6)


@pytest.mark.parametrize("pieces", [[1] * N, [N], [4, 3], [2, 1, 4]])
def test_that_a_decoder_reads_in_pieces_as_it_reads_at_once(pieces: list[int]):
    attention = Attention(D, H, kind="decoder").eval()
    x, rotation, cache = torch.randn(B, N, D), rotations(N, D // H), KeyValueCache()
    found = []
    for piece in pieces:
        start = len(cache)
        turn = rotation[:, start : start + piece]
        found.append(attention(x[:, start : start + piece], rotation=turn, cache=cache))
    assert torch.allclose(torch.cat(found, 1), attention(x, rotation=rotation), atol=1e-6)


def test_that_a_cross_attention_projects_its_memory_once():
    attention = Attention(D, H, kind="cross").eval()
    x, memory, cache = torch.randn(B, 2, D), torch.randn(B, N, D), KeyValueCache()
    first = attention(x[:, :1], memory=memory, cache=cache)
    second = attention(x[:, 1:], cache=cache)
    assert len(cache) == N
    assert torch.allclose(torch.cat([first, second], 1), attention(x, memory=memory), atol=1e-6)


def test_that_rotated_queries_and_keys_meet_by_their_distance_alone():
    q, k = torch.randn(1, 1, 1, 16), torch.randn(1, 1, 1, 16)
    turns = rotations(20, 16)

    def product(i: int, j: int) -> float:
        return float((rotated(q, turns[:, i : i + 1]) * rotated(k, turns[:, j : j + 1])).sum())

    assert product(5, 2) == pytest.approx(product(15, 12), abs=1e-4)
    assert product(5, 2) != pytest.approx(product(5, 3), abs=1e-4)
    assert product(0, 0) == pytest.approx(float((q * k).sum()), abs=1e-5)


def test_that_everything_learns():
    attention = Attention(D, H, kind="cross", dropout=0.1)
    attention(torch.randn(B, 5, D), memory=torch.randn(B, N, D), mask=mask_of(7, 4, 1)).square().mean().backward()
    assert all(weight.grad is not None and weight.grad.isfinite().all() for weight in attention.parameters())
