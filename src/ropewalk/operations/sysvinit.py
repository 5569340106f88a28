"""Services with init scripts of System V."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Which
from ropewalk.facts.sysvinit import InitLinks, InitScript
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.services import Wish, check_name, control, state_of


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    reloaded: bool = False,
    enabled: bool | None = None,
    command: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop, restart, reload, enable or disable a service that has an init script.

    :param service: the name of the script in ``/etc/init.d``.
    :param running: whether it should run; ``None`` leaves it as it is.
    :param restarted: restart it if it was running: a change on every run, so give it an ``_if``.
    :param reloaded: reload it if it was running; not done in addition to a restart.
    :param enabled: whether it should start in any runlevel; ``None`` leaves that. It needs ``update-rc.d`` or
        ``chkconfig`` (or ``rc-update``, for OpenRC); without them use ``sysvinit.enable``.
    :param command: one more command for the script; it runs every time.
    :raises OperationError: there is no such script and the service should run, or nothing here enables services.
    :raises OperationValueError: the service should be both stopped and restarted or reloaded.

    ::

        sysvinit.service(name="Run the clock", service="ntp", enabled=True)
    """
    check_name(service)
    wish = Wish(running, restarted, reloaded, command, enabled)
    host = current_host.get()

    def is_running() -> bool:
        return state_of(service, host.get_fact(InitScript, service=service), wish, "/etc/init.d")

    def is_enabled() -> bool:
        return any(posixpath.basename(link).startswith("S") for link in host.get_fact(InitLinks, service=service))

    def act(verb: str) -> Shell:
        if verb in ("enable", "disable"):
            return _enable(service, verb)
        return sh(f"/etc/init.d/{service}", verb)

    yield from control(service, wish, is_running, act, is_enabled)


@operation()
def enable(
    service: str,
    start_priority: int | str = 20,
    stop_priority: int | str = 80,
    start_levels: Iterable[int] = (2, 3, 4, 5),
    stop_levels: Iterable[int] = (0, 1, 6),
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Say in which runlevels a service starts and stops, and when, by links in ``/etc/rc?.d``.

    In the runlevels that are named the service has the links that are asked for and no others; the other runlevels
    stay as they are.

    :param service: the name of the script in ``/etc/init.d``.
    :param start_priority: two digits: lower numbers start earlier.
    :param stop_priority: as ``start_priority``, for stopping.
    :param start_levels: runlevels, 0 to 6, in which it starts.
    :param stop_levels: runlevels in which it stops.
    :raises OperationValueError: a priority or runlevel that is none.

    ::

        sysvinit.enable(name="Start late", service="app", start_priority=95, stop_priority=5)
    """
    check_name(service)
    start, stop = _levels(start_levels), _levels(stop_levels)
    wanted = {f"/etc/rc{level}.d/S{_priority(start_priority)}{service}" for level in start}
    wanted |= {f"/etc/rc{level}.d/K{_priority(stop_priority)}{service}" for level in stop}
    steps = [*_link(service, current_host.get().get_fact(InitLinks, service=service), wanted)]
    if not steps:
        current_host.get().noop(f"the links of {service} are as they should be")
    yield from steps


def _link(service: str, have: Mapping[str, str], wanted: set[str]) -> Steps:
    directories = {posixpath.dirname(path) for path in wanted}
    right = {path for path, target in have.items() if _leads_to(path, target) == f"/etc/init.d/{service}"}
    wrong = sorted(path for path in have if posixpath.dirname(path) in directories and path not in wanted & right)
    missing = sorted(wanted - right)
    for path in wrong:
        yield Change(path, have[path], None)
    if wrong:
        yield sh("rm", "-f", "--", *wrong)
    for path in missing:
        yield Change(path, None, f"../init.d/{service}")
    if missing:
        yield sh("mkdir", "-p", "--", *sorted({posixpath.dirname(path) for path in missing}))
        yield sh(Raw("for f in"), *missing, Raw("; do ln -s"), f"../init.d/{service}", Raw('"$f" || exit 1; done'))


def _leads_to(path: str, target: str) -> str:
    return posixpath.normpath(posixpath.join(posixpath.dirname(path), target))


def _enable(service: str, verb: str) -> Shell:
    host = current_host.get()
    if host.get_fact(Which, command="update-rc.d"):
        # `defaults` does nothing where links are, those of a disabled service among them; `enable` needs links.
        if verb == "enable":
            return sh("update-rc.d", service, "defaults", Raw("&&"), "update-rc.d", service, "enable")
        return sh("update-rc.d", service, "disable")
    if host.get_fact(Which, command="chkconfig"):
        if verb == "enable":
            return sh("chkconfig", "--add", service, Raw("&&"), "chkconfig", service, "on")
        return sh("chkconfig", service, "off")
    if host.get_fact(Which, command="rc-update"):
        return sh("rc-update", "add" if verb == "enable" else "del", service, "default")
    raise OperationError(f"neither update-rc.d nor chkconfig is here to {verb} {service}", hint="use sysvinit.enable")


def _priority(priority: int | str) -> str:
    text = str(priority)
    if not text.isdecimal() or int(text) > 99:
        raise OperationValueError(f"{priority!r} is not a priority", hint="priorities are 0 to 99")
    return f"{int(text):02}"


def _levels(levels: Iterable[int | str]) -> set[str]:
    found = {str(level) for level in levels}
    if wrong := found - set("0123456"):
        raise OperationValueError(f"{', '.join(sorted(wrong))}: runlevels are 0 to 6")
    return found
