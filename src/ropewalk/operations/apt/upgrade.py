"""apt.upgrade and apt.dist_upgrade: new versions of what is installed."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.operations.apt.command import apt_get, preview


@operation()
def upgrade(auto_remove: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade the installed packages, without removing any or installing new ones.

    What is upgraded is known from the package lists: update them first.

    :param auto_remove: also remove packages that were installed for others and are no longer needed.

    ::

        apt.update(cache_time=3600)
        apt.upgrade(name="Install security fixes", auto_remove=True)
    """
    yield from _upgrade("upgrade", auto_remove)


@operation()
def dist_upgrade(auto_remove: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade the installed packages, installing and removing others where that is needed.

    :param auto_remove: also remove packages that were installed for others and are no longer needed.

    ::

        apt.dist_upgrade(name="Upgrade everything")
    """
    yield from _upgrade("dist-upgrade", auto_remove)


def _upgrade(action: str, auto_remove: bool) -> Steps:
    host = current_host.get()
    command = apt_get(action, *(["--autoremove"] if auto_remove else []))
    changes = preview(host, command)
    if changes == []:
        host.noop("there is nothing to upgrade")
        return
    yield from changes or ()
    yield command
