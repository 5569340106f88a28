"""What happens in a run, as it happens: the one stream that console, JSON and every other report read.

Every start has an end (``...Started`` / ``...Ended``), also after a failure or an interrupt. Text in events
never holds a secret: the emitter replaces them before anybody reads the event.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from ropewalk.model.command import Change, Diff
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction, Skip
from ropewalk.model.record import record


@record
class Location:
    """A line of a deploy: where something was asked for; line 0 is the file as a whole."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}" if self.line else self.file


@record
class Failure:
    """Why something failed, with all that a report needs to say so.

    :param kind: the name of the error's class.
    :param message: one or a few lines for people.
    :param hint: what to do about it.
    :param where: the deploy line that asked for it, or the line that raised.
    :param traceback: shown with ``--debug`` only, and for exceptions of the user's own code.
    :param caused_by_nested: a nested operation failed; that one is the root cause, this a consequence.
    """

    kind: str
    message: str
    hint: str | None = None
    where: Location | None = None
    traceback: str | None = None
    caused_by_nested: bool = False


@record
class OperationInfo:
    """An operation call, the same on every host that makes it.

    :param id: equal for the same call on several hosts, different for different calls.
    :param name: what people see: the ``name`` argument or the function, after the names of open deploys.
    :param function: ``module.operation``, such as ``files.put``.
    :param arguments: its own arguments as text, secrets masked; shown for operations without a name.
    :param where: the deploy line that called it.
    :param parent: the id of the operation in whose callback it was called.
    :param order: the position that sorts it among the others.
    """

    id: str
    name: str
    function: str
    arguments: tuple[str, ...] = ()
    where: Location | None = None
    parent: str | None = None
    order: tuple[object, ...] = ()


@record
class CommandResult:
    """One command of an operation, as it ran on one host. Text is masked and may be cut in the middle.

    :param exit_code: ``None`` when the command did not end by itself (time ran out, connection lost).
    """

    command: str
    exit_code: int | None
    ok: bool
    seconds: float
    stdout: str = ""
    stderr: str = ""
    error: str | None = None


@record
class Traffic:
    """What was needed to talk to one host.

    :param round_trips: how often something was sent and its answer waited for.
    :param channels: processes (SSH channels) opened on the host.
    """

    round_trips: int = 0
    channels: int = 0
    commands: int = 0
    facts: int = 0
    bytes_sent: int = 0
    bytes_received: int = 0
    seconds: float = 0.0


@record
class RunStarted:
    hosts: tuple[str, ...]
    version: str
    mode: str  # "deploy", "exec", "fact" ...


@record
class RunStopping:
    """A signal asks the run to stop: no more work begins, and what runs on the hosts is being ended."""

    status: ExitStatus


@record
class RunEnded:
    status: ExitStatus
    seconds: float
    stopped_by: Failure | None = None


@record
class PassStarted:
    name: str  # "connect", "plan", "apply"


@record
class PassEnded:
    name: str
    seconds: float


@record
class ConnectStarted:
    host: str


@record
class ConnectEnded:
    host: str
    seconds: float
    failure: Failure | None = None


@record
class HostEnded:
    """The program of a host has ended, in the pass that is under way."""

    host: str
    status: HostStatus
    failure: Failure | None = None


@record
class OperationPlanned:
    """What the plan says of one operation on one host."""

    host: str
    operation: OperationInfo
    prediction: Prediction
    commands: tuple[str, ...] = ()
    changes: tuple[Change, ...] = ()
    diffs: tuple[Diff, ...] = ()
    reason: str | None = None  # why nothing is to do, or why it cannot be known
    failure: Failure | None = None
    conditional: bool = False  # it has an _if


@record
class PlanIncomplete:
    """The plan of a host ends before its deploy does: the rest is unknown until applied."""

    host: str
    reason: str
    where: Location | None = None


@record
class OperationStarted:
    host: str
    operation: OperationInfo


@record
class OperationEnded:
    host: str
    operation: OperationInfo
    outcome: Outcome
    seconds: float = 0.0
    skip: Skip | None = None
    commands: tuple[CommandResult, ...] = ()
    changes: tuple[Change, ...] = ()
    diffs: tuple[Diff, ...] = ()
    attempts: int = 1
    reason: str | None = None
    failure: Failure | None = None


@record
class OperationRetried:
    """An operation failed and will be tried again: for the ``attempt``-th time of at most ``attempts``."""

    host: str
    operation: OperationInfo
    attempt: int
    attempts: int
    delay: float
    reason: str


@record
class CommandStarted:
    host: str
    command: str
    operation: str | None = None


@record
class CommandEnded:
    host: str
    result: CommandResult
    operation: str | None = None


@record
class OutputLine:
    """A line that a command wrote, while it runs."""

    host: str
    line: str
    stream: str  # "stdout" or "stderr"
    operation: str | None = None


@record
class FactRead:
    """A fact was read from a host (not from what was read before)."""

    host: str
    fact: str
    arguments: str
    seconds: float
    failure: Failure | None = None
    value: object = None  # what was read; secrets are not looked for in it


@record
class FactValue:
    """The value of a fact that the user asked to see (``ropewalk HOST fact``, ``--debug-facts``)."""

    host: str
    fact: str
    arguments: str
    value: object
    failure: Failure | None = None


@record
class Noted:
    """Something to tell the user. ``level`` is that of :mod:`logging`: debug, info, warning, error."""

    level: str
    message: str
    host: str | None = None


@record
class TrafficCounted:
    host: str
    traffic: Traffic


Event = (
    RunStarted
    | RunStopping
    | RunEnded
    | PassStarted
    | PassEnded
    | ConnectStarted
    | ConnectEnded
    | HostEnded
    | OperationPlanned
    | PlanIncomplete
    | OperationStarted
    | OperationEnded
    | OperationRetried
    | CommandStarted
    | CommandEnded
    | OutputLine
    | FactRead
    | FactValue
    | Noted
    | TrafficCounted
)

F = TypeVar("F", bound=Callable[..., None])


def ignores(*kinds: type[Event]) -> Callable[[F], F]:
    """Mark a function that takes events: it need not be bothered with these."""

    def mark(function: F) -> F:
        function.ignores = frozenset(kinds)  # type: ignore[attr-defined]
        return function

    return mark
