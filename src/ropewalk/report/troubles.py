"""Finds out why things failed: root causes only, the hosts that share one together."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Sequence

from ropewalk.model.event import CommandResult, Failure, Location, OperationEnded, OperationInfo
from ropewalk.model.outcome import HostStatus, Prediction
from ropewalk.model.result import HostResult, RunResult
from ropewalk.report.text import fact_title, title

#: A shorter name may be a word of its own in a message.
SHORTEST_NAME = 3
#: Kinds that a host's program ends with because an operation of it failed.
_TELLS_OF_OPERATIONS = frozenset({"OperationFailed", "NestedOperationError", "OperationError"})


@dataclasses.dataclass(frozen=True, slots=True)
class Trouble:
    """One root cause, and the hosts that have it.

    :param word: how it is told: ``failed``, ``error``, ``unreachable``.
    :param what: the operation, after the names of those it was called in; or what else failed.
    :param called_at: the line that called the operation.
    """

    word: str
    what: str
    hosts: tuple[str, ...]
    failure: Failure | None = None
    command: CommandResult | None = None
    attempts: int = 1
    called_at: Location | None = None


def of_plan(result: RunResult) -> list[Trouble]:
    """Return what is wrong according to the plan, and where deploy code raised in it."""
    wrong: dict[str, list[Trouble]] = {}
    for host in result.hosts.values():
        for entry in host.planned:
            if entry.prediction is Prediction.ERROR:
                at = entry.operation.where
                what = path(entry.operation, result)
                trouble = Trouble("error", what, (host.name,), entry.failure, called_at=at)
                wrong.setdefault(entry.operation.id, []).append(trouble)
    found = [trouble for operation in result.in_order() for trouble in wrong.get(operation.id, [])]
    return merge([*found, *_of_hosts(result, "error")])


def of_run(result: RunResult) -> list[Trouble]:
    """Return the root causes of everything that went wrong, in source order, unreachable hosts last."""
    failed: dict[str, list[Trouble]] = {}
    for host in result.hosts.values():
        for ended in host.root_failures():
            failed.setdefault(ended.operation.id, []).append(_of_operation(host, ended, result))
    ordered = [trouble for operation in result.in_order() for trouble in failed.get(operation.id, [])]
    planned = [trouble for trouble in of_plan(result) if trouble.word == "error"] if _plan_failed(result) else []
    facts = [
        Trouble("failed", fact_title(value), (value.host,), value.failure)
        for value in result.facts
        if value.failure is not None
    ]
    return merge([*planned, *ordered, *facts, *_of_hosts(result, "failed", without=[*planned, *facts])])


def unreachable(result: RunResult) -> list[Trouble]:
    """Return the hosts that could not be reached, by reason; not those where an operation tells of it."""
    return merge(
        Trouble("unreachable", "", (host.name,), host.failure)
        for host in result.hosts.values()
        if host.status is HostStatus.UNREACHABLE or (host.status is None and host.failure is not None)
        if _essence(host.failure) not in {_essence(ended.failure) for ended in host.root_failures()}
    )


def merge(troubles: Iterable[Trouble]) -> list[Trouble]:
    """Put the hosts of equal troubles together; those that differ only by the host's own name become ``HOST``'s."""
    merged: dict[object, Trouble] = {}
    for trouble in troubles:
        general = _general(trouble)
        key = _signature(general)
        known = merged.get(key)
        if known is None:
            merged[key] = trouble
        else:
            base = known if _signature(known) == _signature(trouble) else general
            merged[key] = dataclasses.replace(base, hosts=known.hosts + trouble.hosts)
    return list(merged.values())


def without_output(trouble: Trouble) -> Trouble:
    """Return a trouble that does not repeat what its command wrote."""
    if trouble.command is None:
        return trouble
    return dataclasses.replace(trouble, command=dataclasses.replace(trouble.command, stdout="", stderr=""))


def path(operation: OperationInfo, result: RunResult) -> str:
    """Return what an operation is called, after the operations it was called in."""
    names = [title(operation.name, operation.arguments, operation.function)]
    while operation.parent is not None and operation.parent in result.operations:
        operation = result.operations[operation.parent]
        names.append(title(operation.name, operation.arguments, operation.function))
    return " > ".join(reversed(names))


def _of_operation(host: HostResult, ended: OperationEnded, result: RunResult) -> Trouble:
    broken = [command for command in ended.commands if not command.ok]
    what = path(ended.operation, result)
    failure = ended.failure
    if failure is not None and failure.where is None:
        failure = dataclasses.replace(failure, where=ended.operation.where)
    command = broken[-1] if broken else None
    return Trouble("failed", what, (host.name,), failure, command, ended.attempts, ended.operation.where)


def _of_hosts(result: RunResult, word: str, *, without: Sequence[Trouble] = ()) -> list[Trouble]:
    """Return the failures of hosts that no operation of theirs accounts for."""
    told = {(name, _essence(trouble.failure)) for trouble in without for name in trouble.hosts}
    found = []
    for host in result.hosts.values():
        if host.failure is None or host.status is not HostStatus.FAILED or host.failure.caused_by_nested:
            continue
        explained = {_essence(ended.failure) for ended in host.root_failures()}
        explained |= {_essence(entry.failure) for entry in host.planned if entry.prediction is Prediction.ERROR}
        if _essence(host.failure) in explained or (host.name, _essence(host.failure)) in told:
            continue
        if host.failure.kind in _TELLS_OF_OPERATIONS and explained:
            continue
        found.append(Trouble(word, "deploy code", (host.name,), host.failure))
    return found


def _plan_failed(result: RunResult) -> bool:
    return any(entry.prediction is Prediction.ERROR for host in result.hosts.values() for entry in host.planned)


def _general(trouble: Trouble) -> Trouble:
    """Return what is left of one host's trouble when its name is not named."""
    if len(trouble.hosts) != 1 or len(trouble.hosts[0]) < SHORTEST_NAME:
        return trouble
    name = re.compile(rf"(?<![\w.-]){re.escape(trouble.hosts[0])}(?![\w-]|\.\w)")
    failure, command = trouble.failure, trouble.command
    if failure is not None:
        failure = dataclasses.replace(failure, message=name.sub("HOST", failure.message))
    if command is not None:
        command = dataclasses.replace(
            command,
            command=name.sub("HOST", command.command),
            stdout=name.sub("HOST", command.stdout),
            stderr=name.sub("HOST", command.stderr),
            error=None if command.error is None else name.sub("HOST", command.error),
        )
    return dataclasses.replace(trouble, failure=failure, command=command)


def _essence(failure: Failure | None) -> tuple[str, str] | None:
    return None if failure is None else (failure.kind, failure.message)


def _signature(trouble: Trouble) -> object:
    command = trouble.command
    run = (command.command, command.exit_code, command.stdout, command.stderr, command.error) if command else None
    return trouble.word, trouble.what, _essence(trouble.failure), run
