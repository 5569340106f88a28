"""When things happened in a run: what the timeline of the HTML report is drawn from."""

from __future__ import annotations

import time
from collections.abc import Callable

from ropewalk.model.event import (
    ConnectEnded,
    ConnectStarted,
    Event,
    OperationEnded,
    OperationPlanned,
    OperationRetried,
    OperationStarted,
    PassEnded,
    PassStarted,
    PlanIncomplete,
    RunEnded,
    RunStarted,
)

#: From when to when, in seconds since the run began.
Span = tuple[float, float]


class Moments:
    """A listener that notes times. It does next to nothing for each event, so that no run waits for it.

    Events of an earlier run are given to :meth:`take`, with the seconds since it began.

    :param clock: tells the time, in seconds.
    :ivar passes: connect, plan and apply, in the order they began.
    :ivar connects: when each host was connected to.
    :ivar planned: when the last entry of each host's plan was made.
    :ivar operations: by host and id of the operation.
    :ivar retries: why an operation was tried again, by host and id.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._began = clock, clock()
        self._started: dict[tuple[str, str], float] = {}
        self.passes: list[tuple[str, Span]] = []
        self.connects: dict[str, Span] = {}
        self.planned: dict[str, float] = {}
        self.operations: dict[tuple[str, str], Span] = {}
        self.retries: dict[tuple[str, str], list[str]] = {}
        self.ended = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._began = self._clock()
        self.take(event, self._clock() - self._began)

    def take(self, event: Event, at: float) -> None:
        """Note when an event happened."""
        match event:
            case OperationStarted():
                self._started[event.host, event.operation.id] = at
            case OperationEnded():
                key = (event.host, event.operation.id)
                self.operations[key] = (self._started.pop(key, at - event.seconds), at)
            case OperationPlanned() | PlanIncomplete():
                self.planned[event.host] = at
            case OperationRetried():
                self.retries.setdefault((event.host, event.operation.id), []).append(event.reason)
            case ConnectStarted():
                self.connects[event.host] = (at, at)
            case ConnectEnded():
                self.connects[event.host] = (self.connects.get(event.host, (at - event.seconds, at))[0], at)
            case PassStarted():
                self.passes.append((event.name, (at, at)))
            case PassEnded() if self.passes:
                name, (start, _) = self.passes[-1]
                self.passes[-1] = (name, (start, at))
            case RunEnded():
                self.ended = at
