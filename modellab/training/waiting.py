"""How threads of this process wait for one another."""

from __future__ import annotations

import os


def spin_briefly() -> None:
    """Have a thread that waits for another sleep soon; to be called before torch is loaded, which reads it once.

    By default libgomp lets it spin for milliseconds. That is nothing on an idle machine; on a busy one each step then
    waits for whole time slices (measured on 2 cores under a load of 7: 3 steps a second of the default CNN, and 13 with
    short spinning). What a person set in the environment is left alone.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", "1000")
