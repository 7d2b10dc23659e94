"""The hub's libraries say nothing of their own: what is wrong, and how far it is, is said by us, once."""

from __future__ import annotations

import functools

_ABOVE_ERRORS = 50


@functools.cache
def silence() -> None:
    """No bars, no warnings, no errors on the terminal."""
    import datasets
    from huggingface_hub.utils import logging as hub_logging
    from huggingface_hub.utils.tqdm import disable_progress_bars

    for log in (datasets.logging, hub_logging):
        log.set_verbosity(_ABOVE_ERRORS)
    datasets.disable_progress_bars()
    disable_progress_bars()
