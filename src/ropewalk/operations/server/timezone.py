"""server.timezone"""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, File, Link
from ropewalk.facts.server import Timezone, Which
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, Upload, sh
from ropewalk.model.errors import OperationError, OperationValueError

_ZONES = "/usr/share/zoneinfo"
_NAME = re.compile(r"[A-Za-z0-9+_][A-Za-z0-9+_-]*(?:/[A-Za-z0-9+_][A-Za-z0-9+_-]*)*")


@operation()
def timezone(timezone: str, **_: Unpack[GlobalArguments]) -> Steps:
    """Set the host's time zone.

    :param timezone: its name in the tz database, such as `Europe/Paris`.
    :raises OperationValueError: that cannot be the name of a zone.
    :raises OperationError: the host does not know the zone.

    ::

        server.timezone(name="Keep the logs in UTC", timezone="Etc/UTC")
    """
    if not _NAME.fullmatch(timezone):
        raise OperationValueError(f"{timezone!r} cannot be the name of a time zone", hint='for example "Europe/Paris"')
    have = host.get_fact(Timezone)
    if have == timezone:
        host.noop(f"the time zone is {timezone}")
        return
    yield Change("timezone", have, timezone)
    if host.get_fact(Which, command="timedatectl") and host.get_fact(Directory, path="/run/systemd/system"):
        yield sh("timedatectl", "set-timezone", timezone)
        return
    zone = f"{_ZONES}/{timezone}"
    if not any(host.get_fact(fact, path=zone) for fact in (File, Link)):
        raise OperationError(f"there is no time zone {timezone} on this host", hint=f"{zone} comes with package tzdata")
    yield sh("ln", "-sfn", zone, "/etc/localtime")
    yield Upload(f"{timezone}\n".encode(), "/etc/timezone")
