"""Fashion-MNIST: pictures of clothes, 28 by 28."""

from __future__ import annotations

from modellab.data._public import PublicImages


class FashionMNISTConfig(PublicImages, frozen=True, kw_only=True, tag="fashion_mnist"):
    """Fashion-MNIST (Xiao, Rasul, Vollgraf 2017)."""

    title = "Fashion-MNIST"
    summary = "70,000 pictures of clothes in grey, 28 × 28, ten kinds."
    hub_id = "zalando-datasets/fashion_mnist"
    image_shape = (1, 28, 28)
    class_names = (
        "T-shirt/top",
        "Trouser",
        "Pullover",
        "Dress",
        "Coat",
        "Sandal",
        "Shirt",
        "Sneaker",
        "Bag",
        "Ankle boot",
    )
    num_train = 60_000
