from __future__ import annotations

import posixpath
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.shell.paths import path_word

# $1 takes the place of $2 in the directory $3. What is there is put aside until that has worked, else put back.
_TAKE_PLACE = Raw(
    '&& old=$(mktemp -d "$3/.ropewalk.XXXXXXXXXX") && { mv "$2" "$old/it" || { rmdir "$old"; exit 1; }; } && '
    'if mv "$1" "$2"; then rm -rf "$old"; else mv "$old/it" "$2" && rmdir "$old"; exit 1; fi'
)


@operation()
def move(src: str, dest: str, overwrite: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Move a file, directory or link of the host into a directory of the host.

    Nothing is to do when it is no longer at ``src`` and something of its name is in ``dest``.

    :param src: what to move.
    :param dest: the directory to move it into; it has to exist.
    :param overwrite: replace what has that name in ``dest``. It stays if the move fails.
    :raises OperationError: ``src`` or ``dest`` does not exist, or the name is taken and ``overwrite`` is not given.

    ::

        files.move(src="/srv/app/incoming/release-42", dest="/srv/app/releases")
    """
    host = current_host.get()
    if not host.get_fact(Directory, path=dest):
        raise OperationError(f"{dest} is not a directory of the host")
    path = posixpath.join(dest, posixpath.basename(src.rstrip("/")))
    if posixpath.normpath(path) == posixpath.normpath(src):
        host.noop(f"{src} is in {dest}")
        return
    taken = host.get_fact(File, path=path) is not None
    if host.get_fact(File, path=src) is None:
        if not taken:
            raise OperationError(f"{src} does not exist on the host, nor does {path}")
        host.noop(f"{src} has been moved to {path}")
        return
    if taken and not overwrite:
        raise OperationError(f"{path} is there already", hint="overwrite=True removes it first")
    if taken:
        yield sh("set", "--", path_word(src), path_word(path), path_word(dest), _TAKE_PLACE)
    else:
        yield sh("mv", path_word(src), path_word(dest))
