"""Describes a directory tree so that two descriptions are equal only where nothing was touched in between."""

from __future__ import annotations

import hashlib
import os
import stat
from pathlib import Path

#: A path, and everything about what is there.
Tree = dict[str, tuple[object, ...]]

#: What every login over SSH writes, whoever logs in.
LOGINS = frozenset({
    "/run", "/run/motd.dynamic", "/run/sudo/ts/pw", "/run/utmp",
    "/var/log/btmp", "/var/log/lastlog", "/var/log/sshd.log", "/var/log/wtmp",
})  # fmt: skip


def tree(root: Path, *, prefix: str = "") -> Tree:
    """Return type, mode, owner, time of change, and content of everything below a directory and of itself.

    What every login writes is left out.

    :param prefix: put before the paths, which begin with ``/`` and are relative to ``root``.
    """
    found: Tree = {}
    for folder, folders, files in os.walk(root):
        inner = prefix + ("/" + os.path.relpath(folder, root) if folder != str(root) else "")
        found[inner or "/"] = _described(folder)
        for name in (*files, *(name for name in folders if os.path.islink(os.path.join(folder, name)))):
            found[f"{inner}/{name}"] = _described(os.path.join(folder, name))
    return {path: what for path, what in found.items() if path not in LOGINS}


def difference(before: Tree, after: Tree) -> dict[str, tuple[object, object]]:
    """Return what is not the same: path, before, after."""
    return {
        path: (before.get(path), after.get(path))
        for path in sorted(before.keys() | after.keys())
        if before.get(path) != after.get(path)
    }


def _described(path: str) -> tuple[object, ...]:
    try:
        status = os.lstat(path)
        kind = stat.S_IFMT(status.st_mode)
        content: object = None
        if kind == stat.S_IFREG:
            content = hashlib.sha256(Path(path).read_bytes()).hexdigest()
        elif kind == stat.S_IFLNK:
            content = os.readlink(path)
        return (oct(status.st_mode), status.st_uid, status.st_gid, status.st_rdev, status.st_mtime_ns, content)
    except FileNotFoundError:
        return ("gone meanwhile",)
