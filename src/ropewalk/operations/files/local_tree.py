"""A directory tree of this machine, as ``files.sync`` sees it."""

from __future__ import annotations

import os
import posixpath
import stat
from collections.abc import Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatch

from ropewalk.model.errors import OperationError
from ropewalk.model.record import record


@record
class Excluded:
    """What is left out, here and on the host.

    :param names: patterns for files and links: of the path here, the path below the tree, or the name alone.
    :param directories: patterns for directories: of the path below the tree.
    """

    names: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()

    @classmethod
    def of(cls, names: str | Sequence[str] | None, directories: str | Sequence[str] | None) -> Excluded:
        """Take the arguments of an operation: one pattern or several."""
        return cls(_as_tuple(names), _as_tuple(directories))

    def has_directory(self, relative: str) -> bool:
        return any(fnmatch(relative, pattern) for pattern in self.directories)

    def has(self, relative: str, root: str) -> bool:
        """Return whether a file is left out, by its own name or with a directory it is in."""
        spellings = (posixpath.join(root, relative), relative, posixpath.basename(relative))
        if any(fnmatch(spelling, pattern) for pattern in self.names for spelling in spellings):
            return True
        parents = relative.split("/")[:-1]
        return any(self.has_directory("/".join(parents[: depth + 1])) for depth in range(len(parents)))


@dataclass(slots=True)
class LocalTree:
    """Relative paths, in order, the directories above before what is in them.

    :ivar directories: path to permission bits as octal digits; ``"."`` is the tree itself.
    :ivar files: path to (path here, permission bits, size).
    :ivar links: path to target.
    """

    directories: dict[str, str] = field(default_factory=dict)
    files: dict[str, tuple[str, str, int]] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        return [*(name for name in self.directories if name != "."), *self.files, *self.links]


def walk(root: str, excluded: Excluded) -> LocalTree:
    """Read a tree. Links stay links, and are not followed.

    :raises OperationError: it is no directory, or holds something that cannot be copied.
    """
    if not os.path.isdir(root):
        raise OperationError(f"there is no local directory {root}")
    tree = LocalTree()

    def refuse(error: OSError) -> None:
        raise OperationError(f"the local directory {error.filename} cannot be read: {error.strerror}") from error

    for directory, directories, files in os.walk(root, onerror=refuse):
        below = os.path.relpath(directory, root)
        tree.directories[below] = _permissions(os.stat(directory))
        directories.sort()
        for name in list(directories):
            relative = posixpath.normpath(posixpath.join(below, name))
            link = os.path.islink(os.path.join(directory, name))
            if excluded.has_directory(relative) or (link and excluded.has(relative, root)):
                directories.remove(name)
            elif link:
                directories.remove(name)
                _add(tree, relative, os.path.join(directory, name))
        for name in sorted(files):
            relative = posixpath.normpath(posixpath.join(below, name))
            if not excluded.has(relative, root):
                _add(tree, relative, os.path.join(directory, name))
    for relative in tree.names:
        if "\n" in relative:
            raise OperationError(f"a local name holds a line end, which files.sync does not support: {relative!r}")
    return tree


def _add(tree: LocalTree, relative: str, path: str) -> None:
    status = os.lstat(path)
    if stat.S_ISLNK(status.st_mode):
        tree.links[relative] = os.readlink(path)
    elif stat.S_ISREG(status.st_mode):
        tree.files[relative] = (path, _permissions(status), status.st_size)
    else:
        raise OperationError(f"{path} is neither a file, a directory nor a link", hint="leave it out with `exclude`")


def _permissions(status: os.stat_result) -> str:
    return f"{status.st_mode & 0o777:o}"


def _as_tuple(patterns: str | Sequence[str] | None) -> tuple[str, ...]:
    if patterns is None:
        return ()
    return (patterns,) if isinstance(patterns, str) else tuple(patterns)
