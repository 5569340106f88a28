"""What an invocation wants to know of earlier runs: ``@failed``, ``--failed``, ``--resume``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from ropewalk.history.places import state_directory
from ropewalk.model.errors import UsageError

if TYPE_CHECKING:
    from ropewalk.history.recording import Done
    from ropewalk.history.store import RunRow


class Recall:
    """Looks things up in the history; a word for a run means the same run for as long as this lives."""

    def __init__(self) -> None:
        self._runs: dict[str, RunRow] = {}

    def failed(self, word: str) -> tuple[str, list[str]]:
        """Return a run, and the hosts that failed in it, were unreachable or were not finished.

        :raises UsageError: there is no such run, or all its hosts ended well.
        """
        from ropewalk.history.questions import failed_hosts
        from ropewalk.history.store import Store

        with Store(state_directory()) as store:
            run = self._run(store, word)
            hosts = failed_hosts(store, run)
        if not hosts:
            raise UsageError(f"no host failed in run {run.id}", hint=f"it was of {run.what}")
        return run.id, hosts

    def done(self, word: str, deploys: tuple[str, ...], data: Mapping[str, str]) -> tuple[str, Done]:
        """Return a run, and what was done in it.

        :raises UsageError: the deploy is another one, or is not what it was.
        """
        from ropewalk.history.questions import check_same, done_in
        from ropewalk.history.store import Store

        with Store(state_directory()) as store:
            run = self._run(store, word)
            check_same(store, run, deploys, data)
            return run.id, done_in(store, run)

    def _run(self, store: object, word: str) -> RunRow:
        from ropewalk.history.store import Store

        if word not in self._runs and isinstance(store, Store):
            self._runs[word] = store.run(word)
        return self._runs[word]
