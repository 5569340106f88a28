"""A connector over a real ``sh`` of this machine whose connection a test can refuse, hold up, count and cut.

Where commands need not be real, ``ropewalk.testing.FakeHost`` does.
"""

from __future__ import annotations

import asyncio
import os
from collections.abc import Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.connectors.process import ProcessStream, spawn
from ropewalk.model.errors import ConnectionLost
from ropewalk.model.target import Target

#: Seconds that a process may go on after its connection was lost, before the test ends.
FORGOTTEN = 2.0

#: Stands for the status of a client that has died.
STATUS = object()


@dataclass
class Machine:
    """What a test decides about one host, and what it learns.

    :ivar cwd: where its processes start.
    :ivar programs: a directory that comes first in the search path of its processes.
    :ivar refuse: errors for the next attempts to connect, in order.
    :ivar refuse_open: errors for the next attempts to start a process.
    :ivar cut_at: the connection is lost as soon as this has been sent.
    :ivar gate: connecting waits for it.
    :ivar keeps: what has lost its connection goes on for ever: the test ends it.
    """

    name: str
    cwd: Path
    programs: Path | None = None
    refuse: list[Exception] = field(default_factory=list)
    refuse_open: list[Exception] = field(default_factory=list)
    cut_at: bytes | None = None
    gate: asyncio.Event | None = None
    keeps: bool = False
    connects: int = 0
    closes: int = 0
    opened: list[list[str]] = field(default_factory=list)
    streams: list[FakeStream] = field(default_factory=list)
    sent: list[bytes] = field(default_factory=list)

    def cut(self) -> None:
        """Lose the connection: every stream breaks."""
        for stream in self.streams:
            stream.cut()

    def path(self, name: str) -> Path:
        return self.cwd / name

    def read(self, name: str) -> str:
        return self.path(name).read_text()

    @property
    def script(self) -> str:
        """Everything that was sent to its processes, as text."""
        return b"".join(self.sent).decode(errors="replace")


class FakeConnector:
    """Finds its :class:`Machine` in ``options.settings["machines"]`` by the target's name."""

    scheme: ClassVar[str] = "machine"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self.machine: Machine = options.settings["machines"][target.name]

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        return [Target(f"@machine/{address}")]

    async def connect(self) -> None:
        machine = self.machine
        if machine.gate is not None:
            await machine.gate.wait()
        machine.connects += 1
        if machine.refuse:
            raise machine.refuse.pop(0)

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> Stream:
        machine = self.machine
        machine.opened.append(list(argv))
        if machine.refuse_open:
            raise machine.refuse_open.pop(0)
        env = dict(os.environ)
        if machine.programs is not None:
            env["PATH"] = f"{machine.programs}{os.pathsep}{env['PATH']}"
        stream = FakeStream(await spawn(argv, env=env, cwd=machine.cwd, pty=pty), machine)
        machine.streams.append(stream)
        return stream

    async def close(self) -> None:
        self.machine.closes += 1


class FakeStream:
    """A process of this machine at the other end of a line that can be cut."""

    def __init__(self, process: ProcessStream, machine: Machine) -> None:
        self.process, self._machine = process, machine
        self._cut: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._status: int | None = None

    def cut(self) -> None:
        if not self._cut.done():
            self._cut.set_result(None)

    def dies(self, status: int) -> None:
        """End the client between us and the process, which goes on: its outputs end, and this is its exit status."""
        self._status = status
        self.cut()

    async def write(self, data: bytes) -> None:
        await self._unless_cut(self.process.write(data))
        self._machine.sent.append(bytes(data))
        if self._machine.cut_at is not None and self._machine.cut_at in data:
            self._machine.cut_at = None
            self._machine.cut()

    async def write_eof(self) -> None:
        await self._unless_cut(self.process.write_eof())

    async def stdout(self) -> bytes:
        return await self._unless_cut(self.process.stdout(), b"")

    async def stderr(self) -> bytes:
        return await self._unless_cut(self.process.stderr(), b"")

    async def wait(self) -> int:
        return await self._unless_cut(self.process.wait(), STATUS)

    async def close(self) -> None:
        if self._cut.done():
            await self._be_forgotten()
        if not (self._cut.done() and self._machine.keeps):
            await self.process.close()

    async def _be_forgotten(self) -> None:
        """The far end of a lost connection is not killed: its input ends, and nobody takes what it writes."""
        for pipe in (self.process._stdin, self.process._stdout, self.process._stderr):
            if pipe is not None:
                pipe.close()
        if self._machine.keeps:
            return
        try:
            async with asyncio.timeout(FORGOTTEN):
                await self.process.wait()
        except TimeoutError:
            pass

    async def _unless_cut(self, work: Coroutine[Any, Any, Any], once_dead: object = None) -> Any:
        if self._cut.done():
            work.close()  # as a task it would begin
            return self._as_cut(once_dead)
        task = asyncio.ensure_future(work)
        try:
            await asyncio.wait({task, self._cut}, return_when=asyncio.FIRST_COMPLETED)
            return self._as_cut(once_dead) if self._cut.done() else task.result()
        finally:
            if not task.done():
                task.cancel()
                await asyncio.wait({task})

    def _as_cut(self, once_dead: object) -> Any:
        if self._status is None:
            raise ConnectionLost("the line was cut")
        return self._status if once_dead is STATUS else once_dead


class ScriptedStream:
    """A process that says what the test tells it to say, and remembers what was written to it."""

    def __init__(self) -> None:
        self._out: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._err: asyncio.Queue[bytes | Exception] = asyncio.Queue()
        self._changed = asyncio.Event()
        self.status: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self.written = b""
        self.at_eof = self.closed = False
        self.fail_write: Exception | None = None

    def says(self, out: bytes | Exception | None = None, err: bytes | Exception | None = None) -> None:
        if out is not None:
            self._out.put_nowait(out)
        if err is not None:
            self._err.put_nowait(err)

    def ends(self, status: int = 0) -> None:
        self.says(b"", b"")
        if not self.status.done():
            self.status.set_result(status)

    async def until_written(self, text: bytes) -> None:
        """Wait until this has been written to it."""
        while text not in self.written:
            self._changed.clear()
            await self._changed.wait()

    async def write(self, data: bytes) -> None:
        if self.fail_write is not None:
            raise self.fail_write
        self.written += data
        self._changed.set()

    async def write_eof(self) -> None:
        self.at_eof = True
        self._changed.set()

    async def stdout(self) -> bytes:
        return _given(await self._out.get())

    async def stderr(self) -> bytes:
        return _given(await self._err.get())

    async def wait(self) -> int:
        return await asyncio.shield(self.status)

    async def close(self) -> None:
        self.closed = True


def _given(item: bytes | Exception) -> bytes:
    if isinstance(item, Exception):
        raise item
    return item
