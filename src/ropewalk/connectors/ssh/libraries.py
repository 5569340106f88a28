"""Finds the optional libraries of asyncssh without starting programs.

When it is imported, asyncssh looks for nettle and liboqs with ``ctypes.util.find_library``. On Linux that runs
``ldconfig``, and where a library is missing ``gcc`` and ``ld`` too, seven programs in each run.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import os
import sys
import sysconfig
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def found_quickly() -> Iterator[None]:
    """Meanwhile, ``find_library`` looks into the usual directories itself (on Linux; elsewhere it does anyway)."""
    if sys.platform != "linux":
        yield
        return
    usual = ctypes.util.find_library
    ctypes.util.find_library = find
    try:
        yield
    finally:
        ctypes.util.find_library = usual


def find(name: str) -> str | None:
    """Return the name by which a library can be loaded, or ``None``.

    >>> find("no such library") is None
    True
    """
    candidates = {file.name for directory in _directories() for file in directory.glob(f"lib{name}.so*")}
    return next((candidate for candidate in sorted(candidates, key=_preference) if _loads(candidate)), None)


def _preference(candidate: str) -> tuple[bool, int, str]:
    """Prefer ``libNAME.so.8`` to ``libNAME.so.8.6``, and both to ``libNAME.so``, which is for compilers."""
    return candidate.endswith(".so"), len(candidate), candidate


def _loads(candidate: str) -> bool:
    """Whether the loader takes it: it may be of another architecture, or where the loader does not look."""
    try:
        ctypes.CDLL(candidate)
    except OSError:
        return False
    return True


def _directories() -> Iterator[Path]:
    multiarch = sysconfig.get_config_var("MULTIARCH") or ""
    usual = [Path(f"{base}/{part}") for base in ("/lib", "/usr/lib", "/usr/local/lib") for part in {"", multiarch}]
    written = os.environ.get("LD_LIBRARY_PATH", "").split(":")
    return filter(Path.is_dir, [*(Path(part) for part in written if part), *usual, Path("/lib64"), Path("/usr/lib64")])
