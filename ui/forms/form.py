"""A form made from a config class alone: one editor a field, checked while one types."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modellab.config import Config, field_specs
from modellab.errors import UserError
from ui.forms.checks import Findings, examine, short_sentence, spec_at
from ui.forms.editor import Choices, FormContext, Phase
from ui.forms.factory import make_editor
from ui.forms.numbers import shown
from ui.forms.rows import Rows, Section
from ui.forms.undo import EditCommand
from ui.forms.values import below, default_values, joined, plain, value_at, with_value
from ui.forms.words import shown_value, words
from ui.widgets.labels import TextLabel

_GEOMETRY = """
QLineEdit { padding: 2px 8px; }
QLineEdit:focus { padding: 1px 7px; }
QComboBox { padding: 2px 2px 2px 8px; }
QComboBox:focus, QComboBox:on { padding: 1px 1px 1px 7px; }
QLineEdit:disabled, QComboBox:disabled { color: palette(placeholder-text); }
"""


class ConfigForm(QWidget):
    """Edits plain values of a config class; what is wrong is marked, what is right stays.

    at: dotted path of the config in a recipe, for the fields that errors name. sections: the order and folding of
    fields. choices: asked for the (value, label) pairs of a `choices_from` key. undo_stack: takes every edit.
    """

    changed = Signal()
    validity_changed = Signal(bool)
    live_change_asked = Signal(str, object)  # path below the form, plain value
    rows_made = Signal()  # the tab order has to be told anew

    def __init__(
        self,
        kind: type[Config],
        *,
        values: Mapping[str, Any] | None = None,
        at: str = "",
        sections: Sequence[Section] = (),
        choices: Choices | None = None,
        undo_stack: QUndoStack | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setStyleSheet(_GEOMETRY)
        self._kind, self._at = kind, at
        self._undo_stack = undo_stack
        self._burst = 0
        self._is_editing = False
        self._values = {**default_values(kind), **plain(dict(values or {}))}
        self._findings: Findings[Config] = examine(kind, self._values, at=at)
        self._marks: dict[str, UserError] = {}
        self._touched: set[str] = set()  # paths that a person edited
        self._is_live = False
        self._at_start: dict[str, Any] = {}  # the run's own values: what it uses where nothing else was applied
        self._asked: dict[str, Any] = {}
        self._applied: dict[str, Any] = {}
        context = FormContext(make_editor=make_editor, choices=choices or _no_choices, fold_key=kind.__name__)
        self._rows = Rows(kind, context=context, sections=sections)
        self._rows.edited.connect(self._on_edited)
        self._rows.reset_all_asked.connect(self.reset_all)
        self._rows.rows_made.connect(self._on_rows_made)
        self._rows.remedy_asked.connect(self._on_remedy_asked)
        self._whole = TextLabel(style="small", role="bad")
        self._whole.setWordWrap(True)
        self._whole.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2)
        column.addWidget(self._rows)
        column.addWidget(self._whole)
        self._rows.show_values(self._values)
        self._show_problems()

    def config(self) -> Config:
        """The config.

        Raises:
            UserError: a value is wrong; the first, in the order of the fields.
        """
        if self._findings.config is None:
            raise next(iter(self._findings.errors.values()))
        return self._findings.config

    def values(self) -> dict[str, Any]:
        """The plain values as they stand, wrong ones included."""
        return cast("dict[str, Any]", plain(self._values))

    def set_values(self, values: Mapping[str, Any]) -> None:
        """Show other values; what is missing gets its default. This is no edit: it cannot be undone here."""
        self._burst += 1
        self._take({**default_values(self._kind), **plain(dict(values))})

    def set_value(self, path: str, value: Any) -> None:
        """Edit one field as a person would, undo included."""
        self._edit(path, value, Phase.FINISHED)

    def error(self) -> UserError | None:
        """The first thing wrong, found here or marked from outside."""
        return next(iter([*self._findings.errors.values(), *self._marks.values()]), None)

    def is_valid(self) -> bool:
        return self.error() is None

    def mark(self, error: UserError) -> None:
        """Show beside its field what somebody else found wrong; it goes with the next edit."""
        path = _below(error.field, self._at)
        was_valid = self.is_valid()
        self._marks[path] = error
        self._rows.reveal(path)
        self._show_problems()
        self._tell_validity(was_valid)

    def clear_marks(self) -> None:
        """Take away what `mark` showed."""
        if self._marks:
            was_valid = self.is_valid()
            self._marks.clear()
            self._show_problems()
            self._tell_validity(was_valid)

    def reset_all(self) -> None:
        """Every field back to its default, as one edit; of a run that trains, to what it was started with."""
        if self._is_live:
            for spec in field_specs(self._kind):
                if spec.live:
                    self._edit(spec.name, self._at_start[spec.name], Phase.FINISHED)
            return
        self._edit("", default_values(self._kind), Phase.FINISHED)

    def hide_fields(self, paths: frozenset[str]) -> None:
        """Leave out fields that have no meaning here; their values stay."""
        self._rows.hide_fields(paths)

    def update_choices(self, key: str) -> None:
        """Ask for the choices of this key again."""
        self._rows.update_choices(key)

    def tab_widgets(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return self._rows.tab_widgets()

    def editor_of(self, path: str) -> QWidget | None:
        """The widget that takes the keyboard for a top field, None while it was never seen."""
        row = self._rows.row(path)
        return row.editor.tab_widgets()[-1 if row.spec.optional else 0] if row else None

    def set_live(self, is_live: bool, applied: Mapping[str, Any] | None = None) -> None:
        """Enter or leave the mode in which only live fields may be changed; `applied`: what the run uses, by path.

        Said again while live, it tells what is applied by now; what was asked for and is not applied yet stays.
        """
        if is_live != self._is_live:
            self._is_live = is_live
            self._at_start = self.values()
            for path in self._asked:
                self._rows.show_note(path, "")
            self._asked.clear()
            self._applied.clear()
            self._rows.set_live(is_live)
            self._rows.set_ways_back(self._at_start if is_live else None)
        for path, value in (applied or {}).items():
            self.set_applied(path, value)

    def set_applied(self, path: str, value: Any) -> None:
        """The run now uses this value; a field nobody asked a change of follows it."""
        self._applied[path] = value
        if path in self._asked and self._asked[path] != value:
            self._show_note(path)
            return
        self._asked.pop(path, None)
        self._rows.show_note(path, "")
        if value_at(self._values, path) != value and path not in self._findings.errors:
            self._place(path, value)

    def _on_edited(self, path: str, value: Any, phase: Phase) -> None:
        self._touched.add(path)
        self._edit(path, value, phase)

    def _edit(self, path: str, value: Any, phase: Phase) -> None:
        old = value_at(self._values, path) if path else self._values
        value = plain(value)
        if old != value or type(old) is not type(value):
            if self._undo_stack is None:
                self._place(path, value)
            else:
                spec = spec_at(self._kind, path)
                text = self.tr("change of {0}").format(words(spec.title) if spec else self.tr("all options"))
                self._is_editing = True  # the push does the edit
                self._undo_stack.push(
                    EditCommand(text, place=self._replay, path=path, old=old, new=value, burst=self._burst)
                )
                self._is_editing = False
        if phase is Phase.FINISHED:
            self._burst += 1
        if phase is not Phase.TYPING:
            self._ask_live(path)

    def _replay(self, path: str, value: Any) -> None:
        """An edit done, undone or done again."""
        self._place(path, value)
        if not self._is_editing:
            self._ask_live(path)

    def _place(self, path: str, value: Any) -> None:
        self._take(with_value(self._values, path, plain(value)))

    def _take(self, values: dict[str, Any]) -> None:
        was_valid = self.is_valid()
        is_other = values != self._values
        self._values = values
        self._marks.clear()
        self._findings = examine(self._kind, values, at=self._at)
        self._rows.show_values(values)
        self._show_problems()
        self._tell_validity(was_valid)
        if is_other:
            self.changed.emit()

    def _show_problems(self) -> None:
        errors = {**self._marks, **self._findings.errors}
        problems = {path: short_sentence(error) for path, error in errors.items() if not self._is_still_to_choose(path)}
        self._rows.show_problems(problems)
        remedies = {path: self._words_for(_remedy(error, self._at)) for path, error in self._marks.items()}
        self._rows.show_remedies(remedies)
        placed = {path for path in problems if path and spec_at(self._kind, path) is not None}
        whole = " ".join(problems[path] for path in problems if path not in placed)
        self._whole.setText(whole)
        self._whole.setVisible(bool(whole))

    def _is_still_to_choose(self, path: str) -> bool:
        """Whether it is a file that nobody had the time to choose: no mistake yet, though nothing can start."""
        spec = spec_at(self._kind, path) if path else None
        is_path = spec is not None and bool(spec.path)
        return is_path and not value_at(self._values, path) and path not in self._touched

    def _words_for(self, remedy: Mapping[str, Any]) -> str:
        """What a remedy's values are called, with the name of the option: "Bad rows: left out"."""
        found = [(spec_at(self._kind, path), value) for path, value in remedy.items()]
        told = [f"{words(spec.title)}: {shown_value(spec, value)}" for spec, value in found if spec is not None]
        return ", ".join(told)

    def _on_remedy_asked(self, path: str) -> None:
        for name, value in _remedy(self._marks[path], self._at).items():
            self.set_value(name, value)

    def _tell_validity(self, was_valid: bool) -> None:
        if self.is_valid() != was_valid:
            self.validity_changed.emit(self.is_valid())

    def _ask_live(self, path: str) -> None:
        """Ask the run for a change, unless the value is wrong or what it was asked for already."""
        spec = spec_at(self._kind, path)
        if not self._is_live or spec is None or not spec.live or path in self._findings.errors:
            return
        value = value_at(self._values, path)
        if spec.config is not None and isinstance(value, Mapping):  # a run knows each option of a group by itself
            for inner in field_specs(spec.config):
                self._ask_live(joined(path, inner.name))
            return
        if (self._asked[path] if path in self._asked else self._used(path)) == value:
            return
        self._asked[path] = value
        self._show_note(path)
        self.live_change_asked.emit(path, plain(value))

    def _show_note(self, path: str) -> None:
        used = self._used(path)
        if used != self._asked.get(path):
            self._rows.show_note(path, self.tr("now {0}").format(_shown(used)))

    def _used(self, path: str) -> Any:
        """What the run uses right now."""
        return self._applied.get(path, value_at(self._at_start, path))

    def _on_rows_made(self) -> None:
        widgets = self.tab_widgets()
        for before, after in itertools.pairwise(widgets):
            QWidget.setTabOrder(before, after)
        self.rows_made.emit()


def _remedy(error: UserError, at: str) -> dict[str, Any]:
    """The values that would help, by path below the form."""
    return {_below(path, at): value for path, value in error.remedy.items()}


def _shown(value: Any) -> str:
    return "off" if value is None or value is False else "on" if value is True else shown(value)


def _below(path: str, at: str) -> str:
    found = below(path, at) if at else path
    return path if found is None else found


def _no_choices(key: str) -> Sequence[tuple[str, str]]:
    return ()
