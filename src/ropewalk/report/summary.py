"""The end of a report: a table of hosts, and one line that says how it all went."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import fields

from ropewalk.model.event import RunStopping
from ropewalk.model.outcome import ExitStatus, HostStatus
from ropewalk.model.result import HostResult, RunResult, Tally
from ropewalk.report.page import STYLES, Line, heading
from ropewalk.report.text import clean, duration, plural, some

#: More hosts than this are told by groups that fared alike.
ROWS = 25

_ALWAYS = ("changed", "ok", "failed")
_COLUMNS = tuple(entry.name for entry in fields(Tally))


def table(result: RunResult) -> Iterator[Line]:
    """Tell how every host fared; of the columns that are rarely needed, those that say something."""
    rows = _rows(result)
    if not rows:
        return
    total = result.tally()
    names = [name for name in _COLUMNS if name in _ALWAYS or getattr(total, name)]
    cells = [
        (name, status, *(str(getattr(tally, column) or "-") for column in names), duration(seconds))
        for name, status, tally, seconds in rows
    ]
    head = ("host", "status", *(column.replace("_", " ") for column in names), "time")
    yield from heading("Hosts")
    yield from columns(head, cells, text=2)


def closing(result: RunResult) -> Line:
    """Return the last line of a report."""
    counts = _counts(result)
    text = f"{_verdict(result)}{'; ' if counts else ''}{', '.join(counts)} ({duration(result.seconds)})"
    return ((text, "bold green" if result.ok else "bold red"),)


def goes_without_saying(result: RunResult) -> bool:
    """Whether a last line would only be in the way: of data, or of the message that nothing could be started."""
    if result.mode == "fact" or (result.mode == "exec" and len(result.hosts) == 1):
        return result.ok
    return result.status is ExitStatus.USAGE and not (result.planned or result.applied)


def columns(head: Sequence[str], cells: Sequence[Sequence[str]], *, text: int) -> Iterator[Line]:
    """Tell a table: columns of text to the left, of numbers to the right.

    :param text: how many of the columns are text.
    """
    widths = [max(len(line[index]) for line in [head, *cells]) for index in range(len(head))]

    def aligned(line: Sequence[str]) -> list[str]:
        return [
            f"{cell:<{width}}" if index < text else f"{cell:>{width}}"
            for index, (cell, width) in enumerate(zip(line, widths, strict=True))
        ]

    yield (("  " + "  ".join(aligned(head)), "dim"),)
    for line in cells:
        yield tuple((f"  {cell}", _style(raw, cell)) for raw, cell in zip(line, aligned(line), strict=True))


def _style(raw: str, cell: str) -> str:
    return "dim" if raw == "-" else STYLES.get(raw, "")


def _rows(result: RunResult) -> list[tuple[str, str, Tally, float]]:
    hosts = list(result.hosts.values())
    entries = [(host, _status(host, result), host.tally(applied=result.applied)) for host in hosts]
    if len(hosts) <= ROWS:
        return [(clean(host.name), status, tally, host.seconds) for host, status, tally in entries]
    groups: dict[tuple[str, Tally], list[HostResult]] = {}
    for host, status, tally in entries:
        groups.setdefault((status, tally), []).append(host)
    return [
        (some([host.name for host in group], total=len(hosts)), status, tally, max(host.seconds for host in group))
        for (status, tally), group in groups.items()
    ]


def _status(host: HostResult, result: RunResult) -> str:
    return host.status.value if host.status else "not run" if not result.applied else "unknown"


def _counts(result: RunResult) -> list[str]:
    if result.mode in ("exec", "fact"):
        return []
    if not result.applied:
        refused = result.stopped_by is not None and result.stopped_by.kind == "Refused"
        return ["nothing was applied"] if not refused and (not result.ok or result.changes_pending) else []
    tally = result.tally()
    counts = [f"{plural(tally.changed, 'operation')} changed something"] if tally.changed else []
    counts += ["nothing changed"] if result.ok and not tally.changed else []
    counts += [f"{tally.failed} failed"] if tally.failed else []
    counts += [f"{tally.ignored} failed and ignored"] if tally.ignored else []
    return counts + ([f"{tally.not_run} not run"] if tally.not_run else [])


def _verdict(result: RunResult) -> str:
    total = plural(len(result.hosts), "host")
    statuses = Counter(host.status for host in result.hosts.values())
    failed, away = statuses[HostStatus.FAILED], statuses[HostStatus.UNREACHABLE]
    bad = [f"{failed} of {total} failed"] if failed else []
    bad += [f"{away} unreachable" if failed else f"{away} of {total} unreachable"] if away else []
    if result.stopped_by is not None and result.stopped_by.kind == "Refused":
        return "Not applied"
    if result.stopped_by is not None and result.stopped_by.kind == "Killed":
        return f"Killed: {result.stopped_by.message}"
    if result.status in _STOPPED:
        return ", ".join([_STOPPED[result.status], *(bad if result.status is not ExitStatus.USAGE else [])])
    if not result.ok:
        return f"Failed: {', '.join(bad)}" if bad else "Failed"
    if result.applied or result.mode in ("exec", "fact"):
        return f"Done: {total} ok"
    return "Planned" if result.changes_pending else f"Done: nothing to do on {total}"


def stopping(event: RunStopping) -> list[Line]:
    """Say at once that a signal was seen; the line above may hold the ``^C`` that a terminal shows."""
    word = "terminating" if event.status is ExitStatus.TERMINATED else "stopping"
    return [(), ((f"{word}: ", "yellow"), ("commands on the hosts are being ended; Ctrl-C again leaves at once", ""))]


_STOPPED = {
    ExitStatus.INTERRUPTED: "Interrupted",
    ExitStatus.TERMINATED: "Terminated",
    ExitStatus.USAGE: "Not done",
    ExitStatus.INTERNAL: "Stopped by an error in ropewalk",
}
