"""Settings of FreeBSD's rc.conf(5): sysrc(8)."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.freebsd import Sysrc, in_jail
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError

SYSRC_ADD = "add"
SYSRC_SUB = "sub"
SYSRC_SET = "set"
SYSRC_DEL = "del"

_NAME = re.compile(r"[A-Za-z_]\w*")


@operation()
def sysrc(
    parameter: str,
    value: str,
    jail: str | None = None,
    command: str = SYSRC_SET,
    overwrite: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Set, extend, shorten or delete a setting.

    :param parameter: its name.
    :param value: its value; for ``"add"`` and ``"sub"`` words of it; for ``"del"`` it does not matter.
    :param jail: number or name of the jail whose setting it is.
    :param command: ``"set"``; ``"add"`` and ``"sub"`` add words to the value and take words out of it; ``"del"``
        deletes the setting.
    :param overwrite: for ``"set"``: also when it has another value, which else stays.
    :raises OperationValueError: another command, or a name that is none.

    ::

        sysrc.sysrc(name="Let nginx start", parameter="nginx_enable", value="YES", overwrite=True)
    """
    if command not in (SYSRC_SET, SYSRC_ADD, SYSRC_SUB, SYSRC_DEL):
        raise OperationValueError(f"{command!r} is not a command of sysrc.sysrc", hint="set, add, sub or del")
    if not _NAME.fullmatch(parameter):
        raise OperationValueError(f"{parameter!r} is not the name of a setting")
    host = current_host.get()
    before = host.get_fact(Sysrc, parameter=parameter, jail=jail)
    after = _after(before, value, command, overwrite)
    if after == before:
        host.noop(f"{parameter} is {'not set' if before is None else repr(before)}")
        return
    yield Change(parameter, before, after)
    if after is None:
        yield sh("sysrc", *in_jail(jail), "-i", "-x", "--", parameter)
    else:
        yield sh("sysrc", *in_jail(jail), "-i", "--", f"{parameter}={after}")


def _after(before: str | None, value: str, command: str, overwrite: bool) -> str | None:
    """Return the value that a setting shall have."""
    if command == SYSRC_DEL:
        return None
    if command == SYSRC_SET:
        return value if before is None or overwrite else before
    words, given = (before or "").split(), value.split()
    if command == SYSRC_SUB:
        kept = [word for word in words if word not in given]
        return before if kept == words else " ".join(kept)
    new = [word for word in dict.fromkeys(given) if word not in words]
    return " ".join([*words, *new]) if new or before is None else before
