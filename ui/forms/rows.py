"""The rows of one config: in sections, folded or not, made when they are first seen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from modellab.config import Config, FieldSpec, field_specs
from ui.forms.editor import SPACING_PX, FormContext, Phase
from ui.forms.fold import FoldHeading
from ui.forms.row import FieldRow
from ui.forms.values import default_value, default_values, is_asked, joined, narrowed
from ui.forms.words import shown_value, words


@dataclass(frozen=True, kw_only=True)
class Section:
    """Fields under a heading that folds them; without a title they stand by themselves. `more` are folded further."""

    title: str = ""
    fields: tuple[str, ...] = ()
    more: tuple[str, ...] = ()
    is_open: bool = True


class _Placed:
    """A heading or a row at its place in the order, and what decides whether it is seen."""

    def __init__(self, *, spec: FieldSpec | None = None, heading: FoldHeading | None = None) -> None:
        self.spec = spec
        self.widget: FieldRow | FoldHeading | None = heading
        self.folds: list[FoldHeading] = []  # all must be open
        self.inside: list[_Placed] = []  # of a heading


class Rows(QWidget):
    """Shows the plain values of a config class; paths are relative to it."""

    edited = Signal(str, object, Phase)
    reset_all_asked = Signal()
    remedy_asked = Signal(str)  # path of the field that is marked
    rows_made = Signal()

    def __init__(self, kind: type[Config], *, context: FormContext, sections: Sequence[Section] = ()) -> None:
        super().__init__()
        self._kind = kind
        self._context = context
        self._values: Mapping[str, Any] = {}
        self._problems: dict[str, str] = {}
        self._notes: dict[str, str] = {}
        self._hidden: frozenset[str] = frozenset()
        self._is_live = False
        self._ways_back: Mapping[str, Any] | None = None
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(SPACING_PX)
        self._order: list[_Placed] = []
        for section in sections or (default_section(kind),):
            self._place(section)

    def show_values(self, values: Mapping[str, Any]) -> None:
        """Show values that came from elsewhere."""
        self._values = values
        for row in self._rows():
            row.show_value(values.get(row.spec.name))
        self._arrange()

    def show_problems(self, problems: Mapping[str, str]) -> None:
        """Sentences by path; what had one and has none now is unmarked."""
        if not problems and not self._problems:
            return
        self._problems = dict(problems)
        for row in self._rows():
            row.show_problems(narrowed(problems, row.spec.name))
        self._describe_folds()

    def show_remedies(self, remedies: Mapping[str, str]) -> None:
        """By path of a marked field, words for what would help."""
        for row in self._rows():
            row.show_remedy(remedies.get(row.spec.name, ""))

    def show_note(self, path: str, note: str) -> None:
        """What a run uses, where that differs from what was asked for."""
        self._notes[path] = note
        for row in self._rows():
            for below, text in narrowed({path: note}, row.spec.name).items():
                row.editor.show_note(below, text)

    def set_live(self, is_live: bool) -> None:
        """Allow only what may be changed while a run trains."""
        self._is_live = is_live
        for row in self._rows():
            row.set_live(is_live)

    def set_ways_back(self, values: Mapping[str, Any] | None) -> None:
        """Where the rows' ways back lead: to these values, or None to the defaults."""
        self._ways_back = values
        for row in self._rows():
            row.set_way_back(self._way_back(row.spec))

    def hide_fields(self, paths: frozenset[str]) -> None:
        """Leave out fields that have no meaning here."""
        self._hidden = paths
        for row in self._rows():
            row.editor.hide_fields(frozenset(narrowed(dict.fromkeys(paths), row.spec.name)))
        self._arrange()

    def update_choices(self, key: str) -> None:
        """The choices of this key have changed."""
        for row in self._rows():
            row.editor.update_choices(key)

    def reveal(self, path: str) -> None:
        """Unfold what hides the field at the path."""
        for placed in self._order:
            if placed.spec is not None and (found := narrowed({path: ""}, placed.spec.name)):
                for fold in placed.folds:
                    fold.set_open(True)
                if isinstance(placed.widget, FieldRow):
                    placed.widget.editor.reveal(next(iter(found)))

    def row(self, name: str) -> FieldRow | None:
        """The row of a field, None while it was never seen."""
        return next((row for row in self._rows() if row.spec.name == name), None)

    def tab_widgets(self) -> list[QWidget]:
        """The widgets that take the keyboard, in order."""
        found: list[QWidget] = []
        for placed in self._order:
            if isinstance(placed.widget, FieldRow):
                found += placed.widget.editor.tab_widgets()
            elif placed.widget is not None:
                found.append(placed.widget)
        return found

    def _rows(self) -> list[FieldRow]:
        return [placed.widget for placed in self._order if isinstance(placed.widget, FieldRow)]

    def _place(self, section: Section) -> None:
        """Put a section's headings and fields in the order; rows are made when first seen."""
        specs = {spec.name: spec for spec in field_specs(self._kind)}
        folds: list[FoldHeading] = []
        headings: list[_Placed] = []
        if section.title:
            headings.append(self._heading(section.title, folds, is_open=section.is_open))
        for name in section.fields:
            self._put(specs[name], folds, headings)
        if section.more:
            title = self.tr("More options")
            headings.append(self._heading(title, folds, key=section.title or "more", is_open=False, is_quiet=True))
            for name in section.more:
                self._put(specs[name], folds, headings)

    def _heading(
        self, title: str, folds: list[FoldHeading], *, key: str = "", is_open: bool, is_quiet: bool = False
    ) -> _Placed:
        key = f"{self._context.fold_key}/{key or title}" if self._context.fold_key else ""
        heading = FoldHeading(title, key=key, is_open=is_open, is_quiet=is_quiet)
        heading.folded.connect(self._on_folded)
        placed = _Placed(heading=heading)
        placed.folds = list(folds)
        self._order.append(placed)
        self._column.addWidget(heading)
        folds.append(heading)
        return placed

    def _put(self, spec: FieldSpec, folds: list[FoldHeading], headings: list[_Placed]) -> None:
        placed = _Placed(spec=spec)
        placed.folds = list(folds)
        self._order.append(placed)
        for heading in headings:
            heading.inside.append(placed)

    def _make(self, spec: FieldSpec) -> FieldRow:
        row = FieldRow(self._context.make_editor(spec, self._context))
        row.show_value(self._values.get(spec.name))
        row.editor.hide_fields(frozenset(narrowed(dict.fromkeys(self._hidden), spec.name)))
        if self._is_live:
            row.set_live(True)
        row.set_way_back(self._way_back(spec))
        for below, note in narrowed(self._notes, spec.name).items():
            row.editor.show_note(below, note)
        if problems := narrowed(self._problems, spec.name):
            row.show_problems(problems)
        name = spec.name
        row.edited.connect(lambda path, value, phase: self.edited.emit(joined(name, path), value, phase))
        row.reset_asked.connect(lambda: self.edited.emit(name, row.way_back(), Phase.FINISHED))
        row.reset_all_asked.connect(self.reset_all_asked)
        row.remedy_asked.connect(lambda: self.remedy_asked.emit(name))
        row.rows_made.connect(self.rows_made)
        return row

    def _way_back(self, spec: FieldSpec) -> Any:
        return default_value(spec) if self._ways_back is None else self._ways_back.get(spec.name, default_value(spec))

    def _is_meaningful(self, spec: FieldSpec) -> bool:
        return spec.name not in self._hidden and is_asked(spec, self._values)

    def _arrange(self) -> None:
        """Show what is to be seen, and make it where it is seen for the first time."""
        index, num_made = 0, 0
        for placed in self._order:
            if placed.spec is not None:
                is_seen = self._is_meaningful(placed.spec) and all(fold.is_open() for fold in placed.folds)
            else:
                has_inside = any(inner.spec and self._is_meaningful(inner.spec) for inner in placed.inside)
                is_seen = has_inside and all(fold.is_open() for fold in placed.folds)
            if is_seen and placed.widget is None and placed.spec is not None:
                placed.widget = self._make(placed.spec)
                self._column.insertWidget(index, placed.widget)
                num_made += 1
            if placed.widget is not None:
                placed.widget.setVisible(is_seen)
                index += 1
        self._describe_folds()
        if num_made:
            self.rows_made.emit()

    def _describe_folds(self) -> None:
        for placed in self._order:
            if isinstance(placed.widget, FoldHeading):
                inside = [inner.spec for inner in placed.inside if inner.spec and self._is_meaningful(inner.spec)]
                placed.widget.set_summary(summary(inside, self._values))
                placed.widget.set_problem(any(narrowed(self._problems, spec.name) for spec in inside))

    def _on_folded(self) -> None:
        self._arrange()


def default_section(kind: type[Config], *, num_lines: int | None = None) -> Section:
    """All fields in their order: the advanced ones, and those beyond `num_lines` lines, under "More options"."""
    specs = [spec for spec in field_specs(kind) if not spec.advanced]
    shown: list[str] = []
    room = float("inf") if num_lines is None else num_lines
    defaults = default_values(kind)
    for spec in specs:
        room -= _lines_of(spec, defaults)
        if room < 0:
            break
        shown.append(spec.name)
    folded = [spec.name for spec in specs if spec.name not in shown]
    return Section(fields=tuple(shown), more=(*folded, *(s.name for s in field_specs(kind) if s.advanced)))


def _lines_of(spec: FieldSpec, values: Mapping[str, Any]) -> int:
    """How many lines a field takes at first."""
    if not is_asked(spec, values):
        return 0
    if spec.kind == "list" and spec.item is not None and spec.item.kind == "config":
        return 1 + len(values[spec.name])
    return 2 if spec.kind == "list" and spec.item is not None and spec.item.kind == "int" else 1


def summary(specs: Sequence[FieldSpec], values: Mapping[str, Any]) -> str:
    """What is set to another value than its default, in words."""
    parts = []
    for spec in specs:
        value = values.get(spec.name)
        if value == default_value(spec) or not is_asked(spec, values):
            continue
        title = words(spec.title)
        is_group = spec.kind == "config" or (spec.item is not None and spec.item.kind == "config")
        parts.append(title if is_group or value is True else f"{title} {shown_value(spec, value)}")
    return ", ".join(parts)
