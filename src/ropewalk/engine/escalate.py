"""Opens a process on the host as some identity: answers the questions of sudo and su, through their input.

The process announces itself with a greeting on both output streams. Until it has come, whatever arrives was
written by a login, by sudo or by su: it is searched for questions, and explains a failure.
"""

from __future__ import annotations

import asyncio
import secrets
import shlex
from collections.abc import Awaitable, Callable, Mapping, Sequence

from ropewalk.api.connector import Connector, Stream
from ropewalk.engine.traffic import Counter
from ropewalk.model.command import Secret
from ropewalk.model.errors import EscalationFailed
from ropewalk.shell.identity import Identity
from ropewalk.shell.process import Process, tell
from ropewalk.shell.prompts import UNKNOWN_USER, Ask, asked, clean, wants_password

#: Asks for a password that was not given; ``None`` when nobody can be asked.
AskPassword = Callable[[Ask], Awaitable[Secret | None]]

#: Seconds that sudo or su may take to decide.
PATIENCE = 60.0
#: Seconds of silence that make a question of text that ends like one.
PAUSE = 0.2


class Greeted:
    """A stream whose greeting was read; what came after the greeting is read first."""

    def __init__(self, stream: Stream, process: Process, out: bytes, err: bytes) -> None:
        self.process = process
        self._stream, self._out, self._err = stream, out, err
        self.write, self.write_eof = stream.write, stream.write_eof
        self.wait, self.close = stream.wait, stream.close

    async def stdout(self) -> bytes:
        data, self._out = self._out, b""
        return data or await self._stream.stdout()

    async def stderr(self) -> bytes:
        data, self._err = self._err, b""
        return data or await self._stream.stderr()


async def open_as(
    connector: Connector,
    identity: Identity,
    program: Sequence[str],
    *,
    passwords: Mapping[Ask, Secret],
    ask: AskPassword,
    counter: Counter,
    pty: bool = False,
) -> Greeted:
    """Start a program on the host as ``identity``.

    :raises EscalationFailed: with what sudo or su said.
    :raises ConnectionLost: the connection ended meanwhile.
    """
    marker = f"ropewalk-hello-{secrets.token_hex(8)}"
    # On a terminal, what is typed would come back, and lines would have a limit.
    quiet = "stty raw -echo 2>/dev/null; " if pty else ""
    greeting = f"{quiet}{tell(marker)}; exec {shlex.join(program)}"
    stream = await connector.open(identity.argv(["sh", "-c", greeting]), pty=pty)
    counter.opened()
    trip = counter.asks()
    try:
        greeter = _Greeter(stream, marker, identity, passwords, ask, merged=pty)
        async with asyncio.timeout(PATIENCE) as limit:
            greeted = await greeter.run(limit)
    except TimeoutError:
        await stream.close()
        raise EscalationFailed(f"{identity}: no answer in {PATIENCE:g} s{greeter.said()}") from None
    except BaseException:
        await stream.close()
        raise
    counter.answers(trip)
    return greeted


class _Greeter:
    def __init__(
        self, stream: Stream, marker: str, identity: Identity, passwords: Mapping[Ask, Secret], ask: AskPassword, *,
        merged: bool,
    ) -> None:  # fmt: skip
        self._stream, self._marker, self._identity = stream, b"\n" + marker.encode(), identity
        self._passwords, self._ask, self._merged = passwords, ask, merged
        self._out, self._err = bytearray(), bytearray()
        self._answered: set[Ask] = set()
        self._seen = 0  # how much of what was written on stderr was searched for questions and answered

    async def run(self, limit: asyncio.Timeout) -> Greeted:
        """Read until the greeting has come; ``limit`` does not count while a person is asked."""
        readers: dict[asyncio.Task[bytes], bytearray] = {}
        reading = {
            id(self._out): (self._out, self._stream.stdout, 2 if self._merged else 1),
            id(self._err): (self._err, self._stream.stderr, 0 if self._merged else 1),
        }
        try:
            while True:
                wanted = [entry for entry in reading.values() if self._greetings(entry[0]) < entry[2]]
                if not wanted:
                    return self._greeted()
                for buffer, read, _ in wanted:
                    if not any(buffer is known for known in readers.values()):
                        readers[asyncio.ensure_future(read())] = buffer
                pause = PAUSE if self._question() is not None else None
                done, _pending = await asyncio.wait(readers, timeout=pause, return_when=asyncio.FIRST_COMPLETED)
                if not done:
                    await self._answer(limit)
                for task in done:
                    buffer, data = readers.pop(task), task.result()
                    if not data:
                        reading.pop(id(buffer))
                        if not self._greetings(buffer):
                            await self._refused(readers, [entry[:2] for entry in reading.values()])
                    buffer.extend(data)
        finally:
            for task in readers:
                task.cancel()

    def _greetings(self, buffer: bytearray) -> int:
        """Count the complete greetings that have arrived."""
        count, at = 0, 0
        while (at := buffer.find(self._marker, at)) >= 0 and (at := buffer.find(b"\n", at + 1)) >= 0:
            count += 1
        return count

    def _greeted(self) -> Greeted:
        _head, _, rest = bytes(self._out).partition(self._marker)
        line, _, out = rest.partition(b"\n")
        if self._merged:
            out = out.partition(self._marker)[2].partition(b"\n")[2]
        err = bytes(self._err).partition(self._marker)[2].partition(b"\n")[2]
        return Greeted(self._stream, Process.told(line), out, err)

    def _question(self) -> Ask | None:
        """Return whose password seems to be asked for at the end of what was written."""
        buffer = self._out if self._merged else self._err
        if self._greetings(buffer):
            return None
        return asked(buffer[self._seen :].decode(errors="replace").replace("\r", ""), self._identity)

    async def _answer(self, limit: asyncio.Timeout) -> None:
        """Answer the question, once nothing has followed it for a moment: it might be half of a message."""
        question = self._question()
        if question is None:
            return
        self._seen = len(self._out if self._merged else self._err)
        if question in self._answered:
            raise EscalationFailed(f"the {question.value} password was not accepted ({self._identity})")
        self._answered.add(question)
        password = self._passwords.get(question)
        if password is None:
            limit.reschedule(None)
            password = await self._ask(question)
            limit.reschedule(asyncio.get_running_loop().time() + PATIENCE)
        if password is None:
            raise EscalationFailed(f"{self._identity} needs a password", hint=_HINT[question])
        await self._stream.write(f"{password.value}\n".encode())

    async def _refused(
        self,
        readers: dict[asyncio.Task[bytes], bytearray],
        others: Sequence[tuple[bytearray, Callable[[], Awaitable[bytes]]]],
    ) -> None:
        """The process ended without a greeting: say why."""
        for buffer, read in others:
            under_way = next((task for task, known in readers.items() if known is buffer), None)
            data = await (under_way or read())
            while data:
                buffer.extend(data)
                data = await read()
        readers.clear()
        text = clean((self._err or self._out).decode(errors="replace"))
        raise EscalationFailed(
            f"{self._identity} failed: {text or 'no reason given'}" if self._identity.escalates else
            f"cannot start a shell: {text or 'no reason given'}",
            hint=_HINT[Ask.SUDO] if wants_password(text) else None,
            unknown_user=bool(UNKNOWN_USER.search(text)),
        )  # fmt: skip

    def said(self) -> str:
        text = clean(self._err.decode(errors="replace"))
        return f": {text}" if text else ""


_HINT = {
    Ask.SUDO: "give it with --use-sudo-password, as _sudo_password, or as config.SUDO_PASSWORD",
    Ask.SU: "give it as _su_password or as config.SU_PASSWORD",
}
