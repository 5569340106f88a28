"""The apply pass: every operation waits for its turn, is evaluated afresh and carried out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from typing import IO, Any

from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.runner import Completed, Line
from ropewalk.engine import bridge
from ropewalk.engine.attempt import Attempt
from ropewalk.engine.call import OperationCall, current_call
from ropewalk.engine.retry import should_retry
from ropewalk.engine.runner import BaseRunner
from ropewalk.engine.schedule import Schedule, Step
from ropewalk.model.command import Download, Rsync, Upload
from ropewalk.model.errors import HostError, OperationFailed, UnknownUntilApplied
from ropewalk.model.event import Failure, OperationEnded, OperationRetried, OperationStarted
from ropewalk.model.outcome import Outcome, Prediction, Skip
from ropewalk.model.v3command import StringCommand, secrets_in
from ropewalk.shell.capture import lines_of


class ApplyRunner(BaseRunner):
    """Carries operations out on one host.

    :ivar failure: the first failure of an operation that nothing ignored; the host has failed then, whatever
        its program makes of the exception.
    """

    def __init__(self, *args: Any, schedule: Schedule[Any]) -> None:
        super().__init__(*args)
        self.schedule = schedule
        self.failure: Failure | None = None
        self._last_step = Step(0)

    def submit(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationMeta:
        self.shared.check_going_on()
        call = self.collect(operation, args, kwargs)
        bridge.wait(self._operation(call))
        return call.meta

    def prediction(self, meta: OperationMeta) -> Prediction:
        raise UnknownUntilApplied(f"{meta.name} has not ended yet")

    async def _operation(self, call: OperationCall) -> None:
        """Carry out an operation when its turn has come.

        :raises OperationFailed: it failed, and its failure is not ignored.
        """
        parent = call.parent
        task = asyncio.current_task()
        if parent is not None and task is not None:
            parent.nested.add(task)
            task.add_done_callback(parent.nested.discard)
        step = await self.schedule.turn(self.host, call.position) if parent is None else Step(0)
        self.shared.check_going_on()
        if call.arguments["_run_once"] and not self.shared.once.take((call.position, call.info.function)):
            self._end(call, Outcome.SKIPPED, 0.0, None, skip=Skip.RUN_ONCE, reason="another host ran it")
            return
        at_once = 1 if call.arguments["_serial"] else call.arguments["_parallel"]
        async with step.slots(call.info.id, at_once):
            self.shared.check_going_on()
            await self._carry_out(call)

    async def _carry_out(self, call: OperationCall) -> None:
        shared, host, id = self.shared, self.host, call.info.id
        shared.emit(OperationStarted(host.name, call.info))
        shared.operation_begins(id)
        shared.tell("operation_host_start", host, id)
        started = time.monotonic()
        attempt, number = Attempt(call, self), 1
        ended = False
        try:
            self._prefetch(call)
            attempt, number = await self._attempts(call)
            outcome = self._outcome(call, attempt)
            self._end(call, outcome, time.monotonic() - started, attempt, attempts=number, skip=attempt.skip)
            ended = True
        finally:
            if not ended:  # cancelled
                self._end(call, Outcome.CANCELLED, time.monotonic() - started, attempt, attempts=number)
            shared.operation_ends(id)
        self._report_failure(call, outcome, attempt)

    async def _attempts(self, call: OperationCall) -> tuple[Attempt, int]:
        """Try until it goes well or no try is left; return the last try and how many there were."""
        retries, delay, number = call.arguments["_retries"], call.arguments["_retry_delay"], 1
        while True:
            attempt = Attempt(call, self)
            await attempt.run()
            reason = await should_retry(call, attempt, last=number > retries)
            if reason is None:
                return attempt, number
            self.shared.emit(OperationRetried(self.host.name, call.info, number, retries, delay, reason))
            self.shared.tell("operation_host_retry", self.host, call.info.id, number, retries)
            await asyncio.sleep(delay)
            self.shared.check_going_on()
            number += 1

    @staticmethod
    def _outcome(call: OperationCall, attempt: Attempt) -> Outcome:
        if attempt.failure is not None:
            return Outcome.IGNORED if call.arguments["_ignore_errors"] else Outcome.FAILED
        if attempt.skip is not None:
            return Outcome.SKIPPED
        return Outcome.CHANGED if attempt.results else Outcome.OK

    def _end(
        self, call: OperationCall, outcome: Outcome, seconds: float, attempt: Attempt | None, *, attempts: int = 1,
        skip: Skip | None = None, reason: str | None = None,
    ) -> None:  # fmt: skip
        done = attempt if attempt is not None else Attempt(call, self)
        if not call.meta.is_complete():
            call.meta.complete(Completed(outcome, len(done.results), done.stdout_lines, done.stderr_lines, attempts))
        self._count(outcome, done)
        self.shared.emit(
            OperationEnded(
                self.host.name, call.info, outcome, seconds, skip, tuple(done.results), tuple(done.changes),
                tuple(done.diffs), attempts, reason or call.noop_reason, done.failure,
            )
        )  # fmt: skip
        id, again = call.info.id, attempts - 1
        if outcome in (Outcome.CHANGED, Outcome.OK, Outcome.SKIPPED):
            if skip is not Skip.RUN_ONCE:
                self.shared.tell("operation_host_success", self.host, id, again)
        else:
            self.shared.tell("operation_host_error", self.host, id, again, call.arguments["_retries"])

    def _count(self, outcome: Outcome, attempt: Attempt) -> None:
        counts = self.shared.state.results[self.host]
        counts.ops += 1
        if outcome in (Outcome.CHANGED, Outcome.OK, Outcome.SKIPPED):
            counts.success_ops += 1
        elif outcome is Outcome.IGNORED:
            counts.ignored_error_ops += 1
        else:
            counts.error_ops += 1
            counts.partial_ops += any(result.ok for result in attempt.results)

    def _report_failure(self, call: OperationCall, outcome: Outcome, attempt: Attempt) -> None:
        if outcome is not Outcome.FAILED or attempt.failure is None:
            return
        if call.parent is not None:
            call.parent.nested_failure = call.parent.nested_failure or attempt.failure
        elif self.failure is None:
            self.failure = attempt.failure
            self.shared.host_failed(self.host)
        raise OperationFailed(f"{call.info.name}: {attempt.failure.message}", result=call.meta)

    def _prefetch(self, call: OperationCall) -> None:
        """Ask for all facts that the plan saw this operation ask for, together."""
        for request in self.asked.get(call.info.id, ()):
            self.facts.prefetch(request)

    # -- what deploy code asks for directly -------------------------------------------------------------

    def run_shell_command(self, command: Any, arguments: Mapping[str, Any]) -> tuple[bool, list[Line]]:
        given = StringCommand(command) if isinstance(command, str) else command
        self.shared.emit.hide(secrets_in(given))
        how = self._how(arguments)
        codes = list(arguments.get("_success_exit_codes") or [0])
        self.facts.executed()
        try:
            hidden = any(True for _ in secrets_in(given))
            done = bridge.wait(self.link.run(given.render(reveal=True), how, hidden=hidden))
        finally:
            self.facts.executed()
        lines = [Line("stdout", text) for text in lines_of(done.stdout.value())]
        lines += [Line("stderr", text) for text in lines_of(done.stderr.value())]
        return done.status in codes, lines

    def put_file(self, source: str | IO[Any], dest: str, arguments: Mapping[str, Any]) -> bool:
        return self._transfer(self.link.upload(Upload(source, dest), self._how(arguments)))

    def get_file(self, source: str, dest: str | IO[Any], arguments: Mapping[str, Any]) -> bool:
        step = Download(source, dest)
        return self._transfer(self.link.download(step.source, step.dest, self._how(arguments)))

    def rsync(self, source: str, dest: str, flags: list[str], arguments: Mapping[str, Any]) -> bool:
        from ropewalk.engine.rsync import run_rsync

        return self._transfer(run_rsync(self.host, Rsync(source, dest, tuple(flags)), self._how(arguments)))

    def _transfer(self, work: Any) -> bool:
        self.facts.executed()
        try:
            bridge.wait(work)
        except HostError as error:
            self.log("error", str(error))
            return False
        finally:
            self.facts.executed()
        return True

    def _how(self, arguments: Mapping[str, Any]) -> Any:
        call = current_call.get()
        if call is not None:
            return call.how(arguments)
        return self.how_for(arguments, "host.run_shell_command")
