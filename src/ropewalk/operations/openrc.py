"""Services of OpenRC."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.openrc import OpenrcEnabled, OpenrcService
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.operations.services import Wish, check_name, control, state_of


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    reloaded: bool = False,
    command: str | None = None,
    enabled: bool | None = None,
    runlevel: str = "default",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop, restart, reload, enable or disable a service of OpenRC.

    :param service: the service's name.
    :param running: whether it should run; ``None`` leaves it as it is.
    :param restarted: restart it if it was running: a change on every run, so give it an ``_if``.
    :param reloaded: reload it if it was running; not done in addition to a restart.
    :param command: one more command for its script, such as ``checkconfig``; it runs every time.
    :param enabled: whether it should start in the runlevel; ``None`` leaves that.
    :param runlevel: the runlevel that ``enabled`` is about. Whether the service runs does not depend on it.
    :raises OperationError: there is no such service, and it should run.
    :raises OperationValueError: the service should be both stopped and restarted or reloaded.

    ::

        openrc.service(name="Serve the web site", service="nginx", enabled=True)
    """
    check_name(service)
    check_name(runlevel)
    wish = Wish(running, restarted, reloaded, command, enabled)
    host = current_host.get()

    def is_running() -> bool:
        return state_of(service, host.get_fact(OpenrcService, service=service), wish, "OpenRC")

    def is_enabled() -> bool:
        return host.get_fact(OpenrcEnabled, runlevel=runlevel).get(service, False)

    def act(verb: str) -> Shell:
        if verb in ("enable", "disable"):
            return sh("rc-update", "add" if verb == "enable" else "del", service, runlevel)
        return sh("rc-service", service, verb)

    yield from control(service, wish, is_running, act, is_enabled)
