"""The gates of recurrent layers for any input: exact, at about the price of the forward pass; and held at will."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from modellab.errors import UserError
from modellab.inspection.clamps import Clamp
from modellab.inspection.precision import full_precision
from modellab.nets.recurrent import Recurrent, State, reordered, reversal, run_layers
from modellab.nets.recurrent_cells import SIGNALS, CellName, Hold, Signals, cell_of, replay, step_through
from modellab.text.tokenizer import PAD


@dataclass(frozen=True, kw_only=True)
class Gates:
    """What went on in a model. signals: [layer][direction], float32 [B, T, H] each, in the order of the text; none
    where they were not asked for.

    outputs: what the model says, [B, K]; a language model's only of the last token, [B, 1, V].
    state: of each layer (and direction) after the last token.
    """

    cell: CellName
    signals: list[list[Signals]]
    outputs: Tensor
    state: list[State]

    def named(self, row: int = 0) -> dict[str, Tensor]:
        """Of one text: "<layer>/<direction>/<signal>" to [T, H]."""
        return _named(enumerate(self.signals), row)


@torch.inference_mode()
@full_precision()
def gates(
    model: Recurrent,
    ids: Tensor,
    *,
    clamps: Sequence[Clamp] = (),
    state: Sequence[State] | None = None,
    start: int = 0,
    is_traced: bool = True,
) -> Gates:
    """Every signal of every layer for token ids [B, T], and the outputs, in one forward pass in evaluation mode.

    Without clamps the layers run by themselves and the signals are replayed from their weights. With clamps, the layers
    they are of are stepped through instead; the text is then one, without padding. state: what the layers begin with.
    start: the place of the first token, by which clamps are counted. is_traced: whether the signals are wanted.

    Raises:
        UserError: a clamp names what the model has not.
    """
    for clamp in clamps:
        check_clamp(clamp, model)
    was_training = model.training
    model.eval()
    order = reversal(ids != PAD) if model.backward_layers else None
    tracer = Tracer(clamps=clamps, start=start)
    try:
        h, ended = model.hidden(ids, state=state, run=tracer)
        outputs = model.read_out(h[:, -1:], ids[:, -1:]) if model.is_language_model else model.read_out(h, ids)
        signals = tracer.signals(order=order) if is_traced else []
    finally:
        model.train(was_training)
    return Gates(cell=model.cell, signals=signals, outputs=outputs, state=ended)


def gates_in_turn(
    model: Recurrent, ids: Tensor, *, clamps: Sequence[Clamp] = (), first: int = 0
) -> Iterator[dict[str, Tensor]]:
    """As `gates`, of one text [1, T], in two parts: of layer `first` as soon as that has run, then of all others.

    Each part as `Gates.named` has it; the model is in evaluation mode.

    Raises:
        UserError: as `gates`, before the first part.
    """
    for clamp in clamps:
        check_clamp(clamp, model)
    order = reversal(ids != PAD) if model.backward_layers else None
    tracer = Tracer(clamps=clamps)
    others = [layer for layer in range(len(model.layers)) if layer != first]
    # Not around the yields: whoever asks may do something else between two parts.
    with torch.inference_mode(), full_precision():
        x, _ = run_layers(model.directions[: first + 1], model.embedding(ids), order=order, run=tracer)
        part = _named([(first, tracer.signals_of(first, order=order))])
    yield part
    with torch.inference_mode(), full_precision():
        run_layers(model.directions[first + 1 :], x, order=order, run=tracer)
        part = _named((layer, tracer.signals_of(layer, order=order)) for layer in others)
    yield part


class Tracer:
    """Runs layers as `run_layers` asks, each after those that have run, and tells their signals when asked."""

    def __init__(self, *, clamps: Sequence[Clamp] = (), start: int = 0) -> None:
        self._found: list[list[Callable[[], Signals]]] = []  # in the order in which each direction read
        self._clamps = clamps
        self._start = start

    def __call__(
        self, layer: int, direction: int, module: nn.RNNBase, x: Tensor, state: State | None
    ) -> tuple[Tensor, State]:
        """Give the states [B, T, H] and the last one; `layer` is counted by itself, whatever it is called here."""
        if direction == 0:
            self._found.append([])
        layer = len(self._found) - 1
        clamps = [clamp for clamp in self._clamps if (clamp.layer, clamp.direction) == (layer, direction)]
        if clamps:
            hold = hold_of(clamps, direction=direction, start=self._start, num_steps=x.shape[1])
            found, last = step_through(module, x, hold=hold, state=state)
            self._found[-1].append(lambda: found)
            return found["h"], last
        h, last = _run(module, x, state)
        self._found[-1].append(functools.partial(replay, module, x, h, state))
        return h, last

    def signals_of(self, layer: int, *, order: Tensor | None = None) -> list[Signals]:
        """Of each direction of a layer that has run, in the order of the text; order: what `reversal` gives."""
        return [
            found() if direction == 0 else {name: reordered(values, order) for name, values in found().items()}
            for direction, found in enumerate(self._found[layer])
        ]

    def signals(self, *, order: Tensor | None = None) -> list[list[Signals]]:
        """Of every layer, [layer][direction]."""
        return [self.signals_of(layer, order=order) for layer in range(len(self._found))]


def module_gates(source: nn.RNNBase, x: Tensor, *, lengths: Tensor | None = None) -> list[list[Signals]]:
    """Signals [layer][direction] of a plain nn.LSTM, nn.GRU or nn.RNN of any depth, for x [B, T, D].

    lengths: of each text, int64 [B]; what lies beyond is padding, and of no meaning in the signals too.
    """
    return layers_gates(split_layers(source), x, lengths=lengths)


@torch.inference_mode()
@full_precision()
def layers_gates(
    layers: Sequence[Sequence[nn.RNNBase]], x: Tensor, *, lengths: Tensor | None = None
) -> list[list[Signals]]:
    """As `module_gates`, of layers that are split already (`split_layers`, `layers_of_state`)."""
    lengths = torch.full((len(x),), x.shape[1]) if lengths is None else lengths
    order = reversal(torch.arange(x.shape[1])[None] < lengths.cpu()[:, None]).to(x.device)
    tracer = Tracer()
    run_layers(layers, x, order=order, run=tracer)
    return tracer.signals(order=order)


def split_layers(source: nn.RNNBase) -> list[list[nn.RNNBase]]:
    """A module a layer and direction, [layer][direction], that shares the weights of `source`."""
    cell, nonlinearity = cell_of(source), str(getattr(source, "nonlinearity", "tanh"))
    return layers_of_state(dict(source.named_parameters()), cell=cell, nonlinearity=nonlinearity)


def layers_of_state(
    tensors: dict[str, Tensor], *, cell: CellName | None = None, nonlinearity: str = "tanh"
) -> list[list[nn.RNNBase]]:
    """A module a layer and direction out of the weights of an nn.LSTM, nn.GRU or nn.RNN by their names there.

    cell: None is told from the shapes.

    Raises:
        UserError: there is no recurrent layer among the tensors, or its shapes do not fit; names the tensor.
    """
    if "weight_ih_l0" not in tensors:
        raise UserError("There is no tensor weight_ih_l0 here: these are not the weights of a recurrent layer.")
    layers: list[list[nn.RNNBase]] = []
    while f"weight_ih_l{len(layers)}" in tensors:
        number = len(layers)
        suffixes = [f"l{number}", f"l{number}_reverse"]
        found = [suffix for suffix in suffixes if f"weight_ih_{suffix}" in tensors]
        layers.append([_module(tensors, suffix, cell=cell, nonlinearity=nonlinearity) for suffix in found])
    return layers


def check_clamp(clamp: Clamp, model: Recurrent) -> None:
    """Whether the model has what the clamp holds.

    Raises:
        UserError: it has not; says what there is.
    """
    num_layers, num_directions = len(model.layers), len(model.directions[0])
    if not 0 <= clamp.layer < num_layers:
        raise UserError(f"There is no layer {clamp.layer} to hold; this model has layers 0 to {num_layers - 1}.")
    if not 0 <= clamp.direction < num_directions:
        raise UserError(f"There is no direction {clamp.direction} to hold; this model has {num_directions}.")
    if clamp.signal not in SIGNALS[model.cell]:
        raise UserError(f"There is no signal {clamp.signal} to hold; there are {', '.join(SIGNALS[model.cell])}.")
    if clamp.unit is not None and not 0 <= clamp.unit < model.hidden_size:
        raise UserError(f"There is no unit {clamp.unit} to hold; a layer has units 0 to {model.hidden_size - 1}.")
    if not abs(clamp.value) <= torch.finfo(torch.float32).max:
        raise UserError(f"A signal is held at a number; {clamp.value} is none that fits 32 bits.")


def hold_of(clamps: Sequence[Clamp], *, direction: int, start: int, num_steps: int) -> Hold:
    """What the clamps of one layer and direction make of a signal at a step of its reading.

    start: the place of the first token that is read, by which clamps are counted.
    """

    def hold(signal: str, step: int, values: Tensor) -> Tensor:
        token = start + (step if direction == 0 else num_steps - 1 - step)
        for clamp in clamps:
            is_then = (clamp.first is None or token >= clamp.first) and (clamp.last is None or token <= clamp.last)
            if clamp.signal == signal and is_then:
                values = values.clone()
                values[:, slice(None) if clamp.unit is None else clamp.unit] = clamp.value
        return values

    return hold


def _named(layers: Iterable[tuple[int, list[Signals]]], row: int = 0) -> dict[str, Tensor]:
    """As `Gates.named`, of some layers."""
    return {
        f"{layer}/{direction}/{name}": values[row]
        for layer, directions in layers
        for direction, found in enumerate(directions)
        for name, values in found.items()
    }


def _run(module: nn.RNNBase, x: Tensor, state: State | None) -> tuple[Tensor, State]:
    first = None if state is None else tuple(tensor[None] for tensor in state)
    h, last = module(x, first if first is None or len(first) == 2 else first[0])
    return h, tuple(tensor[0] for tensor in (last if isinstance(last, tuple) else (last,)))


def _module(tensors: dict[str, Tensor], suffix: str, *, cell: CellName | None, nonlinearity: str) -> nn.RNNBase:
    """One layer in one direction, with these very tensors as its weights."""
    w_ih, w_hh = tensors[f"weight_ih_{suffix}"], tensors.get(f"weight_hh_{suffix}")
    if w_hh is None or len(w_hh) != len(w_ih):
        raise UserError(f"weight_hh_{suffix} is missing or does not fit weight_ih_{suffix}.")
    w_hr = tensors.get(f"weight_hr_{suffix}")
    size = w_hr.shape[1] if w_hr is not None else w_hh.shape[1]
    num_gates = {"lstm": 4, "gru": 3, "rnn": 1, None: len(w_hh) // size}[cell]
    if num_gates not in (1, 3, 4) or len(w_hh) != num_gates * size:
        raise UserError(f"weight_hh_{suffix} is {list(w_hh.shape)}, which no LSTM, GRU or simple RNN has.")
    has_bias = f"bias_ih_{suffix}" in tensors
    with torch.device("meta"):
        module: nn.RNNBase
        if num_gates == 4:
            projected = 0 if w_hr is None else len(w_hr)
            module = nn.LSTM(w_ih.shape[1], size, bias=has_bias, proj_size=projected, batch_first=True)
        elif num_gates == 3:
            module = nn.GRU(w_ih.shape[1], size, bias=has_bias, batch_first=True)
        else:
            kind = "relu" if nonlinearity == "relu" else "tanh"
            module = nn.RNN(w_ih.shape[1], size, nonlinearity=kind, bias=has_bias, batch_first=True)
    for name, _ in list(module.named_parameters()):
        own = tensors[name.replace("l0", suffix)]
        setattr(module, name, own if isinstance(own, nn.Parameter) else nn.Parameter(own, requires_grad=False))
    return module.eval()
