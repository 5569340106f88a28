"""How things end: small closed vocabularies, and the one function that decides the exit status."""

from __future__ import annotations

import enum
from collections.abc import Iterable


@enum.unique
class Outcome(enum.StrEnum):
    """How an operation ended on one host."""

    CHANGED = "changed"
    OK = "ok"  # already as wanted
    SKIPPED = "skipped"  # see Skip
    IGNORED = "ignored"  # failed, and _ignore_errors was set
    FAILED = "failed"
    CANCELLED = "cancelled"  # stopped by the user or by --fail-percent while it ran

    @property
    def succeeded(self) -> bool:
        return self in (Outcome.CHANGED, Outcome.OK)


@enum.unique
class Skip(enum.StrEnum):
    """Why an operation did not run."""

    CONDITION = "condition"  # _if or host.when said no
    RUN_ONCE = "run-once"  # another host ran it
    UPSTREAM = "upstream"  # this host failed before
    DONE = "done"  # in the run that this one resumes


@enum.unique
class Prediction(enum.StrEnum):
    """What a plan says of an operation on one host."""

    CHANGE = "change"
    NO_CHANGE = "no-change"
    UNKNOWN = "unknown"  # cannot be known before applying
    SKIPPED = "skipped"
    ERROR = "error"


@enum.unique
class HostStatus(enum.StrEnum):
    """How a host ended a run."""

    OK = "ok"
    FAILED = "failed"
    UNREACHABLE = "unreachable"
    CANCELLED = "cancelled"


@enum.unique
class ExitStatus(enum.IntEnum):
    """What the process tells whoever started it."""

    OK = 0
    FAILED = 1  # an operation or a host failed
    USAGE = 2  # bad arguments, inventory or deploy, or nothing matched what was asked for
    CHANGES = 3  # --dry --detailed-exitcode: there is something to apply
    UNREACHABLE = 4  # no operation failed, but a host could not be reached
    INTERNAL = 70  # a bug in ropewalk
    INTERRUPTED = 130
    TERMINATED = 143


def exit_status(
    hosts: Iterable[HostStatus], *, stopped_by: ExitStatus | None = None, changes_pending: bool = False
) -> ExitStatus:
    """Say how the process exits, from every host's status.

    :param stopped_by: what ended the run early (a signal, bad usage, a bug); it outranks the hosts.
    :param changes_pending: a plan that was asked to tell found something to apply.
    """
    if stopped_by is not None:
        return stopped_by
    seen = set(hosts)
    for status, code in (
        (HostStatus.FAILED, ExitStatus.FAILED),
        (HostStatus.UNREACHABLE, ExitStatus.UNREACHABLE),
        (HostStatus.CANCELLED, ExitStatus.FAILED),
    ):
        if status in seen:
            return code
    return ExitStatus.CHANGES if changes_pending else ExitStatus.OK
