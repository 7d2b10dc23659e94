"""What is taken out of the attention view: the numbers of what is in sight, and a file's name."""

from __future__ import annotations

from ui.views._attention_data import Attention, Head, Over, Place
from ui.views._attention_layout import AttentionLayout
from ui.views._attention_tables import heads_matrix_table, matrix_table, product_table
from ui.views._attention_words import head_name
from ui.views._export import Table


def table_in_sight(
    attention: Attention | None, place: Place, parts: AttentionLayout, rival: Head | None
) -> Table | None:
    """The matrix of a head, of several, of two and their difference, or a product."""
    if attention is None:
        return None
    if parts.page == "product":
        return product_table(attention, place)
    if parts.is_side_by_side():
        block = attention.blocks[place.block]
        return heads_matrix_table(block, block.chosen)
    return matrix_table(attention, place, parts.over(), rival=rival)


def file_name(title: str, attention: Attention | None, place: Place, parts: AttentionLayout) -> str:
    """Whose attention it is, in the words of the screen."""
    if attention is None:
        return title
    over: Over = "head" if parts.page == "product" else parts.over()
    return f"{title}-{parts.page}-{head_name(attention.blocks[place.block], place, over)}"
