"""Real servers for tests: isolated Debian hosts that ``tests/lab/testhosts`` makes, looked at without ropewalk."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from support.e2e_processes import Process, processes_of
from support.e2e_tree import Tree, tree

T = TypeVar("T")

SCRIPT = Path(__file__).parents[1] / "lab" / "testhosts"

#: Passwords of users on every host.
PW_PASSWORD, ROOT_PASSWORD = "secret", "rootpw"

#: Directories on the host that are in memory, so that the overlay does not show them.
IN_MEMORY = ("/run", "/dev/shm")


def unavailable() -> str | None:
    """Return why there can be no hosts here, or ``None``."""
    if os.geteuid() != 0:
        return "needs root: network namespaces and overlay file systems are made"
    missing = [name for name in ("ip", "nsenter", "unshare", "ssh", "ssh-keygen") if shutil.which(name) is None]
    if missing:
        return f"needs {', '.join(missing)}"
    if "overlay" not in Path("/proc/filesystems").read_text():
        return "needs overlay file systems"
    probe = subprocess.run(["unshare", "--net", "--pid", "--fork", "true"], capture_output=True, check=False)
    return None if probe.returncode == 0 else "needs network and process namespaces"


def script(*words: str, check: bool = True) -> str:
    """Run ``testhosts``; return what it printed.

    :raises RuntimeError: it failed.
    """
    done = subprocess.run(
        [SCRIPT, *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False
    )
    if check and done.returncode != 0:
        raise RuntimeError(f"testhosts {shlex.join(words)}: {done.stdout}{done.stderr}")
    return done.stdout


@dataclass(frozen=True)
class Server:
    """One host.

    :ivar pid: its first process, as this machine counts.
    """

    name: str
    address: str
    pid: int
    state: Path

    @property
    def upper(self) -> Path:
        """The directory that holds exactly what was changed on the host."""
        return self.state / "hosts" / self.name / "upper"

    def exec(self, *argv: str, check: bool = True) -> str:
        """Run a command inside, without SSH; return its standard output."""
        done = subprocess.run(
            ["nsenter", "-t", str(self.pid), "-m", "-u", "-i", "-n", "-p", "--root", "--wd", "--", *argv],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise RuntimeError(f"{self.name}: {shlex.join(argv)}: {done.stdout}{done.stderr}")
        return done.stdout

    def ssh(self, command: str, *, user: str = "root") -> str:
        """Run a command over plain SSH; return its standard output."""
        done = subprocess.run(
            [
                "ssh", "-F", str(self.state / "ssh_config"), "-o", "BatchMode=yes",
                "-o", "KexAlgorithms=curve25519-sha256", f"{user}@{self.name}", command,
            ],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False,
        )  # fmt: skip
        if done.returncode != 0:
            raise RuntimeError(f"{self.name}: {command}: {done.stdout}{done.stderr}")
        return done.stdout

    def processes(self) -> list[Process]:
        """Return what runs on the host, apart from what ran before anybody logged in."""
        return [p for p in processes_of(self.pid) if not p.belongs_to_host]

    def connections(self) -> list[Process]:
        """Return the SSH server's process for each connection (not the one for each unprivileged session)."""
        every = processes_of(self.pid)
        listeners = {p.pid for p in every if p.is_listener}
        return [p for p in every if p.parent in listeners]

    def changes(self) -> Tree:
        """Return everything that differs from a new host, to the byte and the nanosecond."""
        found = tree(self.upper)
        for directory in IN_MEMORY:
            found |= tree(Path(f"/proc/{self.pid}/root{directory}"), prefix=directory)
        return found

    def leftovers(self) -> list[str]:
        """Return the files with names that ropewalk gives to temporary ones."""
        return [path for path in self.changes() if "ropewalk" in path]

    @contextmanager
    def unplugged(self) -> Iterator[None]:
        """Pull the host's network cable: nothing is refused, nothing answers."""
        self.exec("ip", "link", "set", "eth0", "down")
        try:
            yield
        finally:
            self.exec("ip", "link", "set", "eth0", "up")


def each(servers: Iterable[Server], work: Callable[[Server], T]) -> dict[str, T]:
    """Do something to all hosts at the same time; return the results by name."""
    every = list(servers)
    with ThreadPoolExecutor(len(every)) as pool:
        return dict(zip((server.name for server in every), pool.map(work, every), strict=True))


@dataclass(frozen=True)
class Lab:
    """All hosts that are up."""

    state: Path

    @property
    def ssh_config(self) -> Path:
        return self.state / "ssh_config"

    def servers(self, count: int | None = None) -> list[Server]:
        entries = _listing()[:count]
        return [Server(e["name"], e["address"], int(e["pid"]), self.state) for e in entries]

    def fresh(self, count: int) -> list[Server]:
        """Return hosts as if nobody had ever logged in."""
        script("reset", *[server.name for server in self.servers(count)])
        return self.servers(count)


@contextmanager
def running(count: int) -> Iterator[Lab | str]:
    """Start hosts and stop them at the end; yields why that cannot be where somebody else has hosts up."""
    if _listing() or Path("/sys/class/net/th-br").exists():
        yield "somebody else's test hosts are up"
        return
    script("up", str(count))
    state = Path(_listing()[0]["key"]).parents[1]
    try:
        yield Lab(state)
    finally:
        script("down")


def _listing() -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(script("list", "--json") or "[]")
    return found
