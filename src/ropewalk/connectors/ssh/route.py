"""The way to a server: its settings, and those of the jump hosts before it."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any, cast

from ropewalk.connectors.ssh import config
from ropewalk.connectors.ssh.address import Address
from ropewalk.connectors.ssh.data import SSHData
from ropewalk.connectors.ssh.settings import Settings, resolve
from ropewalk.model.errors import ConnectError
from ropewalk.model.record import record

#: What a jump host takes from the data of the host behind it. Not the password: that is for the host alone.
_INHERITED = (
    "ssh_key",
    "ssh_key_password",
    "ssh_allow_agent",
    "ssh_look_for_keys",
    "ssh_config_file",
    "ssh_known_hosts_file",
    "ssh_strict_host_key_checking",
    "ssh_keepalive_interval",
)


@record
class Route:
    """A server, and the way to the last jump host before it, if there is one."""

    settings: Settings
    through: Route | None = None

    @property
    def key(self) -> Hashable:
        """What two routes have in common when one connection serves both."""
        own = self.settings
        before = None if self.through is None else self.through.key
        place = own.host, own.port, own.user, own.proxy_command
        keys = own.identities, own.certificates, own.agent, own.key_password
        return place, keys, own.policy, own.known_hosts, own.alias, before


def plan_route(address: Address, data: SSHData, *, timeout: float = 10.0) -> Route:
    """Return the way to a server, from its data and OpenSSH's configuration.

    :raises ConnectError: the configuration cannot be read, or its jump hosts lead in a circle.
    """
    return _plan(address, data, timeout, ())


def _plan(address: Address, data: SSHData, timeout: float, behind: tuple[str, ...]) -> Route:
    settings = _settings(address, data, timeout)
    step = f"{settings.name} ({settings.place})"
    if step in behind:
        raise ConnectError(
            f"{behind[0]}: the jump hosts lead in a circle: {' -> '.join((*behind, step))}",
            hint="Correct ssh_jump, or ProxyJump in ~/.ssh/config.",
        )
    through: Route | None = None
    for index, jump in enumerate(settings.jumps):
        inherited = cast(SSHData, {key: value for key, value in data.items() if key in _INHERITED})
        if index > 0:
            through = Route(_settings(jump, _direct(inherited), timeout), through)
        else:
            through = _plan(jump, inherited, timeout, (*behind, step))
    return Route(settings, through)


def _direct(data: SSHData) -> SSHData:
    """Jump hosts after the first are reached through the one before, whatever their own configuration says."""
    return {**data, "ssh_jump": ""}


def _settings(address: Address, data: SSHData, timeout: float) -> Settings:
    files: Any = [data["ssh_config_file"]] if "ssh_config_file" in data else None
    user, port = data.get("ssh_user") or address.user, data.get("ssh_port") or address.port
    return resolve(address, data, config.load(address.host, user=user, port=port, files=files), timeout=timeout)
