"""How the gates' pages, pickers, legend and sentence are arranged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.views._clamp_bar import ClampBar
from ui.views._export import Table
from ui.views._frame import PagedFrame
from ui.views._gates_data import Gates, Place
from ui.views._gates_flow import FlowPage
from ui.views._gates_order import Span
from ui.views._gates_raster import GatesRaster
from ui.views._gates_saturation import SaturationPlot
from ui.views._gates_search import SearchPage
from ui.views._gates_search_source import SearchSource
from ui.views._gates_told import UnitJobs
from ui.views._gates_unit import UnitPage
from ui.views._token_axis import SharedAxis
from ui.views.base import Lab
from ui.widgets.buttons import IconButton, QuietButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.segmented import Segmented

Page = Literal["raster", "unit", "saturation", "search", "flow"]
_PAGES: tuple[Page, ...] = ("raster", "unit", "saturation", "search", "flow")


class GatesLayout(PagedFrame):
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
        self.jobs = UnitJobs(lab.inspector, view)
        self.clamps = ClampBar()
        to_next = view.tr("Back to the trainer's own texts, or on to the next of them")
        self.next_text = IconButton("arrow-right", to_next)
        self.next_text.hide()
        self.find_similar = QuietButton(view.tr("Find similar"), icon_name="search")
        self.find_similar.setToolTip(view.tr("Search the validation texts for places like the span that is marked"))
        self.find_similar.hide()
        self.raster.opened.connect(self._on_unit_opened)
        self._make_pickers(view)
        super().__init__(
            view,
            lab,
            (self.raster, self.unit, self.saturation, self.search, self.flow),
            icon="grid",
            empty_title=view.tr("No gates to show yet"),
            table=table,
            file_name=file_name,
        )
        self._arrange_pickers()

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

    def show_span(self, span: Span | None, page: Page) -> None:
        """What is marked, and what can be done with it."""
        self.raster.set_span(span)
        self.find_similar.setVisible(span is not None and page in ("raster", "unit"))

    def find_places(self) -> None:
        """Search for places like the span."""
        self.search.show_places()
        self.modes.choose("search")

    def _on_unit_opened(self) -> None:
        self.modes.choose("unit")

    def show_page(self, page: Page) -> None:
        """Another page."""
        self._pages.setCurrentIndex(_PAGES.index(page))
        self.orders.setVisible(page in ("raster", "unit"))

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
        self.orders.setAccessibleName(view.tr("Order of the units"))
        self.orders.setToolTip(
            wrapped_tooltip(
                view.tr(
                    "Which units are on top: those that keep most, whose memory lasts longest, like beside like "
                    "(clustered), or that follow a marked span. The bars at the left are what they are ordered by. "
                    "While a unit is chosen newer numbers move no row; choose the order once more, or press S, to "
                    "sort them. Esc lets go of the unit."
                )
            )
        )
        self.layers = ChoiceBox()
        _set_width(self.layers, 100, 120)
        self.layers.setAccessibleName(view.tr("Layer"))
        self.layers.setToolTip(view.tr("The layer, and whether it reads forwards → or backwards ← ( [ and ] )"))

    def _arrange_pickers(self) -> None:
        top = FlowRow(spacing=6)
        left: tuple[QWidget, ...] = (self.modes, self.next_text, self.find_similar)
        right: tuple[QWidget, ...] = (self.orders, self.layers)
        for widget in left:
            top.addWidget(widget)
        top.add_spring()
        for widget in right:
            top.add_stretching(widget)
        top.add_filling(self.clamps)  # a page of little height has a line more
        top.add_pinned(self.spinner)
        top.add_pinned(self.export)
        self.arrange(top)


def _set_width(box: ChoiceBox, least: int, most: int) -> None:
    """Narrower where the view is: the pages' names need theirs."""
    box.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    box.setMinimumWidth(least)
    box.setMaximumWidth(most)
