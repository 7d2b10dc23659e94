"""What the shapes of a plot's markers mean, in one line: of the kinds that there are."""

from collections.abc import Iterable

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QHelpEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from ui.plots.markers import MarkerKind, marker_colour, paint_glyph
from ui.plots.style import plot_style
from ui.theme import font, theme

_LONGEST_NAME = 110.0
_GLYPH, _GAP, _BETWEEN = 10.0, 4.0, 14.0


class MarkerKey(QWidget):
    """Shape and word of each kind; where there is no room for all, of those that fit."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kinds: tuple[MarkerKind, ...] = ()
        self._of = ""
        self.setFont(font("small"))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        theme().changed.connect(self.update)

    def set_kinds(self, kinds: Iterable[MarkerKind], *, of: str = "") -> None:
        """Explain these kinds, always in one order; of: the run they are of, where there are several."""
        found = set(kinds)
        ordered = tuple(kind for kind in MarkerKind if kind in found)
        if (ordered, of) != (self._kinds, self._of):
            self._kinds, self._of = ordered, of
            self.setAccessibleName(", ".join(_word(kind) for kind in ordered))
            self.updateGeometry()
            self.update()

    def kinds(self) -> tuple[MarkerKind, ...]:
        """What is explained."""
        return self._kinds

    def sizeHint(self) -> QSize:
        return QSize(round(self._left(len(self._kinds))), round(QFontMetricsF(self.font()).height()))

    def minimumSizeHint(self) -> QSize:
        return QSize(0, self.sizeHint().height())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            pointed = [kind for place, kind in enumerate(self._kinds) if self._box(place).contains(event.pos())]
            QToolTip.showText(event.globalPos(), _meaning(pointed[0]) if pointed else "", self)
            return True
        return super().event(event)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setFont(self.font())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        style = plot_style()
        if self._kinds:
            painter.setPen(QColor(style.muted))
            painter.drawText(QRectF(0, 0, self._left(0), self.height()), Qt.AlignmentFlag.AlignVCenter, self._whose())
        for place, kind in enumerate(self._kinds):
            box = self._box(place)
            if box.right() > self.width() + 1:
                break
            middle = QPointF(box.left() + _GLYPH / 2, box.center().y())
            paint_glyph(painter, kind, middle, colour=marker_colour(kind, style))
            painter.setPen(QColor(style.muted))
            painter.drawText(box.adjusted(_GLYPH + _GAP, 0, 0, 0), Qt.AlignmentFlag.AlignVCenter, _word(kind))
        painter.end()

    def _box(self, place: int) -> QRectF:
        left = self._left(place)
        return QRectF(left, 0, self._left(place + 1) - left - _BETWEEN, self.height())

    def _left(self, place: int) -> float:
        words = QFontMetricsF(self.font())
        whose = words.horizontalAdvance(self._whose()) + _BETWEEN if self._of else 0.0
        kinds = self._kinds[:place]
        return whose + sum(_GLYPH + _GAP + words.horizontalAdvance(_word(kind)) + _BETWEEN for kind in kinds)

    def _whose(self) -> str:
        words = QFontMetricsF(self.font())
        return f"{words.elidedText(self._of, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME)}:" if self._of else ""


def _word(kind: MarkerKind) -> str:
    return {
        MarkerKind.OPTION: _tr("change"),
        MarkerKind.CHECKPOINT: _tr("checkpoint"),
        MarkerKind.PAUSE: _tr("pause"),
        MarkerKind.BEST: _tr("best"),
        MarkerKind.FAILURE: _tr("failure"),
    }[kind]


def _meaning(kind: MarkerKind) -> str:
    return {
        MarkerKind.OPTION: _tr("An option was changed here. Point at it: which, from what, to what."),
        MarkerKind.CHECKPOINT: _tr("The weights of this step are kept: the slider below goes back to them."),
        MarkerKind.PAUSE: _tr("Training was paused here."),
        MarkerKind.BEST: _tr(
            "The best value on the validation set; of equal ones the first. Point at it: which, and where."
        ),
        MarkerKind.FAILURE: _tr("Training failed here. Point at it: why."),
    }[kind]


def _tr(text: str) -> str:
    return QCoreApplication.translate("MarkerKey", text)
