"""Configs: one annotated line makes the form, the check and the file."""

from typing import Annotated, Literal

import pytest

from modellab.config import Config, field_specs, from_builtins, help_text, meta, replaced, to_builtins
from modellab.errors import UserError
from modellab.training.options import TrainingOptions


class Inner(Config, frozen=True, kw_only=True):
    size: Annotated[int, meta(title="Size", ge=1, le=9)] = 3


class Outer(Config, frozen=True, kw_only=True):
    rate: Annotated[float, meta(title="Rate", help="How fast.", unit="Hz", gt=0, log=True, live=True)] = 1.0
    kind: Annotated[Literal["a", "b"], meta(title="Kind", labels={"a": "Alpha"})] = "a"
    limit: Annotated[int, meta(title="Limit", ge=1)] | None = None
    inner: Annotated[Inner, meta(title="Inner")] = Inner()
    parts: Annotated[tuple[Inner, ...], meta(title="Parts", min_length=1, max_length=3)] = (Inner(),)


def test_that_a_field_is_described_from_its_annotation():
    specs = {spec.name: spec for spec in field_specs(Outer)}
    assert list(specs) == ["rate", "kind", "limit", "inner", "parts"]
    assert (specs["rate"].title, specs["rate"].unit, specs["rate"].log, specs["rate"].live) == (
        "Rate",
        "Hz",
        True,
        True,
    )
    assert (specs["kind"].choices, specs["kind"].label("a"), specs["kind"].label("b")) == (("a", "b"), "Alpha", "b")
    assert specs["limit"].optional
    assert specs["inner"].config is Inner
    assert specs["parts"].item is not None
    assert specs["parts"].item.config is Inner


def test_that_help_has_the_sentence_the_limits_the_unit_and_the_default():
    rate = field_specs(Outer)[0]
    assert help_text(rate).splitlines() == ["How fast.", "a number above 0", "Unit: Hz", "Default: 1.0"]


@pytest.mark.parametrize(
    ("values", "field"),
    [
        ({"rate": 0}, "rate"),
        ({"rate": "x"}, "rate"),
        ({"kind": "c"}, "kind"),
        ({"limit": 0}, "limit"),
        ({"inner": {"size": 10}}, "inner.size"),
        ({"inner": {"sise": 3}}, "inner.sise"),
        ({"parts": []}, "parts"),
        ({"parts": [{"size": 1}, {"size": 0}]}, "parts[1].size"),
    ],
)
def test_that_a_wrong_value_is_refused_with_the_path_of_its_field(values, field: str):
    with pytest.raises(UserError) as caught:
        from_builtins(Outer, values, at="top")
    assert caught.value.field == f"top.{field}"


def test_that_a_config_comes_back_from_builtins_and_a_change_is_checked():
    config = replaced(Outer(), rate=2.0, limit=4)
    assert from_builtins(Outer, to_builtins(config)) == config
    with pytest.raises(UserError):
        replaced(config, rate=-1.0)


def test_that_every_training_option_has_a_title_and_a_default_within_its_limits():
    for spec in field_specs(TrainingOptions):
        assert spec.title
        assert spec.config or spec.help
    assert from_builtins(TrainingOptions, to_builtins(TrainingOptions())) == TrainingOptions()


def test_that_choices_stand_in_the_order_in_which_they_were_written():
    class Ordered(Config, frozen=True, kw_only=True):
        size: Literal["small", "medium", "large"] = "small"
        shade: Literal["light", "dark"] | None = None

    assert [spec.choices for spec in field_specs(Ordered)] == [("small", "medium", "large"), ("light", "dark")]
