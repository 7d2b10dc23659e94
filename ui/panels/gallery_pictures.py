"""The pictures of the gallery, painted from the data itself when a tile is first seen."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen

from ui.panels.gallery_text_pictures import text_picture
from ui.theme import class_colour, mix, theme
from ui.theme.assets import assets_folder
from ui.theme.icons import icon_pixmap

if TYPE_CHECKING:
    from modellab.presets import Card

Picture = Callable[[QPainter, QRectF], None]

_MAX_POINTS = 320
_GRID = 36  # cells over the height of the plane behind the points
_NUM_LEVELS = 16  # colours of a regression's values
_SHEETS = {"digits": 8, "mnist": 28, "cifar": 32}  # px a side of one image on its sheet
_COLUMNS_BY_ARCHITECTURE = {"linear": 6, "mlp": 8}  # the deeper the network, the smaller the digits


def picture_of(card: Card) -> Picture:
    """The picture that suits a preset; none of its data is read before it is painted."""
    if card.kind == "point":
        return lambda painter, rect: _paint_points(painter, rect, name=card.name)
    if card.kind == "text":
        return text_picture(card.picture, architecture=card.architecture)
    if card.picture in _SHEETS:
        columns = _COLUMNS_BY_ARCHITECTURE.get(card.architecture, 10)
        columns = 8 if card.picture == "cifar" else columns
        return lambda painter, rect: _paint_sheet(painter, rect, name=card.picture, columns=columns)
    if card.picture == "fashion":
        return _paint_clothes
    return icon_picture("layers")


def icon_picture(name: str) -> Picture:
    """A large quiet icon, for what has no data yet."""

    def paint(painter: QPainter, rect: QRectF) -> None:
        size = round(min(64.0, rect.height() * 0.5))
        pixmap = icon_pixmap(name, "muted", size=size, ratio=painter.device().devicePixelRatio())
        painter.drawPixmap(rect.center() - QPointF(size / 2, size / 2), pixmap)

    return paint


def _paint_points(painter: QPainter, rect: QRectF, *, name: str) -> None:
    """The training points over a tint of what their neighbourhood says."""
    import numpy as np

    from modellab.presets import presets

    data = presets()[name].recipe.dataset.load()
    points = np.asarray(data.train.inputs, dtype=np.float32)[:_MAX_POINTS]
    targets = np.asarray(data.train.targets)[:_MAX_POINTS]
    if data.sample.task == "classification":
        colours = [class_colour(index) for index in range(len(data.sample.classes))]
        levels, strength = targets.astype(np.int64), 0.22
    else:
        colours = [_value_colour(step / (_NUM_LEVELS - 1)) for step in range(_NUM_LEVELS)]
        share = (targets - targets.min()) / (float(np.ptp(targets)) or 1.0)
        levels, strength = (share * (_NUM_LEVELS - 1)).round().astype(np.int64), 0.35
    low, high = points.min(0), points.max(0)
    scale = rect.height() / 2 / (float((high - low).max()) * 0.56)
    points = (points - (low + high) / 2) * np.float32(scale) * np.array([1, -1], dtype=np.float32)
    tints = [mix(theme().palette.input, colour, amount=strength) for colour in colours]
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
    painter.drawImage(rect, _neighbourhoods(rect, points=points, levels=levels, tints=tints))
    painter.setPen(Qt.PenStyle.NoPen)
    radius = max(1.5, rect.height() / 72)
    for level, colour in enumerate(colours):
        painter.setBrush(QColor(colour))
        for x, y in points[levels == level].tolist():
            painter.drawEllipse(rect.center() + QPointF(x, y), radius, radius)


def _neighbourhoods(rect: QRectF, *, points: Any, levels: Any, tints: list[str]) -> QImage:
    """A small picture of the tint of the nearest point; `points` [N, 2] from the middle, in pixels, y down."""
    import numpy as np

    height, width = _GRID, round(_GRID * rect.width() / rect.height())
    across = ((np.arange(width) + 0.5) / width - 0.5) * rect.width()
    down = ((np.arange(height) + 0.5) / height - 0.5) * rect.height()
    cells = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2).astype(np.float32)
    far = (points**2).sum(1) - 2 * cells @ points.T  # squared distances but for a constant a cell, [cells, points]
    table = np.array([(int(tint[1:3], 16), int(tint[3:5], 16), int(tint[5:7], 16)) for tint in tints], dtype=np.uint8)
    rgb = np.ascontiguousarray(table[levels[far.argmin(axis=1)]])
    image = QImage(rgb.data, width, height, width * 3, QImage.Format.Format_RGB888)
    smooth = Qt.TransformationMode.SmoothTransformation  # a third the size: the borders come out soft when drawn large
    return image.scaled(width // 3, height // 3, Qt.AspectRatioMode.IgnoreAspectRatio, smooth)


def _paint_sheet(painter: QPainter, rect: QRectF, *, name: str, columns: int) -> None:
    """Images side by side; grey ones as ink in the colour of the text, so that they suit either theme."""
    sheet, side = _sheet(name), _SHEETS[name]
    cut = sheet if name == "cifar" else _inked(sheet)
    cell = rect.width() / columns
    shown = cell / (1.25 if name == "digits" else 1.0)  # the small digits fill their squares to the edge
    rows = max(1, min(sheet.height() // side, round(rect.height() / cell)))
    top = rect.center().y() - rows * cell / 2
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, name != "digits")
    for row in range(rows):
        for column in range(columns):
            place = QPointF(rect.left() + column * cell, top + row * cell) + QPointF(cell - shown, cell - shown) / 2
            source = QRectF(column * side, row * side, side, side)
            painter.drawImage(QRectF(place, QSizeF(shown, shown)), cut, source)


def _inked(grey: QImage) -> QImage:
    """White on black as ink of the text's colour on nothing."""
    mask = grey.convertToFormat(QImage.Format.Format_Grayscale8)
    ink = QImage(mask.size(), QImage.Format.Format_ARGB32)
    ink.fill(theme().colour("text"))
    ink.setAlphaChannel(mask)
    return ink


@cache
def _sheet(name: str) -> QImage:
    path: Path = assets_folder() / "presets" / f"{name}.png"
    image = QImage(str(path))
    assert not image.isNull(), f"cannot read {path}"
    return image


# Outlines in a square of 10 x 10: shirt, trousers, dress, bag, shoe.
_CLOTHES = (
    ((3, 1), (4.2, 2), (5.8, 2), (7, 1), (9.6, 3), (8.4, 5), (7.4, 4.3), (7.4, 9.3), (2.6, 9.3), (2.6, 4.3), (1.6, 5),
     (0.4, 3)),
    ((2.8, 0.8), (7.2, 0.8), (8, 9.4), (5.8, 9.4), (5, 3.8), (4.2, 9.4), (2, 9.4)),
    ((3.6, 0.6), (4.4, 2), (5.6, 2), (6.4, 0.6), (6.8, 4.2), (8.6, 9.4), (1.4, 9.4), (3.2, 4.2)),
    ((1, 4), (3, 4), (3.4, 2), (6.6, 2), (7, 4), (9, 4), (9, 9), (1, 9)),
    ((0.8, 4), (2.6, 3.2), (4.6, 5.6), (8.2, 6.4), (9.4, 7.6), (9.4, 8.6), (0.8, 8.6)),
)  # fmt: skip


def _paint_clothes(painter: QPainter, rect: QRectF) -> None:
    """Shirts, trousers, bags and shoes in shades of grey."""
    side = rect.height() / 2.35
    columns = int(rect.width() // side) + 1
    left = rect.center().x() - columns * side / 2
    palette = theme().palette
    painter.setPen(QPen(QColor(palette.input), 1.5))
    for row in range(3):
        for column in range(columns):
            outline = _CLOTHES[(column + 2 * row) % len(_CLOTHES)]
            shade = (0.55, 0.8, 0.35, 0.68)[(3 * column + row) % 4]
            painter.setBrush(QColor(mix(palette.input, palette.text, amount=shade)))
            origin = QPointF(left + column * side + side * 0.1, rect.top() + row * side - side * 0.28)
            path = QPainterPath(origin + QPointF(*outline[0]) * (side * 0.08))
            for x, y in outline[1:]:
                path.lineTo(origin + QPointF(x, y) * (side * 0.08))
            path.closeSubpath()
            painter.drawPath(path)


def _value_colour(share: float) -> str:
    """0 blue, 1 orange, as the two classes; the middle pale."""
    pale = mix(theme().palette.input, theme().palette.text, amount=0.35)
    end = class_colour(0 if share < 0.5 else 1)
    return mix(pale, end, amount=min(1.0, abs(share - 0.5) * 2))
