"""The heading that folds rows away, and the memory of what is folded."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, QRectF, QSettings, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy

from modellab.paths import settings_file
from ui.theme import font, theme
from ui.theme.icons import draw_icon
from ui.widgets.painting import draw_focus_ring, draw_rounded

_CHEVRON_PX = 14
_BETWEEN = " · "  # the parts of a summary


class FoldHeading(QAbstractButton):
    """A chevron, a title, and quietly what the folded rows hold; Space, Enter, Left and Right fold and unfold.

    Without a `key` nothing is remembered. `is_quiet` is the small one that unfolds more options.
    """

    folded = Signal(bool)

    def __init__(self, title: str, *, key: str = "", is_open: bool = True, is_quiet: bool = False) -> None:
        super().__init__()
        self._key = key
        self._is_quiet = is_quiet
        self._summary = ""
        self._has_problem = False
        self.setText(title)
        self.setAccessibleName(title)
        self.setCheckable(True)
        self.setChecked(_remembered(key, default=is_open))
        self.setFont(font("body" if is_quiet else "strong"))
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.clicked.connect(self._on_clicked)
        theme().changed.connect(self.update)

    def is_open(self) -> bool:
        return self.isChecked()

    def set_open(self, is_open: bool) -> None:
        """Fold or unfold as if clicked, but without remembering it."""
        if is_open != self.isChecked():
            self.setChecked(is_open)
            self.folded.emit(not is_open)

    def set_summary(self, summary: str) -> None:
        """Say what is set inside; shown while folded."""
        if summary != self._summary:
            self._summary = summary
            self.setAccessibleDescription(summary)
            self.update()

    def set_problem(self, has_problem: bool) -> None:
        """Say that something inside has to be mended; shown while folded."""
        if has_problem != self._has_problem:
            self._has_problem = has_problem
            self.update()

    def _on_clicked(self) -> None:
        if self._key:
            _settings().setValue(f"folds/{self._key}", self.isChecked())
        self.folded.emit(not self.isChecked())

    def sizeHint(self) -> QSize:
        return QSize(self.fontMetrics().horizontalAdvance(self.text()) + _CHEVRON_PX + 8, 22 if self._is_quiet else 26)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        wanted = {Qt.Key.Key_Left: False, Qt.Key.Key_Right: True}.get(Qt.Key(event.key()))
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or wanted is (not self.isChecked()):
            self.click()
        elif wanted is None:
            super().keyPressEvent(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        colours = theme().palette
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self.underMouse():
            draw_rounded(painter, QRectF(self.rect()), colours.raised, radius=4)
        role = "text" if self.underMouse() and not self._is_quiet else "muted"
        middle = (self.height() - 12) // 2
        draw_icon(
            painter, "chevron-down" if self.isChecked() else "chevron-right", QPoint(0, middle), role=role, size=12
        )
        painter.setPen(colours.muted if self._is_quiet else colours.text)
        title_px = self.fontMetrics().horizontalAdvance(self.text())
        painter.drawText(
            QRect(_CHEVRON_PX + 2, 0, title_px + 4, self.height()), Qt.AlignmentFlag.AlignVCenter, self.text()
        )
        if not self.isChecked():
            self._paint_summary(painter, left=_CHEVRON_PX + title_px + 14)
        if self.hasFocus():
            draw_focus_ring(painter, QRectF(self.rect()), radius=4)

    def _paint_summary(self, painter: QPainter, *, left: int) -> None:
        summary = self.tr("has a mistake") if self._has_problem else self._summary
        small = font("small")
        small.setWeight(QFont.Weight.Normal)  # else the heading's own weight shows through
        painter.setFont(small)
        painter.setPen(theme().colour("bad" if self._has_problem else "muted"))
        place = QRect(left, 0, self.width() - left - 4, self.height())
        shown = self._fitting(summary, painter.fontMetrics(), place.width())
        painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown)

    def _fitting(self, summary: str, letters: QFontMetrics, width: int) -> str:
        """As many of its parts as have room: whole ones, unless the first alone is too long."""
        parts = summary.split(_BETWEEN)
        for count in range(len(parts), 0, -1):
            shown = _BETWEEN.join(parts[:count] if count == len(parts) else [*parts[:count], "…"])
            if letters.horizontalAdvance(shown) <= width:
                return shown
        return letters.elidedText(summary, Qt.TextElideMode.ElideRight, width)


def _settings() -> QSettings:
    return QSettings(str(settings_file()), QSettings.Format.IniFormat)


def _remembered(key: str, *, default: bool) -> bool:
    return bool(_settings().value(f"folds/{key}", default, type=bool)) if key else default
