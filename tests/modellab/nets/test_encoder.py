"""The Transformer encoder against torch's own, and the vision Transformer against what its formula says."""

from typing import Any, Literal

import pytest
import torch
from torch import nn

from modellab.architectures.transformer import EncoderConfig
from modellab.architectures.vit import ViTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.nets.encoder import Encoder, pooled
from modellab.nets.transformer import Block, sinusoids, token_mask
from modellab.nets.vit import ViT

TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=tuple("abc"), num_tokens=20)
STREAM = Sample(kind="text", task="language_modelling", shape=(6,), num_tokens=20)
IMAGES = Sample(kind="image", task="classification", shape=(1, 8, 12), classes=tuple("abcd"))
LENGTHS = (9, 4, 1, 7)
each_norm = pytest.mark.parametrize("norm", ["before", "after"])


def build(**options: Any) -> Encoder:
    torch.manual_seed(0)
    model = EncoderConfig(width=24, num_layers=2, **options).build(TEXTS).eval()
    assert isinstance(model, Encoder)
    return model


def padded_ids() -> torch.Tensor:
    ids = torch.randint(1, 20, (4, 9), generator=torch.Generator().manual_seed(1))
    for row, length in enumerate(LENGTHS):
        ids[row, length:] = 0
    return ids


def into(block: Block, layer: nn.TransformerEncoderLayer) -> None:
    """Copy the weights of torch's own."""
    pairs = {
        block.attention.output: layer.self_attn.out_proj,
        block.attention_norm: layer.norm1,
        block.feed_forward_norm: layer.norm2,
        block.feed_forward.widen: layer.linear1,
        block.feed_forward.narrow: layer.linear2,
    }
    for ours, theirs in pairs.items():
        ours.load_state_dict(theirs.state_dict())
    weights = {"weight": layer.self_attn.in_proj_weight, "bias": layer.self_attn.in_proj_bias}
    block.attention.project.load_state_dict(weights)


@each_norm
@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_that_the_blocks_are_those_of_torch_on_padded_texts(norm: str, activation: str):
    model, ids = build(norm=norm, activation=activation), padded_ids()
    layer = nn.TransformerEncoderLayer(
        24, 4, 96, activation=activation, batch_first=True, norm_first=norm == "before", dropout=0.0
    )
    last = nn.LayerNorm(24) if norm == "before" else None
    theirs = nn.TransformerEncoder(layer, 2, norm=last, enable_nested_tensor=False).eval()
    with torch.no_grad():
        for weight in theirs.parameters():
            weight.add_(torch.randn_like(weight) * 0.2)
    for block, their_layer in zip(model.blocks, theirs.layers, strict=True):
        assert isinstance(block, Block)
        assert isinstance(their_layer, nn.TransformerEncoderLayer)
        into(block, their_layer)
    if last is not None:
        model.norm.load_state_dict(last.state_dict())
    wanted = theirs(model.embedding(ids), src_key_padding_mask=ids == 0)
    is_token = ids != 0
    torch.testing.assert_close(model.hidden(ids, is_token)[is_token], wanted[is_token], atol=1e-5, rtol=0)


@each_norm
@pytest.mark.parametrize("pooling", ["mean", "max", "first"])
@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary"])
def test_that_padding_is_not_read(norm: str, pooling: str, positions: str):
    model, ids = build(norm=norm, pooling=pooling, positions=positions), padded_ids()
    together = model(ids)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(model(ids[row : row + 1, :length])[0], together[row], atol=1e-5, rtol=0)


def test_that_an_empty_text_has_a_finite_answer():
    assert build()(torch.zeros(2, 3, dtype=torch.int64)).isfinite().all()


def test_that_pooling_takes_the_tokens_and_nothing_else():
    h, mask = torch.tensor([[[1.0], [5.0], [99.0]]]), token_mask(torch.tensor([[7, 7, 0]]))
    assert [float(pooled(h, mask, how)) for how in ("mean", "max", "first")] == [3.0, 5.0, 1.0]


def test_that_sinusoids_are_those_of_the_paper():
    found = sinusoids(6, 8)
    assert float(found[5, 4]) == pytest.approx(float(torch.sin(torch.tensor(5 / 10_000 ** (4 / 8)))), abs=1e-6)
    assert float(found[5, 5]) == pytest.approx(float(torch.cos(torch.tensor(5 / 10_000 ** (4 / 8)))), abs=1e-6)
    assert sinusoids(3, 5).shape == (3, 5)


def test_that_an_encoder_refuses_a_language_model():
    assert "GPT" in EncoderConfig().misfit(STREAM)


@pytest.mark.parametrize("pooling", ["class_token", "mean"])
def test_that_a_vit_reads_patches_row_by_row(pooling: Literal["class_token", "mean"]):
    torch.manual_seed(0)
    model = ViTConfig(width=16, num_layers=1, patch=4, pooling=pooling).build(IMAGES).eval()
    assert isinstance(model, ViT)
    assert model.grid == (2, 3)
    assert model.hidden(torch.randn(5, 1, 8, 12)).shape == (5, 6 + (pooling == "class_token"), 16)
    image = torch.zeros(1, 1, 8, 12)
    image[..., 4:, 8:] = 1.0  # the last patch
    embedded = model.patches(image).flatten(2).transpose(1, 2)[0]  # [6, 16]
    assert torch.equal(embedded[:5], embedded[:1].expand(5, -1))
    assert not torch.equal(embedded[5], embedded[0])


def test_that_patches_that_do_not_cover_the_image_are_said_with_those_that_do():
    config = ViTConfig(patch=3)
    assert "1, 2, 4" in config.misfit(IMAGES)
    with pytest.raises(UserError) as raised:
        config.build(IMAGES)
    assert raised.value.field == "architecture.patch"
