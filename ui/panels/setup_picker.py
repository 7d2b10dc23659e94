"""The popover that lists what may be picked: by group, each a title and a sentence, searched by typing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, QRect, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QFrame,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui.theme import font, theme
from ui.theme.icons import draw_icon, icon
from ui.widgets.labels import TextLabel
from ui.widgets.painting import draw_rounded

_WIDTH, _MAX_HEIGHT, _PADDING, _HEADING_PX = 380, 600, 10, 28
_ENTRY_ROLE = Qt.ItemDataRole.UserRole


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What may be picked; with a `misfit`, why it may not be."""

    name: str
    title: str
    sentence: str
    group: str = ""
    misfit: str = ""

    def matches(self, text: str) -> bool:
        """Whether every word typed occurs in it."""
        found = f"{self.name} {self.title} {self.sentence} {self.group}".casefold()
        return all(word in found for word in text.casefold().split())

    def rank(self, text: str) -> int:
        """How well it matches: 0 where it is called so, 1 where its title begins so, 2 elsewhere."""
        wanted, title = text.casefold().strip(), self.title.casefold()
        if wanted in (self.name.casefold(), title):
            return 0
        return 1 if title.startswith(wanted) else 2


class EntryPicker(QFrame):
    """Opens under a widget; arrows and Enter choose while one types, Escape closes. `lead`: a sentence above."""

    chosen = Signal(str)

    def __init__(
        self, entries: Sequence[Entry], *, current: str = "", title: str = "", lead: str = "", parent: QWidget
    ) -> None:
        super().__init__(parent, Qt.WindowType.Popup)
        self._entries, self._current = entries, current
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setObjectName("picker")
        self.setAccessibleName(title)
        colours = theme().palette
        self.setStyleSheet(f"#picker {{ background: {colours.panel}; border: 1px solid {colours.line}; }}")
        self._search = QLineEdit()
        self._search.setPlaceholderText(self.tr("Search"))
        self._search.setAccessibleName(self.tr("Search"))
        self._search.setClearButtonEnabled(True)
        self._search.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self._search.installEventFilter(self)
        self._list = QListWidget()
        self._list.setItemDelegate(_EntryDelegate(self._list))
        self._list.setAccessibleName(title)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # the keys stay with the search line
        self._list.setMouseTracking(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        self._lead = TextLabel(lead)
        self._lead.setWordWrap(True)
        self._lead.setContentsMargins(4, 2, 4, 4)
        column.addWidget(self._lead)
        self._lead.setVisible(bool(lead))
        column.addWidget(self._search)
        column.addWidget(self._list)
        self._search.textChanged.connect(self._fill)
        self._list.itemClicked.connect(self._choose)
        self._list.itemEntered.connect(self._on_item_entered)
        self.setFixedWidth(_WIDTH)
        self._fill("")

    def open_under(self, widget: QWidget) -> None:
        """Open below (or, without room, above) a widget."""
        content = sum(self._list.sizeHintForRow(row) for row in range(self._list.count()))
        lead = self._lead.heightForWidth(_WIDTH - 16) + 6 if self._lead.text() else 0
        height = min(_MAX_HEIGHT, content + lead + self._search.sizeHint().height() + 26)
        self.setFixedHeight(height)
        at = widget.mapToGlobal(QPoint(0, widget.height() + 4))
        screen = widget.screen().availableGeometry()
        top = min(at.y(), screen.bottom() - height - 4)
        left = min(at.x(), screen.right() - self.width() - 4)
        self.move(max(screen.left(), left), max(screen.top(), top))
        self.show()
        self._search.setFocus(Qt.FocusReason.PopupFocusReason)

    def _fill(self, text: str) -> None:
        self._list.clear()
        found = [entry for entry in self._entries if entry.matches(text)]
        if text:
            found.sort(key=lambda entry: entry.rank(text))
        for group in dict.fromkeys(entry.group for entry in found):
            if group:
                heading = QListWidgetItem(group)
                heading.setFlags(Qt.ItemFlag.NoItemFlags)
                self._list.addItem(heading)
            for entry in found:
                if entry.group == group:
                    self._list.addItem(_item(entry, is_current=entry.name == self._current))
        if not found:
            nothing = QListWidgetItem(self.tr("Nothing is called like that."))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(nothing)
        names = [self._name_at(row) for row in range(self._list.count())]
        pickable = [row for row, name in enumerate(names) if name]
        current = next((row for row in pickable if names[row] == self._current and not text), None)
        self._list.setCurrentRow(current if current is not None else pickable[0] if pickable else -1)

    def _name_at(self, row: int) -> str:
        """The name of a row that may be picked."""
        item = self._list.item(row)
        entry = item.data(_ENTRY_ROLE) if item else None
        return entry.name if isinstance(entry, Entry) and not entry.misfit else ""

    def _move(self, by: int) -> None:
        row = self._list.currentRow() + by
        while 0 <= row < self._list.count() and not self._name_at(row):
            row += by
        if 0 <= row < self._list.count():
            self._list.setCurrentRow(row)

    def _choose(self) -> None:
        name = self._name_at(self._list.currentRow())
        if name:
            self.close()
            self.chosen.emit(name)

    def _on_item_entered(self, item: QListWidgetItem) -> None:
        if self._name_at(self._list.row(item)):
            self._list.setCurrentItem(item)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            match event.key():
                case Qt.Key.Key_Down:
                    self._move(1)
                case Qt.Key.Key_Up:
                    self._move(-1)
                case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                    self._choose()
                case Qt.Key.Key_Escape:
                    self.close()
                case _:
                    return False
            return True
        return False


def _item(entry: Entry, *, is_current: bool) -> QListWidgetItem:
    item = QListWidgetItem(entry.title)
    item.setData(_ENTRY_ROLE, entry)
    item.setData(Qt.ItemDataRole.AccessibleDescriptionRole, entry.misfit or entry.sentence)
    item.setData(Qt.ItemDataRole.CheckStateRole, None)
    item.setData(_ENTRY_ROLE + 1, is_current)
    if entry.misfit:
        item.setFlags(Qt.ItemFlag.NoItemFlags)
    return item


class _EntryDelegate(QStyledItemDelegate):
    """Paints a group's heading, or an entry's title over its sentence (why it cannot be picked, if so)."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        entry = index.data(_ENTRY_ROLE)
        if not isinstance(entry, Entry):
            return QSize(_WIDTH - 40, _HEADING_PX)
        return QSize(_WIDTH - 40, 32 + _sentence_rect(entry).height())

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        colours = theme().palette
        rect: QRect = option.rect
        state: QStyle.StateFlag = option.state
        entry = index.data(_ENTRY_ROLE)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if not isinstance(entry, Entry):
            painter.setFont(font("section"))
            painter.setPen(theme().colour("muted"))
            place = rect.adjusted(_PADDING, 4, 0, 0)
            painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, str(index.data()))
            painter.restore()
            return
        if state & QStyle.StateFlag.State_Selected:
            draw_rounded(painter, rect.adjusted(0, 1, 0, -1).toRectF(), colours.selection, radius=6)
        painter.setFont(font("strong"))
        painter.setPen(theme().colour("muted" if entry.misfit else "text"))
        painter.drawText(rect.adjusted(_PADDING, 6, -30, 0), Qt.AlignmentFlag.AlignTop, entry.title)
        if index.data(_ENTRY_ROLE + 1):
            draw_icon(painter, "check", QPoint(rect.right() - 24, rect.top() + 7), role="accent", size=16)
        painter.setFont(_small())
        painter.setPen(theme().colour("muted"))
        place = _sentence_rect(entry).translated(rect.left() + _PADDING, rect.top() + 25)
        painter.drawText(place, int(Qt.TextFlag.TextWordWrap), entry.misfit or entry.sentence)
        painter.restore()


def _small() -> QFont:
    result = font("small")
    result.setWeight(QFont.Weight.Normal)
    return result


def _sentence_rect(entry: Entry) -> QRect:
    room = QRect(0, 0, _WIDTH - 16 - 2 * _PADDING - 12, 400)
    return QFontMetrics(_small()).boundingRect(room, int(Qt.TextFlag.TextWordWrap), entry.misfit or entry.sentence)
