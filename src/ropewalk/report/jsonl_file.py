"""Writes lines, and lets nobody wait for that: no slow disk, and no reader that stops reading, holds up a run."""

from __future__ import annotations

import os
import select
import stat
import threading
from collections.abc import Callable

from ropewalk.model.errors import RopewalkError

#: So much text waits for a reader; one that is further behind has stopped reading.
MOST_WAITING = 64 * 1024 * 1024


class LinesLost(RopewalkError):
    """Lines could not be written, and no more will be."""


class LineFile:
    """Writes lines in a thread of its own, in order, as soon as they come.

    :param write: writes text, all of it; may block, and raise ``OSError``.
    :param name: what messages call the file.
    :param most_waiting: give up when this many characters wait to be written.
    """

    def __init__(self, write: Callable[[str], object], name: str, *, most_waiting: int = MOST_WAITING) -> None:
        self._write, self._name, self._most_waiting = write, name, most_waiting
        self._waiting: list[str] = []
        self._size = 0
        self._closed = False
        self._failure: str | None = None
        self._told = False
        self._changed = threading.Condition()
        self._thread: threading.Thread | None = None

    def put(self, line: str) -> None:
        """Take a line. Once writing has failed, this says so once, and takes no more.

        :raises LinesLost: writing has failed.
        """
        with self._changed:
            if self._failure is None and self._size > self._most_waiting:
                self._fail("nobody reads it")
            if self._failure is not None:
                self._tell()
                return
            self._waiting.append(line)
            self._size += len(line)
            self._changed.notify()
            if self._thread is None:
                self._thread = threading.Thread(target=self._work, name=f"ropewalk {self._name}", daemon=True)
                self._thread.start()

    def close(self, patience: float | None = None) -> None:
        """Wait until everything is written.

        :param patience: so many seconds at most.
        :raises LinesLost: writing has failed, and :meth:`put` has not said so.
        """
        with self._changed:
            self._closed = True
            self._changed.notify()
            abandoned = self._failure is not None  # the thread may be waiting for a reader for ever
        if self._thread is not None and not abandoned:
            self._thread.join(patience)
            if self._thread.is_alive():
                self._failure = "nobody reads it"
        if self._failure is not None:
            self._tell()

    def _tell(self) -> None:
        if not self._told:
            self._told = True
            raise LinesLost(f"{self._name}: {self._failure}; it is not complete")

    def _fail(self, why: str) -> None:
        self._failure = self._failure or why
        self._waiting.clear()
        self._size = 0

    def _work(self) -> None:
        while text := self._next():
            try:
                self._write(text)
            except (OSError, ValueError) as error:
                with self._changed:
                    self._fail((getattr(error, "strerror", None) or str(error)).lower())
                return

    def _next(self) -> str:
        """Wait for lines, and return all that have come; nothing when there will be no more."""
        with self._changed:
            self._changed.wait_for(lambda: self._waiting or self._closed or self._failure is not None)
            text = "".join(self._waiting)
            self._waiting.clear()
            self._size = 0
            return text


class TextFile:
    """Writes text to a file, without a buffer.

    A named pipe is opened at the first text: that waits until somebody opens it to read.

    :raises OSError: it cannot be opened.
    """

    def __init__(self, path: str) -> None:
        self._path = path
        self._descriptor: int | None = None
        if not _is_named_pipe(path):
            self._descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o666)

    @property
    def is_open(self) -> bool:
        """Whether it needs not wait for a reader any more."""
        return self._descriptor is not None

    def __call__(self, text: str) -> None:
        if self._descriptor is None:
            self._descriptor = os.open(self._path, os.O_WRONLY | os.O_CLOEXEC)
        to_descriptor(self._descriptor)(text)

    def close(self) -> None:
        """Let go of the file; nobody may be writing.

        :raises OSError: what was written did not all get there.
        """
        if self._descriptor is not None:
            os.close(self._descriptor)


def _is_named_pipe(path: str) -> bool:
    return os.path.exists(path) and stat.S_ISFIFO(os.stat(path).st_mode)


def to_descriptor(descriptor: int) -> Callable[[str], None]:
    """Return what writes text to an open file, all of it and at once: nothing is left in a buffer."""

    def write(text: str) -> None:
        data = memoryview(text.encode())
        while data:
            try:
                data = data[os.write(descriptor, data) :]
            except BlockingIOError:  # whoever shares the pipe has made it so
                select.select([], [descriptor], [])

    return write
