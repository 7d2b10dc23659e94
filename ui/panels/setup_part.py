"""One half of a recipe, the dataset or the architecture: a heading, the card that names the choice, and its form."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, cast

from PySide6.QtCore import Signal
from PySide6.QtGui import QUndoCommand, QUndoStack
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modellab.config import NamedConfig, field_specs
from ui.forms import ConfigForm, default_section
from ui.forms.editor import Choices
from ui.forms.values import default_values
from ui.forms.words import words
from ui.panels.setup_card import EntryCard
from ui.widgets.labels import SectionLabel


class SetupPart(QWidget):
    """Keeps a form for every entry that was shown, so that going back to one finds it as it was left."""

    edited = Signal()  # another entry or another value
    validity_changed = Signal(bool)
    picker_asked = Signal()
    choice_asked = Signal(str)  # another entry, as a person chooses: what goes with it is the panel's to say
    rows_made = Signal()

    def __init__(
        self,
        heading: str,
        entries: Mapping[str, type[NamedConfig]],
        *,
        at: str,
        num_lines: int,
        choices: Choices,
        undo_stack: QUndoStack | None,
    ) -> None:
        super().__init__()
        self._entries, self.at, self._num_lines = entries, at, num_lines
        self._choices, self._undo_stack = choices, undo_stack
        self._forms: dict[str, ConfigForm] = {}
        self._name = ""
        self._live: Mapping[str, Any] | None = None
        self.card = EntryCard(heading)
        self.card.clicked.connect(self.picker_asked)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(6)
        self._column.addWidget(SectionLabel(heading))
        self._column.addWidget(self.card)
        if entries:
            self.show_entry(next(iter(entries)))

    def name(self) -> str:
        """The entry chosen."""
        return self._name

    def entry(self) -> type[NamedConfig]:
        """Its config class."""
        return self._entries[self._name]

    def form(self) -> ConfigForm:
        """The form of the entry chosen."""
        return self._forms[self._name]

    def forms(self) -> Sequence[ConfigForm]:
        """Every form there is by now."""
        return tuple(self._forms.values())

    def values(self) -> dict[str, Any]:
        """The plain values of the entry chosen, its name among them."""
        return self.form().values()

    def choose(self, name: str) -> None:
        """Choose an entry as a person does."""
        if name != self._name:
            self.choice_asked.emit(name)

    def title_of(self, name: str) -> str:
        """What an entry is called."""
        return words(self._entries[name].title)

    def values_of(self, name: str) -> dict[str, Any]:
        """An entry's values as they were left, its defaults where it was never shown."""
        return self._forms[name].values() if name in self._forms else default_values(self._entries[name])

    def show_entry(self, name: str) -> None:
        """Show an entry's card and form."""
        if name == self._name:
            return
        if self._name:
            self.form().hide()
        self._name = name
        entry = self._entries[name]
        if name not in self._forms:
            self._forms[name] = self._made(entry)
            self._column.addWidget(self._forms[name])
        self.form().setVisible(bool(field_specs(entry)))
        self.card.show_entry(words(entry.title), words(entry.summary))
        self.rows_made.emit()
        self.edited.emit()

    def load(self, values: Mapping[str, Any]) -> None:
        """Show the entry and values of a recipe's part."""
        self.show_entry(cast(str, values["name"]))
        self.form().set_values(values)

    def tab_widgets(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return [self.card, *(self.form().tab_widgets() if self._name else [])]

    def set_live(self, is_live: bool, applied: Mapping[str, Any]) -> None:
        """Allow only what may be changed while a run trains."""
        self._live = applied if is_live else None
        self.card.setEnabled(not is_live)
        for form in self._forms.values():
            form.set_live(is_live, applied)

    def _made(self, entry: type[NamedConfig]) -> ConfigForm:
        form = ConfigForm(
            entry,
            at=self.at,
            sections=(default_section(entry, num_lines=self._num_lines),),
            choices=self._choices,
            undo_stack=self._undo_stack,
            parent=self,
        )
        if self._live is not None:
            form.set_live(True, self._live)
        form.changed.connect(self.edited)
        form.validity_changed.connect(self.validity_changed)
        form.rows_made.connect(self.rows_made)
        return form


class ChangeCommand(QUndoCommand):
    """Something done by saying one of two things to `do`."""

    def __init__(self, text: str, *, do: Callable[[Any], None], old: Any, new: Any) -> None:
        super().__init__(text)
        self._do, self._old, self._new = do, old, new

    def undo(self) -> None:
        self._do(self._old)

    def redo(self) -> None:
        self._do(self._new)
