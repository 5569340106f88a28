"""A process that does not exist, as a :class:`~ropewalk.api.connector.Stream`: what is written to it arrives late."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any


class FakeProcess:
    """The pipes of a process on a fake host, and the coroutine that stands for its program.

    :param pid: its number.
    :param latency: returns the seconds that what is written now is under way.
    :param pty: it has a terminal: everything goes to standard output, with the line ends of a terminal.
    """

    def __init__(self, pid: int, latency: Callable[[], float], *, pty: bool = False) -> None:
        self.pid = pid
        self.cooked = self.pty = pty
        self._latency = latency
        self._travelling: deque[tuple[bytes, bool]] = deque()
        self._input = bytearray()
        self._at_end = False
        self._arrived = asyncio.Event()
        self._pieces: list[bytes] = []
        self._errors: list[bytes] = []
        self._out: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._err: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._killed: asyncio.Future[int] | None = None
        self._lost: Exception | None = None
        self._task: asyncio.Task[None] | None = None

    def start(self, program: Callable[[FakeProcess], Coroutine[Any, Any, int]]) -> None:
        """Let it run; the coroutine returns its exit status."""
        self._task = asyncio.ensure_future(self._live(program))

    async def _live(self, program: Callable[[FakeProcess], Coroutine[Any, Any, int]]) -> None:
        try:
            status = await program(self)
        except Exception as error:  # of this fake, or that the connection was lost
            self.lose(error)
            return
        self._end(status)

    def _end(self, status: int) -> None:
        self.flush()
        self._out.put_nowait(b"")
        self._err.put_nowait(b"")
        if not self._status.done():
            self._status.set_result(status)

    # -- as its connection sees it ----------------------------------------------------------------------

    async def write(self, data: bytes) -> None:
        self._send(bytes(data), end=False)

    async def write_eof(self) -> None:
        self._send(b"", end=True)

    def _send(self, data: bytes, *, end: bool) -> None:
        if self._lost is not None:
            raise self._lost
        seconds = self._latency()
        if not seconds and not self._travelling:
            self._arrive(data, end)
            return
        # What was written first arrives first, however long it takes.
        self._travelling.append((data, end))
        asyncio.get_running_loop().call_later(seconds, self._arrive_first)

    def _arrive_first(self) -> None:
        self._arrive(*self._travelling.popleft())

    def _arrive(self, data: bytes, end: bool) -> None:
        self._input += data
        self._at_end = self._at_end or end
        self._arrived.set()

    async def stdout(self) -> bytes:
        return await self._next(self._out)

    async def stderr(self) -> bytes:
        return await self._next(self._err)

    async def _next(self, queue: asyncio.Queue[bytes | Exception]) -> bytes:
        item = await queue.get()
        if not item or isinstance(item, Exception):
            queue.put_nowait(item)  # the end stays the end
        if isinstance(item, Exception):
            raise item
        return item

    async def wait(self) -> int:
        return await asyncio.shield(self._status)

    async def close(self) -> None:
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait([self._task])
        self._end(137)

    def lose(self, error: Exception) -> None:
        """Break the connection: whoever reads, writes or waits gets the error."""
        if self._lost is not None or self._status.done():
            return
        self.flush()
        self._lost = error
        self._out.put_nowait(error)
        self._err.put_nowait(error)
        self._status.set_exception(error)
        self._status.exception()  # seen: nobody may be waiting for it
        if self._task is not None and self._task is not asyncio.current_task():
            self._task.cancel()

    # -- as its program sees it -------------------------------------------------------------------------

    def out(self, data: bytes) -> None:
        """Write to standard output; it leaves with :meth:`flush`."""
        self._pieces.append(data.replace(b"\n", b"\r\n") if self.cooked else data)

    def err(self, data: bytes) -> None:
        """Write to standard error."""
        if self.pty:
            self.out(data)
        else:
            self._errors.append(data)

    def flush(self) -> None:
        """Send what was written."""
        for pieces, queue in ((self._pieces, self._out), (self._errors, self._err)):
            if data := b"".join(pieces):
                queue.put_nowait(data)
            pieces.clear()

    async def read(self) -> bytes:
        """Return what has arrived, or wait for more; ``b""`` at the end."""
        await self._until(lambda: bool(self._input))
        return self._take(len(self._input))

    async def read_line(self) -> bytes:
        """Return one line, with its end if it has one."""
        await self._until(lambda: b"\n" in self._input)
        end = self._input.find(b"\n") + 1
        return self._take(end or len(self._input))

    async def read_exactly(self, size: int) -> bytes:
        """Return so many bytes; less at the end."""
        await self._until(lambda: len(self._input) >= size)
        return self._take(size)

    async def read_all(self) -> bytes:
        """Return everything up to the end."""
        await self._until(lambda: False)
        return self._take(len(self._input))

    async def _until(self, enough: Callable[[], bool]) -> None:
        self.flush()
        while not enough() and not self._at_end:
            self._arrived.clear()
            await self._arrived.wait()

    def _take(self, size: int) -> bytes:
        taken = bytes(self._input[:size])
        del self._input[:size]
        return taken

    async def pause(self, seconds: float) -> int | None:
        """Let time pass; return the exit status of what runs if it was killed meanwhile.

        :param seconds: may be infinite.
        """
        self.flush()
        self._killed = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(None if seconds == float("inf") else seconds):
                return await self._killed
        except TimeoutError:
            return None
        finally:
            self._killed = None

    def kill(self, status: int) -> None:
        """End what runs in it."""
        if self._killed is not None and not self._killed.done():
            self._killed.set_result(status)
