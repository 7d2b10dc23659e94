"""The torch module of the recurrent networks: simple RNN, GRU and LSTM."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import cast

import torch
from torch import Tensor, nn

from modellab.architectures._recurrent import RecurrentConfig
from modellab.architectures.lstm import LSTMConfig
from modellab.architectures.rnn import RNNConfig
from modellab.data.base import Sample
from modellab.nets.layers import TiedOutput
from modellab.text.tokenizer import PAD, UNKNOWN

State = tuple[Tensor, ...]  # of one layer and direction: h [B, H], and c [B, H] of an LSTM
Runner = Callable[[int, int, nn.RNNBase, Tensor, State | None], tuple[Tensor, State]]


class Recurrent(nn.Module):
    """h^0 = E[ids], h^l = layer_l(dropout(h^{l-1})), logits = W pool(h^L) + b.

    A module of one layer and one direction each, so that each is one call of cuDNN or oneDNN. A backward layer is a
    forward one that reads each text reversed at its own length. Packed sequences would do too: on a CPU they took two
    to five times as long (64 texts of 100 to 200 tokens, 128 units: 0.50 s against 0.09 s one way, 0.91 s against
    0.20 s both ways).

    carry: the state that the next window of a stream begins with, for each layer h and, of an LSTM, c, each [B, H];
        None is a state of zeros. Only a language model keeps one.
    cell: "rnn", "gru" or "lstm". layers, backward_layers: by layer, the first reads the embeddings.
    """

    def __init__(self, config: RecurrentConfig, sample: Sample) -> None:
        super().__init__()
        assert sample.num_tokens > 0, "a text sample has a vocabulary"
        self.cell = config.cell
        self.hidden_size = config.hidden_size
        self.is_language_model = sample.task == "language_modelling"
        self.carry: list[Tensor] | None = None
        self._carries = self.is_language_model and config.carry_state
        self._pooling = config.pooling
        self._token_dropout = config.token_dropout
        num_directions = 1 + config.bidirectional
        self.embedding = nn.Embedding(sample.num_tokens, config.embedding_size, padding_idx=PAD)
        self.embedding_dropout = nn.Dropout(config.embedding_dropout)
        widths = [config.embedding_size, *[num_directions * config.hidden_size] * config.num_layers]
        self.layers = nn.ModuleList(_layer(config, width) for width in widths[:-1])
        self.backward_layers = nn.ModuleList(_layer(config, width) for width in widths[:-1] if config.bidirectional)
        self.dropout = nn.Dropout(config.dropout)
        self.output: nn.Module = nn.Linear(widths[-1], sample.num_outputs)
        if self.is_language_model and config.tie_weights:
            nn.init.normal_(self.embedding.weight, std=config.embedding_size**-0.5)
            self.output = TiedOutput(self.embedding, width=widths[-1])

    @property
    def directions(self) -> tuple[tuple[nn.RNNBase, ...], ...]:
        """The modules, [layer][direction]; direction 0 reads forwards, 1 backwards."""
        if not self.backward_layers:
            return tuple((cast(nn.RNNBase, layer),) for layer in self.layers)
        pairs = zip(self.layers, self.backward_layers, strict=True)
        return tuple((cast(nn.RNNBase, there), cast(nn.RNNBase, back)) for there, back in pairs)

    def begin_stream(self) -> None:
        """The next window is the first of a text: it begins with zeros."""
        self.carry = None

    def forward(self, ids: Tensor) -> Tensor:
        """Token ids int64 [B, T] to logits or values [B, K]; of a language model [B, T, V]."""
        state = unflattened(self.carry, self.directions) if self._carries and self._continues(ids) else None
        h, state = self.hidden(ids, state=state)  # [B, T, DH]
        if self._carries:
            self.carry = [tensor.detach() for layer in state for tensor in layer]
        return self.read_out(h, ids)

    def hidden(
        self, ids: Tensor, *, state: Sequence[State] | None = None, run: Runner | None = None
    ) -> tuple[Tensor, list[State]]:
        """The states of the topmost layer [B, T, DH], D directions, and the last state of each layer and direction.

        state: what each layer (and direction, as `directions` has them, flattened) begins with. run: what runs a layer
        instead of the layer itself, for whoever looks inside or interferes.
        """
        read = self._thinned(ids) if self.training and self._token_dropout else ids
        x = self.embedding_dropout(self.embedding(read))  # [B, T, E]
        order = reversal(ids != PAD) if self.backward_layers else None
        return run_layers(self.directions, x, order=order, state=state, run=run, dropout=self.dropout)

    def read_out(self, h: Tensor, ids: Tensor) -> Tensor:
        """States [B, T, DH] of tokens [B, T] to logits or values."""
        if self.is_language_model:
            return cast(Tensor, self.output(self.dropout(h)))  # [B, T, V]
        return cast(Tensor, self.output(self.dropout(self._pooled(h, ids != PAD))))  # [B, K]

    def _pooled(self, h: Tensor, is_token: Tensor) -> Tensor:
        """One state a text [B, DH], of its own tokens alone."""
        if self._pooling == "mean":
            kept = h * is_token[:, :, None]  # [B, T, DH]
            return kept.sum(1) / is_token.sum(1).clamp(min=1)[:, None]
        if self._pooling == "max":
            kept = h.masked_fill(~is_token[:, :, None], -torch.inf)  # [B, T, DH]
            return kept.amax(1).masked_fill(~is_token.any(1)[:, None], 0.0)
        last = (is_token.sum(1) - 1).clamp(min=0)  # [B]
        ends = h[torch.arange(len(h), device=h.device), last]  # [B, DH]
        if not self.backward_layers:
            return ends
        size = self.hidden_size  # reading backwards ends at the first token
        return torch.cat([ends[:, :size], h[:, 0, size:]], dim=1)

    def _thinned(self, ids: Tensor) -> Tensor:
        """Tokens [B, T], some of them unknown."""
        is_lost = torch.rand(ids.shape, device=ids.device) < self._token_dropout  # [B, T]
        return ids.masked_fill(is_lost & (ids != PAD), UNKNOWN)

    def _continues(self, ids: Tensor) -> bool:
        """Whether the carried state is of as many texts as there are now."""
        return self.carry is not None and len(self.carry[0]) == len(ids)


def run_layers(
    layers: Sequence[Sequence[nn.RNNBase]],
    x: Tensor,
    *,
    order: Tensor | None = None,
    state: Sequence[State] | None = None,
    run: Runner | None = None,
    dropout: nn.Module | None = None,
) -> tuple[Tensor, list[State]]:
    """Layers [layer][direction], each of one layer and direction, one above the other, over [B, T, E].

    order: what `reversal` gives, for the backward direction. Gives the topmost states [B, T, DH] and every last state.
    """
    run = run or _run
    ended: list[State] = []
    for number, directions in enumerate(layers):
        outputs = []
        for direction, module in enumerate(directions):
            read = x if direction == 0 else reordered(x, order)  # [B, T, E or DH]
            h, last = run(number, direction, module, read, state[len(ended)] if state is not None else None)
            outputs.append(h if direction == 0 else reordered(h, order))
            ended.append(last)
        x = outputs[0] if len(outputs) == 1 else torch.cat(outputs, dim=2)  # [B, T, DH]
        if dropout is not None and number + 1 < len(layers):
            x = dropout(x)
    return x, ended


def reversal(is_token: Tensor) -> Tensor:
    """Places int64 [B, T] at which each text stands reversed and its padding where it was; undoes itself."""
    places = torch.arange(is_token.shape[1], device=is_token.device)  # [T]
    mirrored = is_token.sum(1, keepdim=True) - 1 - places  # [B, T]
    return torch.where(mirrored >= 0, mirrored, places)


def reordered(x: Tensor, order: Tensor | None) -> Tensor:
    """[B, T, D] by places [B, T]."""
    assert order is not None, "the backward direction needs an order"
    return x.gather(1, order[:, :, None].expand_as(x))


def unflattened(carry: list[Tensor] | None, layers: Sequence[Sequence[nn.RNNBase]]) -> list[State] | None:
    """A flat list of states as one state for each layer and direction."""
    if carry is None:
        return None
    size = len(carry) // sum(len(directions) for directions in layers)
    return [tuple(carry[start : start + size]) for start in range(0, len(carry), size)]


def _run(_layer: int, _direction: int, module: nn.RNNBase, x: Tensor, state: State | None) -> tuple[Tensor, State]:
    """A layer by itself: all its steps in one call."""
    if state is None:
        h, last = module(x)
    elif len(state) == 2:
        h, last = module(x, (state[0][None], state[1][None]))
    else:
        h, last = module(x, state[0][None])
    return h, tuple(tensor[0] for tensor in (last if isinstance(last, tuple) else (last,)))


def _layer(config: RecurrentConfig, width: int) -> nn.RNNBase:
    """One layer in one direction."""
    if isinstance(config, RNNConfig):
        return nn.RNN(width, config.hidden_size, nonlinearity=config.nonlinearity, batch_first=True)
    if not isinstance(config, LSTMConfig):
        return nn.GRU(width, config.hidden_size, batch_first=True)
    layer = nn.LSTM(width, config.hidden_size, batch_first=True)
    with torch.no_grad():  # rows i, f, g, o; two biases are added up
        forget = slice(config.hidden_size, 2 * config.hidden_size)
        cast(Tensor, layer.bias_ih_l0)[forget] = config.forget_bias
        cast(Tensor, layer.bias_hh_l0)[forget] = 0.0
    return layer
