"""Makes spans of events: each begins and ends when the events said so."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from datetime import datetime
from typing import Any

from opentelemetry.context import Context
from opentelemetry.trace import Span, Status, StatusCode, Tracer, set_span_in_context

from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    ConnectEnded,
    ConnectStarted,
    Event,
    FactRead,
    Failure,
    HostEnded,
    OperationEnded,
    OperationInfo,
    OperationRetried,
    OperationStarted,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
    TrafficCounted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome
from ropewalk.report.text import fact_title

#: Characters of a command that are told.
LONGEST = 4096

Attributes = Mapping[str, str | int | float | bool]


class Spans:
    """Begins and ends spans.

    :param run: an attribute of the outermost one.
    :param outer: holds the span that the run is a part of, if any.

    :ivar ended: how many have ended.
    """

    def __init__(self, tracer: Tracer, run: str, outer: Context) -> None:
        self._tracer, self._run, self._outer = tracer, run, outer
        self._open: dict[Hashable, list[Span]] = {}
        self._hosts: dict[str, tuple[HostEnded, int]] = {}
        self.ended = 0

    def take(self, event: Event, at: datetime) -> None:
        """Take an event that happened at this time."""
        time = int(at.timestamp() * 1_000_000) * 1000  # nanoseconds
        match event:
            case RunStarted():
                self._run_started(event, time)
            case PassStarted():
                self._begin(("pass", event.name), event.name, time, "run", {})
            case PassEnded():
                self._end(("pass", event.name), time, {})
            case RunEnded():
                self._run_ended(event, time)
            case HostEnded():
                self._hosts[event.host] = event, time  # traffic is counted after that
                self._host(event.host, time)
            case TrafficCounted():
                self._traffic(event, time)
            case _:
                self._take_of_host(event, time)

    def _take_of_host(self, event: Event, time: int) -> None:
        match event:
            case ConnectStarted():
                self._begin(("connect", event.host), "connect", time, self._host(event.host, time), _of(event.host))
            case ConnectEnded():
                self._end(("connect", event.host), time, {}, _why(event.failure))
            case OperationStarted():
                self._operation_started(event, time)
            case OperationRetried():
                self._operation_retried(event, time)
            case OperationEnded():
                self._operation_ended(event, time)
            case CommandStarted():
                self._command_started(event, time)
            case CommandEnded():
                self._command_ended(event, time)
            case FactRead():
                self._fact_read(event, time)

    # -- the kinds --------------------------------------------------------------------------------------

    def _run_started(self, event: RunStarted, time: int) -> None:
        about: Attributes = {
            "ropewalk.run": self._run, "ropewalk.mode": event.mode, "ropewalk.hosts": len(event.hosts)
        }  # fmt: skip
        self._begin("run", f"ropewalk {event.mode}", time, None, about)

    def _host(self, host: str, time: int) -> Hashable:
        """Return the key of a host's span; it begins with the first event of the host."""
        key = "host", host
        if key not in self._open:
            self._begin(key, host, time, "run", _of(host))
        return key

    def _operation(self, host: str, id: str | None, time: int) -> Hashable:
        key = "operation", host, id
        return key if key in self._open else self._host(host, time)

    def _operation_started(self, event: OperationStarted, time: int) -> None:
        operation = event.operation
        parent = self._operation(event.host, operation.parent, time)
        about: Attributes = {**_of(event.host), **_described(operation)}
        self._begin(("operation", event.host, operation.id), operation.name, time, parent, about)

    def _operation_retried(self, event: OperationRetried, time: int) -> None:
        about: Attributes = {"attempt": event.attempt, "attempts": event.attempts, "reason": event.reason}
        for span in self._open.get(("operation", event.host, event.operation.id), ())[-1:]:
            span.add_event("retry", about, time)

    def _operation_ended(self, event: OperationEnded, time: int) -> None:
        key = "operation", event.host, event.operation.id
        if key not in self._open:  # it was skipped without having begun
            self._operation_started(OperationStarted(event.host, event.operation), time)
        about: dict[str, Any] = {"ropewalk.outcome": event.outcome.value, "ropewalk.attempts": event.attempts}
        if event.skip is not None:
            about["ropewalk.skip"] = event.skip.value
        if event.reason:
            about["ropewalk.reason"] = event.reason
        if event.failure is not None:
            about["ropewalk.failure"] = event.failure.message
        failed = event.outcome in (Outcome.FAILED, Outcome.CANCELLED)
        self._end(key, time, about, (_why(event.failure) or event.outcome.value) if failed else None)

    def _command_started(self, event: CommandStarted, time: int) -> None:
        parent = self._operation(event.host, event.operation, time)
        about: Attributes = {**_of(event.host), "ropewalk.command": event.command[:LONGEST]}
        name = event.command.split("\n")[0][:80] or "command"
        self._begin(("command", event.host, event.operation), name, time, parent, about)

    def _command_ended(self, event: CommandEnded, time: int) -> None:
        result = event.result
        about = {"process.exit.code": result.exit_code} if result.exit_code is not None else {}
        why = None if result.ok else result.error or "failed"
        self._end(("command", event.host, event.operation), time, about, why)

    def _fact_read(self, event: FactRead, time: int) -> None:
        began = time - int(event.seconds * 1_000_000_000)
        key = "fact", event.host
        name = f"fact {fact_title(event)}"
        self._begin(key, name[:LONGEST], began, self._host(event.host, began), _of(event.host))
        self._end(key, time, {}, _why(event.failure))

    def _traffic(self, event: TrafficCounted, time: int) -> None:
        traffic = event.traffic
        about = {
            "ropewalk.round_trips": traffic.round_trips,
            "ropewalk.commands": traffic.commands,
            "ropewalk.facts": traffic.facts,
            "ropewalk.bytes_sent": traffic.bytes_sent,
            "ropewalk.bytes_received": traffic.bytes_received,
        }
        self._open[self._host(event.host, time)][-1].set_attributes(about)

    def _run_ended(self, event: RunEnded, time: int) -> None:
        for key in [key for key in reversed(self._open) if key != "run" and not _is_host(key)]:
            self._end(key, time, {}, "did not end")
        for host, (ended, at) in self._hosts.items():
            well = ended.status is HostStatus.OK
            self._end(
                ("host", host),
                at,
                {"ropewalk.status": ended.status.value},
                None if well else _why(ended.failure) or ended.status.value,
            )
        self._hosts.clear()
        for key in [key for key in self._open if _is_host(key)]:
            self._end(key, time, {}, "did not end")
        well = event.status in (ExitStatus.OK, ExitStatus.CHANGES)
        status = event.status.name.lower()
        about: Attributes = {"ropewalk.status": status, "process.exit.code": int(event.status)}
        self._end("run", time, about, None if well else _why(event.stopped_by) or status)

    # -- spans ------------------------------------------------------------------------------------------

    def _begin(self, key: Hashable, name: str, time: int, parent: Hashable, about: Attributes) -> None:
        around = self._open.get(parent)
        context = set_span_in_context(around[-1], Context()) if around else self._outer
        span = self._tracer.start_span(name, context, attributes=about, start_time=time)
        self._open.setdefault(key, []).append(span)

    def _end(self, key: Hashable, time: int, about: Attributes, why: str | None = None) -> None:
        """End a span.

        :param why: it has failed.
        """
        spans = self._open.get(key)
        if not spans:
            return
        span = spans.pop()
        if not spans:
            del self._open[key]
        span.set_attributes(about)
        if why is not None:
            span.set_status(Status(StatusCode.ERROR, why))
        span.end(time)
        self.ended += 1


def _of(host: str) -> dict[str, str]:
    return {"ropewalk.host": host}


def _described(operation: OperationInfo) -> dict[str, str | int]:
    about: dict[str, str | int] = {"ropewalk.operation": operation.function, "ropewalk.operation.id": operation.id}
    if operation.where is not None:
        about |= {"code.file.path": operation.where.file, "code.line.number": operation.where.line}
    return about


def _why(failure: Failure | None) -> str | None:
    return failure.message or failure.kind if failure is not None else None


def _is_host(key: Hashable) -> bool:
    return isinstance(key, tuple) and key[0] == "host"
