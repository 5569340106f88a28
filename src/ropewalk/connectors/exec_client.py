"""Hosts that a client program starts processes on: ``kubectl exec``, ``lxc exec``, ``incus exec``."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors import client
from ropewalk.connectors.terminal_client import open_terminal
from ropewalk.model.errors import ConnectError, ConnectorDataTypeError
from ropewalk.model.target import Target


class ExecClientConnector(ABC):
    """Runs one client process for each process on the host; nothing is started or stopped there.

    A connector says how its client is called: :meth:`exec_command`.
    """

    scheme: ClassVar[str]
    #: What to do when the host cannot be entered.
    hint: ClassVar[str]

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self._base = client.base_of(options)
        self._target = target

    @abstractmethod
    def exec_command(self, *, pty: bool) -> list[str]:
        """Return the client's words, up to the command that runs on the host."""

    async def connect(self) -> None:
        """Look whether a shell can be started there.

        :raises ConnectError: the client is missing, the host does not run or has no shell, or the rights are missing.
        """
        ran = await client.run(self._base, [*self.exec_command(pty=False), "sh", "-c", ":"])
        if ran.status:
            raise ConnectError(f"cannot enter {self._target.name}: {ran.message}", hint=self.hint)

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        if pty:
            return await open_terminal(self._base, self.exec_command(pty=True), argv)
        # That a program is missing is said by a shell there: clients say it in words and statuses of their own.
        command = argv if argv[0] == "sh" else ["sh", "-c", 'exec "$@"', "sh", *argv]
        return await self._base.open([*self.exec_command(pty=False), *command])

    async def close(self) -> None:  # noqa: B027 - it is complete: most clients hold nothing
        """There is nothing to let go of."""

    def _text(self, key: str) -> str | None:
        """Return a value of the host's data.

        :raises ConnectorDataTypeError: it is neither text nor ``None``.
        """
        value = self._target.data.get(key)
        if value is not None and not isinstance(value, str):
            kind = type(value).__name__
            raise ConnectorDataTypeError(f"{self._target.name}: {key} must be a str, not {kind} ({value!r})")
        return value

    def _needed(self, key: str) -> str:
        value = self._text(key)
        if not value:
            raise ConnectorDataTypeError(f"{self._target.name}: {key} is missing")
        if value.startswith("-"):
            raise ConnectorDataTypeError(f"{self._target.name}: {key} cannot begin with a dash ({value!r})")
        return value
