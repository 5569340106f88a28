"""Starts functions in order, so many at a time; none of them takes a task."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from ropewalk.engine import bridge


class Turns:
    """Lets functions run that may ``wait``.

    :param limit: how many may have begun and not ended.
    :param pool: what they run in.
    """

    def __init__(self, limit: int, pool: bridge.Pool) -> None:
        self._free, self._pool = limit, pool
        self._next: deque[bridge.Started] = deque()
        self._running: set[bridge.Started] = set()
        self._starting = False

    def start(self, function: Callable[[], None]) -> None:
        """Run a function at once where there is room, else when there is. It must not raise."""
        self._next.append(bridge.Started(function, self._leave, self._pool))
        self._begin()

    def _leave(self, started: bridge.Started) -> None:
        self._running.discard(started)
        self._free += 1
        self._begin()

    def cancel(self) -> None:
        """End those that wait for something; those that have not begun never will."""
        self._next.clear()
        for started in list(self._running):
            started.cancel()

    def _begin(self) -> None:
        if self._starting:
            return  # from one that has ended at once: the loop below goes on
        self._starting = True
        try:
            while self._next and self._free > 0:
                started = self._next.popleft()
                self._free -= 1
                self._running.add(started)
                started.begin()
        finally:
            self._starting = False
