"""What a JUnit report tells of each host: its operations as cases, and what else became of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from ropewalk.model.event import CommandResult, Failure, Location, OperationEnded, OperationPlanned
from ropewalk.model.outcome import HostStatus, Outcome, Prediction
from ropewalk.model.record import record
from ropewalk.model.result import HostResult, RunResult, walk
from ropewalk.report.failures import is_foreign, of_the_users_code, summary
from ropewalk.report.text import change, duration, fact_title
from ropewalk.report.troubles import path

#: Names of cases that are no operations.
RUN, CONNECT, DEPLOY, REST = "(run)", "(connect)", "(deploy code)", "(rest of the plan)"


@record
class Verdict:
    """Why a case has not passed.

    :param element: ``failure``, ``error`` or ``skipped``.
    :param message: one or a few lines.
    :param details: everything that helps.
    """

    element: str
    kind: str
    message: str
    details: str = ""


@record
class Case:
    """One case: passed, if it has no verdict."""

    name: str
    verdict: Verdict | None = None
    seconds: float = 0.0
    where: Location | None = None
    output: str = ""


class Names:
    """What operations are called, in source order, nested ones after those they were called in."""

    def __init__(self, result: RunResult) -> None:
        self._names = {operation.id: path(operation, result) for _, operation in walk(result)}
        self._rank = {id: rank for rank, id in enumerate(self._names)}

    def of(self, ids: Iterable[str]) -> Iterator[tuple[str, str]]:
        """Yield ids in order, each with its name."""
        for id in sorted(set(ids), key=self._rank.__getitem__):
            yield id, self._names[id]


def of_host(host: HostResult, result: RunResult, names: Names) -> Iterator[Case]:
    """Yield the cases of a host, in source order."""
    if host.status is HostStatus.UNREACHABLE and not any(map(_failed, host.applied)):
        yield Case(CONNECT, _error(host.failure, "unreachable", "the host could not be reached"))
    yield from _operations(host, result, names)
    if host.plan_ends is not None and not result.applied:
        why = Verdict("skipped", "unknown", f"unknown until applied: {host.plan_ends.reason}")
        yield Case(REST, why, where=host.plan_ends.where)
    for value in result.facts:
        if value.host == host.name:
            yield Case(fact_title(value), _error(value.failure, "", "") if value.failure else None)
    yield from _of_the_host_itself(host, result)


def of_run(result: RunResult) -> Case:
    """Return the case of a run that did not end well."""
    status = "internal" if result.status is None else result.status.name.lower()
    why = result.stopped_by
    return Case(RUN, _error(why, status, f"the run ended with status {status}"), where=why.where if why else None)


def _operations(host: HostResult, result: RunResult, names: Names) -> Iterator[Case]:
    applied = {entry.operation.id: entry for entry in host.applied}
    planned = {entry.operation.id: entry for entry in host.planned}
    left = {operation.id: operation for operation in host.not_run()} if result.applied else {}
    inside: dict[str | None, float] = {}
    for entry in host.applied:
        inside[entry.operation.parent] = inside.get(entry.operation.parent, 0.0) + entry.seconds
    for id, name in names.of((*left, *applied, *planned)):
        if id in left:
            why = Verdict("skipped", "not-run", "not run: the host or the run ended before")
            yield Case(name, why, where=left[id].where)
        elif id in applied:
            # Times of cases are added up: what ran inside is not counted again.
            seconds = max(0.0, applied[id].seconds - inside.get(id, 0.0))
            yield _applied(name, applied[id], seconds, host)
        elif not result.applied or planned[id].prediction is Prediction.ERROR:
            yield _planned(name, planned[id])


def _applied(name: str, ended: OperationEnded, seconds: float, host: HostResult) -> Case:
    verdict = _verdict(ended, host)
    return Case(name, verdict, seconds, ended.operation.where, "\n".join(_told(ended, failed=verdict is not None)))


def _verdict(ended: OperationEnded, host: HostResult) -> Verdict | None:
    failure = ended.failure or Failure("OperationFailed", ended.reason or ended.outcome.value)
    match ended.outcome:
        case Outcome.SKIPPED:
            return Verdict("skipped", ended.skip.value if ended.skip else "skipped", ended.reason or "skipped")
        case Outcome.CANCELLED:
            return Verdict("error", "cancelled", "stopped while it ran", "\n".join(_details(failure, ended)))
        case Outcome.FAILED | Outcome.IGNORED:
            details = "\n".join(_details(failure, ended))
            if host.is_tolerated(ended):
                return Verdict("skipped", "ignored", f"failed, which was ignored: {summary(failure)}", details)
            kind = "NestedFailure" if failure.caused_by_nested else failure.kind
            return Verdict("failure", kind, summary(failure), details)
    return None


def _planned(name: str, entry: OperationPlanned) -> Case:
    verdict = None
    if entry.prediction is Prediction.ERROR:
        verdict = _error(entry.failure, "PlanError", "the plan found an error", element="failure")
    elif entry.prediction is Prediction.SKIPPED:
        verdict = Verdict("skipped", "planned", entry.reason or "it would be skipped")
    told = [f"planned: {entry.prediction.value}{_because(entry.reason)}", *map(change, entry.changes)]
    told += [f"$ {command}" for command in entry.commands]
    return Case(name, verdict, 0.0, entry.operation.where, "\n".join(told))


def _of_the_host_itself(host: HostResult, result: RunResult) -> Iterator[Case]:
    """Yield what became of a host where none of its operations and facts tells."""
    facts = [value.failure for value in result.facts if value.host == host.name]
    failures = [*(entry.failure for entry in host.applied), *(entry.failure for entry in host.planned), *facts]
    told = [failure for failure in failures if failure is not None]
    match host.status:
        case HostStatus.FAILED if not _is_told(host.failure, told):
            where = host.failure.where if host.failure else None
            yield Case(DEPLOY, _error(host.failure, "HostFailed", "the host failed"), where=where)
        case HostStatus.CANCELLED if not any(ended.outcome is Outcome.CANCELLED for ended in host.applied):
            why = "the run was stopped before the deploy of this host had ended"
            yield Case(DEPLOY, Verdict("error", "cancelled", why))
        case HostStatus.OK if not (host.applied or host.planned or facts):
            yield Case(DEPLOY)


def _is_told(failure: Failure | None, told: list[Failure]) -> bool:
    if failure is None:
        return False
    return (failure.caused_by_nested and bool(told)) or (failure.kind, failure.message) in {
        (other.kind, other.message) for other in told
    }


def _error(failure: Failure | None, kind: str, message: str, *, element: str = "error") -> Verdict:
    if failure is None:
        return Verdict(element, kind, message)
    return Verdict(element, failure.kind, summary(failure), "\n".join(_details(failure)))


# -- what they say --------------------------------------------------------------------------------------


def _details(failure: Failure, ended: OperationEnded | None = None) -> Iterator[str]:
    yield failure.message
    for command in ended.commands if ended is not None else ():
        if not command.ok:
            yield from _command(command, in_full=True)
    where = failure.where or (ended.operation.where if ended is not None else None)
    if where is not None:
        yield f"at {where}"
    if ended is not None and ended.attempts > 1:
        yield f"after {ended.attempts} attempts"
    if failure.hint:
        yield f"hint: {failure.hint}"
    if failure.traceback and is_foreign(failure):
        yield of_the_users_code(failure.traceback).rstrip("\n")


def _told(ended: OperationEnded, *, failed: bool) -> Iterator[str]:
    """Yield how an operation went; what its commands wrote only if it failed, and no verdict repeats it."""
    yield f"{ended.outcome.value}{_because(ended.reason)}"
    if ended.attempts > 1:
        yield f"{ended.attempts} attempts"
    yield from map(change, ended.changes)
    for command in ended.commands:
        yield from _command(command, in_full=failed and command.ok)


def _command(command: CommandResult, *, in_full: bool) -> Iterator[str]:
    yield f"$ {command.command}"
    how = f"exit status {command.exit_code}" if command.exit_code is not None else "did not end by itself"
    why = f": {command.error}" if command.error and command.error != how else ""
    yield f"{how} after {duration(command.seconds)}{why}"
    for name, text in (("stdout", command.stdout), ("stderr", command.stderr)) if in_full else ():
        if text.strip():
            yield f"{name}:\n{text.rstrip()}"


def _because(reason: str | None) -> str:
    return f" ({reason})" if reason else ""


def _failed(ended: OperationEnded) -> bool:
    return ended.outcome is Outcome.FAILED
