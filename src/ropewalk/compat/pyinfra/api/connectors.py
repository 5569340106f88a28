"""v3's ways to find connectors, and the class they are made of."""

from __future__ import annotations

from typing import Any

from ropewalk.api.registry import get_connector, names
from ropewalk.compat.pyinfra.connectors.base import BaseConnector as BaseConnector


def get_all_connectors() -> dict[str, type[Any]]:
    """Return every connector by name."""
    return {name: get_connector(name) for name in names()}


def get_execution_connectors() -> dict[str, type[Any]]:
    """Return the connectors that reach hosts, by name."""
    found = get_all_connectors()
    return {name: connector for name, connector in found.items() if getattr(connector, "handles_execution", True)}


def get_execution_connector(name: str) -> type[Any]:
    """Return the connector of this name.

    :raises NoConnectorError: there is none.
    """
    return get_connector(name)
