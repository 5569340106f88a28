"""Works out what an operation will do from facts as they were, without asking the host.

What comes out is sent together with the facts it rests on: the host goes ahead only if they still hold
(``chain.py``). Where an operation cannot be worked out that way, it is evaluated step by step instead.
"""

from __future__ import annotations

import contextvars
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from ropewalk.api.context import frames, on_local_files
from ropewalk.engine import content
from ropewalk.engine.call import OperationCall, current_call, evaluating
from ropewalk.engine.keep import keep_arguments
from ropewalk.engine.purity import only_yields
from ropewalk.engine.request import Request
from ropewalk.engine.steps import Normal, normal, steps_of
from ropewalk.engine.values import Reading
from ropewalk.model.command import Change, Diff, Renderable, Secret, Shell, Upload
from ropewalk.shell.transfer import SMALL

if TYPE_CHECKING:
    from ropewalk.engine.runner import BaseRunner


class CannotGuess(BaseException):
    """Ends a guess. Not an ``Exception``: operations shall not catch it by accident."""


@dataclass
class Guess:
    """What an operation would do, and what that rests on.

    :param runner: its host's; what it asks of other hosts cannot be compared there.
    :param files: whether it may rest on files of the machine that runs the deploy.
    """

    call: OperationCall
    runner: BaseRunner
    files: bool = True
    facts: dict[tuple[Any, ...], tuple[Request, Reading]] = field(default_factory=dict)
    steps: list[Normal] = field(default_factory=list)
    uploads: dict[int, bytes] = field(default_factory=dict)

    @property
    def commands(self) -> list[Renderable | Upload]:
        return [step for step in self.steps if isinstance(step, Shell | Upload | Renderable)]


#: The guess that is being made.
guessing: ContextVar[Guess | None] = ContextVar("guessing", default=None)

#: Arguments that need more than a line in a shared message.
_ALONE = ("_retries", "_retry_until", "_timeout", "_get_pty", "_continue_on_error", "_if", "_ignore_errors")


def _may_share(call: OperationCall) -> bool:
    """Say whether an operation's arguments let it share a message."""
    return call.arguments["_stdin"] is None and not any(map(call.arguments.__getitem__, _ALONE))


def guess(call: OperationCall, runner: BaseRunner, *, files: bool = True) -> Guess | None:
    """Work an operation out from facts as they were; ``None`` where that cannot be done."""
    if not (_may_share(call) and only_yields(call.operation._inner) and keep_arguments(call)):
        return None
    made = Guess(call, runner, files)
    call.noop_reason = None
    try:
        contextvars.copy_context().run(_follow, made)
        if not made.steps or _may_be_sent(made):
            return made
    except (Exception, CannotGuess):
        pass  # what is wrong shows when it is evaluated for real
    call.noop_reason = None
    return None


def _follow(made: Guess) -> None:
    call = made.call
    guessing.set(made)
    current_call.set(call)
    frames.set(call.frames)
    evaluating.set(True)
    if not made.files:
        on_local_files.set(refuse)
    for step in steps_of(call.operation._inner(*call.args, **call.own), call.info.function):
        made.steps.append(normal(step, call.info.function))


def _may_be_sent(made: Guess) -> bool:
    explained = sum(isinstance(step, Change | Diff) for step in made.steps)
    commands = made.commands
    return len(commands) + explained == len(made.steps) and all(_travels(step, made) for step in commands)


def _travels(step: Renderable | Upload, made: Guess) -> bool:
    """Say whether a step fits into a message; the content of uploads is read here, once."""
    if isinstance(step, Upload):
        if isinstance(step.source, str) and not made.files:
            return False
        if not isinstance(step.source, str | bytes | Secret) and not step.source.seekable():
            return False  # it can be read but once
        with content.open_source(step.source) as source:
            if source.size <= SMALL:
                made.uploads[id(step)] = source.read()
                return True
        return False
    return True


def last_value(request: Request, runner: BaseRunner) -> Reading:
    """Return what a fact was, and note that the guess that is being made rests on it.

    :raises CannotGuess: nobody knows, or what the fact says may depend on a command of the operation.
    """
    made, reading = guessing.get(), runner.facts.last(request)
    if made is None or (made.steps and made.commands) or made.runner is not runner or reading is None:
        raise CannotGuess
    made.facts[request.key] = (request, reading)
    return reading


def refuse() -> None:
    """Say that what is asked for cannot be part of a guess."""
    if guessing.get() is not None:
        raise CannotGuess
