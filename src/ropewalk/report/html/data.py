"""The data of the HTML report: what the page's script shows, as small as 500 hosts with 200 operations need it.

Hosts and operations are known by their places in lists. What a host did with its operations is kept in columns: which
operation, how it ended, from when on and how long (in milliseconds), with which detail.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ropewalk.model.event import FactValue, Failure, OperationEnded, OperationInfo
from ropewalk.model.outcome import Outcome, Prediction, Skip
from ropewalk.model.record import record
from ropewalk.model.result import HostResult, RunResult, walk
from ropewalk.report.github import root_causes, title_of, told, word_of
from ropewalk.report.html.details import Details
from ropewalk.report.html.moments import Moments, Span
from ropewalk.report.text import clean, fact_title, title
from ropewalk.report.values import plain

#: How an operation can have ended, or is expected to end, on a host; cells have the place in this list.
STATES = (
    "failed", "error", "cancelled", "not-run", "ignored", "changed", "will-change", "unknown", "skipped", "ok",
)  # fmt: skip
_NUMBER = {state: number for number, state in enumerate(STATES)}
_PREDICTED = {
    Prediction.CHANGE: "will-change", Prediction.NO_CHANGE: "ok", Prediction.UNKNOWN: "unknown",
    Prediction.SKIPPED: "skipped", Prediction.ERROR: "error",
}  # fmt: skip

MOST_CAUSES, MOST_NOTES, MOST_FACTS = 100, 100, 2000


@record
class Cell:
    """One operation on one host."""

    operation: int
    state: str
    span: Span | None
    detail: int
    commands: tuple[float, ...] = ()


def data(result: RunResult, moments: Moments, about: Mapping[str, str]) -> dict[str, Any]:
    """Return everything that the page shows.

    :param about: what else is known of the run: a heading and a text each.
    """
    details, order = Details(), list(walk(result))
    places = {operation.id: place for place, (_, operation) in enumerate(order)}
    hosts = [_host(host, result, moments, details, places) for host in result.hosts.values()]
    made = {
        "about": [[clean(name), clean(text)] for name, text in about.items()],
        "mode": result.mode,
        "status": result.status.name.lower() if result.status is not None else "internal",
        "exit_code": int(result.status) if result.status is not None else 70,
        "ok": result.ok,
        "applied": result.applied,
        "seconds": round(result.seconds, 3),
        "states": STATES,
        "passes": [[name, *_milliseconds(span)] for name, span in moments.passes],
        "operations": [_operation(depth, operation, places) for depth, operation in order],
        "hosts": hosts,
        "stopped": details.failure(result.stopped_by) if result.stopped_by is not None else None,
        "causes": list(_causes(result, details)),
        "notes": [
            [note.level, details.texts.number(note.message), clean(note.host) if note.host else None]
            for note in result.notes[:MOST_NOTES]
        ],
        "facts": [_fact(fact, details) for fact in result.facts[:MOST_FACTS]],
        "left_out": {
            "causes": max(0, len(root_causes(result)) - MOST_CAUSES),
            "notes": max(0, len(result.notes) - MOST_NOTES),
            "facts": max(0, len(result.facts) - MOST_FACTS),
        },
        "details": details.every,
    }
    made["texts"], made["cut"] = details.texts.cut()
    return dict(plain(made))


def _operation(depth: int, operation: OperationInfo, places: Mapping[str, int]) -> dict[str, Any]:
    return {
        "name": title(operation.name, operation.arguments, operation.function),
        "function": clean(operation.function),
        "arguments": [clean(argument)[:300] for argument in operation.arguments],
        "where": clean(str(operation.where)) if operation.where is not None else None,
        "depth": depth,
        "parent": places.get(operation.parent) if operation.parent is not None else None,
    }


def _host(
    host: HostResult, result: RunResult, moments: Moments, details: Details, places: Mapping[str, int]
) -> dict[str, Any]:
    cells = sorted(_cells(host, result, moments, details, places), key=lambda cell: cell.operation)
    starts = [round(cell.span[0] * 1000) if cell.span else -1 for cell in cells]
    lengths = [round((cell.span[1] - cell.span[0]) * 1000) if cell.span else 0 for cell in cells]
    made: dict[str, Any] = {
        "name": clean(host.name),
        "status": host.status.value if host.status is not None else "cancelled",
        "operations": [cell.operation for cell in cells],
        "states": [_NUMBER[cell.state] for cell in cells],
        "starts": starts,
        "lengths": lengths,
        "details": [cell.detail for cell in cells],
        "commands": [[round(seconds * 1000) for seconds in cell.commands] or 0 for cell in cells],
    }
    if host.failure is not None:
        made["failure"] = details.failure(host.failure)
    if host.plan_ends is not None:
        made["plan_ends"] = details.texts.number(host.plan_ends.reason)
    if host.name in moments.connects:
        made["connect"] = _milliseconds(moments.connects[host.name])
    plan = next((span for name, span in moments.passes if name == "plan"), None)
    if plan is not None and host.name in moments.planned:
        made["plan"] = _milliseconds((plan[0], moments.planned[host.name]))
    return made


def _cells(
    host: HostResult, result: RunResult, moments: Moments, details: Details, places: Mapping[str, int]
) -> Iterator[Cell]:
    """Yield each operation once: as it ended, else as it was planned."""
    ended = {entry.operation.id: entry for entry in host.applied}
    for id, entry in ended.items():
        key = (host.name, id)
        detail = details.of_ended(entry, moments.retries.get(key, ()))
        seconds = tuple(command.seconds for command in entry.commands)
        span = None if entry.outcome is Outcome.SKIPPED else moments.operations.get(key)
        yield Cell(places[id], _state(host, entry), span, detail, seconds)
    missed = {operation.id for operation in host.not_run()} if result.applied else set()
    for planned in {entry.operation.id: entry for entry in host.planned}.values():
        id = planned.operation.id
        if id not in ended:
            not_run = id in missed
            state = "not-run" if not_run else _PREDICTED[planned.prediction]
            yield Cell(places[id], state, None, details.of_planned(planned, not_run=not_run))


def _state(host: HostResult, ended: OperationEnded) -> str:
    """Return how an operation ended, as the counts of the report have it."""
    if ended.skip is Skip.UPSTREAM:
        return "not-run"
    if ended.outcome is Outcome.FAILED and host.is_tolerated(ended):
        return "ignored"
    return ended.outcome.value


def _causes(result: RunResult, details: Details) -> Iterator[dict[str, Any]]:
    for trouble in root_causes(result)[:MOST_CAUSES]:
        where = trouble.failure.where if trouble.failure is not None else None
        yield {
            "what": clean(title_of(trouble)),
            "word": word_of(trouble),
            "hosts": [clean(name) for name in trouble.hosts],
            "where": clean(str(where)) if where is not None else None,
            "told": details.texts.number("\n".join(told(trouble)), important=True),
        }


def _fact(fact: FactValue, details: Details) -> dict[str, Any]:
    made: dict[str, Any] = {"name": clean(fact_title(fact)), "host": clean(fact.host)}
    if isinstance(fact.failure, Failure):
        made["failure"] = details.failure(fact.failure)
    else:
        text = json.dumps(plain(fact.value), indent=2, ensure_ascii=False)
        made["value"] = details.texts.number(text)
    return made


def _milliseconds(span: Span) -> list[int]:
    return [round(span[0] * 1000), round(span[1] * 1000)]
