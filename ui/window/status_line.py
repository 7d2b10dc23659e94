"""The status bar: device, throughput, memory, time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStatusBar, QWidget

from ui.widgets.labels import TextLabel

if TYPE_CHECKING:
    from ui.lab.run_model import RunModel


def clock(seconds: float) -> str:
    """Seconds as 0:06, 12:34 or 1:02:03."""
    whole = round(seconds)
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def duration(seconds: float) -> str:
    """Seconds as 0.4 s, 12 s, 3 min or 2.5 h."""
    if seconds < 1:
        return f"{seconds:.1f} s"
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def amount(num_bytes: float) -> str:
    """Bytes as 12.3 MB (1 MB = 10^6 bytes)."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if num_bytes >= size:
            return f"{num_bytes / size:.1f} {unit}"
    return f"{num_bytes:.0f} B"


class StatusLine(QStatusBar):
    """Four numbers of the current run in places that do not move."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._device = self._add(self.tr("Where the run trains"), 0)
        self._speed = self._add(self.tr("Training examples a second, over the last moments"), 130)
        self._memory = self._add(self.tr("Memory the trainer holds on its device"), 110)
        self._left = self._add(self.tr("Training time so far, and the time left at this speed"), 150)

    def show_run(self, run: RunModel | None) -> None:
        """Show the newest numbers."""
        started = run.started if run else None
        self._device.setText(started.device_name if started else "")
        is_training = run is not None and run.status == "training"
        speed = run.samples_per_second if run and is_training else 0.0
        self._speed.setText(self.tr("{0} samples/s").format(f"{speed:,.0f}") if speed else "")
        self._memory.setText(self.tr("{0} memory").format(amount(run.memory_bytes)) if run and run.memory_bytes else "")
        left = run.seconds_left() if run and is_training else None
        spent = clock(run.seconds) if run and run.seconds else ""
        self._left.setText(self.tr("{0} · {1} left").format(spent, clock(left)) if left is not None else spent)

    def _add(self, tip: str, width: int) -> TextLabel:
        label = TextLabel("", role="muted")
        label.setToolTip(tip)
        label.setMinimumWidth(width)
        self.addPermanentWidget(label)
        return label
