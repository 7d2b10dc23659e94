"""What is said of attention in the field's words: statistics of heads, and one sentence of what is pointed at."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QCoreApplication

from ui.views._attention_colours import LOG_LOW, Scale
from ui.views._attention_data import MOST_COMPARED, Attention, Block, Head, Over, Place
from ui.views._attention_off import factor_text
from ui.views._tokens import quoted_in, shown
from ui.widgets.numbers import fixed, whole

STATISTICS = ("entropy", "distance", "first", "previous", "induction", "special")
_NEARLY = 0.97  # of the entropy of looking at everything alike


def _tr(text: str) -> str:
    return QCoreApplication.translate("AttentionView", text)


def statistic_title(name: str) -> str:
    """The name of a head statistic."""
    return {
        "entropy": _tr("entropy"),
        "distance": _tr("distance"),
        "first": _tr("on first token"),
        "previous": _tr("on previous token"),
        "induction": _tr("on what came next"),
        "special": _tr("on special tokens"),
        "change": _tr("change since a step"),
        "effect": _tr("effect of the interventions"),
    }[name]


def statistic_order(name: str) -> str:
    """Heads in the order of a statistic, the largest first, as one chooses it."""
    short = {"change": _tr("change since…"), "effect": _tr("effect on heads")}
    return f"↓ {short.get(name) or statistic_title(name)}"


def statistic_help(name: str) -> str:
    """What a head statistic measures."""
    return {
        "entropy": _tr(
            "How spread a head's attention is: mean over the queries i of −Σⱼ aᵢⱼ ln aᵢⱼ, in nats. 0 looks at one "
            "token, ln N at all N alike."
        ),
        "distance": _tr("Mean number of tokens between a query and what it looks at: mean over i of Σⱼ aᵢⱼ |i − j|."),
        "first": _tr(
            "Share that rests on the first token, mean over i of aᵢ₀: the usual attention sink, where a head looks "
            "that has nothing to look at (Xiao 2023)."
        ),
        "previous": _tr("Share that rests on the token just before, mean over i of aᵢ,ᵢ₋₁: a previous-token head."),
        "induction": _tr(
            "Induction: share on the tokens that followed earlier occurrences of the query's own token, mean over i "
            "of Σⱼ aᵢⱼ for which token j−1 is token i: an induction head goes on with what came after it before "
            "(Olsson 2022)."
        ),
        "special": _tr("Share that rests on [CLS], [SEP] and their like, mean over the queries."),
        "change": _tr(
            "How far the head's shares on this text are from those at an earlier step: total variation distance, "
            "0 the same, 1 wholly others; mean over the queries."
        ),
        "effect": _tr(
            "How far the head's shares on this text are from those without the interventions: total variation "
            "distance, 0 the same, 1 wholly others; mean over the queries."
        ),
    }[name]


def statistic_text(name: str, value: float | None) -> str:
    """A value with its unit; a dash where there is none."""
    if value is None:
        return "–"
    units = {"entropy": _tr("{n} nats"), "distance": _tr("{n} tokens")}
    return units.get(name, "{n}").format(n=statistic_number(name, value))


def statistic_number(name: str, value: float) -> str:
    """A value without its unit."""
    return fixed(value, decimals={"entropy": 2, "distance": 1}.get(name, 3))


def scale_help(scale: Scale) -> str:
    """What a colour scale does with a share."""
    return {
        "sqrt": _tr("Colour by √(a / full): small shares stay visible beside large ones."),
        "linear": _tr("Colour by a / full: twice the share is twice as far along the colours."),
        "log": _tr("Colour by log a, from {low:g} to full: shares of every size are told apart.").format(low=LOG_LOW),
    }[scale]


def over_help(over: Over) -> str:
    """Whose attention it is."""
    return {
        "head": _tr(
            "The head looked at. Its attention a is softmax(q·k / √d): how alike the query q and the key k are, over "
            "the root of their length d (T5 leaves it out), made into shares that add up to 1."
        ),
        "mean": _tr("Mean attention: each share averaged over all heads of the layer."),
        "max": _tr(
            "The largest share that any head of the layer gives; the rows of the matrix then add up to more than 1."
        ),
        "chosen": _tr("The heads that you drag over in the atlas: side by side, and elsewhere their mean attention."),
        "rollout": _tr(
            "Attention rollout: how much of each token arrives through all layers up to this one, the product of "
            "(A + I) / 2 with A the mean of a layer's heads (Abnar and Zuidema 2020)."
        ),
    }[over]


def share_help() -> str:
    """What the colours of an attention map tell."""
    return _tr(
        "Share, or attention weight: aᵢⱼ = softmaxⱼ(qᵢ·kⱼ / √d), how much of what query i gathers comes from key j. "
        "The shares of a query add up to 1."
    )


def uniform_note(block: Block) -> str:
    """Where all heads look at everything alike; empty: they do not."""
    entropies = [
        value
        for layer in range(block.num_layers)
        for head in range(block.num_heads)
        if (value := block.statistic("entropy", layer, head)) is not None
    ]
    most = [_most_entropy(block, layer) for layer in range(block.num_layers)]
    if not entropies or sum(most) <= 0:
        return ""
    mean, limit = sum(entropies) / len(entropies), sum(most) / len(most)
    if mean < _NEARLY * limit:
        return ""
    return _tr("nearly uniform over all heads: mean entropy {mean} of at most {limit} nats").format(
        mean=fixed(mean, decimals=2), limit=fixed(limit, decimals=2)
    )


def _most_entropy(block: Block, layer: int) -> float:
    """Of queries that look at all they may alike."""
    allowed = block.allowed(layer)
    if allowed is None:
        return float(np.log(max(1, len(block.header.keys))))
    return float(np.log(np.maximum(1, allowed.sum(axis=1))).mean())


def kind_title(kind: str) -> str:
    """Encoder, decoder or cross."""
    return {"encoder": _tr("Encoder"), "decoder": _tr("Decoder"), "cross": _tr("Cross")}[kind]


def empty_sentence(*, is_pretrained: bool, has_run: bool) -> str:
    """What will appear, and how to get it."""
    if is_pretrained:
        return _tr("Opening the pretrained model…")
    if has_run:
        return _tr("The attention appears with the first steps of training.")
    return _tr(
        "Choose a transformer and a dataset of texts and press Start, or open a pretrained model (File menu): where "
        "each head of each layer looks appears here."
    )


def heads_text(heads: Sequence[Head]) -> str:
    """Of many heads which they are: layers 2–4, heads 0–4; layer 0, heads 1, 3; layer 5, head 2."""
    in_layer: dict[int, list[int]] = {}
    for layer, head in sorted(heads):
        in_layer.setdefault(layer, []).append(head)
    alike: dict[tuple[int, ...], list[int]] = {}
    for layer, numbers in in_layer.items():
        alike.setdefault(tuple(numbers), []).append(layer)
    parts = []
    for heads_of_it, layers in alike.items():
        first = _tr("layer {n}") if len(layers) == 1 else _tr("layers {n}")
        second = _tr("head {n}") if len(heads_of_it) == 1 else _tr("heads {n}")
        parts.append(f"{first.format(n=_spans(layers))}, {second.format(n=_spans(heads_of_it))}")
    return "; ".join(parts)


def _spans(numbers: Sequence[int]) -> str:
    """0–4, 7: neighbours as one span."""
    spans: list[list[int]] = []
    for number in numbers:
        if spans and number == spans[-1][-1] + 1:
            spans[-1].append(number)
        else:
            spans.append([number])
    return ", ".join(f"{span[0]}–{span[-1]}" if len(span) > 1 else str(span[0]) for span in spans)


def head_name(block: Block, place: Place, over: Over, *, is_side_by_side: bool = False) -> str:
    """layer 2 · head 4; of chosen heads how many and which. is_side_by_side: they are shown each, not their mean."""
    if over == "chosen" and len(block.chosen) > 1:
        words = _tr("mean of {n} heads: {which}")
        if is_side_by_side:
            is_cut = len(block.chosen) > MOST_COMPARED
            words = _tr("the first {most} of {n} heads: {which}") if is_cut else _tr("{n} heads: {which}")
        return words.format(n=len(block.chosen), most=MOST_COMPARED, which=heads_text(block.chosen))
    if over == "chosen":  # none yet: the one looked at stands for them
        told = head_name(block, place, "head")
        return _tr("{head} · drag over heads of the atlas to choose them").format(head=told)
    layer = _tr("layer {n}").format(n=place.layer)
    what = {
        "head": _tr("head {n}").format(n=place.head),
        "mean": _tr("mean of its heads"),
        "max": _tr("largest of its heads"),
        "rollout": _tr("rollout through the layers up to it"),
    }[over]
    return f"{layer} · {what}"


def sentence(
    attention: Attention,
    place: Place,
    over: Over,
    *,
    rival: tuple[int, int] | None = None,
    hidden: tuple[int, ...] = (),
    factor: float | None = None,
    has_facts: bool = False,
    is_side_by_side: bool = False,
) -> str:
    """layer 2 · head 4 · “it” → “cat” 0.2141. hidden: keys that are left out. factor: of the head, if it has one.
    has_facts: the statistics of the head stand elsewhere on the page. is_side_by_side: chosen heads, not their mean."""
    block = attention.blocks[place.block]
    parts = [head_name(block, place, over, is_side_by_side=is_side_by_side)]
    if factor is not None:
        parts.append(factor_text(factor, is_long=True))
    if rival is not None:
        rival_name = _tr("layer {layer} · head {head}").format(layer=rival[0], head=rival[1])
        parts[0] = _tr("A {first} − B {second}").format(first=parts[0], second=rival_name)
    if place.query is not None:
        is_pair = place.key is not None
        told = _told(block, place, over, rival) if is_pair else _strongest(block, place, over, hidden)
        parts.append(_tr("their mean: {what}").format(what=told) if is_side_by_side else told)
    if over == "head" and place.query is None:
        names = () if has_facts else STATISTICS[:4]
        values = [(name, block.statistic(name, place.layer, place.head)) for name in names]
        told_values = [(name, value) for name, value in values if value is not None]
        parts += [f"{statistic_title(name)} {statistic_text(name, value)}" for name, value in told_values]
        moved = block.statistic("change", place.layer, place.head)
        if moved is not None and attention.header.since is not None:
            since = _tr("changed by {n} since step {step}")
            parts.insert(1, since.format(n=fixed(moved, decimals=3), step=whole(attention.header.since)))
        if (effect := block.statistic("effect", place.layer, place.head)) is not None:
            parts.insert(1 if factor is None else 2, _effect(effect))
    return "  ·  ".join(parts)


def _effect(value: float) -> str:
    told = fixed(value, decimals=3)
    return _tr("the interventions move it by {n}").format(n=told) if value else _tr("the interventions do not move it")


def query_name(block: Block, query: int, *, is_written: bool = False) -> str:
    """“cat”; of a query that writes: writing “cat”, after “the”, or deciding what follows “the”. is_written: a language
    model writes the text."""
    queries = block.header.queries
    if not (block.writes or is_written):
        return quoted_in(queries, query)
    if query + 1 == len(queries):
        return _tr("deciding what follows {token}").format(token=quoted_in(queries, query))
    names = {"written": quoted_in(queries, query + 1), "token": quoted_in(queries, query)}
    return _tr("writing {written}, after {token}").format(**names)


def looking_words(block: Block, query: int, *, is_written: bool = False) -> str:
    """“cat” looks at; of a query that writes: Writing “cat”, after “the”, it looks at."""
    name = query_name(block, query, is_written=is_written)
    if not (block.writes or is_written):
        return _tr("{token} looks at").format(token=name)
    return _tr("{writing}, it looks at").format(writing=name[:1].upper() + name[1:])


def query_labels(block: Block) -> tuple[str, ...]:
    """For the rows: cat; of queries that write: the → cat."""
    labels = tuple(map(shown, block.header.queries))
    if not block.writes:
        return labels
    return tuple(f"{read} → {written}" for read, written in zip(labels, (*labels[1:], "…"), strict=True))


def _told(block: Block, place: Place, over: Over, rival: tuple[int, int] | None) -> str:
    assert place.query is not None
    assert place.key is not None
    names = f"{query_name(block, place.query, is_written=place.is_written)} → {quoted_in(block.header.keys, place.key)}"
    allowed = block.allowed(place.layer)
    if allowed is not None and not allowed[place.query, place.key]:
        return _tr("{names} may not be looked at").format(names=names)
    value = float(block.exact(place.layer, place.head, over=over, query=place.query)[place.key])
    if rival is not None:
        value -= float(block.exact(rival[0], rival[1], query=place.query)[place.key])
        return f"{names} {'+' if value >= 0 else ''}{fixed(value, decimals=4)}"
    return f"{names} {fixed(value, decimals=4)}"


def _strongest(block: Block, place: Place, over: Over, hidden: tuple[int, ...]) -> str:
    assert place.query is not None
    row = block.exact(place.layer, place.head, over=over, query=place.query)
    best = [int(key) for key in row.argsort()[::-1] if key not in hidden][:3]
    told = ", ".join(f"{quoted_in(block.header.keys, key)} {fixed(float(row[key]), decimals=3)}" for key in best)
    return f"{query_name(block, place.query, is_written=place.is_written)} → {told}"
