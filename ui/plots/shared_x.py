"""What linked plots have in common: the unit and range of x, the crosshair, the step cursor."""

from PySide6.QtCore import QObject, Signal

from ui.plots.axis_map import XUnit

Range = tuple[float, float]


class SharedX(QObject):
    """One horizontal axis for one plot or many; ``range`` None means: follow the data."""

    changed = Signal()
    hover_changed = Signal()
    cursor_changed = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.unit = XUnit.STEP
        self.hover: float | None = None  # axis units
        self.cursor: float | None = None  # a step, whatever the unit
        self._range: Range | None = None
        self._extents: dict[int, Range] = {}

    @property
    def is_following(self) -> bool:
        return self._range is None

    @property
    def extent(self) -> Range:
        """First and last x of all plots' curves; (0, 1) while there is none."""
        low = min((first for first, _ in self._extents.values()), default=0.0)
        high = max((last for _, last in self._extents.values()), default=1.0)
        return (low, high) if high > low else (low, low + 1.0)

    @property
    def range(self) -> Range:
        return self.extent if self._range is None else self._range

    def follow(self) -> None:
        self._range = None
        self.changed.emit()

    def set_range(self, low: float, high: float) -> None:
        """Look at low..high and stop following; kept within one width of the data and wider than rounding errors."""
        first, last = self.extent
        width = min(max(high - low, (last - first) * 1e-7, abs(high) * 1e-12), 3 * (last - first))
        low = min(max(low, first - 0.9 * width), last - 0.1 * width)
        self._range = (low, low + width)
        self.changed.emit()

    def set_unit(self, unit: XUnit) -> None:
        if unit is not self.unit:
            self.unit, self._range, self.hover = unit, None, None
            self._extents.clear()
            self.changed.emit()

    def set_hover(self, x: float | None) -> None:
        if x != self.hover:
            self.hover = x
            self.hover_changed.emit()

    def set_cursor(self, step: float | None) -> None:
        if step != self.cursor:
            self.cursor = step
            self.cursor_changed.emit()

    def set_extent(self, owner: int, extent: Range | None) -> None:
        """A plot tells what its curves span; the others follow at their next redraw."""
        before = self.extent
        if extent is None:
            self._extents.pop(owner, None)
        else:
            self._extents[owner] = extent
        if self.is_following and len(self._extents) > 1 and self.extent != before:
            self.changed.emit()
