"""Units of systemd, as systemctl(1) shows them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from ropewalk.api.fact import FactBase
from ropewalk.model.command import Raw, Shell, sh


class SystemdStatus(FactBase[dict[str, bool]]):
    """Whether units run: ``{"ssh.service": True, "cron.service": False}``.

    Running are services that run, or ran and are still active; sockets, paths and timers that wait; what is mounted.

    :param user_mode: ask the user's own manager, not the system's. Without one, as for users who are not logged
        in, there are no units.
    :param machine: ask that of a container.
    :param user_name: ask that of this user; with ``user_mode``, for one who is not the user that commands run as.
    :param services: a unit or several; a name without a suffix is a service's. By default all units in memory.
    """

    #: The property of a unit that is looked at, and its values that count as true.
    state_key: ClassVar[str] = "SubState"
    state_values: ClassVar[frozenset[str]] = frozenset({"running", "waiting", "exited", "listening", "mounted"})

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "systemctl"

    def command(
        self,
        user_mode: bool = False,
        machine: str | None = None,
        user_name: str | None = None,
        services: str | Sequence[str] | None = None,
    ) -> Shell:
        units = ["*"] if services is None else [services] if isinstance(services, str) else list(services)
        if not units:
            return sh("true")
        show = sh(*systemctl(user_mode, machine, user_name), "show", "--all", "--property", "Id",
                  "--property", self.state_key, "--", *units)  # fmt: skip
        return _unless_without_manager(show) if user_mode else show

    def process(self, output: list[str]) -> dict[str, bool]:
        units: dict[str, bool] = {}
        unit: dict[str, str] = {}
        for line in [*output, ""]:
            key, equals, value = line.partition("=")
            if equals:
                unit[key] = value
            elif not line.strip():
                if unit.get("Id"):
                    units[unit["Id"]] = unit.get(self.state_key, "") in self.state_values
                unit = {}
        return units

    @staticmethod
    def default() -> dict[str, bool]:
        return {}


class SystemdEnabled(SystemdStatus):
    """Whether units start by themselves, or cannot but be started (static ones); see :class:`SystemdStatus`.

    ::

        {"ssh.service": True, "rsync.service": False}
    """

    state_key = "UnitFileState"
    state_values = frozenset({"enabled", "static"})


def systemctl(user_mode: bool = False, machine: str | None = None, user_name: str | None = None) -> tuple[str, ...]:
    """Return the words that ask the right manager: the system's, a user's, or one in a container.

    >>> systemctl(user_mode=True, user_name="ann")
    ('systemctl', '--user', '--machine=ann@.host')
    """
    user = ("--user",) if user_mode else ()
    if user_name:
        return ("systemctl", *user, f"--machine={user_name}@{machine or '.host'}")
    return ("systemctl", *user, f"--machine={machine}") if machine else ("systemctl", *user)


def _unless_without_manager(show: Shell) -> Shell:
    """Succeed without output if a command fails because the user has no manager that could be asked."""
    text = show.render()
    return sh(
        Raw(f"show() {{ LC_ALL=C {text}; }}; show 2>/dev/null ||"),
        Raw("case $(show 2>&1) in *'Failed to connect to '*bus*|*'Transport endpoint is not connected'*) ;;"),
        Raw("*) show;; esac"),
    )
