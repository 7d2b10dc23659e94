"""What the main button and its neighbours mean right now, and what they do."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject, QTimer, QUrl
from PySide6.QtGui import QDesktopServices

from modellab.pretrained.folder import folder_title
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.views.base import Lab
from ui.window.actions import Actions
from ui.window.command_bar import CommandBar
from ui.window.status_line import StatusLine

_TICK_MS = 100


class Steering(QObject):
    """Ties the actions of a run to the session and shows its state in the bar and the status line.

    While a pretrained folder is looked into, the bar bears its name and a run that is over is not spoken of; one that
    trains is steered on, told by its own name.
    """

    def __init__(self, lab: Lab, actions: Actions, bar: CommandBar, line: StatusLine) -> None:
        super().__init__(bar)
        self._session = session = lab.session
        self._focus = lab.focus
        self._opened = ""
        self._actions = actions
        self._bar = bar
        self._line = line
        self._shown_title = ""
        for key, do in (
            ("main", self._on_main_triggered),
            ("queue", session.start),
            ("stop", session.stop),
            ("resume", session.resume),
            ("open_folder", self._on_open_folder_triggered),
            ("close_run", self._on_close_run_triggered),
        ):
            actions[key].triggered.connect(lambda _checked=False, do=do: do())
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self.refresh)
        self._run: RunModel | None = None
        session.current_changed.connect(self._on_current_changed)
        session.opened.connect(self._on_opened)
        session.closed.connect(lambda _: self._on_advanced())
        bar.elsewhere.clicked.connect(self._on_elsewhere_clicked)
        session.current_status_changed.connect(self.refresh)
        session.problem_changed.connect(self.refresh)
        session.draft_changed.connect(self.refresh)
        lab.focus.changed.connect(self._on_focus_changed)
        self.refresh()

    def refresh(self) -> None:
        """Show the state there is."""
        session, opened = self._session, folder_title(Path(self._opened)) if self._opened else ""
        run = self._run_told()
        is_alive = run is not None and run.is_alive
        if is_alive:
            self._bar.set_main_enabled(run is not None and run.status != "queued", self._queue_sentence(run))
        elif run is not None and run.is_starting:
            # Not dimmed: that would hand the keyboard to the next button for the moment it takes.
            self._bar.set_main_enabled(True, self.tr("{0} is being started").format(run.title))
        else:
            why = session.problem or ("" if session.draft else self.tr("Choose what to train first"))
            self._bar.set_main_enabled(session.draft is not None, why)
        self._bar.show_run(run, opened=opened)
        self._bar.set_queue_enabled(is_alive and session.draft is not None, session.problem)
        for key, is_enabled in (
            ("stop", is_alive),
            ("resume", run is not None and run.status in ("interrupted", "stopped")),
            ("open_folder", run is not None),
            ("close_run", run is not None and not opened),
        ):
            self._actions[key].setEnabled(is_enabled)
        self._bar.show_elsewhere(self._trains_elsewhere())
        self._bar.name_stop(run.title if run is not None and is_alive else "")
        self._line.show_run(run)
        self._show_title(run, opened=opened)

    def _run_told(self) -> RunModel | None:
        """The run in view; while a folder is looked into, only one that still trains."""
        run = self._session.current
        return run if run is None or not self._opened or run.is_alive or run.is_starting else None

    def _trains_elsewhere(self) -> RunModel | None:
        """A run that trains though another is looked at."""
        told = self._run_told()
        return next((run for run in self._session.open_runs if run is not told and run.status == "training"), None)

    def _queue_sentence(self, run: RunModel | None) -> str:
        if run is None or run.status != "queued":
            return ""
        behind = run.queue.behind if run.queue else ""
        return self.tr("Waits for the device behind {0}").format(behind or self.tr("another run"))

    def _show_title(self, run: RunModel | None, *, opened: str) -> None:
        """The task bar shows how far it is, as browsers show a page's title."""
        title = "Model Lab"
        if opened:
            title = f"{opened} – {title}"
        elif run is not None:
            title = f"{run.title} – {title}"
            if run.status == "training" and run.total_steps:
                title = f"{100 * run.step // run.total_steps} % · {title}"
        if title != self._shown_title:
            self._shown_title = title
            self._bar.window().setWindowTitle(title)

    def _on_current_changed(self, run: RunModel | None) -> None:
        if self._run is not None:
            self._run.details_changed.disconnect(self.refresh)
        self._run = run
        if run is not None:
            run.details_changed.connect(self.refresh)
        self.refresh()

    def _on_focus_changed(self, focus: Focus) -> None:
        if focus.pretrained != self._opened:
            self._opened = focus.pretrained
            self.refresh()

    def _on_advanced(self) -> None:
        if not self._timer.isActive():
            self._timer.start()

    def _on_opened(self, run: RunModel) -> None:
        """Whoever trains while another is looked at is told of as well."""
        run.advanced.connect(self._on_advanced)

    def _on_elsewhere_clicked(self) -> None:
        if run := self._trains_elsewhere():
            self._session.open_run(run.path)

    def _on_main_triggered(self) -> None:
        run = self._run_told()
        if run is not None and run.status == "training":
            self._session.pause()
        elif run is not None and run.status == "paused":
            self._session.resume()
        elif run is None or not (run.is_alive or run.is_starting):
            self._session.start()

    def _on_open_folder_triggered(self) -> None:
        if run := self._session.current:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(run.path)))

    def _on_close_run_triggered(self) -> None:
        if run := self._session.current:
            self._session.close_run(run)
