"""BERT against Hugging Face's own, and what must hold of padding and segments."""

from typing import Any

import pytest
import torch
import transformers

from modellab.architectures.bert import BERTConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.nets.bert import BERT, LaterLogits
from modellab.tasks.masked_language_modelling import MaskedLanguageModelling
from modellab.training.options import TrainingOptions

SPECIALS = ("[CLS]", "[SEP]", "[MASK]")
PIECES = Sample(kind="text", task="masked_language_modelling", shape=(12, 2), num_tokens=40, specials=SPECIALS)


def build(**options: Any) -> BERT:
    torch.manual_seed(0)
    model = BERTConfig(width=32, num_layers=2, **options).build(PIECES).eval()
    assert isinstance(model, BERT)
    return model


def pairs_of() -> torch.Tensor:
    pairs = torch.randint(2, 37, (3, 12, 2), generator=torch.Generator().manual_seed(1))
    pairs[..., 1] = torch.arange(12) > 5
    pairs[1, 9:] = 0
    return pairs


def test_that_the_weights_of_a_hugging_face_bert_give_its_logits():
    torch.manual_seed(0)
    config = transformers.BertConfig(
        vocab_size=40, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=128,
        max_position_embeddings=12,
    )  # fmt: skip
    theirs, ours = transformers.BertForPreTraining(config).eval(), build(norm="after", norm_epsilon=1e-12)
    with torch.no_grad():
        for weight in theirs.parameters():  # biases and norms too, which start where no mistake would show
            weight.normal_(std=0.2)
    theirs.tie_weights()
    ours.load_state_dict(weights_of(theirs, ours))
    pairs = pairs_of()
    ids, segments = pairs.unbind(2)
    wanted = theirs(ids, token_type_ids=segments, attention_mask=(ids != 0).long())
    found, is_token = ours(pairs), ids != 0
    torch.testing.assert_close(found.tokens[is_token], wanted.prediction_logits[is_token], atol=1e-4, rtol=0)
    torch.testing.assert_close(found.follows, wanted.seq_relationship_logits, atol=1e-4, rtol=0)


def weights_of(theirs: Any, ours: BERT) -> dict[str, torch.Tensor]:
    """Theirs, by our names."""
    body, head = theirs.bert, theirs.cls.predictions
    found = {
        "tokens.weight": body.embeddings.word_embeddings.weight,
        "segments.weight": body.embeddings.token_type_embeddings.weight,
        "positions.weight": body.embeddings.position_embeddings.weight,
        "output.bias": head.bias,
    }
    modules = {
        "embedding_norm": body.embeddings.LayerNorm,
        "pooler": body.pooler.dense,
        "follows": theirs.cls.seq_relationship,
        "transform.0": head.transform.dense,
        "transform.2": head.transform.LayerNorm,
    }
    for number, layer in enumerate(body.encoder.layer):
        at, own = f"blocks.{number}", layer.attention.self
        for part in ("weight", "bias"):
            three = [getattr(module, part) for module in (own.query, own.key, own.value)]
            found[f"{at}.attention.project.{part}"] = torch.cat(three)
        modules |= {
            f"{at}.attention.output": layer.attention.output.dense,
            f"{at}.attention_norm": layer.attention.output.LayerNorm,
            f"{at}.feed_forward.widen": layer.intermediate.dense,
            f"{at}.feed_forward.narrow": layer.output.dense,
            f"{at}.feed_forward_norm": layer.output.LayerNorm,
        }
    for name, module in modules.items():
        found |= {f"{name}.{part}": getattr(module, part) for part in ("weight", "bias")}
    assert set(found) == set(ours.state_dict())
    return found


@pytest.mark.parametrize("norm", ["before", "after"])
@pytest.mark.parametrize("positions", ["learned", "sinusoidal", "rotary"])
def test_that_padding_is_not_read(norm: str, positions: str):
    model, pairs = build(norm=norm, positions=positions), pairs_of()
    together, alone = model(pairs), model(pairs[1:2, :9])
    torch.testing.assert_close(together.tokens[1:2, :9], alone.tokens, atol=1e-5, rtol=0)
    torch.testing.assert_close(together.follows[1:2], alone.follows, atol=1e-5, rtol=0)


@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_that_a_narrow_net_begins_with_a_first_token_that_tells_texts_apart(positions: str):
    model, pairs = build(positions=positions), pairs_of()
    pairs[:, 0, 0], pairs[1, 9:, 0] = 37, 5
    first = model.hidden(*pairs.unbind(2))[:, 0].detach()  # [B, D]
    other = torch.cdist(first, first)[0, 1:]
    assert float(other.min() / first[0].norm()) > 0.1, "else nothing of whether they follow one another is learned"


def test_that_segments_matter():
    model, pairs = build(), pairs_of()
    other = pairs.clone()
    other[..., 1] = 0
    assert not torch.allclose(model(pairs).follows, model(other).follows)


def test_that_a_context_shorter_than_the_window_is_said_at_its_field():
    with pytest.raises(UserError) as raised:
        BERTConfig(context_length=8).build(PIECES)
    assert raised.value.field == "architecture.context_length"


def test_that_learning_from_hidden_tokens_alone_is_learning_from_all_logits():
    model, pairs = build(), pairs_of()
    targets = torch.zeros(3, 13, dtype=torch.int64)
    targets[0, 0], targets[0, 3], targets[1, [2, 5]], targets[2, 12] = 1, 7, torch.tensor([9, 30]), 4
    task = MaskedLanguageModelling(PIECES)
    loss_of: Any = task.loss(TrainingOptions())
    found = []
    for is_training in (False, True):
        model.train(is_training)
        outputs = model(pairs)
        assert isinstance(outputs.tokens, LaterLogits) is is_training
        loss = loss_of(outputs, targets)
        model.zero_grad()
        loss.backward()
        gradients = [weight.grad for weight in model.parameters()]
        found.append((loss.detach(), gradients, task.step_metrics(outputs, targets)))
    torch.testing.assert_close(found[1], found[0])
