"""One preset in the gallery: a click trains it, its small button only loads it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QEvent, Qt, Signal
from PySide6.QtGui import QEnterEvent, QFocusEvent, QGuiApplication, QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QWidget

from modellab.paths import datasets_folder, models_folder
from ui.panels.gallery_pictures import picture_of
from ui.widgets.buttons import IconButton
from ui.widgets.help_dot import rich_tooltip
from ui.widgets.numbers import about
from ui.widgets.tile import Tile

if TYPE_CHECKING:
    from modellab.presets import Card


class PresetTile(Tile):
    """Click or Enter: train; with Ctrl held, or by the button that appears on it: only load."""

    train_asked = Signal()
    load_asked = Signal()

    def __init__(self, card: Card, *, measured: float | None, parent: QWidget | None = None) -> None:
        self._card = card
        self._needs_download = needs_download = is_download_needed(card)
        super().__init__(
            card.title,
            sentence=card.summary,
            hint=self._hint_for(measured),
            hint_icon="download" if needs_download else "clock",
            picture=picture_of(card),
            parent=parent,
        )
        how = self.tr("Click: train it now. Ctrl+click: load it into the setup, to change it first.")
        if needs_download:
            how = self.tr("What it needs is fetched from the hub first. {0}").format(how)
        self.setToolTip(rich_tooltip(card.title, f"{card.summary} {how}"))
        self._load = IconButton("sliders", self.tr("Load it into the setup, to change it first"), parent=self)
        self._load.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # Ctrl+Enter does the same; Tab goes from tile to tile
        self._load.setCursor(Qt.CursorShape.PointingHandCursor)
        self._load.clicked.connect(self.load_asked)
        self._load.hide()
        self.activated.connect(self._on_activated)

    def tell_time(self, measured: float | None) -> None:
        """Seconds that were measured since, in the setup; None where it never was there."""
        self.set_hint(self._hint_for(measured))

    def _hint_for(self, measured: float | None) -> str:
        hint = duration_hint(self._card, measured)
        return self.tr("{0} · download").format(hint) if self._needs_download else hint

    def _on_activated(self) -> None:
        is_control = bool(QGuiApplication.keyboardModifiers() & Qt.KeyboardModifier.ControlModifier)
        (self.load_asked if is_control else self.train_asked).emit()

    def _show_button(self) -> None:
        self._load.setVisible(self.underMouse() or self.hasFocus())

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_control = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
        if is_control and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.load_asked.emit()
        else:
            super().keyPressEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        size = self._load.sizeHint()
        self._load.setGeometry(
            self.width() - size.width() - 8, self.height() - size.height() - 8, size.width(), size.height()
        )

    def enterEvent(self, event: QEnterEvent) -> None:
        super().enterEvent(event)
        self._load.show()

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._load.setVisible(self.hasFocus())

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self._load.show()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self._show_button()


def is_download_needed(card: Card) -> bool:
    """Whether a public dataset is not in the datasets folder, or a pretrained model not in that of the models."""
    return _is_elsewhere(card.hub_id, datasets_folder()) or _is_elsewhere(card.model_id, models_folder())


def _is_elsewhere(hub_id: str, folder: Path | None) -> bool:
    return bool(hub_id) and (folder is None or not (folder / hub_id).is_dir())


def duration_hint(card: Card, measured: float | None) -> str:
    """How long it trains: as the setup says it where that was measured here, else in words that hold on any machine."""
    tr = QCoreApplication.translate
    if measured is not None:
        return about(measured)
    if card.seconds <= 0:
        return tr("PresetTile", "how long depends on your data")
    if card.seconds < 8:
        return tr("PresetTile", "a few seconds")
    if card.seconds < 60:
        return tr("PresetTile", "a minute or so")
    if card.seconds < 600:
        return tr("PresetTile", "some minutes")
    return tr("PresetTile", "a quarter of an hour or more")
