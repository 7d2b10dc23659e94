"""Which head is looked at, on pages that have no atlas to click: the same layer and head, by two lists."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ui.forms.choice_editor import ChoiceBox
from ui.views._attention_data import Block, Over, Place

_WIDTH = 92  # px


class HeadPicker(QWidget):
    """Of a mean over the heads of a layer there is a layer to choose, of heads chosen in the atlas neither."""

    chosen = Signal(int, int)  # layer, head

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.layers, self.heads = ChoiceBox(), ChoiceBox()
        self.layers.setAccessibleName(self.tr("Layer looked at"))
        self.layers.setToolTip(self.tr("The layer looked at, as in the atlas ( [ and ] )"))
        self.heads.setAccessibleName(self.tr("Head looked at"))
        self.heads.setToolTip(self.tr("The head looked at, as in the atlas ( , and . )"))
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        for box in (self.layers, self.heads):
            box.setFixedWidth(_WIDTH)
            row.addWidget(box)
            box.activated.connect(lambda _index: self.chosen.emit(*self.value()))

    def value(self) -> tuple[int, int]:
        """Layer and head."""
        return self.layers.currentIndex(), self.heads.currentIndex()

    def show_place(self, block: Block, place: Place, over: Over) -> None:
        """Offer what the block has, at the place."""
        _offer(self.layers, [self.tr("layer {n}").format(n=layer) for layer in range(block.num_layers)], place.layer)
        _offer(self.heads, [self.tr("head {n}").format(n=head) for head in range(block.num_heads)], place.head)
        self.layers.setVisible(over != "chosen")
        self.heads.setVisible(over == "head")


def _offer(box: ChoiceBox, titles: list[str], index: int) -> None:
    if [box.itemText(place) for place in range(box.count())] != titles:
        box.clear()
        box.addItems(titles)
    box.setCurrentIndex(index)
