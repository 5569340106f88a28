"""Keeps the programs of many hosts in step, without knowing beforehand what they will do.

Every program runs until it reaches an operation and waits. When none is running, the operation that stands
first in the source among those waited for is released to all the hosts that wait for it. No order is computed
in advance, so hosts may take different branches and loops without conflict.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Hashable, Iterable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, nullcontext
from typing import Generic, Protocol, TypeVar

from ropewalk.engine.order import Position

H = TypeVar("H", bound=Hashable)
H_contra = TypeVar("H_contra", bound=Hashable, contravariant=True)


class Step:
    """One operation at one position, on the hosts that were released for it together."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._slots: dict[tuple[str, int], asyncio.Semaphore] = {}

    def slots(self, operation: str, at_once: int) -> AbstractAsyncContextManager[None]:
        """Return what bounds how many hosts run the operation at a time; hosts get their turn in inventory order."""
        if not (at_once or self._limit):
            return _UNBOUNDED
        limit = min(filter(None, (at_once, self._limit)))
        return self._slots.setdefault((operation, limit), asyncio.Semaphore(limit))


_UNBOUNDED: AbstractAsyncContextManager[None] = nullcontext()


class Schedule(Protocol[H_contra]):
    """Decides when a host may carry out its next operation."""

    async def turn(self, host: H_contra, position: Position) -> Step: ...

    def ended(self, host: H_contra) -> None:
        """The program of this host has ended, well or not."""


class Lockstep(Generic[H]):
    """All hosts do an operation before any does the next."""

    def __init__(self, hosts: Iterable[H], *, limit: int = 0) -> None:
        self._rank = {host: rank for rank, host in enumerate(hosts)}
        self._limit = limit
        self._running: set[H] = set(self._rank)
        self._waiting: dict[H, tuple[Position, asyncio.Future[Step]]] = {}

    async def turn(self, host: H, position: Position) -> Step:
        future: asyncio.Future[Step] = asyncio.get_running_loop().create_future()
        self._waiting[host] = (position, future)
        self._stops(host)
        try:
            return await future
        except asyncio.CancelledError:
            self._waiting.pop(host, None)
            raise

    def ended(self, host: H) -> None:
        self._waiting.pop(host, None)
        self._stops(host)

    def _stops(self, host: H) -> None:
        """A host does not run any more. The last one to stop lets others go on, but not before itself is waiting:
        only then do all of them get their turn in inventory order."""
        self._running.discard(host)
        if not self._running and self._waiting:
            asyncio.get_running_loop().call_soon(self._release)

    def _release(self) -> None:
        if self._running or not self._waiting:
            return
        first = min(position for position, _ in self._waiting.values())
        together = sorted(
            (host for host, (position, _) in self._waiting.items() if position == first), key=self._rank.__getitem__
        )
        step = Step(self._limit)
        for host in together:
            self._running.add(host)
            future = self._waiting.pop(host)[1]
            if not future.done():
                future.set_result(step)


class FreeRunning(Generic[H]):
    """No host waits for another (``--no-wait``, ``--serial``)."""

    def __init__(self, *, limit: int = 0) -> None:
        self._step = _Limited(limit) if limit else Step(0)

    async def turn(self, host: H, position: Position) -> Step:
        return self._step

    def ended(self, host: H) -> None:
        pass


class _Limited(Step):
    """All operations of the run share one bound, besides that of their own."""

    def __init__(self, limit: int) -> None:
        super().__init__(0)
        self._shared = asyncio.Semaphore(limit)

    @asynccontextmanager
    async def slots(self, operation: str, at_once: int) -> AsyncIterator[None]:
        async with super().slots(operation, at_once), self._shared:
            yield


class RunOnce:
    """Who carries out each ``_run_once`` operation: the first living host that comes to it."""

    def __init__(self) -> None:
        self._taken: set[tuple[object, ...]] = set()

    def take(self, key: tuple[object, ...]) -> bool:
        """Say whether the caller is the first."""
        if key in self._taken:
            return False
        self._taken.add(key)
        return True
