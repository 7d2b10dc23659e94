"""IMDB: reviews of films, for or against."""

from __future__ import annotations

import re

from modellab.data._public_text import PublicTexts
from modellab.data._text_fields import MaxLength

_LINE_BREAK = re.compile(r"<br\s*/?>")


class IMDBConfig(PublicTexts, frozen=True, kw_only=True, tag="imdb"):
    """The Large Movie Review Dataset (Maas et al. 2011)."""

    title = "IMDB reviews"
    summary = "50,000 reviews of films, for or against."
    hub_id = "stanfordnlp/imdb"
    class_names = ("negative", "positive")
    num_train = 25_000

    max_length: MaxLength = 256

    def prepared(self, text: str) -> str:
        """Line breaks are HTML in the original."""
        return _LINE_BREAK.sub(" ", text)
