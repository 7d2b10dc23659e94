"""What training will need, of attention too, and what is said where there is less."""

from typing import Any

import pytest
import torch
import transformers

from modellab.architectures.gpt import GPTConfig
from modellab.architectures.mlp import MLPConfig
from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.inspection.fused_attention import AsFused
from modellab.inspection.layers import ModelSummary
from modellab.inspection.memory_fit import check_fits
from modellab.inspection.summary import summarise
from modellab.recipe import Recipe, recipe_from_builtins
from modellab.training.options import TrainingOptions

STREAM = Sample(kind="text", task="language_modelling", shape=(256,), num_tokens=60)
POINT = Sample(kind="point", task="classification", shape=(2,), classes=("a", "b"))
GB = 10**9


def kept_by(model: Any, run: Any) -> int:
    """Bytes of all that autograd really keeps, the weights apart."""
    own = {tensor.untyped_storage()._cdata for tensor in (*model.parameters(), *model.buffers())}
    kept: dict[int, torch.Tensor] = {}

    def keep(tensor: torch.Tensor) -> torch.Tensor:
        if tensor.untyped_storage()._cdata not in own:
            kept[tensor.untyped_storage()._cdata] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(keep, lambda tensor: tensor):
        run()
    return sum(tensor.untyped_storage().nbytes() for tensor in kept.values())


@pytest.mark.parametrize("positions", ["learned", "rotary"])
def test_that_a_transformers_activations_are_those_that_autograd_keeps(positions: Any):
    config = GPTConfig(width=32, num_layers=2, num_heads=4, positions=positions)
    model = config.build(STREAM)
    real = kept_by(model, lambda: model(torch.randint(0, 60, (4, 256))))
    options = TrainingOptions(batch_size=4)
    estimate = summarise(config, STREAM, options, num_train=100).memory_parts["activations"]
    assert estimate == pytest.approx(real, rel=0.03)
    assert estimate < 2 * 4 * 4 * 4 * 256 * 256, "the weights of the attention are not kept"


def test_that_attention_keeps_its_weights_where_some_are_dropped():
    free, dropped = (
        summarise(
            GPTConfig(width=32, num_layers=1, attention_dropout=share), STREAM, TrainingOptions(), num_train=100
        ).memory_parts["activations"]
        for share in (0.0, 0.1)
    )
    assert dropped > free + 32 * 4 * 256 * 256 * 4


def test_that_heads_that_share_keys_give_the_shape_of_their_queries():
    sizes = {"hidden_size": 32, "num_hidden_layers": 1, "intermediate_size": 48, "vocab_size": 50}
    config = transformers.LlamaConfig(**sizes, num_attention_heads=4, num_key_value_heads=2)
    with torch.device("meta"), AsFused():
        model = transformers.LlamaForCausalLM(config)
        found = model(input_ids=torch.zeros(2, 9, dtype=torch.int64))
    assert found.logits.shape == (2, 9, 50)


def summary(**parts: float) -> ModelSummary:
    memory = {name: int(size) for name, size in parts.items()}
    return ModelSummary(layers=(), parameters=1, trained=1, flops=1, memory_parts=memory)


def recipe(**training: Any) -> Recipe:
    return recipe_from_builtins(
        {"architecture": {"name": "gpt"}, "dataset": {"name": "python_docs"}, "training": training}
    )


def refused(found: ModelSummary, of: Recipe, *, batch_size: int, sample: Sample = STREAM) -> UserError:
    with pytest.raises(UserError) as caught:
        check_fits(of, sample, found, batch_size=batch_size, memory_bytes=16 * GB)
    return caught.value


def test_that_a_batch_too_large_is_said_with_one_that_fits():
    error = refused(summary(weights=2 * GB, activations=64 * GB), recipe(), batch_size=64)
    assert error.field == "training.batch_size"
    assert error.remedy == {"training.batch_size": 8}
    assert error.message == (
        "Training needs about 66.0 GB of memory for a batch of 64 texts of 256 tokens, and there are 16.0 GB; make "
        "Batch size (training.batch_size) at most 8."
    )
    whole = refused(summary(activations=64 * GB), recipe(optimizer="gradient_descent"), batch_size=64)
    assert whole.remedy == {"training.batch_size": 16, "training.optimizer": "minibatch_sgd"}


def test_that_a_context_of_which_one_does_not_fit_marks_its_field():
    error = refused(summary(weights=GB, activations=40 * GB), recipe(), batch_size=1)
    assert error.field == "dataset.window"
    assert "make Window (dataset.window) shorter" in error.message


def test_that_a_model_too_large_by_itself_is_said_to_be():
    error = refused(summary(weights=60 * GB, activations=GB), recipe(), batch_size=1)
    assert "choose a smaller GPT" in error.message


def test_that_what_fits_and_a_dataset_that_streams_are_let_through():
    check_fits(recipe(), STREAM, summary(activations=15 * GB, dataset=90 * GB), batch_size=4, memory_bytes=16 * GB)
    small = summarise(MLPConfig(), POINT, TrainingOptions(), num_train=10)
    check_fits(recipe(), POINT, small, batch_size=4, memory_bytes=GB)
