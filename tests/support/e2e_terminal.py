"""A terminal that somebody sits at: for questions, and for a Ctrl-C that really is typed."""

from __future__ import annotations

import os
import pty
import select
import sys
import time
from types import TracebackType

#: Makes the terminal on standard input the one that controls the process, then becomes the program.
_LOGIN = "import fcntl, os, sys, termios; fcntl.ioctl(0, termios.TIOCSCTTY, 0); os.execv(sys.argv[1], sys.argv[1:])"

CTRL_C = "\x03"


class Terminal:
    """Give ``descriptor`` to a process as its standard input, and start it by way of ``login``."""

    login = (sys.executable, "-c", _LOGIN)

    def __init__(self) -> None:
        self._ours, self.descriptor = pty.openpty()
        self.shown = ""

    def write(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def shows(self, text: str, *, within: float = 20.0) -> None:
        """Wait until a text is shown.

        :raises AssertionError: it is not.
        """
        give_up = time.monotonic() + within
        while text not in self.shown:
            ready, _, _ = select.select([self._ours], [], [], max(0.0, give_up - time.monotonic()))
            assert ready, f"no {text!r} in {self.shown!r}"
            self.shown += os.read(self._ours, 65536).decode(errors="replace")

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        os.close(self._ours)
        os.close(self.descriptor)
