"""The one bar: menus, what runs, the one main button, progress."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QMenuBar, QProgressBar, QSizePolicy

from ui.theme.icons import program_icon
from ui.widgets.buttons import IconButton, PrimaryButton, QuietButton
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.window._place_label import PlaceLabel, short_number
from ui.window.actions import Actions

if TYPE_CHECKING:
    from ui.lab.run_model import RunModel

_MOST_NAME, _MOST_FOLDER = 180, 240  # px
_LEAST_NAME = 120  # px of a run's name, before the words on its place are cut short


class CommandBar(QFrame):
    """Shows the state of the current run; its buttons are the actions of the same name."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self.setProperty("surface", "panel")
        self._actions = actions
        self.menu_bar = QMenuBar(self)
        self.menu_bar.setNativeMenuBar(False)
        self.menu_bar.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.menu_bar.setStyleSheet("QMenuBar { background: transparent; }")
        logo = QLabel()
        logo.setPixmap(program_icon().pixmap(QSize(22, 22)))
        name = TextLabel("Model Lab", style="strong")
        self._run_name = ElidedLabel("", role="muted")
        self._run_name.setMaximumWidth(_MOST_NAME)
        self.main_button = PrimaryButton(
            self.tr("Start"), icon_name="play", all_texts=(self.tr("Pause"), self.tr("Resume"))
        )
        self._stop = _button_of(actions["stop"], QuietButton(self.tr("Stop"), icon_name="stop"))
        self._queue = _button_of(actions["queue"], QuietButton(self.tr("Queue"), icon_name="plus"))
        self._resume = _button_of(actions["resume"], QuietButton(self.tr("Resume run"), icon_name="resume"))
        self.elsewhere = QuietButton("", variant="ghost", icon_name="play")  # what trains though another is looked at
        self.elsewhere.setVisible(False)
        self._progress = QProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._progress.setMinimumWidth(80)
        self._progress.setMaximumWidth(320)
        self._progress.setAccessibleName(self.tr("Progress of the run"))
        self._where = PlaceLabel()
        tip = self.tr("Epoch: one pass over the training set. Step: one update of the weights, on one batch.")
        self._where.tip = tip
        self._progress.setToolTip(tip)
        self._theme = IconButton("sun", self.tr("Switch light and dark (Ctrl+Shift+L)"))
        self._theme.clicked.connect(actions["theme"].trigger)
        self._palette = IconButton("search", self.tr("Command palette (Ctrl+K)"))
        self._palette.clicked.connect(actions["palette"].trigger)
        self.main_button.clicked.connect(actions["main"].trigger)
        self._lay_out(logo, name)

    def _lay_out(self, logo: QLabel, name: TextLabel) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 12, 6)
        row.setSpacing(8)
        for widget in (logo, name, self.menu_bar):
            row.addWidget(widget)
        row.addSpacing(8)
        for button in (self.main_button, self._stop, self._queue, self._resume):
            row.addWidget(button)
        row.addSpacing(8)
        row.addWidget(self._run_name)
        row.addWidget(self._progress, 1)
        row.addWidget(self._where)
        row.addWidget(self.elsewhere)
        row.addStretch(0)
        row.addWidget(self._palette)
        row.addWidget(self._theme)

    def show_run(self, run: RunModel | None, *, opened: str = "") -> None:
        """Show how far the run is and which buttons make sense; opened: what is looked at in its place."""
        status = run.status if run else "new"
        is_alive = run is not None and run.is_alive
        texts = {
            "training": (self.tr("Pause"), "pause"),
            "queued": (self.tr("Pause"), "pause"),
            "paused": (self.tr("Resume"), "resume"),
        }
        text, icon_name = texts.get(status, (self.tr("Start"), "play"))
        if self.main_button.text() != text:
            self.main_button.set_action(text, icon_name=icon_name)
            self._actions["main"].setText(text)
        for button, is_shown in (
            (self._stop, is_alive),
            (self._queue, is_alive),
            (self._resume, status in ("interrupted", "stopped") and not opened),
        ):
            if button.hasFocus() and not is_shown:
                self.main_button.setFocus()  # or the keyboard is handed to whatever comes next
            button.setVisible(is_shown)
        name = self.tr("Folder {0}").format(opened) if opened else run.title if run else ""
        self._run_name.setText(name)
        self._run_name.setMaximumWidth(_MOST_FOLDER if opened else _MOST_NAME)
        self._run_name.setMinimumWidth(min(_LEAST_NAME, self._run_name.sizeHint().width()))
        self._run_name.setVisible(bool(name))
        self._progress.setVisible(run is not None and run.total_steps > 0)
        forms = self._sentences(run) if run else [("", "")]
        if run is not None and opened:
            forms = [(f"{run.title}: {text}", f"{run.title}: {widest}") for text, widest in forms]
        self._where.set_forms(forms)
        if run is not None and run.total_steps:
            self._progress.setValue(min(1000, round(1000 * run.step / run.total_steps)))

    def show_elsewhere(self, run: RunModel | None) -> None:
        """A run that trains while another is in view; None: there is none."""
        self.elsewhere.setVisible(run is not None)
        if run is None:
            return
        name = self.elsewhere.fontMetrics().elidedText(run.title, Qt.TextElideMode.ElideMiddle, _LEAST_NAME)
        percent = 100 * run.step // run.total_steps if run.total_steps else 0
        self.elsewhere.setText(self.tr("{0} · {1} %").format(name, percent))
        self.elsewhere.setToolTip(self.tr("{0} trains, step {1:,}. Click to look at it.").format(run.title, run.step))

    def set_main_enabled(self, is_enabled: bool, why: str) -> None:
        """Whether the main button can be pressed, and why not."""
        self.main_button.setEnabled(is_enabled)
        self._actions["main"].setEnabled(is_enabled)
        self.main_button.setToolTip(why or f"{self._actions['main'].toolTip()} (Ctrl+Return)")

    def set_queue_enabled(self, is_enabled: bool, why: str) -> None:
        """Whether the next run can be lined up behind this one, and why not."""
        if self._queue.hasFocus() and not is_enabled:
            self.main_button.setFocus()
        self._queue.setEnabled(is_enabled)
        self._actions["queue"].setEnabled(is_enabled)
        tip = self.tr("Line up what the setup says under Next run (Ctrl+Shift+Return)")
        self._queue.setToolTip(why or tip)

    def name_stop(self, title: str) -> None:
        """Say which run Stop ends: several may train or wait."""
        tip = self.tr("End {0} with a checkpoint").format(title) if title else self.tr("End the run with a checkpoint")
        self._actions["stop"].setToolTip(tip)
        self._stop.setToolTip(f"{tip} (Ctrl+.)")

    def _sentences(self, run: RunModel) -> list[tuple[str, str]]:
        """Where the run is, in ever fewer words, each with the most room that it may come to need."""
        words = {
            "queued": self.tr("waiting for the device"),
            "paused": self.tr("paused"),
            "finished": self.tr("finished"),
            "stopped": self.tr("stopped"),
            "failed": self.tr("failed"),
            "interrupted": self.tr("interrupted"),
            "new": self.tr("starting…"),
        }
        if not run.total_steps:
            return [(words.get(run.status, ""),) * 2]
        assert run.started is not None
        per_epoch = max(1, run.started.steps_per_epoch)
        step, steps, epochs = run.step, run.total_steps, -(-run.total_steps // per_epoch)
        epoch = min(epochs, step // per_epoch + 1)
        word = words.get(run.status, "")
        if run.status == "training" and step >= steps:
            word = self.tr("evaluating")
        ending = f" · {word}" if word else ""
        whole, less = self.tr("epoch {0} / {1} · step {2} / {3}"), self.tr("step {0} / {1}")
        forms = [
            (
                whole.format(f"{epoch:,}", f"{epochs:,}", f"{step:,}", f"{steps:,}"),
                whole.format(f"{epochs:,}", f"{epochs:,}", f"{steps:,}", f"{steps:,}"),
            ),
            (less.format(f"{step:,}", f"{steps:,}"), less.format(f"{steps:,}", f"{steps:,}")),
            (f"{short_number(step)} / {short_number(steps)}", f"{short_number(steps)} / {short_number(steps)}"),
        ]
        return [(text + ending, widest + ending) for text, widest in forms]

    def minimumSizeHint(self) -> QSize:
        return QSize(600, 44)


def _button_of(action: QAction, button: QuietButton) -> QuietButton:
    button.clicked.connect(action.trigger)
    button.setToolTip(action.toolTip())
    button.setVisible(False)
    button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    return button
