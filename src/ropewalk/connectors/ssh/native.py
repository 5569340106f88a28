"""SSH in this process: connects with asyncssh.

Imported only when a connection is made, because asyncssh takes a moment to import.
"""

from __future__ import annotations

import asyncio
import contextlib
import shlex
import socket
import subprocess
from collections.abc import Hashable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any

import asyncssh

from ropewalk.api.connector import Stream
from ropewalk.connectors.ssh import host_key
from ropewalk.connectors.ssh.algorithms import algorithms
from ropewalk.connectors.ssh.client import Client
from ropewalk.connectors.ssh.errors import refused, timed_out, translated
from ropewalk.connectors.ssh.keys import Keyring
from ropewalk.connectors.ssh.known_hosts import Entry, look_up
from ropewalk.connectors.ssh.prompt import Prompter
from ropewalk.connectors.ssh.route import Route
from ropewalk.connectors.ssh.settings import HostKeyPolicy, Settings
from ropewalk.connectors.ssh.shared import Shared
from ropewalk.connectors.ssh.stream import SSHStream
from ropewalk.model.errors import ConnectError, ConnectionLost, HostKeyRejected

_FAMILIES = {"any": socket.AF_UNSPEC, "inet": socket.AF_INET, "inet6": socket.AF_INET6}
# asyncssh takes what a proxy command says on standard error for data, and the end of it for the end of the connection.
# So a shell holds that open beside the command, which may close all that it does not know, as ssh does.
_APART = "exec 9>&2 2>/dev/null; ({}\n)\nexit $?"
#: Seconds that the end of a proxy command is waited for.
_PROXY_ENDS = 1.0
_REFUSED_FOR_GOOD = {asyncssh.OPEN_REQUEST_PTY_FAILED, asyncssh.OPEN_REQUEST_SESSION_FAILED}


class NativeBackend:
    """Holds the connections to one server: one, and more when the server allows no more sessions on it.

    (OpenSSH allows ten, ``MaxSessions`` in sshd_config(5).)
    """

    def __init__(self, route: Route, prompter: Prompter, limiter: AbstractAsyncContextManager[Any]) -> None:
        self._settings, self._route, self._prompter, self._limiter = route.settings, route, prompter, limiter
        self._shared = Shared.of_this_loop()
        self._connections: list[asyncssh.SSHClientConnection] = []
        self._gateways: list[tuple[Hashable, asyncssh.SSHClientConnection]] = []
        self._growing = asyncio.Lock()

    async def connect(self) -> None:
        """Log in.

        :raises ConnectError: that cannot be done.
        """
        try:
            async with self._limiter, asyncio.timeout(self._settings.timeout) as self._prompter.deadline:
                self._connections.append(await self._log_in(self._route))
        except TimeoutError:
            raise timed_out(self._settings) from None
        finally:
            self._prompter.deadline = None

    async def open(self, argv: Sequence[str], *, pty: bool) -> Stream:
        """Start a process on the server."""
        command = shlex.join(argv)
        stream = await self._open_on_any(command, pty)
        if stream is not None:
            return stream
        async with self._growing:
            stream = await self._open_on_any(command, pty)
            if stream is None:
                await self.connect()
                stream = await self._open_on_any(command, pty)
        if stream is None:
            raise ConnectError(
                f"{self._settings.place}: the server refuses to start a process",
                hint="It may not allow sessions at all (MaxSessions in sshd_config).",
            )
        return stream

    async def close(self) -> None:
        """Log out."""
        connections, self._connections = self._connections, []
        programs = []
        if self._settings.proxy_command is not None:
            programs = [each.get_extra_info("subprocess") for each in connections if not each.is_closed()]
        for connection in connections:
            connection.close()
        for connection in connections:
            await connection.wait_closed()
        await _ended([program for program in programs if program is not None])
        gateways, self._gateways = self._gateways, []
        for key, connection in gateways:
            await self._shared.gateways.release(key, connection)

    async def _open_on_any(self, command: str, pty: bool) -> SSHStream | None:
        """Open a stream on the newest connection that has room; ``None`` if none has."""
        self._connections = [connection for connection in self._connections if not connection.is_closed()]
        if not self._connections:
            raise ConnectionLost(
                f"{self._settings.place}: the connection was lost", hint="Is the host still up? Run again."
            )
        for connection in reversed(self._connections):
            stream = SSHStream(self._settings.place)
            try:
                await stream.start(connection, command, pty=pty)
            except asyncssh.ChannelOpenError as error:
                if connection.is_closed():
                    continue
                if error.code in _REFUSED_FOR_GOOD:
                    raise ConnectError(f"{self._settings.place}: {error.reason}") from error
            except (asyncssh.Error, OSError) as error:
                raise ConnectionLost(f"{self._settings.place}: the connection was lost: {error}") from error
            else:
                return stream
        return None

    async def _log_in(self, route: Route) -> asyncssh.SSHClientConnection:
        tunnel = None
        if route.through is not None:
            tunnel = await self._gateway(route.through)
        try:
            return await self._authenticate(route.settings, tunnel)
        except (asyncssh.Error, OSError, ValueError) as error:
            if isinstance(error, TimeoutError) and not error.errno:
                raise
            raise translated(error, route.settings) from error

    async def _gateway(self, route: Route) -> asyncssh.SSHClientConnection:
        key = route.key
        connection = await self._shared.gateways.acquire(key, lambda: self._log_in(route))
        self._gateways.append((key, connection))
        return connection

    async def _authenticate(
        self, settings: Settings, tunnel: asyncssh.SSHClientConnection | None
    ) -> asyncssh.SSHClientConnection:
        keyring = Keyring(settings, self._prompter, self._shared.keys)
        try:
            pairs = await keyring.offers()
            client = Client(settings, self._prompter)
            try:
                return await self._handshake(settings, client, pairs, tunnel)
            except asyncssh.HostKeyNotVerifiable:
                if client.rejection is not None:
                    raise client.rejection from None
                if client.unknown is None:
                    raise
            await self._vouch(settings, client.unknown)
            client = Client(settings, self._prompter)
            return await self._handshake(settings, client, await keyring.offers(), tunnel)
        except asyncssh.PermissionDenied as error:
            raise keyring.failure or refused(settings) from error
        finally:
            keyring.close()

    async def _vouch(self, settings: Settings, key: str) -> None:
        answer = await self._prompter.ask(host_key.question(settings, key))
        if (answer or "").strip().lower() not in {"yes", "y"}:
            raise HostKeyRejected(
                f"{settings.place}: the host key is not known and nobody vouches for it",
                hint="Add it to the known_hosts file, or set ssh_strict_host_key_checking to accept-new.",
            )
        host_key.store(settings, key)

    async def _handshake(
        self,
        settings: Settings,
        client: Client,
        pairs: Sequence[asyncssh.SSHKeyPair],
        tunnel: asyncssh.SSHClientConnection | None,
    ) -> asyncssh.SSHClientConnection:
        place: dict[str, Any] = {"host": settings.host, "port": settings.port, "tunnel": tunnel}
        if settings.sock is not None:
            place = {"sock": settings.sock}
        elif settings.proxy_command is not None:
            place["proxy_command"] = ["sh", "-c", _APART.format(settings.proxy_command)]
        elif tunnel is None:
            place |= {"family": _FAMILIES.get(settings.family, socket.AF_UNSPEC), "local_addr": _local(settings)}
        return await asyncssh.connect(
            **place,
            config=None,
            username=settings.user,
            client_factory=lambda: client,
            client_keys=list(pairs) or None,
            agent_path=None,
            agent_forwarding=settings.forward_agent or False,
            known_hosts=_trusted(settings),
            host_key_alias=settings.alias,
            preferred_auth=_methods(settings, pairs, self._prompter.possible),
            host_based_auth=False,
            gss_host=None,
            x509_trusted_certs=None,
            compression_algs="zlib@openssh.com,zlib,none" if settings.compression else "none,zlib@openssh.com,zlib",
            keepalive_interval=settings.keepalive_interval,
            keepalive_count_max=settings.keepalive_count,
            login_timeout=0,
            encoding=None,
            **algorithms(settings),
        )


async def _ended(programs: Sequence[subprocess.Popen[bytes]]) -> None:
    """Wait until these proxy commands have ended: asyncssh kills them, but does not wait for their ends."""
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(_PROXY_ENDS):
            while any(program.returncode is None for program in programs):  # noqa: ASYNC110  # asyncssh tells nobody
                await asyncio.sleep(0.005)


def _trusted(settings: Settings) -> tuple[list[asyncssh.SSHKey], list[asyncssh.SSHKey], list[asyncssh.SSHKey]] | None:
    """Return what asyncssh checks itself: authorities and revoked keys. Plain keys are for the client to judge."""
    if settings.policy is HostKeyPolicy.OFF:
        return None
    known = look_up(settings.known_hosts, settings.known_as)
    if not known.authorities and settings.port != 22 and not settings.alias:
        known = look_up(settings.known_hosts, settings.host)
    return [], list(_decoded(known.authorities)), list(_decoded(known.revoked))


def _decoded(entries: Sequence[Entry]) -> Iterator[asyncssh.SSHKey]:
    """Decode the keys of entries; one that cannot be decoded cannot be shown by a server either."""
    for entry in entries:
        try:
            yield asyncssh.import_public_key(entry.key)
        except asyncssh.KeyImportError:
            continue


def _methods(settings: Settings, pairs: Sequence[asyncssh.SSHKeyPair], can_ask: bool) -> list[str]:
    """Return the methods that can succeed: the rest would only cost a round trip each."""
    possible = {
        "publickey": bool(pairs),
        "password": settings.password is not None,
        "keyboard-interactive": settings.password is not None or can_ask,
    }
    return [method for method in settings.methods if possible[method]] or ["publickey"]


def _local(settings: Settings) -> tuple[str, int] | None:
    return (settings.bind_address, 0) if settings.bind_address else None
