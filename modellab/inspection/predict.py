"""What a model says of one input."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from numpy.typing import NDArray
from torch import nn

from modellab.data.base import Sample
from modellab.inspection.clamps import Clamp, Intervention
from modellab.inspection.gates import gates
from modellab.inspection.inputs import to_model
from modellab.inspection.interventions import intervening
from modellab.nets.recurrent import Recurrent
from modellab.tasks import task_for
from modellab.tasks.base import Decoded
from modellab.training.streams import other_stream


def predict(
    model: nn.Module, sample: Sample, stored: NDArray[Any], *, interventions: Sequence[Intervention] = ()
) -> Decoded:
    """Run the model on one stored input [*shape] and read its outputs; the model is left in the mode it was in.

    Raises:
        UserError: an intervention is on what the model has not.
    """
    device = next(model.parameters()).device
    was_training = model.training
    model.eval()
    try:
        with torch.no_grad(), other_stream(model), intervening(model, interventions):
            outputs = model(to_model(stored[None], sample, device=device))  # [1, K]
    finally:
        model.train(was_training)
    return task_for(sample).decode(outputs[0].float().cpu().numpy())


def predict_tokens(model: Recurrent, sample: Sample, ids: NDArray[Any], *, clamps: Sequence[Clamp] = ()) -> Decoded:
    """As `predict`, of token ids [T], perhaps while signals are held; a language model reads out the last token alone.

    Raises:
        UserError: a clamp names what the model has not.
    """
    device = next(model.parameters()).device
    outputs = gates(model, to_model(ids[None], sample, device=device), clamps=clamps, is_traced=False).outputs
    return task_for(sample).decode(outputs[0].float().cpu().numpy())
