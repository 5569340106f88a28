"""server.hostname"""

from __future__ import annotations

from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory
from ropewalk.facts.server import Hostname, Os, Which
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Step, Steps, sh
from ropewalk.operations.names import check_hostname
from ropewalk.operations.steps import or_noop
from ropewalk.operations.text_files import read_lines, rewritten

#: The file that a system reads its name from when it starts, by the name that ``uname -s`` gives the system.
FILES = {"Linux": "/etc/hostname", "OpenBSD": "/etc/myname"}


@operation()
def hostname(hostname: str, hostname_file: str | None = None, **_: Unpack[GlobalArguments]) -> Steps:
    """Give the host a name.

    :param hostname: the name.
    :param hostname_file: the file to write the name to (default: what the operating system reads when it starts:
        `/etc/hostname`, `/etc/myname`). Where there is no such file, as on FreeBSD and macOS, the name lasts until the
        host restarts.
    :raises OperationValueError: it cannot be the name of a host.
    :raises OperationError: a file that holds the name is not UTF-8 text; it is left alone.

    ::

        server.hostname(name="Name the host", hostname="web1.example.net")
    """
    check_hostname(hostname)
    path = hostname_file or FILES.get(host.get_fact(Os) or "")
    have = host.get_fact(Hostname)
    lines = read_lines(path) if path else None
    changes: list[Step] = [] if have == hostname else [Change("hostname", have, hostname)]
    steps: list[Step] = []
    if hostname_file is None and _has_hostnamectl():
        if changes or (path and _named(lines) != hostname):
            steps = [*changes, sh("hostnamectl", "set-hostname", hostname)]
    else:
        steps += [*changes, sh("hostname", hostname)] if changes else []
        steps += rewritten(path, lines, [hostname]) if path else []
    yield from or_noop(steps, f"the host is named {hostname}")


def _has_hostnamectl() -> bool:
    """Say whether systemd can be asked; in a container the program may be there without it."""
    return bool(host.get_fact(Which, command="hostnamectl") and host.get_fact(Directory, path="/run/systemd/system"))


def _named(lines: list[str] | None) -> str | None:
    """Return the name in a hostname(5) file: its first line that is not a comment."""
    return next((line.strip() for line in lines or () if line.strip() and not line.startswith("#")), None)
