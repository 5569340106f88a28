"""What earlier runs owe to hosts, and this one: on disk before the next operation of a host begins."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ropewalk.history import owed as owing
from ropewalk.history.owed import Debt, Debts, OwedFile
from ropewalk.model.past import Key


class Ledger:
    """The debts of one tree of deploys, during one run.

    :param run: the id of the run.
    :param scope: what tells its deploys from others of the tree.
    :param warn: told, once, why nothing can be kept; nothing is from then on.
    """

    def __init__(self, directory: Path, tree: str, run: str, scope: str, warn: Callable[[Exception], None]) -> None:
        self._run, self._scope, self._warn = run, scope, warn
        self._file: OwedFile | None = OwedFile(directory, tree)
        self._debts: Debts = {}
        self._known: dict[str, set[str]] = {}
        self._changed: dict[str, set[str]] = {}
        self._matched: dict[str, set[str]] = {}
        self._guarded(self._read)

    def owes(self, host: str) -> bool:
        """Say whether anything is owed to a host."""
        return bool(self._debts.get(host))

    def owed(self, host: str, key: Key, to: str | None) -> str | None:
        """Return the run that changed an operation, if that is owed to somebody (``None``: to anybody)."""
        for debt in self._debts_of(host, key):
            if to is None or to not in debt.paid:
                return debt.run
        return None

    def known(self, host: str, key: Key) -> None:
        """An operation is called: debts of that very key are its own."""
        if host in self._debts:
            self._known.setdefault(host, set()).add(key.exact)

    def changed(self, host: str, key: Key) -> None:
        """An operation has changed something."""
        self._changed.setdefault(host, set()).add(key.exact)
        self._append(owing.changed(host, self._run, self._scope, key))

    def paid(self, host: str, key: Key, to: str) -> None:
        """What depends on an operation has been done."""
        for debt in self._debts_of(host, key):
            debt.paid.add(to)
            self._append(owing.paid(host, debt.exact, to))
        if key.exact in self._changed.get(host, ()):
            self._append(owing.paid(host, key.exact, to))

    def settle(self, host: str) -> None:
        """A host's deploy has ended well: nothing of it waits any more."""
        debts = self._debts.pop(host, {})
        mine = self._matched.get(host, set()) & debts.keys()
        if self._changed.pop(host, None) or mine or any(debt.deploys == self._scope for debt in debts.values()):
            self._append(owing.settled(host, self._scope, sorted(mine)))

    def close(self) -> None:
        """Let go of the file, and drop what is not needed any more."""
        if self._file is not None:
            self._guarded(self._file.tidy)

    def _read(self) -> None:
        if self._file is not None:
            self._debts = self._file.read()

    def _debts_of(self, host: str, key: Key) -> list[Debt]:
        """Return what earlier runs owe for an operation, found by all it can be recognised by."""
        of = self._debts.get(host)
        if not of:
            return []
        found = [of[key.exact]] if key.exact in of else []
        known = self._known.get(host, set())
        for debt in of.values() if not found else ():
            same = debt.unnamed == key.unnamed or (key.named is not None and debt.named == key.named)
            if same and debt.exact not in known:
                found.append(debt)
        self._matched.setdefault(host, set()).update(debt.exact for debt in found)
        return found

    def _append(self, line: Mapping[str, Any]) -> None:
        file = self._file
        if file is not None:
            self._guarded(lambda: file.append(line))

    def _guarded(self, work: Callable[[], None]) -> None:
        try:
            work()
        except (OSError, KeyError, TypeError) as error:
            file, self._file = self._file, None
            if file is not None:
                file.close()
            self._warn(error)
