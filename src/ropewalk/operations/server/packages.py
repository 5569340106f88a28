"""server.packages"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.server.managers import choose, operation_of, program

#: Every package manager this operation can choose, in the order in which it looks for them: where two are
#: installed, the first is taken to be the system's own.
MANAGERS = (
    program("zypper"),
    program("apk"),
    program("apt"),
    program("brew"),
    program("dnf"),
    program("pacman"),
    program("xbps-install", "xbps"),
    program("xbps"),
    program("yum"),
    program("pkg"),
    program("pkg_add", "pkg"),
)


@operation()
def packages(packages: str | Sequence[str], present: bool = True, **_: Unpack[GlobalArguments]) -> Steps:
    """Install or remove packages with whatever package manager the host has.

    :param packages: one name or several, as that manager spells them.
    :param present: whether they should be installed.
    :raises OperationError: the host has no package manager that is known.

    ::

        server.packages(name="Install the editor", packages=["vim"])
    """
    manager = choose("packages", MANAGERS)
    yield from operation_of(manager, "packages")._inner(packages=packages, present=present)
