"""Ends commands on the host: when their time is up, when the run is interrupted, when the connection is lost."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable

from ropewalk.api.connector import Stream
from ropewalk.model.errors import HostError

#: Seconds after which a command that still runs is worth a guard of its own.
AFTER = 3.0
#: Seconds the guard may take to end a command.
PATIENCE = 10.0


class Guard:
    """Watches one command.

    :param open_guard: starts the guard's process on the host (see ``shell/guard.py``).
    :param runs: says whether the command has begun, rather than one sent before it: until then it needs no guard.
    """

    def __init__(self, open_guard: Callable[[], Awaitable[Stream]], runs: Callable[[], bool] = lambda: True) -> None:
        self._open, self._runs = open_guard, runs
        self._opening: asyncio.Task[Stream] | None = None
        self._timer = asyncio.get_running_loop().call_later(AFTER, self.look)

    async def fire(self) -> Exception | None:
        """End the command; returns when that is done, or why it cannot be done."""
        self._timer.cancel()
        try:
            async with asyncio.timeout(PATIENCE):
                # It may end by itself meanwhile: what runs then is the next one.
                await self._ask(self._start(), lambda: b"kill\n" if self._runs() else b"done\n")
        except (HostError, TimeoutError) as error:
            return error  # then there is no connection any more, and with it the guard's input has ended
        return None

    @property
    def started(self) -> bool:
        return self._opening is not None

    def cancel(self) -> None:
        """The command has ended before a guard was needed."""
        self._timer.cancel()

    async def release(self) -> None:
        """The command has ended by itself: send the guard away."""
        self._timer.cancel()
        if self._opening is not None:
            try:
                async with asyncio.timeout(PATIENCE):
                    await self._ask(self._opening, lambda: b"done\n")
            except (HostError, TimeoutError):
                pass
            finally:
                self._opening.cancel()  # nobody would take it any more
                await asyncio.wait([self._opening])

    def look(self) -> None:
        """Start the guard if the command has begun, else look again later."""
        if self._runs():
            self._start()
        else:
            self._timer = asyncio.get_running_loop().call_later(AFTER, self.look)

    def _start(self) -> asyncio.Task[Stream]:
        if self._opening is None:
            self._opening = asyncio.ensure_future(self._open())
            self._opening.add_done_callback(lambda task: task.cancelled() or task.exception())
        return self._opening

    @staticmethod
    async def _ask(opening: asyncio.Task[Stream], word: Callable[[], bytes]) -> None:
        stream = await asyncio.shield(opening)
        try:
            await stream.write(word())
            await stream.wait()
        finally:
            await stream.close()
