"""Runs the rsync program of this machine towards a host, over the connection that there is.

rsync starts a program to reach a host: ssh, as a rule. Ours hands its two pipes to this process and waits. So rsync
works wherever commands do, whatever leads there: jump hosts, containers, sudo with a password.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import shlex
import socket
import sys
import tempfile
from collections.abc import AsyncIterable, AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import TYPE_CHECKING

from ropewalk.model.command import Rsync, sh
from ropewalk.model.errors import OperationError
from ropewalk.shell.paths import path_word

if TYPE_CHECKING:
    from ropewalk.engine.link import Completed
    from ropewalk.engine.solo import Sink

PIECE = 256 * 1024

#: Hands over standard input and output with the words it was given, and ends with the status it is told.
_PROGRAM = """\
import json, socket, sys
with socket.socket(socket.AF_UNIX) as s:
    s.connect(sys.argv[1])
    socket.send_fds(s, [json.dumps(sys.argv[3:]).encode()], [0, 1])
    answer = s.recv(1)
sys.exit(answer[0] if answer else 255)
"""

#: Runs a command on the host: the command, what it reads, what takes its output.
Serve = Callable[[str, AsyncIterable[bytes], "Sink"], Awaitable["Completed"]]


async def run_rsync(step: Rsync, serve: Serve) -> None:
    """Copy with rsync.

    :raises OperationError: rsync failed, or is missing on one of both sides.
    """
    with tempfile.TemporaryDirectory(prefix="ropewalk-") as folder:
        remote = _Remote(Path(folder), step, serve)
        with remote.listener:
            serving = asyncio.ensure_future(remote.serve())
            try:
                status, said = await _client(step, remote.program)
            finally:
                serving.cancel()
                await asyncio.wait([serving])
    if status != 0:
        raise remote.failure(status, said)


async def _client(step: Rsync, program: Path) -> tuple[int | None, str]:
    """Run rsync here; return its exit status and what it had to say."""
    try:
        process = await asyncio.create_subprocess_exec(
            "rsync", *step.flags, "-e", f'"{program}"', "--", step.source, f"host:{step.dest}",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )  # fmt: skip
    except FileNotFoundError:
        raise OperationError("there is no rsync on this machine", hint="install it, or use files.sync") from None
    try:
        _, stderr = await process.communicate()
    finally:
        if process.returncode is None:
            process.terminate()
            with contextlib.suppress(TimeoutError):  # what it has opened is closed before the loop is
                async with asyncio.timeout(LAST_WORDS):
                    await process.wait()
    return process.returncode, stderr.decode(errors="replace").strip()


#: Seconds that a client may take to end when it is told to.
LAST_WORDS = 2.0


@dataclass
class _Remote:
    """The other end: waits for the program that rsync starts, and connects it with a process on the host."""

    folder: Path
    step: Rsync
    start: Serve
    done: Completed | None = None
    error: Exception | None = None
    program: Path = field(init=False)

    def __post_init__(self) -> None:
        self.program = self.folder / "to-host"
        words = [sys.executable, "-I", "-S", "-c", _PROGRAM, str(self.folder / "s")]
        self.program.write_text(f'#!/bin/sh\nexec {shlex.join(words)} "$@"\n')
        self.program.chmod(0o700)
        self.listener = socket.socket(socket.AF_UNIX)
        self.listener.bind(str(self.folder / "s"))
        self.listener.listen()
        self.listener.setblocking(False)

    async def serve(self) -> None:
        caller, _ = await asyncio.get_running_loop().sock_accept(self.listener)
        with caller:
            caller.setblocking(True)
            words, descriptors, _, _ = await asyncio.to_thread(socket.recv_fds, caller, 1024 * 1024, 2)
            with FileIO(descriptors[0], "rb") as reads, FileIO(descriptors[1], "wb") as writes:
                async with _written_to(writes) as sink:
                    try:
                        self.done = await self.start(self._command(json.loads(words)), _read_from(reads), sink)
                    except Exception as error:
                        self.error = error
            status = 255 if self.done is None or self.done.status is None else self.done.status
            caller.send(bytes([status]))

    def failure(self, status: int | None, said: str) -> Exception:
        """Return what went wrong: where it began."""
        if self.error is not None:
            return self.error
        if self.done is not None and self.done.error is not None:
            return OperationError(f"rsync: {self.done.error}")
        there = self.done.stderr.value().decode(errors="replace").strip() if self.done is not None else ""
        missing = self.done is not None and self.done.status == 127
        lines = "\n".join(filter(None, [there, said]))
        return OperationError(
            f"rsync: exit status {status}: {lines}",
            hint="is rsync installed on the host? files.sync needs none" if missing else None,
        )

    def _command(self, words: list[str]) -> str:
        """Return the command that rsync wants to run on the host.

        As for ssh, its words are shell text. Whether the path, behind ``.``, is escaped differs between versions.
        """
        if words[-2:-1] != ["."]:
            return " ".join(words)
        return f"{' '.join(words[:-1])} {sh(path_word(self.step.dest)).render()}"


class _Sink:
    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self.feed = transport.write


@contextlib.asynccontextmanager
async def _written_to(file: object) -> AsyncIterator[_Sink]:
    """Return what writes to a pipe; all has been taken in when this ``with`` ends."""
    loop = asyncio.get_running_loop()
    transport, protocol = await loop.connect_write_pipe(lambda: _Closed(loop.create_future()), file)
    try:
        yield _Sink(transport)
    finally:
        transport.close()
        await protocol.closed


class _Closed(asyncio.Protocol):
    def __init__(self, closed: asyncio.Future[None]) -> None:
        self.closed = closed

    def connection_lost(self, error: Exception | None) -> None:
        self.closed.set_result(None)


async def _read_from(file: object) -> AsyncIterator[bytes]:
    reader = asyncio.StreamReader()
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), file
    )
    try:
        while data := await reader.read(PIECE):
            yield data
    finally:
        transport.close()
