"""Units of systemd."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Which
from ropewalk.facts.systemd import SystemdEnabled, SystemdStatus
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Shell, Steps, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.services import Wish, control

# systemd.unit(5)
_SUFFIXES = (
    "service", "socket", "device", "mount", "automount", "swap", "target", "path", "timer", "slice", "scope",
)  # fmt: skip


@operation(is_idempotent=False, idempotent_notice="systemd reads its unit files every time; add an `_if`.")
def daemon_reload(
    user_mode: bool = False,
    machine: str | None = None,
    user_name: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Let systemd read its unit files again.

    :param user_mode: the systemd of a user instead of the system's.
    :param machine: the systemd in this container, see machinectl(1).
    :param user_name: connect as this user.

    ::

        unit = files.put(src="app.service", dest="/etc/systemd/system/app.service")
        systemd.daemon_reload(name="Read unit files", _if=unit.did_change)
    """
    yield _systemctl(user_mode, machine, user_name, "daemon-reload")


@operation()
def service(
    service: str,
    running: bool | None = True,
    restarted: bool = False,
    reloaded: bool = False,
    command: str | None = None,
    enabled: bool | None = None,
    daemon_reload: bool = False,
    user_mode: bool = False,
    machine: str | None = None,
    user_name: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Start, stop, restart, reload, enable or disable a unit.

    :param service: the unit; a name without the suffix of a unit is a ``.service``.
    :param running: whether it should run; ``None`` leaves it as it is (then ``enabled`` works in a chroot too).
    :param restarted: restart it if it was running: a change on every run, so give it an ``_if``.
    :param reloaded: reload it if it was running; not done in addition to a restart.
    :param command: one more systemctl command for the unit, such as ``reset-failed``; it runs every time.
    :param enabled: whether it should start at boot; ``None`` leaves that. Units that cannot be enabled because
        others start them (``static``) count as enabled.
    :param daemon_reload: first let systemd read its unit files again; a change on every run.
    :param user_mode: a unit of a user's own systemd. ``user_name`` says whose; without it, the connecting user's.
    :param machine: in this container, see machinectl(1).
    :param user_name: connect to systemd as this user.
    :raises OperationError: the host does not run systemd.
    :raises OperationValueError: the unit should be both stopped and restarted or reloaded.

    ::

        config = files.template(src="app.conf.j2", dest="/etc/app.conf")
        systemd.service(name="Run the app", service="app", enabled=True, restarted=config.changed)
    """
    unit = unit_name(service)
    wish = Wish(running, restarted, reloaded, command, enabled)

    place = {"user_mode": user_mode, "machine": machine, "user_name": user_name}
    host = current_host.get()

    def is_running() -> bool:
        return _of(unit, host.get_fact(SystemdStatus, services=[unit], **place))

    def is_enabled() -> bool:
        return _of(unit, host.get_fact(SystemdEnabled, services=[unit], **place))

    def act(verb: str) -> Shell:
        return _systemctl(user_mode, machine, user_name, verb, "--", unit)

    if daemon_reload:
        yield _systemctl(user_mode, machine, user_name, "daemon-reload")
    yield from control(unit, wish, is_running, act, is_enabled)


def unit_name(name: str) -> str:
    """Return the full name of a unit.

    >>> unit_name("ssh"), unit_name("backup.timer"), unit_name("site@example.org")
    ('ssh.service', 'backup.timer', 'site@example.org.service')
    """
    if not name or any(character.isspace() or character in "/*?[]" for character in name):
        raise OperationValueError(f"{name!r} is not the name of a unit")
    return name if name.rpartition(".")[2] in _SUFFIXES and "." in name else f"{name}.service"


def _of(unit: str, states: Mapping[str, bool]) -> bool:
    """Return the state of the one unit that was asked for; an alias is answered under the unit's own name."""
    if not states:
        found = current_host.get().get_fact(Which, command="systemctl")
        raise OperationError(
            f"systemd does not say what {unit} does" if found else "systemctl is not installed",
            hint="this host may not run systemd; `server.service` finds the service manager that it runs",
        )
    return states[unit] if unit in states else next(iter(states.values()))


def _systemctl(user_mode: bool, machine: str | None, user_name: str | None, *words: str) -> Shell:
    # systemctl(1), --machine: USER@MACHINE, where ".host" is this one.
    where = f"{user_name}@{machine or '.host'}" if user_name else machine
    return sh("systemctl", *(["--user"] if user_mode else []), *([f"--machine={where}"] if where else []), *words)
