"""One try at an operation: run its generator, carry out what it yields, in order, on one host."""

from __future__ import annotations

import asyncio
import functools
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ropewalk.api.context import current_config, frames
from ropewalk.engine import bridge
from ropewalk.engine.call import OperationCall, current_call, evaluating
from ropewalk.engine.failure import failure_of
from ropewalk.engine.lines import Lines
from ropewalk.engine.link import Completed
from ropewalk.engine.order import base_position
from ropewalk.engine.shared import Halted
from ropewalk.engine.steps import arguments_of, normal, steps_of
from ropewalk.engine.threads import run_in_thread
from ropewalk.model.command import Call, Change, Diff, Download, Renderable, Rsync, Upload, UploadTree
from ropewalk.model.errors import ConnectError, HostError, OperationError
from ropewalk.model.event import CommandEnded, CommandResult, CommandStarted, Failure, OutputLine
from ropewalk.model.outcome import Skip
from ropewalk.model.v3command import secrets_in
from ropewalk.shell.capture import Capture, lines_of

if TYPE_CHECKING:
    from ropewalk.engine.runner import BaseRunner

#: Bytes of the beginning and the end of a command's output that events carry.
SHOWN = 64 * 1024


#: Carries out a step: step, its text, when it began.
Perform = Callable[[Any, str, float], Awaitable[CommandResult]]


class _Stop(Exception):
    """Ends the generator of an operation whose command has failed."""


class Outputs(list[tuple[Capture, Capture, bool]]):
    """What the commands of a try wrote, each with whether it had a terminal.

    This is what a deploy may ask for later. It knows nothing of the try: what that refers to shall go with its end.
    """

    def stdout_lines(self) -> list[str]:
        return [line for out, _, pty in self for line in _lines(out, pty)]

    def stderr_lines(self) -> list[str]:
        return [line for _, err, pty in self for line in _lines(err, pty)]


@dataclass
class Attempt:
    """What one try did, and what it came to."""

    call: OperationCall
    runner: BaseRunner
    results: list[CommandResult] = field(default_factory=list)
    outputs: Outputs = field(default_factory=Outputs)
    changes: list[Change] = field(default_factory=list)
    diffs: list[Diff] = field(default_factory=list)
    skip: Skip | None = None
    failure: Failure | None = None
    hint: str | None = None

    async def run(self) -> None:
        """Carry the operation out; every failure ends up in ``failure``.

        :raises asyncio.CancelledError: the run stops; what ran on the host has been ended.
        """
        self.call.nested_failure = None
        try:
            await bridge.call(self._follow, self.runner.shared.greenlets)
        except _Stop:
            pass
        except BaseException as error:
            if _ends_the_program(error):
                raise
            self.failure = failure_of(error, where=self.call.info.where)
        if self.failure is None and self.call.nested_failure is not None:
            inner = self.call.nested_failure
            self.failure = Failure("OperationFailed", f"an operation inside it failed: {inner.message}",
                                   where=self.call.info.where, caused_by_nested=True)  # fmt: skip

    @property
    def commands(self) -> list[str]:
        return [result.command for result in self.results]

    def _follow(self) -> None:
        current_call.set(self.call)
        frames.set(self.call.frames)
        if not all(condition() for condition in self.call.arguments["_if"]):
            self.skip = Skip.CONDITION
            return
        evaluating.set(True)
        name = self.call.info.function
        for step in steps_of(self.call.operation._inner(*self.call.args, **self.call.own), name):
            self._take(normal(step, name))

    def explained(self, step: Any) -> bool:
        """Record what explains an operation; ``False``: this is to be carried out."""
        if isinstance(step, Change):
            self.changes.append(step)
        elif isinstance(step, Diff):
            self.diffs.append(step)
        else:
            return False
        return True

    def _take(self, step: Any) -> None:
        if (
            not self.explained(step)
            and not bridge.wait(self.carry_out(step))
            and not self.call.arguments["_continue_on_error"]
        ):
            raise _Stop

    async def carry_out(self, step: Any, perform: Perform | None = None) -> bool:
        """Carry out one step; return whether that went well.

        :param perform: does it, where it is not simply to be done now.
        """
        shared = self.runner.shared
        shared.emit.hide(secrets_in(step))
        text = shared.emit.mask(str(step))
        shared.emit(CommandStarted(self.runner.host.name, text, self.call.info.id))
        started = time.monotonic()
        result = CommandResult(text, None, False, 0.0, error="interrupted")
        self._epoch(step)
        try:
            result = await self._try(step, text, started, perform or self._perform)
        finally:
            self._epoch(step)
            self._record(result)
        return result.ok

    def _record(self, result: CommandResult) -> None:
        self.results.append(result)
        self.runner.shared.emit(CommandEnded(self.runner.host.name, result, self.call.info.id))
        if not result.ok:
            self.failure = self.failure or self._explain(result)

    async def _try(self, step: Any, text: str, started: float, perform: Perform) -> CommandResult:
        try:
            return await perform(step, text, started)
        except (ConnectError, OperationError, HostError, TimeoutError) as error:
            if isinstance(step, Call):
                self.failure = self.failure or self._raised(error)
            self.hint = getattr(error, "hint", None)
            return CommandResult(text, None, False, time.monotonic() - started, error=str(error))
        except BaseException as error:
            if _ends_the_program(error):
                raise
            self.failure = self.failure or self._raised(error)
            return CommandResult(text, None, False, time.monotonic() - started, error=self.failure.message)

    async def _perform(self, step: Any, text: str, started: float) -> CommandResult:
        if isinstance(step, Renderable):
            return await self._command(step, text, started)
        await self._other(step)
        return CommandResult(text, 0, True, time.monotonic() - started)

    async def _command(self, step: Renderable, text: str, started: float) -> CommandResult:
        how = self.call.how(arguments_of(step))
        hidden = any(True for _ in secrets_in(step))
        lines = self.lines()
        done = await self.runner.link.run(
            step.render(reveal=True), how, hidden=hidden, on_output=lines.feed if lines is not None else None
        )
        if lines is not None:
            lines.finish()
        return self.result(text, done, started, pty=how.pty)

    def lines(self) -> Lines | None:
        """Return what passes on a command's output while it runs, if somebody wants it."""
        options = self.runner.shared.options
        if options.on_output is None and not options.stream_output:
            return None
        return Lines(
            self._emit_line if options.stream_output else None,
            self._pass_on if options.on_output is not None else None,
        )

    def result(self, text: str, done: Completed, started: float, *, pty: bool) -> CommandResult:
        """Return what came of a command, and keep its output for those who ask the operation for it."""
        self.outputs.append((done.stdout, done.stderr, pty))
        wanted = list(self.call.arguments["_success_exit_codes"] or ()) or [0]
        ok = done.status in wanted
        return CommandResult(
            text, done.status, ok, time.monotonic() - started,
            _cut(done.stdout), _cut(done.stderr), None if ok else _why(done, wanted),
        )  # fmt: skip

    def _emit_line(self, stream: str, line: str) -> None:
        self.runner.shared.emit(OutputLine(self.runner.host.name, line, stream, self.call.info.id))

    def _pass_on(self, stream: str, data: bytes) -> None:
        shared = self.runner.shared
        if shared.options.on_output is not None:
            shared.options.on_output(self.runner.host.name, stream, shared.emit.mask_bytes(data))

    async def _other(self, step: Any) -> None:
        link, how = self.runner.link, self.call.how(arguments_of(step))
        match step:
            case Upload():
                await link.upload(step, how)
            case UploadTree():
                await link.upload_tree(step, how)
            case Download():
                await link.download(step.source, step.dest, how)
            case Rsync():
                await link.rsync(step, how)
            case Call():
                await self._callback(step)

    async def _callback(self, step: Call) -> None:
        """Call a function in a thread; operations it calls are carried out at once, as children of this one."""
        call = self.call
        function = functools.partial(_in_callback, call, functools.partial(step.function, *step.args, **step.kwargs))
        try:
            async with asyncio.timeout(call.arguments["_timeout"]) as limit:
                await run_in_thread(function, name=f"ropewalk callback {self.runner.host.name}")
        except TimeoutError:
            if not limit.expired():  # the function's own
                raise
            raise OperationError(f"stopped after {call.arguments['_timeout']:g} s (_timeout)") from None
        finally:
            if call.nested:
                await asyncio.wait(call.nested)

    def _epoch(self, step: Any) -> None:
        """Whatever runs may change what facts say; a callback may change anything it can reach."""
        if isinstance(step, Call):
            self.runner.shared.epochs.executed_anywhere()
        else:
            self.runner.facts.executed()

    def _raised(self, error: BaseException) -> Failure:
        return failure_of(error, where=self.call.info.where)

    def _explain(self, result: CommandResult) -> Failure:
        return Failure("CommandFailed", result.error or "failed", hint=self.hint or _hint(self.call, result),
                       where=self.call.info.where)  # fmt: skip


def _ends_the_program(error: BaseException) -> bool:
    """Say whether this is none of the operation's own errors: the run stops."""
    return isinstance(error, Halted) or (isinstance(error, asyncio.CancelledError) and bridge.is_being_cancelled())


def _in_callback(call: OperationCall, function: Callable[[], Any]) -> None:
    """Set up, in the worker thread, what surrounds operations that the function calls."""
    evaluating.set(False)
    current_call.set(call)
    base_position.set(call.position)
    frames.set((call.callback_frame(),))
    current_config.set(current_config.get().copy())  # what it sets there ends with it
    function()


def _hint(call: OperationCall, result: CommandResult) -> str | None:
    """Return what to do about a program that root has and su does not find."""
    by_su = call.arguments["_su_user"] and not call.arguments["_use_su_login"]
    if by_su and result.exit_code == 127 and "not found" in result.stderr:
        return "su keeps the PATH of the user it is called by; _use_su_login=True takes that of the other user"
    return None


def _lines(capture: Capture, pty: bool) -> list[str]:
    lines = lines_of(capture.value())
    return [line.rstrip("\r") for line in lines] if pty else lines  # a terminal ends lines with CR LF


def _cut(capture: Capture) -> str:
    data = capture.value()
    if len(data) > 2 * SHOWN:
        left_out = capture.total - 2 * SHOWN
        data = data[:SHOWN] + f"\n[... {left_out} bytes left out ...]\n".encode() + data[-SHOWN:]
    return data.decode("utf-8", errors="replace")


def _why(done: Completed, wanted: list[int]) -> str:
    if done.error:
        return done.error
    if done.status is not None and 128 < done.status < 160:
        return f"exit status {done.status} (signal {done.status - 128})"
    return f"exit status {done.status}" + ("" if wanted == [0] else f", not {' or '.join(map(str, wanted))}")
