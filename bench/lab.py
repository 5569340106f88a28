"""The hosts that everything runs on: test hosts made for it, or a given inventory."""

from __future__ import annotations

import json
import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

TESTHOSTS = Path(__file__).parents[1] / "tests" / "lab" / "testhosts"
RESET = Path(__file__).parent / "reset.sh"

#: Accounts the CPU of all test hosts (cgroup v1).
_CPU = Path("/sys/fs/cgroup/cpuacct/testhosts/cpuacct.usage")

#: Succeeds on a host where the deploy has done what it should.
DONE = """
set -e
[ "$(readlink /opt/app/current)" = /opt/app/data ]; [ "$(readlink /etc/app)" = /opt/app/conf ]
for i in 1 2 3 4 5 6; do grep -qx "option$i.40" /opt/app/conf/f$i.conf; done
for i in 1 2 3 4; do grep -qx "name = t$i" /opt/app/conf/t$i.conf; done
for i in 1 2 3; do [ "$(grep -cxF "APP_VAR$i=value$i" /etc/environment)" = 1 ]; done
for u in appuser appsvc; do [ "$(id -gn $u)" = appgrp ]; [ -d /home/$u ]; done
[ -f /opt/app/data/init ]; [ -s /opt/app/data/stamp ]; grep -q somaxconn /etc/sysctl.d/90-app.conf
"""


class LabError(Exception):
    """There are no hosts to run on."""


@dataclass(frozen=True)
class Host:
    """A host as tools reach it.

    :ivar address: with the delay that was asked for.
    :ivar near: without.
    """

    name: str
    address: str
    near: str
    user: str
    key: str
    known_hosts: str
    port: int = 22

    def ssh(self) -> list[str]:
        """Return the arguments of ``ssh`` that reach it, with nothing of the user's configuration."""
        return [
            "-F", "/dev/null", "-p", str(self.port), "-o", f"IdentityFile={self.key}", "-o", "IdentitiesOnly=yes",
            "-o", f"UserKnownHostsFile={self.known_hosts}", "-o", "BatchMode=yes",
        ]  # fmt: skip

    def at(self, address: str) -> Host:
        """Return the same host at another address."""
        return Host(self.name, address, self.near, self.user, self.key, self.known_hosts, self.port)


class Lab(Protocol):
    """Where hosts come from."""

    #: Whether the network can be made slower.
    delays: bool

    def fresh(self, count: int, rtt: int) -> AbstractContextManager[list[Host]]:
        """Meanwhile, there are so many hosts that nobody has worked on, so many milliseconds away and back."""

    def cpu(self) -> float | None:
        """Return the seconds of CPU that all hosts have used, or ``None`` where nobody knows."""

    def sessions(self, host: Host) -> int | None:
        """Return how many SSH sessions the host's server has logged, or ``None`` where nobody knows."""

    def run(self, host: Host, script: str) -> subprocess.CompletedProcess[str]:
        """Run a script on a host, without the tools that are measured."""


class MadeHosts:
    """Hosts that tests/lab/testhosts makes: isolated, each with an SSH server of its own."""

    delays = True

    def __init__(self) -> None:
        if json.loads(self._script("list", "--json") or "[]") or Path("/sys/class/net/th-br").exists():
            raise LabError("test hosts are up already: somebody may be working on them; stop them with testhosts down")

    @contextmanager
    def fresh(self, count: int, rtt: int) -> Iterator[list[Host]]:
        self._script("up", str(count))
        try:
            if rtt:
                self._script("delay", str(rtt / 2))
            yield [self._host(entry, rtt) for entry in json.loads(self._script("list", "--json"))]
        finally:
            self._script("down")
            _until_gone()

    def cpu(self) -> float | None:
        try:
            return int(_CPU.read_text()) / 1e9
        except OSError:
            return None

    def sessions(self, host: Host) -> int | None:
        log = Path(host.key).parents[1] / "hosts" / host.name / "upper/var/log/sshd.log"
        return log.read_text(errors="replace").count("Starting session") if log.exists() else 0

    def run(self, host: Host, script: str) -> subprocess.CompletedProcess[str]:
        return _run([TESTHOSTS, "exec", host.name, "sh", "-c", script])

    @staticmethod
    def _host(entry: dict[str, str], rtt: int) -> Host:
        known = str(Path(entry["key"]).parents[1] / "known_hosts")
        address = entry["lag_address"] if rtt else entry["address"]
        return Host(entry["name"], address, entry["address"], entry["user"], entry["key"], known)

    @staticmethod
    def _script(*words: str) -> str:
        done = _run([TESTHOSTS, *words])
        if done.returncode:
            raise LabError(f"testhosts {' '.join(words)}: {done.stdout}{done.stderr}")
        return done.stdout


class Given:
    """Hosts of a JSON file: a list of objects with ``address``, ``user``, ``key`` and perhaps ``name`` and ``port``.

    The deploy's work on them is undone (reset.sh) before every first run. Users must be root.
    """

    delays = False

    def __init__(self, file: Path, work: Path) -> None:
        entries = json.loads(file.read_text())
        known = work / "known_hosts"
        scans = [_run(["ssh-keyscan", "-p", str(e.get("port", 22)), e["address"]]).stdout for e in entries]
        known.write_text("".join(scans))
        self._hosts = [
            Host(
                e.get("name", e["address"]), e["address"], e["address"], e["user"], os.path.expanduser(e["key"]),
                str(known), int(e.get("port", 22)),
            )
            for e in entries
        ]  # fmt: skip

    @contextmanager
    def fresh(self, count: int, rtt: int) -> Iterator[list[Host]]:
        if count > len(self._hosts):
            raise LabError(f"the inventory has {len(self._hosts)} hosts; {count} were asked for")
        for host in self._hosts[:count]:
            done = self.run(host, RESET.read_text())
            if done.returncode:
                raise LabError(f"{host.name}: {done.stdout}{done.stderr}")
        yield self._hosts[:count]

    def cpu(self) -> float | None:
        return None

    def sessions(self, host: Host) -> int | None:
        return None

    def run(self, host: Host, script: str) -> subprocess.CompletedProcess[str]:
        return _run(["ssh", *host.ssh(), f"{host.user}@{host.address}", "sh"], script)


def undone(lab: Lab, hosts: list[Host]) -> str:
    """Return which of the hosts is not as the deploy should have left it, or nothing."""
    for host in hosts:
        if lab.run(host, DONE).returncode:
            return f"{host.name} is not as the deploy should have left it"
    return ""


def _until_gone(patience: float = 10.0) -> None:
    """Wait until the kernel has removed the hosts' network devices: it does so some time after their processes end."""
    deadline = time.monotonic() + patience
    while any(Path("/sys/class/net").glob("thv*")) and time.monotonic() < deadline:
        time.sleep(0.02)


def _run(argv: list[str | Path], text: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(argv, input=text, capture_output=True, text=True, errors="replace", check=False)
