"""Opening models from two threads of one process, as the inspector's two lanes do."""

import subprocess
import sys
from pathlib import Path

from tests.modellab.pretrained.folders import bert

REPOSITORY = Path(__file__).resolve().parents[3]
BOTH = """
import sys, threading
from modellab.architectures.pretrained import PretrainedConfig
from modellab.data.base import Sample
sample = Sample(kind="text", task="classification", shape=(9,), classes=("a", "b"), num_tokens=15)
import torch, modellab.nets.pretrained
start, failed = threading.Barrier(2), []
def build():
    start.wait()
    try:
        PretrainedConfig(folder=sys.argv[1]).build(sample)
    except Exception as error:
        failed.append(error)
threads = [threading.Thread(target=build) for _ in range(2)]
for thread in threads: thread.start()
for thread in threads: thread.join()
print(failed)
"""


def test_that_two_threads_may_be_the_first_to_need_transformers(tmp_path: Path):
    child = subprocess.run(
        [sys.executable, "-c", BOTH, str(bert(tmp_path))], cwd=REPOSITORY, capture_output=True, text=True, timeout=240
    )
    assert child.returncode == 0, child.stderr
    assert child.stdout.strip() == "[]"
