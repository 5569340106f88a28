"""What operations share in how they yield."""

from __future__ import annotations

from collections.abc import Iterable

from ropewalk import host
from ropewalk.model.command import Step, Steps


def or_noop(steps: Iterable[Step], reason: str) -> Steps:
    """Yield the steps; when there are none, say why.

    Operations collect their steps before they yield the first one. So every fact is read, and everything that
    can be refused is refused, before the host is touched, and the commands travel together.
    """
    empty = True
    for step in steps:
        empty = False
        yield step
    if empty:
        host.noop(reason)
