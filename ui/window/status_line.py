"""The status bar: device, throughput, memory, time left."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QStatusBar, QWidget

from ui.widgets.labels import SteadyLabel

if TYPE_CHECKING:
    from ui.lab.run_model import RunModel


def clock(seconds: float) -> str:
    """Seconds as 0:06, 12:34 or 1:02:03."""
    whole = int(seconds)  # as the table of runs has it
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def amount(num_bytes: float) -> str:
    """Bytes as 12.3 MB (1 MB = 10^6 bytes)."""
    for unit, size in (("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if num_bytes >= size:
            return f"{num_bytes / size:.1f} {unit}"
    return f"{num_bytes:.0f} B"


class StatusLine(QStatusBar):
    """Four numbers of the current run, at the right; none moves the others when it changes."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self._run_id = ""
        line = QWidget()
        self._row = QHBoxLayout(line)
        self._row.setContentsMargins(0, 0, 12, 0)
        self._row.setSpacing(20)
        self._device = self._add(self.tr("Where the run trains"))
        self._speed = self._add(self.tr("Training examples a second, over the last moments"))
        self._memory = self._add(self.tr("Memory the trainer holds on its device"))
        self._left = self._add(self.tr("Training time so far, and the time left at this speed"))
        self.addPermanentWidget(line)

    def show_run(self, run: RunModel | None) -> None:
        """Show the newest numbers."""
        started = run.started if run else None
        is_training = run is not None and run.status == "training"
        speed = run.samples_per_second if run and is_training else 0.0
        left = run.seconds_left() if run and is_training else None
        spent = clock(run.seconds) if run and run.seconds else ""
        is_other = (run.id if run else "") != self._run_id
        self._run_id = run.id if run else ""
        for label, text in (
            (self._device, started.device_name if started else ""),
            (self._speed, self.tr("{0} samples/s").format(f"{speed:,.0f}") if speed else ""),
            (self._memory, self.tr("{0} memory").format(amount(run.memory_bytes)) if run and run.memory_bytes else ""),
            (self._left, self.tr("{0} · {1} left").format(spent, clock(left)) if left is not None else spent),
        ):
            self._show(label, text, may_narrow=is_other or not is_training)

    def _show(self, label: SteadyLabel, text: str, *, may_narrow: bool) -> None:
        """A place grows with its number and stays as wide while the run trains."""
        if may_narrow:
            label.set_narrow(text)
        else:
            label.setText(text)
        label.setVisible(bool(text) or not may_narrow)

    def _add(self, tip: str) -> SteadyLabel:
        label = SteadyLabel()
        label.setToolTip(tip)
        label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._row.addWidget(label)
        return label
