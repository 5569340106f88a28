"""Where history is kept: in the user's state directory, readable by nobody else."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def state_directory() -> Path:
    """Return ropewalk's directory for state: ``$XDG_STATE_HOME/ropewalk``.

    Without that variable, ``~/.local/state/ropewalk`` (XDG Base Directory Specification 0.8), on macOS
    ``~/Library/Application Support/ropewalk``.
    """
    given = os.environ.get("XDG_STATE_HOME", "")
    if os.path.isabs(given):  # the specification: a relative path is to be ignored
        return Path(given, "ropewalk")
    home = Path(os.path.expanduser("~"))
    if sys.platform == "darwin":
        return home / "Library" / "Application Support" / "ropewalk"
    return home / ".local" / "state" / "ropewalk"


def private_directory(path: Path) -> Path:
    """Make a directory that only its owner may enter, and those above it, if they are not there; return it."""
    if not path.parent.exists():
        private_directory(path.parent)
    path.mkdir(mode=0o700, exist_ok=True)
    return path


def open_private(path: Path, flags: int) -> int:
    """Open a file that only its owner may read; return its descriptor."""
    return os.open(path, flags | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)


def write_all(descriptor: int, data: bytes) -> None:
    """Write data, all of it: a disk that becomes full takes a part, and says nothing.

    :raises OSError: it cannot be written.
    """
    left = memoryview(data)
    while left:
        left = left[os.write(descriptor, left) :]
