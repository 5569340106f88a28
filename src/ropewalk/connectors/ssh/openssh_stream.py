"""A process on an SSH server, through the OpenSSH client."""

from __future__ import annotations

import asyncio
import re
import shlex
from collections.abc import Sequence
from pathlib import Path

from ropewalk.connectors.process import ProcessStream
from ropewalk.connectors.ssh.openssh_errors import lost
from ropewalk.connectors.terminal import COLUMNS, ROWS, TERM, end_of_input
from ropewalk.model.errors import ConnectionLost

#: Runs its arguments and always ends by itself: ssh can pass on a status, but not which signal ended a process.
#: What the shell itself has to say ("Killed") is not the process's output, and Control-C is for the process alone.
_REPORT = 'trap : HUP INT QUIT TERM; exec 9>&2 2>/dev/null; (exec 2>&9 9>&-; exec "$@"); exit "$?"'

#: ssh asks for a terminal like its own, and it has none: so the terminal is set up from inside, and says when it is.
_TERMINAL = (
    f"stty sane rows {ROWS} cols {COLUMNS} 2>/dev/null; echo ropewalk-terminal-ready; TERM={TERM}; export TERM; "
)


def remote_command(argv: Sequence[str], *, pty: bool) -> str:
    """Return what the user's shell on the server is to run, so that its status is that of ``argv``."""
    return shlex.join(["sh", "-c", _TERMINAL + _REPORT if pty else _REPORT, "sh", *argv])


class OpenSSHStream:
    """A process on the server. A status of 255 is its own, or ssh's when the connection is gone: the log tells."""

    def __init__(self, process: ProcessStream, log: Path, place: str, *, pty: bool) -> None:
        self._process, self._log, self._place, self._pty = process, log, place, pty
        self._verdict: asyncio.Task[int] = asyncio.create_task(self._end())
        self._verdict.add_done_callback(lambda task: task.cancelled() or task.exception())
        self._closed = False
        self._last = b"\n"
        self._first = b""

    async def ready(self) -> None:
        """With a terminal, wait until it behaves like one: what is typed before is not understood."""
        while self._pty and (chunk := await self._process.stdout()):
            self._first += chunk
            said = re.split(rb"ropewalk-terminal-ready\r?\n", self._first, maxsplit=1)
            if len(said) == 2:
                self._first = b"".join(said)
                return

    async def write(self, data: bytes) -> None:
        await self._process.write(data)
        self._last = data[-1:] or self._last
        if self._verdict.done():
            self._raise_if_lost()

    async def write_eof(self) -> None:
        if self._pty:
            await self.write(end_of_input(self._last))
        else:
            await self._process.write_eof()

    async def stdout(self) -> bytes:
        first, self._first = self._first, b""
        return first or await self._process.stdout() or await self._ended()

    async def stderr(self) -> bytes:
        if self._pty:
            return b""  # what there is comes from ssh itself: "Shared connection closed"
        return await self._process.stderr() or await self._ended()

    async def wait(self) -> int:
        return await asyncio.shield(self._verdict)

    async def close(self) -> None:
        self._closed = True
        await self._process.close()
        await asyncio.wait([self._verdict])

    async def _ended(self) -> bytes:
        """At the end of an output, see whether it is a proper one.

        The process may have closed this output alone; but ssh keeps its own open to the end, so no wait is in vain.
        """
        await asyncio.wait([self._verdict])
        self._raise_if_lost()
        return b""

    def _raise_if_lost(self) -> None:
        if not self._verdict.cancelled() and self._verdict.exception() is not None and not self._closed:
            self._verdict.result()

    async def _end(self) -> int:
        status = await self._process.wait()
        said = text_of(self._log)
        self._log.unlink(missing_ok=True)
        if status == 255 and lost(said) and not self._closed:
            raise ConnectionLost(
                f"{self._place}: the connection was lost",
                hint="What was running there may have been done in part: run again.",
            )
        return status


def text_of(log: Path) -> str:
    """Return what a log file says; nothing, if there is none."""
    try:
        return log.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
