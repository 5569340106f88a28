"""The plan pass: every operation is evaluated against live facts, and nothing is carried out.

A call starts its evaluation and returns as soon as that waits for the host, so that the facts of all operations of a
host are in flight together. What fails while something before it is predicted to change is unknown, not an error: what
it needs may be about to be made.
"""

from __future__ import annotations

import asyncio
import functools
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import IO, Any, NoReturn

from ropewalk.api.context import frames
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.runner import Line
from ropewalk.engine import bridge
from ropewalk.engine.call import OperationCall, current_call, evaluating
from ropewalk.engine.failure import failure_of
from ropewalk.engine.past import HostPast
from ropewalk.engine.runner import BaseRunner
from ropewalk.engine.steps import normal, steps_of
from ropewalk.engine.turns import Turns
from ropewalk.model.command import Change, Diff
from ropewalk.model.errors import ConnectError, HostError, UnknownUntilApplied, UsageError
from ropewalk.model.event import OperationPlanned
from ropewalk.model.outcome import Prediction
from ropewalk.model.v3command import secrets_in

#: How many operations of one host are evaluated at a time.
AT_ONCE = 32
#: An operation that yields more than this (one that waits for something, say) is not followed further.
LONGEST = 10_000
#: Where a meta keeps its prediction when its evaluation is gone.
_FORGOTTEN = "_planned"


@dataclass(eq=False)
class Evaluation:
    """What is known of one operation: its steps, then what they predict."""

    call: OperationCall
    number: int
    earlier: Evaluation | None
    steps: list[Any] = field(default_factory=list)
    prediction: Prediction | None = None
    reason: str | None = None
    error: BaseException | None = None
    past: HostPast | None = None
    ended: bool = False
    _waiting: list[asyncio.Future[None]] = field(default_factory=list)

    async def settled(self) -> None:
        """Wait for its end."""
        if not self.ended:
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._waiting.append(waiting)
            await waiting

    def end(self) -> None:
        self.ended = True
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(None)

    @property
    def why(self) -> str | None:
        """What an earlier run left, if that is why."""
        return self.past.why_of(self.call) if self.past is not None else None

    @property
    def changes(self) -> bool:
        return self.prediction in (Prediction.CHANGE, Prediction.UNKNOWN)

    @property
    def works(self) -> bool:
        """Whether there is anything to carry out, as far as it is known."""
        return bool(self.steps) and not all(isinstance(step, Change | Diff) for step in self.steps)

    def event(self, host: str, mask: Any) -> OperationPlanned:
        shown = [step for step in self.steps if not isinstance(step, Change | Diff)]
        return OperationPlanned(
            host,
            self.call.info,
            self.prediction or Prediction.UNKNOWN,
            commands=tuple(mask(str(step)) for step in shown),
            changes=tuple(step for step in self.steps if isinstance(step, Change)),
            diffs=tuple(step for step in self.steps if isinstance(step, Diff)),
            reason=self.reason or self.call.noop_reason or self.why,
            failure=failure_of(self.error, where=self.call.info.where)
            if self.error is not None and self.prediction is Prediction.ERROR
            else None,
            conditional=self.call.conditional,
        )


class PlanRunner(BaseRunner):
    """Evaluates operations on one host."""

    planning = True

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        self.evaluations: list[Evaluation] = []
        self._of: dict[int, Evaluation] = {}
        self._turns = Turns(AT_ONCE, self.shared.greenlets)

    def submit(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationMeta:
        self.shared.check_going_on()
        room = self.shared.room
        if not self.evaluations and room.full:
            bridge.wait(room.wait(self.shared.rank(self.host)))
            self.shared.check_going_on()
        call = self.collect(operation, args, kwargs)
        count = len(self.evaluations)
        evaluation = Evaluation(call, count, self.evaluations[-1] if count else None, past=self.past)
        self.evaluations.append(evaluation)
        self._of[id(call.meta)] = evaluation
        run = self.past.done(call) if self.past is not None else None
        if run is not None:
            evaluation.prediction, evaluation.reason = Prediction.SKIPPED, f"done in run {run}"
            evaluation.end()
            return call.meta
        room.enter()
        self._turns.start(functools.partial(self._evaluate, evaluation))
        return call.meta

    def catch_up(self) -> None:
        """Nothing is ever behind: evaluations run by themselves."""

    def prediction(self, meta: OperationMeta) -> Prediction:
        evaluation = self._of.get(id(meta))
        if evaluation is None:  # the plan of this host has been made, and somebody still asks
            return vars(meta)[_FORGOTTEN]  # type: ignore[no-any-return]
        if evaluation.prediction is None:
            asking = current_call.get()
            if asking is not None and self._of[id(asking.meta)].number <= evaluation.number:
                # A condition that waited for itself, or for what may wait for it, would wait for ever.
                raise UnknownUntilApplied(f"{meta.name} has not been evaluated yet")
            bridge.wait(evaluation.settled())
        return self._predicted(evaluation)

    def _predicted(self, evaluation: Evaluation) -> Prediction:
        if evaluation.call.arguments["_run_once"] and not self._is_first():
            return Prediction.SKIPPED
        return evaluation.prediction or Prediction.UNKNOWN

    def get_fact(self, fact: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Read a fact; one that fails in deploy code while changes are pending is not known yet."""
        try:
            return super().get_fact(fact, args, kwargs)
        except HostError as error:
            if current_call.get() is None and bridge.wait(self.pending()):
                raise UnknownUntilApplied(f"{error}; an operation before it may change that") from error
            raise

    async def pending(self) -> bool:
        """Wait for all evaluations so far; return whether any of them predicts a change."""
        await self.settle()
        return any(evaluation.changes for evaluation in self.evaluations)

    async def settle(self) -> None:
        """Wait for all evaluations so far."""
        for evaluation in self.evaluations:
            await evaluation.settled()

    def cancel(self) -> None:
        self._turns.cancel()

    def forget(self) -> None:
        """Let go of all evaluations: the plan of this host has been made. What they predict stays with their metas."""
        for evaluation in self.evaluations:
            vars(evaluation.call.meta)[_FORGOTTEN] = self._predicted(evaluation)
        self.evaluations.clear()
        self._of.clear()

    def _is_first(self) -> bool:
        """Say whether this host is the one that ``_run_once`` means, as far as can be known."""
        active = self.shared.state.active_hosts
        return not active or active[0] is self.host

    def _evaluate(self, evaluation: Evaluation) -> None:
        """Find out what an operation would do; whatever becomes of that, the evaluation has ended then."""
        try:
            self._predict(evaluation)
        except asyncio.CancelledError:
            if not bridge.is_being_cancelled():
                raise
        finally:
            evaluation.end()
            self.shared.room.leave()

    def _predict(self, evaluation: Evaluation) -> None:
        try:
            self._follow(evaluation)
        except UnknownUntilApplied as error:
            evaluation.prediction, evaluation.reason = Prediction.UNKNOWN, str(error)
        except BaseException as error:
            if isinstance(error, asyncio.CancelledError) and bridge.is_being_cancelled():
                raise
            self._judge(evaluation, error)
        finally:
            if evaluation.steps:
                self.shared.emit.hide(text for step in evaluation.steps for text in secrets_in(step))
        if evaluation.prediction is None:
            evaluation.prediction = Prediction.CHANGE if evaluation.works else Prediction.NO_CHANGE

    def _follow(self, evaluation: Evaluation) -> None:
        """Run the operation's generator, without carrying out what it yields."""
        call = evaluation.call
        current_call.set(call)
        frames.set(call.frames)
        if not all(condition() for condition in call.arguments["_if"]):
            evaluation.prediction, evaluation.reason = Prediction.SKIPPED, "its condition does not hold"
            return
        evaluating.set(True)
        name = call.info.function
        try:
            for step in steps_of(call.operation._inner(*call.args, **call.own), name):
                evaluation.steps.append(normal(step, name))
                if len(evaluation.steps) >= LONGEST:
                    break
        except (UsageError, ConnectError):
            raise
        except Exception:
            # After its first command an operation may rely on what that command did.
            if not evaluation.works:
                raise

    def _judge(self, evaluation: Evaluation, error: BaseException) -> None:
        """Decide what the failure of an evaluation means."""
        evaluation.error = error
        if not isinstance(error, UsageError) and bridge.wait(self._changes_before(evaluation)):
            evaluation.prediction = Prediction.UNKNOWN
            evaluation.reason = f"{failure_of(error).message}; an operation before it may change that"
        elif evaluation.call.arguments["_ignore_errors"] and not isinstance(error, UsageError):
            evaluation.prediction = Prediction.UNKNOWN
            evaluation.reason = f"{failure_of(error).message}; its errors are ignored"
        else:
            evaluation.prediction = Prediction.ERROR

    async def _changes_before(self, evaluation: Evaluation) -> bool:
        found, before = False, evaluation.earlier
        while before is not None:
            await before.settled()
            found = found or before.changes
            before = before.earlier
        return found

    # -- what a plan cannot do --------------------------------------------------------------------------

    def run_shell_command(self, command: Any, arguments: Mapping[str, Any]) -> tuple[bool, list[Line]]:
        self._unknown("what a command does")

    def put_file(self, source: str | IO[Any], dest: str, arguments: Mapping[str, Any]) -> bool:
        self._unknown(f"the upload of {dest}")

    def get_file(self, source: str, dest: str | IO[Any], arguments: Mapping[str, Any]) -> bool:
        self._unknown(f"the content of {source}")

    def rsync(self, source: str, dest: str, flags: list[str], arguments: Mapping[str, Any]) -> bool:
        self._unknown("what rsync does")

    @staticmethod
    def _unknown(what: str) -> NoReturn:
        raise UnknownUntilApplied(f"{what} cannot be known before applying")
