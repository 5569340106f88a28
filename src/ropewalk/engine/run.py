"""A whole run: connect, plan, ask, apply, report; whatever happens, it ends with a result."""

from __future__ import annotations

import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import ropewalk
from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.host import Host
from ropewalk.api.state import State, StateStage
from ropewalk.engine.emit import Emitter
from ropewalk.engine.failure import failure_of
from ropewalk.engine.garbage import collected_seldom
from ropewalk.engine.hostrun import HostRun
from ropewalk.engine.links import Passwords, link_of, machine_of
from ropewalk.engine.program import DeployFile, Program
from ropewalk.engine.schedule import FreeRunning, Lockstep, Schedule
from ropewalk.engine.shared import RunOptions, Shared, each
from ropewalk.engine.signals import handled
from ropewalk.engine.underway import UnderWay
from ropewalk.model.errors import UsageError
from ropewalk.model.event import (
    Event,
    Failure,
    HostEnded,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
    RunStopping,
    TrafficCounted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Prediction, exit_status
from ropewalk.model.past import Past
from ropewalk.model.result import RunResult

__all__ = ["Run", "RunOptions"]

#: How many connections are made at a time, of all hosts and to the same server: sshd refuses some of those that come
#: while ten are not through yet (MaxStartups in sshd_config(5)).
HANDSHAKES, PER_SERVER = 50, 8
#: Turns of the event loop that it takes at the most from an answer that has arrived to an operation that has ended.
TURNS = 20

Confirm = Callable[[RunResult], Awaitable[bool]]


class Run:
    """Runs programs on hosts.

    :param state: the hosts and the config.
    :param programs: what runs on each of them, in order.
    :param listeners: take every event.
    :param confirm: asked between plan and apply when there is something to apply; ``None``: nobody is asked.
    :param connector_options: what connectors get.
    :param on_leave: called when a second Ctrl-C is about to end the process: what must be written is written now.
    :param past: what earlier runs left; ``None``: nobody remembers them.
    :param modules: of the deploy's tree that were imported with the inventory, see ``imports.kept``.
    """

    def __init__(
        self,
        state: State,
        programs: Sequence[Program],
        options: RunOptions | None = None,
        listeners: Sequence[Callable[[Event], None]] = (),
        confirm: Confirm | None = None,
        connector_options: ConnectorOptions | None = None,
        on_leave: Callable[[RunResult], None] | None = None,
        past: Past | None = None,
        modules: Mapping[str, ModuleType] | None = None,
    ) -> None:
        self.state, self.programs, self.confirm = state, list(programs), confirm
        self.options = options or RunOptions()
        self.connector_options = connector_options or ConnectorOptions(connect_timeout=state.config.CONNECT_TIMEOUT)
        self.result = RunResult()
        self._under_way = UnderWay()
        emit = Emitter([self._under_way, self.result.take, state.take, *listeners])
        hosts = self.options.limit_hosts if self.options.limit_hosts is not None else list(state.inventory)
        self.shared = Shared(state, self.options, emit, hosts, past=past, kept=modules or {})
        self.hosts: dict[Host, HostRun] = {}
        self.on_leave = on_leave
        self.refused = self._asking = False
        self._task: asyncio.Task[None] | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._stopped_by: Failure | None = None
        self._started = 0.0

    async def execute(self) -> RunResult:
        """Run; what fails on a host is in the result, what stops the run is in ``result.stopped_by``."""
        self._started = time.monotonic()
        emit = self.shared.emit
        emit(RunStarted(tuple(host.name for host in self.shared.hosts), ropewalk.__version__, self.options.mode))
        self._loop = asyncio.get_running_loop()
        status: ExitStatus | None = ExitStatus.INTERNAL
        try:
            with handled(self.stop, self._tell_stopping, self._leave), collected_seldom():
                status = await self._guarded()
                await self._disconnect()
        finally:
            self._close()
            emit(RunEnded(self._status(status), time.monotonic() - self._started, self._stopped_by))
        return self.result

    def stop(self, status: ExitStatus = ExitStatus.INTERRUPTED) -> None:
        """Stop starting work and end what runs; may be called from a signal handler."""
        if self.shared.stopped_by is None:
            self.shared.stopped_by = status
            self._stopped_by = _stopped(status)
        if self._loop is not None and self._task is not None:
            self._loop.call_soon_threadsafe(_cancel_once, self._loop, self._task)

    def _tell_stopping(self, status: ExitStatus) -> None:
        if not self._asking:  # else nothing runs anywhere
            self.shared.emit(RunStopping(status))

    def _leave(self, status: ExitStatus) -> None:
        """End the process without waiting for any host; the reports tell how far the run got."""
        self.shared.stopped_by = status
        self._stopped_by = _stopped(status)
        try:
            self._close()
            self.shared.emit(RunEnded(self._status(status), time.monotonic() - self._started, self._stopped_by))
            if self.on_leave is not None:
                self.on_leave(self.result)
            sys.stderr.flush()
        finally:
            os._exit(status)

    # -- the parts of a run -----------------------------------------------------------------------------

    async def _guarded(self) -> ExitStatus | None:
        """Run everything as a task that can be stopped; return what ended it early."""
        self._task = asyncio.ensure_future(self._everything())
        try:
            await self._task
        except asyncio.CancelledError:
            if self.shared.stopped_by is None:
                raise
        except UsageError as error:
            self._stopped_by = failure_of(error)
            return ExitStatus.USAGE
        except Exception as error:
            self._stopped_by = failure_of(error)
            return ExitStatus.INTERNAL
        if self.shared.misuse is not None:
            self._stopped_by = self.shared.misuse
            return ExitStatus.USAGE
        return ExitStatus.INTERRUPTED if self.refused else self.shared.stopped_by

    async def _everything(self) -> None:
        self._prepare()
        await self._connect()
        if self._goes_on() and (self.options.plan or self.options.dry):
            await self._plan()
        if not self._goes_on():
            return
        if self.options.dry or not self.options.apply:
            self._end_planned()
            return
        if self.confirm is not None and self._something_to_apply() and not await self._confirmed(self.confirm):
            self.refused = True
            self._stopped_by = Failure("Refused", "not applied: the answer was no")
            return
        await self._apply()

    async def _confirmed(self, confirm: Confirm) -> bool:
        self._asking = True
        answer = await confirm(self.result)
        self._asking = False
        return answer

    def _prepare(self) -> None:
        passwords = Passwords(self.connector_options.ask_secret, self.shared.emit.hide)
        folders = self._folders()
        for host in self.shared.hosts:
            link = link_of(host, self.state, self.connector_options, passwords)
            self.hosts[host] = HostRun(host, link, self.shared, folders, machine_of(host))
        for host in self.state.inventory:  # others may be asked for facts too
            if host not in self.hosts:
                link = link_of(host, self.state, self.connector_options, passwords)
                HostRun(host, link, self.shared, folders, machine_of(host))

    async def _connect(self) -> None:
        self._stage(StateStage.Connect)
        slots = asyncio.Semaphore(HANDSHAKES)
        doors = {run.machine: asyncio.Semaphore(PER_SERVER) for run in self.hosts.values()}

        async def connect(run: HostRun) -> None:
            async with doors[run.machine], slots:
                await run.connect()

        with self._pass("connect"):
            await each({host: connect(run) for host, run in self.hosts.items()})
        order = {host: rank for rank, host in enumerate(self.state.inventory)}
        self.state.active_hosts.sort(key=order.__getitem__)

    async def _plan(self) -> None:
        self._stage(StateStage.Prepare)
        with self._pass("plan"):
            callbacks = list(self.state.callback_handlers)
            try:
                await each({host: run.plan(self.programs) for host, run in self._living().items()})
            finally:
                self.state.callback_handlers[:] = callbacks  # the apply pass registers them again
                self.shared.greenlets.shrink()
            self._tell_plan()
            for run in self._living().values():
                if run.plan_failure is not None and self.shared.misuse is None:
                    run.end(HostStatus.FAILED, run.plan_failure)

    def _tell_plan(self) -> None:
        """Emit the plan; ``_run_once`` operations are planned for the first of the hosts that come to them."""
        taken: dict[str, str] = {}
        for run in self.hosts.values():
            for planned in run.planned:
                once = run.once.get(planned.operation.id, False)
                first = taken.setdefault(planned.operation.id, run.host.name) if once else run.host.name
                if first != run.host.name and planned.prediction is not Prediction.ERROR:
                    planned = type(planned)(run.host.name, planned.operation, Prediction.SKIPPED,
                                            reason=f"runs on {first} only")  # fmt: skip
                self.shared.emit(planned)
            if run.plan_ends is not None:
                self.shared.emit(run.plan_ends)

    def _something_to_apply(self) -> bool:
        living = {host.name for host in self._living()}
        return any(result.changes_pending for name, result in self.result.hosts.items() if name in living)

    def _end_planned(self) -> None:
        for run in self._living().values():
            run.end(HostStatus.OK, None)

    async def _apply(self) -> None:
        self._stage(StateStage.Execute)
        living = self._living()
        limit = self.state.config.PARALLEL
        with self._pass("apply"):
            if self.options.serial:
                schedule: Schedule[Host] = FreeRunning()
                for run in living.values():
                    await each({run.host: run.apply(self.programs, schedule, alone=True)})
                return
            schedule = FreeRunning(limit=limit) if self.options.no_wait else Lockstep(living, limit=limit)
            alone = len(living) == 1 or (self.options.no_wait and self.options.fail_percent is None)
            await each({host: run.apply(self.programs, schedule, alone=alone) for host, run in living.items()})

    async def _disconnect(self) -> None:
        self.state.current_stage = StateStage.Disconnect
        for run in self.hosts.values():
            traffic = run.link.counter.snapshot()
            self.shared.emit(TrafficCounted(run.host.name, traffic))
        runners: list[Any] = [host.runner for host in self.state.inventory if getattr(host, "_runner", None)]
        await asyncio.gather(*(runner.facts.abandon() for runner in runners), return_exceptions=True)
        await asyncio.gather(*(runner.link.close() for runner in runners), return_exceptions=True)
        for host in self.state.activated_hosts:
            self.shared.tell("host_disconnect", host)

    # -- what they need ---------------------------------------------------------------------------------

    def _goes_on(self) -> bool:
        return bool(self._living()) and self.shared.misuse is None and self.shared.halted is None

    def _living(self) -> dict[Host, HostRun]:
        return {host: run for host, run in self.hosts.items() if run.alive}

    def _close(self) -> None:
        """Everything that has begun ends, and every host: those the run did not get to are cancelled."""
        for event in self._under_way.ends():
            self.shared.emit(event)
        for host in self.shared.hosts:
            run = self.hosts.get(host)
            if run is None:
                self.shared.emit(HostEnded(host.name, HostStatus.CANCELLED, None))
            elif run.alive:
                failed = run.plan_failure is not None
                run.end(HostStatus.FAILED if failed else HostStatus.CANCELLED, run.plan_failure)

    def _status(self, stopped_by: ExitStatus | None) -> ExitStatus:
        statuses = [run.status for run in self.hosts.values() if run.status is not None]
        pending = self.options.detailed_exitcode and any(h.changes_pending for h in self.result.hosts.values())
        status = exit_status(statuses, stopped_by=stopped_by, changes_pending=pending and self.options.dry)
        return ExitStatus.FAILED if status in (0, 3) and self.shared.faults else status

    def _stage(self, stage: StateStage) -> None:
        self.state.current_stage = stage

    def _folders(self) -> tuple[str, ...]:
        """Return the folders whose modules are imported afresh: the working directory and those of the deploy files."""
        folders = [os.path.abspath(self.state.cwd or os.curdir)]
        for program in self.programs:
            if isinstance(program, DeployFile):
                folders.append(os.path.dirname(os.path.abspath(program.path)))
        return tuple(dict.fromkeys(folders))

    @contextmanager
    def _pass(self, name: str) -> Iterator[None]:
        started = time.monotonic()
        self.shared.emit(PassStarted(name))
        try:
            yield
        finally:
            self.shared.emit(PassEnded(name, time.monotonic() - started))


def _stopped(status: ExitStatus) -> Failure:
    return Failure("Interrupted", "stopped by the user" if status is ExitStatus.INTERRUPTED else "terminated")


def _cancel_once(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None], turns: int = TURNS) -> None:
    """Cancel a task when answers that have arrived have been read; a second time would end its tidying up."""
    if turns:
        loop.call_soon(_cancel_once, loop, task, turns - 1)
    elif not task.cancelling():
        task.cancel()
