"""Runs the client programs that connectors need (``docker``, ``chroot``), here or on the host before this one."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

from ropewalk.api.connector import Connector, ConnectorOptions
from ropewalk.connectors.local import LocalConnector
from ropewalk.model.errors import ConnectError
from ropewalk.model.target import Target

#: What a shell answers when there is no such program (POSIX, 2.8.2).
NOT_FOUND = 127


@dataclass(frozen=True, slots=True)
class Ran:
    """What a program did."""

    status: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        """The last line that it wrote about what went wrong."""
        lines = [line for line in (self.stderr or self.stdout).splitlines() if line.strip()]
        return lines[-1].strip() if lines else f"exit status {self.status}"


def base_of(options: ConnectorOptions) -> Connector:
    """Return where programs run: on the host before this one, or here."""
    return options.base or LocalConnector(Target("@local"), options)


async def run(base: Connector, argv: Sequence[str]) -> Ran:
    """Run a program to its end, with nothing to read.

    :raises ConnectError: there is no such program.
    """
    stream = await base.open(list(argv))
    try:
        await stream.write_eof()
        out, err = await asyncio.gather(_all(stream.stdout), _all(stream.stderr))
        ran = Ran(await stream.wait(), out, err)
    finally:
        await stream.close()
    if ran.status == NOT_FOUND:
        raise ConnectError(f"there is no program {argv[0]!r}", hint=f"install {argv[0]}, or put it into PATH")
    return ran


async def _all(read: object) -> str:
    chunks = []
    while chunk := await read():  # type: ignore[operator]
        chunks.append(chunk)
    return b"".join(chunks).decode(errors="replace")
