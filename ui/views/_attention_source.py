"""Where attention comes from: the inspector, for any step of a run and any text or image, or for a pretrained model."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QObject

from ui.inspector import Inspector
from ui.lab.image import OwnImage
from ui.views._attention_data import attention_from
from ui.views._look_source import LookSource, Wanted
from workers.protocol import ShowAttention


class AttentionSource(LookSource):
    """Gives an `Attention`. image: a person's own, which is looked at where what is wanted has its number."""

    def __init__(self, inspector: Inspector, parent: QObject) -> None:
        self.image: OwnImage | None = None
        super().__init__(
            inspector,
            parent,
            ask=self._asked,
            read=attention_from,
            nothing=parent.tr("There is no attention to show on this text."),
        )

    def arrays(self) -> dict[str, Any]:
        return self.image.arrays if self.image is not None else {}

    def _asked(self, wanted: Wanted) -> ShowAttention:
        (since,) = wanted.more or (None,)
        image = self.image.input if self.image is not None and wanted.texts.image else None
        return wanted.question(ShowAttention, slot="attention", image=image, since=since)
