"""What is measured, and what becomes of it: plain values and arithmetic."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from statistics import median

#: Runs on hosts that are as new, and the same again.
FIRST, SECOND = "first", "second"


@dataclass(frozen=True)
class Run:
    """One run of a tool over the deploy.

    :ivar rtt: round-trip time of the network in milliseconds, added by the lab.
    :ivar run: ``first`` or ``second``.
    :ivar problem: why its figures count for nothing, or empty.
    :ivar wall: seconds.
    :ivar cpu: seconds of user and system time of all the tool's processes.
    :ivar rss: largest resident size of one process, in MiB.
    :ivar servers_cpu: seconds of all hosts together; ``None`` where they cannot be told apart from the rest.
    :ivar sessions: SSH sessions that the first host's server logged.
    :ivar round_trips: of the host with most, as the tool counts them; likewise ``channels``.
    :ivar idle: share of the machine that was idle just before; ``load`` is its one-minute average then.
    """

    tool: str
    hosts: int
    rtt: int
    run: str
    wall: float
    cpu: float
    rss: float
    problem: str = ""
    servers_cpu: float | None = None
    sessions: int | None = None
    round_trips: int | None = None
    channels: int | None = None
    idle: float | None = None
    load: float | None = None


@dataclass(frozen=True)
class Median:
    """The medians of the runs of one tool that are alike.

    :ivar repeats: of how many runs.
    """

    tool: str
    hosts: int
    rtt: int
    run: str
    repeats: int
    wall: float
    cpu: float
    rss: float
    servers_cpu: float | None
    sessions: float | None
    round_trips: float | None
    channels: float | None


@dataclass(frozen=True)
class Figure:
    """A figure with its budget. Less is better, unless ``least`` says that the budget is the least there must be.

    :ivar value: ``None`` when it was not measured.
    :ivar note: how it came about.
    """

    name: str
    value: float | None
    unit: str = ""
    budget: float | None = None
    stretch: float | None = None
    least: bool = False
    note: str = ""
    peers: dict[str, float] = field(default_factory=dict)

    @property
    def verdict(self) -> str:
        """``stretch``, ``met``, ``missed``, or empty where there is no budget or no figure."""
        if self.value is None or self.budget is None:
            return ""
        if self.stretch is not None and self._within(self.stretch):
            return "stretch"
        return "met" if self._within(self.budget) else "missed"

    def _within(self, bound: float) -> bool:
        assert self.value is not None
        return self.value >= bound if self.least else self.value <= bound


def medians(runs: Iterable[Run]) -> list[Median]:
    """Return the medians of runs that are alike, in the order in which they first appear; failed runs are left out."""
    alike: dict[tuple[str, int, int, str], list[Run]] = {}
    for run in runs:
        if not run.problem:
            alike.setdefault((run.tool, run.hosts, run.rtt, run.run), []).append(run)
    return [_median(key, group) for key, group in alike.items()]


def _median(key: tuple[str, int, int, str], group: list[Run]) -> Median:
    return Median(
        *key,
        repeats=len(group),
        wall=median(run.wall for run in group),
        cpu=median(run.cpu for run in group),
        rss=median(run.rss for run in group),
        servers_cpu=middle(run.servers_cpu for run in group),
        sessions=middle(run.sessions for run in group),
        round_trips=middle(run.round_trips for run in group),
        channels=middle(run.channels for run in group),
    )


def middle(values: Iterable[float | None]) -> float | None:
    """Return the median of what was measured, or ``None``."""
    known = [value for value in values if value is not None]
    return median(known) if known else None


def find(rows: Iterable[Median], tool: str, hosts: int, rtt: int, run: str) -> Median | None:
    """Return the row of this case, if it was measured."""
    return next((row for row in rows if (row.tool, row.hosts, row.rtt, row.run) == (tool, hosts, rtt, run)), None)


def trips(near: float, far: float, rtt: int) -> float:
    """Return how many round trips something waits for that took ``near`` seconds without and ``far`` with delay."""
    return (far - near) / (rtt / 1000)
