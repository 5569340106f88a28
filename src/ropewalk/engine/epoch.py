"""How long a fact stays true: until this run has executed something on the same machine since it was read."""

from __future__ import annotations

from collections import defaultdict

Stamp = tuple[int, int]


class Epochs:
    """Counts what was executed: per machine, and on the machine that runs the deploy (which may change anything)."""

    def __init__(self) -> None:
        self._machines: dict[object, int] = defaultdict(int)
        self._everything = 0
        self._stamps: dict[object, Stamp] = {}

    def stamp(self, machine: object) -> Stamp:
        stamp = self._stamps.get(machine)
        if stamp is None:  # one object for all values of the same time
            stamp = self._stamps[machine] = (self._everything, self._machines[machine])
        return stamp

    def executed(self, machine: object) -> None:
        """Something was, or is about to be, executed on a machine."""
        self._machines[machine] += 1
        self._stamps.pop(machine, None)

    def executed_anywhere(self) -> None:
        """A callback ran: it may have changed whatever it could reach."""
        self._everything += 1
        self._stamps.clear()
