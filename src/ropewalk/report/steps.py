"""Tells operations while they are applied: a line for each and every group of hosts that fared alike.

Hosts do an operation together, so their ends are collected and told once none of them is at it any more.
"""

from __future__ import annotations

from collections.abc import Iterator

from ropewalk.model.event import OperationEnded, OperationInfo, OperationStarted
from ropewalk.model.outcome import Outcome, Skip
from ropewalk.report import failures
from ropewalk.report.page import Line, below, row
from ropewalk.report.plan import DIFF_LINES, Shown, diff_lines
from ropewalk.report.text import change, clean, duration, some, tail, title

_ORDER = (Outcome.CHANGED, Outcome.OK, Outcome.SKIPPED, Outcome.IGNORED, Outcome.CANCELLED, Outcome.FAILED)


class Steps:
    """Collects what happens to operations and returns lines when there is something to tell.

    :param total: how many hosts the run has.
    :param planned: a plan with the same changes and differences was shown before: they are not repeated.
    """

    def __init__(self, *, total: int, shown: Shown, planned: bool) -> None:
        self._total, self._shown, self._planned = total, shown, planned
        self._under_way: dict[str, set[str]] = {}
        self._ended: dict[str, list[OperationEnded]] = {}
        self._operations: dict[str, OperationInfo] = {}
        self._announced: set[str] = set()

    def started(self, event: OperationStarted) -> list[Line]:
        operation = event.operation
        self._operations.setdefault(operation.id, operation)
        lines = self._tell_done(but=operation.id)
        self._under_way.setdefault(operation.id, set()).add(event.host)
        if operation.parent is not None:
            lines += self._announce(operation.parent)
        return lines

    def ended(self, event: OperationEnded) -> list[Line]:
        operation = event.operation
        self._operations.setdefault(operation.id, operation)
        lines = self._tell_done(but=operation.id)
        self._under_way.get(operation.id, set()).discard(event.host)
        if event.skip is not Skip.UPSTREAM:
            self._ended.setdefault(operation.id, []).append(event)
        return lines

    def rest(self) -> Iterator[Line]:
        """Tell all that has not been told."""
        for id in list(self._ended):
            yield from self._tell(id)

    def _tell_done(self, *, but: str) -> list[Line]:
        done = [id for id in self._ended if id != but and not self._under_way.get(id)]
        return [line for id in done for line in self._tell(id)]

    def _announce(self, id: str) -> Iterator[Line]:
        """Say that an operation has begun in which others are about to be told."""
        if id in self._announced or id not in self._operations:
            return
        operation = self._operations[id]
        if operation.parent is not None:
            yield from self._announce(operation.parent)
        self._announced.add(id)
        hosts = some(sorted(self._under_way.get(id, ())), total=self._total)
        yield row("running", self._title(operation), hosts=hosts, depth=self._depth(operation))

    def _tell(self, id: str) -> Iterator[Line]:
        events = self._ended.pop(id)
        groups: dict[object, list[OperationEnded]] = {}
        for event in sorted(events, key=lambda event: _ORDER.index(event.outcome)):
            groups.setdefault(self._alike(event), []).append(event)
        same = False
        for group in groups.values():
            yield from self._group(group, same=same)
            same = True

    def _alike(self, event: OperationEnded) -> object:
        reason = event.reason if self._shown.verbosity or event.outcome is Outcome.SKIPPED else None
        message = failures.summary(event.failure) if event.failure else None
        detail = None if self._planned else (event.changes, event.diffs if self._shown.diff else None)
        return event.outcome, event.skip, reason, message, event.attempts, detail

    def _group(self, group: list[OperationEnded], *, same: bool) -> Iterator[Line]:
        first = group[0]
        operation, depth = first.operation, self._depth(first.operation)
        hosts = some([event.host for event in group], total=self._total)
        notes = [_why(first, verbose=bool(self._shown.verbosity)), duration(max(event.seconds for event in group))]
        if first.attempts > 1:
            notes.append(f"{first.attempts} attempts")
        notes[0], _, more = notes[0].partition("\n")
        note = ", ".join(filter(None, notes)) if first.outcome is not Outcome.SKIPPED else notes[0]
        yield row(str(first.outcome), self._title(operation), hosts=hosts, note=note, depth=depth, same=same)
        if more:
            yield from below(more, "dim", depth=depth)
        if first.failure is not None:
            yield from _failed(first, depth)
        if not self._planned:
            for entry in first.changes:
                yield from below(change(entry), "dim", depth=depth)
            for diff in first.diffs if self._shown.diff else ():
                yield from diff_lines(diff, limit=DIFF_LINES if not self._shown.verbosity else 10**9, depth=depth)

    def _title(self, operation: OperationInfo) -> str:
        return title(operation.name, operation.arguments, operation.function)

    def _depth(self, operation: OperationInfo) -> int:
        depth = 0
        while operation.parent is not None and operation.parent in self._operations:
            operation, depth = self._operations[operation.parent], depth + 1
        return depth


def _why(event: OperationEnded, *, verbose: bool) -> str:
    if event.outcome is Outcome.SKIPPED:
        return clean(event.reason) if event.reason else _SKIPPED.get(event.skip, "")
    return clean(event.reason) if event.reason and verbose else ""


_SKIPPED = {Skip.CONDITION: "its condition is false", Skip.RUN_ONCE: "runs on one host only", None: ""}


def _failed(event: OperationEnded, depth: int) -> Iterator[Line]:
    """Tell a failure in a line; the whole of it is told at the end of the run."""
    failure = event.failure
    if failure is None:
        return
    if failure.caused_by_nested:
        yield from below("because of what failed inside it", "dim", depth=depth)
        return
    first, *more = failures.summary(failure).split("\n")
    last = [command.stderr for command in event.commands if not command.ok and command.stderr.strip()]
    if last:
        first += f": {tail(last[-1], 1)[-1].strip()}"
    yield from below(first + (" ..." if more else ""), "red", depth=depth)
