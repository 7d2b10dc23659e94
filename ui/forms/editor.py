"""What every editor of a field is: shows a plain value and says what a person makes of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, ClassVar

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QToolButton, QWidget

from modellab.config import FieldSpec
from ui.forms.words import words

ROW_PX, SPACING_PX, GUTTER_PX = 26, 2, 20  # a row and the room below it make the 28 px of the dense grid

Choices = Callable[[str], Sequence[tuple[str, str]]]


class Phase(Enum):
    """How far an edit has come."""

    TYPING = "typing"  # more keys may follow: nothing is asked of a run yet
    STEPPED = "stepped"  # a whole value, though more steps may follow
    FINISHED = "finished"  # Enter, another field, a choice


@dataclass(frozen=True, kw_only=True)
class FormContext:
    """What the parts of one form share. `make_editor` builds the editor of any field, `choices` asks for choices known
    only at run time, `fold_key` is under which what is folded is remembered."""

    make_editor: Callable[[FieldSpec, FormContext], Editor]
    choices: Choices
    fold_key: str = ""


class Editor(QWidget):
    """The editor of one field; paths are below the field, "" for the field itself."""

    edited = Signal(str, object, Phase)
    rows_made = Signal()  # widgets were added: the tab order has to be told anew

    heading: ClassVar[bool] = False  # brings its own heading and takes the whole width

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__()
        self.spec = spec
        self.below: QWidget | None = None  # takes the whole width under the field

    def show_value(self, value: Any) -> None:
        """Show a value that came from elsewhere."""
        raise NotImplementedError

    def tab_widgets(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        raise NotImplementedError

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Mark what is wrong: sentences by path; an empty mapping takes the marks away."""
        for widget in self.tab_widgets():
            set_invalid(widget, is_invalid=bool(problems))

    def show_note(self, path: str, note: str) -> None:
        """Say quietly inside the field what a run uses while that differs from what was asked for."""

    def set_live(self, is_live: bool) -> None:
        """Allow only what may be changed while a run trains."""
        self.setEnabled(not is_live or self.spec.live)

    def set_way_back(self, value: Any) -> None:
        """What the way back of the rows inside leads to: the default, or what a run was started with."""

    def hide_fields(self, paths: frozenset[str]) -> None:
        """Leave out fields that have no meaning here."""

    def update_choices(self, key: str) -> None:
        """The choices of this key have changed."""

    def reveal(self, path: str) -> None:
        """Unfold what hides the field at the path."""

    def _fill(self, *widgets: QWidget) -> None:
        """Lay widgets out in one line, the last one taking the room."""
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(6)
        for widget in widgets:
            row.addWidget(widget, 1 if widget is widgets[-1] else 0)

    def _name(self, widget: QWidget, purpose: str = "") -> None:
        """Tell assistive technology what a widget is for."""
        title = words(self.spec.title)
        widget.setAccessibleName(f"{title}: {purpose}" if purpose else title)
        widget.setAccessibleDescription(words(self.spec.help))


def shrink(button: QToolButton, *, width: int = GUTTER_PX + 2) -> None:
    """Make a bare icon fit a row."""
    button.setIconSize(QSize(13, 13))
    button.setFixedSize(width, GUTTER_PX + 2)
    button.setStyleSheet("QToolButton { padding: 0; }")


def set_invalid(widget: QWidget, *, is_invalid: bool) -> None:
    """Give a widget the look of a wrong value, or take it away."""
    if bool(widget.property("invalid")) != is_invalid:
        widget.setProperty("invalid", is_invalid)
        widget.style().unpolish(widget)
        widget.style().polish(widget)
        widget.update()
