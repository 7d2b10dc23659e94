"""The convolutional network's sizes, and what is said of those that do not work out."""

import pytest

from modellab.architectures.cnn import CNNConfig, Stage
from modellab.config import from_builtins
from modellab.data.base import Sample
from modellab.errors import UserError


def image(side: int) -> Sample:
    return Sample(kind="image", task="classification", shape=(1, side, side), classes=("a", "b"))


def test_that_the_default_is_two_convolutions_two_pools_and_a_dense_layer():
    model = CNNConfig().build(image(28))
    names = [name for name, module in model.named_modules() if not list(module.children())]
    assert names == [
        "stages.conv1_1",
        "stages.activation1_1",
        "stages.pool1",
        "stages.conv2_1",
        "stages.activation2_1",
        "stages.pool2",
        "head.linear1",
        "head.activation1",
        "head.output",
    ]
    assert CNNConfig().sizes(image(28)) == ((32, 14, 14), (64, 7, 7))


def test_that_an_image_pooled_away_names_the_stage_and_what_to_do():
    config = CNNConfig(stages=(Stage(),) * 4)
    sentence = "architecture.stages[3]: the 8x8 image is 1x1 after three pools; remove this stage's pool."
    assert config.misfit(image(8)) == sentence
    with pytest.raises(UserError) as caught:
        config.build(image(8))
    assert (caught.value.message, caught.value.field) == (sentence, "architecture.stages[3]")


def test_that_convolutions_without_padding_that_eat_the_image_name_the_stage():
    config = CNNConfig(stages=(Stage(), Stage(kernel=5, padding="none", pool="none")))
    assert config.misfit(image(16)) == ""
    assert config.sizes(image(16))[-1] == (32, 4, 4)
    assert config.misfit(image(8)).startswith("architecture.stages[1]: the 8x8 image is 4x4 after one pool, and these")


def test_that_an_image_that_just_fits_is_no_misfit_and_builds():
    config = CNNConfig(stages=(Stage(channels=2),) * 3, dense_layers=())
    assert config.misfit(image(8)) == ""
    config.build(image(8))


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"stages": []}, "architecture.stages"),
        ({"stages": [{"channels": 0}]}, "architecture.stages[0].channels"),
        ({"stages": [{}, {"channels": 99999}]}, "architecture.stages[1].channels"),
        ({"stages": [{"kernel": 4}]}, "architecture.stages[0].kernel"),
        ({"dense_layers": [10, 100_000]}, "architecture.dense_layers[1]"),
        ({"dense_dropout": 1.0}, "architecture.dense_dropout"),
    ],
)
def test_that_a_value_out_of_its_limits_names_its_field(values: dict, field: str):
    with pytest.raises(UserError) as caught:
        from_builtins(CNNConfig, {"name": "cnn", **values}, at="architecture")
    assert caught.value.field == field
