"""Takes a view's picture and numbers out of the window: the clipboard, PNG, SVG and CSV, behind one "…" button."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeVar

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QPoint, QRect, QSize, Signal
from PySide6.QtGui import QGuiApplication, QImage, QImageWriter, QPainter, QRegion
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QFileDialog, QMenu, QToolButton, QWidget

from modellab.errors import UserError
from modellab.runs.atomic import write_bytes
from ui.lab.background import in_background
from ui.lab.session import Level
from ui.theme import theme
from ui.theme.icons import icon
from ui.widgets.buttons import IconButton
from ui.widgets.choose_path import remembered, start_folder

FileKind = Literal["png", "svg", "csv"]
Drawn = TypeVar("Drawn")
_PNG_RATIO = 2.0  # so that a picture put into a paper or a slide stays sharp
_MARGIN_PX = 12  # around a picture
_NO_PICTURE = "is_no_picture"


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """The numbers behind a picture; rows may be any iterable and are read once."""

    columns: Sequence[str]
    rows: Iterable[Sequence[object]]


class ExportButton(IconButton):
    """The "…" at a view's top right corner.

    picture: the widget that is drawn, without its controls (`keep_out`). table: its numbers, asked for when they are
    wanted; None when there are none. file_name: a name to begin with, without its ending. say: tells a person, as
    `Session.say`.
    """

    drawing = Signal(bool)  # whether the picture is being drawn: hints of what can be clicked stay out of it

    def __init__(
        self,
        *,
        picture: QWidget,
        table: Callable[[], Table | None],
        file_name: Callable[[], str],
        say: Callable[[Level, str], object],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("dots", "", parent=parent)
        tooltip = self.tr("Export: copy or save the picture and its numbers")
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self._picture = picture
        self._table = table
        self._file_name = file_name
        self._say = say
        menu = QMenu(self)
        menu.addAction(icon("copy"), self.tr("Copy picture"), self.copy_picture)
        menu.addAction(icon("copy"), self.tr("Copy numbers (CSV)"), self.copy_table)
        menu.addSeparator()
        menu.addAction(icon("image"), self.tr("Save as PNG…"), lambda: self._ask_for_file("png"))
        menu.addAction(icon("image"), self.tr("Save as SVG…"), lambda: self._ask_for_file("svg"))
        self._csv = menu.addAction(icon("table"), self.tr("Save numbers as CSV…"), lambda: self._ask_for_file("csv"))
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)

    def offer_table(self, title: str, table: Callable[[], Table | None], *, name: str) -> None:
        """One more entry: other numbers, in a file of that name."""
        self.menu().addAction(icon("table"), title, lambda: self._ask_for_file("csv", table=table, file_name=name))

    def name_numbers(self, title: str) -> None:
        """What the numbers of the picture are, as its entry says it."""
        self._csv.setText(title)

    def copy_picture(self) -> None:
        """Put the picture on the clipboard."""
        image = self._taken(lambda: picture_of(self._picture))
        QGuiApplication.clipboard().setImage(image)
        told = self.tr("The picture is on the clipboard, {0} × {1} pixels.")
        self._say("info", told.format(image.width(), image.height()))

    def copy_table(self) -> None:
        """Put the numbers on the clipboard as CSV."""
        table = self._table()
        if table is None:
            self._say_nothing_is_there()
        else:
            QGuiApplication.clipboard().setText(csv_text(table))
            self._say("info", self.tr("The numbers are on the clipboard, as CSV."))

    def save(self, path: Path, kind: FileKind, *, table: Callable[[], Table | None] | None = None) -> None:
        """Write one file; drawn here, encoded and written on another thread."""
        work: Callable[[], None]
        if kind == "png":
            image = self._taken(lambda: picture_of(self._picture))
            work = lambda: write_bytes(path, png_bytes(image), durable=False)  # noqa: E731
        elif kind == "svg":
            drawn = self._taken(lambda: svg_bytes(self._picture, title=self._file_name()))
            work = lambda: write_bytes(path, drawn, durable=False)  # noqa: E731
        else:
            numbers = (table or self._table)()
            if numbers is None:
                self._say_nothing_is_there()
                return
            work = lambda: write_bytes(path, csv_text(numbers).encode(), durable=False)  # noqa: E731
        saved = self.tr("Saved {file}.").format(file=path)
        in_background(work, lambda _: self._say("info", saved), on_problem=lambda error: self._say_failed(path, error))

    def _taken(self, draw: Callable[[], Drawn]) -> Drawn:
        self.drawing.emit(True)
        try:
            return draw()
        finally:
            self.drawing.emit(False)

    def _ask_for_file(
        self, kind: FileKind, *, table: Callable[[], Table | None] | None = None, file_name: str = ""
    ) -> None:
        dialog = QFileDialog(self.window(), self.tr("Save as {kind}").format(kind=kind.upper()))
        dialog.setDirectory(start_folder("exports"))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setNameFilter(f"{kind.upper()} (*.{kind})")
        dialog.setDefaultSuffix(kind)
        dialog.selectFile(f"{safe_file_name(file_name or self._file_name())}.{kind}")
        dialog.fileSelected.connect(lambda path: self.save(Path(remembered(path, of="exports")), kind, table=table))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _say_nothing_is_there(self) -> None:
        self._say("info", self.tr("There are no numbers to export yet."))

    def _say_failed(self, path: Path, error: UserError) -> None:
        self._say("error", self.tr("{file} could not be written: {why}").format(file=path, why=error.message))


def keep_out(widget: QWidget) -> None:
    """Leave a part with buttons and sliders out of pictures."""
    widget.setProperty(_NO_PICTURE, True)


def picture_of(widget: QWidget, *, ratio: float = _PNG_RATIO) -> QImage:
    """The widget as it stands, on the panel's colour, at `ratio` pixels a logical pixel."""
    image = QImage(widget.size() * ratio, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(theme().colour("panel"))
    painter = QPainter(image)
    _draw(widget, painter)
    painter.end()
    return _with_margin(image, ratio)


def _with_margin(image: QImage, ratio: float) -> QImage:
    margin = round(_MARGIN_PX * ratio)
    framed = QImage(image.size() + QSize(2 * margin, 2 * margin), image.format())
    framed.fill(theme().colour("panel"))
    framed.setDevicePixelRatio(ratio)
    painter = QPainter(framed)
    painter.drawImage(QPoint(_MARGIN_PX, _MARGIN_PX), image)
    painter.end()
    return framed


def png_bytes(image: QImage) -> bytes:
    """The image as a PNG file."""
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, QByteArray(b"png"))
    assert writer.write(image), writer.errorString()
    return bytes(encoded.data())


def svg_bytes(widget: QWidget, *, title: str = "") -> bytes:
    """The widget as an SVG file: text and shapes as such, images embedded."""
    encoded = QByteArray()
    buffer = QBuffer(encoded)
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    frame = QRect(QPoint(), widget.size()).adjusted(-_MARGIN_PX, -_MARGIN_PX, _MARGIN_PX, _MARGIN_PX)
    generator.setSize(frame.size())
    generator.setViewBox(frame)
    generator.setTitle(title)
    painter = QPainter(generator)
    painter.fillRect(frame, theme().colour("panel"))
    _draw(widget, painter)
    painter.end()
    return bytes(encoded.data())


def csv_text(table: Table) -> str:
    """The table as CSV (RFC 4180) with a heading."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows)
    return text.getvalue()


def safe_file_name(name: str) -> str:
    """The name without what some file system does not take."""
    return re.sub(r"[^\w.\-]+", "-", name).strip("-.") or "picture"


def _draw(widget: QWidget, painter: QPainter) -> None:
    region = QRegion(widget.rect())
    for part in widget.findChildren(QWidget):
        if part.property(_NO_PICTURE) and part.isVisibleTo(widget):
            region -= QRegion(QRect(part.mapTo(widget, QPoint()), part.size()))
    widget.render(painter, region.boundingRect().topLeft(), region, QWidget.RenderFlag.DrawChildren)
