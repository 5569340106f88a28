"""What is at a path: one listing, which ``File``, ``Directory``, ``Link`` and ``Socket`` each read in their way."""

from __future__ import annotations

import stat
from datetime import UTC, datetime
from typing import ClassVar, Literal, NotRequired, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.files import listing
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell
from ropewalk.model.errors import FactProcessError
from ropewalk.shell.paths import path_word

# The numeric mode says what the entry is in every language and with every user land. Owner and group come last
# because their names may hold spaces, and are parted by the one character that passwd(5) forbids in them.
_GNU = "stat -c '%f %X %Y %Z %s %U:%G' \"$1\" 2>/dev/null"
_BSD = "stat -f '%Xp %a %m %c %z %Su:%Sg' \"$1\" 2>/dev/null"
_LS = 'LC_ALL=C ls -ld "$1"'
_TARGET = '{ [ ! -L "$1" ] || readlink "$1"; }'


class FileDict(TypedDict):
    """One entry of a directory.

    ``mode`` holds the octal digits as a decimal number (``644``), as operations take it. Times are in UTC, without
    a time zone; ``None`` where the host could not tell. ``link_target`` is there for links only.
    """

    user: str
    group: str
    mode: int
    atime: datetime | None
    mtime: datetime | None
    ctime: datetime | None
    size: int | str
    link_target: NotRequired[str]


class File(FactBase["FileDict | Literal[False] | None"]):
    """A regular file: its attributes, ``None`` if nothing is there, ``False`` if something else is.

    Links are not followed: a link is something else, whatever it leads to.

    Read with stat(1).

    :param path: path on the host; ``~/`` is the home directory.

    ::

        info = host.get_fact(File, path="/etc/hosts")
        if info and info["mode"] == 644:
            ...
    """

    #: What the entry must be for the fact, as ``stat.S_IFMT`` of its mode.
    kind: ClassVar[int] = stat.S_IFREG

    def command(self, path: str) -> Shell:
        return if_present(
            path_word(path), Raw(f"{{ {_GNU} || {_BSD} || {_LS}; }} && {_TARGET}"), dangling=True
        )  # fmt: skip

    def process(self, output: list[str]) -> FileDict | Literal[False] | None:
        """Read what the listing command printed: one line, then the target if it is a link."""
        entry, target = listing.parse(output)
        if stat.S_IFMT(entry.mode) != self.kind:
            return False
        info = FileDict(
            user=entry.user,
            group=entry.group,
            mode=int(f"{stat.S_IMODE(entry.mode):o}"),
            atime=_utc(entry.atime),
            mtime=_utc(entry.mtime),
            ctime=_utc(entry.ctime),
            size=entry.size,
        )
        if self.kind == stat.S_IFLNK:
            if not target:
                raise FactProcessError(f"{self.name}: the host did not say where the link leads")
            info["link_target"] = target
        return info


class Directory(File):
    """A directory: its attributes, ``None`` if nothing is there, ``False`` if something else is.

    Read with stat(1).
    """

    kind = stat.S_IFDIR


class Link(File):
    """A symbolic link: its attributes with ``link_target``, ``None`` if nothing is there, ``False`` otherwise.

    Read with stat(1) and readlink(1).
    """

    kind = stat.S_IFLNK


class Socket(File):
    """A Unix socket: its attributes, ``None`` if nothing is there, ``False`` if something else is.

    Read with stat(1).
    """

    kind = stat.S_IFSOCK


def _utc(time: float | None) -> datetime | None:
    return None if time is None else datetime.fromtimestamp(time, UTC).replace(tzinfo=None)
