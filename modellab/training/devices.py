"""The devices there are, by the names that recipes use."""

from __future__ import annotations

import platform
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from modellab.errors import UserError


@dataclass(frozen=True, kw_only=True)
class FoundDevice:
    """A device by the name recipes use ("cpu", "cuda:0", "mps") and the maker's name."""

    name: str
    title: str
    memory_bytes: int


def devices() -> tuple[FoundDevice, ...]:
    """Every device found, the one that "auto" takes first."""
    found = [_cuda(index) for index in range(torch.cuda.device_count())] if torch.cuda.is_available() else []
    memory = int(psutil.virtual_memory().total)
    if torch.backends.mps.is_available():
        found.append(FoundDevice(name="mps", title=f"{_processor()} GPU", memory_bytes=memory))
    threads = torch.get_num_threads()
    title = f"{_processor()}, {threads} thread{'s' if threads != 1 else ''}"
    return (*found, FoundDevice(name="cpu", title=title, memory_bytes=memory))


def resolve(name: str) -> FoundDevice:
    """The device of that name; "auto" is the first there is, "cuda" the first of its kind.

    Raises:
        UserError: there is none; names those there are.
    """
    found = devices()
    if name == "auto":
        return found[0]
    for device in found:
        if device.name == name or (name == "cuda" and device.name == "cuda:0"):
            return device
    names = ", ".join(device.name for device in found)
    raise UserError(f"There is no device {name!r} here; there is {names}, and auto.", field="training.device")


def memory_in_use(device: torch.device) -> int:
    """Bytes of tensors on a GPU, or of this process when training on the CPU."""
    if device.type == "cuda":
        return int(torch.cuda.memory_allocated(device))
    if device.type == "mps":
        return int(torch.mps.current_allocated_memory())
    return int(psutil.Process().memory_info().rss)


def free_memory(device: torch.device) -> int:
    """Bytes that could still be allocated."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    return min(int(psutil.virtual_memory().available), _room_below_limit())


def _room_below_limit() -> int:
    """What this process may still take where it was given a limit, as `ulimit -v` and batch systems do."""
    if sys.platform == "linux":
        process = psutil.Process()
        limit, _ = process.rlimit(psutil.RLIMIT_AS)
        if limit != psutil.RLIM_INFINITY:
            return max(0, int(limit - process.memory_info().vms))
    return sys.maxsize


def _cuda(index: int) -> FoundDevice:
    properties = torch.cuda.get_device_properties(index)
    return FoundDevice(name=f"cuda:{index}", title=properties.name, memory_bytes=int(properties.total_memory))


def _processor() -> str:
    """The processor's model name as its maker writes it, as far as the system tells."""
    information = Path("/proc/cpuinfo")
    if information.is_file():
        for line in information.read_text(encoding="utf-8", errors="replace").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine() or "CPU"
