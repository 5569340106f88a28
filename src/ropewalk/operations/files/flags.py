from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Flags
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.files.words import operands
from ropewalk.shell.paths import path_word


@operation()
def flags(
    path: str, flags: str | Sequence[str] | None = None, present: bool = True, **_: Unpack[GlobalArguments]
) -> Steps:
    """Set or clear file flags of BSD and macOS, with chflags(1).

    :param path: the file.
    :param flags: one flag or several, such as ``["schg", "nodump"]``.
    :param present: whether they should be set; other flags stay as they are.
    :raises OperationError: there is no such file, or the host has no file flags.

    ::

        files.flags(path="/etc/rc.conf", flags="schg")
    """
    host = current_host.get()
    asked = [flags] if isinstance(flags, str) else sorted(flags or ())
    if not asked:
        host.noop("no flags are asked for")
        return
    have = host.get_fact(Flags, path=path)
    if have is None:
        raise OperationError(f"the flags of {path} cannot be read: no such file, or no chflags on this host")
    wrong = [flag for flag in asked if (flag in have) is not present]
    if not wrong:
        host.noop(f"the flags of {path} are as they should be")
        return
    for flag in wrong:
        yield Change(f"flag {flag}", *(("clear", "set") if present else ("set", "clear")))
    words = wrong if present else [_negated(flag) for flag in wrong]
    yield sh("chflags", *operands(",".join(words), path_word(path)))


def _negated(flag: str) -> str:
    """Return the keyword that clears a flag: the one with ``no`` before it, or without it (chflags(1))."""
    return flag.removeprefix("no") if flag.startswith("no") else f"no{flag}"
