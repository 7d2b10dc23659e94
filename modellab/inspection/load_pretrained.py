"""A pretrained folder's model as it is, in the form of a run's: it predicts, writes, translates and is looked into."""

from __future__ import annotations

from typing import Any

import torch

from modellab.architectures.pretrained import PretrainedConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.load import LoadedModel
from modellab.nets.pretrained import (
    Pretrained,
    PretrainedClassifier,
    PretrainedImages,
    PretrainedMasked,
    PretrainedText,
    PretrainedTranslator,
    PretrainedWriter,
)
from modellab.pretrained.folder import PretrainedFolder
from modellab.pretrained.heads import special_ids
from modellab.pretrained.images import image_sample, pixels_of
from modellab.pretrained.opening import PretrainedModel, context_length
from modellab.pretrained.tokens import tokenizer_file, vocabulary_of
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.tasks.encode_text import MAX_TOKENS
from modellab.text.tokenizer import Tokenizer, load_tokenizer

_MOST_WRITTEN = 128  # tokens of a translation, where nothing says how long one is
_CLASSES: dict[str, type[PretrainedText]] = {
    "sequence_classification": PretrainedClassifier,
    "causal": PretrainedWriter,
    "masked": PretrainedMasked,
    "seq2seq": PretrainedTranslator,
}


def load_pretrained(opened: PretrainedModel) -> LoadedModel:
    """It shares its weights with what was opened. Its recipe names the folder, and a dataset that is never read.

    Raises:
        UserError: it has no head, so that it says nothing; or its tokenizer cannot cut a person's text.
    """
    folder = opened.folder
    config = PretrainedConfig(folder=str(folder.path))
    if folder.use == "image_classification":
        sample = image_sample(folder, classes_of(opened.model))
        images = PretrainedImages(config, folder, opened.model, pixels_of(folder, sample))
        return _loaded(folder, sample, images, None)
    if folder.use not in _CLASSES:
        raise UserError(
            f"{folder.title} ({folder.class_name}) has no head, so it says nothing by itself; to fine-tune it, "
            "choose a dataset of texts, then Pretrained model as the architecture."
        )
    tokenizer = load_tokenizer(tokenizer_file(folder))
    sample = _text_sample(opened, tokenizer)
    inner: Any = opened.model
    vocabulary = vocabulary_of(folder, opened.tokenizer, sample, specials=special_ids(opened.tokenizer, inner.config))
    if inner.config.pad_token_id is None:  # by which a classifier over a causal model finds the last token
        inner.config.pad_token_id = vocabulary.pad
    with torch.random.fork_rng(devices=[]):
        texts = _CLASSES[folder.use](
            config, folder, opened.model, vocabulary, sample, context=min(context_length(opened), MAX_TOKENS)
        )
    if isinstance(texts, PretrainedMasked) and texts.follows is not None:
        texts.tells_following = False  # that head is none of the folder's
    return _loaded(folder, sample, texts, tokenizer)


def classes_of(model: torch.nn.Module) -> tuple[str, ...]:
    """By their numbers, as config.json names them."""
    config: Any = model.config
    named = getattr(config, "id2label", None) or {}
    return tuple(str(named.get(number, f"class {number}")) for number in range(config.num_labels))


def _text_sample(opened: PretrainedModel, tokenizer: Tokenizer) -> Sample:
    context = min(context_length(opened), MAX_TOKENS)
    framed = opened.tokenizer("a", verbose=False)["input_ids"]
    around = len(framed) - len(opened.tokenizer("a", add_special_tokens=False)["input_ids"])
    alone = max(1, context - around)
    size = tokenizer.size
    use = opened.folder.use
    if use == "sequence_classification":
        named = classes_of(opened.model)
        if len(named) < 2:
            raise UserError(f"{opened.title} says a number, not one of several classes; it can only be looked into.")
        return Sample(kind="text", task="classification", shape=(alone,), classes=named, num_tokens=size)
    if use == "causal":
        return Sample(kind="text", task="language_modelling", shape=(context,), num_tokens=size)
    specials = ("[CLS]", "[SEP]", "[MASK]") if use == "masked" else ("[BEGIN]", "[END]")
    length = context if use == "masked" else min(alone, _MOST_WRITTEN)
    return Sample(
        kind="text",
        task="masked_language_modelling" if use == "masked" else "translation",
        shape=(length, 2),
        num_tokens=size + len(specials),
        specials=specials,
    )


def _loaded(folder: PretrainedFolder, sample: Sample, model: Pretrained, tokenizer: Tokenizer | None) -> LoadedModel:
    return LoadedModel(recipe=_recipe(folder, sample), sample=sample, model=model.eval(), step=0, tokenizer=tokenizer)


def _recipe(folder: PretrainedFolder, sample: Sample) -> Recipe:
    dataset = "digits" if sample.kind == "image" else "python_docs"
    return recipe_from_builtins(
        {
            "architecture": {"name": "pretrained", "folder": str(folder.path)},
            "dataset": {"name": dataset},
            "training": {},
        }
    )
