"""The contract, over each of ropewalk's own connectors. A new one is added to the fixture ``way`` in conftest."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api import Config
from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.engine.link import Link
from ropewalk.engine.links import Passwords, link_of
from ropewalk.testing.connector_contract import ConnectorContract
from ropewalk.testing.connector_contract.running import Connect
from support.machines import install_machinectl, machine_of

Way = tuple[str, dict[str, Any]]


class TestConnectors(ConnectorContract):
    @pytest.fixture
    def address(self, way: Way) -> str:
        return way[0]

    @pytest.fixture
    def host_data(self, way: Way) -> dict[str, Any]:
        return way[1]

    @pytest.fixture
    def other(self, link: Connect[Link], way: Way, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Connect[Link]:
        """systemd-nspawn runs one machine of a tree at a time: the second way leads into that one."""
        _, _, tree = way[0].partition("@nspawn/")
        if "/" not in tree:
            return link

        @asynccontextmanager
        async def entered() -> AsyncIterator[Link]:
            install_machinectl(tmp_path / "clients", "same", machine_of(Path("/", tree)))
            monkeypatch.setenv("PATH", f"{tmp_path / 'clients'}:{os.environ['PATH']}")
            [host] = inventory = Inventory((["@nspawn/same"], {}))
            made = link_of(host, State(inventory, Config()), ConnectorOptions(), Passwords(None))
            try:
                await made.connect()
                yield made
            finally:
                await made.close()

        return entered
