"""What a run came to: folded from the event stream, read by reports and by whoever called ``ropewalk.run``."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

from ropewalk.model.event import (
    ConnectEnded,
    Event,
    Failure,
    HostEnded,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    PlanIncomplete,
    RunEnded,
    RunStarted,
    Traffic,
    TrafficCounted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction


@dataclass(slots=True)
class HostResult:
    """One host: its status, and every operation as planned and as applied, in the order they happened."""

    name: str
    status: HostStatus | None = None
    failure: Failure | None = None
    planned: list[OperationPlanned] = field(default_factory=list)
    plan_ends: PlanIncomplete | None = None
    applied: list[OperationEnded] = field(default_factory=list)
    traffic: Traffic = field(default_factory=Traffic)

    def count(self) -> Counter[Outcome]:
        """Return how many operations ended in each way; nested ones count too."""
        return Counter(ended.outcome for ended in self.applied)

    @property
    def changes_pending(self) -> bool:
        """Whether the plan found something that would change, or could not rule it out."""
        return self.plan_ends is not None or any(
            entry.prediction in (Prediction.CHANGE, Prediction.UNKNOWN) for entry in self.planned
        )


@dataclass(slots=True)
class RunResult:
    """A whole run.

    ``status`` is what the process exits with; ``hosts`` keeps inventory order; ``operations`` keeps the order
    in which operations were first met.
    """

    hosts: dict[str, HostResult] = field(default_factory=dict)
    operations: dict[str, OperationInfo] = field(default_factory=dict)
    status: ExitStatus | None = None
    stopped_by: Failure | None = None
    seconds: float = 0.0
    mode: str = "deploy"

    @property
    def ok(self) -> bool:
        return self.status in (ExitStatus.OK, ExitStatus.CHANGES)

    def failed_hosts(self) -> list[str]:
        """Return the names of the hosts that did not end well, in inventory order."""
        return [host.name for host in self.hosts.values() if host.status not in (None, HostStatus.OK)]

    def take(self, event: Event) -> None:
        """Add one event of the stream."""
        match event:
            case RunStarted():
                self.mode = event.mode
                for name in event.hosts:
                    self.hosts.setdefault(name, HostResult(name))
            case RunEnded():
                self.status, self.seconds, self.stopped_by = event.status, event.seconds, event.stopped_by
            case ConnectEnded(failure=Failure()):
                self._host(event.host).failure = event.failure
            case HostEnded():
                host = self._host(event.host)
                host.status, host.failure = event.status, event.failure or host.failure
            case OperationPlanned():
                self.operations.setdefault(event.operation.id, event.operation)
                self._host(event.host).planned.append(event)
            case PlanIncomplete():
                self._host(event.host).plan_ends = event
            case OperationEnded():
                self.operations.setdefault(event.operation.id, event.operation)
                self._host(event.host).applied.append(event)
            case TrafficCounted():
                self._host(event.host).traffic = event.traffic

    def _host(self, name: str) -> HostResult:
        return self.hosts.setdefault(name, HostResult(name))
