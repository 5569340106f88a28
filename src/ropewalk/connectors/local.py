"""The machine ropewalk runs on: ``@local``."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors.process import spawn
from ropewalk.model.errors import ConnectError, InventoryError
from ropewalk.model.target import Target


class LocalConnector:
    """Starts processes on this machine, with the environment and the working directory that ropewalk has."""

    scheme: ClassVar[str] = "local"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self.target, self.options = target, options

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        """Return the one target there is.

        :raises InventoryError: an address was given (``@local/x``): there is only one machine.
        """
        if address is not None:
            raise InventoryError(f"@local/{address}: @local takes no address", hint="Write @local.")
        return [Target("@local", {}, ("@local",))]

    async def connect(self) -> None:
        """There is nothing to do."""

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        try:
            return await spawn(argv, pty=pty)
        except ConnectError as error:
            if not isinstance(error.__cause__, FileNotFoundError | PermissionError):
                raise
            # As everywhere else, a missing program is a message and the status 127 (126: not executable).
            return await spawn(["sh", "-c", 'exec "$@"', "sh", *argv], pty=pty)

    async def close(self) -> None:
        """There is nothing to let go of: streams are closed by who opened them."""
