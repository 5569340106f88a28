"""What the hosts of one run share: options, the event stream, facts' epochs, and whether to go on."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

from ropewalk.api.host import Host
from ropewalk.api.state import State
from ropewalk.engine.bridge import Pool
from ropewalk.engine.call import Infos
from ropewalk.engine.emit import Emitter
from ropewalk.engine.epoch import Epochs
from ropewalk.engine.failure import failure_of
from ropewalk.engine.request import Requests
from ropewalk.engine.room import Room
from ropewalk.engine.schedule import RunOnce
from ropewalk.engine.values import Values
from ropewalk.model.event import Failure, Noted
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.past import Past
from ropewalk.model.record import record

#: How many operations may be under evaluation when a further host begins with its plan.
EVALUATIONS = 2048

Mode = Literal["deploy", "operation", "exec", "fact"]


@record
class RunOptions:
    """How a run goes.

    :param plan: evaluate everything before anything is applied.
    :param apply: carry out; ``False`` (or ``dry``) stops after the plan.
    :param fail_percent: stop when more than this percentage of the hosts has failed.
    :param detailed_exitcode: end with 3 when the plan found something to apply and nothing was applied.
    :param limit_hosts: the hosts to run on (default: all of the inventory).
    :param stream_output: emit every line that commands write, as it arrives.
    :param on_output: takes the same lines to the byte: host, name of the stream, the line with its end if it has one.
    """

    mode: Mode = "deploy"
    dry: bool = False
    plan: bool = True
    apply: bool = True
    serial: bool = False
    no_wait: bool = False
    fail_percent: float | None = None
    detailed_exitcode: bool = False
    limit_hosts: list[Host] | None = None
    stream_output: bool = False
    on_output: Callable[[str, str, bytes], None] | None = None


class Halted(BaseException):
    """Ends a host's program because the run stops. Not an ``Exception``: deploy code shall not catch it by accident."""


@dataclass
class Shared:
    """The common ground of a run.

    :ivar infos: what is told of operations; ``requests``: facts that were asked for; ``values``: what they were.
        Hosts that are alike share them.
    :ivar kept: modules of the deploy's tree that were there before the run.
    :ivar modules: of the deploy's tree, by the kind of runner, which tells the pass: those that hosts share.
    :ivar greenlets: what evaluations run in; ``room``: for those of the plan.
    :ivar past: what earlier runs left, where somebody remembers it.
    :ivar halted: why no further operation may start.
    :ivar misuse: a mistake in the deploy itself, found by the plan: nothing is applied anywhere.
    :ivar faults: errors that belong to no host but make the run fail all the same.
    """

    state: State
    options: RunOptions
    emit: Emitter
    hosts: list[Host]
    epochs: Epochs = field(default_factory=Epochs)
    once: RunOnce = field(default_factory=RunOnce)
    infos: Infos = field(default_factory=Infos)
    requests: Requests = field(default_factory=Requests)
    values: Values = field(default_factory=Values)
    kept: Mapping[str, ModuleType] = field(default_factory=dict)
    modules: dict[type, dict[str, ModuleType]] = field(default_factory=dict)
    greenlets: Pool = field(default_factory=Pool)
    room: Room = field(default_factory=lambda: Room(EVALUATIONS))
    past: Past | None = None
    halted: Failure | None = None
    stopped_by: ExitStatus | None = None
    faults: list[Failure] = field(default_factory=list)
    misuse: Failure | None = None
    _active: dict[str, int] = field(default_factory=dict)
    _rank: dict[Host, int] = field(init=False)

    def __post_init__(self) -> None:
        self._rank = {host: rank for rank, host in enumerate(self.hosts)}

    def rank(self, host: Host) -> int:
        """Return where a host stands among the hosts of the run; others stand before them."""
        return self._rank.get(host, -1)

    def check_going_on(self) -> None:
        """Raise ``Halted`` when no further operation may start."""
        if self.halted is not None or self.stopped_by is not None:
            raise Halted

    def host_failed(self, host: Host) -> None:
        """Count a host as failed, and stop the run when too many are."""
        self.state.fail_hosts([host])
        limit = self.options.fail_percent
        if limit is None or self.halted is not None:
            return
        percent = 100 * len(set(self.state.failed_hosts) & set(self.hosts)) / len(self.hosts)
        if percent > limit:
            message = f"{percent:.0f}% of the hosts have failed, more than the {limit:g}% of --fail-percent"
            self.halted = Failure("FailPercent", message, hint="the operations that ran were finished; no other began")
            self.emit(Noted("error", message))

    def tell(self, method: str, *args: Any, **kwargs: Any) -> None:
        """Call the state callbacks; one that raises makes the run fail, but stops nothing."""
        if not self.state.callback_handlers:
            return
        for error in self.state.trigger_callbacks(method, *args, **kwargs):
            failure = failure_of(error)
            self.faults.append(failure)
            where = f" ({failure.where})" if failure.where else ""
            self.emit(Noted("error", f"state callback {method} failed: {failure.message}{where}"))

    def operation_begins(self, id: str) -> None:
        active = self._active.get(id, 0)
        self._active[id] = active + 1
        if active == 0:
            self.tell("operation_start", id)

    def operation_ends(self, id: str) -> None:
        self._active[id] -= 1
        if self._active[id] == 0:
            self.tell("operation_end", id)


async def each(work: dict[Host, Any]) -> None:
    """Run one coroutine per host to its end, also when this task is cancelled meanwhile.

    :raises BaseException: what the first of them raised, which none is meant to do.
    """
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work.values()]
    if not tasks:
        return
    try:
        await asyncio.wait(tasks)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        raise
    for task in tasks:
        task.result()
