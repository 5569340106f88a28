"""What ``ropewalk history``, ``diff`` and ``stats`` tell, as lines of text."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from ropewalk.report.page import STYLES, Line, heading
from ropewalk.report.summary import columns
from ropewalk.report.text import clean, duration, plural, some

if TYPE_CHECKING:
    from ropewalk.history.questions import Difference, Flaky, Slow
    from ropewalk.history.store import RunRow

#: Columns that names of operations and deploys take at most.
WIDEST = 40


def listed(runs: Sequence[RunRow]) -> Iterable[Line]:
    """Tell runs, a line each."""
    width = max(len(run.what) for run in runs[:50])
    for run in runs:
        hosts = plural(run.hosts, "host") + (f", {run.failed_hosts} not ok" if run.failed_hosts else "")
        resumed = f"; resumed {run.resumes}" if run.resumes else ""
        which = f"; {commit(run)}" if run.git_commit else ""
        yield (
            (f"{run.id}  ", "bold"),
            (f"{local_time(run.began):%Y-%m-%d %H:%M}  ", ""),
            (f"{run.status:<11}  ", STYLES.get(run.status, "")),
            (f"{clean(run.what):<{min(width, WIDEST)}}  ", ""),
            (f"{hosts}; {run.changed} changed, {run.failed} failed", ""),
            (f"  {duration(run.seconds or 0)}; {clean(run.user)}{which}{resumed}", "dim"),
        )


def commit(run: RunRow) -> str:
    """Return the commit of a run's deploy, and whether files differed from it."""
    return f"{(run.git_commit or '')[:10]}{' with changes' if run.git_dirty else ''}"


def local_time(began: str) -> datetime:
    """Return when a run began, in the time zone of whoever looks."""
    return datetime.fromisoformat(began).astimezone()


def differing(before: str, after: str, found: Sequence[Difference], *, hosts: int) -> Iterable[Line]:
    """Tell how two runs differ; hosts that differ alike share a line.

    :param hosts: how many there are.
    """
    yield ((f"from {before} to {after}: {plural(len(found), 'difference')}", "bold"),)
    alike: dict[tuple[str, str, str], list[str]] = {}
    for entry in found:
        was, now = entry.before or "not reached", entry.after or "not reached"
        alike.setdefault((entry.operation, was, now), []).append(entry.host)
    width = max((len(clean(operation)) for operation, _, _ in alike), default=0)
    for (operation, was, now), names in alike.items():
        change = f"{was} -> {now}"
        yield (
            (f"  {clean(operation):<{min(width, WIDEST)}}  ", ""),
            (was, STYLES.get(was, "")),
            (" -> ", ""),
            (now, STYLES.get(now, "")),
            (f"{'':<{max(0, 24 - len(change))}}  {some(names, total=hosts)}", "cyan"),
        )


def ranked(slow: Sequence[Slow], flaky: Sequence[Flaky]) -> Iterable[Line]:
    """Tell what is slow, and which hosts do not end well."""
    yield (("Slowest operations", "bold"),)
    if slow:
        times = [(clean(e.operation), f"{e.mean:.2f}s", f"{e.longest:.2f}s", str(e.times)) for e in slow]
        yield from columns(("operation", "mean", "longest", "times"), times, text=1)
    else:
        yield (("  none", ""),)
    yield from heading("Hosts that did not end well")
    if flaky:
        fared = [
            (clean(e.host), *map(str, (e.failed, e.unreachable, e.runs)), f"{(e.failed + e.unreachable) / e.runs:.0%}")
            for e in flaky
        ]
        yield from columns(("host", "failed", "unreachable", "runs", "share"), fared, text=1)
    else:
        yield (("  none", ""),)
