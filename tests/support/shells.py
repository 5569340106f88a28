"""The POSIX shells of this machine, to run scripts in."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from pathlib import Path

import pytest

#: Shells that ropewalk's scripts have to work in, by name.
SHELLS = {"dash": ["dash"], "bash": ["bash"], "busybox": ["busybox", "sh"], "zsh": ["zsh", "--emulate", "sh"]}


def shell(name: str) -> list[str]:
    """Return how to start a shell; skips the test where it is missing."""
    argv = SHELLS[name]
    if not shutil.which(argv[0]):
        pytest.skip(f"{name} is not installed")
    return argv


def installed() -> list[str]:
    """Return the names of the shells that are here."""
    return [name for name, argv in SHELLS.items() if shutil.which(argv[0])]


def feed(
    argv: list[str], script: str, *, cwd: Path | None = None, env: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[bytes]:
    """Run a script that a shell reads from its standard input, as it does on a host."""
    return subprocess.run(
        argv, input=script.encode("utf-8", "surrogateescape"), capture_output=True, check=False, cwd=cwd, timeout=60,
        env={**os.environ, **(env or {})},
    )  # fmt: skip
