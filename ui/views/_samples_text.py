"""Texts as rows: the label, the length, and the text as the tokens that a model reads."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QFocusEvent, QFont, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from ui.theme import font, theme
from ui.views._samples_source import Examples, Texts
from ui.views._samples_text_cells import GAP, Columns, draw_cell, draw_head, measure
from ui.views._samples_text_grid import TextGrid
from ui.views._samples_text_layout import LINE, TokenText

_HEAD, _PAD = 26, 5
_MORE = 14  # px kept free for the sign that a text goes on
_MOST_COLUMNS, _MOST_KEPT = 4, 512
_FEW_LINES, _MANY_LINES = 3, 200
_LOOKED_AT = 24  # texts laid out to tell whether they fit
_SHORT = 40  # tokens: letters of shorter texts stand well apart
_SPACING_PX = {True: 4.0, False: 1.5}


class TextRows(QAbstractScrollArea):
    """Up and Down walk the rows, Left and Right the tokens; the row walked to or clicked opens to its whole length."""

    pointed = Signal(int, int)  # position in the examples and index of the token; -1: none
    chosen = Signal(int)
    end_reached = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._examples: Examples | None = None
        self._tokenizer = ""
        self._held = self._open = -1
        self._shows_ring = False
        self._pointed = (-1, -1)
        self._kept: dict[int, TokenText] = {}
        self._columns = Columns()
        self._letters = font("body")
        self._lines = 1
        self._grid = TextGrid(count=0, num_columns=1, width=1, row_height=1, head=_HEAD)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFont(font("body"))
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.viewport().setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setAccessibleName(self.tr("Texts"))
        self.verticalScrollBar().valueChanged.connect(self._on_scrolled)
        theme().changed.connect(self._on_theme_changed)

    def set_examples(self, examples: Examples | None, *, tokenizer: str = "") -> None:
        """Show these; the place is kept when they are the same and more."""
        before, self._examples = self._examples, examples
        is_more = (
            before is not None
            and examples is not None
            and before.wanted == examples.wanted
            and before.indices == examples.indices[: len(before)]
            and tokenizer == self._tokenizer
        )
        self._tokenizer = tokenizer
        if not is_more:
            self._open = -1
            self.verticalScrollBar().setValue(0)
            self._point(-1, -1)
        self._columns = measure(examples, letters=self.font()) if examples is not None else Columns()
        self._arrange()

    def set_held(self, position: int) -> None:
        """The example that the focus holds; -1: none of these."""
        self._held = position
        self.viewport().update()

    def row_rect(self, position: int) -> QRect:
        """Where a text is in the viewport."""
        return self._grid.rect(position).translated(0, -self.verticalScrollBar().value())

    def token_point(self, position: int, token: int) -> QPoint:
        """The middle of a token in the viewport."""
        text = self._text(position)
        return (text.rects(text.chip_of(token))[0].center() + self._corner(position)).toPoint()

    def _texts(self) -> Texts | None:
        return self._examples.texts if self._examples is not None else None

    def _arrange(self) -> None:
        """Short texts side by side; longer ones in as many lines as most of them need, within a few."""
        self._kept.clear()
        texts, width, start = self._texts(), max(1, self.viewport().width()), self._columns.text
        usual = texts.usual_length() if texts is not None else 0
        self._letters = font("body")
        spacing = 0.0
        if self._tokenizer in ("characters", "bytes"):
            spacing = _SPACING_PX[usual <= _SHORT]
            self._letters.setLetterSpacing(QFont.SpacingType.AbsoluteSpacing, spacing)
        usual_px = round(usual * (self._columns.token_px + spacing)) + self._columns.written_px + _MORE
        most_columns = max(1, min(_MOST_COLUMNS, width // (start + usual_px + GAP)))
        for num_columns in range(most_columns, 0, -1):
            self._lines = 1
            if num_columns == 1:
                self._lines = max(1, min(_FEW_LINES, -(-usual_px // max(1, width - start - _MORE))))
            self._grid = TextGrid(
                count=len(self._examples or ()),
                num_columns=num_columns,
                width=width,
                row_height=self._lines * LINE + 2 * _PAD,
                head=_HEAD,
            )
            self._kept.clear()
            if num_columns == 1 or self._most_fit():
                break
        self._open_cell(self._open)

    def _most_fit(self) -> bool:
        """Whether the first texts stand whole in their cells, but for one in four."""
        first = range(min(_LOOKED_AT, self._grid.count))
        return sum(self._text(position).is_cut for position in first) <= len(first) // 4

    def _open_cell(self, position: int) -> None:
        """Give a text all the lines it needs; -1: none."""
        for changed in (self._open, position):
            self._kept.pop(changed, None)
        self._open = position if position < self._grid.count else -1
        extra = max(0, self._text(self._open).height + 2 * _PAD - self._grid.row_height) if self._open >= 0 else 0
        self._grid = replace(self._grid, open=self._open, extra=extra)
        bar, room = self.verticalScrollBar(), self.viewport().height()
        bar.setRange(0, max(0, self._grid.height + _PAD - room))
        bar.setPageStep(max(1, room - _HEAD))
        bar.setSingleStep(self._grid.row_height)
        self._on_scrolled()

    def _reveal(self, position: int) -> None:
        row, bar = self.row_rect(position), self.verticalScrollBar()
        if row.top() < _HEAD:
            bar.setValue(bar.value() + row.top() - _HEAD)
        elif row.bottom() >= self.viewport().height():
            below = row.bottom() + 1 - self.viewport().height()
            bar.setValue(bar.value() + min(below, row.top() - _HEAD))

    def _corner(self, position: int) -> QPointF:
        return QPointF(self.row_rect(position).topLeft()) + QPointF(self._columns.text, _PAD)

    def _text(self, position: int) -> TokenText:
        if position not in self._kept:
            texts = self._texts()
            assert texts is not None
            is_open = position == self._open
            ids, lines = texts.ids(position), _MANY_LINES if is_open else self._lines
            width = max(80, self._grid.cell_width - self._columns.text - _MORE)
            # What is not seen need not be laid out: no letter is narrower than 2 px. Padding is counted to its end.
            enough = len(ids) if is_open or not ids or not ids[-1] else lines * width // 2
            written = self._examples.written if self._examples is not None else ()
            while len(self._kept) >= _MOST_KEPT:
                del self._kept[next(iter(self._kept))]
            self._kept[position] = TokenText(
                ids[:enough],
                texts.written(position)[:enough],
                tokenizer=self._tokenizer,
                font=self._letters,
                width=width,
                most_lines=lines,
                keeps_lines=is_open,
                written=written[position] if written else None,
            )
        return self._kept[position]

    def _position_at(self, point: QPoint) -> int:
        return self._grid.position_at(point + QPoint(0, self.verticalScrollBar().value())) if point.y() >= _HEAD else -1

    def _point(self, position: int, token: int) -> None:
        if (position, token) != self._pointed:
            self._pointed = (position, token)
            self.pointed.emit(position, token)
            self.viewport().update()

    def _point_at(self, point: QPointF) -> None:
        position = self._position_at(point.toPoint())
        if position < 0:
            self._point(-1, -1)
            return
        text = self._text(position)
        chip = text.chip_at(point - self._corner(position))
        self._point(position, text.token(chip) if chip >= 0 else -1)

    def _on_scrolled(self) -> None:
        bar = self.verticalScrollBar()
        if self._examples is not None and bar.value() + 2 * bar.pageStep() >= bar.maximum():
            self.end_reached.emit()
        self.viewport().update()

    def _on_theme_changed(self) -> None:
        self.setFont(font("body"))
        self._arrange()

    def viewportEvent(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Leave:
            self._point(-1, -1)
        return super().viewportEvent(event)

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._arrange()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._point_at(event.position())

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self._point_at(event.position())  # another text is under the pointer, which has not moved

    def mousePressEvent(self, event: QMouseEvent) -> None:
        position = self._position_at(event.position().toPoint())
        if position >= 0 and event.button() == Qt.MouseButton.LeftButton:
            self._shows_ring = False
            self._open_cell(-1 if position == self._open == self._held else position)
            self.chosen.emit(position)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        key, last = Qt.Key(event.key()), self._grid.count - 1
        rows = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}.get(key, 0)
        along = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(key, 0)
        if rows and last >= 0:
            self._shows_ring = True
            step = rows * self._grid.num_columns if self._open >= 0 else 1
            self._open_cell(min(last, max(0, self._open + step)))
            self._reveal(self._open)
            self._point(self._open, -1)
        elif along and self._open >= 0:
            token = self._pointed[1] if self._pointed[0] == self._open else -1
            self._point(self._open, min(self._text(self._open).num_chips() - 1, max(0, token + along)))
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self._open >= 0:
            self.chosen.emit(self._open)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        self._shows_ring = False
        self.viewport().update()

    def paintEvent(self, event: QPaintEvent) -> None:
        examples = self._examples
        if examples is None or examples.texts is None:
            return
        painter = QPainter(self.viewport())
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.save()
        painter.setFont(self.font())
        painter.setClipRect(0, _HEAD, self.viewport().width(), self.viewport().height())
        for position in range(max(0, self._position_at(QPoint(0, _HEAD))), len(examples)):
            cell = self.row_rect(position)
            if cell.top() > self.viewport().height():
                break
            has_ring = self._shows_ring and position == self._open
            is_held = position == self._held
            draw_cell(painter, cell, examples, position, columns=self._columns, is_held=is_held, has_ring=has_ring)
            text, token = self._text(position), self._pointed[1] if position == self._pointed[0] else -1
            text.paint(painter, self._corner(position), pointed=text.chip_of(token) if token >= 0 else -1)
            if text.is_cut:
                painter.setPen(theme().colour("muted"))
                last = cell.adjusted(0, _PAD + text.height - LINE, -4, 0)
                painter.drawText(last, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop, "…")
        painter.restore()
        for column in range(min(self._grid.num_columns, len(examples))):
            head = QRect(column * self._grid.cell_width, 0, self._grid.cell_width, _HEAD)
            draw_head(painter, head, columns=self._columns)
