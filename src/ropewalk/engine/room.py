"""Bounds what all hosts of a run have under way together; hosts that come first in the inventory go first.

Something under way takes memory: a greenlet with its stack, and what it works on. With a thousand hosts, a plan would
have all operations of all hosts under way at once, and nothing would end before everything had begun.
"""

from __future__ import annotations

import asyncio
import heapq
import itertools


class Room:
    """Counts what is under way, and says who may begin.

    :param limit: nobody begins while so much is under way; who has begun may go beyond it.
    """

    def __init__(self, limit: int) -> None:
        self._free = limit
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = itertools.count()
        self._coming = False

    @property
    def full(self) -> bool:
        return self._free <= 0

    async def wait(self, rank: int) -> None:
        """Wait until somebody of this rank may begin; the lowest goes first."""
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiting, (rank, next(self._count), future))
        try:
            await future
        finally:
            if future.done() and not future.cancelled():
                # The next one when this one has begun what it has to do, and that has been counted.
                self._coming = False
                asyncio.get_running_loop().call_soon(self._admit)

    def enter(self) -> None:
        """Something has begun."""
        self._free -= 1

    def leave(self) -> None:
        """Something has ended."""
        self._free += 1
        self._admit()

    def _admit(self) -> None:
        """Let one begin, if there is room."""
        while self._waiting and not self.full and not self._coming:
            future = heapq.heappop(self._waiting)[2]
            if not future.done():
                self._coming = True
                future.set_result(None)
