"""Clients, containers and connections that are killed under a command: that host fails alone, and nothing is left."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from support.docker_site import Site
from support.e2e_processes import below, never, processes_of
from support.e2e_run import Running
from support.small_root import small_root
from support.sshd import Sshd

pytestmark = [pytest.mark.root, pytest.mark.sshd]

#: One host's command lasts, the other goes on.
DEPLOY = """
from ropewalk import host
long = "exec sleep 654" if host.data.get("dies") else "true"
server.shell(name="long", commands=[long, "touch /never" if host.data.get("dies") else "true"])
server.shell(name="after", commands=["touch /after"])
"""


@dataclass
class Victim:
    """The host that a test kills something under.

    :ivar runs: what runs there, of what a run has started.
    :ivar kill: ends what is to be ended.
    :ivar has: says whether there is a file.
    :ivar guarded: says whether something waits there to end the command.
    """

    address: str
    data: dict[str, Any]
    runs: Callable[[], list[str]]
    kill: Callable[[Running], None]
    has: Callable[[str], bool]
    guarded: Callable[[], bool]


@dataclass
class Pair:
    """Two hosts behind servers of their own, if they are behind any."""

    site: Site
    new_sshd: Callable[..., Sshd]
    tmp_path: Path

    def server(self) -> tuple[Sshd, str, dict[str, Any]]:
        server = self.new_sshd(f"SetEnv SHLVL=2 DOCKER_HOST={self.site.environment['DOCKER_HOST']}")
        data = {"ssh_key": str(server.client_key), "ssh_known_hosts_file": str(self.tmp_path / "known_hosts")}
        return server, f"@ssh/root@127.0.0.1:{server.port}", data

    def container(self, way: str, data: dict[str, Any], kill: Callable[[str, Running], None]) -> Victim:
        made = self.site.container("dies")

        def has(path: str) -> bool:
            return bool(self.site.docker("exec", made, "find", path, check=False))

        def runs() -> list[str]:
            return self.site.programs_in(made)

        def guarded() -> bool:
            first = int(self.site.docker("inspect", "--format", "{{.State.Pid}}", made))
            return any("pairs()" in process.command for process in processes_of(first))

        return Victim(f"{way}@docker/dies", data, runs, lambda run: kill(made, run), has, guarded)


def _clients(running: Running, word: str) -> list[int]:
    """Return a run's docker clients on this machine that were given a word."""
    lines = {pid: _command_line(pid).split() for pid in below(running.pid)}
    return [pid for pid, words in lines.items() if words[:1] == ["docker"] and word in words]


def _kill_clients(container: str, running: Running) -> None:
    found = _clients(running, container)
    assert found
    for pid in found:
        os.kill(pid, signal.SIGKILL)


def docker_client(pair: Pair) -> Victim:
    return pair.container("", {}, _kill_clients)


def docker_kill(pair: Pair) -> Victim:
    return pair.container("", {}, lambda container, _: pair.site.docker("kill", container) and None)


def docker_rm(pair: Pair) -> Victim:
    return pair.container("", {}, lambda container, _: pair.site.docker("rm", "-f", container) and None)


def connection_of_chain(pair: Pair) -> Victim:
    server, way, data = pair.server()
    return pair.container(f"{way}/", data, lambda *_: server.kill_connections() and None)


def ssh_of_chain(pair: Pair) -> Victim:
    _, way, data = pair.server()

    def kill(_: str, running: Running) -> None:
        found = [pid for pid in below(running.pid) if _is_master(pid)]
        assert found
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    return pair.container(f"{way}/", {**data, "ssh_backend": "openssh"}, kill)


def _is_master(pid: int) -> bool:
    line = _command_line(pid)
    return line.startswith("ssh ") and "ControlMaster=yes" in line


def _command_line(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
    except OSError:
        return ""  # it has ended


def sshd_of_chain(pair: Pair) -> Victim:
    server, way, data = pair.server()
    return pair.container(f"{way}/", data, lambda *_: server.stop())


def connection_of_root(pair: Pair) -> Victim:
    server, way, data = pair.server()
    root = small_root(pair.tmp_path / "root")

    def runs() -> list[str]:
        found = [entry for entry in Path("/proc").glob("[0-9]*") if _root_of(entry) == str(root)]
        return [_command_line(int(entry.name)) for entry in found]

    def has(path: str) -> bool:
        return Path(f"{root}{path}").exists()

    def guarded() -> bool:
        return any("pairs()" in line for line in map(_command_line, below(server.pid)))

    return Victim(f"{way}/@chroot{root}", data, runs, lambda _: server.kill_connections() and None, has, guarded)


def _root_of(process: Path) -> str:
    try:
        return os.readlink(process / "root")
    except OSError:
        return ""


#: What is killed, and whether there is a guard before. Where nobody can log in any more, there has to be.
CASES = [
    (docker_client, False), (docker_client, True), (docker_kill, False), (docker_rm, True),
    (connection_of_chain, False), (connection_of_chain, True), (ssh_of_chain, False), (sshd_of_chain, True),
    (connection_of_root, True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "late"), CASES, ids=[f"{kind.__name__} {'guarded' if late else 'at once'}" for kind, late in CASES]
)
def test_the_host_fails_alone_and_nothing_goes_on(
    kind: Callable[[Pair], Victim], late: bool, site: Site, new_sshd: Callable[..., Sshd], tmp_path: Path
) -> None:
    victim = kind(Pair(site, new_sshd, tmp_path))
    site.container("lives")
    hosts = [(victim.address, {**victim.data, "dies": True}), ("@docker/lives", {})]
    (tmp_path / "inventory.py").write_text(f"hosts = {hosts!r}\n")
    with site.start("inventory.py", DEPLOY) as running:
        running.until(lambda: any("sleep 654" in line for line in victim.runs()), "it runs")
        if late:
            running.until(victim.guarded, "it is guarded")
        victim.kill(running)
        ended = running.wait(within=60).must(1)
    dead, lives = ended.document["hosts"][victim.address], ended.document["hosts"]["@docker/lives"]
    assert (dead["status"], lives["status"]) == ("failed", "ok")
    expected = "connection was lost" if "@ssh" in victim.address else "the shell on the host ended (killed by signal 9)"
    assert expected in dead["failure"]["message"]
    assert site.docker("exec", "lives", "ls", "/after") == "/after\n"
    never(victim.runs, "processes on the host")
    assert not victim.has("/never")
    assert not victim.has("/after")
