"""Opens a pretrained model: its weights from safetensors alone, every tensor in its place; and its tokenizer."""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from torch import nn

from modellab.errors import UserError
from modellab.hub import first_line
from modellab.pretrained.folder import PretrainedFolder
from modellab.pretrained.tensors import check_finite, check_tensors, surplus_words, weights_of

_CLASSES = {
    "sequence_classification": "AutoModelForSequenceClassification",
    "causal": "AutoModelForCausalLM",
    "masked": "AutoModelForMaskedLM",
    "seq2seq": "AutoModelForSeq2SeqLM",
    "image_classification": "AutoModelForImageClassification",
    "base": "AutoModel",
}
_turn = threading.RLock()
_MOST_SPARE = 2  # times as many embeddings as the tokenizer has tokens
_NO_LIMIT = 1_000_000  # a tokenizer says so where it knows of none


@dataclass(frozen=True, kw_only=True, eq=False)
class PretrainedModel:
    """A module in evaluation mode on the CPU. tokenizer: None of a model that reads images. title: for a person. notes:
    what is odd about the folder."""

    folder: PretrainedFolder
    model: nn.Module
    tokenizer: Any
    title: str
    notes: tuple[str, ...] = ()


def open_pretrained(folder: PretrainedFolder) -> PretrainedModel:
    """Load it, with SDPA where it has that.

    Raises:
        UserError: `transformers` does not know the model, a tensor is missing, of another shape or not finite, or the
            tokenizer does not match; names it.
    """
    loader = _CLASSES[folder.use]
    if folder.class_name == "BertForPreTraining":  # it tells whether one text follows another, too
        loader = "AutoModelForPreTraining"
    elif folder.class_name.endswith("EncoderModel"):  # half of an encoder-decoder
        loader = "AutoModelForTextEncoding"
    notes: list[str] = []
    model = open_weights(folder, loader, tell=notes.append)
    tokenizer = None if folder.use == "image_classification" else open_tokenizer(folder, model)
    return PretrainedModel(
        folder=folder, model=model.eval(), tokenizer=tokenizer, title=folder.title, notes=tuple(notes)
    )


def open_weights(
    folder: PretrainedFolder,
    loader: str,
    *,
    config: Any = None,
    may_be_new: Callable[[nn.Module, str], bool] = lambda model, name: False,
    is_told: Callable[[nn.Module, str], bool] = lambda model, name: True,
    tell: Callable[[str], None],
) -> nn.Module:
    """The model as a class of `transformers`, such as AutoModel, has it; config: instead of the folder's own.

    may_be_new: whether a tensor of that model may be missing or of another shape; it is then drawn from torch's
    global generator. is_told: whether a tensor of the folder that the model has no place for is worth saying; tell: is
    given a sentence on those.

    Raises:
        UserError: as `open_pretrained`.
    """
    given = {} if config is None else {"config": config}
    check_kind(folder)
    with quiet():
        try:
            model, info = getattr(library(), loader).from_pretrained(
                folder.path,
                local_files_only=True,
                use_safetensors=True,
                trust_remote_code=False,
                output_loading_info=True,
                ignore_mismatched_sizes=True,
                dtype="float32",
                # SDPA, or eager where a model has none; config.json might name kernels, which would be fetched and run.
                attn_implementation=None,
                **given,
            )
        except Exception as error:  # what a hundred model classes raise
            raise UserError(f"{folder.path} cannot be opened as {folder.class_name}: {first_line(error)}.") from error
    assert isinstance(model, nn.Module), "a class of transformers opens a module"
    check_tensors(info, folder.path, lambda name: may_be_new(model, name))
    check_finite(weights_of(model), folder.path)
    surplus = info.get("unexpected_keys") or ()
    if words := surplus_words((name for name in surplus if is_told(model, name)), folder.path):
        tell(words)
    return model


def check_kind(folder: PretrainedFolder) -> None:
    """Whether `transformers` has classes for this kind of model at all.

    Raises:
        UserError: it has none.
    """
    transformers = library()
    kind = folder.config["model_type"]
    if kind not in transformers.models.auto.configuration_auto.CONFIG_MAPPING:
        raise UserError(
            f"{folder.path / 'config.json'} is of a model of type {kind}, which transformers "
            f"{transformers.__version__} does not know; choose another folder, or install a transformers that does."
        )


def open_tokenizer(folder: PretrainedFolder, model: nn.Module | None = None) -> Any:
    """What cuts the model's texts; checked against the model where one is given.

    Raises:
        UserError: there is none, it cannot be read, or it has more tokens than the model, or less than half as many.
    """
    transformers = library()
    if not folder.has_tokenizer:
        raise UserError(f"{folder.path} has no tokenizer (tokenizer.json), without which it cannot read text.")
    with quiet():
        try:
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder.path, local_files_only=True, trust_remote_code=False
            )
        except Exception as error:  # what a hundred tokenizer classes raise
            raise UserError(f"The tokenizer in {folder.path} cannot be read: {first_line(error)}.") from error
    embeddings = model.get_input_embeddings() if isinstance(model, transformers.PreTrainedModel) else None
    num_embeddings = getattr(embeddings, "num_embeddings", None)
    largest = max(tokenizer.get_vocab().values(), default=-1)
    # Rows of embeddings may be spare, up to a round number, but not most of them.
    if num_embeddings is not None and not largest < num_embeddings <= _MOST_SPARE * (largest + 1):
        raise UserError(
            f"The tokenizer in {folder.path} does not match the model: it has {largest + 1:,} tokens, "
            f"the model embeddings for {num_embeddings:,}; take the tokenizer that came with the weights."
        )
    return tokenizer


def context_length(opened: PretrainedModel) -> int:
    """The most tokens it reads at once."""
    config: Any = opened.model.config
    limits = [getattr(opened.tokenizer, "model_max_length", _NO_LIMIT)]
    for name in ("max_position_embeddings", "n_positions"):
        limit = getattr(config, name, None)
        if isinstance(limit, int) and limit > 0 and config.model_type != "t5":
            # RoBERTa counts its places from behind the padding token's number.
            starts_late = config.model_type in ("roberta", "xlm-roberta", "camembert", "longformer")
            limits.append(limit - (config.pad_token_id + 1 if starts_late else 0))
    return int(min(limit for limit in [*limits, _NO_LIMIT] if limit > 0))


@contextmanager
def quiet() -> Iterator[None]:
    """What is wrong is said by us, once; a bar of loaded weights is nobody's business. One thread at a time."""
    with _turn:
        logging = library().utils.logging
        before, has_bar = logging.get_verbosity(), logging.is_progress_bar_enabled()
        logging.set_verbosity_error()
        logging.disable_progress_bar()
        try:
            yield
        finally:
            logging.set_verbosity(before)
            if has_bar:
                logging.enable_progress_bar()


def library() -> Any:
    """`transformers`. It puts another module in its place while it is imported: a second thread that imports it
    meanwhile, as the inspector has, would be left with the first, which holds nothing."""
    with _turn:
        import transformers

        return sys.modules[transformers.__name__]
