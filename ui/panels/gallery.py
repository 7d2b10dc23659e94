"""The first page: presets that one click trains, one's own data, and the ways in for those who know."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent, QResizeEvent, QShowEvent
from PySide6.QtWidgets import QBoxLayout, QFrame, QHBoxLayout, QMenu, QScrollArea, QVBoxLayout, QWidget

from modellab.presets import cards
from modellab.presets.own import TABLES, TEXTS
from modellab.presets.times import kept_seconds
from ui.panels.gallery_pictures import icon_picture
from ui.panels.gallery_tile import PresetTile
from ui.theme import font
from ui.theme.icons import icon
from ui.widgets.buttons import QuietButton
from ui.widgets.choose_path import choose_file, choose_folder
from ui.widgets.flow_grid import FlowGrid
from ui.widgets.labels import SectionLabel, TextLabel
from ui.widgets.tile import Tile

_HEADING_PX = 24
_NARROW = 1060
_NUM_OWN = 4
_MOST_WIDTH = 1600
_TILE_WIDTH, _MOST_TILE_WIDTH = 210, 320
_ARROWS = {
    Qt.Key.Key_Left: QPoint(-1, 0),
    Qt.Key.Key_Right: QPoint(1, 0),
    Qt.Key.Key_Up: QPoint(0, -1),
    Qt.Key.Key_Down: QPoint(0, 1),
}


class _Grid(FlowGrid):
    """As many columns in every group: those that make the fewest rows, and of these the fullest."""

    def __init__(self, parent: QWidget, *, group_sizes: list[int]) -> None:
        super().__init__(parent, min_tile_width=_TILE_WIDTH, max_tile_width=_MOST_TILE_WIDTH, spacing=16)
        self._group_sizes = group_sizes

    def num_columns(self, width: int) -> int:
        def cost(columns: int) -> tuple[int, int]:
            rows = [-(-size // columns) for size in self._group_sizes]
            return sum(rows), sum(columns * count - size for count, size in zip(rows, self._group_sizes, strict=True))

        return min(range(1, super().num_columns(width) + 1), key=cost)


class Gallery(QWidget):
    """Says what it wants by signals. Knows no session: it is painted before there is one.

    Made, it has its first group alone, which is all that a first window shows; `complete` makes the others.
    """

    preset_chosen = Signal(str)  # train it now
    preset_loaded = Signal(str)  # only put it into the setup
    blank_asked = Signal()
    open_asked = Signal()
    own_chosen = Signal(Path)  # a table, a text, or a folder of images or texts: put it into the setup

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._tiles: dict[str, Tile] = {}
        self._seconds = kept_seconds()
        self._waiting = self._groups()
        self._group_sizes = [*map(len, self._waiting.values()), _NUM_OWN]
        self._page = QWidget()
        self._page.setMaximumWidth(_MOST_WIDTH)
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(24, 16, 24, 24)
        self._column.setSpacing(8)
        self._column.addLayout(self._heading())
        self._column.addStretch(1)
        self._make_group(next(iter(self._waiting)))
        middle = QWidget()
        row = QHBoxLayout(middle)
        row.setContentsMargins(0, 0, 0, 0)
        row.addStretch(1)
        row.addWidget(self._page, 1000)
        row.addStretch(1)
        self._scroll = QScrollArea(widgetResizable=True)
        self._scroll.setFrameShape(QFrame.Shape.NoFrame)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(middle)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._scroll)
        self.setAccessibleName(self.tr("Preset gallery"))

    @property
    def tiles(self) -> dict[str, Tile]:
        """Every tile by its preset's name, or own-table, own-images, own-texts, own-text."""
        self.complete()
        return self._tiles

    def complete(self) -> None:
        """Make the groups that are not there yet."""
        if not self._waiting:
            return
        for title in list(self._waiting):
            self._make_group(title)
        self._add_group(self.tr("Your own data"), self._own_tiles())

    def _make_group(self, title: str) -> None:
        self._add_group(title, [self._preset_tile(name) for name in self._waiting.pop(title)])

    def _heading(self) -> QBoxLayout:
        title = TextLabel(self.tr("Train a network and watch it learn, from the inside"))
        large = font("title")
        large.setPixelSize(_HEADING_PX)
        title.setFont(large)
        title.setWordWrap(True)
        sentence = TextLabel(
            self.tr("Click a picture: it trains at once, here on your machine, and everything is yours to change."),
            role="muted",
        )
        sentence.setWordWrap(True)
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(title)
        words.addWidget(sentence)
        open_ = QuietButton(self.tr("Open a recipe or run…"), icon_name="folder")
        open_.clicked.connect(self.open_asked)
        own = self._own_button = QuietButton(self.tr("Use your own data…"), icon_name="upload")
        own.clicked.connect(self.ask_own)
        blank = QuietButton(self.tr("Start from a blank setup"), icon_name="plus")
        blank.setToolTip(self.tr("Choose the data first, then the network, then how it trains"))
        blank.clicked.connect(self.blank_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(8)
        for button in (own, blank, open_):
            buttons.addWidget(button)
        buttons.addStretch(0)
        self._top = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._top.setSpacing(16)
        self._top.addLayout(words, 1)
        self._top.addLayout(buttons)
        return self._top

    def _groups(self) -> dict[str, list[str]]:
        """The presets' names under their headings, in their order."""
        titles = {
            "point": self.tr("First steps: points in the plane"),
            "image": self.tr("Images"),
            "row": self.tr("Tables"),
            "text": self.tr("Text"),
        }
        groups: dict[str, list[str]] = {}
        for name, card in cards().items():
            groups.setdefault(titles[card.kind], []).append(name)
        return groups

    def _add_group(self, title: str, tiles: list[Tile]) -> None:
        at = self._column.count() - 1  # above the stretch
        holder = QWidget()
        grid = _Grid(holder, group_sizes=self._group_sizes)
        for tile in tiles:
            tile.installEventFilter(self)
            grid.addWidget(tile)
        self._column.insertSpacing(at, 16)
        self._column.insertWidget(at + 1, SectionLabel(title))
        self._column.insertWidget(at + 2, holder)

    def _preset_tile(self, name: str) -> Tile:
        tile = PresetTile(cards()[name], measured=self._seconds.get(name))
        tile.train_asked.connect(lambda: self.preset_chosen.emit(name))
        tile.load_asked.connect(lambda: self.preset_loaded.emit(name))
        self._tiles[name] = tile
        return tile

    def _own_tiles(self) -> list[Tile]:
        table = Tile(
            self.tr("A table"),
            sentence=self.tr(
                "Numbers or texts in a CSV, TSV, JSONL or Parquet file: predict one column from the others."
            ),
            hint=self.tr("choose or drop a file"),
            hint_icon="upload",
            picture=icon_picture("table"),
        )
        images = Tile(
            self.tr("A folder of images"),
            sentence=self.tr("One folder a class: the network learns to tell them apart."),
            hint=self.tr("choose or drop a folder"),
            hint_icon="upload",
            picture=icon_picture("image"),
        )
        texts = Tile(
            self.tr("A folder of texts"),
            sentence=self.tr("One folder a class, a file a text: the network learns to tell them apart."),
            hint=self.tr("choose or drop a folder"),
            hint_icon="upload",
            picture=icon_picture("note"),
        )
        text = Tile(
            self.tr("A text"),
            sentence=self.tr("One text file: the network learns to write as it is written, letter by letter."),
            hint=self.tr("choose or drop a file"),
            hint_icon="upload",
            picture=icon_picture("type"),
        )
        table.activated.connect(self._choose_table)
        images.activated.connect(self._choose_folder)
        texts.activated.connect(self._choose_folder)
        text.activated.connect(self._choose_text)
        self._tiles |= {"own-table": table, "own-images": images, "own-texts": texts, "own-text": text}
        return [table, images, texts, text]

    def ask_own(self) -> None:
        """The kinds of data of one's own, without scrolling down to their tiles."""
        button = self._own_button
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for text, icon_name, do in (
            (self.tr("A table: CSV, TSV, JSONL or Parquet…"), "table", self._choose_table),
            (self.tr("Images: one folder a class…"), "image", self._choose_folder),
            (self.tr("Texts: one folder a class…"), "note", self._choose_folder),
            (self.tr("A text to learn to write…"), "type", self._choose_text),
        ):
            menu.addAction(icon(icon_name, "muted"), text, do)
        menu.addSeparator()
        menu.addAction(self.tr("Something else: choose in the setup"), self.blank_asked.emit)
        menu.popup(button.mapToGlobal(QPoint(0, button.height() + 4)))

    def _choose_table(self) -> None:
        kinds = self.tr("Tables") + f" (*{' *'.join(TABLES)})"
        file = choose_file(self, self.tr("Choose a table"), of="data", names=kinds)
        if file:
            self.own_chosen.emit(Path(file))

    def _choose_text(self) -> None:
        kinds = self.tr("Texts") + f" (*{' *'.join(TEXTS)})"
        file = choose_file(self, self.tr("Choose a text"), of="data", names=kinds)
        if file:
            self.own_chosen.emit(Path(file))

    def _choose_folder(self) -> None:
        folder = choose_folder(self, self.tr("Choose a folder with one folder a class"), of="data")
        if folder:
            self.own_chosen.emit(Path(folder))

    def _go(self, start: QWidget, towards: QPoint) -> None:
        """Give the focus to the nearest tile in that direction."""
        here = start.mapTo(self._page, start.rect().center())
        best: tuple[float, Tile] | None = None
        for tile in self.tiles.values():
            away = tile.mapTo(self._page, tile.rect().center()) - here
            ahead = away.x() * towards.x() + away.y() * towards.y()
            aside = abs(away.x() * towards.y()) + abs(away.y() * towards.x())
            is_in_line = aside < tile.height() / 2 if towards.x() else True
            if ahead > 8 and is_in_line and (best is None or ahead + 2 * aside < best[0]):
                best = (ahead + 2 * aside, tile)
        if best is not None:
            best[1].setFocus(Qt.FocusReason.TabFocusReason)
            self._scroll.ensureWidgetVisible(best[1], 0, 32)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) and isinstance(watched, QWidget):
            towards = _ARROWS.get(Qt.Key(event.key()))
            if towards is not None:
                self._go(watched, towards)
                return True
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QWidget):
            self._scroll.ensureWidgetVisible(watched, 0, 32)
        return False

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Said by `setFocus` alone: Tab goes from the bar to the heading's buttons, then from tile to tile."""
        next(iter(self._tiles.values())).setFocus(event.reason())
        self._scroll.verticalScrollBar().setValue(0)

    def showEvent(self, event: QShowEvent) -> None:
        """What was measured since it was shown last is told now."""
        super().showEvent(event)
        self._seconds = kept_seconds()
        for name, tile in self._tiles.items():
            if isinstance(tile, PresetTile):
                tile.tell_time(self._seconds.get(name))

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        directions = QBoxLayout.Direction
        self._top.setDirection(directions.TopToBottom if self.width() < _NARROW else directions.LeftToRight)
