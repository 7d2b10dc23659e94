"""The options that datasets of text share: one annotated type each, so that a dataset names them in its own order."""

from __future__ import annotations

from typing import Annotated, Any, Literal, Protocol

from modellab.config import meta
from modellab.text.fitting import TokenizerKind, TokenizerOptions

Objective = Annotated[
    Literal["next_token", "hidden_tokens"],
    meta(
        title="Learn to guess",
        help="The next token, as a GPT or a recurrent network does; or hidden tokens and whether two pieces of text "
        "follow one another, as a BERT does.",
    ),
]
_LEARNT = ("words", "bpe", "wordpiece")

Tokenizer = Annotated[
    TokenizerKind,
    meta(
        title="Tokenizer",
        help="How text is cut into the tokens that the model reads.",
        labels={"bpe": "BPE", "wordpiece": "WordPiece", "file": "tokenizer.json"},
    ),
]
VocabularySize = Annotated[
    int,
    meta(
        title="Vocabulary",
        help="At most this many tokens, the commonest of the training texts; the rest is unknown.",
        unit="tokens",
        ge=16,
        le=200_000,
        log=True,
        when=("tokenizer", _LEARNT),
    ),
]
TokenizerFile = Annotated[
    str,
    meta(
        title="Tokenizer file",
        help="A tokenizer.json of the Hugging Face tokenizers library.",
        path="file",
        when=("tokenizer", ("file",)),
    ),
]
LowerCase = Annotated[
    bool,
    meta(
        title="Lower case",
        help="Capitals count as small letters.",
        when=("tokenizer", ("characters", *_LEARNT)),
        advanced=True,
    ),
]
MaxLength = Annotated[
    int,
    meta(
        title="Longest text",
        help="The model reads at most so many tokens of a text, from its beginning.",
        unit="tokens",
        ge=1,
        le=8192,
        log=True,
    ),
]
Window = Annotated[
    int,
    meta(
        title="Window",
        help="Tokens a step: gradients flow back this far (truncated backpropagation through time).",
        unit="tokens",
        ge=2,
        le=8192,
        log=True,
    ),
]
TrainLimit = Annotated[
    int,
    meta(
        title="Training limit",
        help="Use at most this many training examples, every class in its proportion.",
        unit="examples",
        ge=10,
        le=10_000_000,
        log=True,
    ),
]
EvaluationLimit = Annotated[
    int,
    meta(
        title="Evaluation limit",
        help="Validate and test with at most this many examples each, every class in its proportion.",
        unit="examples",
        ge=10,
        le=10_000_000,
        log=True,
    ),
]
TokenLimit = Annotated[
    int,
    meta(
        title="Training limit",
        help="Use at most this many training tokens, from the beginning.",
        unit="tokens",
        ge=100,
        le=1_000_000_000,
        log=True,
    ),
]
ValidationShare = Annotated[
    float, meta(title="Validation share", help="Part of the texts kept for validation.", ge=0.01, le=0.9)
]
SplitSeed = Annotated[
    int, meta(title="Split seed", help="Decides which texts validate.", ge=0, le=2**31 - 1, advanced=True)
]


class TokenFields(Protocol):
    """A dataset config with the options of a tokenizer."""

    @property
    def tokenizer(self) -> TokenizerKind: ...
    @property
    def vocabulary_size(self) -> int: ...
    @property
    def tokenizer_file(self) -> str: ...
    @property
    def lower_case(self) -> bool: ...


def tokenizer_options(config: TokenFields, *, at_spaces: bool = False) -> TokenizerOptions:
    """What decides the tokenizer and nothing else: equal for configs that differ only in what is not asked for."""
    kind = config.tokenizer
    learnt: dict[str, Any] = {"vocabulary_size": config.vocabulary_size} if kind in _LEARNT else {}
    if kind in ("characters", *_LEARNT):
        learnt["lower_case"] = config.lower_case
    if kind == "file":
        learnt["file"] = config.tokenizer_file
    if kind == "words":
        learnt["at_spaces"] = at_spaces
    return TokenizerOptions(kind=kind, **learnt)
