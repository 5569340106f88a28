"""server.kill"""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationValueError

_SIGNAL = re.compile(r"(?:SIG)?([A-Z][A-Z0-9]*(?:[+-][0-9]+)?|[0-9]+)", re.IGNORECASE)


@operation(is_idempotent=False, idempotent_notice="The signal is sent every time; add an `_if` to decide when.")
def kill(pid: int, signal: str = "TERM", **_: Unpack[GlobalArguments]) -> Steps:
    """Send a signal to a process.

    :param pid: the process's number.
    :param signal: the signal's name, with or without `SIG`, or its number.
    :raises OperationValueError: there is no such process number, or the signal makes no sense. Numbers below 1 stand
        for groups of processes (kill(2)) and are refused.

    ::

        server.kill(name="Let the daemon reopen its log", pid=1234, signal="HUP")
    """
    if isinstance(pid, bool) or int(pid) < 1:
        raise OperationValueError(f"server.kill: {pid!r} is not the number of a process")
    match = _SIGNAL.fullmatch(str(signal))
    if match is None:
        raise OperationValueError(f"server.kill: {signal!r} is not a signal")
    yield sh("kill", f"-{match[1].upper()}", str(int(pid)))
