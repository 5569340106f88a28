"""Results as Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.figures import Figure, Median

_HEAD = (
    "tool", "run", "wall", "client CPU", "servers' CPU", "peak RSS", "sessions", "round trips", "channels", "of pyinfra"
)  # fmt: skip


def deploys(rows: Sequence[Median]) -> str:
    """Return a table for every number of hosts and delay, with all tools side by side."""
    parts = []
    for hosts, rtt in dict.fromkeys((row.hosts, row.rtt) for row in rows):
        here = [row for row in rows if (row.hosts, row.rtt) == (hosts, rtt)]
        theirs = {row.run: row.wall for row in here if row.tool == "pyinfra"}
        lines = [_deploy(row, theirs.get(row.run)) for row in here]
        parts.append(f"### {hosts} {'host' if hosts == 1 else 'hosts'}, {rtt} ms\n\n" + markdown(_HEAD, lines))
    return "\n".join(parts)


def _deploy(row: Median, theirs: float | None) -> tuple[str, ...]:
    return (
        row.tool,
        row.run,
        f"{row.wall:.2f} s",
        f"{row.cpu:.2f} s",
        "" if row.servers_cpu is None else f"{row.servers_cpu:.2f} s",
        f"{row.rss:.0f} MiB",
        _count(row.sessions),
        _count(row.round_trips),
        _count(row.channels),
        "" if theirs is None else share(row.wall / theirs),
    )


def figures(rows: Iterable[Figure]) -> str:
    """Return the table of the figures with their budgets."""
    head = ("what", "measured", "budget", "stretch", "met", "others", "how")
    return markdown(head, [_figure(row) for row in rows])


def _figure(row: Figure) -> tuple[str, ...]:
    peers = "; ".join(f"{name} {_value(value, row.unit)}" for name, value in row.peers.items())
    bounds = ("" if bound is None else _value(bound, row.unit) for bound in (row.budget, row.stretch))
    verdict = {"stretch": "yes, stretch too", "met": "yes", "missed": "**no**", "": ""}[row.verdict]
    value = "not measured" if row.value is None else _value(row.value, row.unit)
    return (row.name, value, *bounds, verdict, peers, row.note)


def _value(value: float, unit: str) -> str:
    if unit == "":
        return share(value) if value != int(value) else str(int(value))
    return f"{value:.2f} {unit}" if abs(value) < 10 else f"{value:.0f} {unit}"


def share(value: float) -> str:
    """Return a number with as many digits as say something.

    >>> share(0.0667), share(12.34)
    ('0.067', '12.3')
    """
    return f"{value:.3f}" if abs(value) < 0.1 else f"{value:.2f}" if abs(value) < 10 else f"{value:.1f}"


def _count(value: float | None) -> str:
    return "" if value is None else f"{value:g}"


def markdown(head: Sequence[str], lines: Iterable[Sequence[str]]) -> str:
    """Return a table; cells must hold no line ends."""
    rows = [tuple(head), ("---",) * len(head), *lines]
    return "".join("| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |\n" for row in rows)
