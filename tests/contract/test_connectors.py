"""The contract, over each of ropewalk's own connectors. A new one is added to the fixture ``way`` in conftest."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.testing.connector_contract import ConnectorContract

Way = tuple[str, dict[str, Any]]


class TestConnectors(ConnectorContract):
    @pytest.fixture
    def address(self, way: Way) -> str:
        return way[0]

    @pytest.fixture
    def host_data(self, way: Way) -> dict[str, Any]:
        return way[1]
