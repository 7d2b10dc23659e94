"""A Hugging Face folder of a GPT or BERT, as it is exported here, back as a finished run of our own nets."""

from __future__ import annotations

import contextlib
import shutil
import time
from pathlib import Path
from typing import Any, cast

import msgspec
from torch import nn

from modellab.architectures._transformer import TransformerConfig
from modellab.config import to_builtins
from modellab.data.base import LoadedDataset, Sample
from modellab.errors import UserError, spoken
from modellab.events import Checkpointed, Finished, Started
from modellab.exporting.hugging_face import ACTIVATIONS, describe, import_weights
from modellab.exporting.weights import Family
from modellab.pretrained.folder import check_folder
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.runs.atomic import write_bytes
from modellab.runs.checkpoints import WEIGHTS, folder_name, writing_checkpoint
from modellab.runs.folder import Details, RunFolder, create_run, new_run_path
from modellab.runs.writer import EventWriter
from modellab.text.subwords import SubwordTokenizer
from modellab.text.tokenizer import load_tokenizer
from modellab.training.checkpointing import save_tensors

_FAMILIES: dict[str, Family] = {"gpt2": "gpt2", "gpt_neox": "gpt_neox", "bert": "bert"}
# Our option and theirs; what is not here is compared with what our net says of itself.
_OPTIONS: dict[Family, dict[str, str]] = {
    "gpt2": {
        "width": "n_embd",
        "num_layers": "n_layer",
        "num_heads": "n_head",
        "feed_forward": "n_inner",
        "norm_epsilon": "layer_norm_epsilon",
        "dropout": "resid_pdrop",
        "attention_dropout": "attn_pdrop",
        "context_length": "n_positions",
        "tie_weights": "tie_word_embeddings",
    },
    "gpt_neox": {
        "width": "hidden_size",
        "num_layers": "num_hidden_layers",
        "num_heads": "num_attention_heads",
        "feed_forward": "intermediate_size",
        "norm_epsilon": "layer_norm_eps",
        "dropout": "hidden_dropout",
        "attention_dropout": "attention_dropout",
        "context_length": "max_position_embeddings",
        "tie_weights": "tie_word_embeddings",
    },
    "bert": {
        "width": "hidden_size",
        "num_layers": "num_hidden_layers",
        "num_heads": "num_attention_heads",
        "feed_forward": "intermediate_size",
        "norm_epsilon": "layer_norm_eps",
        "dropout": "hidden_dropout_prob",
        "attention_dropout": "attention_probs_dropout_prob",
        "context_length": "max_position_embeddings",
    },
}
_FIXED: dict[Family, dict[str, str]] = {
    "gpt2": {"name": "gpt", "norm": "before", "positions": "learned"},
    "gpt_neox": {"name": "gpt", "norm": "before", "positions": "rotary"},
    "bert": {"name": "bert", "norm": "after", "positions": "learned"},
}
# What says nothing of the numbers that a model computes.
_IRRELEVANT = {"_name_or_path", "bos_token_id", "dtype", "eos_token_id", "initializer_range", "name_or_path"}
_IRRELEVANT |= {"pad_token_id", "sep_token_id", "torch_dtype", "transformers_version", "use_cache", "vocab_size"}
_MOST_WINDOW = 8192


def import_folder(folder: Path, to: Path | None = None) -> RunFolder:
    """Make the run folder `to`, or a new one among the runs, of the model in `folder`; what it is shown on is Python's
    documentation.

    Raises:
        UserError: the folder holds no such model, or one that our nets cannot be, or `to` is not empty.
    """
    if not folder.is_dir():
        raise UserError(f"There is no folder {folder}.")
    described = check_folder(folder).config
    family = _FAMILIES.get(str(described.get("model_type")))
    if family is None:
        raise UserError(
            f"{folder} holds a model of type {described.get('model_type')!r}; only gpt2, gpt_neox and bert can be "
            "imported. Look into any other with the pretrained architecture."
        )
    to = to if to is not None else new_run_path(folder.resolve().name)
    try:
        if to.exists() and (not to.is_dir() or any(to.iterdir())):
            raise UserError(f"{to} is not empty; name a folder that does not exist yet.", field="--out")
        to.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{to} cannot be made: {error.strerror or error}.", field="--out") from None
    with contextlib.ExitStack() as undo:
        undo.callback(shutil.rmtree, to, ignore_errors=True)
        run = _imported(folder, to.resolve(), family, described)
        undo.pop_all()
    return run


def _imported(folder: Path, to: Path, family: Family, described: dict[str, Any]) -> RunFolder:
    theirs = _in_full(described, family, folder)
    _write_tokenizer(folder, RunFolder(to).tokenizer_file)
    recipe = _recipe(theirs, family, RunFolder(to).tokenizer_file, folder)
    config = cast(TransformerConfig, recipe.architecture)
    data = recipe.data().load()
    if data.sample.num_tokens != theirs["vocab_size"]:
        raise UserError(
            f"{folder} has a model of {theirs['vocab_size']:,} tokens and a tokenizer of {data.sample.num_tokens:,}; "
            "only a folder that Model Lab has exported can be imported."
        )
    _check_sizes(config, data.sample, folder)
    own = describe(config, data.sample, family, context=theirs[_OPTIONS[family]["context_length"]])
    _compare(theirs, _in_full(own, family, folder), folder)
    model = config.build(data.sample)
    surplus = import_weights(model, config, data.sample, folder)
    run = create_run(recipe, path=to)
    _write_run(run, model, data, folder, surplus)
    note = f"Imported from {folder.resolve()}. {surplus}".strip()
    run.set_details(Details(name=folder.resolve().name, note=note))
    return run


def _in_full(described: dict[str, Any], family: Family, folder: Path) -> dict[str, Any]:
    """What `transformers` makes of a config.json: every option that it does not name at its default."""
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING

    try:
        found: dict[str, Any] = CONFIG_MAPPING[family].from_dict(described).to_dict()
    except Exception as error:  # `transformers` raises what its validators raise
        why = " ".join(str(error).split())[:160]
        raise UserError(f"{folder / 'config.json'} is broken: {why}; export the model again.") from error
    if family == "gpt2" and found["n_inner"] is None:
        found["n_inner"] = 4 * found["n_embd"]
    return found


def _write_tokenizer(folder: Path, to: Path) -> None:
    """Its tokenizer without the tokens behind the tokenizer's own, which the task adds again."""
    from modellab.data._pieces import SPECIALS

    path = folder / "tokenizer.json"
    found = load_tokenizer(path)
    if not isinstance(found, SubwordTokenizer) or not found.has_their_ids:
        raise UserError(
            f"{path} does not begin with [PAD] and [UNK]; only a folder that Model Lab has exported can be imported."
        )
    described: dict[str, Any] = msgspec.json.decode(found.described())
    vocabulary = described["model"].get("vocab", {})
    described["added_tokens"] = [
        token
        for token in described["added_tokens"]
        if token["content"] in vocabulary or token["content"] not in SPECIALS
    ]
    described["post_processor"] = None  # it names tokens that are of the task
    write_bytes(to, msgspec.json.encode(described))


def _recipe(theirs: dict[str, Any], family: Family, tokenizer: Path, folder: Path) -> Recipe:
    options = _OPTIONS[family]
    name = "activation_function" if family == "gpt2" else "hidden_act"
    activation = next((own for own, named in ACTIVATIONS.items() if named == theirs[name]), None)
    if activation is None:
        raise UserError(
            f"{folder} has the activation {theirs[name]}, which Model Lab's nets have not; they have "
            f"{', '.join(ACTIVATIONS.values())}."
        )
    architecture = {own: theirs[named] for own, named in options.items()}
    dataset = {
        "name": "python_docs",
        "learn": "hidden_tokens" if family == "bert" else "next_token",
        "tokenizer": "file",
        "tokenizer_file": str(tokenizer),
        "window": min(theirs[options["context_length"]], _MOST_WINDOW),
    }
    fixed = _FIXED[family] | {"activation": activation}
    return recipe_from_builtins({"architecture": {**fixed, **architecture}, "dataset": dataset, "training": {}})


def _check_sizes(config: TransformerConfig, sample: Sample, folder: Path) -> None:
    """Whether its sizes make a net."""
    try:
        config.check(sample)
    except UserError as error:
        raise UserError(f"{folder / 'config.json'} describes no net that works: {spoken(error.message)}") from None


def _compare(theirs: dict[str, Any], ours: dict[str, Any], folder: Path) -> None:
    """Refuse what our net would compute otherwise."""
    for name in sorted((theirs.keys() | ours.keys()) - _IRRELEVANT):
        if theirs.get(name) != ours.get(name):
            raise UserError(
                f"{folder} is no net that Model Lab can build: its {name} is {theirs.get(name)}, where ours has "
                f"{ours.get(name)}. Look into it with the pretrained architecture."
            )


def _write_run(run: RunFolder, model: nn.Module, data: LoadedDataset, folder: Path, surplus: str) -> None:
    """Weights at step 0, and the events of a run that has begun and ended there; surplus: what was left out."""
    with writing_checkpoint(run, 0) as place:
        save_tensors(model.state_dict(), place / WEIGHTS)
    now = time.time()
    started = Started(
        step=0,
        time=now,
        device="cpu",
        device_name="imported",
        num_parameters=sum(parameter.numel() for parameter in model.parameters()),
        steps_per_epoch=0,
        total_steps=0,
        sample=to_builtins(data.sample),
        notes=(f"Imported from {folder}; it has not been trained here.", *([surplus] if surplus else [])),
    )
    events = EventWriter(run.events_file)
    events.write(started)
    events.write(Checkpointed(step=0, time=now, folder=f"checkpoints/{folder_name(0)}"))
    events.write(Finished(step=0, time=now, reason="completed"))
    events.close()
