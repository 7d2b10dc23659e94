"""Random changes to a batch on its device: one pass for the whole batch, never a loop over images."""

from __future__ import annotations

import math
from collections.abc import Callable

import torch
from torch import Generator, Tensor
from torch.nn import functional as F

from modellab.config import field_specs
from modellab.data.base import Sample
from modellab.training.options import Augmentation

Augment = Callable[[Tensor, Generator], Tensor]


def augmenter(options: Augmentation, sample: Sample) -> Augment | None:
    """What turns normalised inputs [B, *sample.shape] into changed ones of the same shape; None when nothing is on.

    The generator is on the device of the inputs. Points and rows know only noise. What moves in from outside an image
    is the background: a stored 0.
    """
    steps = _image_steps(options, sample) if sample.kind == "image" else []
    if options.noise > 0:
        steps.append(_noise(options.noise))
    if not steps:
        return None

    def augment(inputs: Tensor, generator: Generator) -> Tensor:
        for step in steps:
            inputs = step(inputs, generator)
        return inputs

    return augment


def without_effect(options: Augmentation, sample: Sample) -> str:
    """What is asked for and does nothing to data of this kind, in a sentence; empty when there is nothing."""
    if sample.kind == "image":
        return ""
    working = () if sample.kind == "text" else ("noise",)
    asked = [spec for spec in field_specs(Augmentation) if getattr(options, spec.name)]
    names = [spec.title.lower() for spec in asked if spec.name not in working]
    if not names:
        return ""
    return f"Augmentation by {', '.join(names)} does nothing to this dataset: its inputs are no images."


def _image_steps(options: Augmentation, sample: Sample) -> list[Augment]:
    steps: list[Augment] = []
    background = [-mean / std for mean, std in zip(sample.mean, sample.std, strict=True)]
    if options.shift > 0 or options.rotation > 0 or options.scale > 0:
        steps.append(_affine(options, background))
    if options.flip:
        steps.append(_flip)
    if options.crop > 0:
        steps.append(_crop(options.crop, background))
    if options.cutout > 0:
        steps.append(_cutout(options.cutout))
    return steps


def _affine(options: Augmentation, background: list[float]) -> Augment:
    """Shift, rotation and scale in one resampling, so that an image is blurred once."""

    def affine(images: Tensor, generator: Generator) -> Tensor:
        B, C, H, W = images.shape
        angle, stretch, right, down = _uniform((4, B), images, generator)
        angle = angle * math.radians(options.rotation)
        stretch = 1 / (1 + stretch * options.scale)
        cos, sin = torch.cos(angle) * stretch, torch.sin(angle) * stretch  # (B,)
        right, down = right * (2 * options.shift), down * (2 * options.shift)  # of a width and height of 2
        # The matrix maps places in the result to places in the source, in units where each side runs from -1 to 1:
        # hence the inverse turn, and the sides' ratio wherever x and y meet.
        across = torch.stack([cos, sin * (H / W), -(cos * right + sin * (H / W) * down)], dim=1)
        along = torch.stack([-sin * (W / H), cos, sin * (W / H) * right - cos * down], dim=1)
        grid = F.affine_grid(torch.stack([across, along], dim=1), [B, C, H, W], align_corners=False)  # (B, H, W, 2)
        empty = _channels(background, images)
        # grid_sample fills with 0: the background is moved there and back.
        return F.grid_sample(images - empty, grid, padding_mode="zeros", align_corners=False) + empty

    return affine


def _flip(images: Tensor, generator: Generator) -> Tensor:
    mirrored = torch.rand(len(images), 1, 1, 1, generator=generator, device=images.device) < 0.5
    return torch.where(mirrored, images.flip(3), images)


def _crop(padding: int, background: list[float]) -> Augment:
    """Pad by `padding` all round and cut a window of the old size at a random place."""

    def crop(images: Tensor, generator: Generator) -> Tensor:
        B, C, H, W = images.shape
        empty = _channels(background, images)
        padded = F.pad(images - empty, (padding,) * 4) + empty  # (B, C, H + 2p, W + 2p)
        corner = torch.randint(0, 2 * padding + 1, (2, B, 1), generator=generator, device=images.device)
        rows = corner[0] + torch.arange(H, device=images.device)  # (B, H)
        columns = corner[1] + torch.arange(W, device=images.device)  # (B, W)
        batch = torch.arange(B, device=images.device)
        channel = torch.arange(C, device=images.device)
        return padded[
            batch[:, None, None, None], channel[None, :, None, None], rows[:, None, :, None], columns[:, None, None, :]
        ]

    return crop


def _cutout(side: int) -> Augment:
    """Set a square to the mean, which is 0; its centre is anywhere, so it may reach over the border (DeVries 2017)."""

    def cutout(images: Tensor, generator: Generator) -> Tensor:
        B, _, H, W = images.shape
        place = torch.rand(2, B, 1, generator=generator, device=images.device)
        top, left = place[0] * H - side / 2, place[1] * W - side / 2  # (B, 1)
        row = torch.arange(H, device=images.device) + 0.5
        column = torch.arange(W, device=images.device) + 0.5
        in_rows = (row >= top) & (row < top + side)  # (B, H)
        in_columns = (column >= left) & (column < left + side)  # (B, W)
        return images.masked_fill((in_rows[:, :, None] & in_columns[:, None, :])[:, None], 0.0)

    return cutout


def _noise(amount: float) -> Augment:
    def noise(inputs: Tensor, generator: Generator) -> Tensor:
        drawn = torch.randn(inputs.shape, generator=generator, device=inputs.device, dtype=inputs.dtype)
        return inputs + amount * drawn

    return noise


def _uniform(shape: tuple[int, ...], like: Tensor, generator: Generator) -> Tensor:
    """Numbers between -1 and 1."""
    return torch.rand(shape, generator=generator, device=like.device, dtype=like.dtype) * 2 - 1


def _channels(values: list[float], images: Tensor) -> Tensor:
    """One number a channel, to broadcast over [B, C, H, W]."""
    return torch.tensor(values, device=images.device, dtype=images.dtype).view(1, -1, 1, 1)
