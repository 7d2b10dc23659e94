"""The editor of a list of groups, such as the stages of a network: a stack of small cards."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from modellab.config import FieldSpec, field_specs
from ui.forms.editor import SPACING_PX, Editor, FormContext, Phase, shrink
from ui.forms.fold import FoldHeading
from ui.forms.rows import Rows
from ui.forms.values import default_values, is_asked, joined, narrowed, plain
from ui.forms.words import shown_value, words
from ui.widgets.buttons import IconButton
from ui.widgets.labels import TextLabel


class ConfigListEditor(Editor):
    """One card an entry, in order; paths begin with the entry's index."""

    heading = True

    def __init__(self, spec: FieldSpec, context: FormContext) -> None:
        super().__init__(spec)
        assert spec.item is not None
        assert spec.item.config is not None
        self._kind = spec.item.config
        self._context = replace(context, fold_key="")
        self._values: list[dict[str, Any]] = []
        self._problems: Mapping[str, str] = {}
        self._cards: list[_Card] = []
        self._opens_next = False
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)
        self._add = IconButton("plus", self.tr("Add one"))
        shrink(self._add)
        self._name(self._add, self.tr("add one"))
        label = TextLabel(words(spec.title), role="muted")
        label.setToolTip(words(spec.help))
        label.setBuddy(self._add)
        line = QHBoxLayout()
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(label, 1)
        line.addWidget(self._add)
        self._column.addLayout(line)
        self._add.clicked.connect(self._on_add_clicked)

    def show_value(self, value: Any) -> None:
        self._values = list(value) if isinstance(value, (list, tuple)) else []
        while len(self._cards) > len(self._values):
            self._drop(self._cards.pop())
        num_made = len(self._values) - len(self._cards)
        while len(self._cards) < len(self._values):
            self._append_card()
        for index, (card, entry) in enumerate(zip(self._cards, self._values, strict=True)):
            card.show_entry(index, entry, num_entries=len(self._values), least=self.spec.min_length or 0)
        most = self.spec.max_length
        self._add.setEnabled(most is None or len(self._values) < most)
        if num_made > 0:
            self.rows_made.emit()

    def tab_widgets(self) -> list[QWidget]:
        return [self._add, *(widget for card in self._cards for widget in card.tab_widgets())]

    def show_problems(self, problems: Mapping[str, str]) -> None:
        self._problems = problems
        for index, card in enumerate(self._cards):
            card.show_problems(narrowed(problems, f"[{index}]"))

    def set_live(self, is_live: bool) -> None:
        self.setEnabled(not is_live)

    def reveal(self, path: str) -> None:
        for index, card in enumerate(self._cards):
            for below in narrowed({path: ""}, f"[{index}]"):
                card.reveal(below)

    def _append_card(self) -> None:
        card = _Card(self._kind, self._context)
        card.edited.connect(lambda path, value, phase: self._on_card_edited(card, path, value, phase))
        card.moved.connect(lambda by: self._on_card_moved(card, by))
        card.doubled.connect(lambda: self._on_card_doubled(card))
        card.removed.connect(lambda: self._on_card_removed(card))
        card.rows_made.connect(self.rows_made)
        self._cards.append(card)
        self._column.addWidget(card)
        card.show()  # a layout alone shows it a moment later
        if self._opens_next:
            self._opens_next = False
            card.open()

    def _drop(self, card: _Card) -> None:
        self._column.removeWidget(card)
        card.hide()
        card.deleteLater()

    def _tell(self, values: list[dict[str, Any]]) -> None:
        self.edited.emit("", values, Phase.FINISHED)

    def _on_add_clicked(self) -> None:
        entry = plain(self._values[-1]) if self._values else default_values(self._kind)
        self._opens_next = True
        self._tell([*self._values, entry])

    def _on_card_edited(self, card: _Card, path: str, value: Any, phase: Phase) -> None:
        if card in self._cards:  # a removed card still loses the keyboard, which ends its typing
            self.edited.emit(joined(f"[{self._cards.index(card)}]", path), value, phase)

    def _on_card_moved(self, card: _Card, by: int) -> None:
        index = self._cards.index(card)
        values = list(self._values)
        values[index], values[index + by] = values[index + by], values[index]
        self._cards.insert(index + by, self._cards.pop(index))
        self._column.removeWidget(card)
        self._column.insertWidget(index + by + 1, card)  # the heading is first
        self._tell(values)
        self.rows_made.emit()

    def _on_card_doubled(self, card: _Card) -> None:
        index = self._cards.index(card)
        self._tell([*self._values[: index + 1], plain(self._values[index]), *self._values[index + 1 :]])

    def _on_card_removed(self, card: _Card) -> None:
        index = self._cards.index(card)
        self._drop(self._cards.pop(index))
        self._tell([*self._values[:index], *self._values[index + 1 :]])


class _Card(QFrame):
    """One entry: a line that sums it up, and unfolded its rows and what can be done with it."""

    edited = Signal(str, object, Phase)
    rows_made = Signal()
    moved = Signal(int)
    doubled = Signal()
    removed = Signal()

    def __init__(self, kind: Any, context: FormContext) -> None:
        super().__init__()
        self._kind, self._context = kind, context
        self._entry: dict[str, Any] = {}
        self._problems: Mapping[str, str] = {}
        self._rows: Rows | None = None
        self.setProperty("surface", "raised")
        self._fold = FoldHeading("1", is_open=False)
        self._fold.folded.connect(self._on_folded)
        self._up = IconButton("arrow-up", self.tr("Move up"))
        self._down = IconButton("arrow-down", self.tr("Move down"))
        self._double = IconButton("copy", self.tr("Duplicate"))
        self._remove = IconButton("trash", self.tr("Remove"))
        self._buttons = (self._up, self._down, self._double, self._remove)
        self._up.clicked.connect(lambda: self.moved.emit(-1))
        self._down.clicked.connect(lambda: self.moved.emit(1))
        self._double.clicked.connect(lambda: self.doubled.emit())
        self._remove.clicked.connect(lambda: self.removed.emit())
        line = QHBoxLayout()
        line.setSpacing(0)
        line.addWidget(self._fold, 1)
        for button in self._buttons:
            shrink(button)
            line.addWidget(button)
            button.hide()
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(6, 1, 6, 1)
        self._column.setSpacing(SPACING_PX)
        self._column.addLayout(line)
        self._whole = TextLabel(style="small", role="bad")
        self._whole.setWordWrap(True)
        self._whole.setContentsMargins(0, 0, 0, 4)
        self._whole.hide()
        self._column.addWidget(self._whole)

    def show_entry(self, index: int, entry: dict[str, Any], *, num_entries: int, least: int) -> None:
        """Show an entry at its place among the others."""
        self._entry = entry
        self._fold.setText(str(index + 1))
        self._fold.set_summary(_summed_up(self._kind, entry))
        self._up.setEnabled(index > 0)
        self._down.setEnabled(index < num_entries - 1)
        self._remove.setEnabled(num_entries > least)
        if self._rows is not None:
            self._rows.show_values(entry)

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Sentences by path below the entry; one about the whole entry stands under its line."""
        self._problems = problems
        self._fold.set_problem(bool(problems))
        self._whole.setText(problems.get("", ""))
        self._whole.setVisible("" in problems)
        if self._rows is not None:
            self._rows.show_problems(problems)

    def open(self) -> None:
        """Unfold it."""
        self._fold.set_open(True)

    def reveal(self, path: str) -> None:
        """Unfold what hides the field at the path."""
        if path:
            self.open()
            if self._rows is not None:
                self._rows.reveal(path)

    def tab_widgets(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        return [self._fold, *self._buttons, *(self._rows.tab_widgets() if self._rows else [])]

    def _on_folded(self) -> None:
        is_open = self._fold.is_open()
        for button in self._buttons:
            button.setVisible(is_open)
        if is_open and self._rows is None:
            self._rows = Rows(self._kind, context=self._context)
            self._rows.show_values(self._entry)
            self._rows.show_problems(self._problems)
            self._rows.edited.connect(self.edited)
            self._rows.rows_made.connect(self.rows_made)
            self._rows.reset_all_asked.connect(lambda: self.edited.emit("", default_values(self._kind), Phase.FINISHED))
            self._column.addWidget(self._rows)
            self.rows_made.emit()
        if self._rows is not None:
            self._rows.setVisible(is_open)
            self._column.setContentsMargins(6, 1, 6, 6 if is_open else 1)


def _summed_up(kind: Any, entry: Mapping[str, Any]) -> str:
    """ "32 · 3×3 · 1 · max": the main values of an entry."""
    specs = [spec for spec in field_specs(kind) if not spec.advanced and is_asked(spec, entry)]
    return " · ".join(shown_value(spec, entry.get(spec.name)) for spec in specs if spec.kind != "config")
