"""How a pretrained model wants its images: their size, channels and normalisation, from the folder's files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from modellab.data.base import Sample
from modellab.pretrained.folder import PretrainedFolder

_USUAL = (224, 224)  # where neither file says


@dataclass(frozen=True, kw_only=True)
class Pixels:
    """size: height and width. scale, shift: a number a channel, of an image normalised as the dataset's are to one
    normalised as the model's. grid: patches down and across, None where it cuts none."""

    size: tuple[int, int]
    channels: int
    scale: tuple[float, ...]
    shift: tuple[float, ...]
    grid: tuple[int, int] | None


def pixels_of(folder: PretrainedFolder, sample: Sample) -> Pixels:
    """What preprocessor_config.json and config.json say; where they do not, the middle grey is 0 and the size the
    dataset's own."""
    config, described = folder.config, _described(folder)
    channels = int(config.get("num_channels", 3))
    size = _size(config.get("image_size")) or _size(described.get("size")) or sample.shape[1:]
    mean, std = _normalised(described, channels)
    own_mean, own_std = (_channels(list(found), channels) for found in (sample.mean, sample.std))
    patch = config.get("patch_size")
    return Pixels(
        size=(size[0], size[1]),
        channels=channels,
        scale=tuple(own / theirs for own, theirs in zip(own_std, std, strict=True)),
        shift=tuple((own - theirs) / spread for own, theirs, spread in zip(own_mean, mean, std, strict=True)),
        grid=(size[0] // patch, size[1] // patch) if isinstance(patch, int) and patch > 0 else None,
    )


def image_sample(folder: PretrainedFolder, classes: tuple[str, ...]) -> Sample:
    """A person's image as the folder's model reads it: its size and colours; normalised as it wants them."""
    described = _described(folder)
    channels = int(folder.config.get("num_channels", 3))
    size = _size(folder.config.get("image_size")) or _size(described.get("size")) or _USUAL
    mean, std = _normalised(described, channels)
    return Sample(
        kind="image",
        task="classification",
        shape=(channels, *size),
        classes=classes,
        scale=1 / 255,
        mean=mean,
        std=std,
    )


def _normalised(described: dict[str, Any], channels: int) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Mean and spread, a number a channel."""
    if described.get("do_normalize") is False:
        return (0.0,) * channels, (1.0,) * channels
    return _channels(described.get("image_mean"), channels), _channels(described.get("image_std"), channels)


def _described(folder: PretrainedFolder) -> dict[str, Any]:
    try:
        found = json.loads((folder.path / "preprocessor_config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def _size(found: Any) -> tuple[int, int] | None:
    if isinstance(found, dict):
        side = found.get("shortest_edge")
        found = [found.get("height", side), found.get("width", side)]
    if isinstance(found, int):
        found = [found, found]
    if isinstance(found, list | tuple) and len(found) == 2 and all(isinstance(side, int) for side in found):
        return int(found[0]), int(found[1])
    return None


def _channels(found: Any, count: int) -> tuple[float, ...]:
    """A number a channel; of other numbers of channels their mean."""
    numbers = [float(one) for one in found] if isinstance(found, list | tuple) and found else [0.5]
    return tuple(numbers) if len(numbers) == count else (sum(numbers) / len(numbers),) * count
