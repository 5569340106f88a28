"""What plan and apply have in common: facts, includes, and collecting calls of operations, on one host."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import IO, Any

from ropewalk.api import arguments as global_arguments
from ropewalk.api.context import Frame, current_config, current_state, frames, inside
from ropewalk.api.fact import FactBase, ShortFactBase
from ropewalk.api.host import Host
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.runner import Line
from ropewalk.engine import bridge, guess, program
from ropewalk.engine.call import NOT_FOR_FACTS, OperationCall, collect, current_call, secrets_of
from ropewalk.engine.facts import FactReader
from ropewalk.engine.link import Link
from ropewalk.engine.order import Repeats
from ropewalk.engine.past import HostPast
from ropewalk.engine.request import Request
from ropewalk.engine.shared import Shared
from ropewalk.engine.threads import run_in_thread
from ropewalk.engine.values import fresh
from ropewalk.model.arguments import connector_names
from ropewalk.model.errors import FactPreconditionError, FactTypeError, LoadError, RopewalkError
from ropewalk.model.event import Noted
from ropewalk.model.outcome import Prediction
from ropewalk.shell.how import How


class BaseRunner(ABC):
    """Runs programs on one host in one pass."""

    planning = False

    def __init__(self, host: Host, link: Link, facts: FactReader, shared: Shared) -> None:
        self.host, self.link, self.facts, self.shared = host, link, facts, shared
        self.repeats = Repeats()
        past = shared.past
        self.past = HostPast(past, host.name, shared.emit, applying=not self.planning) if past is not None else None
        #: The facts that each operation asked for in the plan, so that applying can ask for them together.
        self.asked: dict[str, list[Request]] = {}

    @property
    def connected(self) -> bool:
        return self.link.connected

    def connect(self) -> None:
        guess.refuse()
        if not self.link.connected:
            self.facts.forget()  # the host may have been started anew: not even its kernel is certain
            bridge.wait(self.link.connect())

    def disconnect(self) -> None:
        guess.refuse()
        bridge.wait(self.link.close())

    def collect(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationCall:
        call = collect(operation, args, kwargs, self.host, self.repeats, self, self.shared.infos)
        self.shared.emit.hide(secrets_of(call))
        if self.past is not None:
            self.past.enter(call)
        if operation.is_deprecated:
            instead = f", use {operation.deprecated_for}" if operation.deprecated_for else ""
            self.log("warning", f"{operation.full_name} is deprecated{instead}")
        return call

    def owes(self, meta: OperationMeta, changed: bool | None) -> bool:
        return self.past is not None and self.past.asked(meta, changed, current_call.get())

    # -- facts ------------------------------------------------------------------------------------------

    def get_fact(self, fact: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if isinstance(fact, type) and issubclass(fact, ShortFactBase):
            return fact().process_data(self.get_fact(fact.fact, args, kwargs))
        if not isinstance(fact, type):
            raise FactTypeError(f"get_fact takes the class of a fact, not {fact!r}")
        given, own = global_arguments.split(kwargs)
        ignore = given.pop("_ignore_errors", None)
        try:
            self._check_preconditions(fact)
            request = self.shared.requests.of(fact, args, own, self._how_for_facts(given, fact.__name__))
            call = current_call.get()
            if call is not None and self.planning:
                self.asked.setdefault(call.info.id, []).append(request)
            if guess.guessing.get() is not None:
                return fresh(guess.last_value(request, self).value)
            known, value = self.facts.known(request)
            return value if known else self._read(request)
        except RopewalkError:
            if ignore:
                return fact().default()
            raise

    def _read(self, request: Request) -> Any:
        if not bridge.in_loop():
            return bridge.wait(self.facts.read(request))
        read = bridge.outside(lambda: self.facts.ask(request))
        return self.facts.take(read, bridge.wait(read.landed))

    def will_read(self, facts: Sequence[tuple[type, Mapping[str, Any]]]) -> None:
        for fact, kwargs in facts:
            given, own = global_arguments.split(kwargs)
            given.pop("_ignore_errors", None)
            while issubclass(fact, ShortFactBase):
                fact = fact.fact
            try:
                request = self.shared.requests.of(fact, (), own, self._how_for_facts(given, fact.__name__))
            except RopewalkError:
                continue  # `get_fact` says what is wrong
            self._prefetch(request)

    def _prefetch(self, request: Request) -> None:
        async def ask() -> None:
            self.facts.prefetch(request)

        if bridge.in_loop():
            bridge.outside(lambda: self.facts.prefetch(request))
        else:
            bridge.wait(ask())

    def _check_preconditions(self, fact: type[FactBase[Any]]) -> None:
        check = getattr(fact, "check_preconditions", None)
        if check is not None and check is not FactBase.check_preconditions:
            reason = fact().check_preconditions(self.shared.state, self.host)
            if reason:
                raise FactPreconditionError(fact, reason)

    def _how_for_facts(self, given: Mapping[str, Any], name: str) -> How:
        call = current_call.get()
        if call is not None and call.meta.runner is self and len(frames.get()) <= len(call.frames):
            for key, value in given.items():
                global_arguments.check(key, value, of=name)
            return call.fact_how(given)
        return self.how_for(given, name, without=NOT_FOR_FACTS)

    def how_for(self, given: Mapping[str, Any], name: str, without: frozenset[str] = frozenset()) -> How:
        """Return what connector arguments mean outside an operation; ``without``: only if they are given."""
        resolved = global_arguments.resolve(given, frames.get(), self.host.data, current_config.get(), of=name)
        connector = connector_names()
        return How.of({k: v for k, v in resolved.items() if k in connector and (k in given or k not in without)})

    # -- other requests of deploy code ------------------------------------------------------------------

    def running_arguments(self) -> Mapping[str, Any]:
        call = current_call.get()
        return call.arguments if call is not None else {}

    def noop(self, reason: str) -> None:
        call = current_call.get()
        if call is not None:
            call.noop_reason = reason

    def log(self, level: str, message: str) -> None:
        self.shared.emit(Noted(level, message, self.host.name))

    def blocking(self, function: Callable[[], Any], *, reads: bool = False) -> Any:
        guess.refuse()
        if not bridge.can_wait():
            return function()
        if not reads:
            self.shared.epochs.executed_anywhere()
        return bridge.wait(run_in_thread(function, name=f"ropewalk {self.host.name}"))

    def include(self, path: str, data: Mapping[str, Any] | None) -> None:
        base = current_state.get().cwd or os.curdir
        including = program.current_file.get()
        if path.startswith("./") and including is not None:
            base = os.path.dirname(including)
        full = os.path.normpath(os.path.join(base, path))
        if not os.path.exists(full):
            raise LoadError(f"there is no file {path} to include", hint=f"looked for {full}")
        with inside(Frame(name=path, data=dict(data or {}))):
            program.execute(full)

    # -- what a plan only predicts, and applying does -----------------------------------------------------

    @abstractmethod
    def submit(self, operation: Operation[Any], args: tuple[Any, ...], kwargs: dict[str, Any]) -> OperationMeta: ...

    @abstractmethod
    def catch_up(self) -> None: ...

    @abstractmethod
    def prediction(self, meta: OperationMeta) -> Prediction: ...

    @abstractmethod
    def run_shell_command(self, command: Any, arguments: Mapping[str, Any]) -> tuple[bool, list[Line]]: ...

    @abstractmethod
    def put_file(self, source: str | IO[Any], dest: str, arguments: Mapping[str, Any]) -> bool: ...

    @abstractmethod
    def get_file(self, source: str, dest: str | IO[Any], arguments: Mapping[str, Any]) -> bool: ...

    @abstractmethod
    def rsync(self, source: str, dest: str, flags: list[str], arguments: Mapping[str, Any]) -> bool: ...
