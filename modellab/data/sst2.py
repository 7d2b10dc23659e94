"""SST-2: sentences out of film reviews, for or against."""

from __future__ import annotations

from modellab.data._public_text import PublicTexts
from modellab.data._text_fields import MaxLength


class SST2Config(PublicTexts, frozen=True, kw_only=True, tag="sst2"):
    """The Stanford Sentiment Treebank with two classes, as GLUE has it (Socher et al. 2013).

    The labels of the official test split are not public: the development split is what results are given for.
    """

    title = "SST-2"
    summary = "68,221 phrases and sentences out of film reviews, for or against."
    hub_id = "stanfordnlp/sst2"
    columns = ("sentence", "label")
    class_names = ("negative", "positive")
    held_out = "validation"
    num_train = 67_349

    max_length: MaxLength = 64
