"""What the inspector answers about attention: of any step of a run, or of a pretrained model, on any text."""

from __future__ import annotations

import dataclasses
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray
from torch import nn

from modellab.errors import UserError
from modellab.inspection.attention import KINDS, Layer, layers_of
from modellab.inspection.attention_blocks import Block, blocks_of, can_be_compared, changes_of
from modellab.inspection.clamps import Intervention, in_force
from modellab.inspection.inputs import for_the_eye, patch_names, to_model
from modellab.inspection.interventions import intervening
from modellab.inspection.load import LoadedModel
from modellab.nets.attention import AttentionKind
from modellab.pretrained.looking import look_at_text
from modellab.pretrained.opening import PretrainedModel
from workers.inspect_recipes import DatasetShelf
from workers.inspect_runs import ModelShelf, encode_input
from workers.pretrained_shelf import PretrainedShelf
from workers.protocol import AttentionBlock, AttentionHeader, Model, ShowAttention
from workers.reading import Read, Reading, reading_of
from workers.wire import Arrays


def answer_attention(
    request: ShowAttention,
    models: ModelShelf,
    pretrained: PretrainedShelf,
    datasets: DatasetShelf,
    *,
    given: Arrays | None = None,
) -> tuple[AttentionHeader, Arrays]:
    """Every layer and head for a text, or an image; given: what came with the question."""
    began = time.perf_counter()
    if request.pretrained:
        header, blocks = _of_pretrained(request, models, pretrained, datasets, given or {})
    elif request.model is not None:
        header, blocks = _of_run(request, models, datasets, given or {})
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


def _of_run(
    request: ShowAttention, models: ModelShelf, datasets: DatasetShelf, given: Arrays
) -> tuple[AttentionHeader, list[Block]]:
    assert request.model is not None
    loaded = models.get(request.model)
    if loaded.sample.kind == "image":
        return _of_image(request, loaded, models, datasets, given)
    reading = reading_of(request, loaded, datasets)
    layers = _layers_held(loaded.model, reading.run, reading.held)
    header, blocks = _shown(layers, reading.read, reading.written)
    if request.since is not None:
        before = models.get(msgspec.structs.replace(request.model, step=request.since))
        header = _told_beside(header, "change", layers, _then(before, request, reading, datasets), since=before.step)
    if reading.held and can_be_compared(layers):
        header = _told_beside(header, "effect", layers, layers_of(loaded.model, reading.run))
    header = msgspec.structs.replace(
        header,
        step=loaded.step,
        notes=reading.notes,
        takes_pair=reading.takes_pair,
        takes_target=reading.written is not None,
    )
    return header, blocks


def _layers_held(model: nn.Module, run: Callable[[], object], held: Sequence[Intervention]) -> list[Layer]:
    """What is really computed while heads are scaled and tokens hidden."""
    with intervening(model, held):
        return layers_of(model, run)


def _of_image(
    request: ShowAttention, loaded: LoadedModel, models: ModelShelf, datasets: DatasetShelf, given: Arrays
) -> tuple[AttentionHeader, list[Block]]:
    """Of a person's own image, else of one that the run is validated with; a token is a patch, by row and column."""
    grid: tuple[int, int] | None = getattr(loaded.model, "grid", None)
    if grid is None:
        title = getattr(getattr(loaded.model, "folder", None), "title", f"A {loaded.recipe.architecture.title} model")
        raise UserError(f"{title} has no attention to show; choose a transformer that reads an image patch by patch.")
    notes: tuple[str, ...] = ()
    if request.image is not None:
        encoded = encode_input(request.image, given, loaded)
        row, stored, notes = -1, encoded.stored[None], encoded.notes
    else:
        split = datasets.get(loaded.recipe.data()).validation
        row = request.probe % max(1, len(split))
        stored = np.array(split.inputs[row : row + 1])
    tokens = patch_names(loaded.model)
    held, unhidden = in_force(request.clamps, tokens)
    inputs = to_model(stored, loaded.sample)
    layers = _layers_held(loaded.model, lambda: loaded.model(inputs), held)
    if any(layer.query.shape[0] != 1 or layer.query.shape[2] != len(tokens) for layer in layers):
        raise UserError(
            f"{type(getattr(loaded.model, 'model', loaded.model)).__name__} does not look from each patch at every "
            "other, as within windows; choose one that does, such as a ViT or a DeiT."
        )
    read = Read(tokens=tokens, special=tuple(place for place, name in enumerate(tokens) if "," not in name))
    header, blocks = _shown(layers, read)
    if request.since is not None and request.model is not None:
        before = models.get(msgspec.structs.replace(request.model, step=request.since))
        then = _layers_held(before.model, lambda: before.model(inputs), held)
        header = _told_beside(header, "change", layers, then, since=before.step)
    if held and can_be_compared(layers):
        header = _told_beside(header, "effect", layers, layers_of(loaded.model, lambda: loaded.model(inputs)))
    header = msgspec.structs.replace(header, step=loaded.step, grid=grid, image_of=row, notes=(*notes, *unhidden))
    return header, [*blocks[:-1], _with_image(blocks[-1], for_the_eye(stored, loaded.sample)[0])]


def _then(before: LoadedModel, request: ShowAttention, reading: Reading, datasets: DatasetShelf) -> list[Layer]:
    """What an earlier model computes of the same text; of a translator with the same target, whoever wrote it."""
    if reading.written is not None and not request.target.strip() and before.tokenizer is not None:
        target = before.tokenizer.decode(reading.written.ids[1:])
        request = msgspec.structs.replace(request, target=target)
    then = reading_of(request, before, datasets)
    return _layers_held(before.model, then.run, then.held)


def _told_beside(
    header: AttentionHeader, name: str, layers: Sequence[Layer], others: Sequence[Layer], *, since: int | None = None
) -> AttentionHeader:
    """With a statistic of that name: how far the shares of each head are from those of another pass."""
    found = changes_of(layers, others)
    blocks = []
    for block in header.blocks:
        nothing: tuple[float | None, ...] = (None,) * block.num_heads
        told = tuple(found.get(layer, nothing) for layer in block.names)
        blocks.append(msgspec.structs.replace(block, statistics=block.statistics | {name: told}))
    return msgspec.structs.replace(header, blocks=tuple(blocks), since=header.since if since is None else since)


def _with_image(block: Block, image: NDArray[np.uint8]) -> Block:
    return dataclasses.replace(block, arrays=block.arrays | {"image": np.ascontiguousarray(image)})


def _of_pretrained(
    request: ShowAttention, models: ModelShelf, pretrained: PretrainedShelf, datasets: DatasetShelf, given: Arrays
) -> tuple[AttentionHeader, list[Block]]:
    """Of a text as the folder's own tokenizer reads it; of images and of what it writes as of a run's model."""
    opened = pretrained.get(request.pretrained)
    if request.ids or opened.folder.use == "image_classification":
        if request.image is None and not request.ids:
            raise UserError(f"{opened.title} reads images: open, paste or drop one under Try it to see where it looks.")
        own = msgspec.structs.replace(request, pretrained="", model=Model(pretrained=request.pretrained), since=None)
        header, blocks = _of_run(own, models, datasets, given)
        return msgspec.structs.replace(header, title=opened.title), blocks
    return _of_pretrained_text(request, opened)


def _of_pretrained_text(request: ShowAttention, opened: PretrainedModel) -> tuple[AttentionHeader, list[Block]]:
    looked = look_at_text(opened, request.text, pair=request.pair, target=request.target, interventions=request.clamps)
    read = Read(tokens=looked.read.tokens, ids=looked.read.ids, special=looked.read.special)
    written = Read(tokens=looked.written, ids=looked.written_ids, special=(0,)) if looked.written else None
    header, blocks = _shown(looked.layers, read, written)
    if looked.without:
        header = _told_beside(header, "effect", looked.layers, looked.without)
    use = opened.folder.use
    header = msgspec.structs.replace(
        header,
        title=opened.title,
        takes_pair=use in ("masked", "sequence_classification", "base"),
        takes_target=use == "seq2seq",
        notes=looked.notes,
    )
    return header, blocks


def _shown(layers: Sequence[Layer], read: Read, written: Read | None = None) -> tuple[AttentionHeader, list[Block]]:
    """Blocks and what is said of them; written: what the decoder reads, where there is one beside an encoder."""
    queries: dict[AttentionKind, Read] = {"encoder": read, "decoder": written or read, "cross": written or read}
    keys: dict[AttentionKind, Read] = {"encoder": read, "decoder": written or read, "cross": read}
    blocks = blocks_of(
        layers,
        ids={kind: queries[kind].ids for kind in KINDS},
        special={kind: keys[kind].special for kind in KINDS},
    )
    described = [
        _described(block, queries[block.kind].tokens, keys[block.kind].tokens, keys[block.kind].special)
        for block in blocks
    ]
    return AttentionHeader(step=0, blocks=tuple(described)), blocks


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
