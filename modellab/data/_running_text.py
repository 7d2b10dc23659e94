"""Running text, to guess what comes next or what is hidden: one stream of tokens, or documents in pieces."""

from __future__ import annotations

from collections.abc import Callable

from modellab.data._pieces import load_pieces
from modellab.data._text_fields import Objective
from modellab.data._text_stream import StreamFields, StreamParts, divided, load_stream
from modellab.data.base import LoadedDataset


def load_running_text(
    config: StreamFields,
    *,
    learn: Objective,
    source: object,
    fingerprint: object,
    read: Callable[[], StreamParts],
    validation_share: float = 0.0,
    train_limit: int | None = None,
    at_spaces: bool = False,
    field: str = "dataset",
) -> LoadedDataset:
    """As `load_stream`; for hidden tokens each text that `read` gives is a document, cut as `load_pieces` does it.

    Raises:
        UserError: as the one or the other.
    """
    if learn == "hidden_tokens":

        def documents() -> StreamParts:
            parts = read()
            return StreamParts(splits=divided(parts, validation_share), notes=parts.notes)

        return load_pieces(
            config,
            source=(source, validation_share),
            fingerprint=fingerprint,
            read=documents,
            train_limit=train_limit,
            at_spaces=at_spaces,
            field=field,
        )
    return load_stream(
        config,
        source=source,
        fingerprint=fingerprint,
        read=read,
        validation_share=validation_share,
        train_limit=train_limit,
        at_spaces=at_spaces,
        field=field,
    )
