"""Runs deploys on fake hosts through the whole engine, and keeps what came of it."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import weakref
from collections.abc import Callable, Coroutine, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from ropewalk.api import Config
from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.engine.program import DeployFile, FunctionProgram
from ropewalk.engine.run import Run, RunOptions
from ropewalk.model.event import Event, HostEnded, OperationEnded, OperationPlanned
from ropewalk.model.outcome import Outcome, Prediction
from ropewalk.model.result import RunResult
from support.fake_connector import FakeConnector, Machine

T = TypeVar("T")
E = TypeVar("E")

#: No test takes this long; one that would hang fails instead.
TOO_LONG = 45


def run_async(work: Coroutine[Any, Any, T]) -> T:
    """Run a coroutine to its end, but not for ever."""

    async def bounded() -> T:
        async with asyncio.timeout(TOO_LONG):
            return await work

    return asyncio.run(bounded())


@dataclass
class Played:
    """A run that has ended."""

    run: Run
    result: RunResult
    events: list[Event]
    machines: dict[str, Machine]
    stage: Stage  # keeps the hosts' directories for as long as the result

    def of(self, kind: type[E]) -> list[E]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]

    def outcomes(self, host: str = "a") -> list[tuple[str, Outcome]]:
        """Return the names of the operations that ended on a host, and how."""
        return [(e.operation.name, e.outcome) for e in self.of(OperationEnded) if e.host == host]

    def predictions(self, host: str = "a") -> list[tuple[str, Prediction]]:
        return [(e.operation.name, e.prediction) for e in self.of(OperationPlanned) if e.host == host]

    def planned(self, name: str, host: str = "a") -> OperationPlanned:
        [found] = [e for e in self.of(OperationPlanned) if (e.operation.name, e.host) == (name, host)]
        return found

    def ended(self, name: str, host: str = "a") -> OperationEnded:
        [found] = [e for e in self.of(OperationEnded) if (e.operation.name, e.host) == (name, host)]
        return found

    def host_ended(self, host: str = "a") -> HostEnded:
        [found] = [e for e in self.of(HostEnded) if e.host == host]
        return found


@dataclass
class Stage:
    """Hosts to play deploys on; each has a directory of its own as its working directory."""

    hosts: Iterable[str] = ("a",)
    data: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    config: Mapping[str, Any] = field(default_factory=dict)
    root: Path | None = None
    ask_secret: Callable[[str], Any] | None = None

    def __post_init__(self) -> None:
        root = self.root or Path(tempfile.mkdtemp(prefix="stage-"))
        if self.root is None:
            weakref.finalize(self, shutil.rmtree, root, ignore_errors=True)
        self.machines = {name: Machine(name, root / name) for name in self.hosts}
        for machine in self.machines.values():
            machine.cwd.mkdir()
        self.inventory = Inventory(([(name, dict(self.data.get(name, {}))) for name in self.hosts], {}))
        for host in self.inventory:
            host._connector_cls = FakeConnector
        self.state = State(self.inventory, Config(**self.config))
        self.events: list[Event] = []

    def prepare(
        self,
        *programs: Callable[[], Any] | str | Path,
        listeners: Iterable[Callable[[Event], None]] = (),
        confirm: Any = None,
        **options: Any,
    ) -> Run:
        """Return a run that has not begun."""
        made = [
            FunctionProgram(program, "deploy") if callable(program) else DeployFile(str(program))
            for program in programs
        ]
        given = ConnectorOptions(settings={"machines": self.machines}, ask_secret=self.ask_secret)
        return Run(
            self.state, made, RunOptions(**options), [self.events.append, *listeners], confirm, given
        )  # fmt: skip

    async def perform(self, run: Run) -> Played:
        async with asyncio.timeout(TOO_LONG):
            result = await run.execute()
        return Played(run, result, self.events, self.machines, self)

    def play(self, *programs: Callable[[], Any] | str | Path, **given: Any) -> Played:
        """Run programs; see ``prepare``."""

        async def main() -> Played:
            return await self.perform(self.prepare(*programs, **given))

        return asyncio.run(main())


def play(*programs: Callable[[], Any] | str | Path, hosts: Iterable[str] = ("a",), **given: Any) -> Played:
    """Run programs on fresh hosts."""
    stage_keys = ("data", "config", "ask_secret")
    stage = Stage(hosts, **{key: given.pop(key) for key in stage_keys if key in given})
    return stage.play(*programs, **given)
