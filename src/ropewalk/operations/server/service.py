"""server.service"""

from __future__ import annotations

from typing import Any, Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, Link
from ropewalk.facts.server import Os
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.server.managers import Manager, choose, has_program, operation_of


def _is_bsd() -> bool:
    return "BSD" in (host.get_fact(Os) or "") and bool(host.get_fact(Directory, path="/etc/rc.d"))


def _is_mac() -> bool:
    return host.get_fact(Os) == "Darwin" and has_program("launchctl")


def _is_directory(path: str) -> bool:
    return any(host.get_fact(fact, path=path) for fact in (Directory, Link))


def _has_init_scripts() -> bool:
    return has_program("service") or _is_directory("/etc/init.d")


#: Every service manager this operation can choose, in the order in which it looks for them.
MANAGERS = (
    Manager("systemd", "systemd", lambda: has_program("systemctl")),
    Manager("OpenRC", "openrc", lambda: has_program("rc-service")),
    Manager("Upstart", "upstart", lambda: has_program("initctl")),
    Manager("runit", "runit", lambda: has_program("sv")),
    Manager("BSD init", "bsdinit", _is_bsd),
    Manager("launchd", "launchd", _is_mac),
    Manager("System V init", "sysvinit", _has_init_scripts),
)

#: Where runit looks for services: on Void, Debian, Artix, and as its author has it.
_RUNIT_DIRECTORIES = ("/var/service", "/etc/service", "/run/runit/service", "/service")


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    reloaded: bool = False,
    command: str | None = None,
    enabled: bool | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop, restart, reload, enable or disable a service with whatever service manager the host has.

    :param service: the service's name.
    :param running: whether it should run; `None` leaves it as it is.
    :param restarted: restart it, if it runs.
    :param reloaded: let it read its configuration again, if it runs.
    :param command: another command of the service manager to give it.
    :param enabled: whether it should start with the system; `None` leaves it as it is.
    :raises OperationError: the host has no service manager that is known, or one that cannot do what is asked.

    ::

        server.service(name="Serve the web site", service="nginx", enabled=True)
    """
    manager = choose("services", MANAGERS)
    wanted: dict[str, Any] = {"running": running, "restarted": restarted, "command": command}
    if manager.module != "launchd":
        wanted |= {"reloaded": reloaded, "enabled": enabled}
    elif reloaded or enabled is not None:
        raise OperationError("launchd can neither reload nor enable a service", hint="give `command` instead")
    if manager.module == "runit":
        wanted["svdir"] = next(filter(_is_directory, _RUNIT_DIRECTORIES), _RUNIT_DIRECTORIES[0])
    yield from operation_of(manager, "service")._inner(service, **wanted)
