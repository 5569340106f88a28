"""runit.manage"""

from __future__ import annotations

import posixpath
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, Link
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.services import check_name


@operation()
def manage(
    service: str,
    managed: bool = True,
    svdir: str = "/var/service",
    sourcedir: str = "/etc/sv",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Say whether runit supervises a service: whether it is linked into the directory of supervised services.

    runsvdir(8) notices within five seconds; ``runit.wait_runsv`` waits for that.

    :param service: the service's name.
    :param managed: whether it should be linked. One that is not is stopped by runit.
    :param svdir: the directory of supervised services: ``/var/service`` on Void, ``/etc/service`` on Debian.
    :param sourcedir: where the directory of the service itself is.
    :raises OperationError: there is no ``svdir``, or something else than a link is in the way.
    :raises OperationValueError: a name that no service can have.

    ::

        runit.manage(name="Supervise the app", service="app")
    """
    check_name(service)
    changes = linking(service, managed, svdir, sourcedir)
    if not changes:
        current_host.get().noop(f"{service} is {'supervised' if managed else 'not supervised'}")
    yield from changes


def linking(service: str, managed: bool, svdir: str, sourcedir: str) -> tuple[()] | tuple[Change, Shell]:
    """Return the steps that link a service, or take its link away; none when it is as it should be."""
    host = current_host.get()
    path, target = posixpath.join(svdir, service), posixpath.join(sourcedir, service)
    link: Any = host.get_fact(Link, path=path)
    if link is False:
        raise OperationError(f"{path} is not a link", hint="move it to another directory first")
    if link is None and not managed:
        return ()
    if link is None and not host.get_fact(Directory, path=svdir) and not host.get_fact(Link, path=svdir):
        raise OperationError(f"there is no directory {svdir}", hint="give `svdir`: where runsvdir looks for services")
    before = link["link_target"] if link else None
    after = target if managed else None
    if before == after:
        return ()
    command = sh("ln", "-sfn", "--", target, path) if managed else sh("rm", "-f", "--", path)
    return Change(path, before, after), command
