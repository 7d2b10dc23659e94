"""What a model of `transformers` says of states as if its last layer gave them: all but its layers is run.

Whatever stands behind the layers (a norm, a pooler, a classifier, an output tied to the embeddings and scaled) is then
the model's own, and nothing of it need be known here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, cast

import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.nets.pretrained import PretrainedClassifier, PretrainedTranslator
from modellab.pretrained.tuning import stacks_of


def layers_of_body(body: Any, title: str) -> list[nn.Module]:
    """The layers of a model's body, one after another: its longest list of modules that stands in no other.

    Raises:
        UserError: it has none.
    """
    lists = [list(stack) for _, stack in stacks_of(body)]
    if not lists:
        raise UserError(f"{title} has no layers one after another, so none can be read out.")
    return max(lists, key=len)


class Behind:
    """run: one pass over the model, by which it is seen how its layers give what they give."""

    def __init__(self, blocks: Sequence[nn.Module], run: Callable[[], object]) -> None:
        self._blocks = blocks
        self._run = run
        self._rest: list[tuple[Any, ...] | None] | None = None  # what a layer gives beside its states, if a tuple

    def say(self, state: Tensor, said: Callable[[], Any]) -> Tensor:
        """The logits of `said`, a pass in which the last layer gives this state."""
        if self._rest is None:
            self._rest = _beside(self._blocks, self._run)
        with torch.inference_mode(), _standing_in(self._blocks, self._rest, state):
            return cast(Tensor, getattr(found := said(), "logits", found))


def class_head(model: PretrainedClassifier, ids: Tensor, behind: Behind) -> Callable[[Tensor], Tensor]:
    """States [1, T, D] to the scores of the classes [1 + T, K]: of the whole text, then of each token by itself.

    ids: our numbers of the text, int64 [1, T']. Of an encoder-decoder the states are the encoder's, and the decoder,
    which stands behind them, ends at the end of the text and speaks there.
    """
    inner: Any = model.model
    place = -1 if inner.config.is_encoder_decoder else 0

    def head(state: Tensor) -> Tensor:
        whole = behind.say(state, lambda: model(ids))
        alone = model.framed(ids)[0][0, place].expand(state.shape[1], 1)  # one token each, whatever is pooled
        mask = torch.ones_like(alone)
        each = behind.say(state[0][:, None], lambda: inner(input_ids=alone, attention_mask=mask))
        return torch.cat([whole, each])

    return head


def decoder_head(model: PretrainedTranslator, ids: Tensor, behind: Behind) -> Callable[[Tensor], Tensor]:
    """States [1, c, D] of the decoder to the logits of the next token [c, V]; ids: of the source, int64 [1, S]."""
    with torch.inference_mode():
        memory, mask = model.encode(ids)

    def head(state: Tensor) -> Tensor:
        read = torch.full((1, state.shape[1]), model.begin)
        return behind.say(state, lambda: model.decode(read, memory, mask))[0]

    return head


def _beside(blocks: Sequence[nn.Module], run: Callable[[], object]) -> list[tuple[Any, ...] | None]:
    found: dict[nn.Module, tuple[Any, ...] | None] = {}

    def keep(module: nn.Module, _inputs: object, output: Any) -> None:
        found[module] = tuple(output[1:]) if isinstance(output, tuple) else None

    handles = [block.register_forward_hook(keep) for block in blocks]
    try:
        with torch.inference_mode():
            run()
    finally:
        for handle in handles:
            handle.remove()
    return [found.get(block) for block in blocks]


@contextmanager
def _standing_in(blocks: Sequence[nn.Module], rest: Sequence[tuple[Any, ...] | None], state: Tensor) -> Iterator[None]:
    """Each layer gives `state`, and computes nothing."""
    for block, beside in zip(blocks, rest, strict=True):
        given = state if beside is None else (state, *beside)
        cast(Any, block).forward = lambda *_inputs, given=given, **_options: given
    try:
        yield
    finally:
        for block in blocks:
            del cast(Any, block).forward
