"""What one run knows of those before it: which operations were done, and which changes something still waits for.

The engine asks; :mod:`ropewalk.history` answers. Operations of two runs are the same when their :class:`Key` says so.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from ropewalk.model.outcome import Outcome, Skip
from ropewalk.model.record import record


@record
class Key:
    """What an operation is recognised by in a later run, on the same host. No line number is part of it.

    All parts are digests: nothing of names or arguments can be read from them.

    :param exact: of function, name, arguments, and how many equal ones came before.
    :param unnamed: the same, whatever the name: an operation that was renamed is still the same.
    :param named: of function and name, if it was given one: it is still the same with other arguments.
    """

    exact: str
    unnamed: str
    named: str | None = None


#: Returns a digest of the files of this machine that an operation is made of; empty where there are none.
Content = Callable[[], str]


class Past(Protocol):
    """Earlier runs, and what this one adds to them. None of its methods raises or takes long."""

    def remembers(self, host: str) -> bool:
        """Say whether earlier runs left anything for a host; where not, there is nothing to ask for its plan."""

    def done(self, host: str, key: Key, content: Content, *, anywhere: bool) -> str | None:
        """Return the run in which an operation was done already, of the same content, if this run resumes it.

        :param anywhere: another host's will do: it runs on one host only.
        """

    def owed(self, host: str, key: Key, to: str | None = None) -> str | None:
        """Return the run in which an operation changed something that ``to`` (or anything) has not heard of."""

    def known(self, host: str, key: Key) -> None:
        """An operation is part of this run: one of another name or with other arguments is not meant by its key."""

    def ended(
        self, host: str, operation: str, key: Key, content: Content, outcome: Outcome, skip: Skip | None, changed: bool
    ) -> None:
        """An operation has ended; called before any other of this host begins.

        :param operation: the id of its :class:`~ropewalk.model.event.OperationInfo`.
        :param changed: whether it has changed something, or may have: it failed or was stopped in the middle.
        """

    def paid(self, host: str, key: Key, to: str) -> None:
        """What depends on the change of an operation has been done."""
