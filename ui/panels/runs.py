"""The table of all runs: find, compare, name, note, star, repeat and delete them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QModelIndex, QPoint, QRect, Qt, QUrl, Signal
from PySide6.QtGui import QAction, QDesktopServices, QGuiApplication, QHideEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QMenu, QStackedLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from modellab.errors import UserError
from modellab.recipe import Recipe
from modellab.runs.folder import Details, RunFolder
from ui.lab.background import in_background
from ui.lab.run_model import RunModel
from ui.lab.session import Session
from ui.panels.runs_actions import RunsActions
from ui.panels.runs_columns import COLUMNS, PLACE
from ui.panels.runs_edits import RunEdits
from ui.panels.runs_export import export_model, export_recipe
from ui.panels.runs_listing import RunsListing
from ui.panels.runs_note import NotePopover
from ui.panels.runs_rows import RunRow, translated
from ui.panels.runs_table import ROW_ROLE, RunsProxy, RunsTableModel
from ui.panels.runs_view import RunsTableView
from ui.theme import theme
from ui.theme.icons import icon
from ui.views.base import Lab
from ui.widgets.buttons import IconButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import TextLabel
from ui.widgets.toast import Toast

_TABS_PX = 36


class RunsPanel(QWidget):
    """All runs of this home, living ones as they train."""

    run_shown = Signal(object)  # folder: a person asked to see this run
    note_changed = Signal()  # a passing note came or went

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = lab.session
        self._toast: Toast | None = None
        self._current: Path | None = None  # the run that is shown
        self._edits = RunEdits(lab.session, parent=self)
        self._listing = RunsListing(lab.session, parent=self)
        self._model = RunsTableModel(self)
        self._proxy = RunsProxy(self._model, parent=self)
        self.table = RunsTableView(self._proxy)
        self.actions_ = RunsActions(self.table)
        self._empty = EmptyState("history", self.tr("Reading the runs…"), parent=self)
        self._body = QStackedLayout()
        self._body.addWidget(self._empty)
        self._body.addWidget(self.table)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(self._tools())
        column.addLayout(self._body, 1)
        self._connect()
        self._on_selection_changed()

    def selected(self) -> list[RunRow]:
        """The runs selected, as they stand in the table."""
        places = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self._proxy.index(place, 0).data(ROW_ROLE) for place in places]

    def rows(self) -> list[RunRow]:
        """The runs shown, as they stand in the table."""
        return [self._proxy.index(place, 0).data(ROW_ROLE) for place in range(self._proxy.rowCount())]

    def all_rows(self) -> list[RunRow]:
        """Every run there is, whatever the filter says."""
        return self._model.rows()

    def _tools(self) -> QHBoxLayout:
        self.filter = QLineEdit(clearButtonEnabled=True)
        self.filter.setPlaceholderText(self.tr("Filter by name, note, architecture, dataset, status"))
        self.filter.setAccessibleName(self.tr("Filter the runs"))
        self.filter.addAction(icon("search", "muted"), QLineEdit.ActionPosition.LeadingPosition)
        self.filter.setMaximumWidth(360)
        self._count = TextLabel(style="small", role="muted")
        columns = IconButton("table", self.tr("Choose the columns shown"))
        columns.clicked.connect(lambda: self._choose_columns(columns.mapToGlobal(QPoint(0, columns.height()))))
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.filter, 1)
        row.addSpacing(8)
        row.addWidget(self._count)
        row.addStretch(1)
        for button in self.actions_.buttons():
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(columns)
        return row

    def _connect(self) -> None:
        self.filter.textChanged.connect(self._on_filter_changed)
        self._listing.listed.connect(self._on_listed)
        self._listing.updated.connect(self._on_updated)
        self._listing.problem_found.connect(self._on_problem_found)
        self._edits.details_changed.connect(self._listing.set_details)
        self._edits.runs_deleted.connect(lambda _: self._listing.refresh())
        self._edits.runs_restored.connect(lambda _: self._listing.refresh())
        self._model.renamed.connect(self._on_renamed)
        self.table.selectionModel().selectionChanged.connect(self._on_selection_changed)
        self.table.doubleClicked.connect(self._on_double_clicked)
        self.table.mark_clicked.connect(self._on_mark_clicked)
        self.table.menu_asked.connect(lambda at: self.actions_.menu(self).popup(at))
        self.table.horizontalHeader().customContextMenuRequested.connect(
            lambda at: self._choose_columns(self.table.horizontalHeader().mapToGlobal(at))
        )
        does = self.actions_
        does.show.triggered.connect(self._show_first)
        does.compare.triggered.connect(lambda: self._toggle_shown(self.selected()))
        does.rename.triggered.connect(self._rename)
        does.note.triggered.connect(self._write_note)
        does.star.triggered.connect(lambda: self._toggle_star(self.selected()))
        does.duplicate.triggered.connect(self._duplicate)
        does.export.triggered.connect(lambda: self._export(export_recipe))
        does.export_model.triggered.connect(lambda: self._export(export_model))
        does.open_folder.triggered.connect(self._open_folder)
        does.copy_path.triggered.connect(self._copy_path)
        does.copy_rows.triggered.connect(self._copy_rows)
        does.stop.triggered.connect(
            lambda: self._session.stop_runs(row.path for row in self.selected() if row.is_alive)
        )
        does.delete.triggered.connect(self._delete)
        theme().changed.connect(self._model.repaint)
        self._session.current_changed.connect(self._on_current_changed)
        self._session.undo_stack.indexChanged.connect(lambda _: self._dismiss_toast())

    # What a person does

    def _show_first(self) -> None:
        if rows := self.selected():
            self._make_current(rows[0])

    def _make_current(self, row: RunRow) -> None:
        if self._session.open_run(row.path) is not None:
            self.run_shown.emit(row.path)

    def _toggle_shown(self, rows: list[RunRow]) -> None:
        """Show all of them in the curves; when all are shown already, none."""
        shown = {run.path: run for run in self._session.compared_runs}
        if all(row.path in shown for row in rows):
            for row in rows:
                self._session.close_run(shown[row.path])
        else:
            for row in rows:
                self._session.open_run(row.path, make_current=self._session.current is None)

    def _toggle_star(self, rows: list[RunRow]) -> None:
        is_starred = not all(row.details.starred for row in rows)
        text = self.tr("star {0}") if is_starred else self.tr("unstar {0}")
        self._change(rows, text=text.format(self._called(rows)), starred=is_starred)

    def _rename(self) -> None:
        index = self.table.currentIndex()
        if index.isValid():
            self.table.edit(index.siblingAtColumn(PLACE["name"]))

    def _on_renamed(self, row: RunRow, name: str) -> None:
        kept = "" if name == row.title else name
        self._change([row], text=self.tr("rename {0}").format(row.name), name=kept)

    def _write_note(self) -> None:
        rows = self.selected()
        if not rows:
            return
        title = rows[0].name
        if len(rows) > 1:
            names = ", ".join(row.name for row in rows)
            title = self.tr("One note for {0} runs: {1}").format(len(rows), names)
        notes = {row.details.note for row in rows}
        sheet = NotePopover(title, note=notes.pop() if len(notes) == 1 else "", over=self.window())
        text = self.tr("note about {0}").format(self._called(rows))
        sheet.written.connect(lambda note: self._change(rows, text=text, note=note))
        place = self.table.visualRect(self.table.currentIndex().siblingAtColumn(PLACE["name"]))
        sheet.popup(self.table.viewport().mapTo(self.window(), place.topLeft()))

    def _change(self, rows: list[RunRow], *, text: str, **parts: str | bool) -> None:
        changes: dict[Path, tuple[Details, Details]] = {}
        for row in rows:
            before = (self._model.row_of(row.path) or row).details
            changes[row.path] = (before, Details(**{**_as_dict(before), **parts}))  # type: ignore[arg-type]
        self._edits.change_details(changes, text=text)

    def _duplicate(self) -> None:
        if not (rows := self.selected()):
            return
        name = rows[0].name

        def load(recipe: Recipe) -> None:
            self._session.load_draft(recipe)
            self._session.say(
                "info", self.tr("The setup now holds the recipe of {0}; Start trains it anew.").format(name)
            )

        in_background(RunFolder(rows[0].path).recipe, load, on_problem=self._say)

    def _export(self, export: Callable[[QWidget, RunRow, Session], None]) -> None:
        if rows := self.selected():
            export(self, rows[0], self._session)

    def _open_folder(self) -> None:
        for row in self.selected()[:5]:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(row.path)))

    def _copy_path(self) -> None:
        QGuiApplication.clipboard().setText("\n".join(str(row.path) for row in self.selected()))

    def _copy_rows(self) -> None:
        places = [
            place for place, column in enumerate(COLUMNS) if column.title and not self.table.isColumnHidden(place)
        ]
        places = [place for place in places if place != PLACE["curve"]]
        lines = ["\t".join(translated(COLUMNS[place].title) for place in places)]
        lines += ["\t".join(COLUMNS[place].text(row) for place in places) for row in self.selected()]
        QGuiApplication.clipboard().setText("\n".join(lines))

    def _stop(self) -> None:
        self._session.stop_runs([row.path for row in self.selected() if row.is_alive])

    def _delete(self) -> None:
        rows = self.selected()
        alive = [row for row in rows if row.is_alive]
        if alive:
            sentence = self.tr("{0} is still {1}; stop it first, then delete it.")
            if alive[0].status == "queued":
                sentence = self.tr("{0} is still {1}; take it out of the queue first, then delete it.")
            self._edits.refuse(alive[0], sentence.format(alive[0].name, _doing(alive[0])))
            return
        if rows:
            called = self._called(rows)
            self._edits.delete([row.path for row in rows], text=self.tr("delete {0}").format(called))
            self._offer_undo(self.tr("Deleted {0}.").format(called))

    def _offer_undo(self, sentence: str) -> None:
        self._dismiss_toast()
        self._toast = Toast(self.window(), sentence=sentence, action_text=self.tr("Undo"))
        self._toast.action_chosen.connect(self._session.undo_stack.undo)
        for ended in (self._toast.action_chosen, self._toast.expired):
            ended.connect(self._forget_toast)
        self._toast.popup(strip=self._beside_tabs)
        self.note_changed.emit()

    def note_width(self) -> int:
        """What a passing note takes at the right of the tabs over this panel; 0 where there is none."""
        return self._toast.width() if self._toast is not None else 0

    def _beside_tabs(self) -> QRect:
        """The height of the tabs over this panel, right of them: the note covers neither a run nor a tool."""
        over, top = self.window(), self.mapTo(self.window(), QPoint())
        return QRect(top.x() + self.width() // 3, top.y() - _TABS_PX, self.width() * 2 // 3, _TABS_PX) & over.rect()

    def _dismiss_toast(self) -> None:
        """Any later change would be what its Undo takes back."""
        if self._toast is not None and isValid(self._toast):
            self._toast.dismiss()

    def _forget_toast(self) -> None:
        self._toast = None
        self.note_changed.emit()

    def _choose_columns(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for place, column in enumerate(COLUMNS):
            if column.can_hide:
                action = QAction(translated(column.title) if column.title else self.tr("Star"), menu, checkable=True)
                action.setChecked(not self.table.isColumnHidden(place))
                action.toggled.connect(lambda shows, place=place: self.table.set_column_shown(place, shows))
                menu.addAction(action)
        menu.popup(at)

    def _called(self, rows: list[RunRow]) -> str:
        return rows[0].name if len(rows) == 1 else self.tr("{0} runs").format(len(rows))

    def _say(self, error: UserError) -> None:
        self._session.say("error", error.message)

    # What happens

    def _on_double_clicked(self, index: QModelIndex) -> None:
        if index.column() not in (PLACE["shown"], PLACE["star"]):
            self._make_current(index.data(ROW_ROLE))

    def _on_mark_clicked(self, index: QModelIndex) -> None:
        row: RunRow = index.data(ROW_ROLE)
        if index.column() == PLACE["shown"]:
            self._toggle_shown([row])
        else:
            self._toggle_star([row])

    def _on_listed(self, rows: list[RunRow]) -> None:
        before = {row.path for row in self._model.rows()}
        with self.table.following(self._index_of(self._current), self.table.currentIndex()):
            self._model.set_rows(rows)
        self._say_how_many()
        self._follow_statuses()
        came = {row.path for row in rows} - before
        if before and (came or len(rows) < len(before)):
            self._keep_in_view(came)

    def _on_updated(self, rows: list[RunRow]) -> None:
        with self.table.following(self._index_of(self._current), self.table.currentIndex()):
            self._model.update_rows(rows)
        self._follow_statuses()

    def _index_of(self, path: Path | None) -> QModelIndex:
        place = self._model.place_of(path) if path is not None else None
        return QModelIndex() if place is None else self._proxy.mapFromSource(self._model.index(place, PLACE["name"]))

    def _follow_statuses(self) -> None:
        """A run does something else by now: so can a person, and what was said of it may be true no more."""
        self.actions_.set_selected(self.selected())
        self._edits.take_back(self._model.row_of)

    def _keep_in_view(self, came: set[Path]) -> None:
        """What was started or brought back, else what is selected."""
        place = next((place for place, row in enumerate(self.rows()) if row.path in came), None)
        index = self.table.currentIndex() if place is None else self._proxy.index(place, PLACE["name"])
        if index.isValid():
            self.table.scrollTo(index)

    def _on_current_changed(self, run: RunModel | None) -> None:
        """The run that is shown is in sight; whoever had selected the one before has it selected."""
        before, self._current = self._current, run.path if run is not None else None
        index = self._index_of(self._current)
        if index.isValid():
            selected = [row.path for row in self.selected()]
            if selected == [before]:
                self.table.setCurrentIndex(index)
            self.table.scrollTo(index)
        self._say_how_many()

    def _on_filter_changed(self, text: str) -> None:
        self._proxy.set_filter(text)
        self._say_how_many()

    def _on_problem_found(self, sentence: str) -> None:
        self._empty.set_sentence(sentence)

    def _on_selection_changed(self) -> None:
        self.actions_.set_selected(self.selected())
        self._say_how_many()

    def _say_how_many(self) -> None:
        num_all, num_shown = self._model.rowCount(), self._proxy.rowCount()
        num_selected = len(self.table.selectionModel().selectedRows())
        parts = [self.tr("{0:,} of {1:,} runs").format(num_shown, num_all)] if num_shown != num_all else []
        parts = parts or [self.tr("1 run") if num_all == 1 else self.tr("{0:,} runs").format(num_all)]
        if num_hidden := self._num_hidden_alive():
            parts += [self.tr("{0:,} under way hidden by the filter").format(num_hidden)]
        parts += [self.tr("{0:,} selected").format(num_selected)] if num_selected > 1 else []
        current = self._session.current
        if num_selected == 1 and (current is None or self.selected()[0].path != current.path):
            parts.append(self.tr("double-click or Enter shows it in every view"))
        self._count.setText(" · ".join(parts) if num_all else "")
        if num_all:
            self._empty.set_sentence(self.tr("No run matches “{0}”.").format(self.filter.text()))
        else:
            self._empty.set_sentence(
                self.tr("Runs are kept here, to compare and to look into. Press Start to train the first.")
            )
        self._body.setCurrentWidget(self.table if num_shown else self._empty)

    def _num_hidden_alive(self) -> int:
        """Runs that train or wait and that the filter keeps out of sight."""
        shown = {row.path for row in self.rows()} if self.filter.text() else None
        return 0 if shown is None else sum(row.is_alive and row.path not in shown for row in self.all_rows())

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._listing.set_watching(True)

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._listing.set_watching(False)


def _as_dict(details: Details) -> dict[str, str | bool]:
    return {"name": details.name, "note": details.note, "starred": details.starred}


def _doing(row: RunRow) -> str:
    words = {"queued": translated("queued"), "paused": translated("paused")}
    return words.get(row.status, translated("training"))
