"""The apply pass: every operation waits for its turn, is evaluated afresh and carried out."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from ropewalk.api.context import current_host
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.runner import Completed, Line
from ropewalk.engine import bridge, chain, guess
from ropewalk.engine.ahead import Ahead
from ropewalk.engine.attempt import Attempt
from ropewalk.engine.call import OperationCall, current_call
from ropewalk.engine.failure import failure_of
from ropewalk.engine.retry import should_retry
from ropewalk.engine.runner import BaseRunner
from ropewalk.engine.schedule import Schedule, Step
from ropewalk.model.command import Download, Rsync, Upload
from ropewalk.model.errors import ConnectError, HostError, OperationError, OperationFailed, UnknownUntilApplied
from ropewalk.model.event import Failure, OperationEnded, OperationRetried, OperationStarted
from ropewalk.model.outcome import Outcome, Prediction, Skip
from ropewalk.model.v3command import StringCommand, secrets_in
from ropewalk.shell.capture import lines_of


class ApplyRunner(BaseRunner):
    """Carries operations out on one host.

    :ivar failure: the first failure of an operation that nothing ignored; the host has failed then, whatever
        its program makes of the exception.
    """

    def __init__(self, *args: Any, schedule: Schedule[Any], alone: bool = False) -> None:
        super().__init__(*args)
        self.schedule = schedule
        self.failure: Failure | None = None
        #: Operations whose calls have returned and which are carried out together (see ``ahead.py``).
        self.ahead = Ahead(self, allowed=alone)
        self.learnt = False

    def submit(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationMeta:
        self.shared.check_going_on()
        call = self.collect(operation, args, kwargs)
        if self.past is not None and (run := self.past.done(call)) is not None:
            self.catch_up()
            self._done_before(call, run)
            return call.meta
        if not self.ahead.put(call):
            self.catch_up()
            bridge.wait(self._operation(call))
        return call.meta

    def _done_before(self, call: OperationCall, run: str) -> None:
        """Skip an operation of a run that is being resumed."""

        def unknown() -> list[str]:
            raise OperationError(
                f"what {call.info.name} wrote is not known: it was done in run {run}",
                hint="something of the deploy needs it: run it without --resume",
            )

        call.meta.complete(Completed(Outcome.SKIPPED, 0, unknown, unknown))
        self._end(call, Outcome.SKIPPED, 0.0, None, skip=Skip.DONE, reason=f"done in run {run}")

    def catch_up(self) -> None:
        if self.ahead.waits:
            guess.refuse()  # what it would see is not what it will see
        if self.ahead.behind:
            bridge.wait(self.ahead.carry_out())

    def prediction(self, meta: OperationMeta) -> Prediction:
        """An operation that was put off is carried out when somebody wants to know about it."""
        self.catch_up()
        if not meta.has_ended:
            raise UnknownUntilApplied(f"{meta.name} has not ended yet")
        return Prediction.CHANGE if meta.will_change else Prediction.NO_CHANGE

    async def _operation(self, call: OperationCall) -> None:
        """Carry out an operation when its turn has come.

        :raises OperationFailed: it failed, and its failure is not ignored.
        """
        parent = call.parent
        if parent is not None:
            self._let_wait(parent)
        step = await self.schedule.turn(self.host, call.position) if parent is None else Step(0)
        self.shared.check_going_on()
        if call.arguments["_run_once"] and not self.shared.once.take((call.position, call.info.function)):
            self._end(call, Outcome.SKIPPED, 0.0, None, skip=Skip.RUN_ONCE, reason="another host ran it")
            return
        at_once = 1 if call.arguments["_serial"] else call.arguments["_parallel"]
        async with step.slots(call.info.id, at_once):
            self.shared.check_going_on()
            made = guess.guess(call, self)
            if made is None or not await self.in_one_message([made]):
                await self.step_by_step(call)

    @staticmethod
    def _let_wait(parent: OperationCall) -> None:
        """An operation does not end before those that its callback has called."""
        task = asyncio.current_task()
        if task is not None:
            parent.nested.add(task)
            task.add_done_callback(parent.nested.discard)

    async def step_by_step(self, call: OperationCall) -> None:
        """Evaluate an operation and carry out what it yields, one after the other."""
        started = self._begin(call)
        attempt, number = Attempt(call, self), 1
        try:
            for request in self.asked.get(call.info.id, ()):
                self.facts.prefetch(request)
            attempt, number = await self._attempts(call)
        except BaseException:
            self._finish(call, Outcome.CANCELLED, started, attempt, number)
            raise
        self._finish(call, self._outcome(call, attempt), started, attempt, number)

    async def in_one_message(self, guesses: Sequence[guess.Guess]) -> int:
        """Carry out operations that were worked out beforehand; returns how many were, from the first on.

        Where an operation was not carried out because facts have changed, ``learnt`` says so afterwards: they are
        known now as they are, and it can be worked out anew.
        """
        self.learnt = False
        if not guesses:
            return 0
        if len(guesses) == 1 and (part := chain.settled(self, guesses[0])) is not None:
            self._nothing_to_do(part)
            return 1
        how = guesses[0].call.how()
        try:
            session = await self.link.shell_of(how)
            made_chain = chain.make(self, guesses, session.marker) if session is not None else None
        except HostError:
            return 0  # step by step, the operation fails with it
        if session is None or made_chain is None:
            return 0
        if not made_chain.pendings:  # nothing to do, and all that it rests on is known
            return await self._take_parts(made_chain.parts)
        try:
            async with self.link.sending(session, made_chain.text, made_chain.pendings, how):
                return await self._take_parts(made_chain.parts)
        except ConnectError:
            return 0  # it was gone before anything was sent
        except BaseException:
            self.facts.executed()  # nobody knows how far it came
            raise

    def _nothing_to_do(self, part: chain.Part) -> None:
        """Nobody needs to be asked, and there is nothing to carry out."""
        started = self._begin(part.guess.call)
        chain.explain(part)
        self._finish(part.guess.call, Outcome.OK, started, part.attempt, 1)

    async def _take_parts(self, parts: Sequence[chain.Part]) -> int:
        done = 0
        for part in parts:
            if not await self._take_part(part):
                self.learnt = True
                break
            done += 1
        return done

    async def _take_part(self, part: chain.Part) -> bool:
        """Take the answers for one operation of a chain; ``False`` if the facts it rests on do not hold."""
        call, attempt = part.guess.call, part.attempt
        lost: Failure | None = None
        try:
            if not await chain.holds(part, self):
                return False
        except ConnectError as error:  # it may have been carried out: only a new run can tell
            lost = failure_of(error, where=call.info.where)
        started = self._begin(call)
        try:
            if lost is None:
                await chain.take(part)
        except BaseException:
            self._finish(call, Outcome.CANCELLED, started, attempt, 1)
            raise
        attempt.failure = attempt.failure or lost
        self._finish(call, self._outcome(call, attempt), started, attempt, 1)
        return True

    def _begin(self, call: OperationCall) -> float:
        id = call.info.id
        self.shared.emit(OperationStarted(self.host.name, call.info))
        self.shared.operation_begins(id)
        self.shared.tell("operation_host_start", self.host, id)
        return time.monotonic()

    def _finish(self, call: OperationCall, outcome: Outcome, started: float, attempt: Attempt, tries: int) -> None:
        """An operation has ended.

        :raises OperationFailed: it failed, and its failure is not ignored.
        """
        self._end(call, outcome, time.monotonic() - started, attempt, attempts=tries, skip=attempt.skip)
        self.shared.operation_ends(call.info.id)
        self._report_failure(call, outcome, attempt)

    async def _attempts(self, call: OperationCall) -> tuple[Attempt, int]:
        """Try until it goes well or no try is left; return the last try and how many there were."""
        retries, delay, number = call.arguments["_retries"], call.arguments["_retry_delay"], 1
        while True:
            attempt, call.noop_reason = Attempt(call, self), None
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
        if not call.meta.has_ended:
            written = done.outputs
            call.meta.complete(
                Completed(outcome, len(done.results), written.stdout_lines, written.stderr_lines, attempts)
            )
        self._count(outcome, done)
        if self.past is not None:
            self.past.ended(call, outcome, skip, done.results)
            reason = reason or self.past.why_of(call)
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

    # -- what deploy code asks for directly -------------------------------------------------------------

    def get_fact(self, fact: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if current_call.get() is None and current_host.get(None) is self.host:
            self.catch_up()  # the program of another host cannot tell how far this one has come
        return super().get_fact(fact, args, kwargs)

    def include(self, path: str, data: Mapping[str, Any] | None) -> None:
        self.catch_up()
        super().include(path, data)

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        self.catch_up()
        return super().blocking(function, reads=reads)

    def run_shell_command(self, command: Any, arguments: Mapping[str, Any]) -> tuple[bool, list[Line]]:
        self.catch_up()
        guess.refuse()
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
        return self._transfer(lambda: self.link.upload(Upload(source, dest), self._how(arguments)))

    def get_file(self, source: str, dest: str | IO[Any], arguments: Mapping[str, Any]) -> bool:
        step = Download(source, dest)
        return self._transfer(lambda: self.link.download(step.source, step.dest, self._how(arguments)))

    def rsync(self, source: str, dest: str, flags: list[str], arguments: Mapping[str, Any]) -> bool:
        return self._transfer(lambda: self.link.rsync(Rsync(source, dest, tuple(flags)), self._how(arguments)))

    def _transfer(self, start: Callable[[], Any]) -> bool:
        self.catch_up()
        guess.refuse()
        self.facts.executed()
        try:
            bridge.wait(start())
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
