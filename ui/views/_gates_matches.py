"""Two lists of what a search finds: places as keyword in context, and units by how well they tell a pattern."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QPainter
from PySide6.QtWidgets import QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from modellab.text.direction import is_right_to_left, isolated
from ui.lab.tokens import token_number
from ui.theme import font, theme
from ui.widgets.numbers import fixed, whole
from workers.protocol import GateMatch, UnitRank

_Index = QModelIndex | QPersistentModelIndex
_ROW, _ENTRY = 24, Qt.ItemDataRole.UserRole
_LABEL_SHARE, _LABEL_GAP = 5, 8  # of a row a class takes so much at the most; px behind it


class _Entries(QAbstractListModel):
    """A list of structs; the delegates draw them."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._entries: tuple[GateMatch | UnitRank, ...] = ()

    def show(self, entries: Sequence[GateMatch | UnitRank]) -> None:
        self.beginResetModel()
        self._entries = tuple(entries)
        self.endResetModel()

    def entries(self) -> tuple[GateMatch | UnitRank, ...]:
        return self._entries

    def rowCount(self, parent: _Index | None = None) -> int:
        return 0 if parent is not None and parent.isValid() else len(self._entries)

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        entry = self._entries[index.row()]
        if role == _ENTRY:
            return entry
        if isinstance(entry, GateMatch):
            if role == Qt.ItemDataRole.DisplayRole:
                return entry.before + entry.match + entry.after
            if role == Qt.ItemDataRole.ToolTipRole:
                where = self.tr("validation text {n}, token {token}, mean value {score}; click to look at this text")
                if entry.label:
                    where = self.tr("{label}: {where}").format(label=isolated(entry.label), where=where)
                return where.format(
                    n=whole(entry.example), token=whole(token_number(entry.token)), score=fixed(entry.score, decimals=3)
                )
        elif role == Qt.ItemDataRole.DisplayRole:
            told = self.tr("higher there") if entry.auc >= 0.5 else self.tr("lower there")
            return self.tr("layer {layer} unit {unit}: {told}, AUC {auc}").format(
                layer=entry.layer + 1, unit=entry.unit, told=told, auc=fixed(told_area(entry.auc), decimals=3)
            )
        elif role == Qt.ItemDataRole.ToolTipRole:
            higher = self.tr("It is higher on a matched token than on another with a chance of {auc}.")
            lower = self.tr("It is lower on a matched token than on another with a chance of {auc}.")
            return (higher if entry.auc >= 0.5 else lower).format(auc=fixed(told_area(entry.auc), decimals=3))
        return None


def told_area(auc: float) -> float:
    """The area as it is told, 0.5 to 1: how well the unit tells the pattern, whether it is high or low there."""
    return max(auc, 1 - auc)


def track_of(rect: QRect) -> QRect:
    """Where the bar of a unit may lie in its row, and what stands over it in the heading."""
    left = min(rect.left() + 190, rect.left() + rect.width() // 2)
    return QRect(left, rect.center().y() - 4, rect.right() - 48 - left, 8)


class _Rows(QListView):
    """A quiet list of rows of one height, walked with the keys and chosen by click or Enter."""

    entry_chosen = Signal(object)

    def __init__(self, delegate: QStyledItemDelegate, *, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._entries = _Entries(self)
        self.setModel(self._entries)
        delegate.setParent(self)
        self.setItemDelegate(delegate)
        self.setUniformItemSizes(True)
        self.setFont(font("small"))
        self.setMouseTracking(True)
        self.setAccessibleName(name)
        self.clicked.connect(self._on_clicked)
        self.activated.connect(self._on_clicked)

    def show_entries(self, entries: Sequence[GateMatch | UnitRank]) -> None:
        """Show these; the place stays where it is while more of the same come."""
        row = self.currentIndex().row()
        self._entries.show(entries)
        if 0 <= row < len(entries):
            self.setCurrentIndex(self._entries.index(row))

    def entries(self) -> tuple[GateMatch | UnitRank, ...]:
        """What is shown."""
        return self._entries.entries()

    def _on_clicked(self, index: QModelIndex) -> None:
        entry = index.data(_ENTRY)
        if entry is not None:
            self.entry_chosen.emit(entry)


class MatchRows(_Rows):
    """Keyword in context: the matches under one another, what is before and after them at their sides."""

    def __init__(self, parent: QWidget | None = None) -> None:
        self._match_delegate = _MatchDelegate()
        super().__init__(self._match_delegate, name=self.tr("Places found"), parent=parent)

    def show_entries(self, entries: Sequence[GateMatch | UnitRank]) -> None:
        labels = {entry.label for entry in entries if isinstance(entry, GateMatch)}
        advance = QFontMetrics(font("small")).horizontalAdvance
        self._match_delegate.label_px = max((advance(label) + 2 for label in labels if label), default=0)
        super().show_entries(entries)


class RankRows(_Rows):
    """Units by their area under the ROC curve, as bars to both sides of 0.5."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(_RankDelegate(), name=self.tr("Units by how well they tell the pattern"), parent=parent)


class _RowDelegate(QStyledItemDelegate):
    def sizeHint(self, option: QStyleOptionViewItem, index: _Index) -> QSize:
        return QSize(120, _ROW)

    def _begin(self, painter: QPainter, option: QStyleOptionViewItem) -> QRect:
        rect = QRect(option.rect)
        state = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, theme().colour("selection"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, theme().colour("hover"))
        painter.setFont(font("small"))
        return rect.adjusted(6, 0, -6, 0)


class _MatchDelegate(_RowDelegate):
    label_px = 0  # that the longest class takes

    def _paint_label(self, painter: QPainter, rect: QRect, label: str) -> None:
        """The class of the text, at the left of all."""
        width = min(self.label_px, rect.width() // _LABEL_SHARE)
        told = painter.fontMetrics().elidedText(label, Qt.TextElideMode.ElideRight, width)
        painter.drawText(QRect(rect.left(), rect.top(), width, rect.height()), Qt.AlignmentFlag.AlignVCenter, told)
        if width:
            rect.setLeft(rect.left() + width + _LABEL_GAP)

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = index.data(_ENTRY)
        painter.save()
        rect = self._begin(painter, option)
        centre = Qt.AlignmentFlag.AlignVCenter
        score = fixed(entry.score, decimals=2)
        painter.setPen(theme().colour("muted"))
        painter.drawText(rect, centre | Qt.AlignmentFlag.AlignRight, score)
        rect.adjust(0, 0, -painter.fontMetrics().horizontalAdvance("0.00") - 10, 0)
        self._paint_label(painter, rect, entry.label)
        strong = QFont(painter.font())
        strong.setWeight(QFont.Weight.DemiBold)
        painter.setFont(strong)
        match = painter.fontMetrics().elidedText(_one_line(entry.match), Qt.TextElideMode.ElideRight, rect.width() // 2)
        width = painter.fontMetrics().horizontalAdvance(match) + 8
        middle = rect.left() + round(rect.width() * 0.42)
        left = min(middle, rect.right() - width - 20)
        key = QRect(left, rect.top() + 3, width, rect.height() - 6)
        painter.fillRect(key, theme().colour("info_tint"))
        painter.setPen(theme().colour("text"))
        painter.drawText(key, Qt.AlignmentFlag.AlignCenter, match)
        painter.setFont(font("small"))
        painter.setPen(theme().colour("muted"))
        metrics = painter.fontMetrics()
        at_left = QRect(rect.left(), rect.top(), left - rect.left() - 4, rect.height())
        at_right = QRect(key.right() + 4, rect.top(), rect.right() - key.right() - 4, rect.height())
        places = (at_left, Qt.AlignmentFlag.AlignRight), (at_right, Qt.AlignmentFlag.AlignLeft)
        for (place, side), (text, elided) in zip(places, beside(entry), strict=True):
            painter.drawText(place, centre | side, metrics.elidedText(_one_line(text), elided, place.width()))
        painter.restore()


def beside(entry: GateMatch) -> tuple[tuple[str, Qt.TextElideMode], tuple[str, Qt.TextElideMode]]:
    """What stands at the left of a match and at its right, and which end of it is left out where it is too long: of a
    text from right to left, what comes after stands at the left."""
    before, after = (entry.before, Qt.TextElideMode.ElideLeft), (entry.after, Qt.TextElideMode.ElideRight)
    is_turned = is_right_to_left(entry.before + entry.match + entry.after)
    return (after, before) if is_turned else (before, after)


class _RankDelegate(_RowDelegate):
    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        entry = index.data(_ENTRY)
        painter.save()
        rect = self._begin(painter, option)
        centre = Qt.AlignmentFlag.AlignVCenter
        painter.setPen(theme().colour("text"))
        name = self.tr("layer {layer}   unit {unit}").format(layer=entry.layer + 1, unit=entry.unit)
        if entry.direction:
            name += self.tr("   backward")
        painter.drawText(rect, centre, name)
        painter.drawText(rect, centre | Qt.AlignmentFlag.AlignRight, fixed(told_area(entry.auc), decimals=3))
        track = track_of(rect)
        painter.fillRect(track, theme().colour("raised"))
        middle = track.left() + track.width() / 2
        length = round((entry.auc - 0.5) * track.width())
        colour = theme().colour("accent" if length >= 0 else "muted")
        painter.fillRect(QRect(round(min(middle, middle + length)), track.top(), abs(length), 8), colour)
        painter.setPen(theme().colour("muted"))
        painter.drawLine(round(middle), track.top() - 2, round(middle), track.bottom() + 2)
        painter.restore()


def _one_line(text: str) -> str:
    """A part of a row, of whatever direction without moving the others."""
    return isolated(text.replace("\n", "⏎"))
