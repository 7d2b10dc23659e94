"""What a search is told: from where on a unit is on over a span; or the pattern that units are ranked by."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QLineEdit, QMenu, QWidget

from ui.theme import font
from ui.views._gates_data import Gates
from ui.views._gates_patterns import PATTERNS
from ui.views._gates_search_data import USUAL, OnUnit, Query, Suited, suited, units_on
from ui.views._gates_words import help_of, title_of
from ui.widgets.buttons import QuietButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import TextLabel
from ui.widgets.number_fields import NumberField
from ui.widgets.numbers import fixed


def fill_signals(box: QComboBox, gates: Gates) -> None:
    """The signals of this net, its memory chosen; nobody is told."""
    box.blockSignals(True)
    box.clear()
    for name in gates.lanes:
        box.addItem(f"{name}  {title_of(name)}", name)
    box.setCurrentIndex(max(0, box.findData(gates.memory)))
    box.setToolTip(help_of(gates.memory, gates.cell))
    box.blockSignals(False)


class SpanOptions(QWidget):
    """Reads as a sentence: a unit is on above 0.3, or below −0.3, and off just before and after."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._suited: Suited | None = None
        self._is_put = False  # whether what stands here was put by no person
        self.threshold = NumberField(USUAL, minimum=0.0, maximum=100.0)
        self.threshold.setFixedWidth(70)
        self.threshold.setAccessibleName(self.tr("A unit is on above"))
        self.negative = QCheckBox()
        self.negative.setToolTip(self.tr("Units far below zero count as on too"))
        self.whiskers = QCheckBox(self.tr("and off just before and after"))
        self.whiskers.setToolTip(
            self.tr("Only units that are off on the token before the span and on the one after it")
        )
        self._tell_below()
        above = QWidget()
        beside = QHBoxLayout(above)
        beside.setContentsMargins(0, 0, 0, 0)
        beside.setSpacing(8)
        beside.addWidget(TextLabel(self.tr("A unit is on above"), role="muted"))
        beside.addWidget(self.threshold)
        row = FlowRow(self, spacing=12)
        for widget in (above, self.negative, self.whiskers):
            row.addWidget(widget)
        self.threshold.valueChanged.connect(self._on_threshold_changed)
        self.negative.toggled.connect(self._on_sign_ticked)
        self.whiskers.toggled.connect(self._on_whiskers_ticked)

    @property
    def suited(self) -> Suited | None:
        """How the options were made to suit the span; None: nothing is marked, or a person has chosen since."""
        return self._suited

    def takes_negative(self) -> bool:
        """Whether units far below zero are on too; never of a gate, which knows no sign."""
        return self.negative.isEnabled() and self.negative.isChecked()

    def units_on(
        self,
        query: Query,
        *,
        name: str,
    ) -> list[OnUnit]:
        """The units that are on by this over the query's span."""
        assert query.span is not None
        return units_on(
            query.gates,
            query.place,
            name=name,
            span=query.span,
            threshold=self.threshold.value(),
            takes_negative=self.takes_negative(),
            has_whiskers=self.whiskers.isChecked(),
        )

    def suit(self, query: Query | None, *, name: str) -> None:
        """Have something on over the span that was marked; what a person has chosen stays."""
        if self._is_put:  # for the span before
            self._put(USUAL, takes_negative=False)
        self._suited, self._is_put = None, False
        if query is None or query.span is None or self.threshold.value() != USUAL:
            return
        found = self._suited = suited(query, name=name, usual=USUAL)
        if found.threshold != USUAL or (found.takes_negative and not self.negative.isChecked()):
            self._is_put = True
            self._put(found.threshold, takes_negative=found.takes_negative or self.negative.isChecked())

    def _put(self, threshold: float, *, takes_negative: bool) -> None:
        """As a person would, but nobody is told."""
        for field in (self.threshold, self.negative):
            field.blockSignals(True)
        self.threshold.setValue(threshold)
        self.negative.setChecked(takes_negative)
        for field in (self.threshold, self.negative):
            field.blockSignals(False)
        self._tell_below()

    def _tell_below(self) -> None:
        self.negative.setText(self.tr("or below {value}").format(value=fixed(-self.threshold.value(), decimals=2)))

    def _on_whiskers_ticked(self, _has_whiskers: bool) -> None:
        self._suited = None
        self.changed.emit()

    def _on_sign_ticked(self, _takes_negative: bool) -> None:
        self._suited, self._is_put = None, False
        self.changed.emit()

    def _on_threshold_changed(self, _value: float) -> None:
        self._suited, self._is_put = None, False
        self._tell_below()
        self.changed.emit()


class PatternRow(QWidget):
    """A regular expression, typed or one of those that are offered."""

    asked = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.field = QLineEdit()
        self.field.setPlaceholderText(self.tr(r"A regular expression, such as \d or \"[^\"]*\""))
        self.field.setAccessibleName(self.tr("Regular expression"))
        self.field.setFont(font("mono"))
        self.field.returnPressed.connect(self.asked)
        presets = QuietButton(self.tr("Presets"))
        menu = QMenu(presets)
        self.presets: list[QAction] = []
        for pattern in PATTERNS:
            action = menu.addAction(f"{pattern.title}\t{pattern.regex}")
            action.setData(pattern.regex)
            self.presets.append(action)
        menu.triggered.connect(self._on_preset_chosen)
        presets.setMenu(menu)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.field, 1)
        row.addWidget(presets)

    def offer(self, num_matched: tuple[int, ...]) -> None:
        """Offer what the validation texts have; empty: nobody has counted."""
        for action, count in zip(self.presets, num_matched or (1,) * len(self.presets), strict=True):
            action.setVisible(count > 0)

    def _on_preset_chosen(self, action: QAction) -> None:
        self.field.setText(str(action.data()))
        self.asked.emit()
