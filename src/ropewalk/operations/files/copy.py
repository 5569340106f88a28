from __future__ import annotations

import posixpath
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, File, Sha1File
from ropewalk.facts.files.tree import TreeHashes
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.files import obstacles
from ropewalk.shell.paths import path_word


@operation()
def copy(src: str, dest: str, overwrite: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Copy a file or directory of the host into a directory of the host.

    A copy that is there is compared by content. What differs in a directory is copied; what is only in the copy
    stays.

    :param src: the file or directory.
    :param dest: the directory to copy it into; it has to exist.
    :param overwrite: replace a file of that name that has other content.
    :raises OperationError: ``src`` or ``dest`` does not exist, or another file is there and ``overwrite`` is not given.

    ::

        files.copy(src="/usr/share/doc/app/app.conf", dest="/etc/app")
    """
    host = current_host.get()
    tree = bool(host.get_fact(Directory, path=src))
    if not tree and not host.get_fact(File, path=src):
        raise OperationError(f"{src} is neither a file nor a directory of the host")
    if not host.get_fact(Directory, path=dest):
        raise OperationError(f"{dest} is not a directory of the host")

    path = posixpath.join(dest, posixpath.basename(src.rstrip("/")))
    there = host.get_fact(Directory if tree else File, path=path)
    if there is False:
        raise OperationError(f"{path} is {obstacles.kind(path)}, and {src} is not")
    if there and (_same_tree(src, path) if tree else _same_file(src, path)):
        host.noop(f"{path} is like {src}")
        return
    if there and not tree and not overwrite:
        raise OperationError(f"{path} is there, and differs from {src}", hint="overwrite=True replaces it")
    yield sh("cp", "-r", *(["-f"] if overwrite else []), path_word(src), path_word(dest))


def _same_file(one: str, other: str) -> bool:
    host = current_host.get()
    return host.get_fact(Sha1File, path=one) == host.get_fact(Sha1File, path=other)


def _same_tree(source: str, copied: str) -> bool:
    """Return whether everything in one tree is in the other, with the same content."""
    host = current_host.get()
    there = host.get_fact(TreeHashes, path=copied)
    for path, entry in host.get_fact(TreeHashes, path=source).items():
        other = there.get(path)
        if other is None or (entry.type, entry.target, entry.sha1) != (other.type, other.target, other.sha1):
            return False
        if entry.type == "file" and entry.sha1 is None:
            return False
    return True
