"""The gates of a recurrent network while it reads: who opens when, what is kept, how far back anything reaches."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, cast

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ui.lab.clamps import Clamps, signal_clamps
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.lab.tokens import reading_on
from ui.theme import theme
from ui.views._clamp_bar import ClampEdits
from ui.views._export import Table
from ui.views._gates_data import Gates, Place, PointedDot
from ui.views._gates_foot import Foot, write_foot
from ui.views._gates_hits import HitTrail
from ui.views._gates_keys import SORT, walk
from ui.views._gates_layout import GatesLayout, Page
from ui.views._gates_order import Order, Span
from ui.views._gates_pages import PAGES
from ui.views._gates_source import GatesSource
from ui.views._gates_tables import raster_table, saturation_table, unit_table
from ui.views._gates_words import dot_sentence, text_told
from ui.views.base import Lab, View
from ui.widgets.missing_letters import advice
from workers.protocol import Clamp, GateMatch


class GatesView(View):
    """See the module. What is shown follows the focus: step, text, layer, unit and token."""

    name = "gates"
    title = "Gates"
    icon = "grid"
    order = 15
    kinds = frozenset({"text"})
    needs = "gates"
    pages = PAGES

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._gates: Gates | None = None
        self._place = Place()
        self._direction = 0
        self._signal = ""  # the lane pointed at last
        self._span: Span | None = None
        self._unit_shown: Place | None = None  # on the unit page last
        self._trail = HitTrail()
        self._source = GatesSource(lab.inspector, self)
        self._parts = GatesLayout(self, lab, table=self._table, file_name=self._file_name)
        self._source.arrived.connect(self._on_gates_arrived)
        self._source.failed.connect(self._on_gates_failed)
        self._source.waiting_changed.connect(self._parts.spinner.setVisible)
        self._source.num_probes_changed.connect(self._offer_next_text)
        self._clamp_edits = ClampEdits(lab, self._parts.clamps, self)
        self._connect_parts()
        lab.focus.changed.connect(self._on_focus_changed)
        lab.clamps.changed.connect(self._on_clamps_changed)
        theme().changed.connect(self.touch)
        self._say_empty("")

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        if before is not None:
            before.captured.disconnect(self._on_captured)
            before.published.disconnect(self._on_published)
        if run is not None:
            run.captured.connect(self._on_captured)
            run.published.connect(self._on_published)
        self._gates, self._span, self._direction, self._unit_shown = None, None, 0, None
        self._trail.forget()
        self._parts.search.forget()
        self._parts.flow.forget()
        self._parts.unit.forget()
        self._say_empty("")

    def open_page(self, key: str) -> None:
        self._parts.modes.choose(key)

    def redraw(self) -> None:
        focus, run, clamps = self.lab.focus.value, self.run, self.lab.clamps.value
        self._source.follow(run, step=focus.step, text=focus.text, clamps=clamps, ids=focus.written, layer=focus.layer)
        self._parts.search_source.follow(self.run, step=focus.step)
        self._source.refresh()
        self._offer_next_text()
        self._draw()

    # What comes

    def _connect_parts(self) -> None:
        parts = self._parts
        parts.modes.chosen.connect(self._on_mode_chosen)
        parts.next_text.clicked.connect(self._on_next_text_clicked)
        parts.orders.currentIndexChanged.connect(self._on_order_chosen)
        parts.orders.activated.connect(lambda _index: self._on_sort_asked())  # also the one that is chosen already
        parts.layers.currentIndexChanged.connect(self._on_layer_chosen)
        parts.raster.pointed.connect(self._on_cell_pointed)
        parts.raster.chosen.connect(self._on_cell_chosen)
        parts.raster.brushed.connect(self._on_span_brushed)
        parts.unit.token_pointed.connect(self._on_token_pointed)
        parts.unit.token_chosen.connect(self._on_token_chosen)
        parts.unit.unit_chosen.connect(self._on_unit_chosen)
        parts.unit.clamp_asked.connect(self._on_clamp_asked)
        parts.unit.list_left.connect(self._draw)
        parts.unit.clamp_moved.connect(self._clamp_edits.move)
        parts.saturation.pointed.connect(self._on_dot_pointed)
        parts.saturation.chosen.connect(self._on_dot_chosen)
        parts.search.span_brushed.connect(self._on_span_brushed)
        parts.search.unit_chosen.connect(self._on_place_chosen)
        parts.search.hit_chosen.connect(self._on_hit_chosen)
        parts.search.back_asked.connect(self._on_back_asked)
        parts.search.shown_changed.connect(self._draw)
        parts.search.token_pointed.connect(self._on_token_pointed)
        parts.jobs.came.connect(self._draw)
        parts.flow.token_pointed.connect(self._on_token_pointed)
        parts.flow.drawn.connect(lambda: self._write_foot(self._gates) if self._gates is not None else None)
        parts.find_similar.clicked.connect(self._on_find_clicked)

    def _on_captured(self, captured: Any) -> None:
        if captured.kind == "gates" and self.lab.focus.value.step is None:
            self.touch()

    def _on_published(self, _step: int) -> None:
        if self.lab.focus.value.step is None:
            self.touch()

    def _on_gates_arrived(self, gates: Gates) -> None:
        gates = replace(gates, reads=reading_on(gates.tokens, tokenizer=self._tokenizer()))
        before, self._gates = self._gates, gates
        if before is None or before.tokens != gates.tokens:
            if before is None or not self._has_grown(before, gates):
                self._span = None
            self._parts.axis.settle(len(gates.tokens))
        self._span = self._trail.due_span(gates) or self._span
        if before is None or (before.cell, before.num_layers, before.num_directions) != (
            gates.cell,
            gates.num_layers,
            gates.num_directions,
        ):
            self._parts.suit(gates)
            self._parts.raster.set_order(self._order())
        self._parts.say_notes("  ".join([*gates.notes, advice(gates.tokens)]).strip())
        self._parts.show_content()
        self._draw()

    def _has_grown(self, before: Gates, gates: Gates) -> bool:
        """Whether a model wrote on what was shown."""
        return bool(self.lab.focus.value.written) and gates.tokens[: len(before.tokens)] == before.tokens

    def _tokenizer(self) -> str:
        return str(getattr(self.run.recipe.dataset, "tokenizer", "")) if self.run is not None else ""

    def _on_next_text_clicked(self) -> None:
        if self.lab.focus.value.text or self.lab.focus.value.written:
            self.lab.focus.lock(text="", token=None)
        else:
            self._source.show_next_probe()

    def _offer_next_text(self) -> None:
        focus = self.lab.focus.value
        self._parts.next_text.setVisible(
            bool(focus.text or focus.written) or (self._source.num_probes > 1 and not self.lab.clamps.value)
        )

    def _on_gates_failed(self, problem: str) -> None:
        if self._gates is None:
            self._say_empty(problem)
        else:
            self._parts.say_notes(problem, is_problem=True)

    def _say_empty(self, problem: str) -> None:
        usual = self.tr(
            "Choose a recurrent network (LSTM, GRU or RNN) and a dataset of texts and press Start: "
            "how each unit's gates open and shut while it reads appears here. "
            "Or double-click a run of one below."
        )
        if self.run is not None:
            usual = self.tr("The gates appear with the first steps of training.")
        self._parts.show_empty(problem or usual, run=None if problem else self.run)

    # Drawing

    def _draw(self) -> None:
        gates = self._gates
        if gates is None:
            return
        focus, parts, mode = self.lab.focus.value, self._parts, self._mode()
        token = focus.token
        if focus.written and token is not None:  # one that came after these gates: the last one there is
            token = min(token, len(gates.tokens) - 1)
        place = gates.settle(Place(layer=focus.layer or 0, direction=self._direction, unit=focus.unit, token=token))
        self._place = place
        parts.show_layer(place)
        parts.clamps.set_clamps(self.lab.clamps.value, num_layers=gates.num_layers)
        # The raster holds the order of the units that the other pages go by.
        is_training = focus.step is None and self.run is not None and self.run.is_alive
        is_held = place.unit is not None or parts.unit.is_list_pointed()
        parts.raster.set_gates(gates, place, keeps_rows=is_training or bool(focus.written), is_held=is_held)
        parts.show_span(self._span, mode)
        if mode == "unit":
            reach = parts.raster.reaches.get(gates.memory, 1.0)
            order = parts.raster.order
            unit = self._unit_shown = self._unit_place(gates)
            parts.jobs.follow(self.run, step=focus.step, signal=gates.memory)
            parts.unit.show_job(parts.jobs.job(unit))
            clamps = signal_clamps(self.lab.clamps.value)
            by, span = self._order(), self._span
            parts.unit.set_gates(gates, unit, order=order, by=by, span=span, reach=reach, clamps=clamps)
        elif mode == "saturation":
            parts.saturation.set_gates(gates, place, told=text_told(gates, whose=self._source.whose))
        elif mode == "search":
            if parts.search.is_for_patterns:
                parts.jobs.follow(self.run, step=focus.step, signal=gates.memory)
                parts.search.offer_patterns(parts.jobs.num_matched)
            parts.search.set_gates(gates, place, span=self._span, is_hit=self._trail.is_hit(gates))
        elif mode == "flow" and self.run is not None:
            newest = self.run.newest_step or 0
            parts.flow.show_flow(
                self.run,
                step=focus.step,
                newest=newest,
                text=self._source.text,
                ids=self._source.ids,
                layer=place.layer,
                direction=place.direction,
                clamps=signal_clamps(self.lab.clamps.value),
                told=gates.notes,
                whose=text_told(gates, whose=self._source.whose),
            )
            parts.flow.set_held(place.token)
        self._write_foot(gates)

    def _unit_place(self, gates: Gates) -> Place:
        """The unit page always has a unit: while none is chosen the one it showed, at first the raster's first.

        It stays when newer numbers bring another unit to the top.
        """
        place, shown = self._place, self._unit_shown
        if place.unit is not None:
            return place
        if shown is not None and (shown.layer, shown.direction) == (place.layer, place.direction):
            again = gates.settle(replace(place, unit=shown.unit))
            if again.unit is not None:
                return again
        return replace(place, unit=int(self._parts.raster.order[0]))

    def _write_foot(self, gates: Gates) -> None:
        mode = self._mode()
        place = self._unit_place(gates) if mode == "unit" else self._place
        foot = Foot(gates=gates, place=place, signal=self._signal, order=self._order(), has_span=self._span is not None)
        write_foot(self._parts, foot, mode)

    # What a person does

    def _mode(self) -> Page:
        return cast(Page, self._parts.modes.value())

    def _order(self) -> Order:
        return cast(Order, self._parts.orders.currentData() or "raw")

    def _on_mode_chosen(self, key: str) -> None:
        self._parts.show_page(cast(Page, key))
        self._draw()

    def _on_order_chosen(self, _index: int) -> None:
        self._parts.raster.set_order(self._order())
        self._draw()

    def _on_sort_asked(self) -> None:
        """Rows that stay for a unit that is chosen go where they belong."""
        if self._parts.raster.sort_if_due():
            self._draw()
            self._parts.raster.show_place()

    def _on_layer_chosen(self, _index: int) -> None:
        layer, self._direction = self._parts.layers.currentData() or (0, 0)
        self.lab.focus.lock(layer=layer, unit=None)
        self._draw()

    def _on_focus_changed(self, focus: Focus) -> None:
        if self.is_seen() and self._gates is not None:
            self._draw()
        self.touch()

    def _on_clamps_changed(self, _clamps: Clamps) -> None:
        self.touch()

    def _on_cell_pointed(self, place: Place | None, name: str) -> None:
        if place is None:
            self.lab.focus.end_preview()
        else:
            self._signal = name
            self.lab.focus.preview(layer=place.layer, unit=place.unit, token=place.token)

    def _on_cell_chosen(self, place: Place, name: str) -> None:
        self._signal = name
        self.lab.focus.lock(layer=place.layer, unit=place.unit, token=place.token)
        self._unit_shown = place

    def _on_token_pointed(self, token: int | None) -> None:
        if token is None:
            self.lab.focus.end_preview()
        else:
            self.lab.focus.preview(token=token)

    def _on_token_chosen(self, token: int) -> None:
        self.lab.focus.lock(token=token)

    def _on_unit_chosen(self, unit: int) -> None:
        self.lab.focus.lock(layer=self._place.layer, unit=unit)

    def _on_place_chosen(self, place: Place) -> None:
        self._direction = place.direction
        self.lab.focus.lock(layer=place.layer, unit=place.unit)
        self._parts.modes.choose("unit")

    def _on_dot_pointed(self, dot: PointedDot | None) -> None:
        if dot is None:
            self.lab.focus.end_preview()
        elif self._gates is not None:
            self._parts.readout.setText(dot_sentence(self._gates, dot))

    def _on_dot_chosen(self, unit: int, name: str) -> None:
        self._signal = name
        self.lab.focus.lock(layer=self._place.layer, unit=unit)
        self._unit_shown = replace(self._place, unit=unit)

    def _on_span_brushed(self, span: Span | None) -> None:
        self._trail.forget()
        self._span = span
        self._draw()

    def _on_find_clicked(self) -> None:
        """Of the unit page, places like the span in the eyes of its unit."""
        self._choose_shown()
        self._parts.find_places()

    def _on_clamp_asked(self, clamp: Clamp) -> None:
        self._choose_shown()
        self._clamp_edits.hold(clamp)

    def _choose_shown(self) -> None:
        """What is done with the unit of the unit page chooses it."""
        shown = self._unit_shown
        if self._mode() == "unit" and self._place.unit is None and shown is not None:
            self.lab.focus.lock(layer=shown.layer, unit=shown.unit)

    def _on_hit_chosen(self, hit: GateMatch) -> None:
        if (gates := self._gates) is not None:
            text = self._trail.go(hit, focus_text=self.lab.focus.value.text, gates=gates, span=self._span)
            self._look_at(text, gates)

    def _on_back_asked(self) -> None:
        text = self._trail.go_home()
        if text is not None and self._gates is not None:
            self._look_at(text, self._gates)

    def _look_at(self, text: str, gates: Gates) -> None:
        self._span = self._trail.due_span(gates) or self._span  # where it is the very text that is shown
        self.lab.focus.lock(text=text, token=None, sample=None)
        self._draw()

    # Taking it out

    def _table(self) -> Table | None:
        gates, mode = self._gates, self._mode()
        if gates is None:
            return None
        if mode == "search":
            return self._parts.search.table()
        if mode == "flow":
            return self._parts.flow.table()
        if mode == "unit":
            return unit_table(gates, self._unit_place(gates))
        return (saturation_table if mode == "saturation" else raster_table)(gates, self._place)

    def _file_name(self) -> str:
        title = self.run.title if self.run is not None else "gates"
        step = f"-step-{self._gates.step}" if self._gates is not None else ""
        return f"{title}-{self._mode()}-layer-{self._place.layer + 1}{step}"

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        gates, key = self._gates, event.key()
        if gates is not None and key == SORT and not event.modifiers():
            self._on_sort_asked()
        elif gates is None or not walk(self._parts, self.lab.focus, gates, self._place, key):
            super().keyPressEvent(event)
