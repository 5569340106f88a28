"""What is below a directory, as find(1) sees it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterable, Iterator
from typing import ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, sh
from ropewalk.model.errors import FactValueError
from ropewalk.shell.paths import path_word

_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([a-zA-Z]*)\s*")
_UNITS = {"": 1, "b": 1, "c": 1}
for _power, _letter in enumerate("kmgtp", start=1):
    _UNITS |= {f"{_letter}b": 1000**_power, f"{_letter}ib": 1024**_power, _letter: 1024**_power}

# A name may hold a line end, which would make two names of one. So find ends names with NUL, tr swaps the two, and
# process() swaps them back. The pipe hides how find ended, so its status takes a way of its own.
_SWAPPED = r"tr '\012\000' '\000\012'"


class FindFilesBase(FactBase[list[str]]):
    """The paths below a directory; ``[]`` if nothing is at the path.

    :param path: path on the host; ``~/`` is the home directory.
    :param size: exact size: bytes, or text with a unit (``"2 MB"``: 1000s, ``"2 MiB"`` or ``"2M"``: 1024s).
    :param min_size: only what is larger than this.
    :param max_size: only what is smaller than this.
    :param maxdepth: how many levels to go down; 0 is the path itself.
    :param fname: shell pattern for the name.
    :param iname: as ``fname``, upper and lower case alike.
    :param regex: regular expression for the whole path, in the dialect of the host's ``find``.
    :param path_match: shell pattern for the whole path.
    :param args: more arguments for ``find``, written as on a command line: ``["-newer /etc/x", "-perm 600"]``. They are
        split into words, but nothing in them is expanded.
    :param quote_path: ``False``: the shell expands patterns and variables in ``path``.
    :raises FactValueError: a size that makes no sense, or a quote in ``args`` that is not closed.
    """

    #: The letter of ``find -type``.
    type_flag: ClassVar[str] = ""

    def command(
        self,
        path: str,
        size: str | int | None = None,
        min_size: str | int | None = None,
        max_size: str | int | None = None,
        maxdepth: int | None = None,
        fname: str | None = None,
        iname: str | None = None,
        regex: str | None = None,
        path_match: str | None = None,
        args: list[str] | None = None,
        quote_path: bool = True,
    ) -> Shell:
        tests = [
            *_option("-maxdepth", maxdepth),
            *("-type", self.type_flag),
            *_sizes(size, min_size, max_size),
            *_option("-name", fname),
            *_option("-iname", iname),
            *_option("-regex", regex),
            *_option("-path", path_match),
            *(word for argument in args or () for word in _words(argument)),
        ]
        find = sh("find", Raw('"$@"'), *tests, "-print0").render()
        run = f"{{ status=$({{ {{ {find}; echo $? >&4; }} | {_SWAPPED} >&3; }} 4>&1); }} 3>&1; (exit $status)"
        return if_present(path_word(path) if quote_path else Raw(path), Raw(run), dangling=True)

    def process(self, output: list[str]) -> list[str]:
        return [line.replace("\0", "\n") for line in output]

    @staticmethod
    def default() -> list[str]:
        return []


class FindFiles(FindFilesBase):
    """The regular files below a directory; see :class:`FindFilesBase`.

    See find(1).

    ::

        ["/srv/app/app.conf", "/srv/app/run.sh"]
    """

    type_flag = "f"


class FindLinks(FindFilesBase):
    """The symbolic links below a directory; see :class:`FindFilesBase`.

    See find(1).

    ::

        ["/srv/current"]
    """

    type_flag = "l"


class FindDirectories(FindFilesBase):
    """The directories below a directory, itself included; see :class:`FindFilesBase`.

    See find(1).

    ::

        ["/srv", "/srv/app"]
    """

    type_flag = "d"


def byte_count(size: str | int) -> int:
    """Return a size in bytes.

    :raises FactValueError: it is not a size.

    >>> byte_count("1.5 kB"), byte_count("2KiB"), byte_count(7)
    (1500, 2048, 7)
    """
    match = _SIZE.fullmatch(str(size))
    unit = _UNITS.get(match.group(2).lower()) if match else None
    if not match or not unit:
        raise FactValueError(f"{size!r} is not a size", hint="write bytes, or a number with kB, MB, GB, KiB, MiB, GiB")
    return int(float(match.group(1)) * unit)


def _sizes(exactly: str | int | None, above: str | int | None, below: str | int | None) -> Iterator[str]:
    for sign, size in (("", exactly), ("+", above), ("-", below)):
        if size is not None:
            yield from ("-size", f"{sign}{byte_count(size)}c")


def _words(argument: str) -> list[str]:
    try:
        return shlex.split(argument)
    except ValueError as error:
        raise FactValueError(f"cannot read the arguments {argument!r}: {error}") from None


def _option(name: str, value: object) -> Iterable[str]:
    return () if value is None else (name, str(value))
