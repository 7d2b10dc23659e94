"""How threads of this process wait for one another."""

from __future__ import annotations

import os

_SPINS = "10000"  # some 100 µs


def spin_briefly() -> None:
    """Have a thread that waits for another sleep soon; to be called before torch is loaded, which reads it once.

    By default libgomp lets it spin for milliseconds. That is nothing on an idle machine; on a busy one each step then
    waits for whole time slices. Too short is no good either: what a recurrent layer does in parallel takes a fraction
    of a millisecond, and falling asleep in between as long again. Measured on 2 cores: an MLP's batch of 8192 under a
    load of 5 makes 3.0 steps a second by default, 5.3 spinning 10,000 times and 6.2 spinning 1,000 times; gates of an
    LSTM on an idle machine take 0.33, 0.32 and 0.52 s. What a person set in the environment is left alone.
    """
    if "OMP_WAIT_POLICY" not in os.environ:
        os.environ.setdefault("GOMP_SPINCOUNT", _SPINS)
