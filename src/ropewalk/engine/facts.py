"""Reads facts: equal reads in flight are one, values are shared as long as they hold."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import inspect
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple
from weakref import WeakValueDictionary

from ropewalk.engine.call import is_private
from ropewalk.engine.epoch import Epochs, Stamp
from ropewalk.engine.link import Completed, Link
from ropewalk.engine.session import Pending
from ropewalk.engine.watch import Asked
from ropewalk.model.command import MASK, Renderable
from ropewalk.model.errors import EscalationFailed, FactError, FactProcessError, FactTypeError, RopewalkError
from ropewalk.model.suggest import did_you_mean
from ropewalk.model.v3command import secrets_in
from ropewalk.shell import chain
from ropewalk.shell.capture import lines_of
from ropewalk.shell.how import How
from ropewalk.shell.prompts import UNKNOWN_USER
from ropewalk.shell.script import Script, script

#: A fact's output is needed whole; more than this is refused, not cut.
LARGEST = 64 * 1024 * 1024
#: The exit status that says: the program a fact needs is not there.
MISSING = 213

_PLAIN = frozenset({str, int, float, bool, type(None), bytes, datetime})


@dataclass(frozen=True, slots=True)
class Request:
    """One fact with its arguments, ready to be read."""

    fact: type
    command: str
    hidden: bool
    needs: str | None
    how: How
    arguments: str
    key: tuple[Any, ...]
    _script: list[Script] = field(default_factory=list, repr=False, compare=False)

    def script(self, delimiter: str) -> Script:
        """Return what a shell runs; ``delimiter`` is a line that the command cannot contain."""
        if self._script:
            return self._script[0]
        how = self.how
        made = script(
            self.full_command, delimiter=delimiter, shell=how.shell, chdir=how.chdir, env=dict(how.env),
            hidden=self.hidden or how.hidden,
        )  # fmt: skip
        if not made.body:  # then nothing of it depends on the delimiter: it is the same for all hosts
            self._script.append(made)
        return made

    @property
    def full_command(self) -> str:
        """The command, after a look whether the program it needs is there."""
        if not self.needs:
            return self.command
        return f"command -v {shlex.quote(self.needs)} >/dev/null 2>&1 || exit {MISSING}\n{self.command}"

    @property
    def name(self) -> str:
        return getattr(self.fact, "name", None) or self.fact.__name__


def prepare(fact: type, args: tuple[Any, ...], kwargs: Mapping[str, Any], how: How) -> Request:
    """Build the command of a fact.

    :raises FactTypeError: the arguments are not those of the fact.
    """
    instance: Any = fact()
    named = (f"{key}={MASK if is_private(key) else repr(value)}" for key, value in kwargs.items())
    arguments = ", ".join([*map(repr, args), *named])
    command, needs = instance.command, None
    if callable(command):
        _bind(fact, command, args, kwargs)
        command = command(*args, **kwargs)
    elif args or kwargs:
        raise FactTypeError(f"fact {fact.__name__} takes no arguments, but was given: {arguments}")
    if callable(getattr(instance, "requires_command", None)):
        needs = instance.requires_command(*args, **kwargs)
    if instance.shell_executable:
        how = dataclasses.replace(how, shell=instance.shell_executable)
    elif how.shell == "sh" and _needs_no_shell_of_its_own(fact):
        how = dataclasses.replace(how, shell=None)
    text = command.render(reveal=True) if isinstance(command, Renderable) else str(command)
    hidden = any(True for _ in secrets_in(command))
    return Request(fact, text, hidden, needs, how, arguments, _key(fact, text, needs, how))


def _key(fact: type, text: str, needs: str | None, how: How) -> tuple[Any, ...]:
    """Return what equal requests share. It is looked up often, and hashing text is cheap: that is done but once."""
    identity, *rest = how.key()
    return fact, text, needs, repr(identity), *rest


class Requests:
    """Facts that were asked for in a run: hosts that ask for the same share one request."""

    def __init__(self) -> None:
        self._known: dict[tuple[Any, ...], Request] = {}

    def of(self, fact: type, args: tuple[Any, ...], kwargs: Mapping[str, Any], how: How) -> Request:
        """Return the request for a fact; as :func:`prepare`, which is asked where nobody did before.

        What other people's facts look at besides their arguments is not known: theirs are made each time.
        """
        values = (*args, *kwargs.values())
        kinds = tuple(map(type, values))
        if not (_is_ours(fact) and _HASHED.issuperset(kinds)) or how.passwords or how.env:
            return prepare(fact, args, kwargs, how)
        key = fact, len(args), tuple(kwargs), values, kinds, how
        request = self._known.get(key)
        if request is None:
            request = self._known[key] = prepare(fact, args, kwargs, how)
        return request


#: Arguments of these kinds are equal only if they mean the same.
_HASHED = frozenset({str, int, bool, type(None)})


def _is_ours(fact: type) -> bool:
    return fact.__module__.startswith("ropewalk.facts.")


def _needs_no_shell_of_its_own(fact: type) -> bool:
    """Say whether a fact's command may run in a subshell of the stream's: it does not ask which process it is.

    That spares the host a program to load for each. Nobody knows what the commands of other people's facts do.
    """
    return _is_ours(fact) and not getattr(fact, "arbitrary", False)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a fact's command wrote.

    :ivar output: ``None`` where the fact has its default value.
    :ivar raw: the output and the exit status, if a shell could compare them.
    """

    output: bytes | None
    raw: tuple[bytes, int] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """A value as it was read; another reading is another object, also where the value is the same."""

    value: Any
    raw: tuple[bytes, int] | None
    kept: Understood | None = None  # what it shares with other hosts


@dataclass(frozen=True, slots=True, weakref_slot=True, eq=False)
class Understood:
    """What an answer to a request means."""

    request: Request
    value: Any
    raw: tuple[bytes, int]


class Values:
    """What the answers of hosts mean: hosts that answer alike share a value, for as long as one of them knows it."""

    def __init__(self) -> None:
        self._known: WeakValueDictionary[tuple[int, bytes, int], Understood] = WeakValueDictionary()

    def of(self, request: Request, answer: Answer) -> Reading:
        """Return the value of a fact.

        :raises FactProcessError: the output makes no sense.
        """
        if answer.raw is None or not _is_ours(request.fact):
            return Reading(_value(request, answer.output), answer.raw)
        key = id(request), *answer.raw  # it stays one since what is known keeps the request
        kept = self._known.get(key)
        if kept is None:
            kept = self._known[key] = Understood(request, _value(request, answer.output), answer.raw)
        return Reading(kept.value, kept.raw, kept)


#: What becomes of a read.
Landed = Answer | Exception


class Read(NamedTuple):
    """One reader's wait for a fact, begun at ``started`` of the monotonic clock."""

    request: Request
    stamp: Stamp
    started: float
    landed: asyncio.Future[Landed]


class Flight:
    """A read that is under way, and who waits for it.

    :ivar asked: the command, where it was sent at once; ``task``: what runs it, where that takes more.
    """

    __slots__ = ("_waiting", "abandoned", "asked", "stamp", "task")

    def __init__(self, stamp: Stamp) -> None:
        self.stamp = stamp
        self.abandoned = False
        self.asked: Asked | None = None
        self.task: asyncio.Task[Answer] | None = None
        self._waiting: list[asyncio.Future[Landed]] = []

    def wait(self) -> asyncio.Future[Landed]:
        """Return what one reader waits for: he may be cancelled, which is no matter of the others."""
        waiting: asyncio.Future[Landed] = asyncio.get_running_loop().create_future()
        self._waiting.append(waiting)
        return waiting

    def land(self, answer: Callable[[], Answer]) -> None:
        """Tell all who wait. A fact that fails and was only prefetched concerns nobody until it is asked for."""
        landed: Landed
        try:
            landed = answer()
        except asyncio.CancelledError:
            self.abandon()
            return
        except Exception as error:
            landed = error
        for waiting in self._waiting:
            if not waiting.done():
                waiting.set_result(landed)

    def abandon(self) -> None:
        """Nobody shall wait any more."""
        self.abandoned = True
        for waiting in self._waiting:
            waiting.cancel()
        if self.task is not None:
            self.task.cancel()


class FactReader:
    """Reads facts on one host."""

    def __init__(self, link: Link, epochs: Epochs, machine: object, values: Values | None = None) -> None:
        self.link, self._epochs, self._machine = link, epochs, machine
        self._values = values or Values()
        self._known: dict[tuple[Any, ...], tuple[Stamp, Reading]] = {}
        self._in_flight: dict[tuple[Any, ...], Flight] = {}
        #: Told about each read that was carried out: request, seconds, value, error.
        self.on_read: Callable[[Request, float, Any, Exception | None], None] | None = None

    async def abandon(self) -> None:
        """End all reads that are under way, on the host too: the run is over, and nobody waits for them."""
        flights, self._in_flight = list(self._in_flight.values()), {}
        for flight in flights:
            flight.abandon()
        tasks = [flight.task for flight in flights if flight.task is not None]
        asked = [self.link.interrupt(flight.asked) for flight in flights if flight.asked is not None]
        await asyncio.gather(*tasks, *asked, return_exceptions=True)

    def forget(self) -> None:
        """Forget all values, also those of facts that are declared constant."""
        self._known.clear()

    def executed(self) -> None:
        """Something was, or is about to be, executed on this host: values that were read before may not hold."""
        self._epochs.executed(self._machine)

    def known(self, request: Request) -> tuple[bool, Any]:
        """Return whether the value is known and still holds, and the value."""
        entry = self._known.get(request.key)
        if entry is not None and self._holds(request, entry[0]):
            return True, fresh(entry[1].value)
        return False, None

    def holds(self, request: Request) -> bool:
        """Return whether the value is known and still holds."""
        entry = self._known.get(request.key)
        return entry is not None and self._holds(request, entry[0])

    def still(self, request: Request, reading: Reading) -> bool:
        """Return whether a value is the last that was read, and still holds."""
        entry = self._known.get(request.key)
        return entry is not None and entry[1] is reading and self._holds(request, entry[0])

    def _holds(self, request: Request, stamp: Stamp) -> bool:
        return stamp == self._epochs.stamp(self._machine) or getattr(request.fact, "constant", False)

    def last(self, request: Request) -> Reading | None:
        """Return what the fact was when it was last read, if it was."""
        entry = self._known.get(request.key)
        return None if entry is None else entry[1]

    def confirm(self, request: Request) -> None:
        """The host has just said that this fact is as it was."""
        self._known[request.key] = (self._epochs.stamp(self._machine), self._known[request.key][1])

    def learn(self, request: Request, done: Completed) -> None:
        """Take a fact from an answer that came with others; one that failed is asked for again when needed."""
        try:
            reading = self._values.of(request, self._answer(request, done))
        except RopewalkError:
            self._known.pop(request.key, None)
            return
        self._known[request.key] = (self._epochs.stamp(self._machine), reading)

    def prefetch(self, request: Request) -> None:
        """Ask for a fact that will probably be needed; whoever needs it shares the read, and its failure."""
        if not self.holds(request):
            self._start(request)

    async def read(self, request: Request) -> Any:
        """Return the value of a fact.

        :raises FactError: it could not be read.
        """
        is_known, value = self.known(request)
        if is_known:
            return value
        read = self.ask(request)
        return self.take(read, await read.landed)

    def ask(self, request: Request) -> Read:
        """Ask for a fact whose value is not known; what its ``landed`` comes to is for :meth:`take`."""
        stamp, started = self._epochs.stamp(self._machine), time.monotonic()
        return Read(request, stamp, started, self._start(request).wait())

    def take(self, read: Read, landed: Landed) -> Any:
        """Return the value that an answer means.

        :raises FactError: it could not be read.
        """
        request = read.request
        try:
            if isinstance(landed, Exception):
                raise landed
            is_known, value = self.known(request)  # another reader of the same answer was here first
            if is_known:
                return value
            reading = self._values.of(request, landed)
        except RopewalkError as error:
            self._tell(request, read.started, None, error)
            raise
        self._known[request.key] = (read.stamp, reading)
        self._tell(request, read.started, reading.value, None)
        return fresh(reading.value)

    def _tell(self, request: Request, started: float, value: Any, error: Exception | None) -> None:
        if self.on_read is not None:
            self.on_read(request, time.monotonic() - started, value, error)

    def _start(self, request: Request) -> Flight:
        stamp = self._epochs.stamp(self._machine)
        flight = self._in_flight.get(request.key)
        if flight is not None and flight.stamp == stamp:
            return flight
        flight = self._in_flight[request.key] = Flight(stamp)
        self.link.counter.facts += 1
        if not self._send(request, flight):
            opening = self.link.opening(request.how)
            if opening is None:
                self._run_apart(request, flight)
            else:
                opening.add_done_callback(lambda opened: self._opened(request, flight, opened))
        return flight

    def _send(self, request: Request, flight: Flight) -> bool:
        """Send the command, if a shell is there for it."""
        flight.asked = self.link.send_now(request.script, request.how, limits=(LARGEST, 0))
        if flight.asked is None:
            return False
        pending = flight.asked.pending
        pending.future.add_done_callback(
            lambda done: self._landed(request, flight, lambda: self._answer(request, _completed(pending, done)))
        )
        return True

    def _opened(self, request: Request, flight: Flight, opened: asyncio.Future[Any]) -> None:
        """The shell that a fact waits for is there, or cannot be had."""
        if flight.abandoned:
            return
        if opened.cancelled() or opened.exception() is not None:
            self._landed(request, flight, lambda: self._refused(request, opened))
        elif not self._send(request, flight):
            self._run_apart(request, flight)

    def _run_apart(self, request: Request, flight: Flight) -> None:
        flight.task = asyncio.ensure_future(self._ask(request))
        flight.task.add_done_callback(lambda done: self._landed(request, flight, done.result))

    def _landed(self, request: Request, flight: Flight, answer: Callable[[], Answer]) -> None:
        if self._in_flight.get(request.key) is flight:
            del self._in_flight[request.key]
        flight.land(answer)

    async def _ask(self, request: Request) -> Answer:
        """Run the command.

        :raises FactError: it failed.
        """
        try:
            return await self._run(request)
        except EscalationFailed as failed:
            return _not_as(request, failed)

    @staticmethod
    def _refused(request: Request, opened: asyncio.Future[Any]) -> Answer:
        try:
            raise opened.exception() or asyncio.CancelledError()
        except EscalationFailed as failed:
            return _not_as(request, failed)

    async def _run(self, request: Request) -> Answer:
        done = await self.link.run(request.full_command, request.how, hidden=request.hidden, limits=(LARGEST, 0))
        return self._answer(request, done)

    def _answer(self, request: Request, done: Completed) -> Answer:
        """Return what a fact's command has answered.

        :raises FactError: the command failed.
        """
        output = done.stdout.value()
        raw = (output, done.status) if done.status is not None and chain.comparable(output) else None
        if done.status == MISSING and request.needs and not done.stdout.total:
            return Answer(None, raw)
        stderr = done.stderr.value().decode(errors="replace").strip()
        if done.status != 0:
            if UNKNOWN_USER.search(stderr) and request.how.identity.escalates:
                return Answer(None)
            reason = done.error or f"its command ended with exit status {done.status}"
            raise FactError(f"cannot read fact {request.name}({request.arguments}): {reason}"
                            + (f": {stderr}" if stderr else ""))  # fmt: skip
        if done.stdout.left_out:
            raise FactError(f"cannot read fact {request.name}({request.arguments}): it wrote more than 64 MiB")
        return Answer(output or None, raw)


def _not_as(request: Request, failed: EscalationFailed) -> Answer:
    """Return what a fact is where its command cannot run as the user it is asked for.

    :raises FactError: because of something else than that there is no such user.
    """
    if failed.unknown_user:
        return Answer(None)  # as documented: what a user who is not there yet would see
    raise FactError(f"cannot read fact {request.name}: {failed}", hint=failed.hint) from failed


def _completed(pending: Pending, done: asyncio.Future[int]) -> Completed:
    return Completed(done.result(), pending.stdout, pending.stderr)


def _value(request: Request, output: bytes | None) -> Any:
    """Return what a fact makes of its command's output.

    :raises FactProcessError: it makes no sense to it.
    """
    instance: Any = request.fact()
    if output is None:
        return instance.default()
    try:
        return instance.process(lines_of(output))
    except Exception as error:
        said = str(error) if isinstance(error, RopewalkError) else f"{type(error).__name__}: {error}"
        raise FactProcessError(
            f"cannot understand the output of fact {request.name}({request.arguments}): {said}"
        ) from error


def fresh(value: Any) -> Any:
    """Return a value that its reader may change without changing what others read."""
    kind = type(value)
    if kind in _PLAIN:
        return value
    if kind is dict:
        return {key: item if type(item) in _PLAIN else fresh(item) for key, item in value.items()}
    if kind is list:
        return [item if type(item) in _PLAIN else fresh(item) for item in value]
    return copy.deepcopy(value)


def _bind(fact: type, command: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    signature = inspect.signature(command)
    parameters = signature.parameters
    if not any(parameter.kind is parameter.VAR_KEYWORD for parameter in parameters.values()):
        for key in kwargs.keys() - parameters.keys():  # it is often why another one is missing
            hint = did_you_mean(key, parameters, kind="it takes") or "it takes no arguments"
            raise FactTypeError(f"fact {fact.__name__} has no argument {key}", hint=hint)
    try:
        signature.bind(*args, **kwargs)
    except TypeError as error:
        raise FactTypeError(f"fact {fact.__name__}: {error}") from error
