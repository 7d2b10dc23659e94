"""The line under the samples: how many are shown and of what, or what is known of the one that is pointed at."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from modellab.text.direction import isolated
from ui.lab.tokens import PADDING, UNKNOWN, has_parts, letter_around, token_number
from ui.views._samples_source import Examples
from ui.views._samples_text_layout import ARROW
from ui.views._surface_readout import class_word
from ui.widgets.numbers import size, whole

_BETWEEN = "   ·   "
_MOST_VALUES = 6


def summary(examples: Examples, *, num_bytes: int, is_augmented: bool) -> str:
    """What is shown; num_bytes: of the whole dataset. is_augmented: training examples are changed at random."""
    wanted, sample = examples.wanted, examples.sample
    if wanted.as_model_sees:
        what = _tr("first batch of epoch {epoch}: {count} examples, normalised")
        if is_augmented:
            what = _tr("first batch of epoch {epoch}: {count} examples, augmented and normalised")
        if sample.kind == "image":
            what = _tr("first batch of epoch {epoch}: {count} examples, unnormalised for the eye")
            if is_augmented:
                what = _tr("first batch of epoch {epoch}: {count} augmented examples, unnormalised for the eye")
        if sample.kind == "text":
            what = _tr("first batch of epoch {epoch}: {count} texts, cut and padded to the longest")
        if sample.task == "language_modelling":
            what = _tr("first batch of epoch {epoch}: {count} windows of the stream, side by side")
        parts = [what.format(epoch=wanted.epoch + 1, count=whole(len(examples)))]
    elif len(examples) < examples.total:
        parts = [_tr("first {n} of {total}").format(n=whole(len(examples)), total=whole(examples.total))]
    else:
        parts = [_tr("all {total}").format(total=whole(examples.total))]
    if wanted.of_class is not None and sample.classes:
        parts.append(_tr("only {name}").format(name=sample.classes[wanted.of_class]))
    if not wanted.as_model_sees:
        parts.append(_tr("whole dataset {size}").format(size=size(num_bytes)))
    return _BETWEEN.join(parts)


def about_example(examples: Examples, position: int, *, columns: tuple[str, ...]) -> str:
    """One example; columns: names of its values, where it is a row. Empty where there is no such example."""
    if not 0 <= position < len(examples):
        return ""
    split = _tr("example of the batch") if examples.wanted.as_model_sees else examples.wanted.split
    label = examples.label(position)
    if examples.sample.classes:
        label = class_word(examples.sample, int(examples.targets[position]))
    elif examples.written:
        label = f"{ARROW} {isolated(label)}"
    parts = [f"{split} {whole(examples.indices[position])}", label, examples.source(position)]
    if examples.texts is not None:
        length = int(examples.texts.lengths[position])
        parts.insert(1, _tr("1 token") if length == 1 else _tr("{0} tokens").format(whole(length)))
    elif examples.inputs.ndim == 2:
        values = zip(columns, examples.inputs[position].tolist(), strict=True)
        parts.insert(1, "   ".join(f"{name} {value:g}" for name, value in list(values)[:_MOST_VALUES]))
    return _BETWEEN.join(part for part in parts if part)


def about_token(examples: Examples, position: int, token: int) -> str:
    """One token of a text, with its text; of the text alone where there is no such token."""
    example = about_example(examples, position, columns=())
    ids = examples.texts.ids(position) if examples.texts is not None and example else []
    if not 0 <= token < len(ids) or examples.texts is None:
        return example
    if ids[token] == PADDING:
        what = _tr("padding, id {id}: only there to make the texts of a batch equally long").format(id=PADDING)
    else:
        said = _tr("token {place} of {count}   “{shown}”   id {id}")
        if ids[token] == UNKNOWN:
            said = _tr("token {place} of {count}   “{shown}”   not in the vocabulary, id {id}")
        written = examples.texts.written(position)
        shown = isolated(written[token])
        what = said.format(place=whole(token_number(token)), count=whole(len(ids)), shown=shown, id=whole(ids[token]))
        if has_parts(written[token]):
            letter = letter_around(written, token)
            of = f"“{isolated(letter)}”" if letter else _tr("a letter")
            what = _tr("{token}, bytes of {letter}").format(token=what, letter=of)
    return f"{what}{_BETWEEN}{example}"


def _tr(text: str) -> str:
    return QCoreApplication.translate("SamplesView", text)
