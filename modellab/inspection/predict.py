"""What a model says of one input."""

from __future__ import annotations

from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

from modellab.data.base import Sample
from modellab.inspection.inputs import to_model
from modellab.tasks import task_for
from modellab.tasks.base import Decoded


def predict(model: nn.Module, sample: Sample, stored: NDArray[Any]) -> Decoded:
    """Run the model on one stored input [*shape] and read its outputs; the model is left in the mode it was in."""
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad():
            outputs = model(to_model(stored[None], sample, device=device))  # [1, K]
    finally:
        model.train(was_training)
    return task_for(sample).decode(outputs[0].float().cpu().numpy())
