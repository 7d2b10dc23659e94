"""Where a transformer looks: every head of every layer, one of them large, the text, and why."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from modellab.recipe import Recipe
from ui.lab.clamps import Clamps
from ui.lab.focus import Focus
from ui.lab.run_model import RunModel
from ui.theme import theme
from ui.views._attention_data import Attention, Head, Over, Place
from ui.views._attention_held import AttentionHolding
from ui.views._attention_layout import AttentionLayout
from ui.views._attention_shown import shown_of
from ui.views._attention_source import AttentionSource
from ui.views._attention_tables import heads_table
from ui.views._attention_taken import file_name, table_in_sight
from ui.views._attention_walk import walked
from ui.views._attention_words import empty_sentence, sentence
from ui.views._export import Table
from ui.views._look_source import SENTENCE, Texts
from ui.views.base import Lab, View
from ui.widgets.numbers import whole

_PROBED = "validation"  # the split whose examples the inspector looks at


class AttentionView(View):
    """See the module. What is shown follows the focus: step, text, pretrained model, layer, head and token (query)."""

    name = "attention"
    title = "Attention"
    icon = "matrix"
    order = 16
    kinds = frozenset({"text", "image"})
    needs = "attention"
    opens_folders = True

    def __init__(self, lab: Lab, parent: QWidget | None = None) -> None:
        super().__init__(lab, parent)
        self._attention: Attention | None = None
        self._place = Place()
        self._block = 0
        self._key: int | None = None
        self._pointed: tuple[int, int] | None = None
        self._rival: tuple[int, int] | None = None
        self._probe = 0
        self._looked_at = _of_the_model(lab.focus.value)
        self._drawn: tuple[object, ...] = ()
        self._high = 1.0
        self._source = AttentionSource(lab.inspector, self)
        self._parts = AttentionLayout(self, lab, table=self._table, file_name=self._file_name)
        self._parts.export.offer_table(
            self.tr("Save all heads' statistics as CSV…"), self._table_of_heads, name="heads"
        )
        self._parts.export.drawing.connect(lambda _is_drawing: self._write_foot())
        self._holding = AttentionHolding(lab, self._parts.clamps, self._parts.head_box, self)
        self._source.arrived.connect(self._on_attention_arrived)
        self._source.failed.connect(self._on_attention_failed)
        self._source.waiting_changed.connect(self._parts.show_waiting)
        self._connect_parts()
        lab.focus.changed.connect(self._on_focus_changed)
        lab.clamps.changed.connect(self._on_clamps_changed)
        lab.image.changed.connect(lambda _image: self.touch())
        lab.focus.unlocked.connect(self._on_unlocked)
        theme().changed.connect(self._on_theme_changed)
        self._say_empty("")

    @classmethod
    def suits(cls, recipe: Recipe | None, focus: Focus) -> bool:
        return bool(focus.pretrained) or super().suits(recipe, focus)

    def show_run(self, run: RunModel | None, before: RunModel | None) -> None:
        if before is not None:
            before.published.disconnect(self._on_published)
        if run is not None:
            run.published.connect(self._on_published)
        self._forget()

    def redraw(self) -> None:
        focus, run = self.lab.focus.value, None if self.lab.focus.value.pretrained else self.run
        self._parts.pickers.offer_steps(run.checkpoint_steps if run is not None else [])
        kind = run.sample.kind if run is not None and run.sample is not None else ""
        is_of_images = kind == "image" or bool(focus.pretrained and self.lab.image.value is not None)
        own = self._source.image = self.lab.image.value if is_of_images else None
        texts = self._parts.texts(focus)
        if is_of_images:
            texts = Texts(image=own.number if own is not None else 0)
        sample = focus.sample if is_of_images and focus.split == _PROBED else None
        self._source.follow(
            self.run,
            pretrained=focus.pretrained,
            step=focus.step,
            texts=texts,
            probe=sample if sample is not None else self._probe,
            clamps=self.lab.clamps.value,
            more=(self._parts.pickers.since() if run is not None else None,),
        )
        self._source.refresh()
        self._draw()

    # What comes

    def _connect_parts(self) -> None:
        parts = self._parts
        parts.show_page("atlas")
        parts.modes.chosen.connect(self._on_page_chosen)
        parts.kinds.chosen.connect(self._on_kind_chosen)
        for box in (parts.overs, parts.sorts, parts.scales, parts.steps):
            box.currentIndexChanged.connect(self._on_picked)
        parts.hide.toggled.connect(lambda _on: self._draw())
        parts.next_text.clicked.connect(self._on_next_text_clicked)
        parts.atlas.chosen.connect(self._on_head_chosen)
        parts.atlas.pointed.connect(self._on_head_pointed)
        parts.atlas.compared.connect(self._on_head_compared)
        parts.atlas.menu_asked.connect(self._holding.open_head_menu)
        self._holding.compared.connect(self._on_head_compared)
        for asking in (parts.matrix, parts.text, parts.patches, parts.arcs):
            asking.menu_asked.connect(self._holding.open_token_menu)
        parts.matrix.pointed.connect(self._on_cell_pointed)
        parts.matrix.chosen.connect(self._on_cell_chosen)
        parts.matrix.labels_thinned.connect(self._write_foot)
        parts.heads.chosen.connect(lambda layer, head: self._look(layer=layer, head=head))
        for page in (parts.text, parts.patches, parts.arcs):
            page.query_pointed.connect(self._on_query_pointed)
            page.query_chosen.connect(lambda query: self.lab.focus.lock(token=query))
        for telling in (parts.product, parts.patches, parts.text):
            telling.told.connect(self._on_told)
        parts.share_texts(self.lab.focus, self.touch)

    def _on_published(self, _step: int) -> None:
        focus = self.lab.focus.value
        if focus.step is None and not focus.pretrained:
            self.touch()

    def _on_attention_arrived(self, attention: Attention) -> None:
        before, self._attention = self._attention, attention
        self._drawn = ()
        if before is None or [b.header.kind for b in before.blocks] != [b.header.kind for b in attention.blocks]:
            self._block, self._rival = attention.first_block(), None
        # What is laid out anew from here on may tell of a place before all is drawn.
        self._place = attention.settle(replace(self._place, block=self._block))
        self._parts.suit(attention)
        self._parts.say_notes("  ".join(attention.header.notes))
        self._parts.show_content()
        if (
            before is None
            and attention.header.title
            and attention.header.grid is None
            and not self.lab.focus.value.text
        ):
            self.lab.focus.lock(text=SENTENCE)  # what it reads at first stands in every field
        self._draw()

    def _on_attention_failed(self, problem: str) -> None:
        if self._attention is None:
            self._say_empty(problem)
        else:
            self._parts.say_notes(problem, is_problem=True)

    def _forget(self) -> None:
        self._attention, self._drawn, self._key, self._rival, self._pointed = None, (), None, None, None
        self._probe = 0
        self._source.forget()
        self._parts.pickers.forget()
        self._parts.forget_texts()
        self._say_empty("")

    def _say_empty(self, problem: str) -> None:
        is_pretrained = bool(self.lab.focus.value.pretrained)
        usual = empty_sentence(is_pretrained=is_pretrained, has_run=self.run is not None)
        self._parts.show_empty(problem or usual, run=None if problem or is_pretrained else self.run)

    # Drawing

    def _draw(self) -> None:
        attention = self._attention
        if attention is None:
            return
        focus, parts = self.lab.focus.value, self._parts
        query, key = self._pointed or (focus.token, self._key)
        wanted = Place(block=self._block, layer=focus.layer or 0, head=focus.head or 0, query=query, key=key)
        if self._parts.page == "text":  # where no key is shown, none is told of
            wanted = replace(wanted, key=None)
        place = self._place = attention.settle(wanted, is_growing=bool(focus.written))
        block = attention.blocks[place.block]
        parts.show_kind(attention, place)
        self._holding.show(attention, place)
        parts.show_held(
            self._holding.factors(), queries=self._holding.hidden_queries(), keys=self._holding.hidden_keys()
        )
        parts.show_whose(attention, focus, is_held=bool(self.lab.clamps.value))
        page, over, scale = parts.page, parts.over(), parts.scale()
        if page == "atlas":
            self._draw_matrix(attention, place)
            parts.show_compared(block, place, hidden=self._hidden(place))
            self._high = parts.compare.high if parts.is_side_by_side() else self._high
            rival = self._rival_in_sight()
            parts.atlas.set_scale(scale, 1.0 if rival is not None else self._high)
            parts.show_atlas(block, place, rival=rival, hidden=self._hidden(place))
            parts.facts.set_head(block, place)
            parts.matrix.set_held(place.query, place.key)
        elif page == "text":
            parts.show_input(attention, place, over=over, scale=scale, hidden=self._hidden(place))
        elif page == "arcs":
            shares = block.all_shares(place.layer, place.head, over=over)
            parts.arcs.set_shares(shares, block, held=place.query, hidden=self._hidden(place))
        else:
            parts.show_product(block, place)
        self._write_foot()

    def _draw_matrix(self, attention: Attention, place: Place) -> None:
        """Only when it is of something else: the pointer moves over it all the time."""
        parts, block = self._parts, attention.blocks[place.block]
        over, scale, hidden = how = parts.over(), parts.scale(), self._hidden(place)
        rival = self._rival_in_sight()
        factor = self._holding.factor_at(place) if over == "head" else None
        drawn = (attention, place.block, place.layer, place.head, how, block.chosen, rival, factor, theme().name)
        if drawn == self._drawn:
            return
        self._drawn = drawn
        shown = shown_of(block, place, over=over, scale=scale, rival=rival, hidden=hidden, factor=factor)
        self._high = shown.high
        parts.matrix.set_shown(shown)

    def _hidden(self, place: Place) -> tuple[int, ...]:
        """Keys that are left out: special tokens, else the first one."""
        if not self._parts.hide.isChecked() or self._attention is None:
            return ()
        return self._attention.blocks[place.block].header.special or (0,)

    def _rival_in_sight(self) -> Head | None:
        """The head that is subtracted, where that is shown."""
        return self._rival if self._parts.over() == "head" and self._parts.page == "atlas" else None

    def _write_foot(self) -> None:
        attention, place, parts = self._attention, self._place, self._parts
        if attention is None:
            return
        rival = self._rival_in_sight()
        parts.show_legend(scale=parts.scale(), high=self._high, is_difference=rival is not None)
        over: Over = "head" if parts.page == "product" else parts.over()
        more = parts.labels_told() if place.query is None or place.key is None else ""
        more = parts.uniform_told() if place.query is None and parts.uniform_told() else more
        if parts.page == "arcs" and (place.query is None or not parts.arcs.axis.is_whole):
            more = parts.arcs.told()
        told = sentence(
            attention,
            place,
            over,
            rival=rival,
            hidden=self._hidden(place),
            factor=self._holding.factor_at(place) if over == "head" else None,
            has_facts=parts.page in ("atlas", "arcs"),
            is_side_by_side=parts.is_side_by_side(),
        )
        parts.readout.setText("  ·  ".join(filter(None, (told, more))))
        is_run = not attention.header.title
        parts.step.setText(self.tr("step {step}").format(step=whole(attention.header.step)) if is_run else "")

    # What a person does

    def _on_page_chosen(self, key: str) -> None:
        self._parts.show_page(key)  # type: ignore[arg-type]
        self._draw()

    def _on_picked(self, _index: int) -> None:
        self._draw()
        self.touch()  # what changed since a step is asked for

    def _on_kind_chosen(self, kind: str) -> None:
        if self._attention is not None:
            kinds = [block.header.kind for block in self._attention.blocks]
            if kind in kinds:
                self._block, self._key, self._rival, self._pointed = kinds.index(kind), None, None, None
            self._look(token=None)

    def _on_next_text_clicked(self) -> None:
        focus = self.lab.focus.value
        if not focus.text:
            self._probe, self._key = self._probe + 1, None
        self.lab.image.set(None)
        self.lab.focus.lock(text="", pair="", token=None, sample=None)
        self.touch()

    def _on_clamps_changed(self, _clamps: Clamps) -> None:
        if self.is_seen():
            self._draw()
        self.touch()

    def _on_theme_changed(self) -> None:
        self._drawn = ()
        self.touch()

    def _on_focus_changed(self, focus: Focus) -> None:
        if focus.token is None and self._pointed is None:
            self._key = None
        before, self._looked_at = self._looked_at, _of_the_model(focus)
        if self._looked_at[0] != before[0]:
            self._forget()
        if self._looked_at != before or not self.is_seen():
            self.touch()
        elif self._attention is not None:
            self._draw()

    def _on_unlocked(self) -> None:
        self._key = self._pointed = self._rival = None
        self._draw()

    def _look(self, **parts: int | None) -> None:
        """Lock the focus there; drawn once, also where only what is the view's own has changed."""
        before = self.lab.focus.value
        self.lab.focus.lock(**parts)
        if self.lab.focus.value == before:
            self._draw()

    def _on_head_chosen(self, layer: int, head: int) -> None:
        self._rival = None
        self._parts.overs.setCurrentIndex(0)
        self._look(layer=layer, head=head)

    def _on_head_pointed(self, head: tuple[int, int] | None) -> None:
        if head is not None and self._attention is not None:
            place = replace(self._place, layer=head[0], head=head[1], query=None, key=None)
            factor = self._holding.factor_at(place)
            self._parts.readout.setText(sentence(self._attention, place, "head", factor=factor, has_facts=True))
            self._parts.facts.set_head(self._attention.blocks[place.block], place)
        elif self._attention is not None:
            self._draw()

    def _on_head_compared(self, layer: int, head: int) -> None:
        self._rival = None if self._rival == (layer, head) else (layer, head)
        self._parts.overs.setCurrentIndex(0)
        self._draw()

    def _on_cell_pointed(self, cell: tuple[int, int] | None) -> None:
        self._pointed = cell
        self._draw()

    def _on_cell_chosen(self, query: int, key: int) -> None:
        self._key = key
        self._look(token=query)

    def _on_query_pointed(self, query: int | None) -> None:
        if query is None:
            self.lab.focus.end_preview()
        else:
            self.lab.focus.preview(token=query)

    def _on_told(self, told: str) -> None:
        self._parts.readout.setText(told) if told else self._write_foot()

    # Taking it out

    def _table(self) -> Table | None:
        return table_in_sight(self._attention, self._place, self._parts, self._rival_in_sight())

    def _table_of_heads(self) -> Table | None:
        attention = self._attention
        return heads_table(attention, self._place, self._holding.factors()) if attention is not None else None

    def _file_name(self) -> str:
        title = self._attention.header.title if self._attention is not None else ""
        title = title or (self.run.title if self.run is not None else "attention")
        return file_name(title, self._attention, self._place, self._parts)

    # Keys

    def keyPressEvent(self, event: QKeyEvent) -> None:
        is_taken = self._attention is not None and not event.modifiers() and self._holding.take_key(event.key())
        if not is_taken and (self._attention is None or not self._walk(self._attention, event.key())):
            super().keyPressEvent(event)

    def _walk(self, attention: Attention, key: int) -> bool:
        moved = walked(self._place, attention.blocks[self._place.block], key)
        if moved is None:
            return False
        self._pointed = None
        self._key = moved.pop("key", self._key)
        self._look(**moved)
        self._parts.matrix.show_held()
        return True


def _of_the_model(focus: Focus) -> tuple[object, ...]:
    """What the answer of a model depends on; the model first. All else is only looked at in it."""
    texts = focus.text, focus.pair, focus.target, focus.written
    return focus.pretrained, focus.step, texts, focus.sample, focus.split
