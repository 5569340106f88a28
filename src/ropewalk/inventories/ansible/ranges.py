"""Names of hosts that stand for several: ``web[01:50].example.com``, ``db-[a:f]``, ``node[0:10:2]``."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator, Sequence

from ropewalk.model.errors import LoadError

_RANGE = re.compile(r"\[([^:\[\]]*):([^:\[\]]*)(?::([^:\[\]]*))?\]")
_BRACKETED = re.compile(r"\[([0-9A-Fa-f:.%\w]*:[0-9A-Fa-f:.]*:[^\]]*)\](?::(\d+))?")
_WITH_PORT = re.compile(r"((?:[^:\[\]]|\[[^\]]*\])+):(\d+)")


def hosts_in(pattern: str, where: str) -> tuple[list[str], int | None]:
    """Return the names that a pattern stands for, and the port behind it.

    :raises LoadError: a range makes no sense.

    >>> hosts_in("web[08:10]:2222", "hosts:1")
    (['web08', 'web09', 'web10'], 2222)
    """
    if pattern.endswith(":"):
        raise LoadError(f"{pattern} is not the name of a host", where=where, hint="is this a YAML inventory?")
    found = _BRACKETED.fullmatch(pattern) or _WITH_PORT.fullmatch(pattern)
    if found is not None:
        return list(_expanded(found[1], where)), int(found[2]) if found[2] else None
    return list(_expanded(pattern, where)), None


def _expanded(pattern: str, where: str) -> Iterator[str]:
    found = _RANGE.search(pattern)
    if found is None:
        if "[" in pattern and ":" in pattern.partition("[")[2]:
            raise LoadError(f"{pattern} holds no range", where=where, hint="ranges are [01:50], [a:f] or [0:10:2]")
        yield pattern
        return
    for one in _values(*found.groups(), pattern=pattern, where=where):
        yield from _expanded(f"{pattern[: found.start()]}{one}{pattern[found.end() :]}", where)


def _values(first: str, last: str, step: str | None, *, pattern: str, where: str) -> Sequence[str]:
    letters = string.ascii_letters
    first = first or "0"
    try:
        stride = int(step or 1)
        if len(first) == len(last) == 1 and first in letters and last in letters:
            made: Sequence[str] = letters[letters.index(first) : letters.index(last) + 1 : stride]
        else:
            width = len(first) if first.startswith("0") and len(first) > 1 else 0
            if width and width != len(last):
                raise LoadError(f"the ends of the range in {pattern} have not the same width", where=where)
            made = [str(number).zfill(width) for number in range(int(first), int(last) + 1, stride)]
    except ValueError:
        raise LoadError(
            f"{pattern} holds no range", where=where, hint="ranges are [01:50], [a:f] or [0:10:2]"
        ) from None
    if not made:
        raise LoadError(f"the range in {pattern} is empty", where=where)
    return made
