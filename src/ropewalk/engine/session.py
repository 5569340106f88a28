"""One shell on a target, kept open: commands go in as soon as they are known and come back in order.

``run`` may be called any number of times without waiting; what is asked for in the same turn of the event loop
leaves in one message. That is what makes facts cheap.
"""

from __future__ import annotations

import asyncio
import secrets
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from ropewalk.api.connector import Stream
from ropewalk.engine.traffic import Counter
from ropewalk.model.errors import ConnectionLost
from ropewalk.shell.capture import Capture
from ropewalk.shell.chain import SKIPPED
from ropewalk.shell.framing import Unframer, frame, hello
from ropewalk.shell.process import Process
from ropewalk.shell.script import Script

#: Takes the pieces of a command's output while it runs: stream name, bytes.
OnOutput = Callable[[str, bytes], None]


@dataclass(slots=True)
class Pending:
    """A command that was sent and has not answered yet."""

    future: asyncio.Future[int]
    stdout: Capture
    stderr: Capture
    on_output: OnOutput | None = None
    status: int | None = None
    streams_open: int = 2  # both must have ended; they end in any order
    trip: int = 0

    @classmethod
    def make(cls, stdout: Capture, stderr: Capture, on_output: OnOutput | None = None) -> Pending:
        return cls(_future(), stdout, stderr, on_output)


@dataclass(slots=True)
class Session:
    """A shell behind a stream.

    :ivar on_orphan: is told which process this shell was, when its stream is lost while something runs in it.
    :ivar ending: ends the shell with everything that runs in it, once that has begun.
    """

    stream: Stream
    counter: Counter
    on_orphan: Callable[[Process], None] = lambda process: None
    marker: str = field(default_factory=lambda: f"ropewalk-{secrets.token_hex(16)}")
    _outgoing: list[str] = field(default_factory=list)
    _flushing: asyncio.Task[None] | None = None
    _out: deque[Pending] = field(default_factory=deque)
    _err: deque[Pending] = field(default_factory=deque)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)
    _process: Process | None = None
    _lost: ConnectionLost | None = None
    _closing: bool = False
    _greeting: Pending = field(default_factory=lambda: Pending.make(Capture(0, 0), Capture(0, 4096)))
    ending: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin to read, and ask the shell which process it is; what a login printed before is dropped."""
        self._submit(hello(self.marker), self._greeting)
        out = Unframer(self.marker, lambda data: self._data(self._out, "stdout", data), self._end_out)
        err = Unframer(self.marker, lambda data: self._data(self._err, "stderr", data), self._end_err)
        self._tasks = [
            asyncio.ensure_future(self._read(self.stream.stdout, out)),
            asyncio.ensure_future(self._read(self.stream.stderr, err)),
        ]

    @property
    def alive(self) -> bool:
        return self._lost is None and not self._closing and self.ending is None

    async def process(self) -> Process:
        """Return which process on the target the shell is, as soon as it has told.

        :raises ConnectionLost: the shell is gone.
        """
        while self._process is None:
            await asyncio.shield(self._greeting.future)
        return self._process

    def runs(self, pending: Pending) -> bool:
        """Say whether it is this command's turn, rather than that of one sent before it."""
        return bool(self._out) and self._out[0] is pending

    def runs_only(self, pending: Pending) -> bool:
        """Say whether this command is all that the shell still has to do."""
        return self.runs(pending) and len(self._out) == 1

    def send(self, script: Script, *, capture: tuple[Capture, Capture], on_output: OnOutput | None = None) -> Pending:
        """Send a command (see ``shell/script.py``); its future holds the exit status.

        :raises ConnectionLost: the shell is gone; the future raises it when it goes while the command runs.
        """
        if self._lost is not None:
            raise self._lost
        pending = Pending.make(*capture, on_output)
        self._submit(frame(script, self.marker), pending)
        return pending

    def send_chain(self, text: str, pendings: Sequence[Pending]) -> None:
        """Send script that marks the end of each of these by itself (see ``shell/chain.py``).

        :raises ConnectionLost: the shell is gone.
        """
        if self._lost is not None:
            raise self._lost
        self._submit(text, *pendings)

    async def close(self) -> None:
        """Let the shell end by itself, then let go of it."""
        self._closing = True
        if self._lost is None:
            try:
                await finish(self.stream)
            except (TimeoutError, ConnectionLost):
                await self.stream.close()
        else:
            await self.stream.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self._lose("the shell on the host was closed")

    def _submit(self, text: str, *pendings: Pending) -> None:
        trip = self.counter.asks()
        for pending in pendings:
            pending.trip = trip
        self._out.extend(pendings)
        self._err.extend(pendings)
        self._outgoing.append(text)
        if self._flushing is None or self._flushing.done():
            self._flushing = asyncio.ensure_future(self._flush())

    async def _flush(self) -> None:
        try:
            while self._outgoing:
                data = "".join(self._outgoing).encode("utf-8", errors="surrogateescape")
                self._outgoing.clear()
                self.counter.sent(len(data))
                await self.stream.write(data)
        except Exception as error:  # whatever it is, nobody shall wait for an answer
            self._lose(_reason(error))

    async def _read(self, chunk: Callable[[], Any], unframer: Unframer) -> None:
        reason = "the shell on the host ended"
        try:
            while data := await chunk():
                self.counter.received(len(data))
                unframer.feed(data)
        except Exception as error:
            reason = _reason(error)
        else:
            reason += await self._how_it_ended()
        self._lose(reason)

    async def _how_it_ended(self) -> str:
        """Return what there is to say of a shell that has closed its outputs."""
        try:
            async with asyncio.timeout(1):
                status = await self.stream.wait()
        except (TimeoutError, ConnectionLost):
            return ""
        return f" (killed by signal {status - 128})" if status > 128 else f" (exit status {status})"

    def _data(self, queue: deque[Pending], stream: str, data: bytes) -> None:
        if queue:
            pending = queue[0]
            (pending.stdout if stream == "stdout" else pending.stderr).feed(data)
            if pending.on_output is not None:
                pending.on_output(stream, data)

    def _end_out(self, tail: bytes) -> None:
        pending = self._out.popleft()
        if pending is self._greeting:
            self._process = Process.told(tail)
            pending.status = 0
        else:
            pending.status = int(tail)
        self._ended(pending)

    def _end_err(self, _tail: bytes) -> None:
        self._ended(self._err.popleft())

    def _ended(self, pending: Pending) -> None:
        pending.streams_open -= 1
        if pending.streams_open == 0:
            self.counter.answers(pending.trip)
            self.counter.commands += pending.status != SKIPPED
        if pending.streams_open == 0 and pending.status is not None and not pending.future.done():
            pending.future.set_result(pending.status)

    def _lose(self, reason: str) -> None:
        if self._lost is None:
            self._lost = ConnectionLost(reason)
            if self._process is not None and self._out and not self._closing and self.ending is None:
                self.on_orphan(self._process)
        for pending in {id(p): p for p in (*self._out, *self._err)}.values():
            if not pending.future.done():
                pending.future.set_exception(ConnectionLost(reason))
                pending.future.exception()  # seen: nobody may be waiting for it
        self._out.clear()
        self._err.clear()


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ConnectionLost) else f"{type(error).__name__}: {error}"


def _future() -> asyncio.Future[int]:
    return asyncio.get_running_loop().create_future()


async def finish(stream: Stream) -> None:
    """Let a process end by itself.

    A stream whose connection takes care of that has a method ``finish``; for others its end is waited for.

    :raises TimeoutError: it does not end.
    """
    own = getattr(stream, "finish", None)
    if own is not None:
        await own()
        return
    await stream.write_eof()
    async with asyncio.timeout(2):
        await stream.wait()
    await stream.close()
