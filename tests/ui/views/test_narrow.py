"""Views beside one another: in half a small window no control is cut and none lies over another."""

from itertools import combinations
from pathlib import Path

import numpy as np
from PySide6.QtWidgets import QAbstractButton, QComboBox, QSlider, QWidget

from modellab.data.base import Sample
from tests.ui.views.fake_lab import make_lab, make_run, recipe_of
from ui.lab.stream import Steps
from ui.views.curves import CurvesView
from ui.views.surface import SurfaceView
from ui.widgets.segmented import Segmented

POINTS = Sample(kind="point", task="classification", shape=(2,), classes=("a", "b"))


def cut_controls(view: QWidget) -> list[str]:
    """The controls of a view that are narrower than their words, or of which a part is out of sight."""
    found = []
    for control in _controls(view):
        least = control.least_width() if isinstance(control, Segmented) else control.minimumSizeHint().width()
        if (
            control.width() < min(least, control.maximumWidth())
            or control.visibleRegion().boundingRect() != control.rect()
        ):
            found.append(f"{type(control).__name__} {control.accessibleName()}")
    return found


def overlaps(view: QWidget) -> list[tuple[str, str]]:
    """Pairs of controls that lie over one another."""
    places = [
        (control.accessibleName(), control.rect().translated(control.mapTo(view, control.rect().topLeft())))
        for control in _controls(view)
    ]
    return [(a, b) for (a, one), (b, other) in combinations(places, 2) if one.intersects(other)]


def _controls(view: QWidget) -> list[QWidget]:
    kinds = (QAbstractButton, QComboBox, QSlider, Segmented)
    return [widget for widget in view.findChildren(QWidget) if isinstance(widget, kinds) and widget.isVisible()]


def test_that_the_controls_of_the_curves_are_whole_in_half_a_small_window(qtbot, tmp_path: Path):
    lab = make_lab()[0]
    view = CurvesView(lab)
    qtbot.addWidget(view)
    view.resize(320, 470)
    view.show()
    run = make_run(tmp_path / "run", recipe_of({"name": "points"}), POINTS)
    lab.session._open[str(run.path)] = run
    losses = np.array([3.0, 2.0, 1.0])
    run.take([Steps(first=1, last=3, columns={"loss": losses}, seconds=losses, samples_per_second=1, memory_bytes=1)])
    view.set_run(run)
    qtbot.waitUntil(lambda: view._stack.currentIndex() == 1)
    assert cut_controls(view) == []
    assert overlaps(view) == []


def test_that_the_controls_of_the_gates_are_whole_in_half_a_small_window(qtbot, lab_view):
    view = lab_view[0]
    view.resize(320, 470)
    assert view.width() == 320
    assert cut_controls(view) == []
    assert overlaps(view) == []


def test_that_the_surface_stands_over_its_tiles_where_the_view_is_narrow(qtbot):
    view = SurfaceView(make_lab()[0])
    qtbot.addWidget(view)
    view.show()
    picture = view._picture
    picture.set_network_shown(True)
    view._stack.setCurrentIndex(1)
    view.resize(640, 470)
    assert view._scroll.geometry().right() < view._plot.geometry().left()
    view.resize(320, 520)
    assert view._scroll.geometry().top() > view._plot.geometry().bottom()
