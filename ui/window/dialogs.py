"""The window's dialogs and the entries of its command palette."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QHBoxLayout, QLabel, QMessageBox, QVBoxLayout

from modellab import __version__
from modellab.paths import home, runs_folder
from modellab.preferences import load_preferences, save_preferences
from modellab.presets import presets
from ui.theme import system_theme, theme
from ui.views.base import Lab
from ui.window.command_palette import CommandPalette, Entry
from ui.window.preferences_dialog import PreferencesDialog

# What the palette offers first, as far as it can be done now.
_SUGGESTED = ("main", "queue", "stop", "resume", "gallery", "open_recipe", "open_pretrained", "undo", "theme")

if TYPE_CHECKING:
    from ui.window.main_window import MainWindow


def ask_preferences(window: MainWindow, lab: Lab) -> None:
    """Change folders and theme; the inspector starts anew to see them."""
    before = load_preferences(home())
    dialog = PreferencesDialog(before, runs_folder=str(runs_folder()), parent=window)
    if dialog.exec() != QDialog.DialogCode.Accepted:
        return
    after = dialog.preferences()
    save_preferences(after, home())
    theme().use(system_theme() if after.theme == "system" else after.theme)
    if (after.datasets_folder, after.models_folder) != (before.datasets_folder, before.models_folder):
        lab.inspector.restart()


def switch_theme() -> None:
    """Light for dark, dark for light, and so from now on."""
    theme().toggle()
    save_preferences(replace(load_preferences(home()), theme=theme().name), home())


def open_palette(window: MainWindow) -> None:
    """Everything that can be done, to be found by typing."""
    palette = CommandPalette(_entries(window), window, recent=window.recent_commands)
    palette.show()


def show_keys(window: MainWindow) -> None:
    """Every shortcut there is, by where it works."""
    tr = window.tr
    everywhere = [
        (action.text().replace("&", ""), action.shortcut().toString())
        for action in window.actions_by_key.all()
        if not action.shortcut().isEmpty()
    ]
    half = -(-len(everywhere) // 2)
    own = [
        (tr("Attention and gates"), [(tr("Next and previous layer"), "]  ["), (tr("Next and previous token"), "→  ←")]),
        (
            tr("Attention"),
            [
                (tr("Next and previous head"), ".  ,"),
                (tr("Switch the head looked at off or on"), "X"),
                (tr("Hide the chosen token, or show it"), "M"),
            ],
        ),
        (tr("Curves"), [(tr("Back to the newest data"), "0")]),
        (tr("Runs"), [(tr("Rename, star, duplicate, delete"), "F2  S  Ctrl+D  Del")]),
    ]
    columns = [[(tr("Everywhere"), everywhere[:half])], [("", everywhere[half:])], own]
    dialog = QDialog(window)
    dialog.setWindowTitle(tr("Keyboard shortcuts"))
    row = QHBoxLayout()
    row.setSpacing(32)
    for groups in columns:
        label = QLabel("".join(_keys_table(heading, rows) for heading, rows in groups))
        label.setAlignment(Qt.AlignmentFlag.AlignTop)
        row.addWidget(label)
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
    buttons.rejected.connect(dialog.reject)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(16, 16, 16, 16)
    column.addLayout(row)
    column.addWidget(buttons)
    dialog.exec()


def _keys_table(heading: str, rows: list[tuple[str, str]]) -> str:
    head = f"<tr><td colspan='2'><b>{heading or '&nbsp;'}</b></td></tr>"
    lines = (f"<tr><td>{text}</td><td align='right'><b>&nbsp;&nbsp;{keys}</b></td></tr>" for text, keys in rows)
    return f"<table cellspacing='0' cellpadding='4' width='100%'>{head}{''.join(lines)}</table>"


def show_about(window: MainWindow) -> None:
    """Version, licence, and where things are kept."""
    QMessageBox.about(
        window,
        window.tr("About Model Lab"),
        window.tr(
            "<h3>Model Lab {0}</h3><p>Train a neural network and watch it learn from the inside.</p>"
            "<p>Apache License 2.0. Inter and JetBrains Mono: SIL Open Font License. Lucide icons: ISC.</p>"
            "<p>Runs are kept in<br>{1}</p>"
        ).format(__version__, runs_folder()),
    )


def _tell_comparing(window: MainWindow) -> None:
    """Where heads are compared, and how."""
    window.show_workbench().views_area.raise_view("attention")
    window.lab.session.say(
        "info", window.tr("In the atlas, Ctrl+click a second head, or right-click it: the matrix then shows A − B.")
    )


def _entries(window: MainWindow) -> list[Entry]:
    known = window.actions_by_key
    first = [known[key] for key in _SUGGESTED]
    actions = [action for action in [*first, *(a for a in known.all() if a not in first)] if action.isEnabled()]
    entries = [
        Entry(text=action.text().replace("&", ""), do=action.trigger, hint=action.shortcut().toString())
        for action in actions
        if action is not window.actions_by_key["palette"]
    ]
    for name, preset in presets().items():
        entries.append(
            Entry(
                group=window.tr("Train"),
                text=preset.title,
                hint=name,
                do=partial(window.train_preset, name),
            )
        )
    if window.workbench is not None:
        area = window.workbench.views_area
        if area.view_docks["attention"].toggleViewAction().isVisible():
            entries.append(Entry(text=window.tr("Compare two heads of attention"), do=partial(_tell_comparing, window)))
        for name, dock in area.view_docks.items():
            entries.append(Entry(group=window.tr("View"), text=dock.windowTitle(), do=partial(area.raise_view, name)))
            is_offered = dock.toggleViewAction().isVisible()
            for page in area.view(name).pages if is_offered else ():
                open_page = partial(area.raise_page, name, page.key)
                entries.append(Entry(group=dock.windowTitle(), text=page.title, hint=page.words, do=open_page))
        bench = window.workbench
        for pane in (bench.setup_dock, bench.inference_dock, bench.runs_dock, bench.log_dock):
            entries.append(Entry(group=window.tr("Go to"), text=pane.windowTitle(), do=pane.take_keyboard))
        for action in bench.runs.actions_.enabled():
            hint = action.shortcut().toString()
            entries.append(Entry(group=window.tr("Selected run"), text=action.text(), hint=hint, do=action.trigger))
    session = window.lab.session
    is_open = {run.path for run in session.open_runs}
    for row in window.workbench.runs.all_rows() if window.workbench is not None else []:
        if row.path not in is_open:
            do = partial(session.open_run, row.path)
            entries.append(Entry(group=window.tr("Run"), text=row.name, hint=row.path.name, do=do))
    for run in session.open_runs:
        entries.append(
            Entry(group=window.tr("Run"), text=run.title, hint=run.id, do=partial(session.make_current, run))
        )
    return entries
