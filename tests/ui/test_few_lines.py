"""A sentence that changes: nothing around it moves, and nothing is laid out anew for it."""

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from ui.widgets.labels import FewLines

pytestmark = pytest.mark.usefixtures("themed")


class Asked(QObject):
    """How often a layout was asked for."""

    count = 0

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        self.count += event.type() == QEvent.Type.LayoutRequest
        return False


@pytest.mark.parametrize(("text", "is_asked"), [("another word", False), ("many words " * 9, True)])
def test_that_a_layout_is_asked_for_only_where_a_text_takes_more_lines(qtbot, text, is_asked):
    holder, asked = QWidget(), Asked()
    qtbot.addWidget(holder)
    label = FewLines(most=3)
    QVBoxLayout(holder).addWidget(label)
    label.setText("one word")
    holder.resize(240, 200)
    holder.show()
    QApplication.processEvents()
    holder.installEventFilter(asked)
    label.setText(text)
    QApplication.processEvents()
    assert (asked.count > 0) is is_asked
    assert label.text() == label.toolTip() == label.accessibleName() == text
