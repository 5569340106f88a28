"""The one line that describes a directory entry, as ``stat`` or, where there is no ``stat``, ``ls -ld`` prints it.

Formats: stat(1) of GNU coreutils, BusyBox, FreeBSD, OpenBSD, NetBSD and macOS; ``ls -l`` in the POSIX locale
(POSIX.1-2017, "ls", STDOUT).
"""

from __future__ import annotations

import re
import stat
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from ropewalk.model.errors import FactProcessError

_STAT = re.compile(r"([0-9a-fA-F]+) (-?\d+) (-?\d+) (-?\d+) (\d+) ([^:]*):([^:]*)")
_LS = re.compile(
    r"([a-zA-Z-])([-rwxsStT]{9})[.@+]?\s+\d+\s+(\S+)\s+(\S+)\s+(?:(\d+)|\d+,\s*\d+)"
    r"\s+([A-Z][a-z]{2})\s+(\d+)\s+([\d:]+)\s"
)
_KINDS = {
    "-": stat.S_IFREG,
    "d": stat.S_IFDIR,
    "l": stat.S_IFLNK,
    "s": stat.S_IFSOCK,
    "p": stat.S_IFIFO,
    "b": stat.S_IFBLK,
    "c": stat.S_IFCHR,
}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


@dataclass(frozen=True)
class Entry:
    """An entry of a directory; times in seconds since 1970."""

    mode: int
    user: str
    group: str
    size: int
    mtime: float | None
    atime: float | None = None
    ctime: float | None = None


def parse(lines: Sequence[str]) -> tuple[Entry, str]:
    """Return the entry and the text of the lines after it.

    :raises FactProcessError: there is no such line.
    """
    for parser in (_from_stat, _from_ls):
        # Where one program failed its output may precede that of the next one.
        for index, line in enumerate(lines):
            entry = parser(line)
            if entry:
                return entry, "\n".join(lines[index + 1 :])
    raise FactProcessError(f"neither stat nor ls prints lines like {lines[0]!r}")


def permissions(text: str) -> int:
    """Return the bits that nine letters such as ``rwxr-sr-t`` stand for.

    >>> oct(permissions("rwxr-sr-t"))
    '0o3755'
    """
    bits = 0
    for index, letter in enumerate(text):
        if letter in "rwxst":
            bits |= 0o400 >> index
        if letter in "sStT":
            bits |= 0o4000 >> index // 3
    return bits


def _from_stat(line: str) -> Entry | None:
    match = _STAT.fullmatch(line)
    if not match:
        return None
    mode, atime, mtime, ctime, size, user, group = match.groups()
    return Entry(int(mode, 16), user, group, int(size), float(mtime), float(atime), float(ctime))


def _from_ls(line: str) -> Entry | None:
    match = _LS.match(line)
    if not match:
        return None
    kind, letters, user, group, size, month, day, when = match.groups()
    mode = _KINDS.get(kind, 0) | permissions(letters)
    return Entry(mode, user, group, int(size or 0), _time(month, int(day), when).timestamp())


def _time(month: str, day: int, when: str) -> datetime:
    """Read the time of ``ls -l``: a year, or an hour of the last six months (taken for UTC)."""
    number = _MONTHS.index(month) + 1
    if ":" not in when:
        return datetime(int(when), number, day, tzinfo=UTC)
    hour, minute = (int(part) for part in when.split(":"))
    now = datetime.now(UTC)
    # Whose clock is ahead of ours is not a year behind.
    for year in (now.year + 1, now.year, now.year - 1, now.year - 2, now.year - 3, now.year - 4):
        try:
            time = datetime(year, number, day, hour, minute, tzinfo=UTC)
        except ValueError:  # the 29th of February of another year
            continue
        if time <= now + timedelta(days=1):
            return time
    raise FactProcessError(f"there is no {month} {day} in recent years")
