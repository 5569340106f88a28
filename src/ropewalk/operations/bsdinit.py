"""Services of the BSDs."""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.bsdinit import RcdEnabled, RcdScript, script_path
from ropewalk.facts.server import Os
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Shell, Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.services import Wish, check_name, control, state_of

_PLAIN = ("start", "stop", "restart", "reload")


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
    """Start, stop, restart, reload, enable or disable a service of a BSD.

    A service is started, stopped and asked whether it is enabled or not.

    :param service: the name of its script in ``/etc/rc.d``, ``/usr/local/etc/rc.d`` or ``/usr/pkg/etc/rc.d``.
    :param running: whether it should run; ``None`` leaves it as it is.
    :param restarted: restart it if it was running: a change on every run, so give it an ``_if``.
    :param reloaded: reload it if it was running; not done in addition to a restart.
    :param command: one more command for its script; it runs every time.
    :param enabled: whether it should start with the system; ``None`` leaves that. FreeBSD writes it to rc.conf(5),
        DragonFly with rcenable(8), OpenBSD with rcctl(8).
    :raises OperationError: there is no such service, and it should run; or the system has no command that enables one.
    :raises OperationValueError: the service should be both stopped and restarted or reloaded.

    ::

        bsdinit.service(name="Serve the web site", service="nginx", enabled=True)
    """
    check_name(service)
    wish = Wish(running, restarted, reloaded, command, enabled)
    host = current_host.get()
    system = host.get_fact(Os) or ""

    def is_running() -> bool:
        return state_of(service, host.get_fact(RcdScript, service=service), wish, "/etc/rc.d")

    def is_enabled() -> bool:
        return host.get_fact(RcdEnabled, service=service)

    def act(verb: str) -> Shell:
        return _act(system, service, verb)

    yield from control(service, wish, is_running, act, is_enabled)


def _act(system: str, service: str, verb: str) -> Shell:
    if system == "OpenBSD" and verb in ("start", "enable", "disable"):
        return sh("rcctl", *(["-f"] if verb == "start" else []), verb, service)
    if system == "DragonFly" and verb in ("enable", "disable"):
        return sh(f"rc{verb}", service)
    if system == "NetBSD" and verb in ("enable", "disable"):
        raise OperationError("NetBSD has no command that enables a service", hint="edit /etc/rc.conf with files.line")
    # Without "one", rc.subr(8) does nothing for services that are not enabled; OpenBSD has no such words.
    word = f"one{verb}" if verb in _PLAIN and system != "OpenBSD" else verb
    missing = sh("echo", f"there is no service {service}").render()
    return sh("set", "--", service, Raw(f'; {script_path()}; [ -n "$f" ] || {{ {missing} >&2; exit 1; }}; "$f"'), word)
