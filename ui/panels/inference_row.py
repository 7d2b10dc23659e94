"""Giving a row: one field a column of the table, filled from a sample or pasted from a spreadsheet."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication, QSize, Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from modellab.data.base import Sample
from ui.panels.inference_input import Given, InputEditor
from ui.panels.inference_number import NumberField, split_row
from ui.widgets.buttons import QuietButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import ElidedLabel
from ui.widgets.numbers import number
from workers.protocol import RowInput


class RowEditor(InputEditor):
    """The feature columns as a small form."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: list[NumberField] = []
        self._names: tuple[str, ...] = ()
        self._typed: dict[tuple[str, ...], list[str]] = {}  # what stood in the fields of other columns
        self._caption = ElidedLabel(style="small", role="muted")
        keeps_room = self._caption.sizePolicy()
        keeps_room.setRetainSizeWhenHidden(True)  # or the answer below moves when it comes and goes
        self._caption.setSizePolicy(keeps_room)
        self._empty = EmptyState(
            "table", self.tr("The columns of the table appear here once a run of it starts, each a field to fill.")
        )
        self._scroll = _Fields(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        dice = QuietButton(self.tr("Sample"), icon_name="dice")
        dice.setToolTip(self.tr("Fill in an example of the validation split (Ctrl+R)"))
        dice.clicked.connect(self.sample_asked)
        paste = QuietButton(self.tr("Paste a row"), icon_name="clipboard")
        paste.setToolTip(self.tr("Numbers copied from a spreadsheet, in the order of the columns"))
        paste.clicked.connect(lambda: self.paste_row(QGuiApplication.clipboard().text()))
        self._ways = QWidget()
        ways = QHBoxLayout(self._ways)
        ways.setContentsMargins(0, 0, 0, 0)
        ways.setSpacing(8)
        ways.addWidget(dice, 1)
        ways.addWidget(paste, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self._ways)
        column.addWidget(self._caption)
        column.addWidget(self._empty, 1)
        column.addWidget(self._scroll, 1)
        self.set_sample(None)

    def set_sample(self, sample: Sample | None) -> None:
        names = sample.features if sample is not None else ()
        if names == self._names and self.fields:
            for place, field in enumerate(self.fields):
                field.set_example(_typical(sample, place))
            return
        if self.fields:
            self._typed[self._names] = [field.text() for field in self.fields]
        self._names, self.fields = names, []
        form = QWidget()
        grid = QGridLayout(form)
        grid.setContentsMargins(0, 0, 4, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(0, 5)
        grid.setColumnStretch(1, 4)
        for place, name in enumerate(names):
            label, field = ElidedLabel(name, role="muted"), NumberField()
            field.setAccessibleName(name)
            field.set_example(_typical(sample, place))
            field.valued.connect(self._on_valued)
            field.row_pasted.connect(self.paste_row)
            field.moved.connect(lambda step, place=place: self._go_to(place + step))
            grid.addWidget(label, place, 0)
            grid.addWidget(field, place, 1)
            self.fields.append(field)
        grid.setRowStretch(len(names), 1)
        self._scroll.setWidget(form)
        for part in (self._ways, self._scroll):
            part.setVisible(bool(names))
        self._caption.setVisible(False)
        self._empty.setVisible(not names)
        # No higher than its fields, so that the answer stands directly under them.
        limit = QSizePolicy.Policy.Maximum if names else QSizePolicy.Policy.Preferred
        self.setSizePolicy(QSizePolicy.Policy.Preferred, limit)
        if any(typed := self._typed.get(names, [])):
            for field, text in zip(self.fields, typed, strict=True):
                field.set_text(text)
            self.changed.emit()

    def given(self) -> Given | None:
        values = [field.value() for field in self.fields]
        found = tuple(value for value in values if value is not None)
        return Given(input=RowInput(values=found)) if found and len(found) == len(values) else None

    def show_example(self, values: NDArray[Any], *, caption: str) -> None:
        for field, value in zip(self.fields, values, strict=False):
            field.set_value(float(value))
        self._say(caption)
        self.changed.emit()

    def paste_row(self, text: str) -> None:
        """Fill the fields with the numbers of a copied row."""
        cells = split_row(text)
        if len(cells) != len(self.fields):
            sentence = self.tr(
                "The clipboard holds {0} values; this table has {1} columns: copy one whole row of the spreadsheet."
            )
            self.problem_found.emit(sentence.format(len(cells) if text.strip() else 0, len(self.fields)))
            return
        for field, cell in zip(self.fields, cells, strict=True):
            field.setText(cell)
            field.textEdited.emit(cell)
        self._say("")
        self.changed.emit()

    def _say(self, caption: str) -> None:
        self._caption.setText(caption)
        self._caption.setVisible(bool(caption))

    def _go_to(self, place: int) -> None:
        if 0 <= place < len(self.fields):
            self.fields[place].setFocus(Qt.FocusReason.TabFocusReason)
            self.fields[place].selectAll()
            self._scroll.ensureWidgetVisible(self.fields[place])

    def _on_valued(self) -> None:
        self._say("")
        self.changed.emit()
        wrong = [name for name, field in zip(self._names, self.fields, strict=True) if field.is_wrong()]
        if wrong:
            self.problem_found.emit(self.tr("{0} must be a number.").format(wrong[0]))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_R and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.sample_asked.emit()
        else:
            super().keyPressEvent(event)


class _Fields(QScrollArea):
    """Wants the height of all its fields, and scrolls where there is less."""

    def sizeHint(self) -> QSize:
        inner = self.widget()
        return super().sizeHint() if inner is None else QSize(super().sizeHint().width(), inner.sizeHint().height())


def _typical(sample: Sample | None, place: int) -> str:
    """The mean of the column, as what stands in an empty field."""
    if sample is None or len(sample.mean) <= place:
        return ""
    return QCoreApplication.translate("RowEditor", "mean {0}").format(number(sample.mean[place]))
