"""Changes that something still waits for: one small file per tree of deploys, which is gone when nothing is owed.

Each line is one of: an operation has changed something on a host (which is then owed to whatever depends on it),
something that depends on it has been done, a host's deploy has ended well (so nothing is owed to it any more).
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropewalk.history.places import open_private, private_directory, write_all
from ropewalk.model.past import Key


@dataclass
class Debt:
    """A change of one operation on one host.

    :param run: the run that made it.
    :param deploys: the deploy files of that run.
    :ivar paid: what depends on it and has been done.
    """

    run: str
    deploys: str
    exact: str
    unnamed: str
    named: str | None
    paid: set[str] = field(default_factory=set)

    def line(self, host: str) -> dict[str, Any]:
        return {
            "host": host, "run": self.run, "deploys": self.deploys, "exact": self.exact, "unnamed": self.unnamed,
            "named": self.named, "paid": sorted(self.paid),
        }  # fmt: skip


#: Debts by host, then by the exact key of the operation.
Debts = dict[str, dict[str, Debt]]


class OwedFile:
    """The debts of one tree of deploys.

    :param tree: the path of the tree.
    """

    def __init__(self, directory: Path, tree: str) -> None:
        name = hashlib.blake2b(tree.encode("utf-8", "surrogateescape"), digest_size=12).hexdigest()
        self._path = directory / "owed" / f"{name}.jsonl"
        self._lock_path = directory / "owed" / f"{name}.lock"
        self._descriptor: int | None = None
        self._lock: int | None = None

    def read(self) -> Debts:
        """Return all debts.

        :raises OSError: the file is there, and cannot be read.
        """
        debts: Debts = {}
        for line in self._lines():
            fold(debts, line)
        return debts

    def append(self, line: Mapping[str, Any]) -> None:
        """Write a line; the system has it when this returns, whatever becomes of this process.

        From then on nobody may tidy the file, until :meth:`close`.

        :raises OSError: it cannot be written.
        """
        if self._descriptor is None:
            self._lock = self._locked(fcntl.LOCK_SH)
            self._descriptor = open_private(self._path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
            write_all(self._descriptor, b"\n" if os.fstat(self._descriptor).st_size else b"")  # the last may be cut off
        write_all(self._descriptor, (json.dumps(line) + "\n").encode())

    def close(self) -> None:
        """Let go of the file."""
        for descriptor in (self._descriptor, self._lock):
            if descriptor is not None:
                os.close(descriptor)
        self._descriptor = self._lock = None

    def tidy(self) -> None:
        """Let go of the file, and drop what is no longer needed; where another run writes to it, that one will.

        :raises OSError: the file cannot be written.
        """
        self.close()
        if not self._path.exists():
            return
        try:
            lock = self._locked(fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return
        try:
            debts = self.read()
            left = [json.dumps(debt.line(host)) + "\n" for host, of in debts.items() for debt in of.values()]
            if not left:
                self._path.unlink(missing_ok=True)
                return
            new = self._path.with_suffix(".new")
            descriptor = open_private(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
            with os.fdopen(descriptor, "w") as file:
                file.writelines(left)
            new.replace(self._path)
        finally:
            os.close(lock)

    def _lines(self) -> Iterator[dict[str, Any]]:
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return
        for line in data.splitlines():
            try:
                yield json.loads(line)
            except ValueError:
                continue  # it was cut off when a disk was full

    def _locked(self, how: int) -> int:
        """Return the open lock file, once it is locked."""
        private_directory(self._path.parent)
        descriptor = open_private(self._lock_path, os.O_RDWR | os.O_CREAT)
        try:
            fcntl.flock(descriptor, how)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor


def changed(host: str, run: str, deploys: str, key: Key) -> dict[str, Any]:
    """Return the line that says: an operation has changed something."""
    return Debt(run, deploys, key.exact, key.unnamed, key.named).line(host)


def paid(host: str, exact: str, to: str) -> dict[str, Any]:
    """Return the line that says: something that depends on a change has been done."""
    return {"host": host, "exact": exact, "paid_to": to}


def settled(host: str, deploys: str, exact: list[str]) -> dict[str, Any]:
    """Return the line that says: a host's deploy has ended well, and these changes were part of it."""
    return {"host": host, "settled": deploys, "exact": exact}


def fold(debts: Debts, line: Mapping[str, Any]) -> None:
    """Add one line to what is known."""
    of = debts.setdefault(line["host"], {})
    if "settled" in line:
        for exact in [exact for exact, debt in of.items() if debt.deploys == line["settled"] or exact in line["exact"]]:
            del of[exact]
    elif "paid_to" in line:
        if line["exact"] in of:
            of[line["exact"]].paid.add(line["paid_to"])
    else:
        of[line["exact"]] = Debt(
            line["run"], line["deploys"], line["exact"], line["unnamed"], line["named"], set(line["paid"])
        )
