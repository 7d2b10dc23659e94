"""The row of choices over the attention's pages: whose attention, in what order the heads, in which colours."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

from PySide6.QtCore import Qt
from PySide6.QtGui import QStandardItemModel

from ui.forms.choice_editor import ChoiceBox
from ui.views._attention_colours import Scale
from ui.views._attention_data import Block, Over
from ui.views._attention_filter import HeadFilter
from ui.views._attention_pick import HeadPicker
from ui.views._attention_words import STATISTICS, over_help, scale_help, statistic_help, statistic_order
from ui.widgets.buttons import IconButton
from ui.widgets.flow_row import FlowRow
from ui.widgets.help_dot import wrapped_tooltip
from ui.widgets.numbers import whole

_OVERS: tuple[Over, ...] = ("head", "mean", "max", "chosen", "rollout")
_SCALES: tuple[Scale, ...] = ("sqrt", "linear", "log")
_BESIDE_THESE = ("change", "effect")  # statistics that are told only where they were asked for, or have a cause
_BESIDE = Qt.ToolButtonStyle.ToolButtonTextBesideIcon
_ALONE = Qt.ToolButtonStyle.ToolButtonIconOnly


class AttentionPickers:
    """Makes them; which page is shown decides which of them are seen."""

    def __init__(self, tr: Callable[[str], str]) -> None:
        self._tr = tr
        titles = (tr("one head"), tr("mean of heads"), tr("max of heads"), tr("chosen heads"), tr("rollout"))
        self.overs = _picker(tr("Whose attention"), list(zip(_OVERS, titles, strict=True)), width=128)
        for index, over in enumerate(_OVERS):
            self.overs.setItemData(index, over_help(over), Qt.ItemDataRole.ToolTipRole)
        self.overs.setToolTip(tr("Whose attention is shown; each choice says on hover what it is."))
        orders = [
            ("", tr("heads by number")),
            *((name, statistic_order(name)) for name in (*STATISTICS, *_BESIDE_THESE)),
        ]
        self.sorts = _picker(tr("Sort heads"), orders, width=166)
        self.sorts.setToolTip(
            wrapped_tooltip(
                tr(
                    "Which heads of a layer come first (↓: the largest value); the bars under the tiles tell the "
                    "values."
                )
            )
        )
        self.filter = HeadFilter()
        self.steps = _picker(tr("Change since step"), [], width=100)
        self.steps.hide()
        colours = (tr("root"), tr("linear"), tr("log"))
        self.scales = _picker(tr("Colours of the shares"), list(zip(_SCALES, colours, strict=True)), width=78)
        for index, scale in enumerate(_SCALES):
            self.scales.setItemData(index, scale_help(scale), Qt.ItemDataRole.ToolTipRole)
        self.scales.setToolTip("\n".join(scale_help(scale) for scale in _SCALES))
        self.heads = HeadPicker()
        self.hide = IconButton("eye-off", "")
        self.hide.setCheckable(True)
        self._is_atlas = True
        self._block: Block | None = None
        self._tell_hide(has_special=True)

    def row(self) -> FlowRow:
        """All of them."""
        row = FlowRow(spacing=6)
        for picker in (self.overs, self.heads, self.sorts):
            row.addWidget(picker)
        row.add_stretching(self.filter)
        for other in (self.steps, self.scales, self.hide):
            row.addWidget(other)
        return row

    def over(self) -> Over:
        """Whose attention is shown."""
        return cast(Over, self.overs.currentData() or "head")

    def scale(self) -> Scale:
        """How shares become colours."""
        return cast(Scale, self.scales.currentData() or "sqrt")

    def statistic(self) -> str:
        """What heads are sorted by; empty: their number."""
        return str(self.sorts.currentData() or "")

    def since(self) -> int | None:
        """The step that heads' changes are counted from, where they are sorted by that."""
        return cast(int, self.steps.currentData()) if self.statistic() == "change" and self.steps.count() else None

    def show_page(self, page: str) -> None:
        """Those that the page has a use for."""
        self._is_atlas = page == "atlas"
        self.sorts.setVisible(self._is_atlas)
        self.heads.setVisible(not self._is_atlas)
        self.scales.setVisible(page in ("atlas", "text"))
        self.overs.setVisible(page != "product")
        self.hide.setVisible(page != "product")
        self._show_filter()

    def show_statistic(self, block: Block) -> None:
        """What the heads are sorted and filtered by."""
        self.filter.show_statistic(block, self.statistic())
        self._show_filter()

    def offer_statistics(self, block: Block) -> None:
        """Only what can be told of these heads can be sorted by: the change since a step of a model that has steps, the
        effect of interventions while there are some."""
        if block is self._block:
            return
        self._block = block
        told = {
            name for name, rows in block.header.statistics.items() if any(value is not None for value in sum(rows, ()))
        }
        for index in range(1, self.sorts.count()):
            name = str(self.sorts.itemData(index))
            why = self._tr("No head has a value of it on this text.")
            if name == "effect":
                why = self._tr("No head is switched off or scaled and no token hidden, or the text is too long.")
                if name not in told and self.sorts.currentIndex() == index:
                    self.sorts.blockSignals(True)  # in the midst of drawing
                    self.sorts.setCurrentIndex(0)
                    self.sorts.blockSignals(False)
                    self._show_filter()
            if name != "change":
                self._offer(index, is_told=name in told, why=why)

    def offer_steps(self, steps: list[int]) -> None:
        """Steps that a change can be counted from; the one chosen stays while it is among them."""
        if [self.steps.itemData(k) for k in range(self.steps.count())] != steps:
            chosen = self.steps.currentData()
            self.steps.blockSignals(True)
            self.steps.clear()
            for step in steps:
                self.steps.addItem(self._tr("step {n}").format(n=whole(step)), step)
            self.steps.setCurrentIndex(max(0, self.steps.findData(chosen)))
            self.steps.blockSignals(False)
        change = self.sorts.findData("change")
        self._offer(change, is_told=bool(steps), why=self._tr("Of this model no earlier step is kept."))
        if not steps and self.sorts.currentIndex() == change:
            self.sorts.setCurrentIndex(0)
        self._show_filter()

    def _offer(self, index: int, *, is_told: bool, why: str) -> None:
        model, what = self.sorts.model(), statistic_help(str(self.sorts.itemData(index)))
        assert isinstance(model, QStandardItemModel)
        model.item(index).setEnabled(is_told)
        self.sorts.setItemData(index, what if is_told else f"{why} {what}", Qt.ItemDataRole.ToolTipRole)

    def forget(self) -> None:
        """Another model: its heads stand by their numbers, all of them."""
        self.sorts.setCurrentIndex(0)
        self.filter.reset()

    def _show_filter(self) -> None:
        """Beside it there is room for less words, so that the pictures below stay where they are."""
        is_sorted = self._is_atlas and bool(self.statistic())
        self.filter.setVisible(is_sorted)
        self.steps.setVisible(is_sorted and self.statistic() == "change" and self.steps.count() > 0)
        self.hide.setToolButtonStyle(_ALONE if is_sorted else _BESIDE)

    def suit(self, *, has_special: bool) -> None:
        """Which tokens can be left out."""
        self._tell_hide(has_special=has_special)

    def _tell_hide(self, *, has_special: bool) -> None:
        words = self._tr("Without special tokens") if has_special else self._tr("Without first token")
        self.hide.setText(f" {words}")  # Qt sets an icon's text close beside it
        self.hide.setAccessibleName(words)
        told = self._tr(
            "Draw no columns of [CLS], [SEP] and their like, or of the first token, on which attention rests where "
            "there is nothing to look at; the colours are then spread over what is left. The model still looks at "
            "them: a right click on a token hides it from the model."
        )
        self.hide.setToolTip(f"{words}\n{told}")


def _picker(name: str, options: list[tuple[str, str]], *, width: int) -> ChoiceBox:
    box = ChoiceBox()
    box.setFixedWidth(width)
    box.setAccessibleName(name)
    for key, title in options:
        box.addItem(title, key)
    return box
