"""Banners over the views: one sentence each, the newest on top, at most three, of which one is passing information."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QEvent, QObject, QRect, QTimer
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from ui.widgets.banner import Banner, Severity

_MOST = 3
_INFO_MS = 8000
_OFFER_MS = 20_000  # with something to press
_WIDEST_PX, _MARGIN_PX, _LEAST_STRIP_PX = 720, 8, 420
_SEVERITIES: Mapping[str, Severity] = {"info": "info", "warning": "warn", "error": "error", "good": "good"}


class Messages(QWidget):
    """Shows what the session says, over the page: nothing moves for it. The same sentence is never there twice."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._page: QWidget | None = None
        self._strip: Callable[[], QRect] = QRect
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._banners: dict[str, Banner] = {}
        self._passing: set[str] = set()  # information, of which one at a time is enough
        self.setVisible(False)

    def lie_over(self, page: QWidget, *, strip: Callable[[], QRect] = QRect) -> None:
        """Stand at the right of this page, on its empty strip where it has one, else at its bottom.

        strip: where nothing stands that one reads, in the page's own place; empty where there is none.
        """
        self._page, self._strip = page, strip
        self.setParent(page.parentWidget())
        page.installEventFilter(self)
        self.find_place()

    def say(
        self,
        level: str,
        sentence: str,
        *,
        actions: Mapping[str, tuple[str, Callable[[], object]]] | None = None,
        stays: bool = False,
    ) -> None:
        """Show a sentence; `actions`: key -> (word on the button, what it does). Information leaves by itself, unless
        it `stays` until it is withdrawn."""
        if not sentence or sentence in self._banners:
            return
        is_passing = level == "info" and not stays
        if is_passing:
            for told in list(self._passing):
                self.withdraw(told)
            self._passing.add(sentence)
        while len(self._banners) >= _MOST:
            self.withdraw(next(iter(self._banners)))
        words = [(key, text) for key, (text, _) in (actions or {}).items()]
        banner = Banner(sentence, severity=_SEVERITIES.get(level, "info"), actions=words)
        banner.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)  # a narrow one has more lines
        banner.closed.connect(lambda: self.withdraw(sentence))
        banner.action_chosen.connect(lambda key: self._on_action_chosen(sentence, (actions or {})[key][1]))
        self._banners[sentence] = banner
        self._column.insertWidget(0, banner)
        self.setVisible(True)
        self.find_place()
        if is_passing:
            stays_ms = _OFFER_MS if actions else _INFO_MS
            QTimer.singleShot(stays_ms, banner, lambda: self.withdraw(sentence))

    def withdraw(self, sentence: str) -> None:
        """Take a sentence back."""
        self._passing.discard(sentence)
        banner = self._banners.pop(sentence, None)
        if banner is not None:
            self._column.removeWidget(banner)
            banner.deleteLater()
        self.setVisible(bool(self._banners))
        self.find_place()

    def sentences(self) -> list[str]:
        """What is shown now."""
        return list(self._banners)

    def find_place(self) -> None:
        """Stand where there is room now; to be called when the strip has changed."""
        if self._page is None:
            return
        place, strip = self._page.geometry(), self._strip()
        if strip.width() < _LEAST_STRIP_PX:
            strip = self._page.rect().adjusted(_MARGIN_PX, 0, -_MARGIN_PX, -_MARGIN_PX)
        width = min(_WIDEST_PX, strip.width())
        height = self._column.heightForWidth(width) if self._column.hasHeightForWidth() else self.sizeHint().height()
        # What is higher than the strip, as several sentences are, reaches up over the views.
        self.setGeometry(
            place.x() + strip.right() + 1 - width, max(0, place.y() + strip.bottom() + 1 - height), width, height
        )
        self.raise_()

    def event(self, event: QEvent) -> bool:
        """A banner knows its height only when its style has been applied."""
        if event.type() == QEvent.Type.LayoutRequest:
            self.find_place()
        return super().event(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if watched is self._page and event.type() in (QEvent.Type.Resize, QEvent.Type.Move):
            self.find_place()
            QTimer.singleShot(0, self, self.find_place)  # the strip finds its own place after its page
        return False

    def _on_action_chosen(self, sentence: str, do: Callable[[], object]) -> None:
        self.withdraw(sentence)
        do()
