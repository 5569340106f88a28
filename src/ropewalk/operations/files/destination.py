"""Where on the host content goes: through links, into directories, below directories that have to be made."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from typing import Any, Literal, TypeAlias

from ropewalk.api.context import current_host
from ropewalk.facts.files import Directory, File, Kind, Link
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationError, OperationTypeError
from ropewalk.operations.files import obstacles
from ropewalk.operations.files.ownership import Attributes, chown
from ropewalk.shell.paths import path_word

FileInfo: TypeAlias = Mapping[str, Any]

_MAX_LINKS = 40


def find(dest: str, filename: str | None) -> tuple[str, FileInfo | None]:
    """Return the path that content for ``dest`` goes to, and the ``File`` fact of what is there.

    Links are followed, as writing to them does; a directory stands for the file of that name inside it.

    :param filename: the name of the local file; ``None`` when the content has none.
    :raises OperationError: something is there that cannot be written to.
    """
    path, info = (dest, False) if dest.endswith("/") else follow(dest)
    if info is False and (dest.endswith("/") or current_host.get().get_fact(Directory, path=path)):
        if filename is None:
            raise OperationTypeError(
                f"{dest} is a directory, and the content has no file name of its own",
                hint="give the whole path as `dest`",
            )
        path, info = follow(posixpath.join(path, filename))
    if info is False:
        raise OperationError(f"{path} is {obstacles.kind(path)}: no file can be written there")
    return path, info


def follow(path: str) -> tuple[str, FileInfo | Literal[False] | None]:
    """Return where a path leads through links, and the ``File`` fact of what is there."""
    host = current_host.get()
    start = path
    for _ in range(_MAX_LINKS):
        info: FileInfo | Literal[False] | None = host.get_fact(File, path=path)
        link = host.get_fact(Link, path=path) if info is False else None
        if not link:
            return path, info
        path = posixpath.join(posixpath.dirname(path), link["link_target"])
    raise OperationError(f"{start} leads through too many links")


def make_parent(path: str, user: str | None, group: str | None) -> Steps:
    """Make the directory of a path where it is missing, with the owner of the file.

    What is there keeps its owner and mode, and may be a link.
    """
    parent = posixpath.dirname(path)
    if not parent or parent == "/":
        return
    kind = current_host.get().get_fact(Kind, path=parent)
    if kind not in (None, "directory", "link"):
        raise OperationError(f"{parent} is {obstacles.kind(parent)}, so {path} cannot be below it")
    if kind is None:
        yield sh("mkdir", "-p", path_word(parent))
        want = Attributes.of(user, group)
        if want.owned:
            yield chown(parent, want)
