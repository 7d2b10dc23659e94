"""The encoder-decoder: what each side may see, and that reading in pieces gives the same."""

from typing import Any

import pytest
import torch

from modellab.architectures.translator import TranslatorConfig
from modellab.data.base import Sample
from modellab.nets.attention import Attention
from modellab.nets.translator import Translator

PAIRS = Sample(kind="text", task="translation", shape=(9, 2), num_tokens=20, specials=("[BEGIN]", "[END]"))
each_position = pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary"])


def build(**options: Any) -> Translator:
    torch.manual_seed(0)
    model = TranslatorConfig(width=16, num_layers=2, **options).build(PAIRS).eval()
    assert isinstance(model, Translator)
    return model


def pairs_of(count: int = 3) -> torch.Tensor:
    pairs = torch.randint(2, 18, (count, 9, 2), generator=torch.Generator().manual_seed(1))
    pairs[:, 0, 1] = PAIRS.special("[BEGIN]")
    pairs[1, 4:, 0] = 0
    return pairs


@each_position
@pytest.mark.parametrize("norm", ["before", "after"])
def test_that_a_token_sees_the_whole_source_and_none_of_the_target_after_it(positions: str, norm: str):
    model, pairs = build(positions=positions, norm=norm), pairs_of()
    later, source = pairs.clone(), pairs.clone()
    later[:, 5:, 1] = 3
    source[:, 3, 0] = 3
    torch.testing.assert_close(model(pairs)[:, :5], model(later)[:, :5])
    assert not torch.allclose(model(pairs)[:, :1], model(source)[:, :1])


@each_position
def test_that_padding_is_not_read(positions: str):
    model, pairs = build(positions=positions), pairs_of()
    alone = pairs[1:2].clone()
    torch.testing.assert_close(model(pairs)[1:2], model(alone), atol=1e-5, rtol=0)
    pairs[:, 6:, 1] = 0
    assert model(pairs).shape == (3, 6, 20)


@each_position
def test_that_a_target_written_token_by_token_is_that_written_at_once(positions: str):
    model, pairs = build(positions=positions), pairs_of()
    memory, mask = model.encode(pairs[..., 0])
    cache = model.new_cache()
    steps = [model.decode(pairs[:, place : place + 1, 1], memory, mask, cache=cache) for place in range(9)]
    torch.testing.assert_close(torch.cat(steps, 1), model(pairs), atol=1e-5, rtol=0)


def test_that_the_decoder_may_have_layers_of_its_own():
    model = build(decoder_layers=3)
    assert (len(model.encoder_blocks), len(model.decoder_blocks)) == (2, 3)
    kinds = [module.kind for module in model.modules() if isinstance(module, Attention)]
    assert kinds == ["encoder"] * 2 + ["decoder", "cross"] * 3
