"""The machine that measures: what it is, and whether it is quiet."""

from __future__ import annotations

import os
import platform
import time
from pathlib import Path
from typing import Any

#: Idle share from which on the machine counts as quiet.
QUIET = 0.85


def describe() -> dict[str, Any]:
    """Return what figures depend on; no names."""
    info = Path("/proc/cpuinfo").read_text()
    model = next((line.split(":", 1)[1].strip() for line in info.splitlines() if line.startswith("model name")), "")
    pages, size = os.sysconf("SC_PHYS_PAGES"), os.sysconf("SC_PAGE_SIZE")
    return {
        "cores": os.cpu_count(),
        "cpu": model or platform.machine(),
        "memory_gib": round(pages * size / 2**30, 1),
        "kernel": platform.release().split("-")[0],
        "python": platform.python_version(),
    }


def load() -> float:
    """Return the load average of the last minute."""
    return os.getloadavg()[0]


def idle(seconds: float = 1.0) -> float:
    """Watch the machine for a while; return the share of its cores that was idle."""
    before = _ticks()
    time.sleep(seconds)
    after = _ticks()
    total = sum(after) - sum(before)
    return (after[3] + after[4] - before[3] - before[4]) / total if total else 1.0


def quiet(patience: float) -> float:
    """Wait until the machine is quiet, or for so many seconds; return the idle share seen last."""
    deadline = time.monotonic() + patience
    while (share := idle()) < QUIET and time.monotonic() < deadline:
        pass
    return share


def _ticks() -> list[int]:
    """Return the first line of /proc/stat (proc(5)): user nice system idle iowait irq softirq steal."""
    return [int(word) for word in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]
