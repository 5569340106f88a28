"""The summary of a run on the page of a GitHub Actions job: Markdown, appended to the file ``$GITHUB_STEP_SUMMARY``."""

from __future__ import annotations

import re
from collections.abc import Iterator

from ropewalk.model.outcome import HostStatus
from ropewalk.model.result import HostResult, RunResult
from ropewalk.report.failures import summary as message_of
from ropewalk.report.github import root_causes, title_of, told, word_of
from ropewalk.report.text import clean, duration, plural, some

#: GitHub refuses summaries of more than 1 MiB; these keep far below.
MOST_HOSTS, MOST_CAUSES, LONGEST_CAUSE = 100, 50, 8000


def summary(result: RunResult) -> str:
    """Return what the page of the job shows of a run that has ended."""
    return "\n".join([*_head(result), *_hosts(result), *_causes(result)]) + "\n\n"


def _head(result: RunResult) -> Iterator[str]:
    status = result.status.name.lower() if result.status is not None else "internal"
    mark = "\u2705" if result.ok else "\u274c"
    yield f"### {mark} ropewalk {text(result.mode)}: {status}"
    yield ""
    yield f"{plural(len(result.hosts), 'host')}, {duration(result.seconds)}"
    if result.stopped_by is not None:
        yield from ("", *fenced([message_of(result.stopped_by), *_place(result)]))


def _place(result: RunResult) -> Iterator[str]:
    why = result.stopped_by
    if why is not None and why.where is not None:
        yield f"at {why.where}"
    if why is not None and why.hint:
        yield f"hint: {why.hint}"


def _hosts(result: RunResult) -> Iterator[str]:
    """Yield a table; hosts that did not end well come first where there are too many to show."""
    hosts = list(result.hosts.values())
    if len(hosts) > MOST_HOSTS:
        hosts.sort(key=lambda host: host.status is HostStatus.OK)
    if not hosts:
        return
    columns: tuple[str, ...] = ("to change", "as wanted") if result.planned else ()
    if result.applied:
        columns = ("changed", "ok", "skipped", "ignored", "failed", "not run")
    yield from ("", f"| host | status |{''.join(f' {column} |' for column in columns)}")
    yield f"|---|---|{'---:|' * len(columns)}"
    for host in hosts[:MOST_HOSTS]:
        cells = [text(host.name), host.status.value if host.status else "", *map(str, _counts(host, result))]
        yield f"| {' | '.join(cells)} |"
    if len(hosts) > MOST_HOSTS:
        yield from ("", f"... and {plural(len(hosts) - MOST_HOSTS, 'host')} more")


def _counts(host: HostResult, result: RunResult) -> Iterator[int]:
    if result.applied:
        tally = host.tally()
        yield from (tally.changed, tally.ok, tally.skipped, tally.ignored, tally.failed, tally.not_run)
    elif result.planned:
        predictions = [entry.prediction.value for entry in host.planned]
        yield from (sum(value in ("change", "unknown") for value in predictions), predictions.count("no-change"))


def _causes(result: RunResult) -> Iterator[str]:
    causes = root_causes(result)
    for trouble in causes[:MOST_CAUSES]:
        where = f" at {text(str(trouble.failure.where))}" if trouble.failure and trouble.failure.where else ""
        hosts = text(some(trouble.hosts, total=len(result.hosts)))
        yield from ("", f"**{text(title_of(trouble))}**: {word_of(trouble)} on {hosts}{where}", "")
        yield from fenced(told(trouble))
    if len(causes) > MOST_CAUSES:
        yield from ("", f"... and {len(causes) - MOST_CAUSES} more root causes")


def text(value: str) -> str:
    r"""Return text that means nothing in Markdown, on one line.

    >>> text("a|b <c> `d`")
    'a\\|b &lt;c&gt; \\`d\\`'
    """
    plain = " ".join(clean(value).split()).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return re.sub(r"([\\`*_{}\[\]|#~@])", r"\\\1", plain)


def fenced(lines: Iterator[str] | list[str]) -> Iterator[str]:
    """Yield lines as a block that nothing in them can end."""
    shown = clean("\n".join(lines))
    if len(shown) > LONGEST_CAUSE:
        shown = shown[:LONGEST_CAUSE] + " ..."
    fence = "`" * max(3, 1 + max(map(len, re.findall(r"`+", shown)), default=0))
    yield from (f"{fence}text", shown, fence)
