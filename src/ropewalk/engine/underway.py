"""Knows what has begun and not ended, so that no start is left without its end, however a run is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator
from typing import Any, cast

from ropewalk.model.event import (
    CommandEnded,
    CommandResult,
    CommandStarted,
    ConnectEnded,
    ConnectStarted,
    Event,
    FactRead,
    FactValue,
    Failure,
    OperationEnded,
    OperationPlanned,
    OperationStarted,
    OutputLine,
    PassEnded,
    PassStarted,
)
from ropewalk.model.outcome import Outcome

#: How a connection ends that the run did not wait for.
NOT_WAITED_FOR = Failure("Interrupted", "stopped while connecting")

Start = PassStarted | ConnectStarted | OperationStarted | CommandStarted


class UnderWay:
    """A listener that knows which passes, connections, operations and commands are under way."""

    ignores = frozenset({FactRead, FactValue, OperationPlanned, OutputLine})

    def __init__(self) -> None:
        self._begun: dict[Hashable, list[tuple[float, Start]]] = {}

    def __call__(self, event: Event) -> None:
        kind = type(event)
        if kind in _STARTS:
            self._begun.setdefault(_STARTS[kind](event), []).append((time.monotonic(), cast(Start, event)))
        elif kind in _ENDS:
            self._ended(_ENDS[kind](event))

    def ends(self) -> Iterator[Event]:
        """Yield the end of each of them, what began last first."""
        begun = [start for starts in list(self._begun.values()) for start in starts]
        for began, event in sorted(begun, key=lambda start: start[0], reverse=True):
            yield _end_of(event, time.monotonic() - began)

    def _ended(self, subject: Hashable) -> None:
        starts = self._begun.get(subject)
        if starts:
            starts.pop()
            if not starts:
                del self._begun[subject]


Subject = Callable[[Any], Hashable]

_PASS: Subject = lambda event: ("pass", event.name)  # noqa: E731
_CONNECTION: Subject = lambda event: ("connection", event.host)  # noqa: E731
_OPERATION: Subject = lambda event: ("operation", event.host, event.operation.id)  # noqa: E731
_COMMAND: Subject = lambda event: ("command", event.host, event.operation)  # noqa: E731

#: What each start and each end is about.
_STARTS: dict[type, Subject] = {
    PassStarted: _PASS, ConnectStarted: _CONNECTION, OperationStarted: _OPERATION, CommandStarted: _COMMAND,
}  # fmt: skip
_ENDS: dict[type, Subject] = {
    PassEnded: _PASS, ConnectEnded: _CONNECTION, OperationEnded: _OPERATION, CommandEnded: _COMMAND,
}  # fmt: skip


def _end_of(event: Start, seconds: float) -> Event:
    match event:
        case PassStarted():
            return PassEnded(event.name, seconds)
        case ConnectStarted():
            return ConnectEnded(event.host, seconds, NOT_WAITED_FOR)
        case OperationStarted():
            return OperationEnded(event.host, event.operation, Outcome.CANCELLED, seconds)
        case CommandStarted():
            result = CommandResult(event.command, None, False, seconds, error="interrupted")
            return CommandEnded(event.host, result, event.operation)
