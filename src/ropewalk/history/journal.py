"""A file that is appended to while a run goes on, so that nothing is forgotten if its process is killed.

Every line is a JSON object. The process that writes a journal holds a lock on it: one without is left over.
"""

from __future__ import annotations

import fcntl
import json
import os
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from ropewalk.history.places import open_private, private_directory, write_all


class Journal:
    """A journal that is being written.

    :raises OSError: it cannot be made.
    """

    def __init__(self, path: Path) -> None:
        private_directory(path.parent)
        self.path = path
        self._lock = threading.Lock()  # callbacks note things from threads of their own
        self._waiting: list[str] = []
        self._descriptor = open_private(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND)
        fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def put(self, lines: Iterable[str]) -> None:
        """Take lines, to be written with those that come next."""
        with self._lock:
            self._waiting.extend(lines)

    def write(self) -> None:
        """Write everything now: the system has it, whatever becomes of this process.

        :raises OSError: it cannot be written.
        """
        with self._lock:
            if not self._waiting or self._descriptor < 0:
                return
            data = ("\n".join(self._waiting) + "\n").encode()
            self._waiting.clear()
            write_all(self._descriptor, data)

    def discard(self) -> None:
        """Remove the file: taken in, what there is of it would tell of a run that was killed."""
        try:
            os.unlink(self.path)
        except OSError:
            pass
        self.close()

    def close(self) -> None:
        """Let go of the file; it is a journal that is left over then."""
        with self._lock:
            if self._descriptor >= 0:
                os.close(self._descriptor)
                self._descriptor = -1


def read(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield the lines of a journal, as text and what it says; the last one is left out if it was cut off."""
    with path.open("rb") as file:
        for line in file:
            try:
                yield line.decode().rstrip("\n"), json.loads(line)
            except ValueError:
                return


class Claim:
    """The right to dispose of a journal that is left over; ``None`` while its process lives."""

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path, self._descriptor = path, descriptor

    @classmethod
    def of(cls, path: Path) -> Claim | None:
        try:
            descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if os.fstat(descriptor).st_nlink:  # else somebody else has disposed of it
                return cls(path, descriptor)
        except OSError:
            pass
        os.close(descriptor)
        return None

    def remove(self) -> None:
        os.unlink(self.path)

    def __enter__(self) -> Claim:
        return self

    def __exit__(self, *exception: object) -> None:
        os.close(self._descriptor)
