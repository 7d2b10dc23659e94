"""Pretrained models of `transformers` as modules of ours: our token ids or images in, our logits out."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Any, ClassVar, cast

import torch
from torch import Tensor, nn
from torch.nn import Parameter, functional

from modellab.architectures.pretrained import PretrainedConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.nets.bert import BERTOutputs
from modellab.pretrained.folder import PretrainedFolder
from modellab.pretrained.heads import open_for, special_ids
from modellab.pretrained.images import Pixels, pixels_of
from modellab.pretrained.opening import PretrainedModel, context_length, open_tokenizer, quiet
from modellab.pretrained.tokens import Vocabulary, vocabulary_of
from modellab.pretrained.tuning import choose_learning, rest
from modellab.text.tokenizer import PAD

_NEVER = -1e4  # the logit of what a model cannot say: finite, so that label smoothing stays finite


def build(config: PretrainedConfig, folder: PretrainedFolder, sample: Sample) -> Pretrained:
    """As `ArchitectureConfig.build`; one thread at a time."""
    notes: list[str] = []
    with quiet():
        made = _around(open_for(folder, sample, tell=notes.append), config, folder, sample)
    made.notes = tuple(notes)
    return made


def _around(model: nn.Module, config: PretrainedConfig, folder: PretrainedFolder, sample: Sample) -> Pretrained:
    if sample.kind == "image":
        return PretrainedImages(config, folder, model, pixels_of(folder, sample))
    tokenizer = open_tokenizer(folder, model)
    inner: Any = model
    vocabulary = vocabulary_of(folder, tokenizer, sample, specials=special_ids(tokenizer, inner.config))
    if inner.config.pad_token_id is None:  # by which a classifier over a causal model finds the last token
        inner.config.pad_token_id = vocabulary.pad
    opened = PretrainedModel(folder=folder, model=model, tokenizer=tokenizer, title=folder.title)
    context = context_length(opened)
    around = len(vocabulary.prefix) + len(vocabulary.suffix) if sample.task in ("classification", "translation") else 0
    if sample.shape[0] + around > context:
        what, name = ("Window", "window") if "modelling" in sample.task else ("Longest text", "max_length")
        raise UserError(
            f"{folder.title} reads at most {context:,} tokens{f', {around} of them its own' if around else ''}, and "
            f"{what} (dataset.{name}) is {sample.shape[0]:,}; make it at most {context - around:,}.",
            field=f"dataset.{name}",
            remedy={f"dataset.{name}": context - around},
        )
    made: type[PretrainedText] = {
        "language_modelling": PretrainedWriter,
        "masked_language_modelling": PretrainedMasked,
        "translation": PretrainedTranslator,
    }.get(sample.task, PretrainedClassifier)
    return made(config, folder, model, vocabulary, sample, context=context)


class Pretrained(nn.Module):
    """A model of `transformers` of which some parameters learn.

    What does not learn is not in the state dict, and so in no checkpoint; a digest of the folder's weights stands for
    it, by which others are told apart. Parameters of the body learn at `body_rate` times the rate of the rest. notes:
    what is odd about the folder.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, config: PretrainedConfig, folder: PretrainedFolder, model: nn.Module) -> None:
        super().__init__()
        self.model = model
        self.folder = folder
        self._body_rate = config.body_rate
        self._body = choose_learning(model, config, title=folder.title)
        self._add_own()
        self.train()
        # Of a tensor with two names, an output tied to the embeddings, the first alone.
        self._kept = {name for name, weight in self.named_parameters() if weight.requires_grad}
        for at, module in self.named_modules():
            if module.training:  # its running means move
                self._kept |= {f"{at}.{name}".lstrip(".") for name, _ in module.named_buffers(recurse=False)}
        if not all(weight.requires_grad for weight in self.parameters()):
            is_meta = next(model.parameters()).device.type == "meta"
            self.register_buffer("frozen_digest", torch.zeros(32, dtype=torch.uint8) if is_meta else _digest(folder))
            self._own_digest = cast(Tensor, self.frozen_digest).clone()
            self._kept.add("frozen_digest")
        self.register_state_dict_post_hook(_leave_out)  # type: ignore[no-untyped-call]
        self.register_load_state_dict_post_hook(_check_loaded)  # type: ignore[no-untyped-call]

    @property
    def config(self) -> Any:
        """That of the model within."""
        return cast(Any, self.model).config

    def _add_own(self) -> None:
        """Parameters that a task adds to those of the model."""

    def __call__(self, *inputs: Any, **options: Any) -> Any:
        """As `nn.Module` has it.

        Raises:
            UserError: the meta device, where nothing is computed, does not do for this model.
        """
        if next(self.parameters()).device.type != "meta":
            return super().__call__(*inputs, **options)
        try:
            return super().__call__(*inputs, **options)
        except (ValueError, RuntimeError) as error:  # it looks at numbers that are not there
            raise UserError(
                f"What {self.folder.title} takes cannot be told without running it; it can be trained all the same."
            ) from error

    def rates(self) -> list[tuple[list[Parameter], float]]:
        """The parameters that learn, and what the learning rate is multiplied with for each group of them."""
        learning = [weight for weight in self.parameters() if weight.requires_grad]
        groups = [
            ([weight for weight in learning if id(weight) not in self._body], 1.0),
            ([weight for weight in learning if id(weight) in self._body], self._body_rate),
        ]
        return [group for group in groups if group[0]]

    def train(self, mode: bool = True) -> Pretrained:
        """As `nn.Module.train`; parts of which nothing learns stay in evaluation mode."""
        super().train(mode)
        if mode:
            rest(self.model)
        return self


class PretrainedText(Pretrained):
    """One that reads tokens. context_length: the most it reads at once. frames: it puts tokens around a text.
    table: the model's id of each of ours."""

    frames: ClassVar[bool] = False
    table: Tensor
    _unsaid: Tensor

    def __init__(
        self,
        config: PretrainedConfig,
        folder: PretrainedFolder,
        model: nn.Module,
        vocabulary: Vocabulary,
        sample: Sample,
        *,
        context: int,
    ) -> None:
        super().__init__(config, folder, model)
        self.context_length = context
        self.vocabulary = vocabulary
        self._sample = sample
        self.register_buffer("table", torch.tensor(vocabulary.table.tolist()), persistent=False)
        unsaid = torch.tensor([0.0 if said else _NEVER for said in vocabulary.is_said.tolist()])
        self.register_buffer("_unsaid", unsaid, persistent=False)

    def framed(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """Texts int64 [B, T], padded behind, as the model reads them: with its special tokens around each, int64
        [B, T + S], and which of it are tokens, bool [B, T + S]."""
        prefix, suffix, pad = self.vocabulary.prefix, self.vocabulary.suffix, self.vocabulary.pad
        is_token = ids != PAD
        lengths = is_token.sum(1, keepdim=True)  # [B, 1]
        around = functional.pad(torch.where(is_token, self.table[ids], pad), (len(prefix), len(suffix)), value=pad)
        columns = torch.arange(around.shape[1], device=ids.device)
        for place, token in enumerate(prefix):
            around = torch.where(columns == place, token, around)
        for place, token in enumerate(suffix, len(prefix)):
            around = torch.where(columns == lengths + place, token, around)
        return around, columns < lengths + len(prefix) + len(suffix)

    def framed_names(self, tokens: Sequence[str]) -> tuple[str, ...]:
        """Tokens by how they read, with those that the model puts around a text."""
        if not self.frames:
            return tuple(tokens)
        return (*self.vocabulary.prefix_names, *tokens, *self.vocabulary.suffix_names)

    def framed_ids(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Our ids of the same."""
        if not self.frames:
            return tuple(ids)
        table = self.vocabulary.table.tolist()
        around = [[table.index(token) for token in part] for part in (self.vocabulary.prefix, self.vocabulary.suffix)]
        return (*around[0], *ids, *around[1])

    def places_around(self, ids: Sequence[int]) -> tuple[int, ...]:
        """Where those stand that are not of the text."""
        front, length = len(self.vocabulary.prefix) if self.frames else 0, len(self.framed_ids(ids))
        return tuple(place for place in range(length) if not front <= place < front + len(ids))

    def get_input_embeddings(self) -> nn.Embedding:
        """As a model of `transformers` has it, with a row for each of our ids."""
        weight = cast(Any, self.model).get_input_embeddings().weight.detach()
        return nn.Embedding.from_pretrained(weight[self.table])

    def said(self, logits: Tensor) -> Tensor:
        """The model's logits [..., V'] as those of our tokens [..., V]."""
        return logits[..., self.table] + self._unsaid


class PretrainedClassifier(PretrainedText):
    """Texts int64 [B, T] to logits [B, K]."""

    frames = True

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids int64 [B, T] to [B, K]."""
        read, mask = self.framed(ids)
        return cast(Tensor, self.model(input_ids=read, attention_mask=_mask(mask), **_uncached(self.model)).logits)


class PretrainedWriter(PretrainedText):
    """A language model: reads from left to right and predicts the next token."""

    def forward(self, ids: Tensor, *, cache: Any = None) -> Tensor:
        """Token ids int64 [B, T] to logits [B, T, V]; cache: what came before them, takes them in."""
        read = self.table[ids]
        if cache is None:
            options = {"attention_mask": _mask(torch.ones_like(read, dtype=torch.bool)), **_uncached(self.model)}
        else:
            options = {"past_key_values": cache, "use_cache": True}
        return self.said(self.model(input_ids=read, **options).logits)

    def new_cache(self) -> Any:
        """What `forward` fills when a text is read piece by piece."""
        from transformers import DynamicCache

        return DynamicCache(config=cast(Any, self.model).config)


class PretrainedMasked(PretrainedText):
    """Guesses hidden tokens, and whether two texts follow one another: with a head of its own where the model has none
    for that. tells_following: whether that head has been trained."""

    follows: nn.Linear | None
    tells_following = True

    def _add_own(self) -> None:
        inner: Any = self.model
        has_own = type(inner).__name__.endswith("ForPreTraining")
        width = getattr(inner.config, "hidden_size", None) or inner.get_input_embeddings().embedding_dim
        self.follows = None if has_own else nn.Linear(width, 2)

    def forward(self, pairs: Tensor) -> BERTOutputs:
        """Tokens and their segments (0 or 1), int64 [B, T, 2]."""
        ids, segments = pairs.unbind(2)
        inner: Any = self.model
        options: dict[str, Any] = {"input_ids": self.table[ids], "attention_mask": _mask(ids != PAD)}
        if getattr(inner.config, "type_vocab_size", 0) > 1:
            options["token_type_ids"] = segments
        if self.follows is None:
            found = inner(**options)
            return BERTOutputs(tokens=self.said(found.prediction_logits), follows=found.seq_relationship_logits)
        found = inner(**options, output_hidden_states=True)
        return BERTOutputs(tokens=self.said(found.logits), follows=self.follows(found.hidden_states[-1][:, 0]))


class PretrainedTranslator(PretrainedText):
    """An encoder-decoder."""

    frames = True

    @property
    def begin(self) -> int:
        """Our token before every target."""
        return self._sample.special("[BEGIN]")

    @property
    def end(self) -> int:
        """Our token after every target."""
        return self._sample.special("[END]")

    @property
    def max_length(self) -> int:
        """Tokens of the longest source or target."""
        return self._sample.shape[0]

    def forward(self, pairs: Tensor) -> Tensor:
        """Source and target so far, int64 [B, T, 2], to logits [B, T, V] of the next token of the target."""
        source, target = pairs.unbind(2)
        read, mask = self.framed(source)
        found = self.model(
            input_ids=read,
            attention_mask=_mask(mask),
            decoder_input_ids=self.table[target],
            decoder_attention_mask=_mask(torch.ones_like(target, dtype=torch.bool)),  # padding is at the end, unseen
            **_uncached(self.model),
        )
        return self.said(found.logits)

    def encode(self, source: Tensor) -> tuple[Tensor, Tensor]:
        """Tokens [B, S] to the memory [B, S', D] and which of it are tokens, bool [B, S']."""
        read, mask = self.framed(source)
        inner: Any = self.model
        return inner.get_encoder()(input_ids=read, attention_mask=mask.long()).last_hidden_state, mask

    def decode(self, target: Tensor, memory: Tensor, mask: Tensor, *, cache: Any = None) -> Tensor:
        """Tokens [B, T] that follow those of the cache to logits [B, T, V]."""
        from transformers.modeling_outputs import BaseModelOutput

        options = _uncached(self.model) if cache is None else {"past_key_values": cache, "use_cache": True}
        found = self.model(
            encoder_outputs=BaseModelOutput(last_hidden_state=cast(Any, memory)),
            attention_mask=mask.long(),
            decoder_input_ids=self.table[target],
            **options,
        )
        return self.said(found.logits)

    def new_cache(self) -> Any:
        """What `decode` fills when a target is written token by token."""
        from transformers import DynamicCache, EncoderDecoderCache

        return EncoderDecoderCache(DynamicCache(), DynamicCache())


class PretrainedImages(Pretrained):
    """Images, normalised as the dataset's are, to logits [B, K]. grid: patches down and across, where it has such."""

    def __init__(self, config: PretrainedConfig, folder: PretrainedFolder, model: nn.Module, pixels: Pixels) -> None:
        super().__init__(config, folder, model)
        self._size = pixels.size
        self._channels = pixels.channels
        self.grid = pixels.grid
        self.register_buffer("scale", torch.tensor(pixels.scale)[:, None, None], persistent=False)
        self.register_buffer("shift", torch.tensor(pixels.shift)[:, None, None], persistent=False)

    @property
    def class_token(self) -> Tensor | None:
        """What stands before the patches, where it has such."""
        body = getattr(self.model, "base_model", None)
        found: Tensor | None = getattr(getattr(body, "embeddings", None), "cls_token", None)
        return found

    @property
    def front_names(self) -> tuple[str, ...]:
        """What stands before the patches, by name."""
        embeddings = getattr(getattr(self.model, "base_model", None), "embeddings", None)
        distils = getattr(embeddings, "distillation_token", None) is not None
        registers = range(getattr(self.config, "num_register_tokens", None) or 0)
        names = (*("distillation",) * distils, *(f"register {number}" for number in registers))
        return (*("class",) * (self.class_token is not None), *names)

    def forward(self, x: Tensor) -> Tensor:
        """Images [B, C, H, W] to [B, K]."""
        if x.shape[1] != self._channels:
            x = x.mean(1, keepdim=True).expand(-1, self._channels, -1, -1)
        if x.shape[2:] != self._size:
            x = functional.interpolate(x, self._size, mode="bilinear", antialias=x.device.type in ("cpu", "cuda"))
        x = x * cast(Tensor, self.scale) + cast(Tensor, self.shift)
        return cast(Tensor, self.model(pixel_values=x).logits)


def _mask(is_token: Tensor) -> Tensor:
    """As `transformers` takes it, int64 [B, T]; on the meta device, where it could not look whether any is masked, as
    it is made of that, bool [B, 1, 1, T]."""
    return is_token[:, None, None] if is_token.device.type == "meta" else is_token.long()


def _uncached(model: nn.Module) -> dict[str, Any]:
    """Nothing is kept for a next token."""
    return {"use_cache": False} if hasattr(getattr(model, "config", None), "use_cache") else {}


def _digest(folder: PretrainedFolder) -> Tensor:
    """SHA-256 of the folder's weights, uint8 [32]."""
    digest = hashlib.sha256()
    for path in folder.weights:
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return torch.tensor(list(digest.digest()), dtype=torch.uint8)


def _leave_out(module: nn.Module, state: dict[str, Tensor], prefix: str, _metadata: object) -> None:
    assert isinstance(module, Pretrained)
    for key in list(state):
        if key.removeprefix(prefix) not in module._kept:
            del state[key]


def _check_loaded(module: nn.Module, keys: Any) -> None:
    """What is left out is not missing; but the weights it stands beside must be the same."""
    assert isinstance(module, Pretrained)
    keys.missing_keys[:] = [key for key in keys.missing_keys if key in module._kept]
    if "frozen_digest" not in module._kept:
        return
    digest = cast(Tensor, module.frozen_digest)
    is_same = torch.equal(digest.cpu(), module._own_digest.cpu())
    digest.copy_(module._own_digest)
    if not is_same:
        raise UserError(
            f"{module.folder.path} has other weights than those this run was trained beside, and its checkpoints hold "
            "only what learnt; put the folder back as it was.",
            field="architecture.folder",
        )
