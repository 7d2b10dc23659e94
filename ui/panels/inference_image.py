"""Giving an image: draw it, drop it, paste it, open a file, or take a validation sample."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import (
    QDragEnterEvent,
    QDropEvent,
    QGuiApplication,
    QImage,
    QImageReader,
    QKeyEvent,
    QKeySequence,
    QShortcut,
)
from PySide6.QtWidgets import QHBoxLayout, QSlider, QVBoxLayout, QWidget

from modellab.data.base import Sample
from modellab.errors import UserError
from modellab.tasks.picture import MAX_PIXELS
from ui.lab.background import in_background
from ui.panels.inference_input import Given, InputEditor
from ui.panels.inference_pad import DrawingPad, Pixels, to_image, to_pixels
from ui.panels.inference_seen import SeenThumbnail
from ui.widgets.buttons import IconButton
from ui.widgets.choose_path import choose_file
from ui.widgets.labels import ElidedLabel
from workers.protocol import ImageInput

_LARGEST = 4_000  # px a side of a preview


class ImageEditor(InputEditor):
    """The pad, its tools, and the picture as the model sees it."""

    opened = Signal(str)  # a file that is being looked at

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.pad = DrawingPad()
        self.seen = SeenThumbnail()
        self._path = ""
        self._pixels: Pixels | None = None
        self._caption = ElidedLabel(style="small", role="muted", elide=Qt.TextElideMode.ElideMiddle)
        self.setAcceptDrops(True)
        self.pad.drawn.connect(self._on_drawn)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(8)
        column.addWidget(self.pad)
        column.addLayout(self._tools())
        column.addLayout(self._ways())
        self._set_can_draw(True)

    def set_sample(self, sample: Sample | None) -> None:
        channels = sample.shape[0] if sample is not None and len(sample.shape) == 3 else 1
        self._set_can_draw(channels == 1)
        self.seen.clear()

    def given(self) -> Given | None:
        if self._path:
            return Given(input=ImageInput(path=self._path))
        if self._pixels is not None:
            return Given(input=ImageInput(), arrays={"image": self._pixels})
        if self.pad.has_ink:
            return Given(input=ImageInput(drawn=True), arrays={"image": self.pad.pixels()})
        return None

    def show_example(self, values: Pixels, *, caption: str) -> None:
        self._take_picture(to_image(values), pixels=values.squeeze(), path="", caption=caption)

    def show_seen(self, seen: Pixels) -> None:
        self.seen.show_pixels(seen)

    def clear(self) -> None:
        """Nothing given."""
        self.pad.clear()
        self.seen.clear()
        self._path, self._pixels = "", None
        self._caption.setText("")
        self.changed.emit()

    def open_file(self, path: str) -> None:
        """Look at a file; says what is wrong with it otherwise."""
        in_background(
            lambda: _read_preview(path),
            lambda image: self._take_picture(image, pixels=None, path=path, caption=Path(path).name),
            on_problem=lambda error: self.problem_found.emit(error.message),
        )

    def paste(self) -> None:
        """Take the clipboard's picture, or the picture file copied there."""
        content = QGuiApplication.clipboard().mimeData()
        files = [url.toLocalFile() for url in content.urls() if url.isLocalFile()]
        if files:
            self.open_file(files[0])
        elif content.hasImage():
            image = QImage(QGuiApplication.clipboard().image())
            self._take_picture(image, pixels=to_pixels(image), path="", caption=self.tr("pasted picture"))
        else:
            self.problem_found.emit(self.tr("The clipboard holds no picture; copy one and paste again."))

    def _tools(self) -> QHBoxLayout:
        self._pen = IconButton("pencil", self.tr("Draw (P)"), is_checkable=True)
        self._eraser = IconButton("eraser", self.tr("Erase (E, or the right mouse button)"), is_checkable=True)
        self._pen.setChecked(True)
        self._pen.clicked.connect(lambda: self._set_erasing(False))
        self._eraser.clicked.connect(lambda: self._set_erasing(True))
        self._width = QSlider(Qt.Orientation.Horizontal)
        self._width.setRange(8, 48)
        self._width.setValue(self.pad.pen_width)
        self._width.setToolTip(self.tr("Width of the pen; [ and ] change it too"))
        self._width.setAccessibleName(self.tr("Pen width"))
        self._width.valueChanged.connect(self._on_width_changed)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self._pen)
        row.addWidget(self._eraser)
        row.addSpacing(4)
        row.addWidget(self._width, 1)
        return row

    def _ways(self) -> QHBoxLayout:
        open_ = IconButton("folder", self.tr("Open an image file (O)"))
        open_.clicked.connect(self._choose_file)
        paste = IconButton("clipboard", self.tr("Paste a picture (Ctrl+V)"))
        paste.clicked.connect(self.paste)
        dice = IconButton("dice", self.tr("Take a validation sample (R)"))
        dice.clicked.connect(self.sample_asked)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        clear = IconButton("trash", self.tr("Clear (Del)"))
        clear.clicked.connect(self.clear)
        for button in (dice, open_, paste):
            buttons.addWidget(button)
        buttons.addStretch(1)
        buttons.addWidget(clear)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(ElidedLabel(self.tr("as the model sees it"), style="small", role="muted"))
        words.addWidget(self.seen.size_text)
        words.addWidget(self._caption)
        words.addStretch(1)
        words.addLayout(buttons)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.seen)
        row.addLayout(words, 1)
        return row

    def _set_can_draw(self, can_draw: bool) -> None:
        self.pad.set_can_draw(can_draw)
        self.pad.hint = (
            self.tr("Draw here.\nOr drop, paste or open an image.")
            if can_draw
            else self.tr("Drop an image here, paste or open one, or take a validation sample.")
        )
        for tool in (self._pen, self._eraser, self._width):
            tool.setVisible(can_draw)
        self.pad.update()

    def _set_erasing(self, is_erasing: bool) -> None:
        self.pad.is_erasing = is_erasing
        self._pen.setChecked(not is_erasing)
        self._eraser.setChecked(is_erasing)

    def _take_picture(self, image: QImage, *, pixels: Pixels | None, path: str, caption: str) -> None:
        self._path, self._pixels = path, pixels
        self.pad.show_picture(image)
        self._caption.setText(caption)
        self.changed.emit()

    def _choose_file(self) -> None:
        kinds = self.tr("Images") + " (*.png *.jpg *.jpeg *.bmp *.gif *.webp *.tif *.tiff)"
        file = choose_file(self, self.tr("Open an image"), of="images", names=kinds)
        if file:
            self.open_file(file)

    def _on_drawn(self) -> None:
        if self._path or self._pixels is not None:
            self._path, self._pixels = "", None
            self._caption.setText("")
        self.changed.emit()

    def _on_width_changed(self, width: int) -> None:
        self.pad.pen_width = width

    def keyPressEvent(self, event: QKeyEvent) -> None:
        step = {Qt.Key.Key_BracketLeft: -4, Qt.Key.Key_BracketRight: 4}.get(Qt.Key(event.key()))
        if event.matches(QKeySequence.StandardKey.Paste):
            self.paste()
        elif event.key() == Qt.Key.Key_O:
            self._choose_file()
        elif event.key() == Qt.Key.Key_R:
            self.sample_asked.emit()
        elif event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.clear()
        elif event.key() in (Qt.Key.Key_P, Qt.Key.Key_E):
            self._set_erasing(event.key() == Qt.Key.Key_E)
        elif step is not None and self.pad.hasFocus():
            self._width.setValue(self._width.value() + step)
        else:
            super().keyPressEvent(event)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasImage() or any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        files = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if files:
            self.open_file(files[0])
        elif event.mimeData().hasImage():
            image = QImage(event.mimeData().imageData())
            self._take_picture(image, pixels=to_pixels(image), path="", caption=self.tr("dropped picture"))
        event.acceptProposedAction()


def let_paste(panel: QWidget, editor: InputEditor) -> None:
    """An image is pasted wherever in the panel the keyboard is, while the editor is in sight."""
    paste = QShortcut(QKeySequence(QKeySequence.StandardKey.Paste), panel)
    paste.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
    paste.activated.connect(lambda: editor.paste() if isinstance(editor, ImageEditor) and editor.isVisible() else None)


def _read_preview(path: str) -> QImage:
    reader = QImageReader(path)
    reader.setAutoTransform(True)
    size = reader.size()
    if size.width() * size.height() > MAX_PIXELS:
        raise UserError(
            f"{Path(path).name} has {size.width():,} × {size.height():,} pixels; at most {MAX_PIXELS // 1_000_000} "
            "million are read, so make it smaller or choose another."
        )
    if max(size.width(), size.height()) > _LARGEST:
        reader.setScaledSize(size.scaled(QSize(_LARGEST, _LARGEST), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        why = reader.errorString().rstrip(".").lower()
        raise UserError(f"{Path(path).name} cannot be read as an image: {why}; choose another.")
    return image
