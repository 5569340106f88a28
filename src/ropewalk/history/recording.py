"""Keeps what happens in a run: a listener that writes its journal, and the answer to what the engine asks of the past.

Nothing here may make a run fail or hold it up. What cannot be written is told once, as a warning.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import field
from datetime import UTC, datetime
from pathlib import Path

from ropewalk.history import tree
from ropewalk.history.codec import Encoder, dumps
from ropewalk.history.journal import Journal
from ropewalk.history.ledger import Ledger
from ropewalk.model.event import (
    Event,
    HostEnded,
    OperationEnded,
    OperationStarted,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
)
from ropewalk.model.outcome import HostStatus, Outcome, Skip
from ropewalk.model.past import Content, Key
from ropewalk.model.record import record

#: Seconds that the end of a run waits for git and for reading the deploy's code.
PATIENCE = 5.0
#: Seconds after which it is written that an operation has begun, unless it has ended by then.
SOON = 0.2


@record
class About:
    """What a run is, apart from its events.

    :param what: deploy files as they were given, or the operation.
    :param deploys: absolute paths of the deploy files.
    :param data: a digest of the data of each host.
    :param resumes: the run that this one goes on with.
    """

    id: str
    mode: str
    inventory: str
    what: tuple[str, ...]
    deploys: tuple[str, ...] = ()
    data: Mapping[str, str] = field(default_factory=dict)
    resumes: str | None = None

    @property
    def scope(self) -> str:
        """What tells these deploys from others of the same tree."""
        return "\n".join(self.deploys)


@record
class Done:
    """What was done before: for each host, operations with their content and the run that did them."""

    hosts: Mapping[str, Mapping[str, tuple[str, str]]] = field(default_factory=dict)

    def run_of(self, host: str, key: Key, content: Content, *, anywhere: bool) -> str | None:
        for name in self.hosts if anywhere else (host,):
            before, run = self.hosts.get(name, {}).get(key.exact, (None, None))
            if run is not None and before == content():
                return run
        return None


def new_id() -> str:
    """Return an id for a run."""
    return os.urandom(4).hex()


class Recording:
    """One run on its way into history.

    :param directory: where history is.
    :param journal: write a journal; without one, the run will not be in history.
    :param pending: remember changes that something waits for.
    :param done: what needs not be done again.
    :param warn: told, once, that something cannot be kept.
    """

    def __init__(
        self, directory: Path, about: About, *, journal: bool, pending: bool, warn: Callable[[str], None],
        done: Done | None = None,
    ) -> None:  # fmt: skip
        self._directory, self._about, self._warn = directory, about, warn
        self._done = done or Done()
        self._wants_journal = journal
        self._journal: Journal | None = None
        self._encoder = Encoder()
        self._started = time.monotonic()
        self._applying = False
        self._background: threading.Thread | None = None
        self._soon: threading.Timer | None = None
        self._root = tree.root_of(about.deploys) if about.deploys else None
        self._ledger: Ledger | None = None
        if pending and self._root is not None:
            self._ledger = Ledger(directory, self._root, about.id, about.scope, self._forget_owed)

    # -- events -----------------------------------------------------------------------------------------

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted() if self._wants_journal:
                self._begin()
            case PassStarted(name="apply"):
                self._applying = True
            case HostEnded(status=HostStatus.OK) if self._applying and self._ledger is not None:
                self._ledger.settle(event.host)
        if self._journal is not None:
            self._journal.put(self._encoder.lines(event, time.monotonic() - self._started))
            if isinstance(event, OperationEnded | HostEnded | PassEnded | RunEnded):
                self._write()
            elif isinstance(event, OperationStarted):
                self._write_soon()

    def close(self) -> bool:
        """The run has ended; say whether there is a journal of it."""
        if self._background is not None:
            self._background.join(PATIENCE)
        if (soon := self._soon) is not None:
            soon.cancel()
            soon.join()
        if self._ledger is not None:
            self._ledger.close()
        written = self._journal is not None
        if self._journal is not None:
            self._write()
        if self._journal is not None:
            self._journal.close()
        return written

    def _begin(self) -> None:
        try:
            self._journal = Journal(self._directory / "runs" / f"{self._about.id}.jsonl")
        except OSError as error:
            self._give_up(error)
            return
        about = self._about
        head = {
            "run": about.id, "began": datetime.now(UTC).isoformat(timespec="milliseconds"), "mode": about.mode,
            "inventory": about.inventory, "what": about.what, "deploys": about.deploys, "root": self._root,
            "user": user_name(), "machine": os.uname().nodename, "directory": os.getcwd(), "data": dict(about.data),
            "resumes": about.resumes,
        }  # fmt: skip
        self._journal.put([dumps(head)])
        self._write()
        if self._root is not None:
            self._background = threading.Thread(target=self._look_at_tree, name="ropewalk history", daemon=True)
            self._background.start()

    def _look_at_tree(self) -> None:
        root, journal = self._root, self._journal
        if root is None or journal is None:
            return
        journal.put([dumps({"code": tree.code_of(root)})])
        self._write()
        commit = tree.commit_of(root)
        if commit is not None:
            journal.put([dumps({"commit": commit.id, "dirty": commit.dirty})])
            self._write()

    def _write(self) -> None:
        if self._journal is not None:
            try:
                self._journal.write()
            except OSError as error:
                self._give_up(error)

    def _write_soon(self) -> None:
        """What has begun is only of interest if it goes on for a while, and then this process is killed."""
        if self._soon is None:
            self._soon = threading.Timer(SOON, self._write_now)
            self._soon.daemon = True
            self._soon.start()

    def _write_now(self) -> None:
        self._soon = None
        self._write()

    def _give_up(self, error: OSError) -> None:
        journal, self._journal, self._wants_journal = self._journal, None, False
        if journal is not None:
            journal.discard()
        self._warn(f"this run will not be in the history: {_reason(error)}")

    def _forget_owed(self, error: Exception) -> None:
        self._warn(f"changes that something waits for are not remembered if this run fails: {_reason(error)}")

    # -- what the engine asks and tells (ropewalk.model.past.Past) --------------------------------------

    def remembers(self, host: str) -> bool:
        return bool(self._done.hosts) or (self._ledger is not None and self._ledger.owes(host))

    def done(self, host: str, key: Key, content: Content, *, anywhere: bool) -> str | None:
        return self._done.run_of(host, key, content, anywhere=anywhere)

    def owed(self, host: str, key: Key, to: str | None = None) -> str | None:
        return self._ledger.owed(host, key, to) if self._ledger is not None else None

    def known(self, host: str, key: Key) -> None:
        if self._ledger is not None:
            self._ledger.known(host, key)

    def ended(
        self, host: str, operation: str, key: Key, content: Content, outcome: Outcome, skip: Skip | None, changed: bool
    ) -> None:
        if self._journal is not None:
            done_in = self._done.run_of(host, key, content, anywhere=True) if skip is Skip.DONE else None
            about = {"host": host, "of": operation, "key": key.exact, "content": content(), "outcome": outcome.value}
            self._journal.put([dumps({**about, "done_in": done_in} if done_in else about)])
        if changed and self._ledger is not None:
            self._ledger.changed(host, key)

    def paid(self, host: str, key: Key, to: str) -> None:
        if self._ledger is not None:
            self._ledger.paid(host, key, to)


def _reason(error: Exception) -> str:
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else str(error.strerror or error)
    return f"a file in the state directory is damaged: {error}"


def user_name() -> str:
    """Return who runs this process, and who is behind that with sudo."""
    try:
        import pwd

        name = pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        name = str(os.getuid())
    behind = os.environ.get("SUDO_USER")
    return f"{behind} (as {name})" if behind and behind != name else name
