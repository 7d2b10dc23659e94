"""What a pretrained model is made of: its layers, in the order they run while it reads a short text or an image."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from modellab.inspection.layers import Layer
from modellab.inspection.summary import layers_of_a_pass
from modellab.pretrained.images import image_sample
from modellab.pretrained.looking import inputs_of, start_of
from modellab.pretrained.opening import PretrainedModel

_TEXT = "The cat sat on the mat because it was tired."


def parts_of(opened: PretrainedModel) -> tuple[tuple[Layer, ...], tuple[int, ...]]:
    """A row a layer, and the shape of what was read: tokens [T], or pixels [C, H, W].

    Raises:
        UserError: its decoder does not say which token it starts with.
    """
    run, shape = _pass_of(opened)
    with torch.inference_mode():
        return layers_of_a_pass(opened.model, run), shape


def _pass_of(opened: PretrainedModel) -> tuple[Callable[[], Any], tuple[int, ...]]:
    """One forward pass."""
    model: Any = opened.model
    if opened.tokenizer is None:
        shape = image_sample(opened.folder, ()).shape
        return lambda: model(pixel_values=torch.zeros(1, *shape)), shape
    read, inputs = inputs_of(opened, _TEXT)
    if getattr(model.config, "is_encoder_decoder", False):
        inputs["decoder_input_ids"] = torch.tensor([[start_of(opened)]])
    return lambda: model(**inputs), (len(read.ids),)
