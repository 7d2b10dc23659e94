"""The training loop and what it is made of."""

import os

# libgomp reads this once, when torch is loaded, and by default lets a thread that waits for another spin for
# milliseconds. That is nothing on an idle machine; on a busy one each step then waits for whole time slices (measured
# on 2 cores under a load of 7: 3 steps a second of the default CNN, and 13 with short spinning).
if "OMP_WAIT_POLICY" not in os.environ:
    os.environ.setdefault("GOMP_SPINCOUNT", "1000")
