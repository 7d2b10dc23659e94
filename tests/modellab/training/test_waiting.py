import os
import subprocess
import sys

import pytest

from modellab.training.waiting import spin_briefly

LOADED_LATER = """
import sys
from workers.warmth import warm_up
assert "torch" not in sys.modules
import modellab.training.session
assert "torch" not in sys.modules
"""


def test_that_threads_sleep_soon_unless_a_person_said_otherwise(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv("GOMP_SPINCOUNT", raising=False)
    monkeypatch.delenv("OMP_WAIT_POLICY", raising=False)
    spin_briefly()
    assert os.environ["GOMP_SPINCOUNT"] == "10000"
    monkeypatch.setenv("GOMP_SPINCOUNT", "7")
    spin_briefly()
    assert os.environ["GOMP_SPINCOUNT"] == "7"
    monkeypatch.delenv("GOMP_SPINCOUNT")
    monkeypatch.setenv("OMP_WAIT_POLICY", "ACTIVE")
    spin_briefly()
    assert "GOMP_SPINCOUNT" not in os.environ


def test_that_it_comes_before_torch_is_loaded():
    subprocess.run([sys.executable, "-c", LOADED_LATER], check=True)
