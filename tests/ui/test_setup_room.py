"""The room of the setup column: the main options are in sight, and labels and numbers are read whole."""

import pytest
from PySide6.QtWidgets import QApplication

from modellab.architectures import architectures
from modellab.data import datasets
from ui.forms.line_field import LineField
from ui.forms.numbers import shown
from ui.forms.row import FieldRow
from ui.forms.row_label import RowLabel
from ui.forms.words import words
from ui.panels.setup import SetupPanel
from ui.theme import apply_theme
from ui.window.workbench import _SETUP_SIDE


@pytest.fixture(autouse=True)
def _themed(qapp: QApplication):
    apply_theme(qapp, "dark")


@pytest.mark.parametrize(
    ("dataset", "architecture"), [("points", "mlp"), ("table", "mlp"), ("digits", "cnn"), ("digits", "mlp")]
)
def test_that_the_main_options_are_in_sight_in_a_small_window(qtbot, dataset: str, architecture: str):
    panel = SetupPanel()
    qtbot.addWidget(panel)
    panel.resize(300, 640)
    panel.dataset_part().choose(dataset)
    panel.architecture_part().choose(architecture)
    with qtbot.waitExposed(panel):
        panel.show()
    row = panel.training_form().editor_of("schedule")
    assert row is not None
    qtbot.waitUntil(lambda: row.isVisible())
    QApplication.processEvents()
    assert row.mapTo(panel, row.rect().bottomLeft()).y() <= panel.height() - 4


def test_that_labels_and_the_largest_numbers_with_their_units_are_read_whole(qtbot):
    for name, kind in (*datasets().items(), *architectures().items()):
        panel = SetupPanel()
        qtbot.addWidget(panel)
        panel.resize(_SETUP_SIDE, 640)
        part = panel.dataset_part() if name in datasets() else panel.architecture_part()
        part.choose(name)
        with qtbot.waitExposed(panel):
            panel.show()
        forms = (part.form(), panel.training_form())
        rows = [row for form in forms for row in form.findChildren(FieldRow) if row.isVisible()]
        assert rows
        for row in rows:
            for label in row.findChildren(RowLabel):
                assert label.fontMetrics().horizontalAdvance(label.text()) <= label.contentsRect().width(), label.text()
            if row.spec.kind in ("int", "float") and row.spec.le is not None:
                field = row.findChild(LineField)
                assert field is not None
                field.show_text(shown(int(row.spec.le) if row.spec.kind == "int" else row.spec.le))
                assert field.suffix() == words(row.spec.unit), f"{kind.title}: {row.spec.title}"
                room = field.width() - 16 - field.textMargins().right()
                assert field.fontMetrics().horizontalAdvance(field.text()) <= room, field.text()
