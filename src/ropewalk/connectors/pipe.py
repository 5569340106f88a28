"""Our end of a pipe or terminal, read and written without blocking the event loop and without a buffer."""

from __future__ import annotations

import asyncio
import errno
import os
from collections.abc import Callable
from io import FileIO
from typing import Any

CHUNK = 256 * 1024


class Pipe:
    """Owns ``file``. One task may read at a time; any number may write, and their writes do not mix."""

    def __init__(self, file: FileIO) -> None:
        os.set_blocking(file.fileno(), False)
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._waiter: asyncio.Future[None] | None = None
        self._writing = asyncio.Lock()

    async def read(self) -> bytes:
        """Return the next bytes, at most ``CHUNK``; ``b""`` at the end and once closed."""
        while not self._file.closed:
            await asyncio.sleep(0)  # a pipe that is never empty must not keep others from running
            try:
                return b"" if self._file.closed else os.read(self._file.fileno(), CHUNK)
            except BlockingIOError:
                await self._ready(self._loop.add_reader, self._loop.remove_reader)
            except OSError as error:
                if error.errno != errno.EIO:
                    raise
                return b""  # Linux: nobody has the terminal open any more
        return b""

    async def write(self, data: bytes) -> None:
        """Write all of ``data``, waiting while the pipe is full. What nobody can read any more is dropped."""
        async with self._writing:
            rest = memoryview(data)
            while rest and not self._file.closed:
                try:
                    rest = rest[os.write(self._file.fileno(), rest) :]
                except BlockingIOError:
                    await self._ready(self._loop.add_writer, self._loop.remove_writer)
                except OSError as error:
                    if error.errno not in {errno.EPIPE, errno.EIO}:
                        raise
                    return

    async def finish(self) -> None:
        """Close the pipe when everything written so far is in it."""
        async with self._writing:
            self.close()

    def close(self) -> None:
        """Close the pipe now; who waits for it goes on. May be called more than once."""
        if self._file.closed:
            return
        fd = self._file.fileno()
        self._loop.remove_reader(fd)
        self._loop.remove_writer(fd)
        self._file.close()
        self._wake()

    async def _ready(self, add: Callable[..., Any], remove: Callable[[int], Any]) -> None:
        fd = self._file.fileno()
        self._waiter = self._loop.create_future()
        add(fd, self._wake)
        try:
            await self._waiter
        finally:
            if not self._file.closed:  # else the number may already be another file's
                remove(fd)

    def _wake(self) -> None:
        if self._waiter is not None and not self._waiter.done():
            self._waiter.set_result(None)
