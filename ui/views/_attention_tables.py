"""The numbers behind each page of the attention view, for CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from ui.lab.tokens import token_number
from ui.views._attention_data import Attention, Block, Head, Over, Place
from ui.views._attention_words import STATISTICS, head_name, statistic_title
from ui.views._export import Table

_UNITS = {"entropy": "nats", "distance": "tokens"}


def matrix_table(attention: Attention, place: Place, over: Over, *, rival: Head | None = None) -> Table:
    """A row a query and key, exact shares: of the head looked at, less its rival's where there is one; or of a mean,
    a maximum or the rollout, in the words of the screen."""
    block = attention.blocks[place.block]
    shares = block.exact(place.layer, place.head, over=over)
    if over == "head":
        columns: tuple[str, ...] = ("layer", "head")
        whose: tuple[object, ...] = (place.layer, place.head)
    else:
        columns, whose = ("heads",), (head_name(block, place, over),)
    if rival is None:
        table = (*columns, *_cell_columns(block), "attention")
        return Table(
            columns=table, rows=((*whose, *cell, _rounded(shares[at])) for at, cell in _cells(block, place.layer))
        )
    other = block.exact(*rival)
    rows = (
        (*whose, *rival, *cell, _rounded(shares[at]), _rounded(other[at]), _rounded(shares[at] - other[at]))
        for at, cell in _cells(block, place.layer)
    )
    names = ("a_layer", "a_head", "b_layer", "b_head")
    return Table(columns=(*names, *_cell_columns(block), "attention_a", "attention_b", "a_minus_b"), rows=rows)


def heads_matrix_table(block: Block, heads: Sequence[Head]) -> Table:
    """The matrices of several heads, one below the other."""

    def rows() -> Iterator[tuple[object, ...]]:
        for layer, head in heads:
            shares = block.exact(layer, head)
            for at, cell in _cells(block, layer):
                yield layer, head, *cell, _rounded(shares[at])

    return Table(columns=("layer", "head", *_cell_columns(block), "attention"), rows=rows())


def _cell_columns(block: Block) -> tuple[str, ...]:
    return ("query", "query_token", *(("writes",) if block.writes else ()), "key", "key_token")


def _cells(block: Block, layer: int) -> Iterator[tuple[tuple[int, int], tuple[object, ...]]]:
    """Each query and key that it may look at, with what stands in their columns."""
    allowed, queries = block.allowed(layer), block.header.queries
    for query, first in enumerate(queries):
        following = queries[query + 1] if query + 1 < len(queries) else ""
        written = (following,) if block.writes else ()  # a query that writes reads the token before
        for key, second in enumerate(block.header.keys):
            if allowed is None or allowed[query, key]:
                yield (query, key), (token_number(query), first, *written, token_number(key), second)


def heads_table(attention: Attention, place: Place, factors: Mapping[Head, float]) -> Table:
    """A row a head: its statistics in the screen's words, and what it says is multiplied by, 0 where it is off."""
    block = attention.blocks[place.block]
    names = [*STATISTICS, *(name for name in ("change", "effect") if name in block.header.statistics)]
    rows = (
        (layer, head, *(block.statistic(name, layer, head) for name in names), factors.get((layer, head), 1.0))
        for layer in range(block.num_layers)
        for head in range(block.num_heads)
    )
    titles = ["_".join(filter(None, (*statistic_title(name).split(), _UNITS.get(name)))) for name in names]
    return Table(columns=("layer", "head", *titles, "factor"), rows=rows)


def product_table(attention: Attention, place: Place) -> Table | None:
    """A row a coordinate: q, k and their scaled product; None while no pair is held."""
    if place.query is None or place.key is None:
        return None
    q, k, scale = attention.blocks[place.block].pair(place.layer, place.head, place.query, place.key)
    rows = ((number, float(a), float(b), float(a * b * scale)) for number, (a, b) in enumerate(zip(q, k, strict=True)))
    return Table(columns=("coordinate", "q", "k", "product"), rows=rows)


def _rounded(share: float) -> float:
    return round(float(share), 7)
