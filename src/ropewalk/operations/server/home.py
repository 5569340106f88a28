"""A user's home directory: there, and the user's own."""

from __future__ import annotations

import posixpath

from ropewalk import host
from ropewalk.facts.files import Directory, Link
from ropewalk.model.command import Step, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.server.owner import Owner

#: Homes of system accounts that belong to everybody, or must not exist: they are left as they are.
SHARED = frozenset({
    "/", "/bin", "/boot", "/dev", "/etc", "/home", "/lib", "/lib64", "/mnt", "/nonexistent", "/opt", "/proc", "/run",
    "/sbin", "/srv", "/sys", "/tmp", "/usr", "/usr/bin", "/usr/games", "/usr/lib", "/usr/libexec", "/usr/local",
    "/usr/sbin", "/usr/share", "/var", "/var/cache", "/var/empty", "/var/lib", "/var/log", "/var/mail", "/var/run",
    "/var/spool", "/var/tmp",
})  # fmt: skip


def home_steps(home: str, owner: Owner, *, made: bool = False) -> list[Step]:
    """Return the steps that make a directory exist and belong to a user; its mode is left as it is.

    :param made: where there is none, another command makes it.
    :raises OperationError: something that is not a directory is there.
    """
    if posixpath.normpath(home) in SHARED:
        return []
    have = host.get_fact(Directory, path=home)
    if have is False:
        if host.get_fact(Link, path=home):
            return []
        raise OperationError(f"{home}, the home of {owner.user}, is there but is not a directory")
    if have is None and made:
        return []
    steps: list[Step] = []
    if have is None:
        steps.append(sh("mkdir", "-p", "--", home))
    if have is None or not owner.owns(have):
        steps.append(sh("chown", owner.spec, "--", home))
    return steps
