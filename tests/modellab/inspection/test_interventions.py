"""Scaled heads against weights that are scaled, hidden tokens against attention by the formula, ours and others'."""

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from modellab.architectures.bert import BERTConfig
from modellab.architectures.gpt import GPTConfig
from modellab.architectures.mlp import MLPConfig
from modellab.architectures.transformer import EncoderConfig
from modellab.architectures.translator import TranslatorConfig
from modellab.architectures.vit import ViTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.attention import layers_of
from modellab.inspection.clamps import Clamp, HeadScale, HiddenToken, in_force
from modellab.inspection.generate import Sampling, distribution, generate
from modellab.inspection.interventions import intervening, signals_held
from modellab.nets.gpt import GPT
from modellab.text.characters import CharacterTokenizer
from tests.modellab.inspection.test_attention import bart, bert, gpt2, inputs_of, llama, made

STREAM = Sample(kind="text", task="language_modelling", shape=(12,), num_tokens=40)
TEXTS = Sample(kind="text", task="classification", shape=(12,), classes=tuple("abc"), num_tokens=40)
MASKED = Sample(
    kind="text",
    task="masked_language_modelling",
    shape=(12,),
    num_tokens=44,
    specials=("[CLS]", "[SEP]", "[MASK]", "[X]"),
)
PAIRS = Sample(kind="text", task="translation", shape=(12,), num_tokens=42, specials=("[BEGIN]", "[END]"))
IMAGES = Sample(kind="image", task="classification", shape=(1, 8, 8), classes=tuple("abc"), mean=(0.5,), std=(0.5,))
SMALL: dict[str, Any] = {"width": 16, "num_layers": 2, "num_heads": 4}
IDS = torch.randint(2, 40, (2, 9), generator=torch.Generator().manual_seed(1))
HIDDEN = HiddenToken(place=3, token="d")


def ours(name: str) -> tuple[nn.Module, tuple[Tensor, ...]]:
    """A model in evaluation mode whose attention is far from even, and inputs."""
    torch.manual_seed(0)
    pairs = torch.stack([IDS, torch.zeros_like(IDS)], dim=2)
    model, inputs = {
        "gpt": (GPTConfig(**SMALL, context_length=12).build(STREAM), IDS),
        "gpt rotary": (GPTConfig(**SMALL, context_length=12, positions="rotary").build(STREAM), IDS),
        "encoder": (EncoderConfig(**SMALL).build(TEXTS), F.pad(IDS, (0, 3))),
        "bert": (BERTConfig(**SMALL).build(MASKED), pairs),
        "translator": (TranslatorConfig(**SMALL, decoder_layers=2).build(PAIRS), torch.stack([IDS, IDS.flip(1)], 2)),
        "vit": (ViTConfig(**SMALL, patch=2).build(IMAGES), torch.randn(2, 1, 8, 8)),
    }[name]
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.4)
    return model.eval(), (inputs,)


each_model = pytest.mark.parametrize("name", ["gpt", "gpt rotary", "encoder", "bert", "translator", "vit"])


def said(model: nn.Module, inputs: tuple[Tensor, ...], *interventions: Any) -> Tensor:
    """Every output end to end."""
    with torch.no_grad(), intervening(model, interventions):
        outputs = model(*inputs)
    return torch.cat([part.flatten() for part in outputs]) if isinstance(outputs, tuple) else outputs.flatten()


def module_of(name: str) -> str:
    return {"translator": "decoder_blocks.1.cross"}.get(name, "blocks.1.attention")


@each_model
@pytest.mark.parametrize("factor", [0.0, 0.5, -2.0])
def test_that_scaling_a_head_is_scaling_its_columns_of_the_output_projection(name: str, factor: float):
    model, inputs = ours(name)
    free = said(model, inputs)
    found = said(model, inputs, HeadScale(module=module_of(name), head=2, factor=factor))
    output: Any = model.get_submodule(f"{module_of(name)}.output")
    with torch.no_grad():
        output.weight[:, 2 * 4 : 3 * 4] *= factor
    torch.testing.assert_close(found, said(model, inputs), rtol=1e-5, atol=1e-5)
    assert (found - free).abs().max() > 1e-3


def eager(q: Tensor, k: Tensor, v: Tensor, *, attn_mask: Tensor | None, is_causal: bool, scale: float, **_: Any):
    """softmax(q k^T scale) v by the formula."""
    scores = q @ k.transpose(2, 3) * scale
    if attn_mask is not None:
        scores = scores.masked_fill(~attn_mask, -torch.inf)
    if is_causal:
        scores = scores.masked_fill(torch.ones(scores.shape[2:], dtype=torch.bool).triu(1), -torch.inf)
    return scores.softmax(3).nan_to_num(0.0) @ v


@each_model
def test_that_hiding_a_token_is_the_formula_without_that_key(name: str, monkeypatch: pytest.MonkeyPatch):
    model, inputs = ours(name)
    free = said(model, inputs)
    found = said(model, inputs, HIDDEN)

    def without_it(q: Tensor, k: Tensor, v: Tensor, **options: Any) -> Tensor:
        if name == "translator" and options["is_causal"]:
            return eager(q, k, v, **options)  # a translator's own words are not hidden
        seen = torch.ones(1, 1, 1, k.shape[2], dtype=torch.bool)
        seen[..., HIDDEN.place] = False
        if options["is_causal"]:
            seen = seen & torch.ones(q.shape[2], k.shape[2], dtype=torch.bool).tril()
        mask = seen if options["attn_mask"] is None else seen & options["attn_mask"]
        return eager(q, k, v, attn_mask=mask, is_causal=False, scale=options["scale"])

    monkeypatch.setattr(F, "scaled_dot_product_attention", without_it)
    torch.testing.assert_close(found, said(model, inputs), rtol=1e-4, atol=1e-4)
    assert (found - free).abs().max() > 1e-3


def test_that_what_is_shown_is_what_is_computed_and_nothing_stays():
    model, inputs = ours("gpt")
    free = said(model, inputs)
    with intervening(model, [HIDDEN, HeadScale(module="blocks.0.attention", head=1)]):
        layers = layers_of(model, lambda: model(*inputs))
    assert all(float(layer.weights()[:, 4:, HIDDEN.place].max()) == 0 for layer in layers)
    torch.testing.assert_close(layers[0].weights()[:, 4:].sum(2), torch.ones(4, 5))
    assert torch.equal(said(model, inputs), free)


def test_that_a_text_whose_only_token_is_hidden_is_still_read():
    model, inputs = ours("gpt")
    hidden = HiddenToken(place=0, token="a")
    found = said(model, (inputs[0][:, :1],), hidden)
    assert found.isfinite().all()
    gathered: list[Tensor] = []
    heads: Any = model.get_submodule("blocks.0.attention.heads")
    heads.register_forward_hook(lambda _module, _inputs, output: gathered.append(output))
    with intervening(model, [hidden]):
        layers = layers_of(model, lambda: model(inputs[0][:, :3]))
    # Shown is what is computed: the first query, which sees nothing, gathers nothing.
    assert float(gathered[0][:, :, 0].abs().max()) == 0
    assert float(layers[0].weights()[:, 0].abs().max()) == 0
    torch.testing.assert_close(layers[0].weights()[:, 1:].sum(2), torch.ones(4, 2))


def test_that_a_hidden_token_stays_hidden_while_a_gpt_writes_on_beyond_its_context():
    tokenizer = CharacterTokenizer(tuple("abcdefgh "), lower_case=False)
    torch.manual_seed(0)
    sample = Sample(kind="text", task="language_modelling", shape=(6,), num_tokens=tokenizer.size)
    model = GPTConfig(width=16, num_layers=2, context_length=12).build(sample).eval()
    assert isinstance(model, GPT)
    with torch.no_grad():
        for weight in model.parameters():
            weight.normal_(std=0.4)
    ids = list(tokenizer.encode("bad egg").ids)
    hidden = HiddenToken(place=5, token="g")
    for written in generate(model, tokenizer, ids, Sampling(seed=0, num_tokens=14), clamps=[hidden]):
        first = max(0, len(ids) - 12)
        with torch.no_grad(), intervening(model, [hidden], start=first):
            wanted = distribution(model(torch.tensor([ids[first:]]))[0, -1], Sampling())
        assert written.probabilities[0] == pytest.approx(float(wanted.max()), abs=1e-5)
        ids.append(written.token)
    assert len(ids) - 12 > hidden.place


# Those of transformers


@pytest.mark.parametrize("make", [bert, gpt2, llama])
def test_that_a_token_hidden_from_a_pretrained_model_is_one_masked_for_all(make: Callable[[], nn.Module]):
    model, inputs = made(make), inputs_of(side="right")
    ids = inputs["input_ids"][:1]
    mask = torch.ones_like(ids)
    mask[0, HIDDEN.place] = 0
    with torch.no_grad():
        places = torch.arange(9)[None]
        wanted = model(input_ids=ids, attention_mask=mask, position_ids=places)[0]
        with intervening(model, [HIDDEN]):
            layers = layers_of(model, lambda: model(input_ids=ids))
            found = model(input_ids=ids)[0]
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
    assert float(layers[0].weights()[:, 4:, HIDDEN.place].max()) == 0
    assert model.config._attn_implementation == "sdpa"


@pytest.mark.parametrize(
    ("make", "module", "projection"),
    [
        (bert, "encoder.layer.1.attention.self", "encoder.layer.1.attention.output.dense"),
        (llama, "model.layers.1.self_attn", "model.layers.1.self_attn.o_proj"),
        (bart, "model.decoder.layers.0.encoder_attn", "model.decoder.layers.0.encoder_attn.out_proj"),
    ],
)
def test_that_a_head_of_a_pretrained_model_is_scaled(make: Callable[[], nn.Module], module: str, projection: str):
    model, inputs = made(make), inputs_of(side="right")
    with torch.no_grad():
        free = model(**inputs)[0]
        with intervening(model, [HeadScale(module=module, head=3, factor=0.25)]):
            found = model(**inputs)[0]
        width = 32 // 4
        model.get_submodule(projection).weight[:, 3 * width :] *= 0.25
        wanted = model(**inputs)[0]
    torch.testing.assert_close(found, wanted, rtol=1e-4, atol=1e-4)
    assert (found - free).abs().max() > 1e-4


def test_that_a_source_token_is_hidden_from_a_pretrained_translator_and_its_own_words_are_not():
    model, inputs = made(bart), inputs_of(side="right")
    target = torch.tensor([[2, 7, 9, 11, 5]])
    with intervening(model, [HIDDEN]):
        layers = layers_of(model, lambda: model(input_ids=inputs["input_ids"][:1], decoder_input_ids=target))
    shares = {layer.kind: float(layer.weights()[:, 4:, HIDDEN.place].max()) for layer in layers}
    assert shares["encoder"] == shares["cross"] == 0
    assert shares["decoder"] > 0


# What is refused, and what is not in force


def test_that_what_a_model_has_not_is_named():
    model, _ = ours("gpt")
    for wrong, word in (
        (HeadScale(module="blocks.7.attention", head=0), "no attention named blocks.7.attention"),
        (HeadScale(module="blocks.0.attention", head=4), "no head 4"),
        (HeadScale(module="blocks.0.attention", head=0, factor=float("nan")), "scaled by a number"),
        (Clamp(layer=0, signal="f", value=0.0), "Only the gates of recurrent networks can be held"),
    ):
        with pytest.raises(UserError, match=word), intervening(model, [wrong]):
            pass
    plain = MLPConfig().build(Sample(kind="point", task="classification", shape=(2,), classes=("a", "b")))
    with pytest.raises(UserError, match="no heads to scale"), intervening(plain, [HIDDEN]):
        pass
    with pytest.raises(UserError, match="no heads to scale"):
        signals_held([HIDDEN])


def test_that_a_token_is_hidden_only_in_a_text_that_has_it_there():
    scale = HeadScale(module="a", head=0)
    assert in_force([HIDDEN, scale], ["a", "b", "c", "d"]) == ((HIDDEN, scale), ())
    kept, notes = in_force([HIDDEN, scale], ["a", "b", "c", "e"])
    assert kept == (scale,)
    assert notes == ("Token 4 of this text is not “d”, so it is not hidden.",)
    assert in_force([HIDDEN], ["a"])[0] == ()
