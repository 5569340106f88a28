"""A process on an SSH server, through asyncssh.

Imported only when a connection is made, because it needs asyncssh.
"""

from __future__ import annotations

import asyncio
import signal
from collections import deque

import asyncssh

from ropewalk.connectors.pipe import CHUNK
from ropewalk.connectors.terminal import COLUMNS, ROWS, TERM, end_of_input
from ropewalk.model.errors import ConnectionLost

WINDOW = 4 * 1024 * 1024
HELD = 1024 * 1024
PIECE = 128 * 1024


class Inbox:
    """Bytes that have arrived and were not asked for yet."""

    def __init__(self) -> None:
        self._chunks: deque[bytes] = deque()
        self._arrived = asyncio.Event()
        self._end: Exception | None = None
        self._ended = False

    def put(self, data: bytes) -> None:
        self._chunks.append(data)
        self._arrived.set()

    def end(self, error: Exception | None = None) -> None:
        """Nothing comes any more; the first end counts."""
        if not self._ended:
            self._ended, self._end = True, error
            self._arrived.set()

    def drop(self) -> None:
        self._chunks.clear()

    async def get(self) -> bytes:
        """Return what there is, at most a chunk; ``b""`` at the end."""
        while not self._chunks and not self._ended:
            self._arrived.clear()
            await self._arrived.wait()
        if self._chunks:
            return self._take()
        if self._end is not None:
            raise self._end
        return b""

    def _take(self) -> bytes:
        taken = [self._chunks.popleft()]
        size = len(taken[0])
        while self._chunks and size + len(self._chunks[0]) <= CHUNK:
            taken.append(self._chunks.popleft())
            size += len(taken[-1])
        return taken[0] if len(taken) == 1 else b"".join(taken)


class SSHStream(asyncssh.SSHClientSession[bytes]):
    """What :func:`start` returns: a :class:`~ropewalk.api.connector.Stream`."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._channel: asyncssh.SSHClientChannel[bytes] | None = None
        self._out, self._err = Inbox(), Inbox()
        self._held = 0
        self._writable = asyncio.Event()
        self._writable.set()
        self._writing = asyncio.Lock()
        self._status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._pty = False
        self._last = b"\n"
        self._closed = False
        self._gone = False
        self._complete = False
        self._lost: ConnectionLost | None = None
        self._made = asyncio.Event()
        self._creating: asyncio.Task[object] | None = None

    async def start(self, connection: asyncssh.SSHClientConnection, command: str, *, pty: bool) -> None:
        """Run a command on the server.

        Returns when the server has opened the channel: the request to run the command is on its way then, and what
        is written follows it. Waiting for the answer would cost a round trip; a refusal ends the stream.

        :raises asyncssh.Error: the server does not want to.
        """
        self._pty = pty
        creating = connection.create_session(
            lambda: self,
            command,
            encoding=None,
            window=WINDOW,
            request_pty="force" if pty else False,
            term_type=TERM if pty else None,
            term_size=(COLUMNS, ROWS) if pty else None,
        )
        self._creating = asyncio.ensure_future(creating)
        made = asyncio.ensure_future(self._made.wait())
        try:
            await asyncio.wait([self._creating] if pty else [self._creating, made], return_when="FIRST_COMPLETED")
            if self._creating.done():
                self._creating.result()
            else:
                self._creating.add_done_callback(self._started)
        except BaseException:
            self._creating.cancel()
            await self.close()
            raise
        finally:
            made.cancel()

    def _started(self, creating: asyncio.Task[object]) -> None:
        """The server has answered the request to run the command."""
        error = None if creating.cancelled() else creating.exception()
        if error is not None and not self._closed:
            self.connection_lost(error if isinstance(error, Exception) else None)

    async def write(self, data: bytes) -> None:
        async with self._writing:
            for start in range(0, len(data), PIECE):
                await self._write(data[start : start + PIECE])
            self._last = data[-1:] or self._last

    async def write_eof(self) -> None:
        if self._pty:
            await self.write(end_of_input(self._last))
            return
        async with self._writing:
            await self._writable.wait()
            if self._channel is not None and self._can_write(self._channel):
                self._channel.write_eof()

    async def stdout(self) -> bytes:
        return self._taken(await self._out.get())

    async def stderr(self) -> bytes:
        return self._taken(await self._err.get())

    async def wait(self) -> int:
        return await asyncio.shield(self._status)

    async def finish(self) -> None:
        """Let the process end by itself, at the end of its input; nobody waits for it."""
        await self.write_eof()

    async def close(self) -> None:
        """Close the channel; a process that still runs is killed with its process group, by OpenSSH 7.9 and later."""
        if self._closed:
            return
        self._closed = True
        if self._channel is not None and not self._gone:
            if not self._status.done():
                self._channel.send_signal("KILL")
            self._channel.abort()
        self._finish(None)
        if not self._status.done():
            self._status.set_result(128 + signal.SIGKILL)

    # What asyncssh calls.

    def connection_made(self, chan: asyncssh.SSHClientChannel[bytes]) -> None:
        self._channel = chan
        self._made.set()
        chan.set_write_buffer_limits(high=2 * PIECE, low=PIECE)

    def data_received(self, data: bytes, datatype: asyncssh.DataType) -> None:
        if self._closed:
            return
        (self._err if datatype == asyncssh.EXTENDED_DATA_STDERR else self._out).put(data)
        self._held += len(data)
        if self._held >= HELD and self._channel is not None:
            self._channel.pause_reading()

    def eof_received(self) -> bool:
        self._complete = True
        self._out.end()
        self._err.end()
        return True  # our side stays open: it is for the caller to close

    def pause_writing(self) -> None:
        self._writable.clear()

    def resume_writing(self) -> None:
        self._writable.set()

    def exit_status_received(self, status: int) -> None:
        if not self._status.done():
            self._status.set_result(status)

    def exit_signal_received(self, signal: str, core_dumped: bool, msg: str, lang: str) -> None:
        self.exit_status_received(128 + _number(signal))

    def connection_lost(self, exc: Exception | None) -> None:
        """The channel is gone: at its proper end, or with the connection."""
        self._gone = True
        proper = exc is None and self._channel is not None and not self._connection_is_gone(self._channel)
        if self._status.done() and (self._complete or proper):
            self._finish(None)
            return
        reason = str(exc) if exc is not None else "the server ended it without saying how the process ended"
        self._lost = ConnectionLost(
            f"{self._place}: the connection was lost: {reason}",
            hint="What was running there may have been done in part: run again.",
        )
        self._finish(self._lost)
        if not self._status.done():
            self._status.set_exception(self._lost)
            self._status.exception()  # nobody need ask

    @staticmethod
    def _connection_is_gone(channel: asyncssh.SSHClientChannel[bytes]) -> bool:
        connection = channel.get_extra_info("connection")
        return connection is None or bool(connection.is_closed())

    def _finish(self, error: Exception | None) -> None:
        if self._closed:
            self._out.drop()
            self._err.drop()
        self._out.end(error)
        self._err.end(error)
        self._writable.set()

    async def _write(self, data: bytes) -> None:
        await self._writable.wait()
        if self._lost is not None:
            raise self._lost
        if self._channel is not None and self._can_write(self._channel):
            self._channel.write(data)

    def _can_write(self, channel: asyncssh.SSHClientChannel[bytes]) -> bool:
        return not self._closed and not self._gone and not channel.is_closing()

    def _taken(self, data: bytes) -> bytes:
        self._held -= len(data)
        if self._held < HELD and self._channel is not None and not self._gone and not self._closed:
            self._channel.resume_reading()
        return data


def _number(name: str) -> int:
    """Return the number of a signal named as RFC 4254 section 6.10 does, without ``SIG``; 127 if it has none here."""
    number = getattr(signal, f"SIG{name}", None)
    return int(number) if isinstance(number, signal.Signals) else 127
