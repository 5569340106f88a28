"""The history database: takes in journals, drops what is old, answers questions."""

from __future__ import annotations

import contextlib
import json
import os
import sqlite3
import zlib
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.history.codec import Decoder
from ropewalk.history.intake import Intake, intake_of
from ropewalk.history.journal import Claim, read
from ropewalk.history.places import open_private, private_directory
from ropewalk.history.schema import migrate, roll_back
from ropewalk.model.errors import RopewalkError, UsageError
from ropewalk.model.event import Event
from ropewalk.model.record import record

#: Seconds to wait for another process that writes.
BUSY = 10.0


class HistoryUnusable(RopewalkError):
    """The database cannot be read or written."""


@record
class Retention:
    """How much is kept: runs of the last ``days``, and at most so many ``runs``; ``None``: no limit."""

    days: float | None = None
    runs: int | None = None


@record
class RunRow:
    """One run, as it is listed."""

    id: str
    began: str
    seconds: float | None
    mode: str
    status: str
    exit_code: int | None
    message: str | None
    inventory: str
    what: str
    user: str
    machine: str
    directory: str
    version: str
    git_commit: str | None
    git_dirty: int | None  # 1: yes
    resumes: str | None
    hosts: int
    failed_hosts: int
    changed: int
    failed: int


_RUN_COLUMNS = """
    id, began, seconds, mode, status, exit_code, message, inventory, what, user, machine, directory, version,
    git_commit, git_dirty, resumes,
    (SELECT count(*) FROM hosts WHERE run = id),
    (SELECT count(*) FROM hosts WHERE run = id AND hosts.status != 'ok'),
    (SELECT count(*) FROM results WHERE run = id AND outcome = 'changed'),
    (SELECT count(*) FROM results WHERE run = id AND outcome = 'failed')
"""


class Store:
    """An open history. Journals that are left over, of processes that were killed, are taken in first.

    :raises HistoryUnusable: it cannot be opened.
    """

    PRAGMAS: ClassVar[tuple[str, ...]] = ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON")

    def __init__(self, directory: Path) -> None:
        self.directory, self.path = directory, directory / "history.db"
        with self._translated():
            private_directory(directory)
            os.close(open_private(self.path, os.O_RDWR | os.O_CREAT))
            self.connection = sqlite3.connect(self.path, timeout=BUSY, isolation_level=None)
            for setting in self.PRAGMAS:
                self.connection.execute(f"PRAGMA {setting}")
            migrate(self.connection)
            self.take_journals()

    def take_journals(self) -> None:
        """Take in every journal whose process has ended."""
        for path in sorted((self.directory / "runs").glob("*.jsonl")):
            claim = Claim.of(path)
            if claim is None:
                continue
            with claim:
                intake = _intake_of(path)
                if intake is not None:
                    with self._writing():
                        intake.insert(self.connection)
                claim.remove()

    def forget(self, retention: Retention) -> None:
        """Drop runs that need not be kept."""
        with self._translated(), self._writing():
            if retention.days is not None:
                oldest = datetime.now(UTC) - timedelta(days=retention.days)
                self.connection.execute(
                    "DELETE FROM runs WHERE began < ?", (oldest.isoformat(timespec="milliseconds"),)
                )
            if retention.runs is not None:
                self.connection.execute(
                    "DELETE FROM runs WHERE id NOT IN (SELECT id FROM runs ORDER BY began DESC, rowid DESC LIMIT ?)",
                    (retention.runs,),
                )

    def close(self) -> None:
        self.connection.close()

    def __enter__(self) -> Store:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- questions --------------------------------------------------------------------------------------

    def runs(self, limit: int | None = None) -> list[RunRow]:
        """Return runs, the last one first."""
        return self._runs("ORDER BY began DESC, rowid DESC LIMIT ?", -1 if limit is None else limit)

    def run(self, word: str) -> RunRow:
        """Return the run that a word means: an id or the beginning of one, ``last``, ``-1`` (the last), ``-2`` ...

        :raises UsageError: it means none, or several.
        """
        if word == "last" or (word[:1] == "-" and word[1:].isdigit() and int(word[1:]) > 0):
            back = 1 if word == "last" else int(word[1:])
            found = self._runs("ORDER BY began DESC, rowid DESC LIMIT 1 OFFSET ?", back - 1)
        elif word and all(letter in "0123456789abcdef" for letter in word):
            found = self._runs("WHERE id >= ? AND id < ? || 'g' ORDER BY began", word, word)
        else:
            raise UsageError(f"{word!r} is not a run", hint="an id from `ropewalk history`, last, or -1, -2, ...")
        if len(found) == 1:
            return found[0]
        if found:
            raise UsageError(f"{word} is the beginning of {len(found)} runs", hint=", ".join(row.id for row in found))
        if not self.runs(1):
            raise UsageError("the history has no runs", hint="deploys and operations that are applied are recorded")
        raise UsageError(f"there is no run {word} in the history", hint="`ropewalk history` lists the runs")

    def events(self, run: str) -> list[tuple[float, Event]]:
        """Return the events of a run with the seconds since it began."""
        with self._translated():
            (blob,) = self.connection.execute("SELECT events FROM runs WHERE id = ?", (run,)).fetchone()
        return list(Decoder().events(json.loads(line) for line in zlib.decompress(blob).decode().splitlines()))

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        with self._translated():
            return self.connection.execute(query, values).fetchall()

    def _runs(self, rest: str, *values: object) -> list[RunRow]:
        return [RunRow(*row) for row in self.rows(f"SELECT {_RUN_COLUMNS} FROM runs {rest}", *values)]

    @contextlib.contextmanager
    def _writing(self) -> Iterator[None]:
        self.connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            roll_back(self.connection)
            raise
        self.connection.execute("COMMIT")

    @contextlib.contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise HistoryUnusable(f"the history cannot be used: {self.path}: {error}") from error
        except OSError as error:
            where = error.filename or self.path
            raise HistoryUnusable(f"the history cannot be used: {where}: {error.strerror}") from error


def _intake_of(path: Path) -> Intake | None:
    try:
        return intake_of(read(path))
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise HistoryUnusable(f"the history cannot take in {path}, which is damaged: {error!r}; remove it") from error
