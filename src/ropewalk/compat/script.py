"""What drives a state from a plain script: an event loop of its own, the links to its hosts, what was added."""

from __future__ import annotations

import asyncio
import atexit
import contextvars
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any, TypeVar

from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.context import current_config, current_inventory, current_state, use
from ropewalk.api.host import Host
from ropewalk.api.meta import OperationMeta
from ropewalk.api.operation import Operation
from ropewalk.api.state import State, StateStage
from ropewalk.compat.entry import Entry
from ropewalk.compat.logs import RunLog
from ropewalk.compat.native import native_library
from ropewalk.compat.script_host import ScriptHost
from ropewalk.engine.apply import ApplyRunner
from ropewalk.engine.call import Infos, collect
from ropewalk.engine.emit import Emitter
from ropewalk.engine.failure import failure_of
from ropewalk.engine.hostrun import HostRun
from ropewalk.engine.link import Link
from ropewalk.engine.links import Passwords, link_of, machine_of
from ropewalk.engine.order import Repeats
from ropewalk.engine.program import FunctionProgram
from ropewalk.engine.run import HANDSHAKES
from ropewalk.engine.schedule import FreeRunning, Lockstep, Schedule
from ropewalk.engine.shared import RunOptions, Shared, each
from ropewalk.model.errors import ConnectError, RopewalkError, UsageError
from ropewalk.model.event import Noted
from ropewalk.model.outcome import Prediction

T = TypeVar("T")

#: As v3 says it.
NOBODY_LEFT = "No hosts remaining!"


class Script:
    """Runs a state for a script.

    The event loop runs only while the script waits in one of these methods, in the script's own thread.
    """

    def __init__(self, state: State) -> None:
        self.state = state
        self.entries: list[Entry] = []
        self._done = 0
        self._links: dict[Host, Link] = {}
        self._loop: asyncio.Runner | None = None
        self._busy = False

    # -- what the API's functions are made of -------------------------------------------------------------

    def connect(self) -> None:
        """Connect to the hosts that are not connected yet."""
        self._wait(self._connect)
        if not self.state.active_hosts:
            raise RopewalkError(NOBODY_LEFT, hint="the log says why each host cannot be reached")

    def connect_to(self, host: Host) -> None:
        """Connect to one host, also where ``connect_all`` was not called.

        :raises ConnectError: it cannot be reached.
        """
        self._wait(lambda: self._connect_to(host))

    def adopt(self) -> None:
        """Let what the hosts of the state are asked for be done here."""
        for host in self.state.inventory:
            host.runner = ScriptHost(self, host)

    def add_op(
        self, operation: Operation[Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], hosts: Sequence[Host]
    ) -> dict[Host, OperationMeta]:
        """Note an operation, once it is sure that it takes these arguments."""
        self._refuse_while_busy()
        state, metas = self.state, {}
        for host in hosts:
            runner = ScriptHost(self, host)
            with (
                use(current_state, state),
                use(current_inventory, state.inventory),
                use(current_config, state.config),
            ):
                title = collect(operation, args, dict(kwargs), host, Repeats(), runner, Infos()).info.name
            metas[host] = OperationMeta(title, runner)
        self.entries.append(Entry(operation, args, kwargs, len(self.entries), metas))
        return metas

    def add_deploy(
        self, function: Callable[..., Any], args: tuple[Any, ...], kwargs: Mapping[str, Any], hosts: Sequence[Host]
    ) -> None:
        """Note a deploy."""
        self._refuse_while_busy()
        self.entries.append(Entry(function, args, kwargs, len(self.entries), dict.fromkeys(hosts)))

    def run(self, *, serial: bool, no_wait: bool) -> None:
        """Carry out what was added since the last time."""
        programs, self._done = self.entries[self._done :], len(self.entries)
        fail_percent = self.state.config.FAIL_PERCENT
        live = self.state.print_output
        shared = self._shared(RunOptions(serial=serial, no_wait=no_wait, fail_percent=fail_percent, stream_output=live))
        self.state.current_stage = StateStage.Execute
        try:
            self._wait(lambda: self._apply(shared, programs))
        finally:
            self.state.current_stage = StateStage.Prepare
        if not self.state.active_hosts:
            raise RopewalkError(NOBODY_LEFT, hint="the log says how each host failed")
        stopped = shared.halted or next(iter(shared.faults), None)
        if stopped is not None:
            raise RopewalkError(stopped.message, hint=stopped.hint)

    def facts(self, fact: type[Any], args: Sequence[Any], kwargs: Mapping[str, Any], *, fail: bool) -> dict[Host, Any]:
        """Read a fact of all hosts; those where that fails are not in the result."""
        shared, values = self._shared(), {}

        async def read(host: Host) -> None:
            try:
                values[host] = await self._inside(shared, host, lambda: host.get_fact(fact, *args, **kwargs))
            except RopewalkError as error:
                shared.emit(Noted("error", failure_of(error).message, host.name))
                if fail:
                    self.state.fail_hosts([host])

        hosts = self.state.inventory.get_active_hosts()
        self._wait(lambda: each({host: read(host) for host in hosts}))
        if not self.state.active_hosts:
            raise RopewalkError(NOBODY_LEFT, hint="the log says why the fact cannot be read")
        return {host: values[host] for host in hosts if host in values}

    def close(self) -> None:
        """Close every connection, and the loop."""
        if self._loop is None:
            return
        self._wait(self._disconnect)
        with native_library():
            self._loop.close()
        self._loop = None
        atexit.unregister(self.close)

    # -- what the hosts of a script are made of -----------------------------------------------------------

    def on(self, host: Host, function: Callable[[], T]) -> T:
        """Call a function that uses a host, and wait for it."""
        return self._wait(lambda: self._inside(self._shared(), host, function))

    def predict(self, host: Host, meta: OperationMeta) -> Prediction:
        """Say what an operation that was added would do now."""
        entry = next(entry for entry in self.entries if entry.metas.get(host) is meta)

        async def plan() -> Prediction:
            run = self._host_run(self._shared(), host)
            await run.plan([entry])
            if run.plan_failure is not None:
                raise RopewalkError(run.plan_failure.message, hint=run.plan_failure.hint)
            return run.planned[0].prediction

        return self._wait(plan)

    def connected(self, host: Host) -> bool:
        return host in self._links and self._links[host].connected

    # -- inside the loop ------------------------------------------------------------------------------------

    async def _connect(self) -> None:
        state, shared, slots = self.state, self._shared(), asyncio.Semaphore(HANDSHAKES)
        state.current_stage = StateStage.Connect

        async def connect(host: Host) -> None:
            async with slots:
                await self._host_run(shared, host).connect()

        hosts = [host for host in state.inventory if state.is_host_in_limit(host) and host not in state.active_hosts]
        self._make_links(hosts)
        await each({host: connect(host) for host in hosts})
        state.current_stage = StateStage.Prepare

    async def _connect_to(self, host: Host) -> None:
        if self.connected(host):
            return
        self._make_links([host])
        run = self._host_run(self._shared(), host)
        await run.connect()
        if run.failure is not None:
            raise ConnectError(run.failure.message, hint=run.failure.hint)

    def _make_links(self, hosts: Iterable[Host]) -> None:
        options, passwords = ConnectorOptions(connect_timeout=self.state.config.CONNECT_TIMEOUT), Passwords(None)
        for host in hosts:
            self._links[host] = link_of(host, self.state, options, passwords)

    async def _apply(self, shared: Shared, programs: Sequence[Entry]) -> None:
        runs = {host: self._host_run(shared, host) for host in self.state.inventory.get_active_hosts()}
        limit = self.state.config.PARALLEL
        if shared.options.serial:
            for host, run in runs.items():
                await each({host: run.apply(programs, FreeRunning())})
            return
        schedule: Schedule[Host]
        schedule = FreeRunning(limit=limit) if shared.options.no_wait else Lockstep(runs, limit=limit)
        await each({host: run.apply(programs, schedule) for host, run in runs.items()})

    async def _inside(self, shared: Shared, host: Host, function: Callable[[], T]) -> T:
        """Call a function of deploy code for one host; raises what it raises."""
        run, values = self._host_run(shared, host), []
        runner = ApplyRunner(host, run.link, run.facts, shared, schedule=FreeRunning())
        program = FunctionProgram(lambda: values.append(function()), "script")
        error = await run.run_programs(runner, [program])
        if error is not None:
            raise error
        return values[0]

    async def _disconnect(self) -> None:
        shared = self._shared()
        connected = [host for host in self.state.inventory if self.connected(host)]
        links = list(self._links.values())
        await asyncio.gather(*(link.close() for link in links), return_exceptions=True)
        self._links.clear()
        for host in connected:
            shared.tell("host_disconnect", host)
        self.state.active_hosts.clear()
        self.state.current_stage = StateStage.Disconnect

    def _host_run(self, shared: Shared, host: Host) -> HostRun:
        if host not in self._links:
            raise UsageError(f"{host.name} is not connected", hint="call connect_all(state) first")
        return HostRun(host, self._links[host], shared, (), machine_of(host))

    def _shared(self, options: RunOptions | None = None) -> Shared:
        emit = Emitter([self.state.take, RunLog(self.state)])
        return Shared(self.state, options or RunOptions(), emit, list(self.state.inventory))

    # -- waiting for it ---------------------------------------------------------------------------------------

    def _wait(self, work: Callable[[], Coroutine[Any, Any, T] | Awaitable[T]]) -> T:
        """Run a coroutine in the loop of this state."""
        self._refuse_while_busy()
        _refuse_in_a_loop()
        with native_library():
            if self._loop is None:
                self._loop = asyncio.Runner()
                atexit.register(self.close)
            self._busy = True
            try:
                return self._loop.run(_awaiting(work), context=contextvars.copy_context())
            finally:
                self._busy = False
                self._tidy()

    def _tidy(self) -> None:
        """Take the hosts back from the engine, and put them in inventory order."""
        order = {host: rank for rank, host in enumerate(self.state.inventory)}
        for hosts in (self.state.active_hosts, self.state.failed_hosts):
            hosts.sort(key=order.__getitem__)
        self.adopt()

    def _refuse_while_busy(self) -> None:
        if self._busy:
            raise UsageError("the state is running", hint="in a callback, call operations and host.get_fact themselves")


async def _awaiting(work: Callable[[], Awaitable[T]]) -> T:
    return await work()


def _refuse_in_a_loop() -> None:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return
    raise UsageError(
        "the functions of pyinfra.api wait, which would stop the event loop they are called in",
        hint="call them in a thread, as in: await asyncio.to_thread(run_ops, state)",
    )
