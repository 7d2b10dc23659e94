"""Interventions in the attention view: switch heads off or scale them, hide tokens; by menu, key, button or slider."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSizePolicy, QSlider, QWidget

from ui.lab.clamp_words import number
from ui.lab.tokens import token_number
from ui.views._attention_data import Attention, Block, Place
from ui.views._clamp_bar import ClampBar, ClampEdits
from ui.views._tokens import quoted_in
from ui.views.base import Lab
from ui.widgets.buttons import QuietButton
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.labels import TextLabel
from workers.protocol import HeadScale, HiddenToken, Intervention

Head = tuple[int, int]  # layer, head
_FACTORS = (0.25, 0.5, 2.0, 4.0)
_MOST_FACTOR, _TICKS = 4.0, 80  # of the slider


class HeadBox(QWidget):
    """One line under the atlas: switch the head looked at off, or scale what it says."""

    switched = Signal()
    scaled = Signal(float)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._shown: tuple[Head, float | None] | None = None
        caption = TextLabel(self.tr("This head"), role="muted")
        caption.setToolTip(
            wrapped_tooltip(
                self.tr(
                    "Multiply what this head says, and see what becomes of the prediction and of all layers above. "
                    "A right click on a token hides it from every head."
                )
            )
        )
        self.off = QuietButton(self.tr("Switch off"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, _TICKS)
        self.slider.setMinimumWidth(40)
        self.slider.setAccessibleName(self.tr("Factor of what the head says"))
        self._value = TextLabel("", role="muted")
        self._value.setFixedWidth(44)
        self.scale = QuietButton(self.tr("Scale"))
        self.scale.setToolTip(self.tr("Multiply what the head says by the slider's factor; × 1 is as it was trained"))
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 4, 0)
        row.setSpacing(6)
        for widget in (caption, self.off, self.slider, self._value, self.scale):
            row.addWidget(widget, 1 if widget is self.slider else 0)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.off.clicked.connect(self.switched)
        self.scale.clicked.connect(lambda: self.scaled.emit(self.value()))
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.show_factor((0, 0), None)

    def value(self) -> float:
        """Where the slider is."""
        return round(self.slider.value() / _TICKS * _MOST_FACTOR, 2)

    def show_factor(self, head: Head, factor: float | None) -> None:
        """What the head looked at is multiplied by; None: it is as it was trained. While both stay the slider is a
        person's."""
        if (head, factor) == self._shown:
            return
        self._shown = head, factor
        self.off.setText(self.tr("Switch off") if factor != 0 else self.tr("Switch on"))
        self.off.setAccessibleName(self.off.text())
        self.off.setToolTip(
            self.tr("Multiply what the head says by 0 (X)") if factor != 0 else self.tr("Let the head speak again (X)")
        )
        self.slider.setValue(round((1.0 if factor is None else factor) / _MOST_FACTOR * _TICKS))
        self._on_slider_moved(0)

    def _on_slider_moved(self, _tick: int) -> None:
        self._value.setText(f"× {number(self.value())}")


class AttentionHolding(QObject):
    """Asks for interventions by menus and keys, and tells them in words; they are the lab's."""

    compared = Signal(int, int)  # layer, head: subtract it from the one looked at

    def __init__(self, lab: Lab, bar: ClampBar, box: HeadBox, view: QWidget) -> None:
        super().__init__(view)
        self._lab = lab
        self._bar = bar
        self._box = box
        self._view = view
        self._edits = ClampEdits(lab, bar, self)
        self._attention: Attention | None = None
        self._place = Place()
        self.menu: QMenu | None = None
        box.switched.connect(self.switch_head)
        box.scaled.connect(self._on_scaled)

    # What is in force

    def show(self, attention: Attention, place: Place) -> None:
        """Tell what is in force, of the head looked at too."""
        self._attention, self._place = attention, place
        self._bar.set_clamps(self._lab.clamps.value)
        self._box.show_factor((place.layer, place.head), self.factor_at(place))

    def factors(self) -> dict[Head, float]:
        """Of the block looked at: heads that are switched off or scaled, and by what they are multiplied."""
        names = self._block().header.names if self._attention is not None else ()
        return {
            (names.index(one.module), one.head): one.factor
            for one in self._lab.clamps.value
            if isinstance(one, HeadScale) and one.module in names
        }

    def factor_at(self, place: Place) -> float | None:
        """What the head there is multiplied by; None: it is as it was trained."""
        return self.factors().get((place.layer, place.head))

    def hidden_keys(self) -> frozenset[int]:
        """Of the block looked at: keys that are hidden."""
        if self._attention is None or not self._can_hide_keys():
            return frozenset()
        return self._hidden(self._block().header.keys)

    def hidden_queries(self) -> frozenset[int]:
        """As `hidden_keys`, where the queries are of the same text."""
        return self.hidden_keys() if self._is_one_text() else frozenset()

    def _hidden(self, tokens: Sequence[str]) -> frozenset[int]:
        return frozenset(
            one.place
            for one in self._lab.clamps.value
            if isinstance(one, HiddenToken) and tuple(tokens[one.place : one.place + 1]) == (one.token,)
        )

    def _block(self) -> Block:
        assert self._attention is not None
        return self._attention.blocks[self._place.block]

    def _can_hide_keys(self) -> bool:
        """A translator's own words stay: what it writes next follows from them."""
        attention = self._attention
        return attention is not None and not (self._block().header.kind == "decoder" and len(attention.blocks) > 1)

    def _is_one_text(self) -> bool:
        return self._block().header.kind != "cross"

    # Keys and buttons

    def take_key(self, key: int) -> bool:
        """X switches the head looked at off or on again, M hides the token looked at or shows it."""
        if self._attention is None:
            return False
        if key == Qt.Key.Key_X:
            self.switch_head()
            return True
        if key != Qt.Key.Key_M:
            return False
        place = self._place
        token = place.key if place.key is not None else place.query if self._is_one_text() else None
        if token is None:
            self._lab.session.say("info", self.tr("Click a token first: M then hides it."))
        elif self._can_hide_keys():
            self._switch_token(token)
        return True

    def switch_head(self) -> None:
        """The head looked at off, or on again."""
        head = self._place.layer, self._place.head
        if self.factors().get(head) == 0:
            self._edits.let_go(self._scale(head, 0.0))
        else:
            self._edits.hold(self._scale(head, 0.0))

    def _on_scaled(self, factor: float) -> None:
        head = self._place.layer, self._place.head
        if factor == 1.0:
            self._edits.let_go(self._scale(head, factor))
        else:
            self._edits.hold(self._scale(head, factor))

    def _switch_token(self, token: int) -> None:
        named = HiddenToken(place=token, token=self._block().header.keys[token])
        if token in self.hidden_keys():
            self._edits.let_go(named)
        else:
            self._edits.hold(named)

    def _scale(self, head: Head, factor: float) -> HeadScale:
        header = self._block().header
        assert self._attention is not None
        kind = header.kind if len(self._attention.blocks) > 1 else ""
        return HeadScale(module=header.names[head[0]], head=head[1], factor=factor, layer=head[0], kind=kind)

    # Menus

    def open_head_menu(self, layer: int, head: int, at: QPoint) -> None:
        """What can be done to a head."""
        if self._attention is None:
            return
        factor = self.factors().get((layer, head))
        menu = self._new_menu(self.tr("Layer {layer} · head {head}").format(layer=layer, head=head))
        self._offer_comparing(menu, layer, head)
        if factor != 0:
            self._add(menu, self.tr("Switch off"), self._scale((layer, head), 0.0), shortcut="X")
        scales = menu.addMenu(self.tr("Scale by"))
        for one in _FACTORS:
            self._add(scales, f"× {number(one)}", self._scale((layer, head), one))
        others = [self._scale((layer, k), 0.0) for k in range(self._block().num_heads)]
        if len(others) > 1:
            self._add(menu, self.tr("Switch off all others of the layer"), *others[:head], *others[head + 1 :])
            self._add(menu, self.tr("Switch off the whole layer"), *others)
        if factor is not None:
            menu.addSeparator()
            action = menu.addAction(f"{self.tr('Switch on')}\tX" if factor == 0 else self.tr("Back to × 1"))
            action.triggered.connect(lambda: self._edits.let_go(self._scale((layer, head), 0.0)))
        self._finish(menu, at)

    def _offer_comparing(self, menu: QMenu, layer: int, head: int) -> None:
        """With the head looked at; from that one with any other of its layer."""
        looked_at = self._place.layer, self._place.head
        if (layer, head) != looked_at:
            words = self.tr("Compare with layer {layer} · head {head}").format(layer=looked_at[0], head=looked_at[1])
            action = menu.addAction(f"{words}\t{self.tr('Ctrl+click')}")
            action.triggered.connect(lambda: self.compared.emit(layer, head))
        elif self._block().num_heads > 1:
            others = menu.addMenu(self.tr("Compare with…"))
            for other in range(self._block().num_heads):
                if other != head:
                    action = others.addAction(self.tr("head {head}").format(head=other))
                    action.triggered.connect(lambda _on=False, other=other: self.compared.emit(layer, other))
        menu.addSeparator()

    def open_token_menu(self, token: int, is_key: bool, at: QPoint) -> None:
        """What can be done to a token."""
        if self._attention is None:
            return
        header = self._block().header
        tokens = header.keys if is_key else header.queries
        if not 0 <= token < len(tokens):
            return
        menu = self._new_menu(
            self.tr("Token {place}: {token}").format(place=token_number(token), token=quoted_in(tokens, token))
        )
        if not self._can_hide_keys() or not (is_key or self._is_one_text()):
            action = menu.addAction(self.tr("What a translator writes itself cannot be hidden"))
            action.setEnabled(False)
        else:
            is_hidden = token in self.hidden_keys()
            words = self.tr("Show it again") if is_hidden else self.tr("Hide it from every head")
            action = menu.addAction(f"{words}\tM")
            action.triggered.connect(lambda: self._switch_token(token))
        self._finish(menu, at)

    def _new_menu(self, title: str) -> QMenu:
        menu = QMenu(self._view)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        heading = menu.addAction(title)
        heading.setEnabled(False)
        menu.addSeparator()
        return menu

    def _add(self, menu: QMenu, words: str, *clamps: Intervention, shortcut: str = "") -> None:
        action = menu.addAction(f"{words}\t{shortcut}" if shortcut else words)
        action.triggered.connect(lambda: self._edits.hold(*clamps))

    def _finish(self, menu: QMenu, at: QPoint) -> None:
        if self._lab.clamps.value:
            menu.addSeparator()
            menu.addAction(self.tr("Remove all interventions")).triggered.connect(self._edits.let_go_all)
        self.menu = menu
        menu.destroyed.connect(self._on_menu_gone)
        menu.popup(at)

    def _on_menu_gone(self) -> None:
        self.menu = None
