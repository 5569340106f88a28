"""A process on this machine as a :class:`~ropewalk.api.connector.Stream`.

Connectors that reach their target through a program (``docker exec``, ``chroot``, the OpenSSH client) spawn it here.
There is no buffer of ours: what nobody reads stays in the pipe and stops the writer, so memory is bounded.
"""

from __future__ import annotations

import asyncio
import fcntl
import os
import pty as pseudo_terminal
import signal
import struct
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from io import FileIO
from typing import IO, cast

from ropewalk.connectors.pipe import Pipe
from ropewalk.connectors.terminal import COLUMNS, ROWS, end_of_input
from ropewalk.model.errors import ConnectError

REAP_TIMEOUT = 5.0


async def spawn(
    argv: Sequence[str],
    *,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    pty: bool = False,
) -> ProcessStream:
    """Start a program on this machine, in a session of its own, and return it as a stream.

    :param argv: the program (looked up in ``PATH``) and its arguments.
    :param env: its whole environment; ours if not given.
    :param cwd: its working directory; ours if not given.
    :param pty: give it a terminal of its own instead of three pipes.
    :raises ConnectError: it cannot be started; ``__cause__`` is the ``OSError`` or ``ValueError``.

    ::

        stream = await spawn(["docker", "exec", "-i", container, "sh"])
    """
    try:
        return _spawn_on_terminal(argv, env, cwd) if pty else _spawn_on_pipes(argv, env, cwd)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ConnectError(f"cannot start {argv[0]!r}: {reason}") from error


class ProcessStream:
    """What :func:`spawn` returns. ``pid`` is the process's id, which is also that of its process group."""

    def __init__(self, process: subprocess.Popen[bytes], stdin: Pipe, stdout: Pipe, stderr: Pipe | None) -> None:
        self.pid = process.pid
        self._process, self._stdin, self._stdout, self._stderr = process, stdin, stdout, stderr
        self._last = b"\n"
        self._exited = _watch(process)

    @property
    def ended(self) -> bool:
        """Whether the process has ended."""
        return self._exited.done()

    async def write(self, data: bytes) -> None:
        await self._stdin.write(data)
        self._last = data[-1:] or self._last

    async def write_eof(self) -> None:
        if self._stderr is None:
            await self._stdin.write(end_of_input(self._last))
        else:
            await self._stdin.finish()

    async def stdout(self) -> bytes:
        return await self._stdout.read()

    async def stderr(self) -> bytes:
        return b"" if self._stderr is None else await self._stderr.read()

    async def wait(self) -> int:
        status = await asyncio.shield(self._exited)
        return 128 - status if status < 0 else status

    async def close(self) -> None:
        """Close the pipes and, if the process still runs, kill its process group.

        A process that has ended is left alone with all it started: a daemon may outlive the command that started it.
        """
        for pipe in (self._stdin, self._stdout, self._stderr):
            if pipe is not None:
                pipe.close()
        if self._process.poll() is None:
            try:
                os.killpg(self.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                pass  # it has just ended, or became another user's (sudo): closed pipes have to do
        await asyncio.wait([self._exited], timeout=REAP_TIMEOUT)


def _spawn_on_pipes(
    argv: Sequence[str], env: Mapping[str, str] | None, cwd: str | os.PathLike[str] | None
) -> ProcessStream:
    pipe = subprocess.PIPE
    process = subprocess.Popen(
        argv, stdin=pipe, stdout=pipe, stderr=pipe, bufsize=0, env=env, cwd=cwd, start_new_session=True
    )
    return ProcessStream(process, _pipe(process.stdin), _pipe(process.stdout), _pipe(process.stderr))


def _spawn_on_terminal(
    argv: Sequence[str], env: Mapping[str, str] | None, cwd: str | os.PathLike[str] | None
) -> ProcessStream:
    ours, theirs = pseudo_terminal.openpty()
    try:
        fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        process = subprocess.Popen(
            argv, stdin=theirs, stdout=theirs, stderr=theirs, env=env, cwd=cwd, start_new_session=True,
            preexec_fn=_take_terminal,
        )  # fmt: skip
    except BaseException:
        os.close(ours)
        raise
    finally:
        os.close(theirs)
    return ProcessStream(process, _pipe(FileIO(os.dup(ours), "w")), _pipe(FileIO(ours)), None)


def _take_terminal() -> None:
    """Make the terminal on our standard input the one that controls the new session: ``/dev/tty`` then works."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


def _pipe(file: IO[bytes] | FileIO | None) -> Pipe:
    return Pipe(cast(FileIO, file))


def _watch(process: subprocess.Popen[bytes]) -> asyncio.Future[int]:
    """Return a future of the process's return code. No signal handler, and on Linux no thread."""
    loop = asyncio.get_running_loop()
    exited: asyncio.Future[int] = loop.create_future()

    def done(status: int) -> None:
        if not exited.done():
            exited.set_result(status)

    def wait_in_thread() -> None:
        status = process.wait()
        try:
            loop.call_soon_threadsafe(done, status)
        except RuntimeError:
            pass  # the loop has been closed: nobody waits any more

    if sys.platform == "linux":
        try:
            fd = os.pidfd_open(process.pid)
        except OSError:
            pass  # Linux before 5.3
        else:

            def reap() -> None:
                loop.remove_reader(fd)
                os.close(fd)
                done(process.wait())

            loop.add_reader(fd, reap)
            return exited
    threading.Thread(target=wait_in_thread, daemon=True).start()
    return exited
