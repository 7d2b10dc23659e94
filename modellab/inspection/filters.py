"""The kernels of the first convolution, for display."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import nn

from modellab.errors import UserError


def filters(model: nn.Module) -> dict[str, NDArray[Any]]:
    """ "kernels" float32 [K, C, H, W]: the weights of the first convolution.

    Raises:
        UserError: the model has no convolution.
    """
    for module in model.modules():
        if isinstance(module, nn.Conv2d):
            return {"kernels": np.array(module.weight.detach().float().cpu().numpy())}
    raise UserError("This model has no convolution, so it has no filters to show.")
