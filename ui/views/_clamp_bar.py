"""Over the pictures while anything is held: what it is, and how it is taken back."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QWidget

from ui.lab.clamp_words import clamp_text
from ui.lab.clamps import Clamps, with_clamp, without
from ui.theme import theme
from ui.theme.icons import icon, icon_pixmap
from ui.views.base import Lab
from ui.widgets.buttons import QuietButton
from ui.widgets.labels import TextLabel
from workers.protocol import Intervention

_MORE_PX = 30


class ClampEdits(QObject):
    """Changes what is held, each change one step of undo."""

    def __init__(self, lab: Lab, bar: ClampBar, parent: QObject) -> None:
        super().__init__(parent)
        self._lab = lab
        bar.removed.connect(self.let_go)
        bar.all_removed.connect(self.let_go_all)
        bar.undo_asked.connect(lab.session.undo_stack.undo)

    def hold(self, *clamps: Intervention) -> None:
        """Hold these too."""
        value = self._lab.clamps.value
        for clamp in clamps:
            value = with_clamp(value, clamp)
        what = clamp_text(clamps[0]) if len(clamps) == 1 else self.tr("{n} at once").format(n=len(clamps))
        self._change(value, self.tr("Hold {clamp}").format(clamp=what))

    def move(self, clamp: Intervention, drag: int) -> None:
        """Hold it at another value; all of one drag are undone at once."""
        value = with_clamp(self._lab.clamps.value, clamp)
        what = self.tr("Hold {clamp}").format(clamp=clamp_text(clamp))
        self._lab.clamps.change(value, text=what, undo_stack=self._lab.session.undo_stack, drag=drag)

    def let_go(self, clamp: Intervention) -> None:
        """Hold this no longer."""
        value = without(self._lab.clamps.value, clamp)
        self._change(value, self.tr("Let go of {clamp}").format(clamp=clamp_text(clamp)))

    def let_go_all(self) -> None:
        """Hold nothing."""
        self._change((), self.tr("Let go of all that is held"))

    def _change(self, clamps: Clamps, told: str) -> None:
        self._lab.clamps.change(clamps, text=told, undo_stack=self._lab.session.undo_stack)


class ClampBar(QFrame):
    """Nobody should take a held model for a free one."""

    removed = Signal(object)  # Intervention
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
        remove = QuietButton(self.tr("Let go of all"), variant="link")
        remove.clicked.connect(self.all_removed)
        self._row.addWidget(undo)
        self._row.addWidget(remove)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def set_clamps(self, clamps: Clamps, *, num_layers: int = 1) -> None:
        """What is held now; while that stays, so do the chips, or a click on one would be lost between two pictures."""
        if (clamps, num_layers) == (self._clamps, self._num_layers):
            return
        self._clamps, self._num_layers = clamps, num_layers
        text = self.tr("{n} held").format(n=len(clamps))
        self._count.setText(text)
        self.setAccessibleName(text)
        self.setToolTip(self.tr("The pictures and the predictions are those of the net with this held."))
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
            spare = _MORE_PX if clamp is self._clamps[-1] else 0  # behind the last there is nothing to count
            if rest or room + spare < 0:
                rest.append(clamp_text(clamp, tells_layer=self._num_layers > 1))
                chip.deleteLater()
            else:
                self._chips_row.addWidget(chip)
        if rest:
            more = TextLabel(f"+{len(rest)}", role="muted")
            more.setToolTip("\n".join(rest))
            self._chips_row.addWidget(more)
        self._chips_row.addStretch(1)

    def _chip(self, clamp: Intervention, *, num_layers: int) -> QuietButton:
        chip = QuietButton(clamp_text(clamp, tells_layer=num_layers > 1), parent=self._chips)
        chip.setIcon(icon("close", "muted"))
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setToolTip(self.tr("Let go of it"))
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
