"""Services of launchd."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.launchd import LaunchdStatus
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Shell, Steps, sh
from ropewalk.operations.services import Wish, check_name, control, state_of


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    command: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop or restart a service that launchd has loaded.

    :param service: its label, such as ``org.example.backup``.
    :param running: whether it should run; ``None`` leaves it as it is.
    :param restarted: stop it and start it again if it was running: a change on every run, so give it an ``_if``.
    :param command: one more command of launchctl(1) for the label, such as ``kill``; it runs every time.
    :raises OperationError: the service is not loaded, and it should run.
    :raises OperationValueError: the service should be both stopped and restarted.

    ::

        launchd.service(name="Run the backup agent", service="org.example.backup")
    """
    check_name(service)
    wish = Wish(running, restarted, False, command)

    def is_running() -> bool:
        return state_of(service, current_host.get().get_fact(LaunchdStatus), wish, "launchd")

    def act(verb: str) -> Shell:
        if verb == "restart" and restarted:
            return sh("launchctl", "stop", service, Raw("&&"), "launchctl", "start", service)
        return sh("launchctl", verb, service)

    yield from control(service, wish, is_running, act)
