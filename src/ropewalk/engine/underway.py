"""Knows what has begun and not ended, so that a run which is left at once leaves no start without its end."""

from __future__ import annotations

from collections.abc import Iterator

from ropewalk.model.event import Event, OperationEnded, OperationInfo, OperationStarted
from ropewalk.model.outcome import Outcome


class UnderWay:
    """A listener that knows which operations are under way on which hosts."""

    def __init__(self) -> None:
        self._operations: dict[tuple[str, str], OperationInfo] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case OperationStarted():
                self._operations[event.host, event.operation.id] = event.operation
            case OperationEnded():
                self._operations.pop((event.host, event.operation.id), None)

    def cancelled(self) -> Iterator[OperationEnded]:
        """Yield the end of each of them, the innermost first."""
        for (host, _), operation in reversed(list(self._operations.items())):
            yield OperationEnded(host, operation, Outcome.CANCELLED)
