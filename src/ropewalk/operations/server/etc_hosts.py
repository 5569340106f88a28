"""server.etc_hosts"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.names import check_word
from ropewalk.operations.text_files import read_lines, rewritten


@operation()
def etc_hosts(
    ip: str,
    hostnames: str | Sequence[str] | None = None,
    present: bool = True,
    path: str = "/etc/hosts",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Give an address its names, or take them away.

    :param ip: the address.
    :param hostnames: its names, the canonical one first. When it is present these are all the names it has; when it is
        not, these are the names that are taken away (default: all).
    :param present: whether the names should be there.
    :param path: the file (hosts(5)).
    :raises OperationError: there is no name to give.
    :raises OperationValueError: the address or a name is not one word.

    ::

        server.etc_hosts(name="Name the database", ip="10.0.0.5", hostnames=["db.internal", "db"])
    """
    names = [hostnames] if isinstance(hostnames, str) else list(hostnames or ())
    for word in (ip, *names):
        check_word("an address or name in the hosts file", word)
    if present and not names:
        raise OperationError("server.etc_hosts: an address needs at least one name", hint="give `hostnames`")
    before = read_lines(path)
    after = with_names(before or [], ip, names) if present else without_names(before or [], ip, names)
    if steps := rewritten(path, before, after):
        yield from steps
    else:
        host.noop(f"{path} has {ip} as wanted")


def with_names(lines: Sequence[str], ip: str, names: Sequence[str]) -> list[str]:
    """Return the lines in which an address has exactly these names: on its first line, or at the end."""
    mine = [index for index, line in enumerate(lines) if _address(line) == ip]
    have = [name for index in mine for name in _names(lines[index])]
    if have == list(names):
        return list(lines)
    wanted = " ".join([ip, *names])
    if not mine:
        return [*lines, wanted]
    kept = list(lines)
    kept[mine[0]] = wanted + _comment(lines[mine[0]])
    return [line for index, line in enumerate(kept) if index not in mine[1:]]


def without_names(lines: Sequence[str], ip: str, names: Sequence[str]) -> list[str]:
    """Return the lines in which an address has none of these names; a line without a name left goes too."""
    after = []
    for line in lines:
        have = _names(line)
        left = [name for name in have if name not in names] if names else []
        if _address(line) != ip or left == have:
            after.append(line)
        elif left:
            after.append(" ".join([ip, *left]) + _comment(line))
    return after


def _address(line: str) -> str | None:
    words = line.partition("#")[0].split()
    return words[0] if words else None


def _names(line: str) -> list[str]:
    return line.partition("#")[0].split()[1:]


def _comment(line: str) -> str:
    _, mark, text = line.partition("#")
    return f" #{text}" if mark else ""
