"""One command in a process of its own on the host: for input, terminals and bulk data."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from ropewalk.engine.escalate import Greeted
from ropewalk.engine.session import OnOutput, finish
from ropewalk.engine.traffic import Counter
from ropewalk.model.errors import ConnectionLost
from ropewalk.shell.capture import Capture
from ropewalk.shell.process import Process
from ropewalk.shell.script import Script


class Sink(Protocol):
    """Takes what a command writes on standard output."""

    def feed(self, data: bytes) -> None: ...


@dataclass
class Solo:
    """A process that reads its script (a line with its size, then the script), then its input, then ends."""

    stream: Greeted
    counter: Counter
    stdout: Any  # a Sink; a Capture for commands
    stderr: Capture
    on_output: OnOutput | None = None
    #: On a terminal: what the process writes when it is ready for its input, which must not be typed before.
    ready_mark: bytes | None = None

    def __post_init__(self) -> None:
        self._ready = asyncio.Event()
        self._early = b""
        if self.ready_mark is None:
            self._ready.set()

    @property
    def process(self) -> Process:
        return self.stream.process

    async def run(self, script: Script, stdin: Iterable[bytes] | AsyncIterable[bytes]) -> int:
        """Return the exit status; ``stdin`` is sent while output is read, whichever side is slower."""
        trip = self.counter.asks()
        reading = asyncio.gather(self._read("stdout", self.stdout), self._read("stderr", self.stderr))
        writing = asyncio.ensure_future(self._write(script, stdin))
        both: list[asyncio.Future[Any]] = [reading, writing]
        try:
            await asyncio.wait(both, return_when=asyncio.FIRST_COMPLETED)
            if writing.done() and (error := writing.exception()) is not None:
                await self._give_up()
                raise error
            await reading
            status = await self.stream.wait()
            self.counter.answers(trip)
            return status
        finally:
            for task in both:
                task.cancel()
            await asyncio.gather(*both, return_exceptions=True)

    async def close(self) -> None:
        await self.stream.close()

    async def _give_up(self) -> None:
        """End the input where it is: the process sees that it is too short, and tidies up."""
        try:
            await finish(self.stream)
        except (TimeoutError, ConnectionLost):
            pass  # whoever holds this closes it

    async def _write(self, script: Script, stdin: Iterable[bytes] | AsyncIterable[bytes]) -> None:
        text = str(script).encode("utf-8", errors="surrogateescape")
        await self._send(b"%d\n%s" % (len(text), text))
        await self._ready.wait()
        if isinstance(stdin, AsyncIterable):
            async for piece in stdin:
                await self._send(piece)
        else:
            for piece in stdin:
                await self._send(piece)
        await self.stream.write_eof()

    async def _send(self, data: bytes) -> None:
        self.counter.sent(len(data))
        await self.stream.write(data)

    async def _read(self, name: str, sink: Sink) -> None:
        read = self.stream.stdout if name == "stdout" else self.stream.stderr
        while data := await read():
            self.counter.received(len(data))
            if not self._ready.is_set():
                data = self._after_mark(data)
            sink.feed(data)
            if self.on_output is not None:
                self.on_output(name, data)

    def _after_mark(self, data: bytes) -> bytes:
        self._early += data
        _before, mark, rest = self._early.partition(self.ready_mark or b"")
        if mark:
            self._ready.set()
        return rest
