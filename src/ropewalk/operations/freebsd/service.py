"""Services of FreeBSD: service(8)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.freebsd import ServiceScript, ServiceStatus, in_jail
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.services import check_name

SRV_STARTED = "started"
SRV_STOPPED = "stopped"
SRV_RESTARTED = "restarted"
SRV_RELOADED = "reloaded"
SRV_CUSTOM = "custom"

# Without "one", scripts do nothing for services that are not enabled: rc.subr(8).
_VERBS = {SRV_STARTED: "onestart", SRV_STOPPED: "onestop", SRV_RESTARTED: "onerestart", SRV_RELOADED: "onereload"}


@operation()
def service(
    srvname: str,
    jail: str | None = None,
    srvstate: str = SRV_STARTED,
    command: str | Sequence[str] | None = None,
    environment: Sequence[str] | None = None,
    verbose: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop, restart or reload a service, enabled or not.

    :param srvname: the service.
    :param jail: number or name of its jail.
    :param srvstate: ``"started"`` or ``"stopped"``; ``"restarted"``, ``"reloaded"`` and ``"custom"`` act on every run,
        so give them an ``_if``.
    :param command: for ``"custom"``: the command of its script and its arguments.
    :param environment: variables for its script: ``["LANG=C"]``.
    :param verbose: let service(8) say more.
    :raises OperationError: there is no such service.
    :raises OperationValueError: another state, or a command without or beside ``"custom"``.

    ::

        service.service(name="Serve the web site", srvname="nginx", srvstate=service.SRV_STARTED)
    """
    check_name(srvname)
    words = [command] if isinstance(command, str) else list(command or ())
    if srvstate not in (*_VERBS, SRV_CUSTOM):
        raise OperationValueError(f"{srvstate!r} is not a state", hint=", ".join((*_VERBS, SRV_CUSTOM)))
    if bool(words) != (srvstate == SRV_CUSTOM):
        raise OperationValueError(f"`command` goes with srvstate={SRV_CUSTOM!r}, which needs one")
    host = current_host.get()
    if not host.get_fact(ServiceScript, srvname=srvname, jail=jail):
        if srvstate != SRV_STOPPED:
            raise OperationError(f"there is no service {srvname}", hint="install it first")
        host.noop(f"there is no service {srvname}")
        return
    if srvstate in (SRV_STARTED, SRV_STOPPED):
        before = SRV_STARTED if host.get_fact(ServiceStatus, srvname=srvname, jail=jail) else SRV_STOPPED
        if before == srvstate:
            host.noop(f"{srvname} is {srvstate}")
            return
        yield Change(srvname, before, srvstate)
    variables = [word for variable in environment or () for word in ("-E", variable)]
    yield sh("service", *(["-v"] if verbose else []), *in_jail(jail), *variables, srvname,
             *(words or [_VERBS[srvstate]]))  # fmt: skip
