"""Formulas of the 2-D point sets; each gives points [N, 2] within about ±1 and a class or value for each."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Labelled = tuple[Points, NDArray[Any]]
Random = np.random.Generator

# Centres and signs of TensorFlow Playground's regression bumps, in units of its half-width 6.
_BUMPS = np.array([[-4, 2.5, 1], [0, 2.5, -1], [4, 2.5, 1], [-4, -2.5, -1], [0, -2.5, 1], [4, -2.5, -1]])
_BUMP_RADIUS = 2.0
_HALF_WIDTH = 6.0


def xor(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """Two classes in opposite quadrants, a gap along the axes."""
    points = rng.uniform(-0.95, 0.95, (count, 2))
    points += 0.05 * np.where(points >= 0, 1.0, -1.0)
    labels = (points[:, 0] * points[:, 1] < 0).astype(np.int64)
    return points + _noise(count, noise, rng), labels


def circles(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """Rings around each other; two are a disc and a ring, as in TensorFlow Playground."""
    labels = _even_labels(count, num_classes)
    inner = labels / num_classes
    radius = rng.uniform(inner + 0.1 * (labels > 0) / num_classes, (labels + 0.75) / num_classes)
    angle = rng.uniform(0, 2 * np.pi, count)
    return _polar(radius, angle) + _noise(count, noise, rng), labels


def moons(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """Two half circles that reach into each other."""
    labels = _even_labels(count, 2)
    angle = rng.uniform(0, np.pi, count)
    upper = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    lower = np.stack([1 - np.cos(angle), 0.5 - np.sin(angle)], axis=1)
    points = np.where(labels[:, None] == 0, upper, lower) - np.array([0.5, 0.25])
    return points / 1.5 + _noise(count, noise, rng), labels


def gaussians(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """One round cloud a class, their centres on a circle; noise widens the clouds."""
    labels = _even_labels(count, num_classes)
    angle = np.pi / 4 + 2 * np.pi * labels / num_classes
    spread = min(0.15, 0.6 * np.sin(np.pi / num_classes) / 2) + noise
    return _polar(np.full(count, 0.7), angle) + rng.normal(0, spread, (count, 2)), labels


def spirals(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """One arm a class, winding outwards by 1.75 half turns at two arms and less at more."""
    labels = _even_labels(count, num_classes)
    along = np.sqrt(rng.uniform(0, 1, count))  # the arm is thinner inside; equal density needs the root
    angle = 1.75 * 2 * np.pi * along * min(1.0, 2 / num_classes + 0.3) + 2 * np.pi * labels / num_classes
    return _polar(along, angle) + _noise(count, noise, rng), labels


def plane(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """A value that rises evenly along the diagonal, from -1 to 1."""
    points = rng.uniform(-1, 1, (count, 2))
    seen = points + _noise(count, noise, rng)
    return points, (seen.sum(axis=1) / 2).astype(np.float32)


def gaussian(count: int, *, num_classes: int, noise: float, rng: Random) -> Labelled:
    """A value with three hills and three valleys, each a cone two units wide (TensorFlow Playground)."""
    points = rng.uniform(-1, 1, (count, 2))
    seen = (points + _noise(count, noise, rng)) * _HALF_WIDTH
    distance = np.linalg.norm(seen[:, None, :] - _BUMPS[None, :, :2], axis=2)
    height = np.clip(1 - distance / _BUMP_RADIUS, 0, None)
    strongest = height.argmax(axis=1)
    return points, (height[np.arange(count), strongest] * _BUMPS[strongest, 2]).astype(np.float32)


def _even_labels(count: int, num_classes: int) -> NDArray[np.int64]:
    return (np.arange(count) % num_classes).astype(np.int64)


def _polar(radius: NDArray[Any], angle: NDArray[Any]) -> Points:
    return np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)


def _noise(count: int, noise: float, rng: Random) -> Points:
    return rng.normal(0, 1, (count, 2)) * noise
