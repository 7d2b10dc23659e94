"""Points in the plane, generated: what a decision surface is drawn for."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal

import numpy as np

from modellab.config import meta
from modellab.data import _shapes
from modellab.data._splits import column_statistics, safe_std, split_indices
from modellab.data.base import DatasetConfig, LoadedDataset, Sample, Split
from modellab.errors import UserError

Shape = Literal["xor", "circles", "moons", "gaussians", "spirals", "plane", "gaussian"]
_SHAPES: dict[Shape, Callable[..., _shapes.Labelled]] = {
    "xor": _shapes.xor,
    "circles": _shapes.circles,
    "moons": _shapes.moons,
    "gaussians": _shapes.gaussians,
    "spirals": _shapes.spirals,
    "plane": _shapes.plane,
    "gaussian": _shapes.gaussian,
}
_ANY_CLASSES = ("circles", "gaussians", "spirals")
_REGRESSION = ("plane", "gaussian")


class PointsConfig(DatasetConfig, frozen=True, kw_only=True, tag="points"):
    """Points with two coordinates, and a class or a value."""

    title = "2-D points"
    summary = "Generated points in the plane: XOR, circles, moons, clouds, spirals, and two surfaces to fit."
    kind = "point"

    shape: Annotated[
        Shape,
        meta(
            title="Shape",
            help="How the classes lie, or the surface to fit.",
            labels={
                "xor": "XOR",
                "gaussians": "clouds",
                "plane": "plane (regression)",
                "gaussian": "hills (regression)",
            },
        ),
    ] = "xor"
    num_classes: Annotated[
        int, meta(title="Classes", help="Rings, clouds or arms.", ge=2, le=10, when=("shape", _ANY_CLASSES))
    ] = 2
    count: Annotated[
        int,
        meta(title="Points", help="Training and validation together.", unit="points", ge=20, le=1_000_000, log=True),
    ] = 500
    noise: Annotated[
        float,
        meta(title="Noise", help="Standard deviation of a random move; the points span about 2.", ge=0, le=1),
    ] = 0.05
    validation_share: Annotated[
        float, meta(title="Validation share", help="Part of the points kept for validation.", ge=0.01, le=0.9)
    ] = 0.3
    seed: Annotated[int, meta(title="Data seed", help="Decides the points and the split.", ge=0, le=2**31 - 1)] = 0

    def load(self) -> LoadedDataset:
        """Generate and split the points."""
        num_classes = self.num_classes if self.shape in _ANY_CLASSES else 2
        rng = np.random.default_rng(self.seed)
        exact, targets = _SHAPES[self.shape](self.count, num_classes=num_classes, noise=self.noise, rng=rng)
        points = exact.astype(np.float32)
        is_class = self.shape not in _REGRESSION
        labels = targets if is_class else None
        train, validation = split_indices(self.count, self.validation_share, seed=self.seed, labels=labels)
        if is_class and len(train) < num_classes:
            raise UserError(
                f"{len(train)} training points are too few for {num_classes} classes; ask for more points.",
                field="dataset.count",
            )
        mean, std = column_statistics(points[train])
        return LoadedDataset(
            sample=Sample(
                kind="point",
                task="classification" if is_class else "regression",
                shape=(2,),
                classes=tuple(str(index) for index in range(num_classes)) if is_class else (),
                features=("x", "y"),
                target="class" if is_class else "value",
                mean=mean,
                std=std,
                low=tuple(points.min(axis=0).tolist()),
                high=tuple(points.max(axis=0).tolist()),
                target_mean=0.0 if is_class else float(targets[train].mean()),
                target_std=1.0 if is_class else safe_std(targets[train].std())[0],
            ),
            train=Split(inputs=points[train], targets=targets[train]),
            validation=Split(inputs=points[validation], targets=targets[validation]),
        )
