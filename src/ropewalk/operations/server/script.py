"""server.script"""

from __future__ import annotations

from collections.abc import Iterable
from typing import IO, Any, Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.server.local_files import existing_file
from ropewalk.operations.server.scripts import run_script


@operation(is_idempotent=False, idempotent_notice="The script runs every time; add an `_if` to decide when.")
def script(src: str | IO[Any], args: str | Iterable[object] = (), **_: Unpack[GlobalArguments]) -> Steps:
    """Run a script of this machine on the host.

    :param src: the script: the name of a file on this machine, or an object that can be read. Its first line says
        what runs it (`#!/bin/sh`).
    :param args: arguments for the script; each stays one word, whatever is in it.
    :raises OperationError: there is no such file.

    The script is removed from the host when it has ended, also when it fails.

    ::

        server.script(name="Prepare the disks", src="scripts/disks.sh", args=["--label", "data disk"])
    """
    source = str(existing_file(src, "the script")) if isinstance(src, str) else src
    yield from run_script(source, args)
