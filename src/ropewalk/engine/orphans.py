"""Ends what runs on a host when its stream was lost: it knows nothing of that, and would go on.

A stream may be lost alone (the client that held it was killed, as in ``docker exec``), or with the whole connection. In
the latter case a guard that is there already has done this; else it is done when the host is connected again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from ropewalk.api.connector import Stream
from ropewalk.engine.guard import Guard
from ropewalk.model.errors import ConnectionLost
from ropewalk.shell.how import How
from ropewalk.shell.process import Process


class Orphans:
    """Those of one host.

    :param open_guard: starts the process on the host that ends another one, see ``shell/guard.py``.
    """

    def __init__(self, open_guard: Callable[[How, Process], Awaitable[Stream]]) -> None:
        self._open_guard = open_guard
        self._left: list[tuple[How, Process]] = []

    def __bool__(self) -> bool:
        return bool(self._left)

    def add(self, how: How, process: Process) -> None:
        """Remember a process. Where it is not known when it began, another may have its number by now."""
        if process.born:
            self._left.append((how, process))

    async def end(self) -> None:
        """End them, each with all it started. Where there is no connection they stay for the next time."""
        left, self._left = self._left, []
        for how, process in left:
            if isinstance(await self._end(how, process), ConnectionLost):
                self._left.append((how, process))

    async def _end(self, how: How, process: Process) -> Exception | None:
        return await Guard(lambda: self._open_guard(how, process)).fire()
