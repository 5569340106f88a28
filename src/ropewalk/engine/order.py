"""Where a call stands in the source: what sorts operations, and what makes calls on several hosts one operation."""

from __future__ import annotations

import sys
from contextvars import ContextVar
from types import FrameType

from ropewalk.api.host import loop_positions
from ropewalk.engine.failure import is_ours

#: The place of everything that runs now: (number of the deploy file,) or the position of a callback's operation.
base_position: ContextVar[tuple[object, ...]] = ContextVar("base_position", default=(0,))

Position = tuple[object, ...]
#: A file, as Python names it, and a line in it.
Line = tuple[str, int]


def position_of_call() -> tuple[Position, Line | None]:
    """Return the position of the call that is being made, and the innermost line of user code.

    A position is the base, then the lines of the user's frames from the outermost in, then where ``host.loop`` is.
    """
    lines: list[int] = []
    where: Line | None = None
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        filename = frame.f_code.co_filename
        if not is_ours(filename):
            lines.append(frame.f_lineno)
            if where is None:
                where = filename, frame.f_lineno
        frame = frame.f_back
    lines.reverse()
    return (*base_position.get(), tuple(lines), loop_positions.get()), where


class Repeats:
    """Counts how often one host has come by each position, so that every call has a position of its own."""

    def __init__(self) -> None:
        self._seen: dict[Position, int] = {}

    def unique(self, position: Position) -> Position:
        count = self._seen.get(position, 0)
        self._seen[position] = count + 1
        return (*position, count)
