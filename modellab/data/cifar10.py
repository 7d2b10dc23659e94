"""CIFAR-10: colour photographs, 32 by 32."""

from __future__ import annotations

from modellab.data._public import PublicImages


class CIFAR10Config(PublicImages, frozen=True, kw_only=True, tag="cifar10"):
    """CIFAR-10 (Krizhevsky 2009)."""

    title = "CIFAR-10"
    summary = "60,000 colour photographs, 32 × 32, of ten kinds of animals and vehicles."
    hub_id = "uoft-cs/cifar10"
    columns = ("img", "label")
    image_shape = (3, 32, 32)
    class_names = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
    num_train = 50_000
