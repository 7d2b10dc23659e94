"""What a BERT guesses of hidden tokens, and of whether one text follows another."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
import numpy as np
import torch

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.clamps import Intervention, in_force
from modellab.inspection.interventions import intervening
from modellab.inspection.texts import tokens_for_the_eye
from modellab.nets.bert import BERT
from modellab.nets.pretrained import PretrainedMasked
from modellab.tasks.base import Decoded, Part
from modellab.text.tokenizer import UNKNOWN, Tokenizer

MASK, SEPARATOR = "[MASK]", "[SEP]"
_NUM_GUESSES = 10


class Guess(msgspec.Struct, frozen=True, kw_only=True):
    """Guesses for one hidden token, the likeliest first. place: among the tokens that were read."""

    place: int
    tokens: tuple[int, ...]
    probabilities: tuple[float, ...]


class Filled(msgspec.Struct, frozen=True, kw_only=True):
    """What is read, as token ids and segments; guesses for each [MASK]; and with two texts, the probability that the
    second follows the first."""

    ids: tuple[int, ...]
    segments: tuple[int, ...]
    guesses: tuple[Guess, ...]
    follows: float | None = None
    notes: tuple[str, ...] = ()


@torch.inference_mode()
def fill_mask(
    model: BERT | PretrainedMasked,
    sample: Sample,
    tokenizer: Tokenizer,
    text: str,
    *,
    second: str = "",
    interventions: Sequence[Intervention] = (),
) -> Filled:
    """Guess each [MASK] of a text, or of two; interventions: heads scaled, tokens hidden.

    second: as `read_pair` has it.

    Raises:
        UserError: nothing is hidden and there is no second text, so that nothing is asked, or none that it can tell of;
            or as `read_pair`.
    """
    ids, segments, notes = read_pair(sample, tokenizer, text, second, most=model.context_length)
    has_second = segments[-1] == 1
    is_told = has_second and (isinstance(model, BERT) or model.tells_following)
    mask = sample.special(MASK)
    places = [place for place, token in enumerate(ids) if token == mask]
    if not places and has_second and not is_told:
        raise UserError(f"This model cannot tell whether one text follows another; hide a token: write {MASK}.")
    if not places and not has_second:
        raise UserError(f"Hide a token: write {MASK} in its place; or write a second text behind {SEPARATOR}.")
    held, unhidden = in_force(interventions, names_of(ids, sample, tokenizer))
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    try:
        with intervening(model, held):
            outputs = model(torch.tensor([list(zip(ids, segments, strict=True))], device=device))
    finally:
        model.train(was_training)
    logits = outputs.tokens[0, places].float().cpu()  # [M, V]
    logits[:, : UNKNOWN + 1] = -torch.inf
    num_own = sample.num_tokens - len(sample.specials)
    best = logits[:, :num_own].softmax(1).topk(min(_NUM_GUESSES, num_own - UNKNOWN - 1), dim=1)
    return Filled(
        ids=tuple(ids),
        segments=tuple(segments),
        guesses=tuple(
            Guess(place=place, tokens=tuple(tokens), probabilities=tuple(values))
            for place, tokens, values in zip(places, best.indices.tolist(), best.values.tolist(), strict=True)
        ),
        follows=float(outputs.follows[0].float().softmax(0)[0]) if is_told else None,
        notes=(*notes, *unhidden),
    )


def decoded(found: Filled, tokenizer: Tokenizer) -> Decoded:
    """The guesses as a prediction: the candidates of each hidden token, and whether the second text follows."""
    total = len(found.guesses)
    parts = [
        Part(
            title=f"hidden token {number} of {total}" if total > 1 else "hidden token",
            classes=tuple(map(tokenizer.token, guess.tokens)),
            probabilities=guess.probabilities,
        )
        for number, guess in enumerate(found.guesses, 1)
    ]
    if found.follows is not None:
        both = {"it follows": found.follows, "it does not": 1 - found.follows}
        order = tuple(sorted(both, key=lambda name: -both[name]))
        probabilities = tuple(both[name] for name in order)
        parts.append(Part(title="the second text", classes=order, probabilities=probabilities, stays=True))
    first = parts[0]
    return Decoded(
        task="masked_language_modelling",
        classes=first.classes,
        probabilities=first.probabilities,
        target=first.title,
        parts=tuple(parts) if len(parts) > 1 else (),
    )


def read_pair(
    sample: Sample, tokenizer: Tokenizer, text: str, second: str = "", *, most: int
) -> tuple[list[int], list[int], tuple[str, ...]]:
    """[CLS] text [SEP] second [SEP] as token ids and segments, cut to the context from the ends of both; and notes.

    second: may also stand behind a [SEP] in the text itself.

    Raises:
        UserError: there is no text, one of two is empty, or there are more than two.
    """
    texts = [*text.split(SEPARATOR), *([second] if second.strip() else [])]
    if not any(map(str.strip, texts)):
        raise UserError("Type some text.")
    if len(texts) > 2:
        raise UserError(f"At most two texts are read together, here are {len(texts)}; write {SEPARATOR} between two.")
    if not all(map(str.strip, texts)):
        raise UserError(f"One of the two texts is empty; write something before and behind {SEPARATOR}.")
    parts = [_with_masks(part, sample, tokenizer) for part in texts]
    room = most - 1 - len(parts)
    total = sum(map(len, parts))
    notes: tuple[str, ...] = ()
    if total > room:
        notes = (f"Only {room:,} of {total:,} tokens are read, which is the model's context.",)
        shares = np.minimum([len(part) for part in parts], max(1, room // len(parts)))
        for number in range(len(parts)):  # what one text leaves free the other may have
            own = min(len(parts[number]), room - int(shares.sum() - shares[number]))
            shares[number] = own
        parts = [part[:share] for part, share in zip(parts, shares.tolist(), strict=True)]
    ids, segments = [sample.special("[CLS]")], [0]
    for number, part in enumerate(parts):
        ids += [*part, sample.special("[SEP]")]
        segments += [number] * (len(part) + 1)
    return ids, segments, notes


def names_of(ids: Sequence[int], sample: Sample, tokenizer: Tokenizer) -> tuple[str, ...]:
    """How tokens read, those that no text holds among them."""
    named = tokens_for_the_eye(np.array(ids, dtype=np.int32), tokenizer, sample.specials)
    return tuple(named[token] for token in ids)


def _with_masks(text: str, sample: Sample, tokenizer: Tokenizer) -> list[int]:
    """Token ids of a text in which "[MASK]" hides tokens."""
    found: list[int] = []
    pieces: Sequence[str] = re.split(re.escape(MASK), text)
    for number, piece in enumerate(pieces):
        if number:
            found.append(sample.special(MASK))
        found += tokenizer.encode(piece).ids
    return found
