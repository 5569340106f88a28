"""Ropewalk's budgets for the deploy, and the figures that are held against them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from bench.figures import FIRST, SECOND, Figure, Median, find

OURS, THEIRS, FLOOR = "ropewalk", "pyinfra", "floor"

#: Share of pyinfra's time, by hosts, round-trip time and run: the budget, and the stretch.
SHARES: dict[tuple[int, int, str], tuple[float, float]] = {
    (1, 0, FIRST): (1 / 5, 1 / 8),
    (1, 0, SECOND): (1 / 4, 1 / 8),
    (10, 0, FIRST): (1 / 4, 1 / 6),
    (10, 0, SECOND): (1 / 4, 1 / 6),
    (50, 0, FIRST): (1 / 4, 1 / 6),
    (50, 0, SECOND): (1 / 4, 1 / 6),
    (1, 100, FIRST): (1 / 10, 1 / 15),
    (1, 100, SECOND): (1 / 10, 1 / 14),
}


def shares(rows: Sequence[Median]) -> Iterator[Figure]:
    """Return ropewalk's time as a share of pyinfra's, for every case that both were measured in."""
    for row in rows:
        if row.tool != OURS:
            continue
        theirs = find(rows, THEIRS, row.hosts, row.rtt, row.run)
        if theirs is None:
            continue
        budget, stretch = SHARES.get((row.hosts, row.rtt, row.run), (None, None))
        yield Figure(
            f"deploy, {_hosts(row.hosts)}, {row.rtt} ms, {row.run} run: share of pyinfra's time",
            row.wall / theirs.wall, "", budget, stretch, note=f"{row.wall:.2f} s of {theirs.wall:.2f} s",
        )  # fmt: skip


def servers(rows: Sequence[Median], login: float | None, floor_login: float | None) -> Iterator[Figure]:
    """Return what a first run costs the servers beyond logging in, as a multiple of the floor's.

    :param login: seconds of CPU that a login by ropewalk costs a host; ``floor_login``: one by ``ssh``.
    """
    for count in sorted({row.hosts for row in rows}):
        ours, floor = (find(rows, tool, count, 0, FIRST) for tool in (OURS, FLOOR))
        if ours is None or floor is None or ours.servers_cpu is None or floor.servers_cpu is None:
            continue
        if login is None or floor_login is None:
            continue
        beyond, least = ours.servers_cpu / count - login, floor.servers_cpu / count - floor_login
        yield Figure(
            f"server CPU per host, first run beyond login, {_hosts(count)}: multiple of the floor's",
            beyond / least, "x", 2, 1, note=f"{beyond * 1000:.0f} ms, floor {least * 1000:.0f} ms",
        )  # fmt: skip


def counts(plan_first: int, apply_first: int, changed: int, plan: int, apply_quiet: int, channels: int) -> list[Figure]:
    """Return the figures that no clock is needed for.

    :param plan_first: round trips to plan for a new host; ``apply_first``: the further ones to apply.
    :param changed: operations that changed something there.
    :param plan: round trips to plan with nothing to change; ``apply_quiet``: the further ones to apply that.
    :param channels: of the first run.
    """
    return [
        Figure("round trips after connecting, nothing to change: plan", plan, "", 5, 3),
        Figure("round trips after connecting, nothing to change: apply", apply_quiet, "", 0, 0),
        Figure(
            "round trips per operation that changes something: apply", apply_first / changed, "", 2, 1,
            note=f"{apply_first} for {changed} operations; the plan before took {plan_first}",
        ),
        Figure("channels opened per host in the first run", channels, "", 1, 1),
    ]  # fmt: skip


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"
