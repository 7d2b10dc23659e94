"""Losses and metrics against torch and scikit-learn."""

import numpy as np
import pytest
import torch
from sklearn import metrics
from torch.nn import functional as F

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks import classification as classification_module
from modellab.tasks import task_for, tasks
from modellab.training.options import TrainingOptions

OPTIONS = TrainingOptions()


def classes(count: int) -> Sample:
    return Sample(kind="row", task="classification", shape=(3,), classes=tuple(f"c{i}" for i in range(count)))


VALUES = Sample(kind="row", task="regression", shape=(3,), target="price", target_mean=100.0, target_std=20.0)


def evaluate(sample: Sample, outputs: torch.Tensor, targets: torch.Tensor, *, size: int = 17):
    evaluation = task_for(sample).evaluation(OPTIONS)
    for some, wanted in zip(outputs.split(size), targets.split(size), strict=True):
        evaluation.add(some, wanted)
    return evaluation


def test_that_every_task_is_found():
    of_tokens = {"language_modelling", "masked_language_modelling", "translation"}
    assert set(tasks()) == {"classification", "regression", *of_tokens}


@pytest.mark.parametrize(("count", "has_matrix"), [(2, True), (7, True), (30, True), (30, False)])
def test_that_classification_metrics_are_scikit_learns(count: int, has_matrix: bool, monkeypatch: pytest.MonkeyPatch):
    if not has_matrix:
        monkeypatch.setattr(classification_module, "MAX_CONFUSION_CLASSES", 10)
    generator = torch.Generator().manual_seed(count)
    outputs = torch.randn(200, count, generator=generator)
    targets = torch.randint(max(1, count - 2), (200,), generator=generator)  # some classes never occur
    outputs[torch.arange(200), targets] += 1.0
    evaluation = evaluate(classes(count), outputs, targets)
    true, predicted = targets.numpy(), outputs.argmax(1).numpy()
    found = evaluation.metrics()
    assert found["loss"] == pytest.approx(
        metrics.log_loss(true, outputs.double().softmax(1), labels=range(count)), rel=1e-5
    )
    assert found["accuracy"] == pytest.approx(metrics.accuracy_score(true, predicted))
    assert found["f1"] == pytest.approx(metrics.f1_score(true, predicted, average="macro"))
    matrix = evaluation.confusion_matrix()
    assert (matrix is not None) is has_matrix
    if matrix is not None:
        assert (matrix == metrics.confusion_matrix(true, predicted, labels=range(count))).all()


@pytest.mark.parametrize("has_column", [True, False])
def test_that_regression_metrics_are_scikit_learns_in_the_unit_of_the_data(has_column: bool):
    generator = torch.Generator().manual_seed(0)
    targets = torch.randn(100, 1, generator=generator) * 1.3 + 0.2
    outputs = targets + 0.5 * torch.randn(100, 1, generator=generator)
    found = evaluate(VALUES, outputs, targets if has_column else targets[:, 0]).metrics()
    true, predicted = (values[:, 0].numpy().astype(np.float64) * 20 + 100 for values in (targets, outputs))
    assert found["loss"] == pytest.approx(float(F.mse_loss(outputs, targets)), rel=1e-6)
    assert found["rmse"] == pytest.approx(metrics.root_mean_squared_error(true, predicted), rel=1e-5)
    assert found["r2"] == pytest.approx(metrics.r2_score(true, predicted), rel=1e-5)


def test_that_r2_of_targets_that_never_vary_is_zero_and_not_infinite():
    assert evaluate(VALUES, torch.ones(9, 1), torch.full((9, 1), 0.1)).metrics()["r2"] == 0.0


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
def test_that_cross_entropy_is_torchs_in_any_precision(smoothing: float):
    outputs, targets = torch.randn(8, 4), torch.randint(4, (8,))
    loss = task_for(classes(4)).loss(TrainingOptions(label_smoothing=smoothing))
    assert torch.equal(loss(outputs, targets), F.cross_entropy(outputs, targets, label_smoothing=smoothing))
    assert loss(outputs.bfloat16(), targets).dtype == torch.float32


def test_that_squared_error_of_classes_compares_probabilities_with_the_one_hot_target():
    outputs, targets = torch.tensor([[2.0, 0.0], [0.0, 0.0]]), torch.tensor([0, 1])
    loss = task_for(classes(2)).loss(TrainingOptions(loss="mean_squared_error"))
    p = 1 / (1 + np.exp(-2.0))
    assert float(loss(outputs, targets)) == pytest.approx(((1 - p) ** 2 * 2 + 0.25 * 2) / 4)
    smooth = task_for(classes(2)).loss(TrainingOptions(loss="mean_squared_error", label_smoothing=0.5))
    assert float(smooth(outputs[1:], targets[1:])) == pytest.approx(0.0625)


def test_that_squared_error_does_not_broadcast_a_column_against_a_row():
    outputs, targets = torch.tensor([[1.0], [2.0]]), torch.tensor([[1.0], [4.0]])
    loss = task_for(VALUES).loss(OPTIONS)
    assert float(loss(outputs, targets)) == float(loss(outputs, targets[:, 0])) == 2.0


def test_that_cross_entropy_of_a_number_is_refused_by_its_field():
    with pytest.raises(UserError) as caught:
        task_for(VALUES).loss(TrainingOptions(loss="cross_entropy"))
    assert caught.value.field == "training.loss"


def test_that_batch_metrics_stay_tensors():
    found = task_for(classes(2)).step_metrics(torch.tensor([[1.0, 0.0], [1.0, 0.0]]), torch.tensor([0, 1]))
    assert found["accuracy"].shape == ()
    assert float(found["accuracy"]) == 0.5
    assert task_for(VALUES).step_metrics(torch.zeros(2, 1), torch.zeros(2, 1)) == {}


def test_that_classes_are_decoded_by_falling_probability():
    decoded = task_for(classes(3)).decode(np.array([0.0, 1000.0, 0.0], dtype=np.float32))
    assert decoded.classes == ("c1", "c0", "c2")
    assert decoded.probabilities == (1.0, 0.0, 0.0)


def test_that_a_value_is_decoded_in_the_unit_of_the_data():
    decoded = task_for(VALUES).decode(np.array([-1.5], dtype=np.float32))
    assert (decoded.value, decoded.target) == (70.0, "price")
