"""Plays deploys one after the other, with a memory of those before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropewalk.history.owed import Debts, OwedFile
from ropewalk.history.questions import done_in
from ropewalk.history.recording import About, Done, Recording
from ropewalk.history.store import Store
from ropewalk.history.tree import root_of
from support.play import Played, Stage, run_async

HEAD = """\
from ropewalk import host
from ropewalk.operations import files, python, server
OUT = {out!r} + "/" + host.name
def say(word, **how):
    server.shell(name=word, commands=["echo " + word + " >> " + OUT + "/said"], **how)
"""


@dataclass
class Story:
    """Runs of deploy files on hosts whose files stay from run to run: those in ``OUT``.

    :ivar warnings: what could not be recorded.
    """

    directory: Path
    hosts: Sequence[str] = ("a",)
    warnings: list[str] = field(default_factory=list)
    count: int = 0

    def __post_init__(self) -> None:
        for host in self.hosts:
            (self.directory / "out" / host).mkdir(parents=True)
        self.tree.mkdir()

    @property
    def state(self) -> Path:
        return self.directory / "state"

    @property
    def tree(self) -> Path:
        return self.directory / "tree"

    def said(self, host: str = "a") -> list[str]:
        """Return the words that ``say`` has left on a host, and forget them."""
        path = self.directory / "out" / host / "said"
        words = path.read_text().split() if path.exists() else []
        path.unlink(missing_ok=True)
        return words

    def run(
        self, text: str, *, name: str = "deploy.py", done: Done | None = None, pending: bool = True,
        listeners: Sequence[Callable[[Any], None]] = (), **options: Any,
    ) -> Played:  # fmt: skip
        """Write a deploy and run it; the runs have the ids 00000001, 00000002 ..."""
        path = self.tree / name
        path.write_text(HEAD.format(out=str(self.directory / "out")) + text)
        self.count += 1
        about = About(f"{self.count:08x}", "deploy", "hosts", (name,), (str(path),), dict.fromkeys(self.hosts, "d"))
        journal = options.get("apply", True) and not options.get("dry")
        recording = Recording(
            self.state, about, journal=journal, pending=pending, warn=self.warnings.append, done=done
        )  # fmt: skip
        stage = Stage(self.hosts)
        run = stage.prepare(path, listeners=[recording, *listeners], **options)
        run.shared.past = recording
        played = run_async(stage.perform(run))
        recording.close()
        return played

    def done(self, run: str = "last") -> Done:
        """Return what was done in a run."""
        with Store(self.state) as store:
            return done_in(store, store.run(run))

    def debts(self) -> Debts:
        found = OwedFile(self.state, root_of([str(self.tree / "deploy.py")])).read()
        return {host: of for host, of in found.items() if of}
