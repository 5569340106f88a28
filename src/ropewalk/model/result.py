"""What a run came to: folded from the event stream, read by reports and by whoever called ``ropewalk.run``."""

from __future__ import annotations

import heapq
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    ConnectEnded,
    Event,
    FactRead,
    FactValue,
    Failure,
    HostEnded,
    Noted,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    OperationStarted,
    OutputLine,
    PassEnded,
    PassStarted,
    PlanIncomplete,
    RunEnded,
    RunStarted,
    Traffic,
    TrafficCounted,
    ignores,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction, Skip
from ropewalk.model.record import record

#: What nothing of a result is made of, and what there is most of.
_PASSING: frozenset[type[Event]] = frozenset({CommandEnded, CommandStarted, FactRead, OperationStarted, OutputLine})


@record
class Tally:
    """How many operations of one host, nested ones too, ended how.

    :param failed: root causes only: an operation that failed because one inside it did is not counted again.
    :param ignored: failures, likewise, that the operation itself or one around it was told to ignore.
    :param not_run: planned, and not reached because the host or the run ended before.
    """

    changed: int = 0
    ok: int = 0
    skipped: int = 0
    ignored: int = 0
    failed: int = 0
    cancelled: int = 0
    not_run: int = 0

    def __add__(self, other: Tally) -> Tally:
        return Tally(*(getattr(self, name) + getattr(other, name) for name in self.__match_args__))


@dataclass(slots=True, repr=False)
class HostResult:
    """One host: its status, and every operation as planned and as applied, in the order they happened."""

    name: str
    status: HostStatus | None = None
    failure: Failure | None = None
    planned: list[OperationPlanned] = field(default_factory=list)
    plan_ends: PlanIncomplete | None = None
    applied: list[OperationEnded] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)

    def __repr__(self) -> str:
        return f"HostResult({self.name!r}, {self.status}, {len(self.applied)} operations)"

    def count(self) -> Counter[Outcome]:
        """Return how many operations ended in each way; nested ones count too."""
        return Counter(ended.outcome for ended in self.applied)

    @property
    def changes_pending(self) -> bool:
        """Whether the plan found something that would change, or could not rule it out."""
        return self.plan_ends is not None or any(
            entry.prediction in (Prediction.CHANGE, Prediction.UNKNOWN) for entry in self.planned
        )

    @property
    def seconds(self) -> float:
        """How long this host's operations took; what ran inside another one is not counted again."""
        return sum(ended.seconds for ended in self.applied if ended.operation.parent is None)

    def is_tolerated(self, ended: OperationEnded) -> bool:
        """Whether a failure was ignored: by the operation, by one around it, or since a later try went well."""
        if ended.outcome is Outcome.IGNORED or self.status is HostStatus.OK:
            return True
        outcomes = {entry.operation.id: entry for entry in self.applied}
        parent = ended.operation.parent
        while parent is not None and parent in outcomes:
            if outcomes[parent].outcome is Outcome.IGNORED:
                return True
            parent = outcomes[parent].operation.parent
        return False

    def root_failures(self) -> list[OperationEnded]:
        """Return the operations whose failure nothing ignored and no operation inside them explains."""
        return [
            ended
            for ended in self.applied
            if ended.outcome is Outcome.FAILED and not _is_consequence(ended) and not self.is_tolerated(ended)
        ]

    def not_run(self) -> list[OperationInfo]:
        """Return the operations that this host would have made, had it or the run not ended before."""
        told = [ended.operation for ended in self.applied if ended.skip is Skip.UPSTREAM]
        if self.status is HostStatus.OK:
            return told
        ended = {entry.operation.id for entry in self.applied}
        planned = (entry.operation for entry in self.planned if entry.prediction is not Prediction.ERROR)
        return told + [operation for operation in planned if operation.id not in ended]

    def sequences(self) -> Iterator[tuple[str, ...]]:
        """Yield the ids of its operations in the order they were planned, and in that in which they ended."""
        yield tuple(entry.operation.id for entry in self.planned)
        yield tuple(ended.operation.id for ended in self.applied)

    def tally(self, *, applied: bool = True) -> Tally:
        """Return how its operations ended.

        :param applied: the run got to apply; otherwise nothing was to be run, so nothing counts as not run.
        """
        seen: Counter[str] = Counter()
        for ended in self.applied:
            if ended.skip is Skip.UPSTREAM:
                continue
            if ended.outcome not in (Outcome.FAILED, Outcome.IGNORED):
                seen[ended.outcome.value] += 1
            elif self.is_tolerated(ended) and not _is_consequence(ended):
                seen["ignored"] += 1
        seen["failed"] += len(self.root_failures())
        seen["not_run"] = len(self.not_run()) if applied else 0
        return Tally(**seen)


@dataclass(slots=True, repr=False)
class RunResult:
    """A whole run.

    ``status`` is what the process exits with; ``hosts`` keeps inventory order; ``operations`` keeps the order
    in which operations were first met. ``planned`` and ``applied`` say which passes the run got to.
    """

    hosts: dict[str, HostResult] = field(default_factory=dict)
    operations: dict[str, OperationInfo] = field(default_factory=dict)
    status: ExitStatus | None = None
    stopped_by: Failure | None = None
    seconds: float = 0.0
    mode: str = "deploy"
    version: str = ""
    planned: bool = False
    applied: bool = False
    passes: dict[str, float] = field(default_factory=dict)
    facts: list[FactValue] = field(default_factory=list)
    notes: list[Noted] = field(default_factory=list)  # all but what is for debugging, each once
    _noted: set[Noted] = field(default_factory=set, compare=False)

    def __repr__(self) -> str:
        """Say little: asyncio describes the task of a run whose result this is, and that of a large run is large."""
        return f"RunResult({self.status}, {len(self.hosts)} hosts, {len(self.operations)} operations)"

    @property
    def ok(self) -> bool:
        return self.status in (ExitStatus.OK, ExitStatus.CHANGES)

    @property
    def changes_pending(self) -> bool:
        """Whether the plan found something to apply on any host."""
        return any(host.changes_pending for host in self.hosts.values())

    def failed_hosts(self) -> list[str]:
        """Return the names of the hosts that did not end well, in inventory order."""
        return [host.name for host in self.hosts.values() if host.status not in (None, HostStatus.OK)]

    def in_order(self) -> list[OperationInfo]:
        """Return every operation in the order they run, each followed by those called inside it.

        That is each host's own order (a loop comes by the same lines again), and between hosts that of the source.
        """
        sequences = dict.fromkeys(sequence for host in self.hosts.values() for sequence in host.sequences())
        inside: dict[str | None, dict[tuple[str, ...], None]] = {}
        for sequence in sequences:
            families: dict[str | None, list[str]] = {}
            for id in sequence:
                parent = self.operations[id].parent
                families.setdefault(parent if parent in self.operations else None, []).append(id)
            for parent, ids in families.items():
                inside.setdefault(parent, {})[tuple(ids)] = None
        orders = {id: _sortable(operation.order) for id, operation in self.operations.items()}
        children = {parent: merge(ways, orders) for parent, ways in inside.items()}
        ordered, stack = [], children.get(None, [])[::-1]
        while stack:
            ordered.append(self.operations[id := stack.pop()])
            stack += reversed(children.get(id, []))
        return ordered

    def tally(self) -> Tally:
        """Return how all operations of all hosts ended."""
        total = Tally()
        for host in self.hosts.values():
            total += host.tally(applied=self.applied)
        return total

    @ignores(*_PASSING)
    def take(self, event: Event) -> None:
        """Add one event of the stream."""
        if type(event) in _PASSING:
            return
        match event:
            case OperationPlanned():
                self._met(event.operation)
                self._host(event.host).planned.append(event)
            case OperationEnded():
                self._met(event.operation)
                self._host(event.host).applied.append(event)
            case RunStarted():
                self.mode, self.version = event.mode, event.version
                for name in event.hosts:
                    self.hosts.setdefault(name, HostResult(name))
            case RunEnded():
                self.status, self.seconds, self.stopped_by = event.status, event.seconds, event.stopped_by
            case PassStarted():
                self.planned = self.planned or event.name == "plan"
                self.applied = self.applied or event.name == "apply"
                if event.name == "apply":
                    self._forget_ended_plans()
            case PassEnded():
                self.passes[event.name] = event.seconds
            case FactValue():
                self.facts.append(event)
            case Noted(level="info" | "warning" | "error") if event not in self._noted:
                self._noted.add(event)
                self.notes.append(event)
            case _:
                self._take_of_host(event)

    def _take_of_host(self, event: Event) -> None:
        match event:
            case ConnectEnded(failure=Failure()):
                self._host(event.host).failure = event.failure
            case HostEnded():
                host = self._host(event.host)
                host.status = event.status
                host.failure = None if event.status is HostStatus.OK else event.failure or host.failure
            case PlanIncomplete():
                self._host(event.host).plan_ends = event
            case TrafficCounted():
                self._host(event.host).traffic = event.traffic

    def _met(self, operation: OperationInfo) -> None:
        if operation.id not in self.operations:
            self.operations[operation.id] = operation

    def _forget_ended_plans(self) -> None:
        """A plan that ended well says nothing of how the host ends."""
        for host in self.hosts.values():
            if host.status is HostStatus.OK:
                host.status = None

    def _host(self, name: str) -> HostResult:
        host = self.hosts.get(name)
        if host is None:
            host = self.hosts[name] = HostResult(name)
        return host


def merge(sequences: Iterable[Sequence[str]], orders: Mapping[str, Any]) -> list[str]:
    """Return what is in any of these, each once, in an order that suits all of them as far as one does.

    Of what comes next in any of them, that which is lowest in ``orders`` is taken: as hosts do that work in step.

    >>> merge([["a", "b", "a2", "b2"], ["b", "c"]], {"a": 1, "a2": 1.5, "b": 2, "b2": 2.5, "c": 3})
    ['a', 'b', 'a2', 'b2', 'c']
    """
    taken: dict[str, None] = {}
    waiting: dict[str, list[Iterator[str]]] = {}
    heap: list[tuple[Any, str]] = []

    def advance(rest: Iterator[str]) -> None:
        id = next((id for id in rest if id not in taken), None)
        if id is not None:
            if id not in waiting:
                heapq.heappush(heap, (orders[id], id))
            waiting.setdefault(id, []).append(rest)

    for sequence in sequences:
        advance(iter(sequence))
    while heap:
        _, id = heapq.heappop(heap)
        taken[id] = None
        for rest in waiting.pop(id):
            advance(rest)
    return list(taken)


def walk(result: RunResult) -> Iterator[tuple[int, OperationInfo]]:
    """Yield every operation and how deep it is nested, each followed by those called inside it."""
    children: dict[str | None, list[OperationInfo]] = {}
    for operation in result.in_order():
        parent = operation.parent if operation.parent in result.operations else None
        children.setdefault(parent, []).append(operation)
    stack = [(0, operation) for operation in reversed(children.get(None, []))]
    while stack:
        depth, operation = stack.pop()
        yield depth, operation
        stack.extend((depth + 1, child) for child in reversed(children.get(operation.id, [])))


def _is_consequence(ended: OperationEnded) -> bool:
    return ended.failure is not None and ended.failure.caused_by_nested


def _sortable(part: Any) -> tuple[Any, ...]:
    """Return a key that orders numbers, text and tuples of them, whatever stands beside them."""
    match part:
        case int() | float():
            return (0, part)
        case tuple() | list():
            return (2, *map(_sortable, part))
        case _:
            return (1, str(part))
