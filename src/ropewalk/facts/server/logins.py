"""Who logged in, and who failed to."""

from __future__ import annotations

import re
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase

_DAY = r"(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)"
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)"
# The user or the terminal may be empty; then only the width of the gap tells which, the terminal's being 12 wide.
_RECORD = re.compile(
    rf"(\S*)(?:\s{{13,}}|\s+(system (?:boot|down)|\(to lvl \S+\)|\S+)\s+)(?:(?!{_DAY}\s)(\S+)\s+)?"
    rf"((?:{_DAY}\s+)?{_MONTH}\s+\d.*)"
)


class LastRecordDict(TypedDict):
    """One login; ``host`` is empty for a local one, ``time`` is as the host writes it."""

    user: str
    tty: str
    host: str
    time: str


class Last(FactBase[list[LastRecordDict]]):
    """The logins and reboots that the host remembers, newest first.

    Read with last(1).

    ::

        [{"user": "ann", "tty": "pts/0", "host": "10.0.0.7", "time": "Tue Nov 21 17:27:23 2023 still logged in"}]
    """

    _program = "last"

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return self._program

    def command(self) -> str:
        # Not every last knows every flag. A host that keeps no such file has no logins to tell.
        plain = f"LC_ALL=C {self._program}"
        return (
            f"{plain} -Fwi 2>/dev/null || {plain} -w 2>/dev/null || "
            f"case $({plain} 2>&1 >/dev/null) in *': No such file or directory') ;; *) {plain};; esac"
        )

    def process(self, output: list[str]) -> list[LastRecordDict]:
        lines = (line for line in output if not re.match(r"\S+ begins\b", line))
        matches = (_RECORD.fullmatch(line.rstrip()) for line in lines)
        return [
            LastRecordDict(user=match[1], tty=match[2] or "", host=match[3] or "", time=" ".join(match[4].split()))
            for match in matches
            if match
        ]

    @staticmethod
    def default() -> list[LastRecordDict]:
        return []


class Lastb(Last):
    """The logins that failed, newest first; as :class:`Last`. Only root may read them.

    Read with lastb(1).
    """

    _program = "lastb"
