"""Full float32 while one looks inside, whatever torch multiplies with otherwise."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch


@contextmanager
def full_precision() -> Iterator[None]:
    """Matrix products and recurrent layers in IEEE float32 inside, and afterwards as they were.

    On a GPU cuDNN's recurrent layers use TF32 unless told otherwise, and a person may have allowed it, or bfloat16 on a
    CPU, for products: both keep three digits, and what is shown of a gate would be off by a thousandth.
    """
    cuda, cudnn, mkldnn = _backends()
    # The convolutions as the recurrent layers, or torch's older switch of both could not be read.
    backends = (cuda.matmul, cudnn.rnn, cudnn.conv, mkldnn.matmul, mkldnn.rnn)
    before = [backend.fp32_precision for backend in backends]
    for backend in backends:
        backend.fp32_precision = "ieee"
    try:
        yield
    finally:
        for backend, precision in zip(backends, before, strict=True):
            backend.fp32_precision = precision


def _backends() -> tuple[Any, Any, Any]:
    """torch's types do not know all of what they hold."""
    return torch.backends.cuda, torch.backends.cudnn, torch.backends.mkldnn
