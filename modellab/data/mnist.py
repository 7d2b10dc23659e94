"""MNIST: handwritten digits, 28 by 28."""

from __future__ import annotations

from modellab.data._public import PublicImages


class MNISTConfig(PublicImages, frozen=True, kw_only=True, tag="mnist"):
    """MNIST (LeCun, Cortes, Burges 1998)."""

    title = "MNIST"
    summary = "70,000 handwritten digits in grey, 28 × 28."
    hub_id = "ylecun/mnist"
    image_shape = (1, 28, 28)
    class_names = tuple("0123456789")
    num_train = 60_000
