"""Writes lines, and lets nobody wait for that: no slow disk, and no reader that stops reading, holds up a run."""

from __future__ import annotations

import os
import select
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
