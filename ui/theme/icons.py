"""Icons of one family, drawn from SVG when first painted, in the colours of the theme then in force."""

from functools import cache

from PySide6.QtCore import QByteArray, QPoint, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QIconEngine, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from ui.theme.assets import assets_folder
from ui.theme.state import theme

_pixmaps: dict[tuple[str, str, int, int, float], QPixmap] = {}
# Qt clones an icon's engine where an icon is added to, which is rare; Python would free the clone under its hands.
_clones: list[QIconEngine] = []


def icon(name: str, role: str = "text", *, checked_role: str = "") -> QIcon:
    """The icon of this name in a colour of the palette; it follows the theme without being told.

    ``checked_role`` is the colour while its button or action is checked. An unknown name is a mistake of ours.
    """
    assert name in icon_names(), f"no icon is named {name!r}"
    return QIcon(_ThemedIcon(name, role, checked_role=checked_role or role))


def icon_pixmap(name: str, role: str = "text", *, size: int = 16, ratio: float = 1.0) -> QPixmap:
    """A square pixmap of ``size`` logical pixels for painting by hand; ``ratio`` is the device's pixel ratio."""
    pixels = round(size * ratio)
    return _rendered(name, getattr(theme().palette, role), width=pixels, height=pixels, ratio=ratio)


@cache
def icon_names() -> frozenset[str]:
    """Every name that ``icon`` knows."""
    return frozenset(path.stem for path in (assets_folder() / "icons").glob("*.svg"))


@cache
def program_icon() -> QIcon:
    """Model Lab's own icon, at the sizes desktops ask for."""
    renderer = QSvgRenderer(str(assets_folder() / "model-lab.svg"))
    result = QIcon()
    for size in (16, 24, 32, 48, 64, 128, 256):
        pixmap = QPixmap(size, size)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        renderer.render(painter)
        painter.end()
        result.addPixmap(pixmap)
    return result


class _ThemedIcon(QIconEngine):
    """Looks the colour up each time it is asked to paint, so that a changed theme needs no new icon."""

    def __init__(self, name: str, role: str, *, checked_role: str) -> None:
        super().__init__()
        self._name = name
        self._role = role
        self._checked_role = checked_role

    def clone(self) -> QIconEngine:
        copy = _ThemedIcon(self._name, self._role, checked_role=self._checked_role)
        _clones.append(copy)
        return copy

    def paint(self, painter: QPainter, rect: QRect, mode: QIcon.Mode, state: QIcon.State) -> None:
        ratio = painter.device().devicePixelRatio()
        painter.drawPixmap(rect, self.scaledPixmap(rect.size(), mode, state, ratio))

    def pixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State) -> QPixmap:
        return self.scaledPixmap(size, mode, state, 1.0)

    def scaledPixmap(self, size: QSize, mode: QIcon.Mode, state: QIcon.State, scale: float) -> QPixmap:
        """``size`` is in logical pixels, ``scale`` the device's pixel ratio."""
        role = self._checked_role if state == QIcon.State.On else self._role
        if mode == QIcon.Mode.Disabled:
            role = "faint"
        colour = getattr(theme().palette, role)
        width, height = round(size.width() * scale), round(size.height() * scale)
        if width < 1 or height < 1:  # the style asks so for a tab that has no room
            return QPixmap()
        return _rendered(self._name, colour, width=width, height=height, ratio=scale)


def _rendered(name: str, colour: str, *, width: int, height: int, ratio: float) -> QPixmap:
    key = (name, colour, width, height, ratio)
    if key not in _pixmaps:
        pixmap = QPixmap(width, height)
        pixmap.fill(Qt.GlobalColor.transparent)
        painter = QPainter(pixmap)
        side = min(width, height)
        square = QRectF((width - side) / 2, (height - side) / 2, side, side)
        QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode())).render(painter, square)
        painter.end()
        pixmap.setDevicePixelRatio(ratio)
        _pixmaps[key] = pixmap
    return _pixmaps[key]


@cache
def _source(name: str) -> str:
    return (assets_folder() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def draw_icon(painter: QPainter, name: str, at: QPoint, *, role: str = "text", size: int = 16) -> None:
    """Paint an icon with its top left corner at ``at``."""
    painter.drawPixmap(at, icon_pixmap(name, role, size=size, ratio=painter.device().devicePixelRatio()))
