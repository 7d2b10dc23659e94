"""Where attention comes from: the inspector, for any step of a run and any text, or for a pretrained model."""

from __future__ import annotations

from PySide6.QtCore import QObject

from ui.inspector import Inspector
from ui.views._attention_data import attention_from
from ui.views._look_source import LookSource
from workers.protocol import ShowAttention


class AttentionSource(LookSource):
    """Gives an `Attention`."""

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        super().__init__(
            inspector,
            parent,
            ask=lambda wanted: wanted.question(ShowAttention, slot="attention"),
            read=attention_from,
            nothing=parent.tr("There is no attention to show on this text."),
        )
