"""The one stylesheet, written as templates over the palette's names and built once a palette."""

from dataclasses import fields
from functools import cache
from string import Template

from ui.theme.assets import assets_folder
from ui.theme.palette import Palette


@cache
def stylesheet(palette: Palette) -> str:
    """The application's stylesheet in this palette's colours."""
    names = {field.name: getattr(palette, field.name) for field in fields(palette)}
    controls = (assets_folder() / "controls" / palette.name).as_posix()
    template = _SURFACES + _TEXT + _BUTTONS + _INPUTS + _TABS + _ITEMS + _POPUPS + _BARS
    return Template(template).substitute(names, controls=controls)


_SURFACES = """
QMainWindow, QDialog, QMessageBox { background: $window; }
QDialogButtonBox { dialogbuttonbox-buttons-have-icons: 0; }
QMainWindow[surface="panel"], QMainWindow[surface="panel"]::separator { background: $panel; }
QFrame[surface="window"] { background: $window; border: none; }
QFrame[surface="panel"] { background: $panel; border: none; border-radius: 8px; }
QFrame[surface="raised"] { background: $raised; border: none; border-radius: 8px; }
QFrame[severity="info"] { background: $info_tint; border: none; border-left: 3px solid $accent; border-radius: 0; }
QFrame[severity="good"] { background: $good_tint; border: none; border-left: 3px solid $good; border-radius: 0; }
QFrame[severity="warn"] { background: $warn_tint; border: none; border-left: 3px solid $warn; border-radius: 0; }
QFrame[severity="error"] { background: $bad_tint; border: none; border-left: 3px solid $bad; border-radius: 0; }
QScrollArea { background: transparent; border: none; }
QScrollArea > QWidget > QWidget { background: transparent; }
QStackedWidget, QTabWidget::pane { background: transparent; border: none; }
QDockWidget { color: $muted; titlebar-close-icon: url("$controls/close.svg");
  titlebar-normal-icon: url("$controls/float.svg"); }
QDockWidget::title { background: $window; padding: 6px 8px; text-align: left; }
QDockWidget::close-button, QDockWidget::float-button { border: none; background: transparent; padding: 0;
  icon-size: 14px; width: 16px; height: 16px; subcontrol-position: center right; subcontrol-origin: padding; }
QDockWidget::close-button { right: 6px; }
QDockWidget::float-button { right: 26px; }
QDockWidget::close-button:hover, QDockWidget::float-button:hover { background: $hover; border-radius: 4px; }
QMainWindow::separator { background: $window; width: 8px; height: 8px; }
QMainWindow::separator:hover { background: $line; }
QSplitter::handle { background: transparent; }
QSplitter::handle:horizontal { width: 8px; }
QSplitter::handle:vertical { height: 8px; }
QSplitter::handle:hover { background: $line; }
QStatusBar { background: $window; color: $muted; }
QStatusBar::item { border: none; }
QSizeGrip { image: none; width: 8px; height: 8px; }
QGroupBox { border: none; margin-top: 20px; font-weight: 600; }
QGroupBox::title { subcontrol-origin: margin; color: $muted; }
"""

_TEXT = """
QLabel { background: transparent; }
QLabel[role="muted"] { color: $muted; }
QLabel[role="link"] { color: $link; }
QLabel[role="good"] { color: $good; }
QLabel[role="warn"] { color: $warn; }
QLabel[role="bad"] { color: $bad; }
QToolTip { background: $tooltip; color: $tooltip_text; border: 1px solid $line; padding: 8px; }
"""

_BUTTONS = """
QPushButton, QToolButton { background: $raised; color: $text; border: 2px solid transparent; border-radius: 6px;
  font-weight: 500; }
QPushButton { padding: 4px 12px; min-height: 20px; }
QToolButton { padding: 4px; }
QToolButton[compact="true"] { padding: 2px; }
QPushButton:hover, QToolButton:hover { background: $hover; }
QPushButton:pressed, QToolButton:pressed, QPushButton:open { background: $pressed; }
QPushButton:focus, QToolButton:focus { border-color: $focus; }
QPushButton:checked, QToolButton:checked { background: $selection; }
QPushButton:disabled, QToolButton:disabled { color: $faint; }
QPushButton:flat, QPushButton[variant="ghost"], QToolButton { background: transparent; }
QPushButton:flat:hover, QPushButton[variant="ghost"]:hover { background: $hover; }
QPushButton:flat:pressed, QPushButton[variant="ghost"]:pressed { background: $pressed; }
QPushButton:flat:checked, QPushButton[variant="ghost"]:checked { background: $selection; }
QPushButton[variant="link"] { background: transparent; color: $link; padding: 4px 6px; }
QPushButton[variant="link"]:hover { background: $hover; }
QPushButton[variant="danger"] { color: $bad; }
QPushButton[variant="danger"]:hover { background: $bad_tint; }
QPushButton[variant="primary"] { background: $accent_fill; color: $on_accent; font-weight: 600; padding: 4px 16px; }
QPushButton[variant="primary"]:hover { background: $accent_hover; }
QPushButton[variant="primary"]:pressed { background: $accent_pressed; }
QPushButton[variant="primary"]:focus { border-color: $text; }
QPushButton[variant="primary"]:disabled { background: $raised; color: $faint; }
QPushButton::menu-indicator { image: url("$controls/chevron-down.svg"); width: 12px; subcontrol-position: right center;
  right: 8px; }
QToolButton::menu-indicator { image: none; }
"""

# The border goes from 1 to 2 px under focus and the padding gives it back, so that nothing moves.
_INPUTS = """
QListView { background: $raised; border: 1px solid $line; }
QListView, QWidget QListView { alternate-background-color: transparent; color: $text; outline: none;
  selection-background-color: $selection; selection-color: $text; }
QWidget QListView { background: transparent; border: none; }
QLineEdit, QAbstractSpinBox, QComboBox, QPlainTextEdit, QTextEdit { background: $input; color: $text;
  border: 1px solid $line; border-radius: 6px; selection-background-color: $accent_fill;
  selection-color: $on_accent; placeholder-text-color: $muted; }
QLineEdit { padding: 4px 6px; min-height: 20px; }
QAbstractSpinBox { padding: 1px; min-height: 26px; max-height: 26px; }
QComboBox { padding: 4px 2px 4px 8px; min-height: 20px; combobox-popup: 0; }
QPlainTextEdit, QTextEdit { padding: 4px; }
QLineEdit:hover, QAbstractSpinBox:hover, QComboBox:hover, QPlainTextEdit:hover, QTextEdit:hover {
  border-color: $faint; }
QLineEdit:focus { border: 2px solid $focus; padding: 3px 5px; }
QAbstractSpinBox:focus { border: 2px solid $focus; padding: 0; }
QComboBox:focus, QComboBox:on { border: 2px solid $focus; padding: 3px 1px 3px 7px; }
QPlainTextEdit:focus, QTextEdit:focus { border: 2px solid $focus; padding: 3px; }
QLineEdit[invalid="true"], QAbstractSpinBox[invalid="true"], QComboBox[invalid="true"],
QPlainTextEdit[invalid="true"] { border-color: $bad; background: $bad_tint; }
QLineEdit:disabled, QAbstractSpinBox:disabled, QComboBox:disabled, QPlainTextEdit:disabled { color: $faint;
  background: transparent; border-color: transparent; }
QComboBox::down-arrow:disabled { image: none; }
QAbstractSpinBox QLineEdit, QComboBox QLineEdit { background: transparent; border: none; min-height: 0; padding: 0; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 20px; border: none;
  background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; margin: 3px 3px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; margin: 0 3px 3px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; border-radius: 3px; }
QAbstractSpinBox::up-arrow { image: url("$controls/chevron-up.svg"); width: 11px; height: 11px; }
QAbstractSpinBox::down-arrow { image: url("$controls/chevron-down.svg"); width: 11px; height: 11px; }
QAbstractSpinBox::up-arrow:off, QAbstractSpinBox::down-arrow:off { image: none; }
QComboBox::drop-down { border: none; width: 24px; }
QComboBox::down-arrow { image: url("$controls/chevron-down.svg"); width: 13px; height: 13px; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; padding: 4px; outline: none;
  selection-background-color: $selection; selection-color: $text; }
QComboBox QAbstractItemView::item { min-height: 26px; border-radius: 4px; padding: 0 8px; }
QCheckBox, QRadioButton { background: transparent; spacing: 8px; padding: 4px 0; }
QCheckBox::indicator, QRadioButton::indicator { width: 14px; height: 14px; background: $input;
  border: 2px solid $faint; border-radius: 5px; }
QRadioButton::indicator { border-radius: 9px; }
QCheckBox::indicator:hover, QRadioButton::indicator:hover { border-color: $muted; }
QCheckBox::indicator:checked { background: $accent_fill; border-color: $accent_fill;
  image: url("$controls/check.svg"); }
QCheckBox::indicator:indeterminate { background: $accent_fill; border-color: $accent_fill;
  image: url("$controls/dash.svg"); }
QRadioButton::indicator:checked { background: $on_accent; border: 5px solid $accent_fill; width: 8px; height: 8px; }
QCheckBox::indicator:focus, QRadioButton::indicator:focus { border-color: $focus; }
QCheckBox:focus, QRadioButton:focus { color: $link; }
QCheckBox::indicator:checked:focus, QRadioButton::indicator:checked:focus { border-color: $text; }
QCheckBox:disabled, QRadioButton:disabled { color: $faint; }
"""

_TABS = """
QTabBar { background: transparent; border: none; font-weight: 500; qproperty-drawBase: 0; }
QTabBar::tab { background: transparent; color: $muted; padding: 8px 14px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:hover { color: $text; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; }
QTabBar::tab:selected:focus { background: $raised; border-bottom-color: $focus; border-top-left-radius: 6px;
  border-top-right-radius: 6px; }
QTabBar::tab:disabled { color: $faint; }
QTabBar::close-button { image: url("$controls/close.svg"); subcontrol-position: right; padding: 2px; }
QTabBar::close-button:hover { background: $hover; border-radius: 4px; }
QTabBar QToolButton { background: $panel; border-radius: 0; }
"""

_ITEMS = """
QTableView, QTreeView { background: transparent; alternate-background-color: transparent; color: $text;
  border: none; outline: none; gridline-color: transparent; selection-background-color: $selection;
  selection-color: $text; }
QTableView::item, QTreeView::item, QListView::item { padding: 0 4px; border: 1px solid transparent; }
QTreeView::item, QListView::item { min-height: 26px; }
QTableView::item:hover, QTreeView::item:hover, QListView::item:hover { background: $raised; }
QTableView::item:selected, QTreeView::item:selected, QListView::item:selected { background: $selection;
  color: $text; }
QTableView::item:focus, QTreeView::item:focus, QListView::item:focus { border: 1px solid $focus; }
QListView::item { border-radius: 4px; }
QTreeView::branch { background: transparent; }
QTreeView::branch:has-children:closed { image: url("$controls/chevron-right.svg"); }
QTreeView::branch:has-children:open { image: url("$controls/chevron-down.svg"); }
QHeaderView { background: transparent; border: none; }
QHeaderView::section { background: transparent; color: $muted; border: none; border-bottom: 1px solid $line;
  padding: 6px 8px; font-weight: 500; }
QHeaderView::section:hover { color: $text; }
QHeaderView::down-arrow { image: url("$controls/chevron-down.svg"); width: 11px; height: 11px; }
QHeaderView::up-arrow { image: url("$controls/chevron-up.svg"); width: 11px; height: 11px; }
QTableCornerButton::section { background: transparent; border: none; }
"""

_POPUPS = """
QMenuBar { background: $window; color: $text; }
QMenuBar::item { background: transparent; padding: 6px 10px; border-radius: 4px; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; color: $text; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 6px 24px 6px 8px; border-radius: 4px; }
QMenu::item:selected { background: $accent_fill; color: $on_accent; }
QMenu::item:disabled { color: $faint; background: transparent; }
QMenu::icon { left: 8px; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 8px; }
QMenu::indicator:unchecked { background: $input; border: 1px solid $faint; border-radius: 3px; width: 12px;
  height: 12px; }
QMenu::indicator:checked { image: url("$controls/check.svg"); background: $accent_fill; border-radius: 3px; }
"""

_BARS = """
QProgressBar { background: $raised; border: none; border-radius: 3px; min-height: 6px; max-height: 6px;
  color: transparent; }
QProgressBar::chunk { background: $accent; border-radius: 3px; }
QSlider { min-height: 24px; }
QSlider::groove:horizontal { height: 4px; background: $raised; border-radius: 2px; }
QSlider::sub-page:horizontal { height: 4px; background: $accent; border-radius: 2px; }
QSlider::handle:horizontal { width: 10px; height: 10px; margin: -5px 0; background: $text;
  border: 2px solid $text; border-radius: 7px; }
QSlider::handle:horizontal:hover { background: $accent; }
QSlider::handle:horizontal:focus { border-color: $focus; background: $panel; }
QSlider::handle:horizontal:disabled { background: $faint; border-color: $faint; }
QSlider::sub-page:horizontal:disabled { background: $faint; }
QScrollBar { background: transparent; border: none; }
QScrollBar:vertical { width: 10px; }
QScrollBar:horizontal { height: 10px; }
QScrollBar::handle { background: $line; border-radius: 3px; }
QScrollBar::handle:vertical { min-height: 32px; margin: 2px; }
QScrollBar::handle:horizontal { min-width: 32px; margin: 2px; }
QScrollBar::handle:hover { background: $faint; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }
QAbstractScrollArea::corner { background: transparent; border: none; }
"""
