"""How the attention's pages, pickers, fields, legend and sentence are arranged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ui.lab.focus import Focus, SharedFocus
from ui.views._attention_arcs import AttentionArcs
from ui.views._attention_atlas import AttentionAtlas
from ui.views._attention_colours import LOG_LOW, Scale
from ui.views._attention_compare import AttentionCompare
from ui.views._attention_data import Attention, Block, Head, Over, Place
from ui.views._attention_facts import HeadFacts
from ui.views._attention_held import HeadBox
from ui.views._attention_matrix import AttentionMatrix
from ui.views._attention_patches import AttentionPatches
from ui.views._attention_pickers import AttentionPickers
from ui.views._attention_product import ProductStrip
from ui.views._attention_text import STRENGTH, AttentionText
from ui.views._attention_words import kind_title, query_name, share_help, uniform_note
from ui.views._clamp_bar import ClampBar
from ui.views._export import Table, keep_out
from ui.views._frame import PagedFrame
from ui.views._legend import Scale as LegendScale
from ui.views._look_source import Texts, pair_told, told
from ui.views._look_view import WhoseText, name_next, next_text_button
from ui.views._shared_text import SharedText
from ui.views._tokens import quoted_in
from ui.views.base import Lab
from ui.widgets.buttons import IconButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import ElidedLabel
from ui.widgets.missing_letters import advice
from ui.widgets.numbers import fixed
from ui.widgets.segmented import Segmented

Page = Literal["atlas", "text", "arcs", "product"]
_PAGES: tuple[Page, ...] = ("atlas", "text", "arcs", "product")
_KINDS = ("encoder", "decoder", "cross")


class AttentionLayout(PagedFrame):
    """Makes the parts and puts them in the view; what they tell is the view's to hear."""

    def __init__(
        self, view: QWidget, lab: Lab, *, table: Callable[[], Table | None], file_name: Callable[[], str]
    ) -> None:
        self.atlas = AttentionAtlas()
        self.facts = HeadFacts()
        self.head_box = HeadBox()
        keep_out(self.head_box)
        self.clamps = ClampBar()
        self.matrix = AttentionMatrix()
        self.compare = AttentionCompare()
        self.text = AttentionText()
        self.patches = AttentionPatches()
        self.arcs = AttentionArcs()
        self.product = ProductStrip()
        self.next_text = next_text_button()
        self.whose = WhoseText()
        self._has_hints = True
        self._takes_target, self._target = False, ""  # as Try it has it
        self._missing = ""  # letters that no font has
        self._uniform: tuple[Block | None, str] = (None, "")
        self._make_modes(view)
        self.pickers = AttentionPickers(view.tr)
        self.overs, self.heads, self.sorts = self.pickers.overs, self.pickers.heads, self.pickers.sorts
        self.filter, self.steps = self.pickers.filter, self.pickers.steps
        self.scales, self.hide = self.pickers.scales, self.pickers.hide
        self._make_fields(view)
        self._sides = QSplitter(Qt.Orientation.Horizontal)
        self._sides.setChildrenCollapsible(False)
        self._sides.addWidget(_stacked(self.atlas, self.facts, self.head_box))
        self._large = QStackedWidget()
        self._large.addWidget(self.matrix)
        self._large.addWidget(self.compare)
        self._sides.addWidget(self._large)
        self._sides.setStretchFactor(0, 1)
        self._sides.setStretchFactor(1, 1)
        self._sides.setSizes([440, 500])
        self._inputs = QStackedWidget()
        self._inputs.addWidget(self.text)
        self._inputs.addWidget(self.patches)
        super().__init__(
            view,
            lab,
            (self._sides, self._inputs, self.arcs, self.product),
            icon="matrix",
            empty_title=view.tr("No attention to show yet"),
            table=table,
            file_name=file_name,
        )
        self._arrange_pickers()
        self.export.drawing.connect(self._on_drawing)
        self.atlas.gathered.connect(self._on_gathered)
        self.filter.changed.connect(lambda: self.atlas.keep(self.filter.kept()))
        self.product.matrix_asked.connect(lambda: self.modes.choose("atlas"))
        self.compare.chosen.connect(self.atlas.chosen)
        self.compare.pointed.connect(self.atlas.pointed)

    def say_notes(self, text: str, *, is_problem: bool = False) -> None:
        """What was done to the text; and letters without a font."""
        super().say_notes("  ".join(filter(None, (text, self._missing))), is_problem=is_problem)

    def labels_told(self) -> str:
        """Which tokens have no label where a matrix is shown, in words; empty: all have one."""
        is_matrix = self.page == "atlas" and self._large.currentWidget() is self.matrix
        return self.matrix.labels_told(has_hint=self._has_hints) if is_matrix else ""

    def uniform_told(self) -> str:
        """That all heads look at everything alike, as early in training; said below, where nothing moves for it."""
        return self._uniform[1]

    def show_compared(self, block: Block, place: Place, *, hidden: tuple[int, ...]) -> None:
        """The chosen heads beside each other, in place of one of them large."""
        is_many = self.over() == "chosen" and len(block.chosen) > 1
        if is_many:
            self.compare.show_heads(block, place, scale=self.scale(), hidden=hidden)
        wanted = self.compare if is_many else self.matrix
        if self._large.currentWidget() is not wanted:
            self._large.setCurrentWidget(wanted)

    def is_side_by_side(self) -> bool:
        """Whether chosen heads are shown each, not their mean."""
        return self.page == "atlas" and self._large.currentWidget() is self.compare

    def _on_drawing(self, is_drawing: bool) -> None:
        self._has_hints = not is_drawing
        self.facts.show_hint(self._has_hints)

    def _on_gathered(self) -> None:
        """Show them; where they are shown already, anew."""
        chosen = self.overs.findData("chosen")
        if self.overs.currentIndex() == chosen:
            self.overs.currentIndexChanged.emit(chosen)
        self.overs.setCurrentIndex(chosen)

    @property
    def page(self) -> Page:
        """What is looked at."""
        return cast(Page, self.modes.value())

    def over(self) -> Over:
        """Whose attention is shown."""
        return self.pickers.over()

    def scale(self) -> Scale:
        """How shares become colours."""
        return self.pickers.scale()

    def show_atlas(self, block: Block, place: Place, *, rival: Head | None, hidden: tuple[int, ...]) -> None:
        """Every head: sorted, and those faded that are filtered out."""
        self.pickers.show_statistic(block)
        self.atlas.sort_by(self.pickers.statistic())
        self.atlas.set_hidden(hidden)
        self.atlas.set_block(block, place, rival=rival)
        self.atlas.keep(self.filter.kept())

    def show_product(self, block: Block, place: Place) -> None:
        """The vectors of a query and a key, once both are chosen."""
        if place.query is None or place.key is None:
            self.product.set_nothing()
            return
        q, k, factor = block.pair(place.layer, place.head, place.query, place.key)
        share = float(block.exact(place.layer, place.head, query=place.query)[place.key])
        pair = query_name(block, place.query, is_written=place.is_written), quoted_in(block.header.keys, place.key)
        self.product.set_pair(q, k, factor, names=pair, share=share)

    def share_texts(self, focus: SharedFocus, touch: Callable[[], None]) -> None:
        """The texts of a pretrained model are those that every view and Try it have; a translation is of this view."""

        def on_paused(**texts: str) -> None:
            if focus.value.pretrained:
                focus.lock(**texts)
            touch()

        def on_second_paused(text: str) -> None:
            if self._takes_target:
                self._target = ""  # of Try it, in whose place there is now a person's own
                focus.lock(target="")
                touch()
            else:
                on_paused(pair=text)

        self.close_model.clicked.connect(lambda: focus.lock(pretrained="", token=None))
        self.text_field.paused.connect(lambda text: on_paused(text=text))
        self.second_field.paused.connect(on_second_paused)

    def show_whose(self, attention: Attention, focus: Focus, *, is_held: bool) -> None:
        """The way on to another text, and whose this one is; of an image it stands above it."""
        self.next_text.setVisible(not focus.pretrained)
        # Beside the kinds of a translator there is room either for it or for interventions.
        has_room = attention.header.grid is None and not (is_held and len(attention.blocks) > 1)
        self.whose.tell(focus, has_room=has_room)

    def forget_texts(self) -> None:
        """Another model: what was being typed is no longer told."""
        self._takes_target, self._target = False, ""
        self.text_field.forget()
        self.second_field.forget(is_emptied=True)

    def texts(self, focus: Focus) -> Texts:
        """What is to be read."""
        is_target = self._takes_target
        self.text_field.follow(focus.text)
        if not is_target:
            self.second_field.follow(focus.pair)
        elif focus.target != self._target:
            self._target = focus.target
            self.second_field.follow(focus.target)
        return Texts(
            text=told(focus.text),
            pair="" if is_target else pair_told(focus),
            target=self.second_field.text().strip() if is_target else "",
            ids=focus.written,
        )

    def suit(self, attention: Attention) -> None:
        """Offer what this model and text have."""
        self._missing = advice(token for block in attention.blocks for token in _tokens(block))
        kinds = [block.header.kind for block in attention.blocks]
        self.kinds.setVisible(len(kinds) > 1)
        # Beside them there is no room for its word, which would take the pictures a line.
        style = Qt.ToolButtonStyle
        self.next_text.setToolButtonStyle(
            style.ToolButtonIconOnly if len(kinds) > 1 else style.ToolButtonTextBesideIcon
        )
        header = attention.header
        self._takes_target = header.takes_target
        name_next(self.next_text, is_image=header.grid is not None)
        self._inputs.setCurrentWidget(self.text if header.grid is None else self.patches)
        is_pretrained = bool(header.title)
        # A run's texts stand in Try it; a translation that is looked at only here.
        self._fields.setVisible(is_pretrained or header.takes_target)
        for widget in (self.model_name, self.close_model):
            widget.setVisible(is_pretrained)
        self.text_field.setVisible(is_pretrained and header.grid is None)
        self.model_name.setText(header.title)
        self.second_field.setVisible((is_pretrained and header.takes_pair) or header.takes_target)
        self.second_field.setPlaceholderText(
            self.modes.tr("Translation; empty: the model writes one")
            if header.takes_target
            else self.modes.tr("Second text (optional)")
        )
        has_special = any(block.header.special for block in attention.blocks)
        self.pickers.suit(has_special=has_special)

    def show_kind(self, attention: Attention, place: Place) -> None:
        """The pickers tell what is shown; of heads that are compared, the block knows which."""
        heads = self.atlas.gathered_heads() if self.over() == "chosen" else ()
        block = attention.blocks[place.block]
        block.choose(heads)
        self.pickers.offer_statistics(block)
        if self._uniform[0] is not block:
            self._uniform = block, uniform_note(block)
        self.heads.show_place(block, place, self.over())
        self.kinds.blockSignals(True)
        self.kinds.choose(attention.blocks[place.block].header.kind)
        self.kinds.blockSignals(False)

    def show_page(self, page: Page) -> None:
        """Another page."""
        self._pages.setCurrentIndex(_PAGES.index(page))
        self.pickers.show_page(page)
        self.export.name_numbers(
            self.modes.tr("Save the products of q and k as CSV…")
            if page == "product"
            else self.modes.tr("Save the attention shown (matrix) as CSV…")
        )

    def show_held(
        self, factors: dict[tuple[int, int], float], *, queries: frozenset[int], keys: frozenset[int]
    ) -> None:
        """Heads that are switched off or scaled and tokens that are hidden, on every page."""
        self.atlas.set_factors(factors)
        self.matrix.set_struck(queries, keys)
        self.arcs.set_struck(queries, keys)
        self.text.text.set_struck(keys)
        self.patches.set_struck(keys)

    def show_input(
        self, attention: Attention, place: Place, *, over: Over, scale: Scale, hidden: tuple[int, ...]
    ) -> None:
        """The text or the image itself."""
        if attention.header.grid is not None:
            self.patches.show_attention(attention, place, over=over, scale=scale)
        else:
            self.text.show_attention(attention, place, over=over, scale=scale, hidden=hidden)

    def show_legend(self, *, scale: Scale, high: float, is_difference: bool) -> None:
        """What the colours mean; high: of the atlas and the matrix."""
        is_input = self.page == "text"
        self.legend.setVisible(is_input or self.page == "atlas")
        is_text = is_input and self._inputs.currentWidget() is self.text
        if is_input:
            high = self.text.high if is_text else self.patches.high
        difference = self.modes.tr("Share of head A minus share of head B, the one that was chosen to compare with.")
        self.legend.setToolTip(difference if is_difference else share_help())
        if is_difference:
            ends = LegendScale(
                caption=self.modes.tr("A − B"),
                colour_map="diverging",
                low=f"−{high:g}",
                high=f"+{high:g}",
                middle="0",
            )
        else:
            low, middle = ("0", high / 4) if scale == "sqrt" else ("0", high / 2)
            if scale == "log":
                low, middle = f"≤ {LOG_LOW:g}", (LOG_LOW * high) ** 0.5
            ends = LegendScale(
                caption=self.modes.tr("share"),
                colour_map="attention",
                low=low,
                high=fixed(high, decimals=3) if is_input else f"{high:g}",
                middle=f"{middle:.2g}",
                strength=STRENGTH if is_text else 1.0,
            )
        self.legend.set_scales((ends,))

    def _make_modes(self, view: QWidget) -> None:
        titles = {
            "atlas": (view.tr("Atlas"), view.tr("Every head of every layer, and the matrix of one of them")),
            "text": (view.tr("Input"), view.tr("The text or image, coloured by where the token pointed at looks")),
            "arcs": (view.tr("Arcs"), view.tr("Lines from each token to what it looks at")),
            "product": (view.tr("QK"), view.tr("Why a query looks at a key: their vectors, coordinate by coordinate")),
        }
        self.modes = Segmented([(key, titles[key][0]) for key in _PAGES], accessible_name=view.tr("Attention:"))
        for key in _PAGES:
            self.modes.set_tooltip(key, titles[key][1])
        self.kinds = Segmented([(kind, kind_title(kind)) for kind in _KINDS], accessible_name=view.tr("Attention of:"))
        self.kinds.hide()

    def _make_fields(self, view: QWidget) -> None:
        self._fields = QWidget()
        self.model_name = ElidedLabel(style="strong", elide=Qt.TextElideMode.ElideLeft)
        self.model_name.setMaximumWidth(220)
        self.close_model = IconButton("close", view.tr("Back to the run"))
        self.text_field = SharedText()
        self.text_field.setPlaceholderText(view.tr("Type a text to see where the model looks"))
        self.text_field.setAccessibleName(view.tr("Text"))
        self.second_field = SharedText()
        self.second_field.setAccessibleName(view.tr("Second text"))
        row = QHBoxLayout(self._fields)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.model_name)
        row.addWidget(self.close_model)
        row.addWidget(self.text_field, 3)
        row.addWidget(self.second_field, 2)
        row.addStretch(0)  # of images there is nothing to type
        self._fields.hide()

    def _arrange_pickers(self) -> None:
        top = FlowRow(spacing=8)
        for widget in (self.modes, self.kinds, self.next_text):
            top.addWidget(widget)
        top.add_stretching(self.whose)
        top.add_stretching(self.clamps)  # in this row, so that the pictures stay where they are as it comes and goes
        top.add_pinned(self.spinner)
        top.add_pinned(self.export)
        self.arrange(top, self.pickers.row(), self._fields)


def _tokens(block: Block) -> tuple[str, ...]:
    return (*block.header.queries, *block.header.keys)


def _stacked(*widgets: QWidget) -> QWidget:
    """The first takes what room there is, the others what they need."""
    column_widget = QWidget()
    column = QVBoxLayout(column_widget)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(4)
    for widget in widgets:
        column.addWidget(widget, 0 if column.count() else 1)
    return column_widget
