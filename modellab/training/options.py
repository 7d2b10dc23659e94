"""The training options: what a person may set before, and some of it during, a run."""

from __future__ import annotations

from typing import Annotated, Literal

from modellab.config import Config, field_specs, meta

_SGD = ("minibatch_sgd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "muon")

Optimizer = Literal[
    "gradient_descent", "minibatch_sgd", "sgd", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw", "muon"
]
OPTIMIZER_LABELS = {
    "gradient_descent": "Gradient descent (full batch)",
    "minibatch_sgd": "Mini-batch SGD",
    "sgd": "Stochastic GD (one example)",
    "momentum": "SGD with momentum",
    "nesterov": "Nesterov momentum",
    "adagrad": "Adagrad",
    "rmsprop": "RMSprop",
    "adam": "Adam",
    "adamw": "AdamW",
    "muon": "Muon (matrices; AdamW for the rest)",
}
ScheduleKind = Literal["constant", "step", "exponential", "cosine", "linear", "one_cycle", "reduce_on_plateau"]


class Schedule(Config, frozen=True, kw_only=True):
    """How the learning rate changes over the run."""

    kind: Annotated[
        ScheduleKind,
        meta(
            title="Schedule",
            help="How the learning rate changes over the run. Step and exponential multiply it by a factor, each few "
            "epochs or each one; cosine and linear lower it until the last step; one-cycle raises it first and lowers "
            "it then; reduce on plateau lowers it when the validation loss has stopped falling.",
            labels={"one_cycle": "one-cycle", "reduce_on_plateau": "reduce on plateau"},
        ),
    ] = "constant"
    warmup_steps: Annotated[
        int,
        meta(
            title="Warm-up",
            help="Rise linearly from 0 over this many steps first.",
            unit="steps",
            ge=0,
            le=1_000_000,
            when=("kind", ("constant", "step", "exponential", "cosine", "linear", "reduce_on_plateau")),
        ),
    ] = 0
    step_epochs: Annotated[
        int,
        meta(
            title="Every",
            help="Multiply by the factor each time.",
            unit="epochs",
            ge=1,
            le=10_000,
            when=("kind", ("step",)),
        ),
    ] = 10
    factor: Annotated[
        float,
        meta(
            title="Factor",
            help="What the learning rate is multiplied by: each time (step), each epoch (exponential), on a plateau.",
            gt=0,
            lt=1,
            when=("kind", ("step", "exponential", "reduce_on_plateau")),
        ),
    ] = 0.5
    final_fraction: Annotated[
        float,
        meta(
            title="Ends at",
            help="The last learning rate as a fraction of the first.",
            ge=0,
            le=1,
            when=("kind", ("cosine", "linear")),
        ),
    ] = 0.0
    plateau_epochs: Annotated[
        int,
        meta(
            title="Patience",
            help="Evaluations without a lower validation loss before the learning rate drops.",
            unit="evaluations",
            ge=1,
            le=1000,
            when=("kind", ("reduce_on_plateau",)),
        ),
    ] = 3
    peak_at: Annotated[
        float,
        meta(
            title="Peak at",
            help="Share of the run at which one-cycle peaks.",
            gt=0,
            lt=1,
            when=("kind", ("one_cycle",)),
        ),
    ] = 0.3


class EarlyStopping(Config, frozen=True, kw_only=True):
    """Stop when the validation loss no longer falls."""

    patience: Annotated[
        int,
        meta(
            title="Patience", help="Evaluations without improvement before stopping.", unit="evaluations", ge=1, le=1000
        ),
    ] = 5
    min_delta: Annotated[
        float, meta(title="Least improvement", help="A smaller fall in validation loss does not count.", ge=0, le=10)
    ] = 0.0


class Augmentation(Config, frozen=True, kw_only=True):
    """Random changes to training images, drawn on the device for every batch; `noise` is for points and rows too."""

    shift: Annotated[
        float, meta(title="Shift", help="Largest move, as a share of the side.", ge=0, le=0.5, live=True)
    ] = 0.0
    flip: Annotated[bool, meta(title="Flip", help="Mirror left to right half of the time.", live=True)] = False
    rotation: Annotated[
        float, meta(title="Rotation", help="Largest turn either way.", unit="°", ge=0, le=180, live=True)
    ] = 0.0
    scale: Annotated[
        float, meta(title="Scale", help="Largest enlargement or reduction, as a share.", ge=0, le=0.9, live=True)
    ] = 0.0
    crop: Annotated[
        int,
        meta(title="Crop", help="Pad by this much and cut back to size at random.", unit="px", ge=0, le=64, live=True),
    ] = 0
    cutout: Annotated[
        int, meta(title="Cut-out", help="Side of a random square set to the mean.", unit="px", ge=0, le=256, live=True)
    ] = 0
    noise: Annotated[
        float,
        meta(
            title="Noise", help="Standard deviation of Gaussian noise on the normalised input.", ge=0, le=5, live=True
        ),
    ] = 0.0


class TrainingOptions(Config, frozen=True, kw_only=True):
    """How to train: length, optimiser, regularisation, machine."""

    epochs: Annotated[
        int, meta(title="Epochs", help="Passes over the training set.", unit="epochs", ge=1, le=1_000_000, log=True)
    ] = 10
    max_steps: (
        Annotated[
            int,
            meta(
                title="Steps",
                help="Stop after this many optimiser steps, whatever the epochs say.",
                unit="steps",
                ge=1,
                le=1_000_000_000,
            ),
        ]
        | None
    ) = None
    batch_size: Annotated[
        int,
        meta(
            title="Batch size",
            help="Examples in one forward and backward pass.",
            unit="examples",
            ge=1,
            le=1_000_000,
            log=True,
            when=("optimizer", tuple(name for name in _SGD if name != "sgd")),
        ),
    ] = 64
    optimizer: Annotated[
        Optimizer, meta(title="Optimiser", help="The rule that turns gradients into steps.", labels=OPTIMIZER_LABELS)
    ] = "adamw"
    learning_rate: Annotated[
        float, meta(title="Learning rate", help="Size of a step.", gt=0, le=100, log=True, live=True)
    ] = 0.001
    schedule: Annotated[Schedule, meta(title="Schedule")] = Schedule()
    weight_decay: Annotated[
        float,
        meta(
            title="Weight decay",
            help="L2 regularisation; decoupled from the gradient in AdamW.",
            ge=0,
            le=10,
            log=True,
            live=True,
        ),
    ] = 0.0
    l1: Annotated[
        float,
        meta(title="L1", help="Weight of the sum of absolute weights in the loss.", ge=0, le=10, log=True, live=True),
    ] = 0.0
    label_smoothing: Annotated[
        float,
        meta(
            title="Label smoothing",
            help="Share of the target spread evenly over all classes.",
            ge=0,
            lt=1,
            advanced=True,
        ),
    ] = 0.0
    clip_norm: (
        Annotated[
            float,
            meta(
                title="Clip norm",
                help="Scale the gradient down to this Euclidean norm.",
                gt=0,
                le=1e6,
                log=True,
                live=True,
            ),
        ]
        | None
    ) = None
    clip_value: (
        Annotated[
            float,
            meta(
                title="Clip value",
                help="Limit each gradient entry to this size.",
                gt=0,
                le=1e6,
                log=True,
                live=True,
                advanced=True,
            ),
        ]
        | None
    ) = None
    momentum: Annotated[
        float,
        meta(
            title="Momentum",
            help="Share of the last step kept in the next.",
            ge=0,
            lt=1,
            when=("optimizer", ("momentum", "nesterov", "rmsprop", "muon")),
        ),
    ] = 0.9
    rms_decay: Annotated[
        float,
        meta(
            title="RMS decay", help="Smoothing of the squared gradient.", gt=0, lt=1, when=("optimizer", ("rmsprop",))
        ),
    ] = 0.99
    beta1: Annotated[
        float,
        meta(
            title="β₁",
            help="Smoothing of the gradient.",
            ge=0,
            lt=1,
            advanced=True,
            when=("optimizer", ("adam", "adamw", "muon")),
        ),
    ] = 0.9
    beta2: Annotated[
        float,
        meta(
            title="β₂",
            help="Smoothing of its square.",
            ge=0,
            lt=1,
            advanced=True,
            when=("optimizer", ("adam", "adamw", "muon")),
        ),
    ] = 0.999
    accumulation: Annotated[
        int,
        meta(
            title="Accumulation",
            help="Batches whose gradients are summed to one step.",
            unit="batches",
            ge=1,
            le=10_000,
            advanced=True,
        ),
    ] = 1
    loss: Annotated[
        Literal["auto", "cross_entropy", "mean_squared_error"],
        meta(
            title="Loss",
            help="Cross-entropy for classes, mean squared error for values; auto picks by the dataset.",
            labels={"cross_entropy": "cross-entropy"},
            advanced=True,
        ),
    ] = "auto"
    early_stopping: (
        Annotated[EarlyStopping, meta(title="Early stopping", help="Stop when the validation loss no longer falls.")]
        | None
    ) = None
    augmentation: Annotated[Augmentation, meta(title="Augmentation", live=True)] = Augmentation()
    evaluate_every: (
        Annotated[
            int,
            meta(
                title="Evaluate every",
                help="Steps between evaluations; off: once an epoch, in long runs every few; at least 20 a run.",
                unit="steps",
                ge=1,
                le=1_000_000,
                advanced=True,
            ),
        ]
        | None
    ) = None
    checkpoint_budget_mb: Annotated[
        int,
        meta(
            title="Checkpoint budget",
            help="Disk for the checkpoints of this run, log-spaced in steps.",
            unit="MB",
            ge=1,
            le=1_000_000,
            advanced=True,
        ),
    ] = 500
    seed: Annotated[int, meta(title="Seed", help="Same seed, same run.", ge=0, le=2**31 - 1)] = 0
    device: Annotated[
        str,
        meta(title="Device", help="Where to train; auto takes the first GPU, else the CPU.", choices_from="devices"),
    ] = "auto"
    precision: Annotated[
        Literal["float32", "bfloat16", "float16"],
        meta(
            title="Precision",
            help="Number format of the forward pass; float16 scales the loss. Both of 16 bits pay on GPUs and on CPUs "
            "with units for them; on other CPUs they may take ten times as long as float32.",
            advanced=True,
        ),
    ] = "float32"
    compile: Annotated[
        bool, meta(title="Compile", help="torch.compile: a slow first step, faster ones after.", advanced=True)
    ] = False

    def examples_a_pass(self, num_train: int) -> int:
        """Examples in one forward and backward pass, of so many in the training split."""
        if self.optimizer == "gradient_descent":
            return num_train
        return 1 if self.optimizer == "sgd" else min(self.batch_size, max(1, num_train))


def is_live(name: str) -> bool:
    """Whether the option of that dotted path below the recipe may be changed while a run trains."""
    part, *path = name.split(".")
    kind: type[Config] | None = TrainingOptions if part == "training" else None
    is_found = False
    for step in path:
        spec = next((found for found in field_specs(kind) if found.name == step), None) if kind else None
        if spec is None:
            return False
        is_found, kind = is_found or spec.live, spec.config
    return is_found
