"""Connections over SSH that a test makes and ends by itself."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from ropewalk.api.connector import ConnectorOptions
from ropewalk.connectors.ssh import SSHConnector
from ropewalk.model.errors import ConnectError
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


def connect(data: dict[str, Any], **options: Any) -> str:
    """Connect, run something, return what it said."""

    async def main() -> str:
        async with asyncio.timeout(60), connected(data, **options) as connector:
            stream = await connector.open(["echo", "in"])
            said = (await stream.stdout()).decode()
            await stream.close()
            return said

    return asyncio.run(main())


def refusal(data: dict[str, Any], kind: type[ConnectError], **options: Any) -> str:
    """Return the message and the hint with which connecting fails."""
    with pytest.raises(kind) as caught:
        connect(data, **options)
    assert type(caught.value) is kind
    assert caught.value.hint
    return f"{caught.value} {caught.value.hint}"
