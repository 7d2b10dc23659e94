"""A GPT or BERT trained here as a folder that `from_pretrained` opens, and back."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import msgspec
import safetensors.torch
from torch import Tensor, nn

from modellab.architectures._transformer import FeedForwardName, TransformerConfig
from modellab.architectures.base import ArchitectureConfig
from modellab.architectures.bert import BERTConfig
from modellab.architectures.gpt import GPTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.exporting.fine_tuned import write_fine_tuned
from modellab.exporting.tokenizer_file import write_tokenizer
from modellab.exporting.weights import Family, to_ours, to_theirs
from modellab.hub import first_line
from modellab.inspection.load import LoadedModel
from modellab.nets.bert import BERT
from modellab.nets.gpt import GPT
from modellab.nets.pretrained import Pretrained
from modellab.pretrained.tensors import check_finite, surplus_words
from modellab.runs.atomic import write_bytes

ACTIVATIONS: dict[FeedForwardName, str] = {"gelu": "gelu", "gelu_tanh": "gelu_new", "relu": "relu", "silu": "silu"}
_CLASSES: dict[Family, str] = {
    "gpt2": "GPT2LMHeadModel",
    "gpt_neox": "GPTNeoXForCausalLM",
    "bert": "BertForPreTraining",
}
# Outputs that are the embeddings once more, where they are written out.
_TIED = {"lm_head.weight", "embed_out.weight", "cls.predictions.decoder.weight", "cls.predictions.decoder.bias"}


def export_folder(loaded: LoadedModel, folder: Path) -> str:
    """Write config.json, model.safetensors and the tokenizer; gives the class that opens them. A folder that cannot be
    written whole is removed, if it was made for this.

    Raises:
        UserError: there is no such class for the model, or the folder cannot be written or holds something already.
    """
    is_tuned = isinstance(loaded.model, Pretrained)
    family = None if is_tuned else family_of(loaded.recipe.architecture, loaded.sample)
    is_new = not folder.exists()
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UserError(f"{folder} is not empty; name a folder that does not exist yet.", field="--to")
        folder.mkdir(parents=True, exist_ok=True)
        if isinstance(loaded.model, Pretrained):
            return write_fine_tuned(loaded.model, folder)
        assert family is not None
        _write(loaded, family, folder)
    except (OSError, safetensors.SafetensorError) as error:
        if is_new:
            shutil.rmtree(folder, ignore_errors=True)
        why = error.strerror if isinstance(error, OSError) and error.strerror else first_line(error)
        raise UserError(f"{folder} cannot be written: {why}.", field="--to") from None
    return _CLASSES[family]


def _write(loaded: LoadedModel, family: Family, folder: Path) -> None:
    """Weights of ours by their names."""
    config = loaded.recipe.architecture
    assert isinstance(config, TransformerConfig), "each of the families is one"
    assert isinstance(loaded.model, GPT | BERT), "each of the families is one of these"
    assert loaded.tokenizer is not None, "text comes with a tokenizer"
    write_tokenizer(folder, loaded.tokenizer, loaded.sample.specials)
    described = describe(config, loaded.sample, family, context=loaded.model.context_length)
    weights = to_theirs(loaded.model.state_dict(), family, num_layers=config.num_layers, num_heads=config.num_heads)
    safetensors.torch.save_file(weights, folder / "model.safetensors", metadata={"format": "pt"})
    # Last: a folder with a config is whole.
    write_bytes(folder / "config.json", msgspec.json.format(msgspec.json.encode(described), indent=2))


def family_of(config: ArchitectureConfig, sample: Sample) -> Family:
    """Which of Hugging Face's models it is.

    Raises:
        UserError: none; says which options would make it one.
    """
    if isinstance(config, GPTConfig) and sample.task == "language_modelling":
        if config.norm != "before" or config.positions == "sinusoidal":
            raise UserError(
                "Only a GPT that normalises before its parts, with learned or rotary positions, can be exported: "
                "Hugging Face has no other."
            )
        return "gpt2" if config.positions == "learned" else "gpt_neox"
    if isinstance(config, BERTConfig):
        if config.norm != "after" or config.positions != "learned":
            raise UserError(
                "Only a BERT that normalises after its parts, with learned positions, can be exported: Hugging Face "
                "has no other."
            )
        return "bert"
    raise UserError(
        f"A {config.title} cannot be exported to Hugging Face; a GPT that writes text, a BERT or a fine-tuned model "
        "can."
    )


def describe(config: TransformerConfig, sample: Sample, family: Family, *, context: int) -> dict[str, Any]:
    """What their config.json says."""
    shared = {
        "architectures": [_CLASSES[family]],
        "model_type": family,
        "dtype": "float32",
        "vocab_size": sample.num_tokens,
        "pad_token_id": 0,
        "bos_token_id": None,
        "eos_token_id": None,
    }
    activation = ACTIVATIONS[config.activation]
    is_tied = config.tie_weights if isinstance(config, GPTConfig) else True
    if family == "gpt2":
        return shared | {
            "n_positions": context,
            "n_embd": config.width,
            "n_layer": config.num_layers,
            "n_head": config.num_heads,
            "n_inner": config.feed_forward_width,
            "activation_function": activation,
            "layer_norm_epsilon": config.norm_epsilon,
            "resid_pdrop": config.dropout,
            "embd_pdrop": config.dropout,
            "attn_pdrop": config.attention_dropout,
            "tie_word_embeddings": is_tied,
        }
    sizes = {
        "hidden_size": config.width,
        "num_hidden_layers": config.num_layers,
        "num_attention_heads": config.num_heads,
        "intermediate_size": config.feed_forward_width,
        "max_position_embeddings": context,
        "hidden_act": activation,
        "layer_norm_eps": config.norm_epsilon,
        "tie_word_embeddings": is_tied,
    }
    if family == "gpt_neox":
        rotary = {"rope_theta": 10_000.0, "rope_type": "default", "partial_rotary_factor": 1.0}
        dropout = {"hidden_dropout": config.dropout, "attention_dropout": config.attention_dropout}
        layout = {"use_parallel_residual": False, "attention_bias": True, "rotary_pct": 1.0, "rotary_emb_base": 10_000}
        return shared | sizes | dropout | layout | {"rope_parameters": rotary}
    dropout = {"hidden_dropout_prob": config.dropout, "attention_probs_dropout_prob": config.attention_dropout}
    return shared | sizes | dropout | {"type_vocab_size": 2}


def import_weights(model: nn.Module, config: TransformerConfig, sample: Sample, folder: Path) -> str:
    """Put the weights of an exported folder back into a model of the same architecture; gives a sentence on tensors
    that it has no place for, "" where there are none.

    Raises:
        UserError: the folder has no such weights, or a tensor is missing, of another shape or not finite; names it.
    """
    path = folder / "model.safetensors"
    family = family_of(config, sample)
    try:
        theirs: dict[str, Tensor] = safetensors.torch.load_file(path)
    except (OSError, safetensors.SafetensorError) as error:
        raise UserError(f"The weights {path} cannot be read: {error}.") from None
    own = model.state_dict()
    wanted = to_theirs(own, family, num_layers=config.num_layers, num_heads=config.num_heads)
    for name, weight in wanted.items():
        if name in theirs and theirs[name].shape != weight.shape:
            raise UserError(
                f"The tensor {name} in {path} is {list(theirs[name].shape)}, but config.json says "
                f"{list(weight.shape)}; the weights are not of this model."
            )
    try:
        found = to_ours(theirs, family, num_layers=config.num_layers, num_heads=config.num_heads)
    except KeyError as error:
        raise UserError(f"{path} has no tensor {error.args[0]}, which the model needs.") from None
    check_finite(((name, theirs[name]) for name in wanted if name in theirs), path)
    for name, weight in own.items():
        if name not in found or found[name].shape != weight.shape:
            shape = tuple(found[name].shape) if name in found else "missing"
            raise UserError(f"{path} does not fit: {name} is {tuple(weight.shape)} here and {shape} there.")
    model.load_state_dict({name: found[name] for name in own})  # a tied output may be written out all the same
    return surplus_words(theirs.keys() - wanted.keys() - (_TIED if "output.weight" not in own else set()), path)
