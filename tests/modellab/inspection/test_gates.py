"""Gates against cells stepped by hand; interventions; imported weights."""

import copy
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from modellab.architectures import architectures
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.clamps import Clamp
from modellab.inspection.gates import gates, gates_in_turn, layers_gates, layers_of_state, module_gates
from modellab.inspection.precision import full_precision
from modellab.nets.recurrent import Recurrent
from modellab.nets.recurrent_cells import SIGNALS

TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=tuple("abc"), num_tokens=20)
STREAM = Sample(kind="text", task="language_modelling", shape=(6,), num_tokens=20)
MODULES: dict[str, Any] = {"lstm": nn.LSTM, "gru": nn.GRU, "rnn": nn.RNN}
LENGTHS = torch.tensor([7, 4, 1])
each_cell = pytest.mark.parametrize("cell", sorted(MODULES))
HAS_GPU = torch.cuda.is_available()
each_device = pytest.mark.parametrize(
    "device", ["cpu", pytest.param("cuda", marks=pytest.mark.skipif(not HAS_GPU, reason="torch sees no CUDA GPU"))]
)
# The parts of a module that is cut into layers share its weights, which cuDNN would like in one piece.
pytestmark = pytest.mark.filterwarnings("ignore:RNN module weights are not part of single contiguous chunk")


def build(cell: str, sample: Sample = TEXTS, **options: Any) -> Recurrent:
    torch.manual_seed(0)
    model = architectures()[cell](hidden_size=6, embedding_size=5, num_layers=2, **options).build(sample)
    assert isinstance(model, Recurrent)
    return model


def by_hand(cell: str, module: Any, x: Tensor, suffix: str) -> dict[str, Tensor]:
    """One text [T, D], one token after the other, by the formulas of the papers: each signal [T, H]."""
    names = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
    w_ih, w_hh, b_ih, b_hh = (getattr(module, f"{name}_{suffix}") for name in names)
    h = c = torch.zeros(w_hh.shape[1])
    found: dict[str, list[Tensor]] = {name: [] for name in SIGNALS[cell]}  # type: ignore[index]
    for x_t in x:
        a, b = w_ih @ x_t + b_ih, w_hh @ h + b_hh
        if cell == "lstm":
            i, f, g, o = (a + b).chunk(4)
            i, f, g, o = i.sigmoid(), f.sigmoid(), g.tanh(), o.sigmoid()
            c = f * c + i * g
            h = o * c.tanh()
            now = {"i": i, "f": f, "g": g, "o": o, "c": c, "h": h}
        elif cell == "gru":
            (a_r, a_z, a_n), (b_r, b_z, b_n) = a.chunk(3), b.chunk(3)
            r, z = (a_r + b_r).sigmoid(), (a_z + b_z).sigmoid()
            n = (a_n + r * b_n).tanh()
            h = (1 - z) * n + z * h
            now = {"r": r, "z": z, "n": n, "h": h}
        else:
            h = (a + b).tanh()
            now = {"h": h}
        for name, values in now.items():
            found[name].append(values)
    return {name: torch.stack(values) for name, values in found.items()}


def hand_stepped(cell: str, module: Any, x: Tensor) -> list[list[dict[str, Tensor]]]:
    """Two layers in both directions over one text [T, D]."""
    found = []
    for layer in range(2):
        there = by_hand(cell, module, x, f"l{layer}")
        back = by_hand(cell, module, x.flip(0), f"l{layer}_reverse")
        back = {name: values.flip(0) for name, values in back.items()}
        found.append([there, back])
        x = torch.cat([there["h"], back["h"]], dim=1)
    return found


def assert_stepped_by_hand(cell: str, module: Any, x: Tensor, found: list[list[dict[str, Tensor]]]) -> None:
    """Whether gates found on any device are those of the module on the CPU, text by text."""
    for row, length in enumerate(LENGTHS.tolist()):
        wanted = hand_stepped(cell, module, x[row, :length])
        for layer in range(2):
            for direction in range(2):
                for name, values in wanted[layer][direction].items():
                    ours = found[layer][direction][name][row, :length].cpu()
                    torch.testing.assert_close(ours, values, atol=1e-5, rtol=0)


@each_cell
@each_device
@torch.no_grad()
def test_that_the_gates_of_padded_texts_in_both_directions_are_those_of_a_cell_stepped_by_hand(cell: str, device: str):
    torch.manual_seed(1)
    module = MODULES[cell](5, 6, num_layers=2, bidirectional=True, batch_first=True)
    x = torch.randn(3, 7, 5)
    found = module_gates(copy.deepcopy(module).to(device), x.to(device), lengths=LENGTHS)
    assert_stepped_by_hand(cell, module, x, found)


@each_cell
@each_device
@torch.no_grad()
def test_that_the_gates_of_plain_weights_out_of_a_file_are_those_of_a_cell_stepped_by_hand(
    cell: str, device: str, tmp_path: Path
):
    torch.manual_seed(4)
    module = MODULES[cell](5, 6, num_layers=2, bidirectional=True)
    save_file(module.state_dict(), tmp_path / "weights.safetensors")
    x = torch.randn(3, 7, 5)
    layers = layers_of_state(load_file(tmp_path / "weights.safetensors", device=device))
    found = layers_gates(layers, x.to(device), lengths=LENGTHS)
    assert_stepped_by_hand(cell, module, x, found)


@each_cell
@each_device
@torch.no_grad()
def test_that_the_states_are_those_that_the_packed_module_gives(cell: str, device: str):
    torch.manual_seed(2)
    module = MODULES[cell](5, 6, num_layers=2, bidirectional=True, batch_first=True).to(device)
    x = torch.randn(3, 7, 5, device=device)
    with full_precision():
        packed, _ = module(pack_padded_sequence(x, LENGTHS, batch_first=True))
    wanted, _ = pad_packed_sequence(packed, batch_first=True)
    found = module_gates(module, x, lengths=LENGTHS)[1]
    ours = torch.cat([found[0]["h"], found[1]["h"]], dim=2)
    for row, length in enumerate(LENGTHS.tolist()):
        torch.testing.assert_close(ours[row, :length], wanted[row, :length], atol=1e-5, rtol=0)


@each_cell
@each_device
@pytest.mark.parametrize("bidirectional", [False, True])
def test_that_a_models_gates_come_with_the_outputs_it_gives_anyway(cell: str, device: str, bidirectional: bool):
    model, ids = build(cell, bidirectional=bidirectional).to(device), torch.randint(1, 20, (2, 9), device=device)
    ids[1, 5:] = 0
    found = gates(model, ids)
    assert model.training
    with full_precision():
        torch.testing.assert_close(found.outputs, model.eval()(ids))
    assert list(found.named()) == [
        f"{layer}/{direction}/{signal}"
        for layer in range(2)
        for direction in range(1 + bidirectional)
        for signal in SIGNALS[model.cell]
    ]
    alone = gates(model, ids[1:, :5]).named()
    for name, values in found.named(1).items():
        torch.testing.assert_close(values[:5], alone[name])


def test_that_a_projected_lstm_without_bias_has_gates():
    torch.manual_seed(3)
    module: Any = nn.LSTM(5, 6, proj_size=4, bias=False, batch_first=True)
    x = torch.randn(2, 7, 5)
    found = module_gates(module, x)[0][0]
    torch.testing.assert_close(found["h"], module(x)[0])
    shown = (found["o"] * found["c"].tanh()) @ module.weight_hr_l0.t()
    torch.testing.assert_close(found["h"], shown, atol=1e-5, rtol=0)


@each_cell
def test_that_imported_weights_are_told_by_their_shapes(cell: str):
    module = MODULES[cell](5, 6, num_layers=2, bidirectional=True)
    layers = layers_of_state(dict(module.state_dict()))
    assert [[type(layer) for layer in directions] for directions in layers] == [[MODULES[cell]] * 2] * 2


def test_that_weights_that_are_no_recurrent_layer_are_refused():
    with pytest.raises(UserError, match="weight_ih_l0"):
        layers_of_state({"weight": torch.zeros(3, 3)})
    with pytest.raises(UserError, match="no LSTM"):
        layers_of_state({"weight_ih_l0": torch.zeros(10, 3), "weight_hh_l0": torch.zeros(10, 5)})


@each_cell
@each_device
@pytest.mark.parametrize("first", [0, 1])
def test_that_gates_in_turn_are_those_of_all_at_once_the_layer_asked_for_first(cell: str, device: str, first: int):
    model, ids = build(cell, bidirectional=True).to(device).eval(), torch.randint(1, 20, (1, 9), device=device)
    ids[0, 7:] = 0
    clamp = Clamp(layer=1, direction=1, signal="h", unit=2, value=0.5)
    for clamps in ([], [clamp]):
        whole = gates(model, ids, clamps=clamps).named()
        part, rest = gates_in_turn(model, ids, clamps=clamps, first=first)
        assert {name[0] for name in part} == {str(first)}
        assert part.keys() | rest.keys() == whole.keys()
        for name, values in (part | rest).items():
            assert torch.equal(values, whole[name])
    with pytest.raises(UserError, match="layer 7"):
        next(gates_in_turn(model, ids, clamps=[Clamp(layer=7, signal="h", value=0)]))


@each_cell
@each_device
@pytest.mark.parametrize("direction", [0, 1])
def test_that_a_held_unit_changes_what_follows_and_letting_go_undoes_it_exactly(cell: str, device: str, direction: int):
    model, ids = build(cell, bidirectional=True).to(device), torch.randint(1, 20, (1, 9), device=device)
    free = gates(model, ids)
    clamp = Clamp(layer=0, direction=direction, signal="h", unit=2, value=3.0, first=3, last=5)
    held = gates(model, ids, clamps=[clamp])
    before, after = free.named(), held.named()
    name = f"0/{direction}/h"
    assert (after[name][3:6, 2] == 3.0).all()
    untouched = slice(0, 3) if direction == 0 else slice(6, 9)
    torch.testing.assert_close(after[name][untouched], before[name][untouched])
    assert not torch.allclose(held.outputs, free.outputs, atol=1e-4)
    assert torch.equal(gates(model, ids).outputs, free.outputs)


@each_cell
def test_that_holding_a_unit_beyond_the_text_changes_nothing(cell: str):
    model, ids = build(cell), torch.randint(1, 20, (1, 9))
    held = gates(model, ids, clamps=[Clamp(layer=layer, signal="h", value=1.0, first=50) for layer in range(2)])
    for name, values in gates(model, ids).named().items():
        torch.testing.assert_close(held.named()[name], values)


def test_that_a_shut_forget_gate_forgets():
    model, ids = build("lstm"), torch.randint(1, 20, (1, 9))
    found = gates(model, ids, clamps=[Clamp(layer=0, signal="f", value=0.0)]).named()
    torch.testing.assert_close(found["0/0/c"], found["0/0/i"] * found["0/0/g"])


@pytest.mark.parametrize(
    ("clamp", "word"),
    [
        (Clamp(layer=5, signal="h", value=0), "layer 5"),
        (Clamp(layer=0, signal="z", value=0), "signal z"),
        (Clamp(layer=0, signal="h", unit=6, value=0), "unit 6"),
        (Clamp(layer=0, signal="h", direction=1, value=0), "direction 1"),
        (Clamp(layer=0, signal="h", value=float("nan")), "nan"),
    ],
)
def test_that_a_clamp_on_what_is_not_there_is_refused_in_words(clamp: Clamp, word: str):
    with pytest.raises(UserError, match=word):
        gates(build("lstm"), torch.ones(1, 3, dtype=torch.int64), clamps=[clamp])


@each_cell
@pytest.mark.parametrize("clamps", [[], [Clamp(layer=0, direction=1, signal="h", unit=1, value=1.0)]])
def test_that_gates_stay_on_the_models_device_whichever_it_is(cell: str, clamps: list[Clamp]):
    # Tensors of the meta device have no numbers, but refuse those of another device as a GPU's do.
    module = MODULES[cell](5, 6, num_layers=2, bidirectional=True, batch_first=True, device="meta")
    found = module_gates(module, torch.randn(3, 7, 5, device="meta"), lengths=LENGTHS)
    model, ids = build(cell, bidirectional=True).to("meta"), torch.ones(1, 9, dtype=torch.int64, device="meta")
    ours = gates(model, ids, clamps=clamps)
    everything = [values for directions in found for signals in directions for values in signals.values()]
    everything += [*ours.named().values(), ours.outputs]
    assert {values.device.type for values in everything} == {"meta"}


def test_that_looking_inside_leaves_a_stream_where_it_was():
    model, ids = build("lstm", STREAM), torch.randint(1, 20, (1, 6))
    model(ids)
    carry = model.carry
    gates(model, ids)
    assert model.carry is carry


@pytest.fixture
def careless():
    """A torch that was told to multiply with few digits, as some do for speed."""
    torch.set_float32_matmul_precision("medium")
    torch.backends.cudnn.allow_tf32 = True
    yield
    torch.set_float32_matmul_precision("highest")


@pytest.mark.usefixtures("careless")
def test_that_gates_are_captured_in_full_float32_and_torch_is_left_as_it_was():
    backends: Any = torch.backends

    def precisions() -> list[str]:
        parts = (backends.cuda.matmul, backends.cudnn.rnn, backends.cudnn.conv, backends.mkldnn.matmul)
        return [part.fp32_precision for part in parts]

    before, inside = precisions(), []
    model = build("lstm")
    model.layers[0].register_forward_hook(lambda *_: inside.append(precisions()))
    gates(model, torch.randint(1, 20, (1, 4)))
    assert inside == [["ieee"] * 4]
    assert precisions() == before
    assert backends.cudnn.allow_tf32
    with pytest.raises(UserError):
        gates(model, torch.ones(1, 3, dtype=torch.int64), clamps=[Clamp(layer=9, signal="h", value=0)])
    assert precisions() == before
    assert torch.get_float32_matmul_precision() == "medium"


@pytest.mark.parametrize("num_steps", [1, 2, 9, 10, 50])
def test_that_a_text_of_any_length_is_replayed(num_steps: int):
    module = nn.LSTM(3, 4, batch_first=True)
    x = torch.randn(2, num_steps, 3)
    found = module_gates(module, x)[0][0]
    torch.testing.assert_close(found["h"], found["o"] * found["c"].tanh(), atol=1e-5, rtol=0)
