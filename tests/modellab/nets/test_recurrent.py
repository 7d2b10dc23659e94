"""The recurrent networks: padding is not read, both directions, pooling, tied weights, and the state of a stream."""

from typing import Any

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from modellab.architectures import architectures
from modellab.architectures.gru import GRUConfig
from modellab.architectures.lstm import LSTMConfig
from modellab.architectures.rnn import RNNConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.nets.recurrent import Recurrent, reversal
from modellab.text.tokenizer import PAD, UNKNOWN

TEXTS = Sample(kind="text", task="classification", shape=(9,), classes=tuple("abc"), num_tokens=20)
STREAM = Sample(kind="text", task="language_modelling", shape=(6,), num_tokens=20)
CELLS = ["rnn", "gru", "lstm"]
each_cell = pytest.mark.parametrize("cell", CELLS)
LENGTHS = (9, 4, 1, 7)


def build(cell: str, sample: Sample = TEXTS, **options: Any) -> Recurrent:
    torch.manual_seed(0)
    model = architectures()[cell](hidden_size=7, embedding_size=5, **options).build(sample).eval()
    assert isinstance(model, Recurrent)
    return model


def padded_ids() -> torch.Tensor:
    ids = torch.randint(1, 20, (4, 9), generator=torch.Generator().manual_seed(1))
    for row, length in enumerate(LENGTHS):
        ids[row, length:] = 0
    return ids


@each_cell
@pytest.mark.parametrize("pooling", ["last", "mean", "max"])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_that_padding_is_not_read(cell: str, pooling: str, bidirectional: bool):
    model, ids = build(cell, pooling=pooling, bidirectional=bidirectional, num_layers=2), padded_ids()
    together = model(ids)
    for row, length in enumerate(LENGTHS):
        torch.testing.assert_close(model(ids[row : row + 1, :length])[0], together[row])


@each_cell
def test_that_both_directions_are_those_of_a_packed_sequence(cell: str):
    model, ids = build(cell, bidirectional=True), padded_ids()
    theirs = {"rnn": nn.RNN, "gru": nn.GRU, "lstm": nn.LSTM}[cell](5, 7, batch_first=True, bidirectional=True)
    forward, backward = model.directions[0]
    state = dict(forward.state_dict()) | {f"{name}_reverse": tensor for name, tensor in backward.state_dict().items()}
    theirs.load_state_dict(state)
    packed = pack_padded_sequence(model.embedding(ids), torch.tensor(LENGTHS), batch_first=True, enforce_sorted=False)
    wanted, _ = pad_packed_sequence(theirs(packed)[0], batch_first=True)
    h, _ = model.hidden(ids)
    is_token = (ids != 0)[:, :, None]
    torch.testing.assert_close(h * is_token, wanted * is_token)


def test_that_a_reversal_undoes_itself_and_leaves_padding_where_it_is():
    order = reversal(padded_ids() != 0)
    assert order[1].tolist() == [3, 2, 1, 0, 4, 5, 6, 7, 8]
    assert torch.equal(order.gather(1, order), torch.arange(9).expand(4, 9))


def test_that_an_empty_text_has_an_output():
    for pooling in ("last", "mean", "max"):
        assert build("lstm", pooling=pooling, bidirectional=True)(torch.zeros(2, 3, dtype=torch.int64)).isfinite().all()


def test_that_the_forget_gate_starts_where_it_was_told():
    model: Any = LSTMConfig(hidden_size=4, forget_bias=2.5).build(TEXTS)
    layer = model.layers[0]
    assert ((layer.bias_ih_l0 + layer.bias_hh_l0)[4:8] == 2.5).all()


def test_that_a_simple_rnn_may_be_rectified():
    model: Any = RNNConfig(hidden_size=4, nonlinearity="relu").build(TEXTS)
    h, _ = model.hidden(padded_ids())
    assert (h >= 0).all()


@each_cell
def test_that_a_language_model_goes_on_where_the_last_window_ended(cell: str):
    model = build(cell, STREAM, num_layers=2)
    ids = torch.randint(1, 20, (3, 12))
    whole = model(ids)
    model.begin_stream()
    parts = torch.cat([model(ids[:, :6]), model(ids[:, 6:])], dim=1)
    torch.testing.assert_close(parts, whole)
    assert model.carry is not None
    assert not any(tensor.requires_grad for tensor in model.carry)
    model.begin_stream()
    torch.testing.assert_close(model(ids[:, 6:])[:, 0], build(cell, STREAM, num_layers=2)(ids[:, 6:])[:, 0])


def test_that_the_gradient_stops_between_windows():
    model = build("gru", STREAM)
    model(torch.randint(1, 20, (2, 6)))
    model(torch.randint(1, 20, (2, 6))).sum().backward()
    model(torch.randint(1, 20, (2, 6))).sum().backward()  # would fail if the first graph were still needed


def test_that_state_is_not_carried_where_it_is_not_wanted_or_of_other_texts():
    ids = torch.randint(1, 20, (3, 6))
    model = build("lstm", STREAM, carry_state=False)
    assert torch.equal(model(ids), model(ids))
    carrying = build("lstm", STREAM)
    first = carrying(ids[:2])
    carrying(ids)
    torch.testing.assert_close(carrying(ids[:2]), first)
    assert build("lstm")(padded_ids()).shape == (4, 3)
    classifier = build("lstm")
    classifier(padded_ids())
    assert classifier.carry is None


@pytest.mark.parametrize("hidden_size", [5, 8])
def test_that_tied_weights_are_the_embeddings_and_are_saved_once(hidden_size: int):
    model = GRUConfig(embedding_size=5, hidden_size=hidden_size, tie_weights=True).build(STREAM)
    shapes = [tuple(tensor.shape) for tensor in model.state_dict().values()]
    assert shapes.count((20, 5)) == 1
    assert model(torch.randint(1, 20, (2, 6))).shape == (2, 6, 20)
    pointers = [tensor.data_ptr() for tensor in model.state_dict().values()]
    assert len(set(pointers)) == len(pointers)  # safetensors refuses memory that is saved twice


@each_cell
def test_that_a_language_model_that_reads_both_ways_is_refused_by_its_field(cell: str):
    config = architectures()[cell](bidirectional=True)
    assert "architecture.bidirectional" in config.misfit(STREAM)
    assert not config.misfit(TEXTS)
    with pytest.raises(UserError) as caught:
        config.build(STREAM)
    assert caught.value.field == "architecture.bidirectional"


def test_that_dropout_of_tokens_reads_some_as_unknown_and_only_while_it_trains():
    torch.manual_seed(0)
    model: Any = LSTMConfig(embedding_size=6, hidden_size=4, token_dropout=0.5).build(TEXTS)
    read: list[torch.Tensor] = []
    model.embedding.register_forward_pre_hook(lambda _module, inputs: read.append(inputs[0]))
    ids = torch.randint(2, TEXTS.num_tokens, (8, 20))
    ids[:, 15:] = PAD
    model.train()(ids)
    model.eval()(ids)
    trained, evaluated = read
    assert torch.equal(evaluated, ids)
    is_lost = trained != ids
    assert 0.3 < is_lost[:, :15].float().mean() < 0.7
    assert (trained[is_lost] == UNKNOWN).all()
    assert not is_lost[:, 15:].any()
