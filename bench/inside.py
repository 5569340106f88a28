#!/usr/bin/env python3
"""Compares ropewalk with pyinfra where no SSH is in between: the same 25 operations in a container and in a chroot.

Needs Linux, root, and for containers Docker's daemon, which is started here with data of its own. Roots are made by
tests/lab/testhosts, new ones for every run. Prints Markdown; writes bench/results/DATE-NAME.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

if __name__ == "__main__":
    sys.path[:0] = [str(Path(__file__).resolve().parents[1]), str(Path(__file__).resolve().parents[1] / "tests")]

from bench import machine, table
from bench.deploys import copy_of_deploy
from bench.figures import FIRST, SECOND, Figure, middle
from bench.lab import DONE, TESTHOSTS
from bench.process import measured
from bench.tools import HERE, Tools

TOOLS = ("ropewalk", "pyinfra")
#: What ropewalk's time may be of pyinfra's: the budget, and the stretch.
SHARE = (1 / 4, 1 / 8)

#: Stands before the real client on the search path, and notes what it is called with.
_COUNTING = '#!/bin/sh\necho "$1" >>{log}\nexec {docker} "$@"\n'


@dataclass(frozen=True)
class Place:
    """Where the deploy runs.

    :ivar address: in an inventory.
    :ivar enter: the words before a command that runs there.
    :ivar env: what a tool needs in its environment.
    :ivar calls: the file that has a line for each call of docker; ``None`` where there is no docker.
    """

    address: str
    enter: tuple[str, ...]
    env: dict[str, str]
    calls: Path | None = None


@dataclass(frozen=True)
class Inside:
    """One run.

    :ivar execs: how many ``docker exec`` were started; ``clients``: how many calls of docker in all.
    """

    kind: str
    tool: str
    run: str
    wall: float
    cpu: float
    execs: int | None
    clients: int | None
    problem: str = ""


@contextmanager
def root() -> Iterator[Path]:
    """Make a root file system that nobody has worked on, and take it away at the end."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        made = Path(directory) / "root"
        subprocess.run([TESTHOSTS, "chroot", made], check=True, capture_output=True)
        try:
            yield made
        finally:
            subprocess.run([TESTHOSTS, "unchroot", made], check=True, capture_output=True)


@contextmanager
def chroot() -> Iterator[Place]:
    """Make a root to enter with chroot(8)."""
    with root() as made:
        yield Place(f"@chroot/{made}", ("chroot", str(made)), {})


@contextmanager
def containers() -> Iterator[Callable[[], AbstractContextManager[Place]]]:
    """Start a daemon and give it an image of such a root; return what makes containers of it."""
    from support.dockerd import Dockerd

    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        work = Path(directory)
        daemon = Dockerd(work)
        if reason := daemon.start():
            raise SystemExit(f"containers: {reason}")
        try:
            with root() as made:
                pack = subprocess.Popen(["tar", "-C", made, "--one-file-system", "-c", "."], stdout=subprocess.PIPE)
                subprocess.run(["docker", "import", "-", "bench:1"], stdin=pack.stdout, env=daemon.env, check=True,
                               stdout=subprocess.DEVNULL)  # fmt: skip
                pack.wait()
            programs, calls = work / "programs", work / "calls"
            programs.mkdir()
            (programs / "docker").write_text(_COUNTING.format(log=calls, docker=shutil.which("docker")))
            (programs / "docker").chmod(0o755)
            env = {"DOCKER_HOST": daemon.host, "PATH": f"{programs}:{os.environ['PATH']}"}

            @contextmanager
            def container() -> Iterator[Place]:
                made = daemon.docker("run", "-d", "--network=none", "bench:1", "tail", "-f", "/dev/null").strip()
                try:
                    enter = (str(shutil.which("docker")), "-H", daemon.host, "exec", made)
                    yield Place(f"@docker/{made}", enter, env, calls)
                finally:
                    daemon.docker("rm", "-f", made)

            yield container
        finally:
            daemon.stop()


def case(
    kind: str, tool: str, tools: Tools, make: Callable[[], AbstractContextManager[Place]], patience: float
) -> Iterator[Inside]:
    """Run the deploy twice in a new place, each time when the machine is quiet, or has not been for so many seconds."""
    with tempfile.TemporaryDirectory(prefix="bench-") as directory, make() as place:
        work = copy_of_deploy(Path(directory))
        program = tools.ropewalk if tool == "ropewalk" else tools.program("pyinfra", "pyinfra")
        for run in (FIRST, SECOND):
            if place.calls is not None:
                place.calls.write_text("")
            out = work / "out"
            machine.quiet(patience)
            done = measured([program, "-y", place.address, "deploy.py"], cwd=work, out=out, env=place.env)
            calls = None if place.calls is None else place.calls.read_text().split()
            yield Inside(
                kind, tool, run, done.wall, done.cpu,
                None if calls is None else calls.count("exec"), None if calls is None else len(calls),
                _problem(done.status, out, place),
            )  # fmt: skip


def _problem(status: int, out: Path, place: Place) -> str:
    if status:
        said = out.read_bytes() + out.with_name(f"{out.name}.err").read_bytes()
        return f"exit status {status}: {said.decode(errors='replace')[-2000:]}"
    done = subprocess.run([*place.enter, "sh", "-c", DONE], capture_output=True, text=True, check=False)
    return f"not as the deploy should have left it: {done.stderr}" if done.returncode else ""


def figures(runs: Sequence[Inside]) -> Iterator[Figure]:
    """Return ropewalk's share of pyinfra's time, and how often docker was started."""
    for kind in dict.fromkeys(run.kind for run in runs):
        for which in (FIRST, SECOND):
            alike = {
                tool: [run for run in runs if (run.kind, run.tool, run.run, run.problem) == (kind, tool, which, "")]
                for tool in TOOLS
            }
            if not all(alike.values()):
                continue
            ours, theirs = (middle(run.wall for run in alike[tool]) or 0.0 for tool in TOOLS)
            yield Figure(
                f"deploy in a {kind}, {which} run: share of pyinfra's time", ours / theirs, "", *SHARE,
                note=f"{ours:.2f} s of {theirs:.2f} s",
            )  # fmt: skip
            if alike["ropewalk"][0].execs is None:
                continue
            most, theirs_execs = (max(run.execs or 0 for run in alike[tool]) for tool in TOOLS)
            clients, theirs_clients = (max(run.clients or 0 for run in alike[tool]) for tool in TOOLS)
            note = f"pyinfra {theirs_execs}; all calls of docker: {clients}, pyinfra {theirs_clients}"
            yield Figure(f"deploy in a {kind}, {which} run: docker exec", most, "", 1, 1, note=note)


def main(words: Sequence[str] | None = None) -> int:
    """Measure, print and write everything; return 0, or 1 when a run failed."""
    options = parser().parse_args(words)
    tools = Tools(options.ropewalk, options.cache)
    tools.install(["pyinfra"])
    began = {"date": datetime.now(UTC).isoformat(timespec="seconds"), "load": machine.load()}
    runs: list[Inside] = []

    def take(kind: str, make: Callable[[], AbstractContextManager[Place]]) -> None:
        for _ in range(options.runs):
            for tool in TOOLS:
                for run in case(kind, tool, tools, make, options.patience):
                    print(f"{kind}, {tool}, {run.run}: {run.wall:.2f} s, {run.execs} docker exec {run.problem}",
                          file=sys.stderr, flush=True)  # fmt: skip
                    runs.append(run)

    with tempfile.TemporaryDirectory(prefix="bench-") as state:
        os.environ["XDG_STATE_HOME"] = state  # runs that are measured are recorded, but not among other runs
        if "chroot" in options.places:
            take("chroot", chroot)
        if "container" in options.places:
            with containers() as container:
                take("container", container)
    found = list(figures(runs))
    about = {**began, "versions": tools.versions(["ropewalk", "pyinfra"]), "machine": machine.describe()}
    print(table.figures(found))
    document = {**about, "runs": [asdict(run) for run in runs],
                "figures": [{**asdict(figure), "verdict": figure.verdict} for figure in found]}  # fmt: skip
    results = HERE / "results" / f"{about['date'][:10]}-{options.name}.json"
    results.write_text(json.dumps(document, indent=1) + "\n")
    return 1 if any(run.problem for run in runs) else 0


def parser() -> argparse.ArgumentParser:
    """Return the command line."""
    made = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    made.add_argument("--runs", type=int, default=3, metavar="K", help="of each tool (default: 3)")
    made.add_argument(
        "--places", type=lambda text: text.split(","), default=["chroot", "container"], metavar="PLACE,..."
    )
    made.add_argument("--patience", type=float, default=60, metavar="S", help="seconds to wait for a quiet machine")
    made.add_argument("--name", default="inside", help="of the file of results (default: inside)")
    made.add_argument("--ropewalk", type=Path, default=HERE.parent / ".venv/bin/ropewalk", metavar="PROGRAM")
    cache = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ropewalk-bench"
    made.add_argument("--cache", type=Path, default=cache, metavar="DIR", help="where pyinfra is installed")
    return made


if __name__ == "__main__":
    sys.exit(main())
