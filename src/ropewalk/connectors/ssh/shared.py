"""What the connections of one run share: decrypted keys, answers, and the hosts that others are reached through."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import asyncssh


@dataclass(slots=True)
class Shared:
    """One per event loop, found with :meth:`of_this_loop`.

    :ivar keys: private keys by file name and time of change.
    :ivar answers: what was asked and is not asked again.
    :ivar asking: held while the user is asked something: one question at a time.
    """

    keys: dict[Hashable, asyncio.Task[Any]] = field(default_factory=dict)
    answers: dict[str, asyncio.Task[str | None]] = field(default_factory=dict)
    asking: asyncio.Lock = field(default_factory=asyncio.Lock)
    gateways: Gateways = field(default_factory=lambda: Gateways())

    @classmethod
    def of_this_loop(cls) -> Shared:
        loop = asyncio.get_running_loop()
        if loop not in _loops:
            for gone in [other for other in _loops if other.is_closed()]:
                del _loops[gone]  # with the secrets in it
            _loops[loop] = cls()
        return _loops[loop]


class Gateways:
    """Connections to jump hosts: a thousand hosts behind one of them use one connection to it."""

    def __init__(self) -> None:
        self._open: dict[Hashable, _Gateway] = {}

    async def acquire(
        self, key: Hashable, connect: Callable[[], Awaitable[asyncssh.SSHClientConnection]]
    ) -> asyncssh.SSHClientConnection:
        """Return the connection of this key, made with ``connect`` if there is none. Goes with :meth:`release`."""
        gateway = self._open.get(key)
        if gateway is None or gateway.lost():
            gateway = self._open[key] = _Gateway(asyncio.ensure_future(connect()))
        gateway.users += 1
        try:
            return await asyncio.shield(gateway.connecting)
        except BaseException:
            self._leave(key, gateway)
            raise

    async def release(self, key: Hashable, connection: asyncssh.SSHClientConnection) -> None:
        """Say that a connection is not needed any more; the last one to say so closes it."""
        gateway = self._open.get(key)
        if gateway is not None and gateway.is_of(connection) and self._leave(key, gateway):
            connection.close()
            await connection.wait_closed()

    def _leave(self, key: Hashable, gateway: _Gateway) -> bool:
        gateway.users -= 1
        if gateway.users == 0 and self._open.get(key) is gateway:
            del self._open[key]
            gateway.connecting.cancel()
        return gateway.users == 0


@dataclass(slots=True)
class _Gateway:
    connecting: asyncio.Future[asyncssh.SSHClientConnection]
    users: int = 0

    def lost(self) -> bool:
        done = self.connecting.done()
        return done and (self.connecting.cancelled() or bool(self.connecting.exception()) or self._closed())

    def is_of(self, connection: asyncssh.SSHClientConnection) -> bool:
        return self.connecting.done() and not self.connecting.cancelled() and self.connecting.result() is connection

    def _closed(self) -> bool:
        return self.connecting.result().is_closed()


_loops: dict[asyncio.AbstractEventLoop, Shared] = {}
