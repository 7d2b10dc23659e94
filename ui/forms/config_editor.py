"""The editor of a group of options inside another: its rows under a heading that folds them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from modellab.config import FieldSpec, field_specs
from ui.forms.editor import GUTTER_PX, ROW_PX, SPACING_PX, Editor, FormContext, Phase
from ui.forms.fold import FoldHeading
from ui.forms.row_label import FIELD_SHARE, LABEL_SHARE, RowLabel
from ui.forms.rows import Rows, summary
from ui.forms.switch import Switch
from ui.forms.values import default_value, default_values, shown_inline
from ui.forms.words import help_tooltip, words
from ui.widgets.labels import TextLabel


class ConfigEditor(Editor):
    """Rows under a heading, with a switch where it may be off; no heading where it is called like its first field."""

    heading = True

    def __init__(self, spec: FieldSpec, context: FormContext) -> None:
        super().__init__(spec)
        self._context = context
        self._value: Any = None
        self._last: Any = None
        self._rows: Rows | None = None
        self._problems: Mapping[str, str] = {}
        self._notes: dict[str, str] = {}
        self._hidden: frozenset[str] = frozenset()
        self._is_live = False
        self._back: Any = default_value(spec)
        self._fold: FoldHeading | None = None
        self._switch: Switch | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING_PX)
        if spec.optional:
            self._add_switch()
        elif not shown_inline(spec):
            self._add_heading()

    def show_value(self, value: Any) -> None:
        self._value = value
        if value is not None:
            self._last = value
        if self._switch is not None:
            self._switch.show_on(value is not None)
            self._off.setVisible(value is None)
        self._arrange()
        if self._rows is not None and value is not None:
            self._rows.show_values(value)
        self._describe()

    def tab_widgets(self) -> list[QWidget]:
        own: list[QWidget] = [widget for widget in (self._fold, self._switch) if widget is not None]
        return own + (self._rows.tab_widgets() if self._rows else [])

    def show_problems(self, problems: Mapping[str, str]) -> None:
        self._problems = problems
        if self._rows is not None:
            self._rows.show_problems(problems)
        if self._fold is not None:
            self._fold.set_problem(bool(problems))

    def show_note(self, path: str, note: str) -> None:
        self._notes[path] = note
        if self._rows is not None:
            self._rows.show_note(path, note)

    def set_live(self, is_live: bool) -> None:
        self._is_live = is_live
        if self._switch is not None:
            self._switch.setEnabled(not is_live)
        if self._rows is not None:
            self._rows.set_live(is_live)

    def set_way_back(self, value: Any) -> None:
        self._back = value
        if self._rows is not None:
            self._rows.set_ways_back(value)

    def hide_fields(self, paths: frozenset[str]) -> None:
        self._hidden = paths
        if self._rows is not None:
            self._rows.hide_fields(paths)
        self._describe()

    def update_choices(self, key: str) -> None:
        if self._rows is not None:
            self._rows.update_choices(key)

    def reveal(self, path: str) -> None:
        if self._fold is not None and path:
            self._fold.set_open(True)
        if self._rows is not None:
            self._rows.reveal(path)

    def _add_heading(self) -> None:
        key = f"{self._context.fold_key}/{self.spec.name}" if self._context.fold_key else ""
        self._fold = FoldHeading(words(self.spec.title), key=key, is_open=False)
        self._fold.folded.connect(self._on_folded)
        self._fold.setToolTip(words(self.spec.help))
        self._column.addWidget(self._fold)

    def _add_switch(self) -> None:
        """What may be off looks like any other row that may be; its rows follow when it is on."""
        self._switch = Switch()
        self._name(self._switch, self.tr("on or off"))
        self._switch.toggled.connect(self._on_toggled)
        self._off = TextLabel(self.tr("off"), role="muted")
        label = RowLabel(words(self.spec.title))
        label.setBuddy(self._switch)
        label.setToolTip(help_tooltip(self.spec))
        cell = QWidget()
        inner = QHBoxLayout(cell)
        inner.setContentsMargins(0, 0, 0, 0)
        inner.setSpacing(6)
        inner.addWidget(self._switch)
        inner.addWidget(self._off, 1)
        line = QHBoxLayout()
        line.setSpacing(0)
        line.setContentsMargins(0, 0, GUTTER_PX, 0)
        cell.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        cell.setFixedHeight(ROW_PX)
        line.addWidget(label, LABEL_SHARE)
        line.addWidget(cell, FIELD_SHARE)
        self._column.addLayout(line)

    def _arrange(self) -> None:
        is_seen = self._value is not None and (self._fold is None or self._fold.is_open())
        if is_seen and self._rows is None:
            self._rows = self._made()
            self._column.addWidget(self._rows)
            self.rows_made.emit()
        if self._rows is not None:
            self._rows.setVisible(is_seen)

    def _made(self) -> Rows:
        assert self.spec.config is not None
        fold_key = f"{self._context.fold_key}.{self.spec.name}" if self._context.fold_key else ""
        rows = Rows(self.spec.config, context=replace(self._context, fold_key=fold_key))
        rows.hide_fields(self._hidden)
        rows.show_values(self._value)
        rows.set_live(self._is_live)
        rows.set_ways_back(self._back)
        for path, note in self._notes.items():
            rows.show_note(path, note)
        rows.show_problems(self._problems)
        rows.edited.connect(self.edited)
        rows.rows_made.connect(self.rows_made)
        rows.reset_all_asked.connect(self._on_reset_asked)
        return rows

    def _describe(self) -> None:
        if self._fold is None or self.spec.config is None:
            return
        if self._value is None:
            self._fold.set_summary("")
            return
        seen = [spec for spec in field_specs(self.spec.config) if spec.name not in self._hidden]
        self._fold.set_summary(summary(seen, self._value))

    def _on_reset_asked(self) -> None:
        self.edited.emit("", self._back, Phase.FINISHED)

    def _on_folded(self) -> None:
        self._arrange()

    def _on_toggled(self, is_on: bool) -> None:
        assert self.spec.config is not None
        value = (default_values(self.spec.config) if self._last is None else self._last) if is_on else None
        self.edited.emit("", value, Phase.FINISHED)
