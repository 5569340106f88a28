"""selinux.boolean"""

from __future__ import annotations

import enum
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.selinux import SEBoolean, SEBooleanKept
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.names import check_word


class Boolean(enum.StrEnum):
    """What a boolean can be."""

    ON = "on"
    OFF = "off"


@operation()
def boolean(
    bool_name: str, value: Boolean | str | bool, persistent: bool = False, **_: Unpack[GlobalArguments]
) -> Steps:
    """Switch a boolean of the policy on or off.

    :param bool_name: the boolean.
    :param value: ``"on"`` or ``"off"``.
    :param persistent: also after the next start. One that has the value only for now is set for good then.
    :raises OperationError: SELinux, or the program getsebool, is not there.
    :raises OperationValueError: another value, or a name that no boolean can have.

    ::

        selinux.boolean(
            name="Let the web server connect", bool_name="httpd_can_network_connect", value="on", persistent=True
        )
    """
    check_word("a boolean", bool_name)
    if bool_name.startswith("-"):
        raise OperationValueError(f"{bool_name!r} cannot be the name of a boolean: it would be an option")
    wanted = _wanted(value)
    host = current_host.get()
    have = host.get_fact(SEBoolean, boolean=bool_name)
    if not have:
        raise OperationError("getsebool is not installed", hint="its package is libselinux-utils or selinux-utils")
    kept = host.get_fact(SEBooleanKept, boolean=bool_name) if persistent else wanted
    if have == kept == wanted:
        host.noop(f"{bool_name} is {wanted}")
        return
    if have != wanted:
        yield Change(bool_name, have, wanted)
    if kept != wanted:
        yield Change(f"{bool_name} at boot", kept or None, wanted)
    yield sh("setsebool", *(["-P"] if persistent else []), bool_name, wanted)


def _wanted(value: Boolean | str | bool) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if value not in ("on", "off"):
        raise OperationValueError(f"{value!r} is not a value of a boolean", hint='write "on" or "off"')
    return str(value)
