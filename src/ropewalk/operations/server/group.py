"""server.group"""

from __future__ import annotations

from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.files import FileContents
from ropewalk.facts.server import Groups
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Step, Steps
from ropewalk.operations.names import check_account
from ropewalk.operations.server.account_tools import installed_tools
from ropewalk.operations.steps import or_noop


@operation()
def group(
    group: str,
    present: bool = True,
    system: bool = False,
    gid: int | str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a group.

    :param group: the group's name.
    :param present: whether the group should exist.
    :param system: make a new group one of the system.
    :param gid: the group's number.
    :raises OperationValueError: the name cannot be that of a group.
    :raises OperationError: the tools that are needed are missing.

    ::

        server.group(name="Make the group for deployments", group="deploy", system=True)
    """
    check_account("group", group)
    exists = group in host.get_fact(Groups)
    if exists and not present:
        yield installed_tools("groupdel").command("groupdel", group)
    elif exists:
        yield from or_noop(_number_steps(group, gid) if gid is not None else [], f"group {group} exists")
    elif present:
        tools = installed_tools("groupadd")
        flags = [tools.system] if system and tools.system else []
        yield tools.command("groupadd", group, *flags, *(["-g", str(gid)] if gid is not None else []))
    else:
        host.noop(f"there is no group {group}")


def gid_of(group: str, lines: list[str]) -> str | None:
    """Return a group's number from the lines of /etc/group (group(5))."""
    for line in lines:
        fields = line.split(":")
        if fields[0] == group and len(fields) > 2:
            return fields[2]
    return None


def _number_steps(group: str, wanted: int | str) -> list[Step]:
    have = gid_of(group, host.get_fact(FileContents, path="/etc/group") or [])
    if have in (None, str(wanted)):  # None: the group comes from somewhere else, such as a directory service
        return []
    return [
        Change("gid", have, str(wanted)),
        installed_tools("groupmod").command("groupmod", group, "-g", str(wanted)),
    ]
