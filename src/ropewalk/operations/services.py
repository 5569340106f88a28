"""What every service manager shares: which commands bring a service to the state a deploy asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from ropewalk.api.context import current_host
from ropewalk.model.command import Change, Renderable, Steps
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.model.record import record


@record
class Wish:
    """What a deploy asks of a service.

    :ivar running: whether it should run; ``None``: as it is.
    :ivar restarted: restart it if it runs.
    :ivar reloaded: reload it if it runs.
    :ivar command: one more command of the service manager for it, run every time.
    :ivar enabled: whether it should start at boot; ``None``: as it is.
    """

    running: bool | None = True
    restarted: bool = False
    reloaded: bool = False
    command: str | None = None
    enabled: bool | None = None

    def __post_init__(self) -> None:
        if self.running is False and (self.restarted or self.reloaded):
            what = "restarted" if self.restarted else "reloaded"
            raise OperationValueError(f"a service cannot be stopped and {what}", hint="leave out `running=False`")

    @property
    def needs_status(self) -> bool:
        """Whether it matters if the service runs now."""
        return self.running is not None or self.restarted or self.reloaded


def control(
    service: str,
    wish: Wish,
    is_running: Callable[[], bool],
    act: Callable[[str], Renderable],
    is_enabled: Callable[[], bool] | None = None,
) -> Steps:
    """Yield the commands that bring a service to the wished state; none when it is there.

    :param is_running: asked only when it matters.
    :param act: returns the command for ``start``, ``stop``, ``restart``, ``reload``, ``enable``, ``disable`` or the
        wished command.
    :param is_enabled: asked only when ``enabled`` is wished; managers without it enable in a way of their own.
    """
    steps = [*_running(service, wish, is_running, act)]
    if wish.command is not None:
        check_command(wish.command)
        steps.append(act(wish.command))
    if wish.enabled is not None and is_enabled is not None:
        steps.extend(_enabled(service, wish.enabled, is_enabled, act))
    if not steps:
        current_host.get().noop(f"{service} is as it should be")
    yield from steps


def _running(service: str, wish: Wish, is_running: Callable[[], bool], act: Callable[[str], Renderable]) -> Steps:
    if not wish.needs_status:
        return
    running = is_running()
    if wish.running is not None and wish.running != running:
        yield Change(service, *(("stopped", "running") if wish.running else ("running", "stopped")))
        yield act("start" if wish.running else "stop")
    elif running and wish.restarted:  # a service that restarts has read its configuration: no reload after it
        yield act("restart")
    elif running and wish.reloaded:
        yield act("reload")


def _enabled(service: str, wanted: bool, is_enabled: Callable[[], bool], act: Callable[[str], Renderable]) -> Steps:
    if is_enabled() == wanted:
        return
    yield Change(f"{service} at boot", *(("disabled", "enabled") if wanted else ("enabled", "disabled")))
    yield act("enable" if wanted else "disable")


def check_name(service: str) -> None:
    """Refuse what cannot be the name of a service: it becomes part of paths, and a word of commands.

    :raises OperationValueError: it is empty, begins with a dash, or holds a slash, white space or a pattern.
    """
    bad = not service or service in (".", "..") or service.startswith("-")
    if bad or any(character.isspace() or character in "/*?[]\0" for character in service):
        raise OperationValueError(f"{service!r} is not the name of a service")


def check_command(command: str) -> None:
    """Refuse what a service manager would take for an option.

    :raises OperationValueError: it is empty or begins with a dash.
    """
    if not command or command.startswith("-"):
        raise OperationValueError(f"{command!r} is not a command of the service manager")


def state_of(service: str, states: Mapping[str, bool | None], wish: Wish, manager: str) -> bool:
    """Return whether a service runs; one of which that is not known counts as not being as wished.

    :param states: what the host says; without the service if there is no such service.
    :param manager: what knows the services, for the message.
    :raises OperationError: it should run, and does not exist.
    """
    if service not in states:
        if wish.running:
            raise OperationError(f"{manager} knows no service {service}", hint="install it first")
        return False
    state = states[service]
    return not wish.running if state is None else state
