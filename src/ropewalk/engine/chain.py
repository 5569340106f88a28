"""Carries out operations that were worked out beforehand, several in one round trip."""

from __future__ import annotations

import asyncio
import dataclasses
import functools
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ropewalk.engine.attempt import Attempt
from ropewalk.engine.facts import LARGEST
from ropewalk.engine.guess import Guess
from ropewalk.engine.lines import Lines
from ropewalk.engine.link import Completed, StreamLink
from ropewalk.engine.request import Request
from ropewalk.engine.session import Pending
from ropewalk.engine.values import Reading
from ropewalk.model.command import Renderable, Upload
from ropewalk.model.event import CommandResult
from ropewalk.model.v3command import secrets_in
from ropewalk.shell import chain as script_of
from ropewalk.shell.capture import Capture
from ropewalk.shell.how import How
from ropewalk.shell.script import Script, script
from ropewalk.shell.transfer import upload_script

if TYPE_CHECKING:
    from ropewalk.engine.runner import BaseRunner

#: A message of more than this many characters is sent before more is added to it.
LONGEST = 512 * 1024


@dataclass
class Sent:
    """A command of a chain: the answer that will come, and what makes lines of its output meanwhile."""

    pending: Pending
    lines: Lines | None

    async def answer(self, attempt: Attempt, step: Any, text: str, started: float) -> CommandResult:
        """Wait for the answer, as :meth:`Attempt.carry_out` does.

        :raises OperationError: a file could not be written.
        """
        if self.lines is not None:
            self.lines.release()
        status = await _answer(self.pending)
        if self.lines is not None:
            self.lines.finish()
        done = Completed(status, self.pending.stdout, self.pending.stderr)
        if isinstance(step, Upload):
            StreamLink.must(done, f"cannot write {step.dest}")
            return CommandResult(text, 0, True, time.monotonic() - started)
        return attempt.result(text, done, started, pty=False)


@dataclass
class Part:
    """One operation in a chain.

    :ivar verdict: says whether its facts still hold; ``None`` where that needs no asking.
    :ivar values: say what its facts are now, where they do not.
    """

    guess: Guess
    attempt: Attempt
    facts: list[Request]
    verdict: Pending | None = None
    values: list[Pending] = field(default_factory=list)
    sent: list[Sent] = field(default_factory=list)

    @property
    def pendings(self) -> list[Pending]:
        """What will answer, in order."""
        verdict = [self.verdict] if self.verdict is not None else []
        return [*verdict, *self.values, *(sent.pending for sent in self.sent)]


class Chain:
    """A message under construction, for one identity's shell on one host.

    :ivar executes: whether it does anything but compare facts.
    """

    def __init__(self, runner: BaseRunner, how: How, marker: str) -> None:
        self.runner, self.identity, self.marker = runner, how.identity, marker
        self.parts: list[Part] = []
        self.executes = False
        self._text = [script_of.begin()]
        self._compared: set[tuple[Any, ...]] = set()

    @property
    def size(self) -> int:
        return sum(map(len, self._text))

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def pendings(self) -> list[Pending]:
        """What will answer, in order."""
        return [pending for part in self.parts for pending in part.pendings]

    def add(self, guess: Guess) -> bool:
        """Add an operation; ``False`` if it cannot be part of this chain."""
        hows = [guess.call.how(getattr(step, "arguments", None)) for step in guess.commands]
        if not all(map(self._may_share, hows)) or not self._is_up_to_date(guess):
            return False
        facts = self._facts_to_compare(guess)
        expected = [self._expectation(request, reading) for request, reading in facts]
        comparable = [entry for entry in expected if entry is not None and not entry[0].body]
        if len(comparable) != len(facts):
            return False
        part = Part(guess, Attempt(guess.call, self.runner), [request for request, _ in facts])
        self.parts.append(part)
        if facts:
            self._text.append(script_of.guard(comparable, self.marker))
            part.verdict = _pending(0)
            part.values = [_pending(LARGEST) for _ in facts]
            self._compared.update(request.key for request, _ in facts)
        for step, how in zip(guess.commands, hows, strict=True):
            self._add_command(part, step, how)
        return True

    def _add_command(self, part: Part, step: Renderable | Upload, how: How) -> None:
        given = part.guess.call.arguments["_success_exit_codes"]
        success = [0] if isinstance(step, Upload) else list(given or ()) or [0]
        self._text.append(script_of.command(self._script(step, how, part.guess), success, self.marker))
        self.runner.shared.emit.hide(secrets_in(step))
        lines = part.attempt.lines() if not isinstance(step, Upload) else None
        if lines is not None:
            lines.hold()  # it may arrive before it is known whether the operation began
        feed = lines.feed if lines is not None else None
        part.sent.append(Sent(Pending.make(Capture(), Capture(), feed), lines))
        self.executes = True
        self._compared.clear()

    def _may_share(self, how: How) -> bool:
        alone = how.stdin is not None or how.pty or how.timeout is not None
        return not alone and how.identity == self.identity

    def _is_up_to_date(self, guess: Guess) -> bool:
        """Say whether the facts that it was worked out from are still the last that are known."""
        facts = self.runner.facts
        return all(facts.last(request) is reading for request, reading in guess.facts.values())

    def _facts_to_compare(self, guess: Guess) -> list[tuple[Request, Reading]]:
        """Return the facts that must be compared on the host."""
        return [
            (request, reading)
            for key, (request, reading) in guess.facts.items()
            if not getattr(request.fact, "constant", False)
            and key not in self._compared
            and (self.executes or not self.runner.facts.holds(request))
        ]

    def _expectation(self, request: Request, reading: Reading) -> tuple[Script, bytes, int] | None:
        if reading.raw is None or not self._may_share(dataclasses.replace(request.how, timeout=None)):
            return None
        return request.script(self.marker), *reading.raw

    def _script(self, step: Renderable | Upload, how: How, guess: Guess) -> Script:
        if isinstance(step, Upload):
            data = guess.uploads[id(step)]
            text, body = upload_script(
                step.dest, size=len(data), mode=step.mode, user=step.user, group=step.group, temp_dir=how.temp_dir,
                delimiter=self.marker, content=data,
            )  # fmt: skip
            return script(text, delimiter=self.marker, shell=None, chdir=how.chdir, attached=body)
        return script(
            step.render(reveal=True), delimiter=self.marker, shell=how.shell, chdir=how.chdir, env=dict(how.env),
            hidden=how.hidden or any(True for _ in secrets_in(step)),
        )  # fmt: skip


async def holds(part: Part, runner: BaseRunner) -> bool:
    """Wait for the host to say whether the facts still hold; takes them as they are now where they do not.

    :raises ConnectionLost: the host did not get to say it.
    """
    if part.verdict is not None and await _answer(part.verdict) != 0:
        for request, pending in zip(part.facts, part.values, strict=True):
            status = await _answer(pending)
            if status != script_of.SKIPPED:
                runner.facts.learn(request, Completed(status, pending.stdout, pending.stderr))
        return False
    for request in part.facts:
        runner.facts.confirm(request)
    return True


async def take(part: Part) -> None:
    """Wait for an operation's commands, and record what they did."""
    attempt, sent = part.attempt, iter(part.sent)
    for step in part.guess.steps:
        if not attempt.explained(step) and not await attempt.carry_out(
            step, functools.partial(next(sent).answer, attempt)
        ):
            return


def explain(part: Part) -> None:
    """Record what an operation that has nothing to do says of it."""
    for step in part.guess.steps:
        part.attempt.explained(step)


async def _answer(pending: Pending) -> int:
    """Wait for an answer; the wait may be cancelled, the answer may not."""
    return await asyncio.shield(pending.future)


def _pending(limit: int) -> Pending:
    return Pending.make(Capture(limit, 0), Capture(64 * 1024, 0))


def settled(runner: BaseRunner, guess: Guess) -> Part | None:
    """Return an operation that has nothing to do if all that this rests on is known to hold: nobody needs asking."""
    if guess.steps and guess.commands:
        return None
    still = runner.facts.still
    if not all(still(request, reading) for request, reading in guess.facts.values()):
        return None
    return Part(guess, Attempt(guess.call, runner), [])


def make(runner: BaseRunner, guesses: Sequence[Guess], marker: str) -> Chain | None:
    """Put as many of the operations as possible into one chain; ``None`` if not even the first fits."""
    chain = Chain(runner, guesses[0].call.how(), marker)
    for guess in guesses:
        if chain.size > LONGEST or not chain.add(guess):
            break
    return chain if chain.parts else None
