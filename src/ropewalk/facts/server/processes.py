"""The processes that run."""

from __future__ import annotations

import re
from typing import TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactProcessError

# The ps of procps, of the BSDs and macOS (POSIX's -A, where -e is something else), of BusyBox. Only the first can be
# told not to cut long user names.
_PROCPS = "LC_ALL=C ps -ww -Ao pid,user:32,stat,%cpu,%mem,comm,args 2>/dev/null"
_BSD = "LC_ALL=C ps -ww -Ao pid,user,stat,%cpu,%mem,comm,args 2>/dev/null"
_BUSYBOX = "ps -o pid,user,stat,comm,args"


class ProcessDict(TypedDict):
    """One process; the percentages are 0 where the host's ``ps`` does not tell them."""

    user: str
    state: str
    cpu_percent: float
    mem_percent: float
    command: str
    args: str


class Processes(FactBase[dict[int, ProcessDict]]):
    """The processes by number, with what ``ps`` says of them.

    See ps(1).

    :param pid: only this one; then ``{}`` if there is no such process.

    ::

        {1: {"user": "root", "state": "Ss", "cpu_percent": 0.0, "mem_percent": 0.1, "command": "systemd", "args": ...}}
    """

    def command(self, pid: int | None = None) -> Shell:
        listing = Raw(f"{_PROCPS} || {_BSD} || {_BUSYBOX}")
        if pid is None:
            return sh(listing)
        # Not ps -p: its status says both "no such process" and "no such option".
        wanted = sh("awk", "-v", f"wanted={int(pid)}", "NR==1 || $1==wanted").render()
        return sh(Raw("list=$("), listing, Raw(f") && printf '%s\\n' \"$list\" | {wanted}"))

    def process(self, output: list[str]) -> dict[int, ProcessDict]:
        header, *rows = output
        # Both columns are called COMMAND; the last one is the command line.
        start = header.rfind("COMMAND")
        if "PID" not in header or start < 0:
            raise FactProcessError(f"{header!r} is not the first line of ps")
        read = _with_percentages if "%CPU" in header else _without_percentages
        return dict(read(row, start) for row in rows if row.strip())

    @staticmethod
    def default() -> dict[int, ProcessDict]:
        return {}


def _with_percentages(row: str, start: int) -> tuple[int, ProcessDict]:
    pid, user, state, cpu, memory, _ = row.split(maxsplit=5)
    command, args = _command(row, start, columns=5)
    return int(pid), ProcessDict(
        user=user, state=state, cpu_percent=float(cpu), mem_percent=float(memory), command=command, args=args
    )


def _without_percentages(row: str, start: int) -> tuple[int, ProcessDict]:
    pid, user, state, _ = row.split(maxsplit=3)
    command, args = _command(row, start, columns=3)
    return int(pid), ProcessDict(
        user=user, state=state, cpu_percent=0.0, mem_percent=0.0, command=command, args=args
    )  # fmt: skip


def _command(row: str, start: int, *, columns: int) -> tuple[str, str]:
    """Split a row into the name of the command and its command line; both may hold spaces.

    :param start: where the command line begins according to the header.
    :param columns: how many columns without spaces come first.
    """
    match = re.match(rf"\s*(?:\S+\s+){{{columns}}}", row)
    before = match.end() if match else 0
    if before < start <= len(row) and row[start - 1] == " ":
        return row[before:start].rstrip(), row[start:].rstrip()
    # A wide column before it has pushed the command line to the right.
    command, _, args = row[before:].partition(" ")
    return command, args.strip()
