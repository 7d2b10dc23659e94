"""How the attention's pages, pickers, fields, legend and sentence are arranged."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel
from PySide6.QtWidgets import QHBoxLayout, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.lab.focus import Focus
from ui.views._attention_arcs import AttentionArcs
from ui.views._attention_atlas import AttentionAtlas
from ui.views._attention_colours import LOG_LOW, Scale
from ui.views._attention_compare import AttentionCompare
from ui.views._attention_data import Attention, Block, Head, Over, Place
from ui.views._attention_facts import HeadFacts
from ui.views._attention_filter import HeadFilter
from ui.views._attention_held import HeadBox
from ui.views._attention_matrix import AttentionMatrix
from ui.views._attention_patches import AttentionPatches
from ui.views._attention_pick import HeadPicker
from ui.views._attention_product import ProductStrip
from ui.views._attention_text import AttentionText
from ui.views._attention_words import (
    STATISTICS,
    kind_title,
    over_help,
    scale_help,
    share_help,
    statistic_help,
    statistic_order,
    uniform_note,
)
from ui.views._clamp_bar import ClampBar
from ui.views._export import Table, keep_out
from ui.views._frame import PagedFrame
from ui.views._legend import Scale as LegendScale
from ui.views._look_source import Texts, told
from ui.views._look_view import next_text_button
from ui.views._missing_letters import advice
from ui.views._numbers import whole
from ui.views._shared_text import SharedText
from ui.views.base import Lab
from ui.widgets.buttons import IconButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.labels import ElidedLabel
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
        self._said: tuple[str, bool] = ("", False)
        self._missing = ""  # letters that no font has
        self._uniform: tuple[Block | None, str] = (None, "")
        self.heads = HeadPicker()
        self._make_pickers(view)
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
        self.atlas.gathered.connect(self._on_gathered)
        self.filter.changed.connect(lambda: self.atlas.keep(self.filter.kept()))
        self.product.matrix_asked.connect(lambda: self.modes.choose("atlas"))
        self.compare.chosen.connect(self.atlas.chosen)
        self.compare.pointed.connect(self.atlas.pointed)

    def say_notes(self, text: str, *, is_problem: bool = False) -> None:
        """What was done to the text; and letters without a font, heads that look at all alike."""
        self._said = text, is_problem
        super().say_notes("  ".join(filter(None, (text, self._missing, self._uniform[1]))), is_problem=is_problem)

    def labels_told(self) -> str:
        """Which tokens have no label where a matrix is shown, in words; empty: all have one."""
        is_matrix = self.page == "atlas" and self._large.currentWidget() is self.matrix
        return self.matrix.labels_told() if is_matrix else ""

    def show_compared(self, block: Block, place: Place) -> None:
        """The chosen heads beside each other, in place of one of them large."""
        is_many = self.over() == "chosen" and len(block.chosen) > 1
        if is_many:
            self.compare.show_heads(block, place, scale=self.scale())
        wanted = self.compare if is_many else self.matrix
        if self._large.currentWidget() is not wanted:
            self._large.setCurrentWidget(wanted)

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
        return cast(Over, self.overs.currentData() or "head")

    def scale(self) -> Scale:
        """How shares become colours."""
        return cast(Scale, self.scales.currentData() or "sqrt")

    def statistic(self) -> str:
        """What heads are sorted by; empty: their number."""
        return str(self.sorts.currentData() or "")

    def show_atlas(self, block: Block, place: Place, *, rival: Head | None) -> None:
        """Every head: sorted, and those faded that are filtered out."""
        statistic = self.statistic()
        self.filter.setVisible(bool(statistic))
        self.filter.show_statistic(block, statistic)
        self.atlas.sort_by(statistic)
        self.atlas.set_block(block, place, rival=rival)
        self.atlas.keep(self.filter.kept())

    def since(self) -> int | None:
        """The step that heads' changes are counted from, where they are sorted by that."""
        return cast(int, self.steps.currentData()) if self.statistic() == "change" and self.steps.count() else None

    def offer_steps(self, steps: list[int]) -> None:
        """Steps that a change can be counted from; the one chosen stays while it is among them."""
        if [self.steps.itemData(k) for k in range(self.steps.count())] != steps:
            chosen = self.steps.currentData()
            self.steps.blockSignals(True)
            self.steps.clear()
            for step in steps:
                self.steps.addItem(self.steps.tr("step {n}").format(n=whole(step)), step)
            self.steps.setCurrentIndex(max(0, self.steps.findData(chosen)))
            self.steps.blockSignals(False)
        change = self.sorts.findData("change")
        model = self.sorts.model()
        assert isinstance(model, QStandardItemModel)
        model.item(change).setEnabled(bool(steps))  # a pretrained model has no steps
        if not steps and self.sorts.currentIndex() == change:
            self.sorts.setCurrentIndex(0)
        is_shown = self.statistic() == "change" and self.page == "atlas" and bool(steps)
        self.steps.setVisible(is_shown)
        beside = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
        self.hide.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonIconOnly if is_shown else beside)  # for want of room

    def texts(self, focus: Focus, *, is_target: bool) -> Texts:
        """What is to be read; is_target: the second text is a translation."""
        second = "" if self.second_field.isHidden() else self.second_field.text().strip()
        return Texts(
            text=told(focus.text),
            pair="" if is_target else second,
            target=second if is_target else "",
            ids=focus.written,
        )

    def suit(self, attention: Attention) -> None:
        """Offer what this model and text have."""
        self._missing = advice(token for block in attention.blocks for token in _tokens(block))
        kinds = [block.header.kind for block in attention.blocks]
        self.kinds.setVisible(len(kinds) > 1)
        header = attention.header
        self._inputs.setCurrentWidget(self.text if header.grid is None else self.patches)
        is_pretrained = bool(header.title)
        self._fields.setVisible(is_pretrained or header.takes_pair or header.takes_target)
        for widget in (self.model_name, self.close_model):
            widget.setVisible(is_pretrained)
        self.text_field.setVisible(is_pretrained and header.grid is None)
        self.model_name.setText(header.title)
        self.second_field.setVisible(header.takes_pair or header.takes_target)
        self.second_field.setPlaceholderText(
            self.modes.tr("Translation; empty: the model writes one")
            if header.takes_target
            else self.modes.tr("Second text (optional)")
        )
        has_special = any(block.header.special for block in attention.blocks)
        words = self.modes.tr("Hide special tokens") if has_special else self.modes.tr("Hide first token")
        self.hide.setText(f" {words}")  # Qt sets an icon's text close beside it

    def show_kind(self, attention: Attention, place: Place) -> None:
        """The pickers tell what is shown; of heads that are compared, the block knows which."""
        heads = self.atlas.gathered_heads() if self.over() == "chosen" else ()
        block = attention.blocks[place.block]
        block.choose(heads)
        if self._uniform[0] is not block:
            self._uniform = block, uniform_note(attention, block)
            self.say_notes(self._said[0], is_problem=self._said[1])
        self.heads.show_place(block, place, self.over())
        self.kinds.blockSignals(True)
        self.kinds.choose(attention.blocks[place.block].header.kind)
        self.kinds.blockSignals(False)

    def show_page(self, page: Page) -> None:
        """Another page."""
        self._pages.setCurrentIndex(_PAGES.index(page))
        self.sorts.setVisible(page == "atlas")
        self.filter.setVisible(page == "atlas" and bool(self.statistic()))
        self.heads.setVisible(page != "atlas")
        self.export.name_numbers(
            self.modes.tr("Save the products of q and k as CSV…")
            if page == "product"
            else self.modes.tr("Save the attention shown (matrix) as CSV…")
        )
        self.scales.setVisible(page in ("atlas", "text"))
        self.overs.setVisible(page != "product")
        self.hide.setVisible(page != "product")

    def show_held(
        self, factors: dict[tuple[int, int], float], *, queries: frozenset[int], keys: frozenset[int]
    ) -> None:
        """Heads that are switched off or scaled and tokens that are hidden, on every page."""
        self.atlas.set_factors(factors)
        self.matrix.set_struck(queries, keys)
        self.arcs.set_struck(queries, keys)
        self.text.text.set_struck(keys)
        self.patches.set_struck(keys)

    def show_legend(self, *, scale: Scale, high: float, is_difference: bool, page: Page) -> None:
        """What the colours mean."""
        self.legend.setVisible(page == "atlas")
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
                high=f"{high:g}",
                middle=f"{middle:.2g}",
            )
        self.legend.set_scales((ends,))

    def _make_pickers(self, view: QWidget) -> None:
        titles = {
            "atlas": (view.tr("Atlas + matrix"), view.tr("Every head of every layer, and one of them large")),
            "text": (view.tr("Input"), view.tr("The text or image, coloured by where the token pointed at looks")),
            "arcs": (view.tr("Arcs"), view.tr("Lines from each token to what it looks at")),
            "product": (view.tr("QK"), view.tr("Why a query looks at a key: their vectors, coordinate by coordinate")),
        }
        self.modes = Segmented([(key, titles[key][0]) for key in _PAGES], accessible_name=view.tr("Attention:"))
        for key in _PAGES:
            self.modes.set_tooltip(key, titles[key][1])
        self.kinds = Segmented([(kind, kind_title(kind)) for kind in _KINDS], accessible_name=view.tr("Attention of:"))
        self.kinds.hide()
        self.overs = _picker(
            view.tr("Whose attention"),
            [("head", view.tr("one head")), ("mean", view.tr("mean of heads")), ("max", view.tr("max of heads")),
             ("chosen", view.tr("chosen heads")), ("rollout", view.tr("rollout"))],
            width=128,
        )  # fmt: skip
        overs: tuple[Over, ...] = ("head", "mean", "max", "chosen", "rollout")
        for index, over in enumerate(overs):
            self.overs.setItemData(index, over_help(over), Qt.ItemDataRole.ToolTipRole)
        self.overs.setToolTip(view.tr("Whose attention is shown; each choice says on hover what it is."))
        sorts = [
            ("", view.tr("heads by number")),
            *((name, statistic_order(name)) for name in (*STATISTICS, "change")),
        ]
        self.sorts = _picker(view.tr("Sort heads"), sorts, width=172)
        for index, (name, _) in enumerate(sorts):
            if name:
                self.sorts.setItemData(index, statistic_help(name), Qt.ItemDataRole.ToolTipRole)
        self.sorts.setToolTip(
            view.tr("Which heads of a layer come first; the bars under the tiles are what they go by.")
        )
        self.filter = HeadFilter()
        self.steps = _picker(view.tr("Change since step"), [], width=108)
        self.steps.hide()
        scales = [("sqrt", view.tr("√ scale")), ("linear", view.tr("linear")), ("log", view.tr("log"))]
        self.scales = _picker(view.tr("Colour scale"), scales, width=108)
        names: tuple[Scale, ...] = ("sqrt", "linear", "log")
        for index, name in enumerate(names):
            self.scales.setItemData(index, scale_help(name), Qt.ItemDataRole.ToolTipRole)
        self.scales.setToolTip("\n".join(scale_help(name) for name in names))
        self.hide = IconButton("eye-off", "")
        self.hide.setCheckable(True)
        self.hide.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.hide.setToolTip(
            view.tr(
                "Leave out the columns of [CLS], [SEP] and their like, or of the first token, on which attention "
                "rests where there is nothing to look at; the colours are then spread over what is left."
            )
        )

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
        top, second = FlowRow(spacing=8), FlowRow(spacing=8)
        for widget in (self.modes, self.kinds, self.next_text):
            top.addWidget(widget)
        top.add_stretching(self.clamps)  # in this row, so that the pictures stay where they are as it comes and goes
        top.add_pinned(self.spinner)
        top.add_pinned(self.export)
        for picker in (self.overs, self.heads, self.sorts, self.filter, self.steps, self.scales, self.hide):
            second.addWidget(picker)
        self.arrange(top, second, self._fields)


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


def _picker(name: str, options: list[tuple[str, str]], *, width: int) -> ChoiceBox:
    box = ChoiceBox()
    box.setFixedWidth(width)
    box.setAccessibleName(name)
    for key, title in options:
        box.addItem(title, key)
    return box
