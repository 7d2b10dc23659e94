"""The logit lens: what a model would say if it ended after each of its layers (nostalgebraist 2020).

The final norm and the output that stand behind the last layer are applied to what each layer gives. The last row is
what the model really says.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.inspection.behind_layers import Behind, class_head, decoder_head, layers_of_body
from modellab.nets.bert import BERT
from modellab.nets.encoder import Encoder, pooled
from modellab.nets.gpt import GPT
from modellab.nets.pretrained import (
    Pretrained,
    PretrainedClassifier,
    PretrainedMasked,
    PretrainedTranslator,
    PretrainedWriter,
)
from modellab.nets.translator import Translator
from modellab.pretrained.tuning import stacks_of

NUM_BEST = 5
_MOST_LOGITS = 800_000  # of the tokens read out at once: 16 of a vocabulary of 50,000
_SMALL = 5_000  # tokens of a vocabulary that is read out so soon that nobody need wait for a turn
_NUM_CHECKED = 16
_NEAR = 1e-3
_UNSAID = -5e3
_NOTHING = -1e30  # a logit without a share, which times that share is 0


@dataclass(frozen=True, kw_only=True, eq=False)
class ReadOut:
    """What is read out, and how. blocks: layers, each from states [1, T, D] to states. head: states to logits [C, K].

    is_by_token: each token is read out by itself, C = T; else `num_front` columns stand before those of the tokens.
    title: of a model of `transformers`, whose way to its output is told from its parts: what its last layer gives is
    then compared with what it says itself. num_choices: K, as far as it is known.
    """

    blocks: Sequence[nn.Module]
    head: Callable[[Tensor], Tensor]
    is_by_token: bool = True
    num_front: int = 0
    title: str = ""
    num_choices: int = 0

    @property
    def num_together(self) -> int:
        """Tokens that are read out at once."""
        return max(1, _MOST_LOGITS // max(_SMALL, self.num_choices))


@dataclass(frozen=True, kw_only=True, eq=False)
class Lens:
    """Row 0 is what the first layer reads, row r what layer r - 1 gives; a column a token (or what stands before them).

    best: int32 [R, C, 5], the likeliest tokens or classes, and their probabilities float32 [R, C, 5], falling. entropy:
    float32 [R, C], nats, over all of them. final: float32 [R, C], the probability of what the last row finds likeliest.
    """

    best: NDArray[np.int32]
    probabilities: NDArray[np.float32]
    entropy: NDArray[np.float32]
    final: NDArray[np.float32]


def logit_lens(model: nn.Module, read_out: ReadOut, run: Callable[[], object], *, never: Sequence[int] = ()) -> Lens:
    """Of one forward pass in evaluation mode, `run`, which gives what the model says.

    never: tokens that are never said, such as padding.

    Raises:
        UserError: a model of `transformers` makes its output of its last layer in another way.
    """
    *_, found = read_states(read_out, states_of(model, read_out, run), never=never)
    assert found is not None, "the last is the lens"
    return found


@torch.inference_mode()
def states_of(model: nn.Module, read_out: ReadOut, run: Callable[[], object]) -> list[Tensor]:
    """What the first layer reads and what each of them gives, [1, T, D] each, of one pass.

    Raises:
        UserError: as `logit_lens`.
    """
    was_training = model.training
    model.eval()
    try:
        with _states(read_out.blocks) as states:
            said_itself = run()
    finally:
        model.train(was_training)
    if read_out.title and read_out.num_front:
        check_read_out(read_out, states[-1], _logits_of(said_itself), read_out.title)
    elif read_out.title:  # its first tokens tell, and all of them would cost as much as a row of the lens
        said = _logits_of(said_itself)[0, :_NUM_CHECKED]
        check_read_out(read_out, states[-1][:, :_NUM_CHECKED], said, read_out.title)
    return states


def read_states(read_out: ReadOut, states: Sequence[Tensor], *, never: Sequence[int] = ()) -> Iterator[Lens | None]:
    """What is read out of them; None as often as others may have their turn, then the lens."""
    rows: list[tuple[Tensor, ...]] = []
    said: Tensor | None = None
    for state in reversed(states):
        parts = []
        for first, last in _pieces(read_out, state):
            with torch.inference_mode():
                logits = read_out.head(state[:, first:last])
                parts.append(_read(logits, said, first, never))
            size = logits.shape[1]
            del logits
            if size > _SMALL:
                yield None
        rows.append(tuple(torch.cat(part) for part in zip(*parts, strict=True)))
        said = rows[0][0][:, 0]
    best, probabilities, entropy, final = (torch.stack(part[::-1]) for part in zip(*rows, strict=True))
    yield Lens(
        best=best.to(torch.int32).numpy(),
        probabilities=probabilities.numpy(),
        entropy=entropy.numpy(),
        final=final.numpy(),
    )


def read_out_of(model: nn.Module, *, ids: Tensor | None = None, run: Callable[[], object] | None = None) -> ReadOut:
    """How one of our own nets is read out. ids, run: what a fine-tuned model reads, int64 [1, T], and a pass over it.

    Raises:
        UserError: it has no layers that say something in words.
    """
    if isinstance(model, GPT):
        return ReadOut(blocks=list(model.blocks), head=lambda h: cast(Tensor, model.output(model.norm(h)))[0])
    if isinstance(model, BERT):
        return ReadOut(
            blocks=list(model.blocks), head=lambda h: cast(Tensor, model.output(model.transform(model.norm(h))))[0]
        )
    if isinstance(model, Translator):
        return ReadOut(
            blocks=list(model.decoder_blocks), head=lambda h: cast(Tensor, model.output(model.decoder_norm(h)))[0]
        )
    if isinstance(model, Encoder):
        return ReadOut(blocks=list(model.blocks), head=lambda h: _of_encoder(model, h), is_by_token=False, num_front=1)
    if isinstance(model, PretrainedWriter | PretrainedMasked):
        inner = read_out_of_pretrained(model.model, model.folder.title)
        return dataclasses.replace(inner, head=lambda h: model.said(inner.head(h)))
    if isinstance(model, PretrainedClassifier | PretrainedTranslator) and ids is not None and run is not None:
        return _read_out_by_running(model, ids, run)
    if isinstance(model, Pretrained):
        raise UserError(
            "Of fine-tuned models the layers of those that read texts can be read out; this one reads none."
        )
    raise UserError(f"A {type(model).__name__} has no layers to read out; choose a transformer of texts.")


def _read_out_by_running(
    model: PretrainedClassifier | PretrainedTranslator, ids: Tensor, run: Callable[[], object]
) -> ReadOut:
    inner: Any = model.model
    title = model.folder.title
    if isinstance(model, PretrainedTranslator):
        blocks = layers_of_body(inner.get_decoder(), title)
        size = int(model.table.shape[0])
        return ReadOut(blocks=blocks, head=decoder_head(model, ids, Behind(blocks, run)), title=title, num_choices=size)
    body = inner.base_model.get_encoder() if inner.config.is_encoder_decoder else inner.base_model
    blocks = layers_of_body(body, title)
    head = class_head(model, ids, Behind(blocks, run))
    return ReadOut(blocks=blocks, head=head, is_by_token=False, num_front=1, title=title)


def read_out_of_pretrained(model: nn.Module, title: str) -> ReadOut:
    """How a causal or masked language model of `transformers` is read out.

    Raises:
        UserError: it says no tokens, or how it is built is not known here.
    """
    body: Any = getattr(model, "base_model", None)
    own: Any = getattr(model, "get_output_embeddings", None)
    embeddings = own() if own is not None else None
    if (
        embeddings is None
        or body is None
        or not any(stacks_of(body))
        or getattr(getattr(model, "config", None), "is_encoder_decoder", False)
    ):
        raise UserError(
            f"{title} ({type(model).__name__}) says neither tokens nor classes, so there is nothing to read out of its "
            "layers; open a language model, a text classifier or a translator, or look at Attention and Neighbours."
        )
    blocks = layers_of_body(body, title)
    size = int(embeddings.weight.shape[0])
    for name in ("cls", "lm_head"):
        head = getattr(model, name, None)
        head = getattr(head, "predictions", head)
        if isinstance(head, nn.Module) and head is not embeddings:
            return ReadOut(blocks=blocks, head=lambda h, head=head: head(h)[0], title=title, num_choices=size)  # type: ignore[misc]
    names = ("ln_f", "norm", "final_layer_norm", "final_layernorm")
    parts = [body, *[getattr(body, part) for part in ("decoder",) if hasattr(body, part)]]
    norm = next((getattr(part, name) for part in parts for name in names if hasattr(part, name)), nn.Identity())
    return ReadOut(blocks=blocks, head=lambda h: cast(Tensor, embeddings(norm(h)))[0], title=title, num_choices=size)


def check_read_out(read_out: ReadOut, state: Tensor, logits: Tensor, title: str) -> None:
    """Whether the last state [1, T, D] is read out as the model itself does, logits [T, V], or [1, K] of a whole text.

    Raises:
        UserError: it is not; the rows of the lens would then be of another model.
    """
    try:
        found = read_out.head(state)[: read_out.num_front or None]
    except Exception as error:  # what a hundred model classes raise where their layers do not give what they expect
        raise UserError(_unknown(title)) from error
    said = logits > _UNSAID  # of tokens that a fine-tuned model has not there is nothing to compare
    if found.shape != logits.shape or not said.any():
        is_near = False
    else:
        is_near = float((found - logits)[said].abs().max()) <= _NEAR * float(logits[said].abs().max())
    if not is_near:
        raise UserError(_unknown(title))


def _unknown(title: str) -> str:
    return f"How {title} makes its answer of its last layer is not known here, so no layer can be read out."


def _logits_of(said: Any) -> Tensor:
    """Logits [1, T, V] of what a model says."""
    if isinstance(said, Tensor):
        return said
    names = ("tokens", "logits", "prediction_logits")  # of a BERT of ours; of transformers; of one with two heads
    return next(cast(Tensor, getattr(said, name)) for name in names if getattr(said, name, None) is not None)


def _of_encoder(model: Encoder, h: Tensor) -> Tensor:
    """The whole text as the model pools it, then each of its tokens by itself: [1 + T, K]."""
    h = model.norm(h)
    mask = torch.ones(h.shape[:2], dtype=torch.bool, device=h.device)
    return cast(Tensor, model.output(torch.cat([pooled(h, mask, model.pooling), h[0]])))


@contextmanager
def _states(blocks: Sequence[nn.Module]) -> Iterator[list[Tensor]]:
    """What the first block reads and what each of them gives, of the latest pass: [1, T, D] each."""
    found: list[Tensor] = []

    def begin(_module: nn.Module, inputs: tuple[Any, ...], options: dict[str, Any]) -> None:
        found[:] = [inputs[0] if inputs else options["hidden_states"]]

    def keep(_module: nn.Module, _inputs: object, output: Any) -> None:
        found.append(output[0] if isinstance(output, tuple) else output)

    handles = [blocks[0].register_forward_pre_hook(begin, with_kwargs=True)]
    handles += [block.register_forward_hook(keep) for block in blocks]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


def _pieces(read_out: ReadOut, state: Tensor) -> Iterator[tuple[int, int]]:
    """The first column of some and the one behind the last, as many as are read out at once."""
    length = state.shape[1]
    if not read_out.is_by_token:
        yield 0, length
        return
    for first in range(0, length, read_out.num_together):
        yield first, min(length, first + read_out.num_together)


def _read(logits: Tensor, said: Tensor | None, first: int, never: Sequence[int]) -> tuple[Tensor, ...]:
    """The likeliest of each column [c, 5], their probabilities, the entropy [c] and the probability of what is said."""
    logits = logits.float().cpu()
    logits[:, list(never)] = _NOTHING
    total = logits.logsumexp(1, keepdim=True)  # [c, 1]
    best = logits.topk(min(NUM_BEST, logits.shape[1]), dim=1)
    chosen = best.indices[:, 0] if said is None else said[first : first + len(logits)]
    final = (logits.gather(1, chosen[:, None]) - total).exp()[:, 0]
    shares = (logits - total).exp_()  # [c, K]
    entropy = total[:, 0] - shares.mul_(logits).sum(1)  # log Z - sum p x; a second logarithm of each would cost more
    return best.indices, (best.values - total).exp(), entropy.clamp_(min=0), final
