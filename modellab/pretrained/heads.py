"""Which class of `transformers` does a task with a folder's model, and the configuration it is opened with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import nn

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.hub import first_line
from modellab.pretrained.folder import PretrainedFolder
from modellab.pretrained.opening import check_kind, library, open_weights, quiet
from modellab.pretrained.tuning import is_of_the_body, parts_of

# Each loader, and the table of transformers that says which kinds of model it has a class for.
_TABLES = {
    "AutoModelForSequenceClassification": "MODEL_FOR_SEQUENCE_CLASSIFICATION_MAPPING_NAMES",
    "AutoModelForImageClassification": "MODEL_FOR_IMAGE_CLASSIFICATION_MAPPING_NAMES",
    "AutoModelForCausalLM": "MODEL_FOR_CAUSAL_LM_MAPPING_NAMES",
    "AutoModelForMaskedLM": "MODEL_FOR_MASKED_LM_MAPPING_NAMES",
    "AutoModelForSeq2SeqLM": "MODEL_FOR_SEQ_TO_SEQ_CAUSAL_LM_MAPPING_NAMES",
}
_DOES = {
    "AutoModelForSequenceClassification": "classify texts",
    "AutoModelForImageClassification": "classify images",
    "AutoModelForCausalLM": "predict the next token",
    "AutoModelForMaskedLM": "guess hidden tokens",
    "AutoModelForSeq2SeqLM": "write one text from another",
}


def open_for(folder: PretrainedFolder, sample: Sample, *, tell: Callable[[str], None]) -> nn.Module:
    """The model with a head for the task; a head that is not in the folder, or has other classes there, is drawn from
    torch's global generator. On the meta device, and of a folder that was found without weights, none are read.

    tell: is given a sentence on tensors of the folder's body that the model has no place for; a head that the task has
    no use for is left out without a word.

    Raises:
        UserError: it cannot do the task; or as `open_weights`.
    """
    transformers = library()
    loader = loader_for(folder, sample)
    with quiet():
        try:
            config = transformers.AutoConfig.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:  # what a hundred configurations raise
            raise UserError(f"{folder.path} cannot be opened as {folder.class_name}: {first_line(error)}.") from error
    if sample.task == "classification":
        config.id2label = dict(enumerate(sample.classes))
        config.label2id = {name: number for number, name in enumerate(sample.classes)}
        config.problem_type = "single_label_classification"
    if loader == "AutoModelForMaskedLM" and folder.config["model_type"] == "bert":
        loader = "AutoModelForPreTraining"  # it tells whether one text follows another, too
    if torch.get_default_device().type == "meta" or not folder.weights:
        with quiet():
            try:
                made: nn.Module = getattr(transformers, loader).from_config(
                    config, dtype=torch.float32, attn_implementation=None
                )
            except Exception as error:  # what a hundred model classes raise
                raise UserError(
                    f"{folder.path} cannot be opened as {folder.class_name}: {first_line(error)}."
                ) from error
        return made
    return open_weights(folder, loader, config=config, may_be_new=_is_of_the_head, is_told=is_of_the_body, tell=tell)


def loader_for(folder: PretrainedFolder, sample: Sample) -> str:
    """The class that opens it for the task of these examples.

    Raises:
        UserError: there is none for this kind of model, or the kind is not known.
    """
    check_kind(folder)
    modeling_auto = library().models.auto.modeling_auto
    loader = {
        "language_modelling": "AutoModelForCausalLM",
        "masked_language_modelling": "AutoModelForMaskedLM",
        "translation": "AutoModelForSeq2SeqLM",
    }.get(sample.task, f"AutoModelFor{'Image' if sample.kind == 'image' else 'Sequence'}Classification")
    kind = folder.config["model_type"]

    def has(name: str) -> bool:
        return kind in getattr(modeling_auto, _TABLES[name])

    # Transformers has a causal class for many an encoder, which would have to forget what it learnt.
    is_causal = folder.use == "causal" or (folder.use != "seq2seq" and not has("AutoModelForMaskedLM"))
    does_other = (loader == "AutoModelForCausalLM" and not is_causal) or (
        loader == "AutoModelForMaskedLM" and folder.use in ("causal", "seq2seq")
    )
    if does_other or not has(loader):
        can = [_DOES[name] for name in _TABLES if name != loader and has(name)]
        can = [what for what in can if is_causal or what != _DOES["AutoModelForCausalLM"]]
        said = f"; it can {' or '.join(can)}" if can else ""
        raise UserError(
            f"{folder.title} ({folder.class_name}) cannot {_DOES[loader]}{said}; choose another folder or dataset."
        )
    return loader


def _is_of_the_head(model: nn.Module, name: str) -> bool:
    return name in parts_of(model).head


def special_ids(tokenizer: Any, config: Any) -> dict[str, int | None]:
    """What the model has for the special tokens of our samples, by their names."""
    ends = getattr(config, "eos_token_id", None)
    end = next(iter(ends), None) if isinstance(ends, list) else ends
    return {
        "[CLS]": _first(tokenizer.cls_token_id, tokenizer.bos_token_id),
        "[SEP]": _first(tokenizer.sep_token_id, tokenizer.eos_token_id),
        "[MASK]": tokenizer.mask_token_id,
        "[BEGIN]": _first(getattr(config, "decoder_start_token_id", None), getattr(config, "bos_token_id", None)),
        "[END]": _first(tokenizer.eos_token_id, end),
    }


def _first(*ids: int | None) -> int | None:
    return next((one for one in ids if one is not None), None)
