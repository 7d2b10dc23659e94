"""Attention out of queries and keys against what `transformers` computes eagerly."""

from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.inspection.attention import KINDS, Layer, by_kind, layers_of, listening
from modellab.nets.attention import Attention, AttentionKind, KeyValueCache

transformers = pytest.importorskip("transformers")

SMALL = {"vocab_size": 50, "hidden_size": 32, "num_hidden_layers": 3, "num_attention_heads": 4, "intermediate_size": 48}


def bert() -> nn.Module:
    return transformers.BertModel(transformers.BertConfig(**SMALL))


def gpt2() -> nn.Module:
    return transformers.GPT2LMHeadModel(transformers.GPT2Config(vocab_size=50, n_embd=32, n_layer=3, n_head=4))


def llama() -> nn.Module:
    return transformers.LlamaForCausalLM(transformers.LlamaConfig(**SMALL, num_key_value_heads=2))


def qwen() -> nn.Module:
    return transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**SMALL, num_key_value_heads=1))


def gemma() -> nn.Module:
    config = transformers.Gemma2Config(**SMALL, num_key_value_heads=2, head_dim=8, sliding_window=4)
    return transformers.Gemma2ForCausalLM(config)


def t5() -> nn.Module:
    config = transformers.T5Config(vocab_size=50, d_model=32, d_kv=8, d_ff=48, num_layers=3, num_heads=4)
    return transformers.T5ForConditionalGeneration(config)


def bart() -> nn.Module:
    sizes = {f"{part}_{what}": number for part in ("encoder", "decoder") for what, number in PARTS.items()}
    return transformers.BartForConditionalGeneration(transformers.BartConfig(vocab_size=50, d_model=32, **sizes))


def marian() -> nn.Module:
    sizes = {f"{part}_{what}": number for part in ("encoder", "decoder") for what, number in PARTS.items()}
    special = {"pad_token_id": 0, "eos_token_id": 1, "decoder_start_token_id": 0, "max_position_embeddings": 40}
    return transformers.MarianMTModel(transformers.MarianConfig(vocab_size=50, d_model=32, **sizes, **special))


PARTS = {"layers": 2, "attention_heads": 4, "ffn_dim": 48}
CAUSAL = [gpt2, llama, qwen, gemma]
CROSS = [t5, bart, marian]


def inputs_of(*, side: str) -> dict[str, Tensor]:
    """Three texts of 9, 6 and 4 tokens, padded on a side."""
    torch.manual_seed(1)
    ids = torch.randint(3, 50, (3, 9))
    mask = torch.ones_like(ids)
    for row, length in enumerate((9, 6, 4)):
        mask[row, slice(length, None) if side == "right" else slice(0, 9 - length)] = 0
    return {"input_ids": ids, "attention_mask": mask}


def made(make: Callable[[], nn.Module]) -> Any:
    torch.manual_seed(0)
    model = make()
    for name, weights in model.named_parameters():
        if weights.dim() > 1 and "norm" not in name:
            nn.init.normal_(weights, std=0.25)  # as initialised, attention is all but even
    return model.eval()


def eager(model: Any, **inputs: Tensor) -> Any:
    """What the model says in eager mode, weights included."""
    before = model.config._attn_implementation
    model.set_attn_implementation("eager")
    with torch.inference_mode():
        said = model(**inputs, output_attentions=True)
    model.set_attn_implementation(before)
    return said


def agree(layers: list[Layer], expected: tuple[Tensor, ...], is_real: Tensor) -> None:
    """Every real query's shares are those of eager; [B, H, Nq, Nk] each, is_real [B, Nq]."""
    assert len(layers) == len(expected)
    for layer, weights in zip(layers, expected, strict=True):
        for row in range(len(weights)):
            found = layer.weights(row)
            assert found.shape == weights[row].shape
            real = is_real[row].bool()
            torch.testing.assert_close(found[:, real], weights[row][:, real], atol=1e-5, rtol=0)
            assert found[:, real].max() > 1.5 / found.shape[-1]  # not even: there is something to be wrong about


@pytest.mark.parametrize("side", ["right", "left"])
@pytest.mark.parametrize("make", [bert, *CAUSAL], ids=lambda make: make.__name__)
def test_that_attention_is_that_of_eager_on_padded_batches(make: Callable[[], nn.Module], side: str):
    model, inputs = made(make), inputs_of(side=side)
    expected = eager(model, **inputs).attentions
    layers = layers_of(model, lambda: model(**inputs))
    assert {layer.kind for layer in layers} == {"encoder" if make is bert else "decoder"}
    agree(layers, expected, inputs["attention_mask"])


@pytest.mark.parametrize("make", CAUSAL, ids=lambda make: make.__name__)
def test_that_an_unpadded_text_is_seen_causally(make: Callable[[], nn.Module]):
    model, ids = made(make), inputs_of(side="right")["input_ids"][:1]
    layers = layers_of(model, lambda: model(input_ids=ids))
    agree(layers, eager(model, input_ids=ids).attentions, torch.ones(1, 9))
    for layer in layers:
        assert layer.weights().triu(1).abs().max() == 0


@pytest.mark.parametrize("make", CROSS, ids=lambda make: make.__name__)
def test_that_encoder_decoder_and_cross_attention_are_those_of_eager(make: Callable[[], nn.Module]):
    model, inputs = made(make), inputs_of(side="right")
    target = torch.tensor([[0, 5, 6, 7, 9]] * 3)
    said = eager(model, **inputs, decoder_input_ids=target)
    layers = layers_of(model, lambda: model(**inputs, decoder_input_ids=target))
    encoder, decoder, cross = by_kind(layers)
    assert [group[0].kind for group in (encoder, decoder, cross)] == list(KINDS)
    agree(encoder, said.encoder_attentions, inputs["attention_mask"])
    agree(decoder, said.decoder_attentions, torch.ones(3, 5))
    agree(cross, said.cross_attentions, torch.ones(3, 5))


@pytest.mark.parametrize("make", [bert, gpt2, llama, gemma, t5], ids=lambda make: make.__name__)
def test_that_listening_changes_neither_what_a_model_says_nor_the_model(make: Callable[[], nn.Module]):
    model, inputs = made(make), inputs_of(side="right")
    if make is t5:
        inputs["decoder_input_ids"] = torch.tensor([[0, 5, 6]] * 3)
    implementation, weights = model.config._attn_implementation, {k: v.clone() for k, v in model.state_dict().items()}
    with torch.inference_mode():
        expected = model(**inputs)[0]
        model.train()
        model.eval()
        with listening(model) as layers:
            said = model(**inputs)[0]
    assert layers
    real = inputs["attention_mask"].bool() if make is not t5 else torch.ones(3, 3, dtype=torch.bool)
    torch.testing.assert_close(said[real], expected[real], atol=1e-4 if make is gemma else 1e-6, rtol=0)
    assert model.config._attn_implementation == implementation
    for name, tensor in model.state_dict().items():
        assert torch.equal(tensor, weights[name])


def shares(attention: Attention, x: Tensor, memory: Tensor, is_token: Tensor | None) -> tuple[Tensor, Tensor]:
    """What each head looks at, [B, H, Nq, Nk], and what comes of it [B, Nq, D], written out."""
    if attention.kind == "cross":
        parts = (attention.project(x), *attention.project_memory(memory).chunk(2, dim=2))
    else:
        parts = attention.project(x).chunk(3, dim=2)
    q, k, v = (part.unflatten(2, (attention.num_heads, -1)).transpose(1, 2) for part in parts)
    scores = q @ k.transpose(2, 3) / q.shape[-1] ** 0.5
    if is_token is not None:
        scores = scores.masked_fill(~is_token[:, None, None], -1e9)
    if attention.kind == "decoder":
        scores = scores.masked_fill(torch.ones_like(scores).triu(1).bool(), -1e9)
    looked = scores.softmax(-1)
    return looked, attention.output((looked @ v).transpose(1, 2).flatten(2))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("is_padded", [False, True])
def test_that_taps_give_the_attention_of_our_own_nets(kind: AttentionKind, is_padded: bool):
    torch.manual_seed(0)
    parts = [Attention(12, 3, kind=kind), Attention(12, 3, kind=kind)]
    model = nn.ModuleList(parts)
    x = 3 * torch.randn(2, 7, 12)
    memory = 3 * torch.randn(2, 7, 12) if kind == "cross" else None
    is_token = torch.arange(7)[None] < torch.tensor([[7], [5]]) if is_padded else None
    said: list[Tensor] = []

    layers = layers_of(model, lambda: said.extend(part(x, memory=memory, mask=is_token) for part in parts))
    assert [layer.name for layer in layers] == ["0", "1"]
    for layer, part, output in zip(layers, parts, said, strict=True):
        assert layer.kind == part.kind
        looked, expected = shares(part, x, x if memory is None else memory, is_token)
        torch.testing.assert_close(output, expected, atol=1e-6, rtol=0)
        for row in range(2):
            torch.testing.assert_close(layer.weights(row), looked[row], atol=1e-6, rtol=0)


def test_that_taps_give_the_attention_of_the_newest_of_cached_tokens():
    torch.manual_seed(0)
    attention, cache, x = Attention(12, 3, kind="decoder"), KeyValueCache(), 3 * torch.randn(1, 7, 12)
    looked, _ = shares(attention, x, x, None)
    for first, last in ((0, 4), (4, 6), (6, 7)):
        (layer,) = layers_of(attention, partial(attention, x[:, first:last], cache=cache))
        torch.testing.assert_close(layer.weights(), looked[0, :, first:last, :last], atol=1e-6, rtol=0)


def test_that_heads_that_share_keys_keep_them_shared():
    model, inputs = made(llama), inputs_of(side="right")
    layer = layers_of(model, lambda: model(**inputs))[0]
    assert (layer.query.shape[1], layer.key.shape[1]) == (4, 2)


def test_that_a_training_model_still_trains_after_a_look():
    model = made(bert).train()
    layers_of(model, lambda: model(**inputs_of(side="right")))
    assert model.training


def test_that_a_model_without_attention_is_refused_in_one_sentence():
    with pytest.raises(UserError, match="Linear"):
        layers_of(nn.Linear(2, 2), lambda: None)


def test_that_a_model_with_attention_of_its_own_is_refused_in_one_sentence():
    config = transformers.BloomConfig(vocab_size=50, hidden_size=32, n_layer=1, n_head=4)
    with pytest.raises(UserError, match="BloomModel computes its attention in a way of its own"):
        layers_of(transformers.BloomModel(config), lambda: None)
