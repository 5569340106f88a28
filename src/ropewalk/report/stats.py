"""``--stats``: what it took to talk to every host."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields

from ropewalk.model.event import Traffic
from ropewalk.model.result import RunResult
from ropewalk.report.page import Line, heading
from ropewalk.report.summary import columns
from ropewalk.report.text import clean, duration, size

_COUNTS = ("round_trips", "channels", "commands", "facts")


def total(result: RunResult) -> Traffic:
    """Return the traffic of all hosts together; the seconds are added up too, though hosts work side by side."""
    every = [host.traffic for host in result.hosts.values()]
    return Traffic(**{entry.name: sum(getattr(one, entry.name) for one in every) for entry in fields(Traffic)})


def table(result: RunResult) -> Iterator[Line]:
    """Tell the traffic of every host, and of all."""
    if not result.hosts:
        return
    cells = [_cells(clean(host.name), host.traffic) for host in result.hosts.values()]
    if len(cells) > 1:
        cells.append(_cells(f"all {len(cells)} hosts", total(result)))
    yield from heading("Traffic")
    head = ("host", *(name.replace("_", " ") for name in _COUNTS), "sent", "received", "time")
    yield from columns(head, cells, text=1)


def _cells(name: str, traffic: Traffic) -> tuple[str, ...]:
    counts = (str(getattr(traffic, count)) for count in _COUNTS)
    return (name, *counts, size(traffic.bytes_sent), size(traffic.bytes_received), duration(traffic.seconds))
