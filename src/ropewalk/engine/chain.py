"""Carries out operations that were worked out beforehand, several in one round trip."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from ropewalk.engine.attempt import Attempt
from ropewalk.engine.facts import LARGEST, Request
from ropewalk.engine.guess import Guess
from ropewalk.engine.lines import Lines
from ropewalk.engine.link import Completed
from ropewalk.engine.session import Pending
from ropewalk.model.command import Change, Diff, Renderable, Upload
from ropewalk.model.errors import ConnectError
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
class Part:
    """One operation in a chain: the answers that will come."""

    guess: Guess
    attempt: Attempt
    facts: list[Request]
    verdict: Pending | None = None
    values: list[Pending] = field(default_factory=list)
    answers: list[Pending] = field(default_factory=list)
    lines: list[Lines | None] = field(default_factory=list)


class Chain:
    """A message under construction, for one identity's shell on one host."""

    def __init__(self, runner: BaseRunner, how: How, marker: str) -> None:
        self.runner, self.how, self.marker = runner, how, marker
        self.parts: list[Part] = []
        self._text = [script_of.begin()]
        self._executes = False

    @property
    def size(self) -> int:
        return sum(map(len, self._text))

    def add(self, guess: Guess) -> bool:
        """Add an operation; ``False`` if it cannot be part of this chain."""
        facts = self._facts_to_compare(guess)
        hows = [guess.call.how(getattr(step, "arguments", None)) for step in guess.commands]
        if facts is None or any(how.identity != self.how.identity or how.stdin or how.pty for how in hows):
            return False
        expected = [self._expectation(request) for request in facts]
        if any(entry is None or entry[0].body for entry in expected):
            return False
        part = Part(guess, Attempt(guess.call, self.runner), facts)
        if facts:
            self._text.append(script_of.guard([entry for entry in expected if entry is not None], self.marker))
            part.verdict = _pending(0)
            part.values = [_pending(LARGEST) for _ in facts]
        success = list(guess.call.arguments["_success_exit_codes"] or ()) or [0]
        for step, how in zip(guess.commands, hows, strict=True):
            self._text.append(script_of.command(self._script(step, how, guess), success, self.marker))
            lines = part.attempt.lines()
            part.lines.append(lines)
            part.answers.append(Pending.make(Capture(), Capture(), lines.feed if lines is not None else None))
        self._executes = self._executes or bool(guess.commands)
        self.parts.append(part)
        return True

    @property
    def text(self) -> str:
        return "".join(self._text)

    @property
    def pendings(self) -> list[Pending]:
        """What will answer, in order."""
        return [
            pending
            for part in self.parts
            for pending in ([part.verdict] if part.verdict else []) + part.values + part.answers
        ]

    def _facts_to_compare(self, guess: Guess) -> list[Request] | None:
        """Return the facts that must be compared on the host; ``None`` if one of them cannot be."""
        facts = self.runner.facts
        requests = list(guess.requests.values())
        if not self._executes:
            requests = [request for request in requests if not facts.known(request)[0]]
        requests = [request for request in requests if not getattr(request.fact, "constant", False)]
        if any(request.how.identity != self.how.identity for request in requests):
            return None
        return requests

    def _expectation(self, request: Request) -> tuple[Script, bytes, int] | None:
        raw = self.runner.facts.raw(request)
        if raw is None:
            return None
        how = request.how
        line = script(
            request.full_command, delimiter=self.marker, shell=how.shell, chdir=how.chdir, env=dict(how.env),
            hidden=request.hidden or how.hidden,
        )  # fmt: skip
        return line, *raw

    def _script(self, step: Renderable | Upload, how: How, guess: Guess) -> Script:
        if isinstance(step, Upload):
            data = guess.uploads[id(step)]
            text, body = upload_script(
                step.dest, size=len(data), mode=step.mode, user=step.user, group=step.group, temp_dir=how.temp_dir,
                delimiter=self.marker, content=data,
            )  # fmt: skip
            return script(text, delimiter=self.marker, attached=body)
        return script(
            step.render(reveal=True), delimiter=self.marker, shell=how.shell, chdir=how.chdir, env=dict(how.env),
            hidden=how.hidden or any(True for _ in secrets_in(step)),
        )  # fmt: skip


async def holds(part: Part, runner: BaseRunner) -> bool:
    """Wait for the host to say whether the facts still hold; takes them as they are now where they do not."""
    if part.verdict is not None and await _answer(part.verdict) != 0:
        for request, pending in zip(part.facts, part.values, strict=True):
            status = await _answer(pending)
            if status != script_of.SKIPPED:
                runner.facts.learn(request, Completed(status, pending.stdout, pending.stderr))
        return False
    runner.facts.confirm(part.facts)
    return True


async def take(part: Part) -> None:
    """Wait for an operation's commands, and record what they did."""
    attempt, started = part.attempt, time.monotonic()
    attempt.changes = [step for step in part.guess.steps if isinstance(step, Change)]
    attempt.diffs = [step for step in part.guess.steps if isinstance(step, Diff)]
    for step, pending, lines in zip(part.guess.commands, part.answers, part.lines, strict=True):
        try:
            status = await _answer(pending)
            done = Completed(status, pending.stdout, pending.stderr)
        except ConnectError as lost:
            done = Completed(None, pending.stdout, pending.stderr, error=str(lost))
        if lines is not None:
            lines.finish()
        attempt.take(step, done, started)
        if attempt.failure is not None:
            return
        started = time.monotonic()


async def _answer(pending: Pending) -> int:
    """Wait for an answer; the wait may be cancelled, the answer may not."""
    return await asyncio.shield(pending.future)


def _pending(limit: int) -> Pending:
    return Pending.make(Capture(limit, 0), Capture(64 * 1024, 0))


def make(runner: BaseRunner, guesses: Sequence[Guess], marker: str) -> Chain | None:
    """Put as many of the operations as possible into one chain; ``None`` if not even the first fits."""
    chain = Chain(runner, guesses[0].call.how(), marker)
    for guess in guesses:
        if chain.size > LONGEST or not chain.add(guess):
            break
    return chain if chain.parts else None
