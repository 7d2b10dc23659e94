"""Ctrl+K: type a few letters of anything the window can do, and press Enter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QPoint, Qt
from PySide6.QtGui import QColor, QKeyEvent, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from ui.theme import theme
from ui.theme.icons import icon

_HINT_PENALTY = 1000
_NUM_RECENT, _NUM_OFFERED, _MOST_HEIGHT = 5, 9, 420
_LINE_PX = 36
_AROUND_LIST = _LINE_PX + 6 + 2 * 8 + 2  # px: the line, the space below it and the margins
_HINT_ROLE = Qt.ItemDataRole.UserRole + 1
_HINT_MARGIN = 8
_Index = QModelIndex | QPersistentModelIndex


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One thing to do. group: what stands before it; hint: its shortcut or a detail."""

    text: str
    do: Callable[[], object]
    group: str = ""
    hint: str = ""
    icon: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What it is known by the next time the palette is opened."""
        return self.group, self.text


def rank(query: str, text: str) -> int | None:
    """How well the query fits: lower is better, None where it does not.

    It stands in the text, or its letters do in their order, each behind the one before or at the start of a word:
    "spmlp" finds "spiral mlp", and "runs" nothing that merely has those letters somewhere.
    """
    query, text = query.lower(), text.lower()
    if not query:
        return 0
    if query in text:
        return text.index(query) + (0 if f" {query}" in f" {text}" else 50)
    starts = [place for place in range(len(text)) if place == 0 or text[place - 1] in " ,:·-"]
    reached = {-1: 0}  # the place of the last letter found, and the fewest that were passed over on the way
    for letter in query.replace(" ", ""):
        found: dict[int, int] = {}
        for place, passed in reached.items():
            behind = [place + 1] if place >= 0 else []
            for after in {*behind, *(start for start in starts if start > place)}:
                if after < len(text) and text[after] == letter:
                    found[after] = min(found.get(after, passed + after), passed + after - place - 1)
        reached = found
    return 100 + min(reached.values()) if reached else None


def _place_in(recent: Sequence[tuple[str, str]], entry: Entry) -> int:
    """Among what was done last, else behind all of it."""
    return recent.index(entry.key) if entry.key in recent else len(recent)


def _rank_of(query: str, entry: Entry) -> int | None:
    """By its words, else by its hint: a run is found by its id too, a preset by its name."""
    by_words = rank(query, f"{entry.group} {entry.text}")
    if by_words is not None:
        return by_words
    by_hint = rank(query, entry.hint) if query.lower() in entry.hint.lower() else None
    return None if by_hint is None else by_hint + _HINT_PENALTY


class _HintDelegate(QStyledItemDelegate):
    """What it does on the left, its shortcut or a detail muted on the right, in one column."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        hint = index.data(_HINT_ROLE) or ""
        metrics = option.fontMetrics
        room = min(metrics.horizontalAdvance(hint) + _HINT_MARGIN, option.rect.width() // 2)
        super().paint(painter, option, index)
        if hint:
            painter.save()
            painter.setFont(option.font)
            painter.setPen(QColor(theme().palette.muted))
            place = option.rect.adjusted(option.rect.width() - room - _HINT_MARGIN, 0, -_HINT_MARGIN, 0)
            shown = metrics.elidedText(hint, Qt.TextElideMode.ElideMiddle, room)
            painter.drawText(place, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter, shown)
            painter.restore()

    def initStyleOption(self, option: QStyleOptionViewItem, index: _Index) -> None:
        """The words give way to the hint."""
        super().initStyleOption(option, index)
        hint = index.data(_HINT_ROLE) or ""
        room = option.rect.width() - option.decorationSize.width() - 3 * _HINT_MARGIN
        room -= min(option.fontMetrics.horizontalAdvance(hint), option.rect.width() // 2)
        option.text = option.fontMetrics.elidedText(option.text, Qt.TextElideMode.ElideRight, max(room, 40))


class CommandPalette(QDialog):
    """A list over the window that narrows as one types."""

    def __init__(
        self, entries: Sequence[Entry], parent: QWidget, *, recent: list[tuple[str, str]] | None = None
    ) -> None:
        """recent: keys of what was done last, the newest first; kept up to date."""
        super().__init__(parent, Qt.WindowType.Popup | Qt.WindowType.FramelessWindowHint)
        self.setAccessibleName(self.tr("Command palette"))
        self._entries = list(entries)
        self._recent = recent if recent is not None else []
        self._line = QLineEdit()
        self._line.setPlaceholderText(self.tr("Type what you want to do…"))
        self._line.setAccessibleName(self.tr("Command"))
        self._line.setFixedHeight(_LINE_PX)
        self._list = QListWidget()
        self._list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._list.setUniformItemSizes(True)
        self._list.setMinimumHeight(1)  # it is as high as what it lists
        self._list.setItemDelegate(_HintDelegate(self._list))
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 8, 8, 8)
        column.setSpacing(6)
        column.addWidget(self._line)
        column.addWidget(self._list)
        self._line.textChanged.connect(self._on_text_changed)
        self._line.installEventFilter(self)
        self._list.itemClicked.connect(lambda _item: self._run())
        width = min(620, parent.width() - 80)
        self._most_height = min(_MOST_HEIGHT, parent.height() - 120)
        self.resize(width, self._most_height)
        self.move(parent.mapToGlobal(QPoint((parent.width() - width) // 2, 60)))
        self._on_text_changed("")
        self._line.setFocus()

    def _found(self, query: str) -> list[int]:
        """Numbers of the entries that fit, the best first; of all, what was done last and a few more."""
        ranked = [(_rank_of(query, entry), number) for number, entry in enumerate(self._entries)]
        if not query:
            ranked = [(_place_in(self._recent, entry), number) for number, entry in enumerate(self._entries)]
        found = [number for _, number in sorted((score, number) for score, number in ranked if score is not None)]
        return found if query else found[:_NUM_OFFERED]

    def _fit(self) -> None:
        """As high as what is found, so that no empty slab lies over the window."""
        rows = sum(self._list.sizeHintForRow(row) for row in range(self._list.count()))
        self.resize(self.width(), min(self._most_height, rows + 2 * self._list.frameWidth() + _AROUND_LIST))

    def _on_text_changed(self, query: str) -> None:
        self._list.clear()
        for number in self._found(query):
            entry = self._entries[number]
            text = f"{entry.group}:  {entry.text}" if entry.group else entry.text
            item = QListWidgetItem(text)
            item.setData(_HINT_ROLE, entry.hint)
            if entry.icon:
                item.setIcon(icon(entry.icon, "muted"))
            item.setData(Qt.ItemDataRole.UserRole, number)
            self._list.addItem(item)
        if self._list.count():
            self._list.setCurrentRow(0)
        else:
            nothing = QListWidgetItem(self.tr("Nothing is called so."))
            nothing.setFlags(Qt.ItemFlag.NoItemFlags)
            self._list.addItem(nothing)
        self._fit()

    def _run(self) -> None:
        item = self._list.currentItem()
        number = item.data(Qt.ItemDataRole.UserRole) if item else None
        if number is not None:
            self.close()
            entry = self._entries[number]
            self._recent[:] = [entry.key, *(key for key in self._recent if key != entry.key)][:_NUM_RECENT]
            entry.do()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            moves = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1, Qt.Key.Key_PageDown: 8, Qt.Key.Key_PageUp: -8}
            key = Qt.Key(event.key())
            if key in moves and self._list.count():
                row = max(0, min(self._list.count() - 1, self._list.currentRow() + moves[key]))
                self._list.setCurrentRow(row)
                return True
            if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._run()
                return True
        return super().eventFilter(watched, event)
