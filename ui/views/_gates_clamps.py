"""Interventions: hold a unit's signal at a value, see what is held, take it back."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QCoreApplication, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QSlider, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.lab.clamps import Clamps
from ui.theme import theme
from ui.theme.icons import icon, icon_pixmap
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_order import Span
from ui.views._gates_words import help_of, title_of
from ui.views._numbers import fixed
from ui.views._tokens import phrase
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import TextLabel
from workers.protocol import Clamp

_MORE_PX = 30
_TICKS = 200


def clamp_text(clamp: Clamp, *, num_layers: int = 1) -> str:
    """unit 17 f = 1, with its layer and tokens where they matter."""

    def tr(text: str) -> str:
        return QCoreApplication.translate("GatesView", text)

    unit = tr("every unit") if clamp.unit is None else tr("unit {n}").format(n=clamp.unit)
    value = f"{clamp.value:g}".replace("-", "−")
    parts = [f"{unit} {clamp.signal} = {value}"]
    if num_layers > 1:
        parts.insert(0, tr("layer {n}").format(n=clamp.layer + 1))
    if clamp.direction:
        parts.append(tr("backward"))
    if clamp.first is not None and clamp.last is not None:
        parts.append(tr("tokens {first}–{last}").format(first=clamp.first, last=clamp.last))
    return " · ".join(parts)


def with_clamp(clamps: Clamps, clamp: Clamp) -> Clamps:
    """One more; it takes the place of one that holds the same signal of the same unit."""
    free = msgspec.structs.replace(clamp, value=0.0, first=None, last=None)
    kept = tuple(one for one in clamps if msgspec.structs.replace(one, value=0.0, first=None, last=None) != free)
    return (*kept, clamp)


class ClampBar(QFrame):
    """Over the pictures while anything is held: nobody should take a held model for a free one."""

    removed = Signal(object)  # Clamp
    undo_asked = Signal()
    all_removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("severity", "warn")
        self._icon = QLabel()
        self._count = TextLabel("")
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(10, 3, 8, 3)
        self._row.setSpacing(6)
        self._row.addWidget(self._icon)
        self._row.addWidget(self._count)
        self._clamps: Clamps = ()
        self._num_layers = 1
        self._chips = QWidget()
        self._chips_row = QHBoxLayout(self._chips)
        self._chips_row.setContentsMargins(0, 0, 0, 0)
        self._chips_row.setSpacing(6)
        # As many chips as there is room for: they never widen the view.
        self._chips.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self._chips, 1)
        undo = QuietButton(self.tr("Undo"), variant="link")
        undo.setToolTip(self.tr("Take the last change back (Ctrl+Z)"))
        undo.clicked.connect(self.undo_asked)
        remove = QuietButton(self.tr("Remove all"), variant="link")
        remove.clicked.connect(self.all_removed)
        self._row.addWidget(undo)
        self._row.addWidget(remove)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def set_clamps(self, clamps: Clamps, *, num_layers: int) -> None:
        """What is held now."""
        self._clamps, self._num_layers = clamps, num_layers
        text = self.tr("1 clamp active") if len(clamps) == 1 else self.tr("{n} clamps active").format(n=len(clamps))
        self._count.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(self.tr("The pictures and the predictions are those of the net with these signals held."))
        self.setVisible(bool(clamps))
        self._fill()

    def _fill(self) -> None:
        """Chips as far as there is room; the rest is counted, and told on hover."""
        while (item := self._chips_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        room = self._chips.width() - _MORE_PX
        rest: list[str] = []
        for clamp in self._clamps:
            chip = self._chip(clamp, num_layers=self._num_layers)
            room -= chip.sizeHint().width() + 6
            if rest or room < 0:
                rest.append(clamp_text(clamp, num_layers=self._num_layers))
                chip.deleteLater()
            else:
                self._chips_row.addWidget(chip)
        if rest:
            more = TextLabel(f"+{len(rest)}", role="muted")
            more.setToolTip("\n".join(rest))
            self._chips_row.addWidget(more)
        self._chips_row.addStretch(1)

    def _chip(self, clamp: Clamp, *, num_layers: int) -> QuietButton:
        chip = QuietButton(clamp_text(clamp, num_layers=num_layers), parent=self._chips)
        chip.setIcon(icon("close", "muted"))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setToolTip(self.tr("Let it go"))
        chip.setProperty("clamp", clamp)
        chip.clicked.connect(self._on_chip_clicked)
        return chip

    def _on_chip_clicked(self) -> None:
        self.removed.emit(self.sender().property("clamp"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            QTimer.singleShot(0, self, self._fill)

    def _on_theme_changed(self) -> None:
        self._icon.setPixmap(icon_pixmap("pin", "warn", size=16, ratio=self.devicePixelRatioF()))


class ClampBox(QWidget):
    """One line: which signal of the unit looked at to hold, at what, and over which tokens."""

    clamp_asked = Signal(object)  # Clamp

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gates: Gates | None = None
        self._place = Place()
        self._span: Span | None = None
        self._reach = 1.0
        self._signal = ChoiceBox()
        self._signal.setAccessibleName(self.tr("Signal to hold"))
        self._signal.setFixedWidth(100)
        self._open = QuietButton(self.tr("Open 1"))
        self._shut = QuietButton(self.tr("Shut 0"))
        self._slider = QSlider(Qt.Orientation.Horizontal)
        self._slider.setRange(0, _TICKS)
        self._slider.setMinimumWidth(40)
        self._slider.setAccessibleName(self.tr("Value to hold it at"))
        self._value = TextLabel("", role="muted")
        self._value.setFixedWidth(40)
        self._hold = QuietButton(self.tr("Hold"), icon_name="pin")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        self._caption = TextLabel(self.tr("Intervene"), role="muted")
        for widget in (self._caption, self._signal, self._shut, self._open, self._slider, self._value, self._hold):
            row.addWidget(widget, 1 if widget is self._slider else 0)
        self._caption.setToolTip(
            self.tr(
                "Hold a signal of this unit while the net reads the text, and see what becomes of everything after it"
            )
        )
        self._hold.setToolTip(self.tr("Hold it at the value of the slider, for every text until it is let go"))
        self._signal.currentIndexChanged.connect(self._on_signal_chosen)
        self._slider.valueChanged.connect(self._on_slider_moved)
        self._open.clicked.connect(self._on_open_clicked)
        self._shut.clicked.connect(self._on_shut_clicked)
        self._hold.clicked.connect(self._on_hold_clicked)

    def show_unit(self, gates: Gates, place: Place, *, span: Span | None, reach: float) -> None:
        """What can be held: the signals of this unit; over the span if there is one."""
        before = self._gates.lanes if self._gates else ()
        self._gates, self._place, self._span, self._reach = gates, place, span, max(1.0, reach)
        if gates.lanes != before:
            kept = self._signal.currentData()
            self._signal.blockSignals(True)
            self._signal.clear()
            for name in gates.lanes:
                self._signal.addItem(f"{name}  {title_of(name)}", name)
                self._signal.setItemData(
                    self._signal.count() - 1, help_of(name, gates.cell), Qt.ItemDataRole.ToolTipRole
                )
            wanted = self._signal.findData(kept or gates.keeps or gates.memory)
            self._signal.setCurrentIndex(max(0, wanted))
            self._signal.blockSignals(False)
            self._on_signal_chosen(0)
        where = (
            self.tr("Hold on {span}").format(span=phrase(gates.tokens[span[0] : span[1] + 1], most=8)) if span else ""
        )
        self._hold.setText(where or self.tr("Hold"))
        self.setEnabled(place.unit is not None)

    def signal_name(self) -> str:
        """The signal chosen."""
        return str(self._signal.currentData() or "")

    def choose_signal(self, name: str) -> None:
        """Choose by letter."""
        self._signal.setCurrentIndex(max(0, self._signal.findData(name)))

    def value(self) -> float:
        """Where the slider is."""
        share = self._slider.value() / _TICKS
        return round(share if self._is_gate() else (2 * share - 1) * self._limit(), 3) + 0.0

    def set_value(self, value: float) -> None:
        """Put the slider there."""
        share = value if self._is_gate() else (value / self._limit() + 1) / 2
        self._slider.setValue(round(share * _TICKS))

    def _is_gate(self) -> bool:
        return self.signal_name() in GATES

    def _limit(self) -> float:
        """The largest value of a signed signal: a candidate and a hidden state stay within 1."""
        is_open = self._gates is not None and self.signal_name() == self._gates.memory
        return self._reach if is_open else 1.0

    def _ask(self, value: float) -> None:
        if self._gates is None or self._place.unit is None:
            return
        first, last = self._span or (None, None)
        place = self._place
        self.clamp_asked.emit(
            Clamp(
                layer=place.layer,
                direction=place.direction,
                unit=place.unit,
                signal=self.signal_name(),
                value=value,
                first=first,
                last=last,
            )
        )

    def _on_signal_chosen(self, _index: int) -> None:
        is_gate = self._is_gate()
        self._open.setVisible(is_gate)
        self._shut.setVisible(is_gate)
        self._open.setToolTip(self.tr("Hold the gate wide open, at 1"))
        self._shut.setToolTip(self.tr("Hold the gate shut, at 0"))
        self.set_value(0.5 if is_gate else 0.0)
        self._on_slider_moved(0)

    def _on_slider_moved(self, _position: int) -> None:
        self._value.setText(fixed(self.value(), decimals=2))

    def _on_open_clicked(self) -> None:
        self._ask(1.0)

    def _on_shut_clicked(self) -> None:
        self._ask(0.0)

    def _on_hold_clicked(self) -> None:
        self._ask(self.value())
