"""The ``--json`` document: one for every run, whatever became of it. ``docs/schema/run.json`` describes it.

Top-level keys are always all there; what does not apply is ``null``. A number that counts failures counts root
causes only. Raise ``SCHEMA_VERSION`` when a key changes its meaning or goes away; new keys do not.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from typing import Any

from ropewalk.model.command import Change, Diff
from ropewalk.model.event import CommandResult, FactValue, Failure, OperationEnded, OperationInfo, OperationPlanned
from ropewalk.model.outcome import ExitStatus, HostStatus
from ropewalk.model.result import HostResult, RunResult
from ropewalk.report.text import fact_title
from ropewalk.report.values import plain

SCHEMA_VERSION = 1


def document(
    result: RunResult,
    *,
    version: str,
    inventory: Iterable[Mapping[str, Any]] | None = None,
    facts: Mapping[str, Mapping[str, Any]] | None = None,
) -> dict[str, Any]:
    """Return everything a run came to, made of what JSON can hold.

    :param version: ropewalk's, for runs that ended before they began.
    :param inventory: the hosts with their data, where the user asked for them.
    :param facts: values by fact and host, where the user asked for all that were read.
    """
    status = ExitStatus.INTERNAL if result.status is None else result.status
    return {
        "schema_version": SCHEMA_VERSION,
        "version": result.version or version,
        "mode": result.mode,
        "status": status.name.lower(),
        "exit_code": int(status),
        "seconds": _seconds(result.seconds),
        "error": _failure(result.stopped_by),
        "notes": [{"level": note.level, "host": note.host, "message": note.message} for note in result.notes],
        "hosts": {name: _host(host, applied=result.applied) for name, host in result.hosts.items()},
        "plan": _plan(result) if result.planned else None,
        "operations": _operations(result) if result.applied else None,
        "totals": _totals(result),
        "facts": _facts(result.facts) if result.mode == "fact" else facts,
        "fact_failures": _fact_failures(result.facts) if result.mode == "fact" else None,
        "inventory": None if inventory is None else plain(list(inventory)),
    }


def dumps(made: Mapping[str, Any]) -> str:
    """Return a document as one line of JSON."""
    return json.dumps(made, allow_nan=False)  # ASCII: no locale of a terminal or pipe can get in its way


def _host(host: HostResult, *, applied: bool) -> dict[str, Any]:
    return {
        "status": host.status.value if host.status else None,
        "failure": _failure(host.failure),
        "plan_ends": {"reason": host.plan_ends.reason, "where": _where(host.plan_ends)} if host.plan_ends else None,
        "operations": asdict(host.tally(applied=applied)),
        "not_run": [operation.id for operation in host.not_run()] if applied else [],
        "stats": {**asdict(host.traffic), "seconds": _seconds(host.traffic.seconds)},
    }


def _totals(result: RunResult) -> dict[str, Any]:
    statuses = Counter(host.status for host in result.hosts.values())
    return {
        "hosts": {"total": len(result.hosts), **{status.value: statuses[status] for status in HostStatus}},
        "operations": asdict(result.tally()),
        "changes_pending": result.changes_pending if result.planned else None,
    }


def _plan(result: RunResult) -> list[dict[str, Any]]:
    planned: dict[str, dict[str, OperationPlanned]] = {}
    for host in result.hosts.values():
        for entry in host.planned:
            planned.setdefault(entry.operation.id, {})[host.name] = entry
    return [
        {
            **_operation(operation),
            "conditional": any(entry.conditional for entry in planned[operation.id].values()),
            "hosts": {name: _predicted(entry) for name, entry in planned[operation.id].items()},
        }
        for operation in result.in_order()
        if operation.id in planned
    ]


def _operations(result: RunResult) -> list[dict[str, Any]]:
    """Return the operations that ended on some host as a tree: each holds those that were called inside it."""
    ended: dict[str, dict[str, OperationEnded]] = {}
    for host in result.hosts.values():
        for entry in host.applied:
            ended.setdefault(entry.operation.id, {})[host.name] = entry
    made: dict[str, dict[str, Any]] = {}
    for operation in result.in_order():
        entries = ended.get(operation.id, {})
        hosts = {name: _ended(entry, result.hosts[name]) for name, entry in entries.items()}
        made[operation.id] = {**_operation(operation), "hosts": hosts, "children": []}
    roots: list[dict[str, Any]] = []
    for operation in result.in_order():
        parent = made.get(operation.parent) if operation.parent else None
        (roots if parent is None else parent["children"]).append(made[operation.id])
    return [root for root in roots if root["hosts"] or root["children"]]


def _operation(operation: OperationInfo) -> dict[str, Any]:
    return {
        "id": operation.id,
        "name": operation.name,
        "function": operation.function,
        "arguments": list(operation.arguments),
        "where": _where(operation),
    }


def _predicted(entry: OperationPlanned) -> dict[str, Any]:
    return {
        "prediction": entry.prediction.value,
        "reason": entry.reason,
        "commands": list(entry.commands),
        "changes": _changes(entry.changes),
        "diffs": _diffs(entry.diffs),
        "failure": _failure(entry.failure),
    }


def _ended(entry: OperationEnded, host: HostResult) -> dict[str, Any]:
    return {
        "outcome": entry.outcome.value,
        "tolerated": entry.failure is not None and host.is_tolerated(entry),
        "skip": entry.skip.value if entry.skip else None,
        "reason": entry.reason,
        "seconds": _seconds(entry.seconds),
        "attempts": entry.attempts,
        "commands": [_command(command) for command in entry.commands],
        "changes": _changes(entry.changes),
        "diffs": _diffs(entry.diffs),
        "failure": _failure(entry.failure),
    }


def _command(command: CommandResult) -> dict[str, Any]:
    return {
        "command": command.command,
        "ok": command.ok,
        "exit_code": command.exit_code,
        "reason": command.error,
        "seconds": _seconds(command.seconds),
        "stdout": command.stdout,
        "stderr": command.stderr,
    }


def _failure(failure: Failure | None) -> dict[str, Any] | None:
    if failure is None:
        return None
    return {
        "kind": failure.kind,
        "message": failure.message,
        "hint": failure.hint,
        "where": _where(failure),
        "traceback": failure.traceback,
        "caused_by_nested": failure.caused_by_nested,
    }


def _where(holder: Any) -> dict[str, Any] | None:
    return None if holder.where is None else {"file": holder.where.file, "line": holder.where.line}


def _changes(changes: Iterable[Change]) -> list[dict[str, Any]]:
    return [{"attribute": change.attribute, "before": change.before, "after": change.after} for change in changes]


def _diffs(diffs: Iterable[Diff]) -> list[dict[str, Any]]:
    return [{"path": diff.path, "before": diff.before, "after": diff.after} for diff in diffs]


def _facts(values: Iterable[FactValue]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for value in values:
        by_host = made.setdefault(fact_title(value), {})
        if value.failure is None:
            by_host[value.host] = plain(value.value)
    return made


def _fact_failures(values: Iterable[FactValue]) -> dict[str, dict[str, Any]]:
    made: dict[str, dict[str, Any]] = {}
    for value in values:
        if value.failure is not None:
            made.setdefault(fact_title(value), {})[value.host] = _failure(value.failure)
    return made


def _seconds(seconds: float) -> float:
    return round(seconds, 6)
