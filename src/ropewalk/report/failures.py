"""Says why things failed: root causes only, equal ones once, with all that helps to put them right."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ropewalk.model.event import CommandResult, Failure, OperationEnded, OperationInfo
from ropewalk.model.outcome import HostStatus, Prediction
from ropewalk.model.result import HostResult, RunResult
from ropewalk.report.page import Line, below, row
from ropewalk.report.text import clean, fact_title, some, tail, title

#: Lines shown of each output of a failed command; all of them with -vv.
OUTPUT_LINES = 15
#: Different ways in which one operation failed that are shown; hosts beyond are counted.
WAYS = 8


@dataclasses.dataclass(frozen=True, slots=True)
class Trouble:
    """One root cause, and the hosts that have it.

    :param word: how it is told: ``failed``, ``error``, ``unreachable``.
    :param what: the operation, after the names of those it was called in; or what else failed.
    """

    word: str
    what: str
    hosts: tuple[str, ...]
    failure: Failure | None = None
    command: CommandResult | None = None
    attempts: int = 1


def of_plan(result: RunResult) -> list[Trouble]:
    """Return what is wrong according to the plan, and where deploy code raised in it."""
    wrong: dict[str, list[Trouble]] = {}
    for host in result.hosts.values():
        for entry in host.planned:
            if entry.prediction is Prediction.ERROR:
                trouble = Trouble("error", path(entry.operation, result), (host.name,), entry.failure)
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


def stopped(failure: Failure, *, debug: bool) -> Iterator[Line]:
    """Tell what ended a run, or kept it from starting."""
    first, *more = summary(failure).split("\n")
    yield (("error: ", "bold red"), (first, ""))
    for line in more:
        yield (("  " + line, ""),)
    if failure.where:
        yield (("  " + clean(str(failure.where)), "cyan"),)
    if failure.hint:
        yield (("  hint: " + clean(failure.hint), "green"),)
    if failure.traceback and debug:
        for line in clean(failure.traceback).rstrip("\n").split("\n"):
            yield ((line, "dim"),)


def merge(troubles: Iterable[Trouble]) -> list[Trouble]:
    """Put the hosts of equal troubles together."""
    merged: dict[object, Trouble] = {}
    for trouble in troubles:
        key = _signature(trouble)
        known = merged.get(key)
        merged[key] = trouble if known is None else dataclasses.replace(known, hosts=known.hosts + trouble.hosts)
    return list(merged.values())


def without_output(trouble: Trouble) -> Trouble:
    """Return a trouble that does not repeat what its command wrote."""
    if trouble.command is None:
        return trouble
    return dataclasses.replace(trouble, command=dataclasses.replace(trouble.command, stdout="", stderr=""))


def lines(troubles: Sequence[Trouble], *, total: int, verbosity: int = 0, debug: bool = False) -> Iterator[Line]:
    """Tell troubles: a row for each, what failed below it.

    :param total: how many hosts the run has.
    """
    ways: dict[str, int] = {}
    left_out: dict[str, list[str]] = {}
    for trouble in troubles:
        ways[trouble.what] = ways.get(trouble.what, 0) + 1
        if ways[trouble.what] > WAYS and verbosity < 2:
            left_out.setdefault(trouble.what, []).extend(trouble.hosts)
            continue
        yield from _told(trouble, total, verbosity, debug)
    for what, hosts in left_out.items():
        yield row("failed", what, hosts=some(hosts, total=total), note="in other ways; -vv shows each")


def path(operation: OperationInfo, result: RunResult) -> str:
    """Return what an operation is called, after the operations it was called in."""
    names = [title(operation.name, operation.arguments, operation.function)]
    while operation.parent is not None and operation.parent in result.operations:
        operation = result.operations[operation.parent]
        names.append(title(operation.name, operation.arguments, operation.function))
    return " > ".join(reversed(names))


def summary(failure: Failure) -> str:
    """Return what a failure says."""
    return clean(failure.message).strip() or failure.kind


def is_foreign(failure: Failure) -> bool:
    """Whether an exception is not one of ours: its message then begins with its class, and its traceback helps."""
    return failure.message.startswith(failure.kind)


def of_the_users_code(traceback: str) -> str:
    """Return a traceback without the frames of ropewalk itself.

    A frame is a line ``File "...", line N`` and the deeper indented lines below it (see :mod:`traceback`).
    """
    kept: list[str] = []
    ours = False
    for line in traceback.split("\n"):
        if line.startswith('  File "'):
            ours = line.startswith((f'  File "{_PACKAGE}', '  File "<frozen '))
        elif not line.startswith("    "):
            ours = False
        if not ours:
            kept.append(line)
    return "\n".join(kept)


def _told(trouble: Trouble, total: int, verbosity: int, debug: bool) -> Iterator[Line]:
    failure, command = trouble.failure, trouble.command
    where = f"at {clean(str(failure.where))}" if failure and failure.where else ""
    note = ", ".join(filter(None, [where, f"after {trouble.attempts} attempts" if trouble.attempts > 1 else ""]))
    hosts = some(trouble.hosts, total=total)
    yield row(trouble.word, trouble.what or hosts, hosts=hosts if trouble.what else "", note=note)
    if command is not None:
        yield from _command(command, verbosity)
    if failure is None:
        return
    if command is None or not _says_the_same(failure, command):
        yield from below(summary(failure), "red")
    if failure.traceback and (debug or is_foreign(failure)):
        text = failure.traceback if debug else of_the_users_code(failure.traceback)
        yield from below(clean(text).rstrip("\n"), "dim")
    if failure.hint:
        yield from below(f"hint: {clean(failure.hint)}", "green")


def _command(command: CommandResult, verbosity: int) -> Iterator[Line]:
    yield from below(f"$ {clean(command.command)}", "bold")
    if command.error:
        yield from below(clean(command.error), "red")
    elif command.exit_code is not None:
        yield from below(f"exit status {command.exit_code}", "red")
    for name, output in (("stdout", command.stdout), ("stderr", command.stderr)):
        for line in tail(output, OUTPUT_LINES if verbosity < 2 else 100_000):
            yield from below(f"{name} | {line}")


def _of_operation(host: HostResult, ended: OperationEnded, result: RunResult) -> Trouble:
    broken = [command for command in ended.commands if not command.ok]
    what = path(ended.operation, result)
    failure = ended.failure
    if failure is not None and failure.where is None:
        failure = dataclasses.replace(failure, where=ended.operation.where)
    return Trouble("failed", what, (host.name,), failure, broken[-1] if broken else None, ended.attempts)


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


def _says_the_same(failure: Failure, command: CommandResult) -> bool:
    """Whether a failure tells nothing that the lines about its command do not."""
    if failure.message == command.error:
        return True
    return command.exit_code is not None and failure.message.rstrip(".").endswith(f"exit status {command.exit_code}")


def _essence(failure: Failure | None) -> tuple[str, str] | None:
    return None if failure is None else (failure.kind, failure.message)


def _signature(trouble: Trouble) -> object:
    command = trouble.command
    run = (command.command, command.exit_code, command.stdout, command.stderr, command.error) if command else None
    return trouble.word, trouble.what, _essence(trouble.failure), run


#: Kinds that a host's program ends with because an operation of it failed.
_TELLS_OF_OPERATIONS = frozenset({"OperationFailed", "NestedOperationError", "OperationError"})

_PACKAGE = f"{Path(__file__).parents[1]}/"
