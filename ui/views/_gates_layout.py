"""How the gates' pages, pickers, legend and sentence are arranged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QStackedLayout, QStackedWidget, QVBoxLayout, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.views._export import ExportButton, Table
from ui.views._gates_clamps import ClampBar
from ui.views._gates_data import Gates, Place
from ui.views._gates_flow import FlowPage
from ui.views._gates_legend import GatesLegend
from ui.views._gates_raster import GatesRaster
from ui.views._gates_saturation import SaturationPlot
from ui.views._gates_search import SearchPage
from ui.views._gates_search_source import SearchSource
from ui.views._gates_unit import UnitPage
from ui.views._gates_window import SharedAxis
from ui.views.base import Lab
from ui.widgets.buttons import IconButton
from ui.widgets.empty_state import EmptyState
from ui.widgets.labels import ElidedLabel, TextLabel
from ui.widgets.segmented import Segmented
from ui.widgets.spinner import Spinner

Page = Literal["raster", "unit", "saturation", "search", "flow"]
_PAGES: tuple[Page, ...] = ("raster", "unit", "saturation", "search", "flow")


class GatesLayout:
    """Makes the parts and puts them in the view; what they tell is the view's to hear."""

    def __init__(
        self, view: QWidget, lab: Lab, *, table: Callable[[], Table | None], file_name: Callable[[], str]
    ) -> None:
        self.axis = SharedAxis(view)
        self.search_source = SearchSource(lab.inspector, view)
        self.raster = GatesRaster(self.axis)
        self.unit = UnitPage(self.axis)
        self.saturation = SaturationPlot()
        self.search = SearchPage(self.search_source)
        self.flow = FlowPage(lab.inspector)
        self.clamps = ClampBar()
        self.legend = GatesLegend()
        self.readout = ElidedLabel(style="small")
        self.readout.setAlignment(Qt.AlignmentFlag.AlignRight)
        self.step = TextLabel(style="small", role="muted")
        self.spinner = Spinner()
        self.spinner.hide()
        self.next_text = IconButton("type", view.tr("Back to the trainer's own texts, or on to the next of them"))
        self.next_text.hide()
        self._notes = ElidedLabel(style="small", role="muted")
        self._notes.hide()
        self._make_pickers(view)
        self._pages = QStackedWidget()
        for page in (self.raster, self.unit, self.saturation, self.search, self.flow):
            self._pages.addWidget(page)
        # A page that would like more height than there is gives way before the legend does.
        self._pages.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)
        self._picture = self._made_picture()
        self._export = ExportButton(picture=self._picture, table=table, file_name=file_name, say=lab.session.say)
        self._arrange(view)

    def suit(self, gates: Gates) -> None:
        """Offer what this kind of cell has."""
        tr = self.modes.tr
        orders = [("cluster", tr("likeness")), ("span", tr("a span")), ("raw", tr("number"))]
        if gates.keeps:
            mean = tr("mean {gate}").format(gate=gates.keeps)
            orders = [("keep", mean), ("half_life", tr("half-life")), *orders]
        kept = self.orders.currentData()
        self.orders.blockSignals(True)
        self.orders.clear()
        for key, title in orders:
            self.orders.addItem(title, key)
        self.orders.setCurrentIndex(max(0, self.orders.findData(kept)))
        self.orders.blockSignals(False)
        self.layers.blockSignals(True)
        self.layers.clear()
        for layer in range(gates.num_layers):
            for direction in range(gates.num_directions):
                way = (" →", " ←")[direction] if gates.num_directions > 1 else ""
                self.layers.addItem(tr("layer {n}").format(n=layer + 1) + way, (layer, direction))
        self.layers.blockSignals(False)
        self.layers.setVisible(self.layers.count() > 1)

    def show_layer(self, place: Place) -> None:
        """The pickers tell what is shown."""
        index = next(
            (k for k in range(self.layers.count()) if self.layers.itemData(k) == (place.layer, place.direction)), 0
        )
        if index != self.layers.currentIndex():
            self.layers.blockSignals(True)
            self.layers.setCurrentIndex(index)
            self.layers.blockSignals(False)

    def show_page(self, page: Page) -> None:
        """Another page."""
        self._pages.setCurrentIndex(_PAGES.index(page))
        self.orders.setVisible(page in ("raster", "unit"))

    def show_content(self) -> None:
        """There is something to see."""
        self._stack.setCurrentIndex(1)

    def show_empty(self, sentence: str) -> None:
        """There is nothing to see, and why."""
        self._empty.set_sentence(sentence)
        self._stack.setCurrentIndex(0)

    def say_notes(self, text: str, *, is_problem: bool = False) -> None:
        """What was done to the text, or what went wrong."""
        self._notes.set_role("bad" if is_problem else "muted")
        self._notes.setText(text)
        self._notes.setVisible(bool(text))

    def _make_pickers(self, view: QWidget) -> None:
        titles = {
            "raster": (view.tr("Raster"), view.tr("Every unit over every token, a lane a signal")),
            "unit": (view.tr("Unit"), view.tr("All signals of one unit, and what its memory is made of")),
            "saturation": (view.tr("Saturation"), view.tr("How often each gate is wide open or shut")),
            "search": (view.tr("Search"), view.tr("Places where units do the same; units that tell a pattern")),
            "flow": (view.tr("Flow"), view.tr("How the gradient travels back through time")),
        }
        self.modes = Segmented([(key, titles[key][0]) for key in _PAGES], accessible_name=view.tr("Gates:"))
        for key in _PAGES:
            self.modes.set_tooltip(key, titles[key][1])
        self.orders = ChoiceBox()
        _set_width(self.orders, 96, 148)
        self.orders.setAccessibleName(view.tr("Rows by"))
        self.orders.setToolTip(
            view.tr(
                "Which units are on top: those that keep most, whose memory lasts longest, like beside like "
                "(clustered), or that follow a marked span. The bars at the left are what they are ordered by."
            )
        )
        self.layers = ChoiceBox()
        _set_width(self.layers, 100, 120)
        self.layers.setAccessibleName(view.tr("Layer"))
        self.layers.setToolTip(view.tr("The layer, and whether it reads forwards → or backwards ← ( [ and ] )"))

    def _made_picture(self) -> QWidget:
        """What is exported: the page, its legend and its sentence."""
        picture = QWidget()
        foot = QHBoxLayout()
        foot.setSpacing(12)
        foot.addWidget(self.legend)
        foot.addWidget(self.readout, 1)
        foot.addWidget(self.step)
        column = QVBoxLayout(picture)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addWidget(self._pages, 1)
        column.addLayout(foot)
        return picture

    def _arrange(self, view: QWidget) -> None:
        top = QHBoxLayout()
        top.setSpacing(6)
        top.addWidget(self.modes)
        top.addWidget(self.next_text)
        top.addWidget(self.spinner)
        top.addStretch()
        for widget in (self.orders, self.layers, self._export):
            top.addWidget(widget)
        content = QWidget()
        column = QVBoxLayout(content)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(6)
        column.addLayout(top)
        column.addWidget(self.clamps)
        column.addWidget(self._notes)
        column.addWidget(self._picture, 1)
        self._empty = EmptyState("grid", "", title=view.tr("No gates to show yet"), parent=view)
        self._stack = QStackedLayout()
        self._stack.addWidget(self._empty)
        self._stack.addWidget(content)
        outer = QVBoxLayout(view)
        outer.setContentsMargins(12, 8, 12, 6)
        outer.addLayout(self._stack)


def _set_width(box: ChoiceBox, least: int, most: int) -> None:
    """Narrower where the view is: the pages' names need theirs."""
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.setMinimumWidth(least)
    box.setMaximumWidth(most)
