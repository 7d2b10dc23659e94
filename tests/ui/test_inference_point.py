"""The point that is tried, when the data it is a point of changes."""

import numpy as np
from pytestqt.qtbot import QtBot

from modellab.data.base import Sample
from ui.panels.inference_point import PointEditor


def plane(names: tuple[str, str], *, high: float) -> Sample:
    return Sample(
        kind="point",
        task="classification",
        shape=(2,),
        classes=("a", "b"),
        features=names,
        low=(-high, -high),
        high=(high, high),
    )


def test_that_a_point_stays_with_data_like_its_own_and_leaves_with_other_data(qtbot: QtBot) -> None:
    editor = PointEditor()
    qtbot.addWidget(editor)
    editor.set_sample(plane(("x", "y"), high=1.0))
    editor.show_example(np.array([0.5, -0.25]), caption="")
    editor.set_sample(None)  # the next run has not said yet what it learns from
    editor.set_sample(plane(("x", "y"), high=1.2))
    assert [field.value() for field in editor.fields] == [0.5, -0.25]
    editor.set_sample(plane(("height", "width"), high=1.2))
    assert editor.given() is None
    assert [field.text() for field in editor.fields] == ["", ""]
    editor.show_example(np.array([0.5, -0.25]), caption="")
    editor.set_sample(None)
    editor.set_sample(plane(("height", "width"), high=1.2))
    assert editor.given() is not None
    editor.set_sample(plane(("height", "width"), high=0.01))
    assert editor.given() is None
