"""runit.service"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.runit import RunitStatus
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Raw, Shell, Steps, sh
from ropewalk.operations.runit.auto import set_auto, starts_itself
from ropewalk.operations.runit.manage import linking
from ropewalk.operations.runit.wait_runsv import waiting
from ropewalk.operations.services import Wish, check_command, check_name, control, state_of
from ropewalk.operations.steps import or_noop

_PATIENCE = 10  # seconds; runsvdir looks every five


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    reloaded: bool = False,
    command: str | None = None,
    enabled: bool | None = None,
    managed: bool = True,
    svdir: str = "/var/service",
    sourcedir: str = "/etc/sv",
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Let runit supervise a service, and start, stop, restart, reload, enable or disable it.

    :param service: the service's name.
    :param running: whether it should run; ``None`` leaves it as it is.
    :param restarted: restart it if it was running: a change on every run, so give it an ``_if``.
    :param reloaded: reload it if it was running; not done in addition to a restart.
    :param command: one more command of sv(8) for it, such as ``hup``; it runs every time.
    :param enabled: whether it should start when its supervision begins, as at boot; ``None`` leaves that.
    :param managed: ``False``: take its link away, whereupon runit stops it; nothing else but ``enabled`` matters then.
    :param svdir: the directory of supervised services: ``/var/service`` on Void, ``/etc/service`` on Debian.
    :param sourcedir: where the directory of the service itself is.
    :raises OperationError: there is no ``svdir``, or something else than a link is in the way.
    :raises OperationValueError: the service should be both stopped and restarted or reloaded.

    ::

        runit.service(name="Run the app", service="app", svdir="/etc/service", enabled=True)
    """
    check_name(service)
    if command is not None:
        check_command(command)
    wish = Wish(running, restarted, reloaded, command, enabled)
    linked = linking(service, managed, svdir, sourcedir)
    if not managed:
        yield from or_noop([*linked, *_enable(service, enabled, sourcedir)], f"{service} is not supervised")
        return
    if linked:
        yield from _begin(service, wish, linked, svdir, sourcedir)
        return

    def is_running() -> bool:
        states = current_host.get().get_fact(RunitStatus, service=service, svdir=svdir)
        return state_of(service, states, wish, svdir)

    def act(verb: str) -> Shell:
        if verb in ("enable", "disable"):
            return set_auto(service, verb == "enable", sourcedir)
        return _sv(svdir, verb, service)

    yield from control(service, wish, is_running, act, lambda: starts_itself(service, sourcedir))


def _begin(service: str, wish: Wish, linked: tuple[Change, Shell], svdir: str, sourcedir: str) -> Steps:
    """Yield the steps for a service whose supervision begins."""
    before = starts_itself(service, sourcedir)
    after = before if wish.enabled is None else wish.enabled
    wait = waiting(service, svdir, _PATIENCE)
    if wish.running or not before:
        yield from (*linked, wait)
        yield from _enable(service, wish.enabled, sourcedir)
    elif not after:
        yield from (*_enable(service, wish.enabled, sourcedir), *linked, wait)
    else:
        change, link = linked
        yield change
        yield _without_starting(service, sourcedir, sh(Raw(link.render()), Raw("&& {"), Raw(wait.render()), Raw("; }")))
    if wish.running:
        yield Change(service, None, "running")
        yield _sv(svdir, "start", service)
    if wish.command is not None:
        yield _sv(svdir, wish.command, service)


def _enable(service: str, enabled: bool | None, sourcedir: str) -> Steps:
    if enabled is not None and starts_itself(service, sourcedir) != enabled:
        yield Change(f"{service} at boot", *(("disabled", "enabled") if enabled else ("enabled", "disabled")))
        yield set_auto(service, enabled, sourcedir)


def _without_starting(service: str, sourcedir: str, command: Shell) -> Shell:
    """Return a command that has a file ``down`` around another one, also when that fails."""
    down, up = (set_auto(service, auto, sourcedir).render() for auto in (False, True))
    return sh(Raw(f"{down} && {{ ( {command.render()} ); status=$?; {up}; (exit $status); }}"))


def _sv(svdir: str, verb: str, service: str) -> Shell:
    return sh("env", f"SVDIR={svdir}", "sv", verb, service)
