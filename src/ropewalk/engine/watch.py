"""Watches commands that nobody watches one by one: one that turns out to be long gets a guard of its own."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass

from ropewalk.engine import guard as guards
from ropewalk.engine.guard import Guard
from ropewalk.engine.session import Pending, Session
from ropewalk.shell.how import How


@dataclass(slots=True, eq=False)
class Asked:
    """A command that was sent, and will answer.

    :ivar since: when it was sent, on the clock of the event loop.
    :ivar guard: ends it where it has to be ended; most commands have none.
    """

    session: Session
    pending: Pending
    how: How
    since: float
    guard: Guard | None = None

    @property
    def answered(self) -> bool:
        return self.pending.future.done()


class Watch:
    """Looks after the short commands of one host with one timer, which runs only while there are any.

    :param start: starts the guard of a command.
    """

    def __init__(self, start: Callable[[Asked], None]) -> None:
        self._start = start
        self._asked: deque[Asked] = deque()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, asked: Asked) -> None:
        while self._asked and self._asked[0].answered:
            self._asked.popleft()
        self._asked.append(asked)
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(guards.AFTER, self._look)

    def end(self) -> None:
        """Nothing is to be watched any more."""
        self._asked.clear()
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _look(self) -> None:
        loop, self._timer = asyncio.get_running_loop(), None
        self._asked = deque(asked for asked in self._asked if not asked.answered)
        next_due = guards.AFTER
        for asked in self._asked:
            left = asked.since + guards.AFTER - loop.time()
            if asked.guard is None and left > 0:
                next_due = min(next_due, left)
            elif asked.guard is None and asked.session.runs(asked.pending):
                self._start(asked)
        if self._asked:
            self._timer = loop.call_later(next_due, self._look)
