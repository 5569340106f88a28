"""What the engine itself costs: many simulated hosts, a hundred operations each, nothing to do.

    .venv/bin/python bench/engine.py [--hosts 1000] [--operations 100] [--rtt MILLISECONDS] [--profile FILE]

The hosts are streams in this process that speak the framing protocol: what a command writes was found out once in
a real shell and is served from memory, so all hosts answer alike. A first run on one host brings a scratch directory
into the state that the deploy describes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import io
import json
import re
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropewalk.api import Config
from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.engine.program import DeployFile
from ropewalk.engine.run import Run, RunOptions
from ropewalk.model.event import Event, PassEnded, PassStarted
from ropewalk.model.target import Target
from ropewalk.report.console import ConsoleOptions, ConsoleReport, make_console
from ropewalk.shell import framing
from ropewalk.shell.script import Script

DEPLOY = """
from io import StringIO
from ropewalk.operations import files, server

BASE = {base!r}

for part in range({parts}):
    root = f"{{BASE}}/{{part}}"
    for n in range(10):
        files.directory(name=f"Directory {{n}}", path=f"{{root}}/d{{n}}", mode="755")
    for n in range(20):
        files.file(path=f"{{root}}/d{{n % 10}}/file{{n}}", mode="644")
    for n in range(20):
        files.put(name=f"Put {{n}}", src=StringIO(f"content {{n}}\\n" * 20), dest=f"{{root}}/put{{n}}", mode="600")
    for n in range(20):
        files.line(path=f"{{root}}/lines{{n % 5}}", line=f"key{{n}}=value{{n}}")
    for n in range(10):
        files.template(src=StringIO("port = {{{{ port }}}}\\n"), dest=f"{{root}}/t{{n}}", port=n)
    for n in range(10):
        files.link(path=f"{{root}}/link{{n}}", target=f"{{root}}/put{{n}}")
    for n in range(10):
        server.group(name=f"Group {{n}}", group="root")
"""
#: Operations in one part of the deploy.
OPERATIONS = 100

_MARKER = re.compile("ropewalk-[0-9a-f]{32}")


@dataclass
class Answers:
    """What commands write, found out once each."""

    known: dict[str, tuple[str, str, int]] = field(default_factory=dict)

    def of(self, line: str) -> tuple[str, str, int]:
        if line not in self.known:
            done = subprocess.run(["sh"], input=line, capture_output=True, text=True, check=False)
            self.known[line] = (done.stdout, done.stderr, done.returncode)
        return self.known[line]


class SimulatedStream:
    """A shell that answers from memory, after the time a round trip takes."""

    def __init__(self, answers: Answers, rtt: float) -> None:
        self._answers, self._rtt, self._text = answers, rtt, ""
        self._marker = self._end = ""
        self._out: asyncio.Queue[bytes] = asyncio.Queue()
        self._err: asyncio.Queue[bytes] = asyncio.Queue()

    async def write(self, data: bytes) -> None:
        self._text += data.decode()
        out: list[str] = []
        err: list[str] = []
        if not self._marker:
            self._greet(out, err)
        *lines, self._text = self._text.split(self._end)
        for line in lines:
            if self._marker in line:
                raise ValueError(f"this is more than a simulated shell understands: {line}")
            written, said, status = self._answers.of(line)
            out.append(f"{written}\n{self._marker} {status}\n")
            err.append(f"{said}\n{self._marker}\n")
        asyncio.get_running_loop().call_later(self._rtt, self._say, "".join(out).encode(), "".join(err).encode())

    def _greet(self, out: list[str], err: list[str]) -> None:
        """Answer the first line: it says which marker ends what is written (see ``ropewalk.shell.framing``)."""
        found = _MARKER.search(self._text)
        if found is None:
            raise ValueError(f"no marker in {self._text}")
        self._marker = found[0]
        hello = framing.hello(self._marker)
        if not self._text.startswith(hello):
            raise ValueError(f"not a greeting: {self._text}")
        self._text = self._text[len(hello) :]
        self._end = framing.frame(Script(""), self._marker)
        out.append(f"\n{self._marker} 1\n")
        err.append(f"\n{self._marker}\n")

    def _say(self, out: bytes, err: bytes) -> None:
        if out:
            self._out.put_nowait(out)
            self._err.put_nowait(err)

    async def write_eof(self) -> None:
        for queue in (self._out, self._err):
            queue.put_nowait(b"")

    async def stdout(self) -> bytes:
        return await self._out.get()

    async def stderr(self) -> bytes:
        return await self._err.get()

    async def wait(self) -> int:
        return 0

    async def close(self) -> None: ...


class SimulatedConnector:
    """Opens simulated shells."""

    scheme: ClassVar[str] = "simulated"

    def __init__(self, target: Target, options: ConnectorOptions) -> None:
        self._answers, self._rtt = options.settings["answers"], options.settings["rtt"]

    @classmethod
    def targets(cls, address: str | None) -> Iterable[Target]:
        return [Target(f"@simulated/{address}")]

    async def connect(self) -> None: ...

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> SimulatedStream:
        return SimulatedStream(self._answers, self._rtt)

    async def close(self) -> None: ...


class Clock:
    """A listener that takes the processor time of each pass."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._began = 0.0

    def __call__(self, event: Event) -> None:
        if isinstance(event, PassStarted):
            self._began = time.process_time()
        elif isinstance(event, PassEnded):
            self.seconds[event.name] = time.process_time() - self._began


def _state(names: Sequence[str], connector: type[Any] | None = None) -> State:
    inventory = Inventory((list(names), {}))
    for host in inventory:
        host._connector_cls = connector
    return State(inventory, Config())


def converge(deploy: Path) -> None:
    """Bring this machine into the state that the deploy describes."""
    result = asyncio.run(Run(_state(["@local"]), [DeployFile(str(deploy))]).execute())
    if not result.ok:
        raise SystemExit(f"the deploy failed here: {result}")


def measure(deploy: Path, hosts: int, rtt: float, operations: int = OPERATIONS) -> dict[str, Any]:
    """Run the deploy on simulated hosts; return what that took."""
    clock, page = Clock(), io.StringIO()
    state = _state([f"host{number:05}" for number in range(hosts)], SimulatedConnector)
    options = ConnectorOptions(settings={"answers": Answers(), "rtt": rtt})
    report = ConsoleReport(make_console(page), ConsoleOptions())
    run = Run(state, [DeployFile(str(deploy))], RunOptions(), [clock, report], None, options)
    before, began = time.process_time(), time.perf_counter()
    result = asyncio.run(run.execute())
    cpu, wall = time.process_time() - before, time.perf_counter() - began
    tally, each = result.tally(), hosts * operations
    if tally.ok != each:
        raise SystemExit(f"not what was to be measured: {tally}\n{page.getvalue()[-3000:]}")
    return {
        "hosts": hosts,
        "operations": operations,
        "cpu_us_per_operation": round(cpu / each * 1e6, 1),
        **{f"{name}_us": round(seconds / each * 1e6, 1) for name, seconds in clock.seconds.items()},
        "wall_s": round(wall, 2),
        "peak_rss_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "round_trips": max(host.traffic.round_trips for host in result.hosts.values()),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--hosts", type=int, default=1000)
    parser.add_argument("--operations", type=int, default=OPERATIONS, help="a multiple of 100")
    parser.add_argument("--rtt", type=float, default=0.0, help="milliseconds")
    parser.add_argument("--profile", help="write a profile for pstats to this file")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="engine-") as folder:
        deploy = Path(folder) / "deploy.py"
        parts = given.operations // OPERATIONS
        deploy.write_text(DEPLOY.format(base=f"{folder}/site", parts=parts))
        (Path(folder) / "site").mkdir()
        converge(deploy)
        profile = cProfile.Profile()
        if given.profile:
            profile.enable()
        print(json.dumps(measure(deploy, given.hosts, given.rtt / 1000, parts * OPERATIONS)))
        if given.profile:
            profile.disable()
            profile.dump_stats(given.profile)


if __name__ == "__main__":
    main()
