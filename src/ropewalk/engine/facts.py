"""Reads facts: equal reads in flight are one, values are shared as long as they hold."""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import inspect
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from ropewalk.engine.epoch import Epochs, Stamp
from ropewalk.engine.link import Completed, Link
from ropewalk.model.command import Renderable
from ropewalk.model.errors import EscalationFailed, FactError, FactProcessError, FactTypeError, RopewalkError
from ropewalk.model.v3command import secrets_in
from ropewalk.shell import chain
from ropewalk.shell.capture import lines_of
from ropewalk.shell.how import How
from ropewalk.shell.prompts import UNKNOWN_USER

#: A fact's output is needed whole; more than this is refused, not cut.
LARGEST = 64 * 1024 * 1024
#: The exit status that says: the program a fact needs is not there.
MISSING = 213

_PLAIN = (str, int, float, bool, type(None), bytes)


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

    @property
    def full_command(self) -> str:
        """The command, after a look whether the program it needs is there."""
        if not self.needs:
            return self.command
        return f"command -v {self.needs} >/dev/null 2>&1 || exit {MISSING}\n{self.command}"

    @property
    def name(self) -> str:
        return getattr(self.fact, "name", None) or self.fact.__name__


def prepare(fact: type, args: tuple[Any, ...], kwargs: Mapping[str, Any], how: How) -> Request:
    """Build the command of a fact.

    :raises FactTypeError: the arguments are not those of the fact.
    """
    instance: Any = fact()
    arguments = ", ".join([*map(repr, args), *(f"{key}={value!r}" for key, value in kwargs.items())])
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
    text = command.render(reveal=True) if isinstance(command, Renderable) else str(command)
    hidden = any(True for _ in secrets_in(command))
    return Request(fact, text, hidden, needs, how, arguments, (fact, text, needs, how.key()))


class FactReader:
    """Reads facts on one host."""

    def __init__(self, link: Link, epochs: Epochs, machine: object) -> None:
        self.link, self._epochs, self._machine = link, epochs, machine
        self._known: dict[tuple[Any, ...], tuple[Stamp, Any]] = {}
        self._in_flight: dict[tuple[Any, ...], tuple[Stamp, asyncio.Task[list[str] | None]]] = {}
        self._raw: dict[tuple[Any, ...], tuple[bytes, int]] = {}
        #: Told about each read that was carried out: request, seconds, value, error.
        self.on_read: Callable[[Request, float, Any, Exception | None], None] | None = None

    async def abandon(self) -> None:
        """End all reads that are under way, on the host too: the run is over, and nobody waits for them."""
        tasks = [task for _, task in self._in_flight.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def forget(self) -> None:
        """Forget all values, also those of facts that are declared constant."""
        self._known.clear()

    def executed(self) -> None:
        """Something was, or is about to be, executed on this host: values that were read before may not hold."""
        self._epochs.executed(self._machine)

    def known(self, request: Request) -> tuple[bool, Any]:
        """Return whether the value is known and still holds, and the value."""
        entry = self._known.get(request.key)
        if entry is None:
            return False, None
        stamp, value = entry
        if stamp == self._epochs.stamp(self._machine) or getattr(request.fact, "constant", False):
            return True, _fresh(value)
        return False, None

    def raw(self, request: Request) -> tuple[bytes, int] | None:
        """Return the output and exit status a fact had when it was last read, if a shell could compare them."""
        return self._raw.get(request.key)

    def last(self, request: Request) -> tuple[bool, Any]:
        """Return whether the fact was ever read, and its value then."""
        entry = self._known.get(request.key)
        return (False, None) if entry is None else (True, _fresh(entry[1]))

    def confirm(self, requests: Iterable[Request]) -> None:
        """The host has just said that these facts are as they were."""
        stamp = self._epochs.stamp(self._machine)
        for request in requests:
            self._known[request.key] = (stamp, self._known[request.key][1])

    def learn(self, request: Request, done: Completed) -> None:
        """Take a fact from an answer that came with others; one that failed is asked for again when needed."""
        try:
            value = self._value(request, self._output(request, done))
        except RopewalkError:
            self._known.pop(request.key, None)
            self._raw.pop(request.key, None)
            return
        self._known[request.key] = (self._epochs.stamp(self._machine), value)

    def prefetch(self, request: Request) -> None:
        """Ask for a fact that will probably be needed; whoever needs it shares the read, and its failure."""
        if not self.known(request)[0]:
            self._start(request)

    async def read(self, request: Request) -> Any:
        """Return the value of a fact.

        :raises FactError: it could not be read.
        """
        is_known, value = self.known(request)
        if is_known:
            return value
        stamp = self._epochs.stamp(self._machine)
        started = time.monotonic()
        try:
            lines = await asyncio.shield(self._start(request))
            is_known, value = self.known(request)  # another reader of the same answer was here first
            if is_known:
                return value
            value = self._value(request, lines)
        except RopewalkError as error:
            self._tell(request, started, None, error)
            raise
        self._known[request.key] = (stamp, value)
        self._tell(request, started, value, None)
        return _fresh(value)

    def _tell(self, request: Request, started: float, value: Any, error: Exception | None) -> None:
        if self.on_read is not None:
            self.on_read(request, time.monotonic() - started, value, error)

    def _start(self, request: Request) -> asyncio.Task[list[str] | None]:
        stamp = self._epochs.stamp(self._machine)
        entry = self._in_flight.get(request.key)
        if entry is not None and entry[0] == stamp and not entry[1].cancelled():
            return entry[1]
        task = asyncio.ensure_future(self._lines(request))
        self._in_flight[request.key] = (stamp, task)
        task.add_done_callback(lambda done: self._landed(request.key, done))
        return task

    def _landed(self, key: tuple[Any, ...], task: asyncio.Task[list[str] | None]) -> None:
        if not task.cancelled():
            task.exception()  # seen: a prefetched fact that fails concerns nobody until it is asked for
        entry = self._in_flight.get(key)
        if entry is not None and entry[1] is task:
            del self._in_flight[key]

    async def _lines(self, request: Request) -> list[str] | None:
        """Run the command; ``None`` where the fact has its default value."""
        self.link.counter.facts += 1
        try:
            return await self._run(request)
        except EscalationFailed as failed:
            if failed.unknown_user:
                return None  # as documented: what a user who is not there yet would see
            raise FactError(f"cannot read fact {request.name}: {failed}", hint=failed.hint) from failed

    async def _run(self, request: Request) -> list[str] | None:
        done = await self.link.run(request.full_command, request.how, hidden=request.hidden, limits=(LARGEST, 0))
        return self._output(request, done)

    def _output(self, request: Request, done: Completed) -> list[str] | None:
        """Return the lines that a fact's command wrote; ``None`` where the fact has its default value.

        :raises FactError: the command failed.
        """
        output = done.stdout.value()
        if done.status in (0, MISSING) and chain.comparable(output):
            self._raw[request.key] = (output, done.status)
        if done.status == MISSING and request.needs and not done.stdout.total:
            return None
        stderr = done.stderr.value().decode(errors="replace").strip()
        if done.status != 0:
            if UNKNOWN_USER.search(stderr) and request.how.identity.escalates:
                return None
            reason = done.error or f"its command ended with exit status {done.status}"
            raise FactError(f"cannot read fact {request.name}({request.arguments}): {reason}"
                            + (f": {stderr}" if stderr else ""))  # fmt: skip
        if done.stdout.left_out:
            raise FactError(f"cannot read fact {request.name}({request.arguments}): it wrote more than 64 MiB")
        return lines_of(output) or None

    def _value(self, request: Request, lines: list[str] | None) -> Any:
        instance: Any = request.fact()
        if lines is None:
            return instance.default()
        try:
            return instance.process(lines)
        except Exception as error:
            said = str(error) if isinstance(error, RopewalkError) else f"{type(error).__name__}: {error}"
            raise FactProcessError(
                f"cannot understand the output of fact {request.name}({request.arguments}): {said}"
            ) from error


def _fresh(value: Any) -> Any:
    """Return a value that its reader may change without changing what others read."""
    return value if isinstance(value, _PLAIN) else copy.deepcopy(value)


def _bind(fact: type, command: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> None:
    try:
        inspect.signature(command).bind(*args, **kwargs)
    except TypeError as error:
        raise FactTypeError(f"fact {fact.__name__}: {error}") from error
