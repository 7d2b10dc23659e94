"""Interventions: hold a signal of a unit, or of every unit of its layer, at a value."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.lab.tokens import token_number
from ui.views._gates_data import GATES, Gates, Place
from ui.views._gates_order import Span
from ui.views._gates_words import help_of, title_of
from ui.views._tokens import phrase
from ui.widgets.buttons import QuietButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.jump_slider import JumpSlider
from ui.widgets.labels import TextLabel
from ui.widgets.numbers import fixed
from workers.protocol import Clamp

_TICKS = 200
_WHOSE_WIDTH = 88  # at least
_OVER_WIDTH, _BOX_PX = 122, 40  # of the box of tokens; of its frame and arrow


class ClampBox(QWidget):
    """Which signal to hold, of the unit looked at or of all, at what, and over which tokens: in as few lines as fit."""

    clamp_asked = Signal(object)  # Clamp
    clamp_moved = Signal(object, int)  # Clamp, which drag of the slider it is a part of

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._gates: Gates | None = None
        self._place = Place()
        self._span: Span | None = None
        self._reach = 1.0
        self._clamps: tuple[Clamp, ...] = ()
        self._drag = 0
        self._is_showing = False  # the slider is put somewhere, nobody moves it
        self._signal = ChoiceBox()
        self._signal.setAccessibleName(self.tr("Signal to hold"))
        self._signal.setFixedWidth(110)
        self._whose = ChoiceBox()
        self._whose.setAccessibleName(self.tr("Whose signal to hold"))
        self._whose.setFixedWidth(_WHOSE_WIDTH)
        self._whose.addItem("")
        self._whose.addItem(self.tr("all units"))
        self._open = QuietButton(self.tr("Open"))
        self._shut = QuietButton(self.tr("Shut"))
        self._slider = JumpSlider()
        self._slider.setRange(0, _TICKS)
        self._slider.setMinimumWidth(28)
        self._slider.setAccessibleName(self.tr("Value to hold it at"))
        self._value = TextLabel("", role="muted")
        self._value.setFixedWidth(36)
        self._over = ChoiceBox()
        self._over.setAccessibleName(self.tr("Tokens to hold it over"))
        self._over.setFixedWidth(_OVER_WIDTH)
        self._over.addItem("")
        self._over.addItem(self.tr("whole text"))
        self._over.hide()
        self._hold = QuietButton(self.tr("Hold"), icon_name="pin")
        self._arrange()
        self._signal.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "Hold a signal at a value while the net reads the text, and see what becomes of everything after it"
                )
            )
        )
        self._whose.setToolTip(self.tr("Of this unit alone, or of every unit of its layer and direction"))
        self._signal.currentIndexChanged.connect(self._on_signal_chosen)
        self._slider.valueChanged.connect(self._on_slider_moved)
        self._slider.sliderPressed.connect(self._on_slider_pressed)
        self._whose.currentIndexChanged.connect(self._show_held)
        self._over.currentIndexChanged.connect(self._tell_hold)
        self._open.clicked.connect(self._on_open_clicked)
        self._shut.clicked.connect(self._on_shut_clicked)
        self._hold.clicked.connect(self._on_hold_clicked)

    def _arrange(self) -> None:
        row = FlowRow(self, spacing=4)  # one line of it, with all that there can be, in the view of a small window
        before: tuple[QWidget, ...] = (self._signal, self._whose, self._shut, self._open)
        # Over what it is held stays beside the button that holds it.
        last = QWidget()
        over = QHBoxLayout(last)
        over.setContentsMargins(0, 0, 0, 0)
        over.setSpacing(4)
        over.addWidget(self._over)
        over.addWidget(self._hold)
        for widget in before:
            row.addWidget(widget)
        row.add_stretching(self._slider)
        row.addWidget(self._value)
        row.addWidget(last)

    def show_unit(
        self, gates: Gates, place: Place, *, span: Span | None, reach: float, clamps: tuple[Clamp, ...] = ()
    ) -> None:
        """What can be held: the signals of this unit; over the span if there is one. clamps: what is held already."""
        before = self._gates.lanes if self._gates else ()
        self._clamps = clamps
        self._gates, self._place, self._reach = gates, place, max(1.0, reach)
        self._show_span(span)
        if gates.lanes != before:
            kept = self._signal.currentData()
            self._signal.blockSignals(True)
            self._signal.clear()
            for name in gates.lanes:
                self._signal.addItem(f"{name}  {title_of(name)}", name)
                self._signal.setItemData(
                    self._signal.count() - 1, help_of(name, gates.cell), Qt.ItemDataRole.ToolTipRole
                )
            usual = gates.keeps or gates.memory
            self._signal.setCurrentIndex(self._signal.findData(kept if kept in gates.lanes else usual))
            self._signal.blockSignals(False)
            self._on_signal_chosen(0)
        self._whose.setItemText(0, self.tr("unit {n}").format(n=place.unit))
        self._fit_whose(gates)
        self._tell_hold()
        self.setEnabled(place.unit is not None)
        self._show_held()

    def forget(self) -> None:
        """Another run: nothing chosen for the one before is chosen for it."""
        self._gates = None
        self._signal.blockSignals(True)
        self._signal.clear()
        self._signal.blockSignals(False)
        self._whose.setCurrentIndex(0)

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
        """Put the slider there; nothing that is held changes."""
        share = value if self._is_gate() else (value / self._limit() + 1) / 2
        self._is_showing = True
        self._slider.setValue(round(share * _TICKS))
        self._is_showing = False
        self._value.setText(fixed(self.value(), decimals=2))

    def _fit_whose(self, gates: Gates) -> None:
        """As wide as the number of any unit of the net, so that walking through them moves nothing."""
        widest = self.tr("unit {n}").format(n="8" * len(str(gates.num_units - 1)))
        texts = (widest, self._whose.itemText(1))
        room = max(self._whose.fontMetrics().horizontalAdvance(text) for text in texts)
        self._whose.setFixedWidth(max(_WHOSE_WIDTH, room + _BOX_PX))

    def _held(self) -> Clamp | None:
        """What holds the signal that is chosen, if anything does."""
        return next((one for one in self._clamps if self._is_chosen(one)), None)

    def _is_chosen(self, clamp: Clamp) -> bool:
        unit = None if self._whose.currentIndex() == 1 else self._place.unit
        wanted = (self._place.layer, self._place.direction, self.signal_name(), unit)
        return (clamp.layer, clamp.direction, clamp.signal, clamp.unit) == wanted

    def _show_held(self) -> None:
        """The slider tells what is held; a person who drags it knows better."""
        held = self._held()
        if held is not None and not self._slider.isSliderDown() and abs(held.value - self.value()) > 1e-9:
            self.set_value(held.value)

    def _show_span(self, span: Span | None) -> None:
        """A span newly marked is what is held, until the whole text is chosen."""
        if span == self._span:
            return
        self._span = span
        if span is not None:
            first, last = span
            told = self.tr("token {first}") if first == last else self.tr("tokens {first}–{last}")
            told = told.format(first=token_number(first), last=token_number(last))
            if self._over.fontMetrics().horizontalAdvance(told) > _OVER_WIDTH - _BOX_PX:  # the tooltip says of what
                told = f"{token_number(first):,}–{token_number(last):,}"
            self._over.setItemText(0, told)
            self._over.setCurrentIndex(0)
            self._over.setToolTip(self.tr("Only over the tokens that are marked, or over the whole text"))
        self._over.setVisible(span is not None)

    def _held_span(self) -> Span | None:
        return self._span if self._over.currentIndex() == 0 else None

    def _tell_hold(self) -> None:
        told = self.tr("Hold it at the value of the slider, for every text until it is let go")
        held = self._held_span()
        if held is not None and self._gates is not None:
            first, last = held
            span = phrase(self._gates.tokens[first : last + 1])
            told = self.tr("Hold it at the value of the slider over {span}, tokens {first} to {last}").format(
                span=span, first=token_number(first), last=token_number(last)
            )
        self._hold.setToolTip(told)

    def _is_gate(self) -> bool:
        return self.signal_name() in GATES

    def _limit(self) -> float:
        """The largest value of a signed signal: a candidate and a hidden state stay within 1."""
        is_open = self._gates is not None and self.signal_name() == self._gates.memory
        return self._reach if is_open else 1.0

    def _ask(self, value: float) -> None:
        if self._gates is None or self._place.unit is None:
            return
        first, last = self._held_span() or (None, None)
        place = self._place
        self.clamp_asked.emit(
            Clamp(
                layer=place.layer,
                direction=place.direction,
                unit=None if self._whose.currentIndex() == 1 else place.unit,
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
        self._show_held()

    def _on_slider_pressed(self) -> None:
        self._drag += 1

    def _on_slider_moved(self, _position: int) -> None:
        """What is held follows the slider."""
        self._value.setText(fixed(self.value(), decimals=2))
        held = self._held()
        if held is not None and not self._is_showing:
            self.clamp_moved.emit(msgspec.structs.replace(held, value=self.value()), self._drag)

    def _on_open_clicked(self) -> None:
        self._ask(1.0)

    def _on_shut_clicked(self) -> None:
        self._ask(0.0)

    def _on_hold_clicked(self) -> None:
        self._ask(self.value())
