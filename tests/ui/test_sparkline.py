"""The small curve of a table's row."""

import math

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QTableView

from ui.widgets.sparkline import SPARKLINE_ROLE, Sparkline, SparklineDelegate, _points

pytestmark = pytest.mark.usefixtures("themed")


def sparkline() -> Sparkline:
    widget = Sparkline()
    widget.set_values([3, 1, 2])
    return widget


def test_that_a_sparkline_keeps_a_spike_however_many_values_there_are():
    values = [0.0] * 100_000
    values[43_217] = 1.0
    points = _points(values, rect=QRectF(0, 0, 80, 20))
    assert len(points) <= 2 * 80 + 1
    assert min(point.y() for point in points) == 0
    assert points[-1].x() == pytest.approx(80)


def test_that_a_sparkline_of_nothing_or_of_no_numbers_is_empty(qtbot):
    widget = Sparkline()
    qtbot.addWidget(widget)
    for values in ([], [math.nan, math.inf]):
        widget.set_values(values)
        widget.grab()


def test_that_a_tables_cell_shows_its_sparkline(qtbot):
    model = QStandardItemModel(1, 1)
    item = QStandardItem()
    model.setItem(0, 0, item)
    table = QTableView()
    qtbot.addWidget(table)
    table.setModel(model)
    table.setItemDelegate(SparklineDelegate(table))
    without = table.grab().toImage()
    item.setData(([1.0, 0.5, 0.2], "#ff0000"), SPARKLINE_ROLE)
    assert table.grab().toImage() != without
