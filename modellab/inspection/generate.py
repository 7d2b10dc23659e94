"""Text written by a language model, token by token; what it has read is kept, of a GPT as far as its context goes."""

from __future__ import annotations

import secrets
from collections.abc import Generator, Iterator, Sequence

import msgspec
import torch
from torch import Tensor

from modellab.errors import UserError
from modellab.inspection.clamps import Clamp, Intervention
from modellab.inspection.gates import gates
from modellab.inspection.interventions import intervening, signals_held
from modellab.nets.gpt import GPT
from modellab.nets.pretrained import PretrainedWriter
from modellab.nets.recurrent import Recurrent, State
from modellab.text.tokenizer import UNKNOWN, Tokenizer

_NUM_CANDIDATES = 10
_MOST_TOKENS = 20_000


class Sampling(msgspec.Struct, frozen=True, kw_only=True):
    """How tokens are drawn. temperature 0 takes the likeliest; top_k 0, top_p 1 and a repetition penalty of 1 are off;
    seed None is a fresh one.

    stop: writing ends where this text would come, which is left out; empty: never.
    """

    num_tokens: int = 200
    temperature: float = 1.0
    top_k: int = 0
    top_p: float = 1.0
    repetition_penalty: float = 1.0
    seed: int | None = None
    stop: str = ""

    def check(self) -> None:
        """Whether the numbers make sense.

        Raises:
            UserError: one does not; says what it may be.
        """
        if not 1 <= self.num_tokens <= _MOST_TOKENS:
            raise UserError(f"Between 1 and {_MOST_TOKENS:,} tokens can be written, not {self.num_tokens}.")
        if not 0 <= self.temperature <= 100:
            raise UserError(f"Temperature is a number from 0 to 100; it is {self.temperature}.")
        if self.top_k < 0:
            raise UserError(f"Top-k is 0 (off) or a number of tokens; it is {self.top_k}.")
        if not 0 < self.top_p <= 1:
            raise UserError(f"Top-p is a share above 0 and at most 1; it is {self.top_p}.")
        if not 0.1 <= self.repetition_penalty <= 10:
            raise UserError(f"Repetition penalty is a number from 0.1 to 10; it is {self.repetition_penalty}.")


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """One more token, and how probable it was. text: all that was written so far, without the prompt.

    candidates: the likeliest of what it was drawn from; at temperature 0, where nothing is drawn, of what there was.
    """

    token: int
    probability: float
    text: str
    candidates: tuple[int, ...]
    probabilities: tuple[float, ...]
    is_last: bool


def generate(
    model: Recurrent | GPT | PretrainedWriter,
    tokenizer: Tokenizer,
    prompt: Sequence[int],
    sampling: Sampling,
    *,
    clamps: Sequence[Intervention] = (),
) -> Generator[Written, None, None]:
    """Continue a prompt of at least one token. The same seed writes the same text.

    The model is in evaluation mode until the last token is written or the generator is closed.

    clamps: hidden tokens are counted from the prompt's first.

    Raises:
        UserError: an option of the sampling makes no sense, or a clamp names what the model has not.
    """
    sampling.check()
    was_training = model.training
    model.eval()
    try:
        yield from _written(model, tokenizer, prompt, sampling, clamps)
    finally:
        model.train(was_training)


def _written(
    model: Recurrent | GPT | PretrainedWriter,
    tokenizer: Tokenizer,
    prompt: Sequence[int],
    sampling: Sampling,
    clamps: Sequence[Intervention],
) -> Iterator[Written]:
    reader: _CachedReader | _CarryingReader
    if isinstance(model, GPT | PretrainedWriter):
        reader = _CachedReader(model, clamps)
    else:
        reader = _CarryingReader(model, signals_held(clamps))
    generator = torch.Generator().manual_seed(secrets.randbits(62) if sampling.seed is None else sampling.seed)
    logits = reader.read(prompt)
    written: list[int] = []
    while True:
        logits = penalised(logits, [*prompt, *written], sampling.repetition_penalty)
        probabilities = distribution(logits, sampling)
        token = int(torch.multinomial(probabilities, 1, generator=generator))
        if sampling.temperature == 0:  # of one that has all of the probability, the runners-up are any tokens
            probabilities = distribution(logits, Sampling())
        written.append(token)
        text = tokenizer.decode(written)
        stop = text.find(sampling.stop) if sampling.stop else -1
        is_last = stop >= 0 or len(written) >= sampling.num_tokens
        likeliest = probabilities.topk(min(_NUM_CANDIDATES, len(probabilities)))
        yield Written(
            token=token,
            probability=float(probabilities[token]),
            text=text[:stop] if stop >= 0 else text,
            candidates=tuple(likeliest.indices.tolist()),
            probabilities=tuple(likeliest.values.tolist()),
            is_last=is_last,
        )
        if is_last:
            return
        logits = reader.read([token])


class _CarryingReader:
    """A recurrent model that goes on from its state."""

    def __init__(self, model: Recurrent, clamps: Sequence[Clamp]) -> None:
        self._model = model
        self._clamps = clamps
        self._state: list[State] | None = None
        self._place = 0

    def read(self, ids: Sequence[int]) -> Tensor:
        """Further tokens; gives the logits [V] after the last."""
        seen = gates(
            self._model,
            torch.tensor([list(ids)]),
            clamps=self._clamps,
            state=self._state,
            start=self._place,
            is_traced=False,
        )
        self._state = seen.state
        self._place += len(ids)
        return seen.outputs[0, -1]


class _CachedReader:
    """A GPT that keeps the keys and values of what it has read; beyond its context it reads the last tokens anew, as
    each then stands at another place."""

    def __init__(self, model: GPT | PretrainedWriter, interventions: Sequence[Intervention]) -> None:
        self._model = model
        self._interventions = interventions
        self._cache = model.new_cache()
        self._ids: list[int] = []

    @torch.inference_mode()
    def read(self, ids: Sequence[int]) -> Tensor:
        """Further tokens; gives the logits [V] after the last."""
        most = self._model.context_length
        self._ids += ids
        is_fitting = len(self._ids) <= most
        read = list(ids) if is_fitting else self._ids[-most:]
        inputs = torch.tensor([read], device=next(self._model.parameters()).device)  # [1, T]
        with intervening(self._model, self._interventions, start=max(0, len(self._ids) - most)):
            logits: Tensor = self._model(inputs, cache=self._cache if is_fitting else None)[0, -1]
        return logits.cpu()


def penalised(logits: Tensor, ids: Sequence[int], penalty: float) -> Tensor:
    """Logits [V] with those of tokens that were there already made less likely: divided by the penalty where positive,
    multiplied where negative (Keskar et al. 2019)."""
    if penalty == 1.0:
        return logits
    seen = torch.tensor(sorted(set(ids)), device=logits.device)
    found = logits[seen]
    return logits.index_copy(0, seen, torch.where(found > 0, found / penalty, found * penalty))


def distribution(logits: Tensor, sampling: Sampling) -> Tensor:
    """What the next token is drawn from, float32 [V]: softmax(logits / temperature), cut to top-k, then to top-p.

    top_p keeps the fewest tokens that together have at least that probability (Holtzman et al. 2020). Padding and the
    unknown are never written.
    """
    logits = logits.float().clone()
    logits[: UNKNOWN + 1] = -torch.inf
    if sampling.temperature == 0:
        return torch.zeros_like(logits).index_fill_(0, logits.argmax(), 1.0)
    logits = logits / sampling.temperature
    if 0 < sampling.top_k < len(logits):
        logits[logits < logits.topk(sampling.top_k).values[-1]] = -torch.inf
    probabilities = logits.softmax(0)
    if sampling.top_p < 1:
        ordered, order = probabilities.sort(descending=True)
        before = ordered.cumsum(0) - ordered
        probabilities = probabilities.index_fill(0, order[before >= sampling.top_p], 0.0)
        probabilities = probabilities / probabilities.sum()
    return probabilities
