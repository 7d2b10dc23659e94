"""Our weights by Hugging Face's names and back: GPT-2, GPT-NeoX (a GPT with rotary positions) and BERT."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import torch
from torch import Tensor

Family = Literal["gpt2", "gpt_neox", "bert"]
Weights = dict[str, Tensor]

_BLOCKS: dict[Family, dict[str, str]] = {
    "gpt2": {
        "attention_norm": "ln_1",
        "attention.project": "attn.c_attn",
        "attention.output": "attn.c_proj",
        "feed_forward_norm": "ln_2",
        "feed_forward.widen": "mlp.c_fc",
        "feed_forward.narrow": "mlp.c_proj",
    },
    "gpt_neox": {
        "attention_norm": "input_layernorm",
        "attention.project": "attention.query_key_value",
        "attention.output": "attention.dense",
        "feed_forward_norm": "post_attention_layernorm",
        "feed_forward.widen": "mlp.dense_h_to_4h",
        "feed_forward.narrow": "mlp.dense_4h_to_h",
    },
    "bert": {
        "attention.output": "attention.output.dense",
        "attention_norm": "attention.output.LayerNorm",
        "feed_forward.widen": "intermediate.dense",
        "feed_forward.narrow": "output.dense",
        "feed_forward_norm": "output.LayerNorm",
    },
}
_BLOCK_AT: dict[Family, str] = {
    "gpt2": "transformer.h.{}",
    "gpt_neox": "gpt_neox.layers.{}",
    "bert": "bert.encoder.layer.{}",
}
_OUTSIDE: dict[Family, dict[str, str]] = {
    "gpt2": {
        "embedding.tokens.weight": "transformer.wte.weight",
        "embedding.positions.weight": "transformer.wpe.weight",
        "norm.weight": "transformer.ln_f.weight",
        "norm.bias": "transformer.ln_f.bias",
        "output.weight": "lm_head.weight",
    },
    "gpt_neox": {
        "embedding.tokens.weight": "gpt_neox.embed_in.weight",
        "norm.weight": "gpt_neox.final_layer_norm.weight",
        "norm.bias": "gpt_neox.final_layer_norm.bias",
        "output.weight": "embed_out.weight",
    },
    "bert": {
        "tokens.weight": "bert.embeddings.word_embeddings.weight",
        "segments.weight": "bert.embeddings.token_type_embeddings.weight",
        "positions.weight": "bert.embeddings.position_embeddings.weight",
        "embedding_norm.weight": "bert.embeddings.LayerNorm.weight",
        "embedding_norm.bias": "bert.embeddings.LayerNorm.bias",
        "pooler.weight": "bert.pooler.dense.weight",
        "pooler.bias": "bert.pooler.dense.bias",
        "follows.weight": "cls.seq_relationship.weight",
        "follows.bias": "cls.seq_relationship.bias",
        "transform.0.weight": "cls.predictions.transform.dense.weight",
        "transform.0.bias": "cls.predictions.transform.dense.bias",
        "transform.2.weight": "cls.predictions.transform.LayerNorm.weight",
        "transform.2.bias": "cls.predictions.transform.LayerNorm.bias",
        "output.bias": "cls.predictions.bias",
    },
}
_THREE = ("query", "key", "value")


def to_theirs(ours: Mapping[str, Tensor], family: Family, *, num_layers: int, num_heads: int) -> Weights:
    """All of our weights by their names, contiguous; the output is left out where it is tied to the embeddings.

    A net without biases gets biases of zeros: theirs have them.
    """
    ours = _with_biases(ours, family, num_layers)
    found = {theirs: ours[own] for own, theirs in _OUTSIDE[family].items() if own in ours}
    for own, theirs in _pairs(family, num_layers):
        weight = ours[own]
        if family == "gpt2" and weight.ndim == 2:
            weight = weight.T  # theirs are Conv1D, [in, out]
        elif family == "gpt_neox" and ".project." in own:
            weight = _by_head(weight, 3, num_heads)
        found[theirs] = weight
    if family == "bert":
        for own, names in _split_pairs(num_layers):
            found |= dict(zip(names, ours[own].chunk(3), strict=True))
    return {name: weight.detach().contiguous().clone() for name, weight in found.items()}


def to_ours(theirs: Mapping[str, Tensor], family: Family, *, num_layers: int, num_heads: int) -> Weights:
    """The reverse of `to_theirs`.

    Raises:
        KeyError: a weight is missing; its name among theirs.
    """
    optional = {"output.weight"}
    outside = _OUTSIDE[family].items()
    found = {own: theirs[name] for own, name in outside if own not in optional or name in theirs}
    for own, name in _pairs(family, num_layers):
        weight = theirs[name]
        if family == "gpt2" and weight.ndim == 2:
            weight = weight.T
        elif family == "gpt_neox" and ".project." in own:
            weight = _by_head(weight, num_heads, 3)
        found[own] = weight
    if family == "bert":
        for own, names in _split_pairs(num_layers):
            found[own] = torch.cat([theirs[name] for name in names])
    return {name: weight.contiguous().clone() for name, weight in found.items()}


def _with_biases(ours: Mapping[str, Tensor], family: Family, num_layers: int) -> Mapping[str, Tensor]:
    names = [*_OUTSIDE[family], *(own for own, _ in _pairs(family, num_layers))]
    names += [own for own, _ in _split_pairs(num_layers)] if family == "bert" else []
    missing = [name for name in names if name.endswith(".bias") and name not in ours]
    weights = {name: ours[f"{name.removesuffix('bias')}weight"] for name in missing}
    return {**ours, **{name: weight.new_zeros(len(weight)) for name, weight in weights.items()}}


def _pairs(family: Family, num_layers: int) -> list[tuple[str, str]]:
    """Our name and theirs of every weight of every block that is one in both."""
    return [
        (f"blocks.{number}.{own}.{part}", f"{_BLOCK_AT[family].format(number)}.{theirs}.{part}")
        for number in range(num_layers)
        for own, theirs in _BLOCKS[family].items()
        for part in ("weight", "bias")
    ]


def _split_pairs(num_layers: int) -> list[tuple[str, list[str]]]:
    """BERT's queries, keys and values are three."""
    at = _BLOCK_AT["bert"]
    return [
        (
            f"blocks.{number}.attention.project.{part}",
            [f"{at.format(number)}.attention.self.{name}.{part}" for name in _THREE],
        )
        for number in range(num_layers)
        for part in ("weight", "bias")
    ]


def _by_head(weight: Tensor, first: int, second: int) -> Tensor:
    """Rows of [first, second, d] as [second, first, d]: ours are Q of all heads first, theirs all of the first head."""
    size = weight.shape[0] // (first * second)
    return weight.view(first, second, size, -1).transpose(0, 1).reshape(weight.shape)
