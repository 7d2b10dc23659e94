"""Options that more than one architecture has."""

from __future__ import annotations

from typing import Annotated, Literal

from modellab.config import meta

MAX_WIDTH = 16_384

ActivationName = Literal["relu", "tanh", "sigmoid", "gelu", "silu", "leaky_relu", "linear"]
InitialisationName = Literal["default", "xavier", "he", "orthogonal", "normal", "zeros"]

Activation = Annotated[
    ActivationName,
    meta(
        title="Activation",
        help="The function applied to every hidden unit; linear: none, so that all layers together are one.",
        labels={
            "relu": "ReLU",
            "tanh": "tanh",
            "gelu": "GELU",
            "silu": "SiLU",
            "leaky_relu": "leaky ReLU",
            "linear": "linear (none)",
        },
    ),
]
BatchNorm = Annotated[
    bool,
    meta(title="Batch norm", help="Standardise each unit over the batch before its activation (Ioffe, Szegedy 2015)."),
]
Initialisation = Annotated[
    InitialisationName,
    meta(
        title="Initialisation",
        help="How the first weights are drawn; all but the default start biases at 0.",
        labels={
            "default": "PyTorch's default",
            "xavier": "Xavier (Glorot) uniform",
            "he": "He (Kaiming) normal",
            "normal": "normal, own standard deviation",
        },
        advanced=True,
    ),
]
InitialisationStd = Annotated[
    float,
    meta(
        title="Initial std",
        help="Standard deviation of the first weights.",
        gt=0,
        le=10,
        log=True,
        when=("initialisation", ("normal",)),
        advanced=True,
    ),
]
Width = Annotated[int, meta(title="Units", help="Units of the layer.", ge=1, le=MAX_WIDTH)]
