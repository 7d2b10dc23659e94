"""The box of a choice: what of it is there for its words."""

from PySide6.QtWidgets import QStyle, QStyleOptionComboBox

from ui.forms.choice_editor import ChoiceBox


def test_that_a_choice_has_all_the_width_up_to_its_arrow(qtbot):
    box = ChoiceBox()
    qtbot.addWidget(box)
    box.setFixedWidth(100)
    box.show()
    option = QStyleOptionComboBox()
    box.initStyleOption(option)
    field = QStyle.SubControl.SC_ComboBoxEditField
    assert box.style().subControlRect(QStyle.ComplexControl.CC_ComboBox, option, field, box).width() >= 62
