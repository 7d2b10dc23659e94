"""AG News: headlines and first sentences of news, by topic."""

from __future__ import annotations

from modellab.data._public_text import PublicTexts


class AGNewsConfig(PublicTexts, frozen=True, kw_only=True, tag="ag_news"):
    """AG's corpus as Zhang, Zhao, LeCun (2015) cut it."""

    title = "AG News"
    summary = "127,600 pieces of news in four topics."
    hub_id = "fancyzhx/ag_news"
    class_names = ("World", "Sports", "Business", "Science and technology")
    num_train = 120_000
