"""runit.auto"""

from __future__ import annotations

import posixpath
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.operations.services import check_name


@operation()
def auto(service: str, auto: bool = True, sourcedir: str = "/etc/sv", **_: Unpack[GlobalArguments]) -> Steps:
    """Say whether a service starts by itself when its supervision begins: whether it has no file ``down``, runsv(8).

    :param service: the service's name.
    :param auto: whether it should.
    :param sourcedir: where the directory of the service is.
    :raises OperationValueError: a name that no service can have.

    ::

        runit.auto(name="Start the app by hand only", service="app", auto=False)
    """
    check_name(service)
    if starts_itself(service, sourcedir) == auto:
        current_host.get().noop(f"{service} {'starts' if auto else 'does not start'} by itself")
        return
    yield Change(f"{service} at boot", *(("disabled", "enabled") if auto else ("enabled", "disabled")))
    yield set_auto(service, auto, sourcedir)


def starts_itself(service: str, sourcedir: str) -> bool:
    return current_host.get().get_fact(File, path=down_file(service, sourcedir)) is None


def set_auto(service: str, auto: bool, sourcedir: str) -> Shell:
    """Return the command that takes the file ``down`` away, or makes it."""
    return sh(*(("rm", "-f") if auto else ("touch",)), "--", down_file(service, sourcedir))


def down_file(service: str, sourcedir: str) -> str:
    return posixpath.join(sourcedir, service, "down")
