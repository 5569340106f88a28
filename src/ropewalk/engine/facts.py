"""Reads facts: equal reads in flight are one, values are shared as long as they hold."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from ropewalk.engine.epoch import Epochs, Stamp
from ropewalk.engine.link import Completed, Link
from ropewalk.engine.request import MISSING, Request
from ropewalk.engine.session import Pending
from ropewalk.engine.values import Answer, Reading, Values, fresh
from ropewalk.engine.watch import Asked
from ropewalk.model.errors import EscalationFailed, FactError, RopewalkError
from ropewalk.shell import chain
from ropewalk.shell.prompts import UNKNOWN_USER

#: A fact's output is needed whole; more than this is refused, not cut.
LARGEST = 64 * 1024 * 1024
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
