"""A connection over SSH that a test makes and ends by itself."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from ropewalk.api.connector import ConnectorOptions
from ropewalk.connectors.ssh import SSHConnector
from ropewalk.model.target import Target


@asynccontextmanager
async def connected(data: dict[str, Any], **options: Any) -> AsyncIterator[SSHConnector]:
    """Connect, and let go at the end."""
    connector = SSHConnector(Target("box", data), ConnectorOptions(**options))
    try:
        await connector.connect()
        yield connector
    finally:
        await connector.close()
