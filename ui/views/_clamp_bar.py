"""Over the pictures while there are interventions: what they are, and how they are taken back."""

from __future__ import annotations

from PySide6.QtCore import QObject, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenu, QSizePolicy, QToolButton, QWidget

from ui.lab.clamp_words import clamp_text, interventions_text
from ui.lab.clamps import Clamps, with_clamp, without
from ui.theme import theme
from ui.theme.icons import icon, icon_pixmap
from ui.views.base import Lab
from ui.widgets.buttons import IconButton
from workers.protocol import Intervention

_HEIGHT, _BETWEEN, _LEFT, _RIGHT, _ICON = 28, 4, 8, 4, 16  # px


class ClampEdits(QObject):
    """Changes the interventions, each change one step of undo."""

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
        what = clamp_text(clamps[0]) if len(clamps) == 1 else interventions_text(len(clamps))
        self._change(value, what)

    def move(self, clamp: Intervention, drag: int) -> None:
        """Hold it at another value; all of one drag are undone at once."""
        value = with_clamp(self._lab.clamps.value, clamp)
        self._lab.clamps.change(value, text=clamp_text(clamp), undo_stack=self._lab.session.undo_stack, drag=drag)

    def let_go(self, clamp: Intervention) -> None:
        """Hold this no longer."""
        value = without(self._lab.clamps.value, clamp)
        self._change(value, self.tr("removal of {clamp}").format(clamp=clamp_text(clamp)))

    def let_go_all(self) -> None:
        """Hold nothing."""
        self._change((), self.tr("removal of all interventions"))

    def _change(self, clamps: Clamps, told: str) -> None:
        self._lab.clamps.change(clamps, text=told, undo_stack=self._lab.session.undo_stack)


class ClampBar(QFrame):
    """Nobody should take such a model for the one that was trained.

    As wide as there is room for, and no higher than a row of pickers, in which it can stand: a picture below it stays
    where it is as the bar comes and goes. What has no room is in the menu behind the count.
    """

    removed = Signal(object)  # Intervention
    undo_asked = Signal()
    all_removed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setProperty("severity", "warn")
        self._clamps: Clamps = ()
        self._num_layers = 1
        self._icon = QLabel()
        self._menu = QMenu(self)
        self._count = _small_button("")
        self._count.setMenu(self._menu)
        self._count.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self._chips = QWidget()
        self._chips_row = QHBoxLayout(self._chips)
        self._chips_row.setContentsMargins(0, 0, 0, 0)
        self._chips_row.setSpacing(_BETWEEN)
        # As many chips as there is room for: they never widen the view.
        self._chips.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._undo = IconButton("undo", self.tr("Take the last change back (Ctrl+Z)"))
        self._undo.clicked.connect(self.undo_asked)
        self._remove = IconButton("close", self.tr("Remove all: the model as it was trained"))
        self._remove.clicked.connect(self.all_removed)
        row = QHBoxLayout(self)
        row.setContentsMargins(_LEFT, 1, _RIGHT, 1)
        row.setSpacing(_BETWEEN)
        for widget in (self._icon, self._count, self._chips, self._undo, self._remove):
            row.addWidget(widget, 1 if widget is self._chips else 0)
        self.setFixedHeight(_HEIGHT)
        self._menu.aboutToShow.connect(self._fill_menu)
        theme().changed.connect(self._on_theme_changed)
        self._on_theme_changed()
        self.hide()

    def set_clamps(self, clamps: Clamps, *, num_layers: int = 1) -> None:
        """What is in force; while that stays, so do the chips, or a click on one would be lost between two pictures."""
        if (clamps, num_layers) == (self._clamps, self._num_layers):
            return
        self._clamps, self._num_layers = clamps, num_layers
        text = interventions_text(len(clamps))
        told = self.tr("The pictures and the predictions are those of the model with this.")
        self._count.setAccessibleName(text)
        self._count.setToolTip("\n".join([text, *map(self._told, clamps), told]))
        self.setAccessibleName(text)
        self.setVisible(bool(clamps))
        self._fill()
        self.updateGeometry()

    def least_width(self) -> int:
        """How narrow it can be: then it has its icon and a number."""
        return self._room_of(_counted(str(len(self._clamps))))

    def good_width(self) -> int:
        """With the count in words, the first intervention and the buttons."""
        return self._width_with(self._clamps[:1])

    def sizeHint(self) -> QSize:
        return QSize(self._width_with(self._clamps), _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(self.least_width(), _HEIGHT)

    def _told(self, clamp: Intervention) -> str:
        return clamp_text(clamp, tells_layer=self._num_layers > 1)

    def _room_of(self, count: str) -> int:
        """With that on the count and nothing beside it."""
        return _LEFT + _ICON + _BETWEEN + _width(self._count, count) + _BETWEEN + _RIGHT

    def _width_with(self, clamps: Clamps) -> int:
        """With the count in words, these of the interventions, and the buttons."""
        edits = sum(button.sizeHint().width() + _BETWEEN for button in (self._undo, self._remove))
        chips = sum(self._chip_width(clamp) for clamp in clamps)
        return self._room_of(_counted(interventions_text(len(self._clamps)))) + chips + edits

    def _chip_width(self, clamp: Intervention) -> int:
        return _width(self._count, self._told(clamp)) + _ICON + 2 * _BETWEEN

    def _fill(self) -> None:
        """The count in words, undo, then chips, as far as there is room."""
        while (item := self._chips_row.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        words = _counted(interventions_text(len(self._clamps)))
        self._count.setText(words if self._room_of(words) <= self.width() else _counted(str(len(self._clamps))))
        room = self.width() - self._room_of(self._count.text())
        edits = sum(button.sizeHint().width() + _BETWEEN for button in (self._undo, self._remove))
        for button in (self._undo, self._remove):
            button.setVisible(edits <= room)
        room -= edits
        for clamp in self._clamps:
            room -= self._chip_width(clamp)
            if room < 0:
                break
            self._chips_row.addWidget(self._chip(clamp))
        self._chips_row.addStretch(1)

    def _chip(self, clamp: Intervention) -> QToolButton:
        chip = _small_button(self._told(clamp), parent=self._chips)
        chip.setIcon(icon("close", "muted"))
        chip.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        chip.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
        chip.setToolTip(self.tr("Remove: {what}").format(what=self._told(clamp)))
        chip.setProperty("clamp", clamp)
        chip.clicked.connect(self._on_chip_clicked)
        return chip

    def _fill_menu(self) -> None:
        """Each of them, to be removed."""
        self._menu.clear()
        for clamp in self._clamps:
            action = self._menu.addAction(self.tr("Remove: {what}").format(what=self._told(clamp)))
            action.triggered.connect(lambda _on=False, clamp=clamp: self.removed.emit(clamp))
        self._menu.addSeparator()
        self._menu.addAction(self.tr("Take the last change back")).triggered.connect(lambda: self.undo_asked.emit())
        self._menu.addAction(self.tr("Remove all")).triggered.connect(lambda: self.all_removed.emit())

    def _on_chip_clicked(self) -> None:
        self.removed.emit(self.sender().property("clamp"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            QTimer.singleShot(0, self, self._fill)

    def _on_theme_changed(self) -> None:
        self._icon.setPixmap(icon_pixmap("sliders", "warn", size=_ICON, ratio=self.devicePixelRatioF()))


def _counted(count: str) -> str:
    return f"{count} ▾"  # there is a menu behind it


def _small_button(text: str, *, parent: QWidget | None = None) -> QToolButton:
    button = QToolButton(parent)
    button.setText(text)
    button.setProperty("compact", True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return button


def _width(button: QToolButton, text: str) -> int:
    """Of such a button with that text."""
    return button.fontMetrics().horizontalAdvance(text) + 12
