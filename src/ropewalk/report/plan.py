"""The plan as people read it: by operation, hosts with the same prospect together."""

from __future__ import annotations

from collections.abc import Iterator

from ropewalk.model.command import Diff
from ropewalk.model.event import OperationPlanned, PlanIncomplete
from ropewalk.model.outcome import Prediction
from ropewalk.model.record import record
from ropewalk.model.result import RunResult, walk
from ropewalk.report import failures, troubles
from ropewalk.report.page import Line, below, heading, row
from ropewalk.report.text import change, clean, plural, some, title

WORDS = {
    Prediction.CHANGE: "change",
    Prediction.NO_CHANGE: "no change",
    Prediction.UNKNOWN: "unknown",
    Prediction.SKIPPED: "skipped",
    Prediction.ERROR: "error",
}
#: Prospects in the order they are told; those without something to apply only with -v.
_ORDER = (Prediction.CHANGE, Prediction.UNKNOWN, Prediction.NO_CHANGE, Prediction.SKIPPED)
_QUIET = (Prediction.NO_CHANGE, Prediction.SKIPPED)
#: Lines of a file's difference that are shown; all of them with -v.
DIFF_LINES = 200


@record
class Shown:
    """How much of a plan is told.

    :param verbosity: 1 and more: commands, and what has nothing to do.
    :param diff: the differences of files.
    """

    verbosity: int = 0
    diff: bool = False
    debug: bool = False


def lines(result: RunResult, shown: Shown) -> Iterator[Line]:
    """Tell a whole plan."""
    total = len(result.hosts)
    reached = total - sum(len(trouble.hosts) for trouble in troubles.unreachable(result))
    yield from heading(f"Plan for {plural(reached, 'host')}")
    by_operation = _by_operation(result)
    for depth, operation in walk(result):
        same = False
        for group in _groups(by_operation.get(operation.id, []), shown):
            name = title(operation.name, operation.arguments, operation.function)
            yield from _group(group, name, total=total, depth=depth, same=same, shown=shown)
            same = True
    yield from _incomplete(result, total)
    yield from failures.lines(troubles.of_plan(result), total=total, verbosity=shown.verbosity, debug=shown.debug)
    yield (("  " + closing(result), "bold"),)


def closing(result: RunResult) -> str:
    """Return one line that says how much there is to do."""
    seen: dict[str, set[Prediction]] = {}
    for host in result.hosts.values():
        for entry in host.planned:
            seen.setdefault(entry.operation.id, set()).add(entry.prediction)
    changing = sum(Prediction.CHANGE in predictions for predictions in seen.values())
    unknown = sum(Prediction.UNKNOWN in p and Prediction.CHANGE not in p for p in seen.values())
    wrong = sum(Prediction.ERROR in predictions for predictions in seen.values())
    idle = sum(predictions <= set(_QUIET) for predictions in seen.values())
    parts = [f"{changing} to change"] if changing else []
    parts += [f"{unknown} unknown until applied"] if unknown else []
    parts += [f"{wrong} with errors"] if wrong else []
    parts += [f"{idle} with nothing to do"] if idle else []
    return f"{plural(len(seen), 'operation')}: {', '.join(parts)}" if parts else "no operations"


def diff_lines(entry: Diff, *, limit: int, depth: int = 0) -> Iterator[Line]:
    """Tell the difference of a file in the unified format."""
    import difflib  # not every run shows differences

    before = _numbered(entry.before)
    after = _numbered(entry.after)
    old = "/dev/null" if entry.before is None else entry.path
    new = "/dev/null" if entry.after is None else entry.path
    every = list(difflib.unified_diff(before, after, old, new, lineterm="", n=3))
    for line in every[:limit]:
        style = {"+": "green", "-": "red", "@": "cyan"}.get(line[:1], "")
        yield from below(clean(line.rstrip("\n")), "bold" if line[:4] in ("+++ ", "--- ") else style, depth=depth)
    if len(every) > limit:
        yield from below(f"... {plural(len(every) - limit, 'line')} more; -v shows all", "dim", depth=depth)


def _by_operation(result: RunResult) -> dict[str, list[OperationPlanned]]:
    made: dict[str, list[OperationPlanned]] = {}
    for host in result.hosts.values():
        for entry in host.planned:
            made.setdefault(entry.operation.id, []).append(entry)
    return made


def _groups(entries: list[OperationPlanned], shown: Shown) -> list[list[OperationPlanned]]:
    """Divide what is planned for one operation into groups of hosts that are told together."""
    groups: dict[object, list[OperationPlanned]] = {}
    for entry in sorted(entries, key=lambda entry: _ORDER.index(entry.prediction) if entry.prediction in _ORDER else 0):
        if entry.prediction is Prediction.ERROR or (entry.prediction in _QUIET and not shown.verbosity):
            continue
        detail = (entry.commands, entry.changes) if shown.verbosity else entry.changes
        reason = entry.reason if entry.prediction is Prediction.UNKNOWN or shown.verbosity else None
        key = (entry.prediction, reason, detail, entry.diffs if shown.diff else None)
        groups.setdefault(key, []).append(entry)
    return list(groups.values())


def _group(
    group: list[OperationPlanned], name: str, *, total: int, depth: int, same: bool, shown: Shown
) -> Iterator[Line]:
    first = group[0]
    notes = ["only if its condition holds"] if first.conditional and first.prediction is Prediction.CHANGE else []
    more = ""
    if first.reason and (first.prediction is not Prediction.CHANGE or shown.verbosity):
        reason, _, more = clean(first.reason).partition("\n")
        notes.append(reason)
    elif first.prediction is Prediction.UNKNOWN:
        notes.append("known when it is applied")
    hosts = some([entry.host for entry in group], total=total)
    yield row(WORDS[first.prediction], name, hosts=hosts, note="; ".join(notes), depth=depth, same=same)
    if more:
        yield from below(more, "dim", depth=depth)
    for entry in first.changes:
        yield from below(change(entry), "dim", depth=depth)
    if shown.verbosity:
        for command in first.commands:
            yield from below(f"$ {clean(command)}", depth=depth)
    if shown.diff:
        for diff in first.diffs:
            yield from diff_lines(diff, limit=DIFF_LINES if not shown.verbosity else 10**9, depth=depth)


def _incomplete(result: RunResult, total: int) -> Iterator[Line]:
    """Tell which plans end before their deploys do."""
    ends: dict[tuple[str, str], list[str]] = {}
    for host in result.hosts.values():
        if host.plan_ends is not None:
            ends.setdefault(_end(host.plan_ends), []).append(host.name)
    for (where, reason), names in ends.items():
        rest = f"the rest of the deploy, from {where} on" if where else "the rest of the deploy"
        yield row("unknown", rest, hosts=some(names, total=total))
        yield from below(reason, "dim")


def _end(plan_ends: PlanIncomplete) -> tuple[str, str]:
    return (clean(str(plan_ends.where)) if plan_ends.where else "", clean(plan_ends.reason))


def _numbered(text: str | None) -> list[str]:
    if text is None:
        return []
    parts = text.split("\n")
    if parts and not parts[-1]:
        return parts[:-1]
    return [*parts[:-1], f"{parts[-1]}\n\\ No newline at end of file"] if parts else []
