"""Which batches and how many epochs suit a table of a person's own, which may be very small."""

from __future__ import annotations

_BATCHES, _EPOCHS, _LEAST_STEPS = (64, 32, 16, 8), (10, 20, 50, 100, 200), 600


def options_for_size(num_examples: int) -> dict[str, int]:
    """Training options for so many training examples: batches of some tenth of them, and some hundred steps."""
    batch = next((size for size in _BATCHES if size * 10 <= num_examples), _BATCHES[-1])
    steps = -(-num_examples // batch)
    epochs = next((count for count in _EPOCHS if count * steps >= _LEAST_STEPS), _EPOCHS[-1])
    return {"batch_size": batch, "epochs": epochs}
