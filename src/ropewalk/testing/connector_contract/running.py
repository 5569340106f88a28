"""What the tests of the contract share: how to connect, how to run a process to its end."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from typing import TypeVar

from ropewalk.api.connector import Stream

T = TypeVar("T")

#: Makes a connection, which is closed at the end of a ``async with``.
Connect = Callable[[], AbstractAsyncContextManager[T]]

EVERY_BYTE = bytes(range(256))
#: Seconds that no test takes: one that hangs fails.
TOO_LONG = 60


async def all_of(read: Callable[[], Awaitable[bytes]]) -> bytes:
    """Read an output to its end."""
    chunks = []
    while chunk := await read():
        chunks.append(chunk)
    return b"".join(chunks)


async def finish(stream: Stream, given: bytes = b"") -> tuple[bytes, bytes, int]:
    """Write, read both outputs to their ends, return them with the status."""

    async def feed() -> None:
        await stream.write(given)
        await stream.write_eof()

    _, out, err, status = await asyncio.gather(feed(), all_of(stream.stdout), all_of(stream.stderr), stream.wait())
    await stream.close()
    return out, err, status


def run(connect: Connect[T], test: Callable[[T], Awaitable[None]]) -> None:
    """Connect, and run a test with the connection."""

    async def main() -> None:
        async with asyncio.timeout(TOO_LONG), connect() as connected:
            await test(connected)

    asyncio.run(main())
