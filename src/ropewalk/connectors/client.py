"""Runs the client programs that connectors need (``docker``, ``chroot``), here or on the host before this one."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Sequence

from ropewalk.api.connector import Connector, ConnectorOptions, Stream
from ropewalk.connectors.local import LocalConnector
from ropewalk.model.errors import ConnectError
from ropewalk.model.record import record
from ropewalk.model.target import Target

#: What a shell answers when there is no such program (POSIX, 2.8.2).
NOT_FOUND = 127

# Clients end what they say about an error with where to read on, or with less than they have said before.
_SAYS_NOTHING = re.compile(r"(run|see) '.*(--help|-h)'|error: failed to start containers", re.IGNORECASE)


@record
class Ran:
    """What a program did."""

    status: int
    stdout: str
    stderr: str

    @property
    def message(self) -> str:
        """The last line that it wrote about what went wrong."""
        written = (self.stderr.strip() or self.stdout).splitlines()
        lines = [line.strip() for line in written if line.strip() and not _SAYS_NOTHING.match(line.strip())]
        return lines[-1] if lines else f"exit status {self.status}"

    def has_no(self, program: str) -> bool:
        """Whether a shell says that there is no such program.

        The status alone may mean another program, which the one that was started did not find.
        """
        name = re.escape(program)
        said = rf"(^|[ :]){name}: (command )?not found$|not found: {name}$"
        return self.status == NOT_FOUND and bool(re.search(said, self.stderr, re.MULTILINE))


def base_of(options: ConnectorOptions) -> Connector:
    """Return where programs run: on the host before this one, or here."""
    return options.base or LocalConnector(Target("@local"), options)


async def run(base: Connector, argv: Sequence[str]) -> Ran:
    """Run a program to its end, with nothing to read.

    :raises ConnectError: there is no such program.
    """
    ran = await ended(await base.open(list(argv)))
    if ran.has_no(argv[0]):
        raise ConnectError(f"there is no program {argv[0]!r}", hint=f"install {argv[0]}, or put it into PATH")
    return ran


async def ended(stream: Stream) -> Ran:
    """Return what a program did that has nothing to read, when it has ended."""
    try:
        await stream.write_eof()
        out, err = await asyncio.gather(_all(stream.stdout), _all(stream.stderr))
        return Ran(await stream.wait(), out, err)
    finally:
        await stream.close()


async def _all(read: object) -> str:
    chunks = []
    while chunk := await read():  # type: ignore[operator]
        chunks.append(chunk)
    return b"".join(chunks).decode(errors="replace")
