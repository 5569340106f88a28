"""One host in one run: its link, its facts, its programs in both passes, and how it ended."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from ropewalk.api.context import (
    current_config,
    current_emit,
    current_host,
    current_inventory,
    current_state,
)
from ropewalk.api.host import Host
from ropewalk.engine import bridge
from ropewalk.engine.apply import ApplyRunner
from ropewalk.engine.facts import FactReader
from ropewalk.engine.failure import failure_of
from ropewalk.engine.imports import Tree, current_tree
from ropewalk.engine.link import Link
from ropewalk.engine.plan import PlanRunner
from ropewalk.engine.program import Program, numbered
from ropewalk.engine.request import Request
from ropewalk.engine.schedule import Schedule
from ropewalk.engine.shared import Halted, Shared
from ropewalk.engine.underway import NOT_WAITED_FOR
from ropewalk.model.errors import ConnectError, RopewalkError, UnknownUntilApplied, UsageError
from ropewalk.model.event import (
    ConnectEnded,
    ConnectStarted,
    FactRead,
    Failure,
    HostEnded,
    Noted,
    OperationPlanned,
    PlanIncomplete,
)
from ropewalk.model.outcome import HostStatus, Prediction


@dataclass
class HostRun:
    """Everything about one host that lasts as long as the run."""

    host: Host
    link: Link
    shared: Shared
    folders: tuple[str, ...]
    machine: object
    status: HostStatus | None = None
    failure: Failure | None = None
    plan_failure: Failure | None = None
    asked: dict[str, list[Request]] = field(default_factory=dict)
    planned: list[OperationPlanned] = field(default_factory=list)
    once: dict[str, bool] = field(default_factory=dict)
    plan_ends: PlanIncomplete | None = None

    def __post_init__(self) -> None:
        self.facts = FactReader(self.link, self.shared.epochs, self.machine, self.shared.values)
        self.facts.on_read = self._on_fact
        self.host.runner = PlanRunner(self.host, self.link, self.facts, self.shared)

    @property
    def alive(self) -> bool:
        return self.status is None

    async def connect(self) -> None:
        """Reach the host; where that cannot be done, it has ended as unreachable."""
        shared, host = self.shared, self.host
        shared.emit(ConnectStarted(host.name))
        shared.tell("host_before_connect", host)
        started = time.monotonic()
        try:
            await self.link.connect()
        except Exception as error:
            failure = failure_of(error)
            shared.emit(ConnectEnded(host.name, time.monotonic() - started, failure))
            shared.tell("host_connect_error", host, error)
            unreachable = isinstance(error, ConnectError)
            self.end(HostStatus.UNREACHABLE if unreachable else HostStatus.FAILED, failure)
            return
        except asyncio.CancelledError:
            shared.emit(ConnectEnded(host.name, time.monotonic() - started, NOT_WAITED_FOR))
            self.end(HostStatus.CANCELLED, None)
            raise
        shared.state.activate_host(host)
        shared.emit(ConnectEnded(host.name, time.monotonic() - started))
        shared.tell("host_connect", host)

    async def plan(self, programs: Sequence[Program]) -> None:
        """Evaluate the programs; what is predicted is in ``planned``, an error ends the host."""
        runner = PlanRunner(self.host, self.link, self.facts, self.shared)
        given = dict(self.host.data.override_datas)
        try:
            error = await self.run_programs(runner, programs)
            await runner.settle()
            self._judge_plan(runner, error)
            runner.forget()
        except asyncio.CancelledError:
            runner.cancel()
            self.end(HostStatus.CANCELLED, None)
            raise
        finally:
            self.asked = runner.asked
            _restore(self.host.data.override_datas, given)

    async def apply(self, programs: Sequence[Program], schedule: Schedule[Host], *, alone: bool = False) -> None:
        """Carry the programs out; afterwards the host has ended.

        :param alone: no other host waits for what this one does.
        """
        runner = ApplyRunner(self.host, self.link, self.facts, self.shared, schedule=schedule, alone=alone)
        runner.asked = self.asked
        try:
            error = await self.run_programs(runner, programs)
        except asyncio.CancelledError:
            self.end(HostStatus.FAILED if runner.failure is not None else HostStatus.CANCELLED, runner.failure)
            raise
        finally:
            schedule.ended(self.host)
        if runner.failure is not None:
            self.end(HostStatus.FAILED, runner.failure)
        elif isinstance(error, Halted):
            self.end(HostStatus.CANCELLED, None)
        elif error is not None:
            self.end(HostStatus.FAILED, failure_of(error))
        else:
            await self._keep()

    async def _keep(self) -> None:
        """Let the connector keep what was made, where it can; without that, the host has failed."""
        try:
            said = await self.link.keep()
        except RopewalkError as error:
            self.end(HostStatus.FAILED, failure_of(error))
            return
        if said:
            self.shared.emit(Noted("info", said, self.host.name))
        self.end(HostStatus.OK, None)

    def end(self, status: HostStatus, failure: Failure | None) -> None:
        """Record how the host ended, once."""
        if self.status is not None:
            return
        self.status, self.failure = status, failure
        self.shared.emit(HostEnded(self.host.name, status, failure))
        if status in (HostStatus.FAILED, HostStatus.UNREACHABLE):
            self.shared.host_failed(self.host)

    async def run_programs(self, runner: Any, programs: Sequence[Program]) -> BaseException | None:
        """Run the programs one after another in this host's context; return what they raised."""
        self.host.runner = runner
        started = time.monotonic()
        state = self.shared.state
        current_host.set(self.host)
        current_state.set(state)
        current_inventory.set(state.inventory)
        current_config.set(state.config.copy())
        current_emit.set(self.shared.emit)
        common = self.shared.modules.setdefault(type(runner), dict(self.shared.kept))
        current_tree.set(Tree(self.folders, common=common))

        def main() -> BaseException | None:
            try:
                for number, program in enumerate(programs):
                    with numbered(number):
                        program()
                        runner.catch_up()
            except BaseException as error:
                if isinstance(error, asyncio.CancelledError) and bridge.is_being_cancelled():
                    raise
                return _caught_up(runner, error)
            return None

        try:
            return await bridge.call(main)
        finally:
            self.link.counter.seconds += time.monotonic() - started

    def _judge_plan(self, runner: PlanRunner, error: BaseException | None) -> None:
        mask = self.shared.emit.mask
        self.once = {e.call.info.id: bool(e.call.arguments["_run_once"]) for e in runner.evaluations}
        self.planned = [evaluation.event(self.host.name, mask) for evaluation in runner.evaluations]
        broken = next((e for e in runner.evaluations if e.prediction is Prediction.ERROR and e.error is not None), None)
        if isinstance(error, UnknownUntilApplied):
            described = failure_of(error)
            self.plan_ends = PlanIncomplete(self.host.name, described.message, described.where)
            error = None
        if broken is not None and broken.error is not None:
            self._fail_plan(broken.error, failure_of(broken.error, where=broken.call.info.where))
        elif error is not None and not isinstance(error, Halted):
            self._fail_plan(error, failure_of(error))

    def _fail_plan(self, error: BaseException, failure: Failure) -> None:
        self.plan_failure = failure
        if isinstance(error, UsageError) and self.shared.misuse is None:
            self.shared.misuse = failure

    def _on_fact(self, request: Request, seconds: float, value: Any, error: Exception | None) -> None:
        if not self.shared.emit.listened(FactRead):
            return  # there are a great many
        failure = failure_of(error) if error is not None else None
        self.shared.emit(FactRead(self.host.name, request.name, request.arguments, seconds, failure, value))


def _restore(target: dict[str, Any], values: dict[str, Any]) -> None:
    target.clear()
    target.update(values)


def _caught_up(runner: Any, error: BaseException) -> BaseException:
    """Carry out what was called before the program raised; if that fails, it is what the program ended with."""
    try:
        runner.catch_up()
    except BaseException as earlier:
        if isinstance(earlier, asyncio.CancelledError) and bridge.is_being_cancelled():
            raise
        return earlier
    return error
