"""What the panel says where there is no answer: how to get one."""

from __future__ import annotations

from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QCoreApplication

from modellab.data.base import InputKind, Sample
from modellab.text.direction import isolated
from ui.lab.tokens import spelled
from ui.panels.inference_hidden import one_hidden
from ui.panels.inference_opened import OpenedModel
from ui.widgets.numbers import given
from workers.protocol import SamplePage

State = Literal[
    "none", "over", "early", "ready"
]  # of the run: there is none, it left no weights, has none yet, has some


def how_to(
    opened: OpenedModel,
    *,
    state: State,
    reading: str,
    kind: InputKind,
    sample: Sample | None,
    is_given: bool,
    can_write: bool,
) -> str:
    """One sentence. reading: that the run is being read, where it is. is_given: there is an input; can_write: the model
    may begin a text by itself."""
    if opened.name and opened.sample is None:
        return opened.problem or _tr("Opening the pretrained model…")
    if not opened.name and state == "none":
        if is_given:
            return _tr("Press Start: what the network makes of this appears here, from its first steps on.")
        return _tr("Press Start, then try the network here while it learns.")
    if not opened.name and state == "over":
        return _tr("This run ended before it published any weights: there is nothing to try.")
    if not opened.name and state == "early":
        return reading or _tr("The answer appears here as soon as the trainer has published its first weights.")
    if can_write:
        return _tr("Type something: its likeliest next tokens appear here. Or let the model begin.")
    if sample is not None and sample.task == "masked_language_modelling":
        return _tr("Write [MASK] where a token is to be guessed; or a second text below, to see whether it follows.")
    return {
        "image": _tr("Give it an image: its likeliest classes appear here."),
        "point": _tr("Click in the plane: what the network says of that point appears here."),
        "row": _tr("Fill in every column, or take a sample: the answer appears here."),
        "text": _tr("Type something: the answer appears here and changes with every key."),
    }[kind]


def step_words(step: int, *, is_chosen: bool, is_alive: bool) -> str:
    """Of which step an answer is; is_chosen: a person chose it. is_alive: newer ones are still coming."""
    if is_chosen:
        return _tr("step {0:,} · slider").format(step)
    return (_tr("step {0:,} · live") if is_alive else _tr("step {0:,} · last")).format(step)


def truth_of(page: SamplePage, target: Any, sample: Sample | None) -> str:
    """What the data says of the one example of a page, in words; "" where that is no one thing."""
    if sample is None or sample.task == "regression":
        return "" if sample is None else given(float(target))
    if sample.task == "classification":
        return sample.classes[int(target)] if 0 <= int(target) < len(sample.classes) else ""
    return page.written[0] if page.written else ""


def caption_of(page: SamplePage, *, truth: str = "", hidden: str = "") -> str:
    """Where the one example of a page comes from, and what the data says of it or of the token hidden in it."""
    index = page.indices[0] if page.indices else page.start
    source = page.sources[0] if page.sources else _tr("sample {0:,}").format(index)
    if hidden:
        return _tr("{0}, hidden: {1}").format(source, isolated(hidden))
    return _tr("{0}, in truth {1}").format(source, isolated(truth)) if truth else source


def text_of(page: SamplePage, tokens: NDArray[np.int32], sample: Sample | None, *, tokenizer: str) -> tuple[str, str]:
    """The text of the one example of a page; for a model that guesses hidden tokens one is hidden, which is told."""
    shown = [page.unknown.get(place) or page.tokens[token] for place, token in enumerate(tokens.tolist())]
    if sample is not None and sample.task == "masked_language_modelling":
        return one_hidden(shown, tokenizer=tokenizer)
    return spelled(shown, tokenizer=tokenizer).text, ""


def _tr(text: str) -> str:
    return QCoreApplication.translate("InferencePanel", text)
