import platform
import resource
import subprocess
import sys

import pytest

CHILD = """
import resource, sys
from modellab.training.allocator import keep_freed_memory
if sys.argv[1] == "kept":
    assert keep_freed_memory()
import torch
def faults():
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(50):
        torch.ones(8 << 20).add(1)  # 32 MiB twice
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
faults()
print(faults())
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="Only glibc has mallopt.")
def test_that_freed_memory_is_not_faulted_in_again():
    def faults(how: str) -> int:
        found = subprocess.run([sys.executable, "-c", CHILD, how], stdout=subprocess.PIPE, check=True, text=True)
        return int(found.stdout)

    page_kib = resource.getpagesize() // 1024
    assert faults("given back") > 10 * (32 << 10) // page_kib // 512  # huge pages of 2 MiB at the best
    assert faults("kept") < 100
