"""The numbers behind each page of the attention view, for CSV."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from ui.views._attention_data import Attention, Head, Over, Place
from ui.views._attention_words import STATISTICS
from ui.views._export import Table


def page_table(attention: Attention, place: Place, page: str, *, over: Over) -> Table | None:
    """Of what is looked at: the matrix of a head, or a product."""
    return product_table(attention, place) if page == "product" else matrix_table(attention, place, over)


def matrix_table(attention: Attention, place: Place, over: Over) -> Table:
    """A row a query and key of the head looked at, exact shares."""
    block = attention.blocks[place.block]
    shares = block.exact(place.layer, place.head, over=over)
    allowed = block.allowed(place.layer)

    def rows() -> Iterator[tuple[object, ...]]:
        for query, first in enumerate(block.header.queries):
            for key, second in enumerate(block.header.keys):
                if allowed is None or allowed[query, key]:
                    share = round(float(shares[query, key]), 7)
                    head = place.head if over == "head" else over
                    yield place.layer, head, query, first, *written(query), key, second, share

    def written(query: int) -> tuple[str, ...]:
        """Of queries that write: the token after the one that is read."""
        if not block.writes:
            return ()
        return (block.header.queries[query + 1] if query + 1 < len(block.header.queries) else "",)

    columns = ("layer", "head", "query", "query_token", *(("writes",) if block.writes else ()))
    return Table(columns=(*columns, "key", "key_token", "attention"), rows=rows())


def heads_table(attention: Attention, place: Place, factors: Mapping[Head, float]) -> Table:
    """A row a head: its statistics, and what it says is multiplied by, 0 where it is switched off."""
    block = attention.blocks[place.block]
    rows = (
        (layer, head, *(block.statistic(name, layer, head) for name in STATISTICS), factors.get((layer, head), 1.0))
        for layer in range(block.num_layers)
        for head in range(block.num_heads)
    )
    return Table(columns=("layer", "head", *STATISTICS, "factor"), rows=rows)


def product_table(attention: Attention, place: Place) -> Table | None:
    """A row a coordinate: q, k and their scaled product; None while no pair is held."""
    if place.query is None or place.key is None:
        return None
    q, k, scale = attention.blocks[place.block].pair(place.layer, place.head, place.query, place.key)
    rows = ((number, float(a), float(b), float(a * b * scale)) for number, (a, b) in enumerate(zip(q, k, strict=True)))
    return Table(columns=("coordinate", "q", "k", "product"), rows=rows)
