"""Buttons: the one primary action, quiet ones, and bare icons."""

from collections.abc import Sequence

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QPushButton, QToolButton, QWidget

from ui.theme import font
from ui.theme.icons import icon

_BARE_ICON = QSize(16, 16)
# Wider than the glyph: Qt sets only 4 px between an icon and its text.
_ICON_BESIDE_TEXT = QSize(22, 16)


class PrimaryButton(QPushButton):
    """The main action; its word says what it will do now, and its width is that of its longest word."""

    def __init__(
        self, text: str, *, icon_name: str = "", all_texts: Sequence[str] = (), parent: QWidget | None = None
    ) -> None:
        super().__init__(text, parent)
        self.setProperty("variant", "primary")
        self.setFont(font("strong"))
        self.setIconSize(_ICON_BESIDE_TEXT)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._all_texts = (text, *all_texts)
        self.set_action(text, icon_name=icon_name)

    def set_action(self, text: str, *, icon_name: str = "") -> None:
        """Show another word (and icon): Start, Pause, Resume."""
        self.setText(text)
        self.setAccessibleName(text)
        if icon_name:
            self.setIcon(icon(icon_name, "on_accent"))

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        measure = self.fontMetrics().horizontalAdvance
        return hint + QSize(max(map(measure, self._all_texts)) - measure(self.text()), 0)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class QuietButton(QPushButton):
    """A secondary action: ``variant`` is "" (raised), "ghost", "link" or "danger"."""

    def __init__(self, text: str, *, variant: str = "", icon_name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setProperty("variant", variant)
        self.setIconSize(_ICON_BESIDE_TEXT)
        self.setAccessibleName(text)
        if icon_name:
            self.setIcon(icon(icon_name, {"danger": "bad", "link": "link"}.get(variant, "text")))


class IconButton(QToolButton):
    """A bare icon; what it does is its tooltip and its accessible name."""

    def __init__(
        self, icon_name: str, tooltip: str, *, role: str = "muted", is_checkable: bool = False,
        parent: QWidget | None = None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.setIcon(icon(icon_name, role, checked_role="accent" if is_checkable else ""))
        self.setIconSize(_BARE_ICON)
        self.setCheckable(is_checkable)
        self.setToolTip(tooltip)
        self.setAccessibleName(tooltip)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
