"""What every connector must do, as tests: for the authors of connectors, and for ropewalk's own.

This is the only part of ropewalk that needs pytest, which is no dependency of it: who runs tests has it.

::

    # test_sandbox.py
    import pytest

    from ropewalk.testing.connector_contract import ConnectorContract

    class TestSandbox(ConnectorContract):
        @pytest.fixture
        def address(self, tmp_path):
            return f"@sandbox{tmp_path}"

A connector written for pyinfra v3 opens no streams: its tests are those of :class:`V3ConnectorContract`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

pytest.register_assert_rewrite(f"{__name__}.streams", f"{__name__}.hosts", f"{__name__}.ending")

from ropewalk.api import Config  # noqa: E402 - what is imported before that is not rewritten
from ropewalk.api.connector import Connector, ConnectorOptions  # noqa: E402
from ropewalk.api.host import Host  # noqa: E402
from ropewalk.api.inventory import Inventory  # noqa: E402
from ropewalk.api.state import State  # noqa: E402
from ropewalk.compat.connector import register  # noqa: E402
from ropewalk.engine.hops import connector_of  # noqa: E402
from ropewalk.engine.link import Link  # noqa: E402
from ropewalk.engine.links import Passwords, link_of  # noqa: E402
from ropewalk.testing.connector_contract.ending import EndingContract  # noqa: E402
from ropewalk.testing.connector_contract.hosts import HostContract  # noqa: E402
from ropewalk.testing.connector_contract.running import Connect  # noqa: E402
from ropewalk.testing.connector_contract.streams import StreamContract  # noqa: E402


class V3ConnectorContract(HostContract):
    """The tests for a connector with v3's methods: override :meth:`address`, and :meth:`host_data` if need be."""

    @pytest.fixture
    def address(self) -> str:
        """The inventory address (``@scheme/...``) of a host that may be worked on; it must stand for one host."""
        pytest.fail("override the fixture address: return the inventory address of a host, as in @sandbox/one")

    @pytest.fixture
    def host_data(self) -> dict[str, Any]:
        """Data of the host, besides what the connector says of its address."""
        return {}

    @pytest.fixture
    def host(self, address: str, host_data: dict[str, Any]) -> Host:
        """The host, as an inventory has it."""
        register()
        [host] = Inventory(([(address, host_data)], {}))
        return host

    @pytest.fixture
    def link(self, host: Host) -> Connect[Link]:
        """Reaches the host as a run does."""

        @asynccontextmanager
        async def linked() -> AsyncIterator[Link]:
            made = link_of(host, State(host.inventory, Config()), ConnectorOptions(), Passwords(None))
            try:
                await made.connect()
                yield made
            finally:
                await made.close()

        return linked

    @pytest.fixture
    def other(self, link: Connect[Link]) -> Connect[Link]:
        """A second way to the same host, beside the first."""
        return link


class ConnectorContract(V3ConnectorContract, EndingContract, StreamContract):
    """The tests for a connector: override :meth:`address`, and :meth:`host_data` if need be.

    Its host must have a POSIX shell and the usual small programs (``cat``, ``head``, ``mktemp``, ``stty``, ``su``).
    """

    @pytest.fixture
    def connector(self, host: Host) -> Connector:
        """The connector; nothing is connected yet."""
        made: Connector = connector_of(host, ConnectorOptions())
        return made

    @pytest.fixture
    def connect(self, connector: Connector) -> Connect[Connector]:
        """Connects, and lets go at the end."""

        @asynccontextmanager
        async def connected() -> AsyncIterator[Connector]:
            try:
                await connector.connect()
                yield connector
            finally:
                await connector.close()

        return connected
