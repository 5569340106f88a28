"""A terminal through a client program that passes one on, such as ``docker exec --tty``."""

from __future__ import annotations

from collections.abc import Sequence

from ropewalk.api.connector import Connector, Stream
from ropewalk.connectors.terminal import COLUMNS, ROWS
from ropewalk.model.errors import ConnectError

# The outer terminal is made transparent before anything is typed: what the client does not pass on yet would be
# echoed twice. The client tells the inner one its size, but only after the command has begun.
_OUTER = 'stty raw -echo; printf "\\001"; exec "$@"'
_INNER = f'stty rows {ROWS} cols {COLUMNS} 2>/dev/null; exec "$@"'
_READY = b"\x01"


async def open_terminal(base: Connector, client: Sequence[str], argv: Sequence[str]) -> Stream:
    """Start a command on a terminal of its own.

    :param client: the client program, with the options that make it pass a terminal on.
    :param argv: the command.
    :raises ConnectError: the client could not be started.
    """
    command = ["sh", "-c", _OUTER, "sh", *client, "sh", "-c", _INNER, "sh", *argv]
    stream = await base.open(command, pty=True)
    said = b""
    while _READY not in said:
        chunk = await stream.stdout()
        if not chunk:
            await stream.close()
            raise ConnectError(f"cannot start {client[0]!r}: {said.decode(errors='replace').strip()}")
        said += chunk
    return _Continued(stream, said.partition(_READY)[2])


class _Continued:
    """A stream of which something has been read already."""

    def __init__(self, stream: Stream, first: bytes) -> None:
        self._stream, self._first = stream, first
        self.write, self.write_eof, self.stderr = stream.write, stream.write_eof, stream.stderr
        self.wait, self.close = stream.wait, stream.close

    async def stdout(self) -> bytes:
        first, self._first = self._first, b""
        return first or await self._stream.stdout()
