"""Hosts that do not exist: ``@fake/web1``, ``@fake/web[1:500]``. For tests of deploys, and for experiments with load.

Everything above is real: sessions, facts, chains, uploads, guards, escalation. What commands write is scripted.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable, Sequence
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors.fake.answers import Answer as Answer
from ropewalk.connectors.fake.data import host_of
from ropewalk.connectors.fake.files import FakeFile as FakeFile
from ropewalk.connectors.fake.host import FakeHost as FakeHost
from ropewalk.connectors.fake.host import Ran as Ran
from ropewalk.model.errors import ConnectionLost, InventoryError
from ropewalk.model.target import Target

_RANGE = re.compile(r"\[(\d+):(\d+)\]")


class FakeConnector:
    """Opens processes that answer from a script; ``data.py`` lists what it reads of a host's data."""

    scheme: ClassVar[str] = "fake"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self.host = host_of(target.name, target.data)
        self._timeout, self._connected = options.connect_timeout, False

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the hosts of an address.

        :raises InventoryError: a range ends before it begins.

        >>> [target.name for target in FakeConnector.targets("web[08:10]")]
        ['@fake/web08', '@fake/web09', '@fake/web10']
        """
        if address is None:
            return [Target("@fake", {}, ("@fake",))]
        return [Target(f"@fake/{name}", {}, ("@fake",)) for name in _expanded(address)]

    async def connect(self) -> None:
        """Take the time of a round trip.

        :raises ConnectError: ``fake_failure`` says so.
        """
        if seconds := self.host.latency():
            await asyncio.sleep(seconds)
        await self.host.connect(self._timeout)
        self._connected = True

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        if not self._connected or self.host.lost:
            raise ConnectionLost("the connection is gone")
        return self.host.open(argv, pty=pty)

    async def close(self) -> None:
        self._connected = False
        await self.host.close()


def _expanded(address: str) -> list[str]:
    found = _RANGE.search(address)
    if found is None:
        return [address]
    first, last = int(found[1]), int(found[2])
    if last < first:
        raise InventoryError(f"@fake/{address}: the range ends before it begins", hint="write it as in web[1:500]")
    width = len(found[1]) if found[1].startswith("0") else 0
    names = (f"{address[: found.start()]}{number:0{width}}" for number in range(first, last + 1))
    return [f"{name}{rest}" for name in names for rest in _expanded(address[found.end() :])]
