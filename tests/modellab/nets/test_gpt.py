"""The GPT against Hugging Face's own, and what must hold of its caches, positions and options."""

from typing import Any

import pytest
import torch
import transformers

from modellab.architectures.gpt import GPTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.nets.gpt import GPT

STREAM = Sample(kind="text", task="language_modelling", shape=(12,), num_tokens=40)
TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=tuple("abc"), num_tokens=20)
each_position = pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary"])
each_norm = pytest.mark.parametrize("norm", ["before", "after"])


def build(sample: Sample = STREAM, **options: Any) -> GPT:
    torch.manual_seed(0)
    model = GPTConfig(width=32, num_layers=3, **options).build(sample).eval()
    assert isinstance(model, GPT)
    return model


def ids_of(count: int = 4, length: int = 12) -> torch.Tensor:
    return torch.randint(2, 40, (count, length), generator=torch.Generator().manual_seed(1))


def test_that_blocks_without_biases_have_none_and_are_otherwise_the_same():
    plain, full = build(biases=False), build()
    assert not [name for name, _ in plain.named_parameters() if name.endswith("bias")]
    full.load_state_dict(plain.state_dict(), strict=False)
    torch.testing.assert_close(plain(ids_of()), full(ids_of()))  # biases begin as zeros


def test_that_the_weights_of_a_hugging_face_gpt2_give_its_logits():
    torch.manual_seed(0)
    sizes = {"vocab_size": 40, "n_positions": 12, "n_embd": 32, "n_layer": 3, "n_head": 4}
    config = transformers.GPT2Config(**sizes, bos_token_id=0, eos_token_id=0)
    theirs, ours = transformers.GPT2LMHeadModel(config).eval(), build(activation="gelu_tanh")
    with torch.no_grad():
        for weight in theirs.parameters():  # biases and norms too, which start where no mistake would show
            weight.normal_(std=0.3)
    theirs.tie_weights()
    body, state = theirs.transformer, ours.state_dict()
    state["embedding.tokens.weight"] = body.wte.weight
    state["embedding.positions.weight"] = body.wpe.weight
    for part in ("weight", "bias"):
        state[f"norm.{part}"] = getattr(body.ln_f, part)
        for number, block in enumerate(body.h):
            for name, module in {
                "attention_norm": block.ln_1,
                "feed_forward_norm": block.ln_2,
                "attention.project": block.attn.c_attn,
                "attention.output": block.attn.c_proj,
                "feed_forward.widen": block.mlp.c_fc,
                "feed_forward.narrow": block.mlp.c_proj,
            }.items():
                found = getattr(module, part).detach()
                state[f"blocks.{number}.{name}.{part}"] = found.T if found.ndim == 2 else found
    ours.load_state_dict(state)
    logits = ours(ids_of())
    assert float(logits.detach().std()) > 0.5  # not all alike
    torch.testing.assert_close(logits, theirs(ids_of()).logits, atol=1e-4, rtol=0)


@each_position
@each_norm
def test_that_no_token_sees_those_after_it(positions: str, norm: str):
    model, ids = build(positions=positions, norm=norm), ids_of()
    other = ids.clone()
    other[:, 7:] = 3
    torch.testing.assert_close(model(ids)[:, :7], model(other)[:, :7])
    assert not torch.allclose(model(ids)[:, 7:], model(other)[:, 7:])


@each_position
def test_that_reading_with_a_cache_gives_the_same(positions: str):
    model, ids = build(positions=positions), ids_of()
    cache = model.new_cache()
    pieces = [model(ids[:, start:stop], cache=cache) for start, stop in ((0, 5), (5, 6), (6, 7), (7, 12))]
    torch.testing.assert_close(torch.cat(pieces, 1), model(ids), atol=1e-5, rtol=0)


@each_position
def test_that_the_order_of_the_tokens_matters(positions: str):
    model, ids = build(positions=positions), ids_of()
    swapped = ids[:, [1, 0, *range(2, 12)]]
    assert not torch.allclose(model(ids)[:, -1], model(swapped)[:, -1], atol=1e-6)


def test_that_a_class_is_read_off_the_last_token_whatever_pads():
    model, ids = build(TEXTS), torch.randint(1, 20, (3, 9))
    ids[0, 4:] = 0
    torch.testing.assert_close(model(ids)[:1], model(ids[:1, :4]))
    assert model(ids).shape == (3, 3)
    assert model(torch.zeros(1, 2, dtype=torch.int64)).isfinite().all()


def test_that_tied_weights_are_saved_once_and_learn_from_both_ends():
    tied, free = build(), build(tie_weights=False)
    assert not [name for name in tied.state_dict() if name.startswith("output")]
    assert free.state_dict()["output.weight"].shape == (40, 32)
    assert tied(ids_of()).shape == (4, 12, 40)


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        ({"width": 100, "num_heads": 8}, "architecture.width", "96 or 104"),
        ({"width": 20, "num_heads": 4, "positions": "rotary"}, "architecture.width", "multiple of 8"),
        ({"width": 128, "num_heads": 5, "positions": "rotary"}, "architecture.width", "such as 120 or 130"),
        ({"context_length": 8}, "architecture.context_length", "at least 12"),
    ],
)
def test_that_sizes_that_do_not_work_out_are_said_at_their_field(options: dict[str, Any], field: str, words: str):
    config = GPTConfig(**options)
    assert words in config.misfit(STREAM)
    with pytest.raises(UserError) as raised:
        config.build(STREAM)
    assert raised.value.field == field
