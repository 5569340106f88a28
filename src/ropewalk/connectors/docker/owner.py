"""Who has started a container, so that what a killed run left behind can be told from what another run uses."""

from __future__ import annotations

import os
import uuid
from functools import cache
from pathlib import Path


@cache
def ourselves() -> str:
    """Return a word for this process: which machine's start, which process, and since when that has run."""
    return f"{_boot()}:{os.getpid()}:{_since(os.getpid())}"


def is_gone(owner: str) -> bool:
    """Say whether a process of this machine has ended. Of another machine's nothing can be known.

    >>> is_gone(ourselves()), is_gone("somewhere-else:1:1")
    (False, False)
    """
    boot, _, rest = owner.partition(":")
    pid, _, since = rest.partition(":")
    if boot != _boot() or not pid.isdecimal():
        return False
    return _since(int(pid)) != since


@cache
def _boot() -> str:
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return f"{uuid.getnode():x}"


def _since(pid: int) -> str:
    """Return when a process began, proc(5); empty where there is none, or no way to know."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[19]
    except OSError:
        return "" if not _is_alive(pid) else "alive"


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
