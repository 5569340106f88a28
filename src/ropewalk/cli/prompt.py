"""Questions to the user. Asking never blocks the event loop, and giving up on a question leaves nothing behind."""

from __future__ import annotations

import asyncio
import contextlib
import os
import sys
import termios
import threading
from collections.abc import Callable, Iterator

from ropewalk.model.errors import UsageError


class CannotAsk(UsageError):
    """There is nobody to answer."""


async def confirm(question: str) -> bool:
    """Ask a question that Enter answers with yes.

    :raises CannotAsk: standard input has ended.
    """
    while True:
        _say(f"{question} [Y/n] ")
        answer = await _from_thread(lambda: read_line(0))
        if answer is None:
            _say("\n")
            raise CannotAsk(
                "cannot ask whether to apply: standard input has ended",
                hint="use -y to apply without asking, or --dry to only plan",
            )
        if answer.strip().lower() in ("", "y", "yes"):
            return True
        if answer.strip().lower() in ("n", "no"):
            return False


class Secrets:
    """Asks for passwords on the terminal, one question at a time.

    :param same: texts that mark questions which have one answer for all hosts, such as ``sudo password``.
    :param pausing: entered around each question: whatever moves on the screen must stand still.
    """

    def __init__(
        self,
        *,
        same: tuple[str, ...] = (),
        pausing: Callable[[], contextlib.AbstractContextManager[None]] | None = None,
    ) -> None:
        self._same, self._pausing = same, pausing or contextlib.nullcontext
        self._answers: dict[str, str | None] = {}
        self._lock = asyncio.Lock()

    async def __call__(self, prompt: str) -> str | None:
        """Return what the user typed, or ``None`` where there is no terminal or the answer was refused."""
        key = next((text for text in self._same if text in prompt), None)
        async with self._lock:
            if key is not None and key in self._answers:
                return self._answers[key]
            with self._pausing():
                answer = await ask_secret(prompt)
            if key is not None:
                self._answers[key] = answer
            return answer


async def ask_secret(prompt: str) -> str | None:
    """Ask for a secret on the controlling terminal, without showing what is typed.

    :return: ``None`` where there is no terminal, or when the answer is the end of input (Ctrl-D).
    """
    try:
        terminal = os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY)
    except OSError:
        return None
    try:
        with _hidden_input(terminal):
            os.write(terminal, prompt.encode())
            reader = os.dup(terminal)  # the thread's own: it may still wait when the question is given up
            answer = await _from_thread(lambda: _read_and_close(reader))
            os.write(terminal, b"\n")
        return None if answer is None else answer.rstrip("\r\n")
    finally:
        os.close(terminal)


def read_line(descriptor: int) -> str | None:
    """Read one line, byte by byte so that nothing behind it is taken; ``None`` at the end of input.

    Not by way of ``sys.stdin``: an interpreter cannot end while another thread waits inside that object.
    """
    line = bytearray()
    while not line.endswith(b"\n"):
        try:
            byte = os.read(descriptor, 1)
        except OSError:
            break
        if not byte:
            break
        line += byte
    return line.decode(errors="replace") if line else None


def _read_and_close(descriptor: int) -> str | None:
    try:
        return read_line(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _hidden_input(terminal: int) -> Iterator[None]:
    before = termios.tcgetattr(terminal)
    hidden = termios.tcgetattr(terminal)
    hidden[3] &= ~termios.ECHO
    termios.tcsetattr(terminal, termios.TCSAFLUSH, hidden)
    try:
        yield
    finally:
        termios.tcsetattr(terminal, termios.TCSAFLUSH, before)


async def _from_thread(read: Callable[[], str | None]) -> str | None:
    """Wait for a read that may never end, in a thread that nobody waits for at exit."""
    loop = asyncio.get_running_loop()
    answered: asyncio.Future[str | None] = loop.create_future()

    def settle(answer: str | None) -> None:
        if not answered.done():
            answered.set_result(answer)

    def work() -> None:
        answer = read()
        with contextlib.suppress(RuntimeError):  # the loop has ended meanwhile
            loop.call_soon_threadsafe(settle, answer)

    threading.Thread(target=work, name="ropewalk-prompt", daemon=True).start()
    return await answered


def _say(text: str) -> None:
    sys.stderr.write(text)
    sys.stderr.flush()
