"""Hosts reached over SSH: ``@ssh/host``, and every name in an inventory without a connector of its own."""

from __future__ import annotations

import asyncio
import logging
import random
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from typing import Any, ClassVar, Protocol

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors.ssh.address import Address, parse_address
from ropewalk.connectors.ssh.data import read_data
from ropewalk.connectors.ssh.libraries import found_quickly
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.connectors.ssh.route import plan_route
from ropewalk.connectors.ssh.shared import Shared
from ropewalk.model.errors import (
    AuthenticationFailed,
    ConfigError,
    ConnectError,
    ConnectionLost,
    HostKeyRejected,
    InventoryError,
)
from ropewalk.model.target import Target

logger = logging.getLogger("ropewalk")

RETRY_DELAYS = (0.1, 0.5)


class Backend(Protocol):
    """A way to speak SSH."""

    async def connect(self) -> None: ...

    async def open(self, argv: Sequence[str], *, pty: bool) -> Stream: ...

    async def close(self) -> None: ...


class SSHConnector:
    """Reaches one SSH server.

    :raises ConnectorDataTypeError: host data have a wrong type.
    :raises InventoryError: the address makes no sense.
    """

    scheme: ClassVar[str] = "ssh"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self.target, self._options = target, options
        self._data = read_data(target.name, target.data)
        name = target.name.removeprefix("@ssh/")
        self.address: Address = parse_address(self._data.get("ssh_hostname") or name)
        self._backend: Backend | None = None

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the one host of ``@ssh/address``.

        :param address: ``[user@]host[:port]``.
        """
        if not address:
            raise InventoryError("@ssh needs a host", hint="Write @ssh/host or @ssh/user@host:port.")
        parsed = parse_address(address)
        data: dict[str, Any] = {"ssh_hostname": parsed.host, "ssh_user": parsed.user, "ssh_port": parsed.port}
        return [Target(f"@ssh/{address}", {key: value for key, value in data.items() if value is not None})]

    async def connect(self) -> None:
        """Log in; try again as often as ``ssh_connect_retries`` says, unless the host has refused us for good."""
        left = self._data.get("ssh_connect_retries", 0)
        least, most = RETRY_DELAYS
        least = self._data.get("ssh_connect_retry_min_delay", least)
        most = max(least, self._data.get("ssh_connect_retry_max_delay", most))
        while True:
            try:
                return await self._connect()
            except (AuthenticationFailed, HostKeyRejected):
                raise
            except ConnectError:
                if left <= 0:
                    raise
                left -= 1
            await asyncio.sleep(random.uniform(least, most))

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        if self._backend is None:
            raise ConnectionLost(f"{self.address}: not connected")
        return await self._backend.open(argv, pty=pty)

    async def close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            await backend.close()

    async def _connect(self) -> None:
        await SSHConnector.close(self)  # after a reboot we are asked to connect again
        backend = await self._make_backend()
        try:
            await backend.connect()
        except BaseException:
            await backend.close()
            raise
        self._backend = backend

    async def _make_backend(self) -> Backend:
        prompter = Prompter(self._options.ask_secret, Shared.of_this_loop())
        name = str(self._data.get("ssh_backend") or self._options.settings.get("ssh_backend") or "asyncssh").lower()
        if name == "openssh":
            from ropewalk.connectors.ssh.openssh import OpenSSHBackend

            return OpenSSHBackend(self.address, self._data, prompter, self._options)
        if name != "asyncssh":
            raise ConfigError(f"there is no SSH backend {name!r}", hint="It is asyncssh or openssh.")
        with found_quickly():
            from ropewalk.connectors.ssh.native import NativeBackend

        if self._data.get("ssh_control_persist"):
            logger.warning("host %s: ssh_control_persist needs ssh_backend openssh", self.target.name)
        timeout = self._options.connect_timeout
        route = await asyncio.to_thread(plan_route, self.address, self._data, timeout=timeout)
        return NativeBackend(route, prompter, self._options.limiter or nullcontext())
