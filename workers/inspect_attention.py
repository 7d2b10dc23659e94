"""What the inspector answers about attention: of any step of a run, or of a pretrained model, on any text."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Sequence
from typing import Any

import msgspec
import torch

from modellab.errors import UserError
from modellab.inspection.attention import layers_of
from modellab.inspection.attention_blocks import Block, blocks_of
from modellab.inspection.load import LoadedModel
from modellab.pretrained.folder import find_pretrained
from modellab.pretrained.looking import look_at_text
from modellab.pretrained.opening import PretrainedModel, open_pretrained
from modellab.tasks.encode_text import EncodedText, encode_text
from modellab.training.probes import probes
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf
from workers.protocol import AttentionBlock, AttentionHeader, ShowAttention
from workers.wire import Arrays

_NUM_PRETRAINED = 2


class PretrainedShelf:
    """The pretrained models asked for last; one whose files changed is opened anew."""

    def __init__(self) -> None:
        self._models: OrderedDict[tuple[object, ...], PretrainedModel] = OrderedDict()

    def get(self, name: str) -> PretrainedModel:
        """The model, opened.

        Raises:
            UserError: as `find_pretrained` and `open_pretrained`.
        """
        folder = find_pretrained(name)
        identity = folder.identity()
        if identity not in self._models:
            self._models[identity] = open_pretrained(folder)
        self._models.move_to_end(identity)
        while len(self._models) > _NUM_PRETRAINED:
            self._models.popitem(last=False)
        return self._models[identity]


def answer_attention(
    request: ShowAttention, models: ModelShelf, pretrained: PretrainedShelf, datasets: DatasetShelf
) -> tuple[AttentionHeader, Arrays]:
    """Every layer and head for a text."""
    began = time.perf_counter()
    if request.pretrained:
        header, blocks = _of_pretrained(request, pretrained.get(request.pretrained))
    elif request.model is not None:
        header, blocks = _of_run(request, models, datasets)
    else:
        raise UserError("Choose a run or a pretrained model to look into.")
    arrays: dict[str, Any] = {
        f"{number}/{name}": array for number, block in enumerate(blocks) for name, array in block.arrays.items()
    }
    milliseconds = (time.perf_counter() - began) * 1000
    notes = header.notes
    if any(block.pooled > 1 for block in blocks):
        notes = (
            *notes,
            f"The atlas shows the largest of {max(block.pooled for block in blocks)}² shares in each cell.",
        )
    return msgspec.structs.replace(header, milliseconds=milliseconds, notes=notes), arrays


def _of_run(request: ShowAttention, models: ModelShelf, datasets: DatasetShelf) -> tuple[AttentionHeader, list[Block]]:
    assert request.model is not None
    loaded = models.get(request.model)
    if loaded.sample.kind != "text":
        raise UserError("The attention of models that read images cannot be shown yet.")
    encoded = _encoded(request, loaded, datasets)
    ids = torch.tensor([encoded.ids], dtype=torch.int64)  # [1, N]
    layers = layers_of(loaded.model, lambda: loaded.model(ids))
    blocks = blocks_of(layers, ids=encoded.ids)
    described = tuple(_described(block, encoded.tokens, encoded.tokens, ()) for block in blocks)
    return AttentionHeader(step=loaded.step, blocks=described, notes=encoded.notes), blocks


def _encoded(request: ShowAttention, loaded: LoadedModel, datasets: DatasetShelf) -> EncodedText:
    """The text asked for, else one of the run's pinned ones."""
    if request.text.strip() or loaded.tokenizer is None:
        return encode_text(request.text, loaded.sample, loaded.tokenizer)
    pinned = probes(datasets.get(loaded.recipe.dataset))
    if not pinned:
        return encode_text(request.text, loaded.sample, loaded.tokenizer)
    ids = [int(token) for token in pinned[request.probe % len(pinned)]]
    tokens = tuple(loaded.tokenizer.token(token) for token in ids)
    return EncodedText(ids=tuple(ids), spans=(), tokens=tokens)


def _of_pretrained(request: ShowAttention, opened: PretrainedModel) -> tuple[AttentionHeader, list[Block]]:
    looked = look_at_text(opened, request.text, pair=request.pair, target=request.target)
    read = looked.read
    blocks: list[Block] = []
    described: list[AttentionBlock] = []
    for kind in ("encoder", "decoder", "cross"):
        layers = [layer for layer in looked.layers if layer.kind == kind]
        is_written = bool(looked.written) and kind != "encoder"
        ids = looked.written_ids if is_written else read.ids
        for block in blocks_of(layers, ids=ids, special=read.special if kind != "decoder" or not is_written else (0,)):
            queries = looked.written if is_written else read.tokens
            keys = looked.written if is_written and kind == "decoder" else read.tokens
            special = (0,) if is_written and kind == "decoder" else read.special
            blocks.append(block)
            described.append(_described(block, queries, keys, special))
    use = opened.folder.use
    header = AttentionHeader(
        step=0,
        blocks=tuple(described),
        title=opened.title,
        takes_pair=use in ("masked", "sequence_classification", "base"),
        takes_target=use == "seq2seq",
        notes=looked.notes,
    )
    return header, blocks


def _described(block: Block, queries: Sequence[str], keys: Sequence[str], special: Sequence[int]) -> AttentionBlock:
    """A block without its arrays. Where a model puts tokens of its own in front, they are numbered as dots."""

    def named(tokens: Sequence[str], count: int) -> tuple[str, ...]:
        missing = max(0, count - len(tokens))
        return (*("·",) * missing, *tokens)[:count]

    return AttentionBlock(
        kind=block.kind,
        names=block.names,
        num_heads=block.num_heads,
        queries=named(queries, block.num_queries),
        keys=named(keys, block.num_keys),
        special=tuple(special),
        scales=block.scales,
        softcap=block.softcap,
        pooled=block.pooled,
        mask_of=block.mask_of,
        bias_of=block.bias_of,
        statistics=block.statistics,
    )
