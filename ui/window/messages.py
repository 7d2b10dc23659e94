"""Banners over the views: one sentence each, the newest on top, at most three."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ui.widgets.banner import Banner, Severity

_MOST = 3
_INFO_MS = 8000
_SEVERITIES: Mapping[str, Severity] = {"info": "info", "warning": "warn", "error": "error", "good": "good"}


class Messages(QWidget):
    """Shows what the session says; the same sentence is never there twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._banners: dict[str, Banner] = {}
        self.setVisible(False)

    def say(
        self, level: str, sentence: str, *, actions: Mapping[str, tuple[str, Callable[[], object]]] | None = None
    ) -> None:
        """Show a sentence; `actions`: key -> (word on the button, what it does). Information leaves by itself."""
        if not sentence or sentence in self._banners:
            return
        while len(self._banners) >= _MOST:
            self.withdraw(next(iter(self._banners)))
        words = [(key, text) for key, (text, _) in (actions or {}).items()]
        banner = Banner(sentence, severity=_SEVERITIES.get(level, "info"), actions=words)
        banner.closed.connect(lambda: self.withdraw(sentence))
        banner.action_chosen.connect(lambda key: self._on_action_chosen(sentence, (actions or {})[key][1]))
        self._banners[sentence] = banner
        self._column.insertWidget(0, banner)
        self.setVisible(True)
        if level == "info" and not actions:
            QTimer.singleShot(_INFO_MS, banner, lambda: self.withdraw(sentence))

    def withdraw(self, sentence: str) -> None:
        """Take a sentence back."""
        banner = self._banners.pop(sentence, None)
        if banner is not None:
            self._column.removeWidget(banner)
            banner.deleteLater()
        self.setVisible(bool(self._banners))

    def sentences(self) -> list[str]:
        """What is shown now."""
        return list(self._banners)

    def _on_action_chosen(self, sentence: str, do: Callable[[], object]) -> None:
        self.withdraw(sentence)
        do()
