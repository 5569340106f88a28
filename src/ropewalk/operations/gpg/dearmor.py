"""gpg.dearmor"""

from __future__ import annotations

import posixpath
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.facts.key_files import IsDearmored
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.files import obstacles
from ropewalk.operations.files.destination import make_parent
from ropewalk.operations.files.edits import NEW, TEMPORARY
from ropewalk.operations.files.modes import normalise, result
from ropewalk.operations.files.ownership import Attributes, adjust, differences
from ropewalk.shell.paths import path_word


@operation()
def dearmor(src: str, dest: str, mode: int | str = "0644", **_: Unpack[GlobalArguments]) -> Steps:
    """Turn OpenPGP data that is written as text into its binary form, on the host and with its gpg.

    :param src: the file with text; binary data is copied.
    :param dest: the file to write. It is replaced at once; when anything fails, what was there stays.
    :param mode: its mode, octal digits or chmod's symbols.
    :raises OperationError: gpg is not installed, or something else than a file is at ``dest``.

    ::

        gpg.dearmor(name="Unpack the key", src="/root/release.asc", dest="/usr/share/keyrings/release.gpg")
    """
    host, want = current_host.get(), Attributes(mode=normalise(mode))
    info = host.get_fact(File, path=dest)
    if info is False:
        raise OperationError(f"{dest} is {obstacles.kind(dest)}, not a file", hint="give the path of a file")
    same = host.get_fact(IsDearmored, src=src, dest=dest)
    if same is None:
        raise OperationError("gpg is not installed", hint="install gnupg, or gpg, first")
    if same and info:
        steps = [*adjust(dest, info, want)]
        yield from steps
        if not steps:
            host.noop(f"{dest} is what {src} holds")
        return
    if info:
        yield from differences(info, want)
    else:
        yield from make_parent(dest, None, None)
    new = posixpath.join(posixpath.dirname(dest) or ".", ".ropewalk.XXXXXXXXXX")
    final = result(want.mode or "644", info["mode"] if info else "644")
    yield sh(
        Raw(f"{TEMPORARY} ropewalk_new=$(mktemp"), path_word(new),
        Raw(f") && gpg --batch --yes -o {NEW} --dearmor <"), path_word(src),
        Raw("&&"), "chmod", final, Raw(f"{NEW} && mv -f {NEW}"), path_word(dest),
    )  # fmt: skip
