"""Translations written by an encoder-decoder: token by token, the likeliest (greedy) or the best of several (beam)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec
import torch
from torch import Tensor

from modellab.errors import UserError
from modellab.nets.pretrained import PretrainedTranslator
from modellab.nets.translator import Translator
from modellab.tasks.base import Decoded
from modellab.text.tokenizer import PAD, UNKNOWN, Tokenizer

_MOST_BEAMS = 32


class Hypothesis(msgspec.Struct, frozen=True, kw_only=True):
    """One translation. ids: without begin and end. log_probability: of all tokens, the end among them where the model
    came to one. is_whole: whether it did, or was cut at the longest that it writes."""

    ids: tuple[int, ...]
    log_probability: float
    is_whole: bool = True

    @property
    def score(self) -> float:
        """The mean log probability of a token, by which translations of different lengths are compared."""
        return self.log_probability / max(1, len(self.ids) + self.is_whole)


@torch.inference_mode()
def translate(
    model: Translator | PretrainedTranslator, source: Sequence[int], *, num_beams: int = 1
) -> list[Hypothesis]:
    """The best translations of a text of at least one token, the best first; with one beam, greedy, there is one.

    Raises:
        UserError: the number of beams makes no sense.
    """
    if not 1 <= num_beams <= _MOST_BEAMS:
        raise UserError(f"Between 1 and {_MOST_BEAMS} beams can be followed, not {num_beams}.")
    was_training = model.training
    model.eval()
    try:
        return _searched(model, source, num_beams)
    finally:
        model.train(was_training)


def decoded(found: Sequence[Hypothesis], tokenizer: Tokenizer) -> Decoded:
    """Translations as a prediction: texts and their probabilities, as they come."""
    return Decoded(
        task="translation",
        classes=tuple(tokenizer.decode(hypothesis.ids) for hypothesis in found),
        probabilities=tuple(float(torch.tensor(hypothesis.log_probability).exp()) for hypothesis in found),
        target="translation",
    )


def _searched(model: Translator | PretrainedTranslator, source: Sequence[int], num_beams: int) -> list[Hypothesis]:
    device = next(model.parameters()).device
    memory, mask = model.encode(torch.tensor([list(source)], device=device))  # [1, S, D]
    cache = model.new_cache()
    beams = torch.full((1, 1), model.begin, device=device)  # [K, T]
    sums = torch.zeros(1, device=device)  # [K]
    ended: list[Hypothesis] = []
    for _ in range(model.max_length):
        read = memory.expand(len(beams), -1, -1), mask.expand(len(beams), -1)
        logits = model.decode(beams[:, -1:], *read, cache=cache)
        logits = logits[:, -1].float()  # [K, V]
        logits[:, [PAD, UNKNOWN, model.begin]] = -torch.inf
        totals = sums[:, None] + logits.log_softmax(1)  # [K, V]
        best = totals.flatten().topk(min(2 * num_beams, totals.numel()))
        rows, tokens = best.indices // totals.shape[1], best.indices % totals.shape[1]
        is_end = (tokens == model.end) | ~best.values.isfinite()
        for row, total, token in zip(rows.tolist(), best.values.tolist(), tokens.tolist(), strict=True):
            if token == model.end and len(ended) < num_beams:
                ended.append(Hypothesis(ids=tuple(beams[row, 1:].tolist()), log_probability=total))
            if len(ended) == num_beams or num_beams == 1:
                break
        kept = torch.nonzero(~is_end)[:num_beams, 0]
        if len(ended) == num_beams or not len(kept):
            break
        beams = torch.cat([beams[rows[kept]], tokens[kept][:, None]], dim=1)
        sums = best.values[kept]
        _follow(cache, rows[kept])
    else:
        unfinished = zip(beams[:, 1:].tolist(), sums.tolist(), strict=True)
        ended += [Hypothesis(ids=tuple(ids), log_probability=total, is_whole=False) for ids, total in unfinished]
    return sorted(ended, key=lambda hypothesis: -hypothesis.score)[:num_beams]


def _follow(cache: Any, rows: Tensor) -> None:
    """Let every beam have the past of the one that it grew out of."""
    if hasattr(cache, "reorder_cache"):  # of transformers
        cache.reorder_cache(rows)
        return
    for block in cache:
        for kept in (block.attention, block.cross):
            if kept.keys is not None and kept.values is not None:
                kept.keys, kept.values = kept.keys[rows], kept.values[rows]
