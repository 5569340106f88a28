"""What the engine itself costs: many simulated hosts, a hundred operations each, nothing to do.

    .venv/bin/python bench/engine.py [--hosts 1000] [--operations 100] [--rtt MILLISECONDS] [--profile FILE]

The hosts are those of ``@fake``: what a command writes was found out once in a real shell and is served from memory,
so all hosts answer alike. A first run on one host brings a scratch directory into the state that the deploy describes.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import io
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ropewalk.api import Config
from ropewalk.api.inventory import Inventory
from ropewalk.api.state import State
from ropewalk.connectors.fake import Answer, FakeHost
from ropewalk.engine.program import DeployFile
from ropewalk.engine.run import Run, RunOptions
from ropewalk.model.event import Event, PassEnded, PassStarted
from ropewalk.model.past import Past
from ropewalk.report.console import ConsoleOptions, ConsoleReport, make_console

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


@dataclass
class Answers:
    """What commands write, found out once each."""

    known: dict[str, Answer] = field(default_factory=dict)

    def of(self, command: str) -> Answer:
        if command not in self.known:
            done = subprocess.run(["sh", "-c", command], stdin=subprocess.DEVNULL, capture_output=True, check=False)
            self.known[command] = Answer(done.stdout, done.stderr, done.returncode)
        return self.known[command]


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


def _state(hosts: Sequence[str | tuple[str, dict[str, Any]]]) -> State:
    return State(Inventory((list(hosts), {})), Config())


def converge(deploy: Path) -> None:
    """Bring this machine into the state that the deploy describes."""
    result = asyncio.run(Run(_state(["@local"]), [DeployFile(str(deploy))]).execute())
    if not result.ok:
        raise SystemExit(f"the deploy failed here: {result}")


def measure(
    deploy: Path, hosts: int, rtt: float, operations: int = OPERATIONS, *,
    listeners: Sequence[Callable[[Event], None]] = (), past: Past | None = None,
) -> dict[str, Any]:  # fmt: skip
    """Run the deploy on simulated hosts; return what that took.

    :param listeners: others than the clock and the report on a screen.
    """
    clock, page, answers = Clock(), io.StringIO(), Answers()
    state = _state(
        [(f"@fake/{number:05}", {"fake_host": FakeHost(answers.of, latency=rtt)}) for number in range(hosts)]
    )
    report = ConsoleReport(make_console(page), ConsoleOptions())
    run = Run(state, [DeployFile(str(deploy))], RunOptions(), [clock, report, *listeners], past=past)
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
