"""Connectors that are reached through others: ``@ssh/bastion/@docker/web``, or ``via`` in a host's data."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

from ropewalk.api.addresses import hop
from ropewalk.api.connector import Connector, ConnectorOptions, Stream
from ropewalk.api.host import Host
from ropewalk.api.registry import get_connector
from ropewalk.model.errors import ConnectError, InventoryError, UsageError
from ropewalk.model.target import Target


def connector_of(host: Host, options: ConnectorOptions) -> Any:
    """Return the connector of a host, and of those before it; nothing is connected yet.

    :raises UsageError: the host's data does not suit its connector.
    """
    data = host.data.dict()
    target, way = Target(host.name, data, tuple(host.groups)), data.pop("via", None)
    if way is None:
        return host.connector_cls(target, options)
    if not isinstance(way, str) or not way.startswith("@"):
        raise InventoryError(f"{host.name}: via must be an address, not {way!r}", hint='as in via="@ssh/bastion"')
    if host.scheme == "ssh":
        hint = 'a way through other servers is ssh_jump="bastion"'
        raise InventoryError(f"{host.name}: via is not for SSH", hint=hint)
    base = _base(way, data, options)
    return Hop(None, host.connector_cls(target, dataclasses.replace(options, base=base)), base)


def _base(way: str, data: dict[str, Any], options: ConnectorOptions) -> Hop:
    scheme, target = hop(way)
    whole = {**target.defaults, **data, **target.data}
    before = whole.pop("via", None)
    if before is not None:
        options = dataclasses.replace(options, base=_base(before, data, options))
    connector = get_connector(scheme)
    if not hasattr(connector, "open"):
        raise UsageError(f"{way}: other hosts cannot be reached through a connector written for v3")
    made = connector(Target(target.name, whole, target.groups), options)
    return Hop(way, made, options.base)


class Hop:
    """A host that is reached through another one, or that others are reached through.

    :param way: what to call it where it cannot be reached; ``None`` for the last, which needs no name.
    :param base: the hop before.
    :ivar keep: the connector's own, if it has one; so is ``beside``.
    """

    scheme: ClassVar[str] = "hop"

    def __init__(self, way: str | None, connector: Connector, base: Connector | None) -> None:
        self._way, self._connector, self._base = way, connector, base
        self.keep = getattr(connector, "keep", None)
        self.beside = getattr(connector, "beside", None)

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """A hop has no address of its own: it is made of another connector."""
        return ()

    async def connect(self) -> None:
        """Reach the hop before, then this one.

        :raises ConnectError: one of them cannot be reached.
        """
        if self._base is not None:
            await self._base.connect()
        try:
            await self._connector.connect()
        except ConnectError as error:
            if self._way is None:
                raise
            raise type(error)(f"on the way, {self._way}: {error}", hint=error.hint) from error

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        return await self._connector.open(argv, pty=pty)

    async def close(self) -> None:
        try:
            await self._connector.close()
        finally:
            if self._base is not None:
                await self._base.close()
