"""The small widgets, as a person uses them: by pointer, by key, and as the theme changes under them."""

import math

import pytest
from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt
from PySide6.QtGui import QEnterEvent, QFocusEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import (
    QApplication,
    QPushButton,
    QToolButton,
    QWidget,
)

from tests.ui.test_sparkline import sparkline
from ui.theme import apply_theme, theme
from ui.widgets.banner import Banner
from ui.widgets.buttons import IconButton, PrimaryButton, QuietButton
from ui.widgets.card import Card
from ui.widgets.colour_legend import ColourLegend
from ui.widgets.empty_state import EmptyState
from ui.widgets.flow_grid import FlowGrid
from ui.widgets.help_dot import HelpDot, rich_tooltip
from ui.widgets.labels import ElidedLabel, SectionLabel, TextLabel
from ui.widgets.number_fields import IntegerField, NumberField
from ui.widgets.numbers import fixed
from ui.widgets.painting import wrapped
from ui.widgets.probability_bars import ProbabilityBars
from ui.widgets.segmented import Segmented
from ui.widgets.spinner import Spinner
from ui.widgets.tile import Tile, pixmap_picture
from ui.widgets.toast import Toast


@pytest.fixture(autouse=True)
def _dark(qapp):
    apply_theme(qapp, "dark")
    yield
    theme().use("dark")


def bars() -> ProbabilityBars:
    widget = ProbabilityBars()
    widget.set_rows(["German", "Dutch"], [0.8, 0.2], truth=0)
    return widget


def card() -> Card:
    widget = Card("Try it")
    widget.add(TextLabel("text"))
    return widget


EVERY_WIDGET = {
    "banner": lambda: Banner("The disk is full.", severity="error", actions=[("open", "Open folder")]),
    "primary button": lambda: PrimaryButton("Start", icon_name="play"),
    "quiet button": lambda: QuietButton("Stop", icon_name="stop"),
    "icon button": lambda: IconButton("settings", "Settings"),
    "card": card,
    "colour legend": lambda: ColourLegend("diverging", low="-2", high="2", caption="cell"),
    "empty state": lambda: EmptyState("chart", "Curves will appear here.", title="Nothing", action_text="Start"),
    "help dot": lambda: HelpDot("Epochs", sentence="Passes over the data."),
    "text label": lambda: TextLabel("step 548", style="small", role="muted"),
    "section label": lambda: SectionLabel("Training"),
    "elided label": lambda: ElidedLabel("a line"),
    "integer field": lambda: IntegerField(128),
    "number field": lambda: NumberField(0.003),
    "probability bars": bars,
    "segmented": lambda: Segmented([("a", "Raster"), ("b", "Unit")]),
    "sparkline": sparkline,
    "spinner": Spinner,
    "tile": lambda: Tile("Spirals", sentence="A sentence.", hint="about 5 s", picture=pixmap_picture(QPixmap(8, 8))),
}


@pytest.mark.parametrize("make", EVERY_WIDGET.values(), ids=EVERY_WIDGET)
def test_that_a_widget_paints_something_in_both_themes_and_follows_a_change(make, qtbot):
    widget = make()
    qtbot.addWidget(widget)
    widget.resize(max(200, widget.sizeHint().width()), widget.sizeHint().height())
    dark = widget.grab().toImage()
    theme().toggle()
    light = widget.grab().toImage()
    for image in (dark, light):
        pixels = {image.pixel(x, y) for x in range(image.width()) for y in range(image.height())}
        assert len(pixels) > 1, "it is not blank"
    assert dark != light


@pytest.mark.parametrize("name", [name for name in EVERY_WIDGET if "label" not in name and "field" not in name])
def test_that_a_widget_that_is_no_plain_text_has_an_accessible_name(name, qtbot):
    widget = EVERY_WIDGET[name]()
    qtbot.addWidget(widget)
    assert widget.accessibleName()


def test_that_the_arrow_keys_move_a_switch_and_stop_at_its_ends(qtbot):
    switch = Segmented([("a", "A"), ("b", "B"), ("c", "C")], value="b")
    qtbot.addWidget(switch)
    told: list[str] = []
    switch.chosen.connect(told.append)
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Right, Qt.Key.Key_Left, Qt.Key.Key_Home, Qt.Key.Key_End):
        qtbot.keyClick(switch, key)
    assert told == ["c", "b", "a", "c"]
    assert switch.value() == "c"


def test_that_a_click_chooses_the_segment_under_it(qtbot):
    switch = Segmented([("a", "Raster"), ("b", "Unit")])
    qtbot.addWidget(switch)
    switch.resize(switch.sizeHint())
    with qtbot.waitSignal(switch.chosen, check_params_cb=lambda key: key == "b"):
        qtbot.mouseClick(switch, Qt.MouseButton.LeftButton, pos=QPoint(switch.width() - 8, 14))


def test_that_choosing_what_is_chosen_tells_nobody(qtbot):
    switch = Segmented([("a", "A"), ("b", "B")])
    qtbot.addWidget(switch)
    with qtbot.assertNotEmitted(switch.chosen):
        switch.choose("a")


@pytest.mark.parametrize("key", [Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space])
def test_that_a_tile_is_activated_by_key(qtbot, key):
    tile = Tile("Spirals")
    qtbot.addWidget(tile)
    with qtbot.waitSignal(tile.activated):
        qtbot.keyClick(tile, key)


def test_that_a_tile_is_activated_by_a_click_once(qtbot):
    tile = Tile("Spirals", sentence="A sentence.")
    qtbot.addWidget(tile)
    told = []
    tile.activated.connect(lambda: told.append(1))
    qtbot.mouseClick(tile, Qt.MouseButton.LeftButton)
    assert told == [1]


def test_that_a_tile_shows_its_focus_to_the_keyboard_only(qtbot):
    tile = Tile("Spirals")
    qtbot.addWidget(tile)
    plain = tile.grab().toImage()
    for reason, is_ringed in ((Qt.FocusReason.MouseFocusReason, False), (Qt.FocusReason.TabFocusReason, True)):
        QApplication.sendEvent(tile, QFocusEvent(QEvent.Type.FocusIn, reason))
        assert (tile.grab().toImage() != plain) == is_ringed
    QApplication.sendEvent(tile, QFocusEvent(QEvent.Type.FocusOut))
    assert tile.grab().toImage() == plain


def test_that_a_tiles_picture_is_painted_once_a_size(qtbot):
    rects: list[QRectF] = []
    tile = Tile("Spirals", picture=lambda painter, rect: rects.append(rect))
    qtbot.addWidget(tile)
    for _ in range(3):
        tile.resize(240, 200)
        tile.grab()
    assert len(rects) == 1
    tile.resize(300, 200)
    tile.grab()
    assert [rect.width() for rect in rects] == [240, 300]


def test_that_bars_take_a_new_frame_without_making_or_laying_out_anything(qtbot, monkeypatch):
    widget = bars()
    qtbot.addWidget(widget)
    widget.resize(260, widget.sizeHint().height())
    widget.show()
    labels = [f"class {i}" for i in range(6)]
    widget.set_rows(labels, [0.5] * 6)
    parts, layouts = widget.findChildren(QObject), []
    monkeypatch.setattr(type(widget), "updateGeometry", lambda self: layouts.append(self))
    for frame in range(60):
        widget.set_rows(labels, [frame / 60] * 6)
    assert widget.findChildren(QObject) == parts
    assert layouts == []


def test_that_bars_keep_their_height_and_columns_as_answers_change(qtbot):
    widget = ProbabilityBars(num_rows=3)
    qtbot.addWidget(widget)
    widget.resize(300, 72)
    widget.set_rows(["a rather long label", "b"], [0.9, 0.1])
    columns = widget._columns()
    widget.set_rows(["b", "c", "d", "e"], [0.4, 0.3, 0.2, 0.1])
    assert widget._columns() == columns
    assert widget.rows() == (("b", 0.4), ("c", 0.3), ("d", 0.2))
    assert widget.sizeHint().height() == 72


def test_that_a_difference_beside_a_bar_ends_where_the_rows_do(qtbot):
    widget = ProbabilityBars(num_rows=1)
    qtbot.addWidget(widget)
    widget.resize(240, 24)
    widget.set_indent(12)
    widget.set_before({"1": 0.981})
    widget.set_rows(["1"], [0.990])
    image = widget.grab().toImage()
    background = image.pixel(image.width() - 1, 0)
    inked = [x for x in range(image.width()) if any(image.pixel(x, y) != background for y in range(image.height()))]
    assert image.width() - 12 - 4 <= max(inked) + 1 <= image.width() - 12


@pytest.mark.parametrize("value", [math.nan, math.inf, -1.0, 2.0])
def test_that_bars_survive_what_is_no_probability(qtbot, value):
    widget = ProbabilityBars()
    qtbot.addWidget(widget)
    widget.set_rows(["a"], [value])
    widget.grab()


@pytest.mark.parametrize(("width", "num_columns"), [(200, 1), (455, 1), (456, 2), (700, 3), (1200, 5)])
def test_that_a_grid_has_as_many_columns_as_fit(qtbot, width, num_columns):
    host = QWidget()
    qtbot.addWidget(host)
    grid = FlowGrid(host, min_tile_width=220, spacing=16)
    tiles = [Tile(str(i), sentence="s") for i in range(6)]
    for tile in tiles:
        grid.addWidget(tile)
    host.resize(width, grid.heightForWidth(width))
    host.show()
    assert grid.num_columns(width) == num_columns
    assert len({tile.x() for tile in tiles}) == min(num_columns, 6)
    assert len({tile.width() for tile in tiles}) == 1
    assert max(tile.geometry().bottom() for tile in tiles) < host.height()


def test_that_a_grid_without_tiles_takes_no_height(qtbot):
    host = QWidget()
    qtbot.addWidget(host)
    assert FlowGrid(host).heightForWidth(400) == 0


def test_that_a_toast_offers_its_action_and_ends_once(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    toast = Toast(window, sentence="Run deleted.", action_text="Undo")
    told = []
    toast.expired.connect(lambda: told.append("expired"))
    toast.action_chosen.connect(lambda: told.append("undo"))
    toast.popup()
    assert window.rect().contains(toast.geometry())
    undo = toast.findChild(QPushButton)
    qtbot.mouseClick(undo, Qt.MouseButton.LeftButton)
    toast.dismiss()
    assert told == ["undo"]


def test_that_a_toast_expires_but_not_under_the_pointer(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.show()
    toast = Toast(window, sentence="Run deleted.", duration_ms=30)
    toast.popup()
    here = QPointF(4, 4)
    QApplication.sendEvent(toast, QEnterEvent(here, here, here))
    with qtbot.assertNotEmitted(toast.expired, wait=120):
        pass
    with qtbot.waitSignal(toast.expired, timeout=3000):
        QApplication.sendEvent(toast, QEvent(QEvent.Type.Leave))


def test_that_a_toast_stays_at_the_windows_lower_edge(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(600, 400)
    window.show()
    toast = Toast(window, sentence="Saved.")
    toast.popup()
    window.resize(900, 700)
    assert abs(toast.geometry().center().x() - 450) <= 1
    assert 600 < toast.geometry().bottom() < 700
    toast.dismiss()


def test_that_a_banner_tells_which_action_was_chosen_and_when_it_is_closed(qtbot):
    banner = Banner("The run was interrupted.", actions=[("resume", "Resume"), ("log", "Show log")])
    qtbot.addWidget(banner)
    banner.show()
    _, second = banner.findChildren(QPushButton)
    with qtbot.waitSignal(banner.action_chosen, check_params_cb=lambda key: key == "log"):
        second.click()
    with qtbot.waitSignal(banner.closed):
        banner.findChildren(QToolButton)[0].click()
    assert banner.isHidden()


def test_that_an_empty_view_offers_its_way_out(qtbot):
    empty = EmptyState("chart", "Curves will appear here.", action_text="Start a run")
    qtbot.addWidget(empty)
    with qtbot.waitSignal(empty.action_chosen):
        empty.findChildren(QPushButton)[0].click()


def test_that_an_elided_label_tells_the_whole_only_where_it_is_cut(qtbot):
    label = ElidedLabel("a sentence that is a good deal longer than its room")
    qtbot.addWidget(label)
    label.resize(80, 20)
    label.grab()
    assert label.toolTip() == label.text()
    label.resize(800, 20)
    label.grab()
    assert label.toolTip() == ""


def test_that_the_primary_button_keeps_its_width_as_its_word_changes(qtbot):
    button = PrimaryButton("Start", icon_name="play", all_texts=("Pause", "Resume"))
    qtbot.addWidget(button)
    width = button.sizeHint().width()
    for word in ("Pause", "Resume", "Start"):
        button.set_action(word)
        assert button.sizeHint().width() == width


def test_that_a_number_is_shown_as_short_as_it_is(qtbot):
    field = NumberField(0.003)
    qtbot.addWidget(field)
    assert field.text() == "0.003"
    field.setValue(1e-8)
    assert field.text() == "1e-08"
    field.clear()
    qtbot.keyClicks(field, "2.5e-4")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert field.value() == 2.5e-4


@pytest.mark.parametrize("make", [IntegerField, NumberField])
def test_that_scrolling_past_a_field_changes_nothing(qtbot, make):
    field = make(5)
    qtbot.addWidget(field)
    nowhere = QPointF(4, 4)
    event = QWheelEvent(
        nowhere, nowhere, QPoint(), QPoint(0, 120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(field, event)
    assert field.value() == 5


def test_that_a_tooltip_takes_text_and_never_markup():
    text = rich_tooltip("a < b", "x & y", limits="1 to 4096", default="128")
    assert "a &lt; b" in text
    assert "x &amp; y" in text
    assert "1 to 4096" in text
    assert "128" in text


def test_that_wrapped_text_loses_no_word_but_what_the_ellipsis_stands_for(qtbot):
    metrics = TextLabel("").fontMetrics()
    text = "one two three four five six seven eight nine ten"
    lines = wrapped(text, metrics=metrics, width=90, max_lines=20)
    assert " ".join(lines) == text
    assert all(metrics.horizontalAdvance(line) <= 90 for line in lines)
    cut = wrapped(text, metrics=metrics, width=90, max_lines=2)
    assert len(cut) == 2
    assert cut[-1].endswith("…")


def test_that_a_spinner_turns_only_while_it_is_seen(qtbot):
    spinner = Spinner()
    qtbot.addWidget(spinner)
    assert not spinner._timer.isActive()
    spinner.show()
    assert spinner._timer.isActive()
    spinner.hide()
    assert not spinner._timer.isActive()


def test_that_zero_has_no_sign_and_other_numbers_a_true_minus():
    assert [fixed(value, decimals=3) for value in (-0.0, -0.0004, -0.0006, 0.25)] == [
        "0.000",
        "0.000",
        "−0.001",
        "0.250",
    ]
