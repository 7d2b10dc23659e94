"""Reading event lines into items."""

import math

import numpy as np

from modellab.events import Evaluated, Progress, encode_event
from ui.lab.stream import Steps, read_items


def progress(first: int, last: int, loss: list[float | None], *, start: float = 0.0) -> bytes:
    return encode_event(
        Progress(
            step=last, first=first, columns={"loss": loss}, times=(start, start + len(loss)), samples_per_second=5.0
        )
    )


def test_that_neighbouring_progress_events_are_joined_into_one_block() -> None:
    (steps,) = read_items([progress(1, 2, [3.0, 2.0]), progress(3, 3, [1.0], start=2.0)])
    assert isinstance(steps, Steps)
    assert (steps.first, steps.last) == (1, 3)
    np.testing.assert_array_equal(steps.columns["loss"], [3.0, 2.0, 1.0])
    np.testing.assert_allclose(steps.seconds, [1.0, 2.0, 3.0])


def test_that_a_value_that_was_not_measured_is_nan() -> None:
    (steps,) = read_items([progress(1, 2, [3.0, None])])
    assert isinstance(steps, Steps)
    assert math.isnan(steps.columns["loss"][1])


def test_that_a_gap_between_blocks_is_kept() -> None:
    items = read_items([progress(1, 1, [3.0]), progress(5, 5, [1.0])])
    assert [(item.first, item.last) for item in items if isinstance(item, Steps)] == [(1, 1), (5, 5)]


def test_that_other_events_keep_their_place_between_blocks() -> None:
    evaluated = encode_event(Evaluated(step=1, split="validation", metrics={"loss": 2.0}))
    items = read_items([progress(1, 1, [3.0]), evaluated, progress(2, 2, [1.0])])
    assert [type(item).__name__ for item in items] == ["Steps", "Evaluated", "Steps"]


def test_that_a_line_of_another_version_is_passed_over() -> None:
    items = read_items([b'{"type":"Telepathy","step":1}', b"not json", progress(1, 1, [3.0])])
    assert len(items) == 1
