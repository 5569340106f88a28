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
from support.e2e_processes import below, never
from support.e2e_run import Running
from support.processes import command_lines
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
    """

    address: str
    data: dict[str, Any]
    runs: Callable[[], list[str]]
    kill: Callable[[Running], None]
    has: Callable[[str], bool]


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

        return Victim(f"{way}@docker/dies", data, lambda: self.site.programs_in(made), lambda run: kill(made, run), has)


def _clients(running: Running, word: str, program: bytes = b"docker") -> list[int]:
    """Return a run's processes on this machine of a program that was given a word."""
    lines = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in below(running.pid)}
    return [pid for pid, words in lines.items() if words[0].endswith(program) and word.encode() in words]


def _kill_clients(container: str, running: Running) -> None:
    assert (found := _clients(running, container))
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
        assert (found := [pid for pid in below(running.pid) if _is_master(pid)])
        for pid in found:
            os.kill(pid, signal.SIGKILL)

    return pair.container(f"{way}/", {**data, "ssh_backend": "openssh"}, kill)


def _is_master(pid: int) -> bool:
    words = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    return words[0] == b"ssh" and b"ControlMaster=yes" in b" ".join(words)


def sshd_of_chain(pair: Pair) -> Victim:
    server, way, data = pair.server()
    return pair.container(f"{way}/", data, lambda *_: server.stop())


def connection_of_root(pair: Pair) -> Victim:
    server, way, data = pair.server()
    root = small_root(pair.tmp_path / "root")

    def runs() -> list[str]:
        found = [entry for entry in Path("/proc").glob("[0-9]*") if _root_of(entry) == str(root)]
        return [entry.joinpath("cmdline").read_bytes().replace(b"\0", b" ").decode() for entry in found]

    address = f"{way}/@chroot{root}"
    return Victim(
        address, data, runs, lambda _: server.kill_connections() and None, lambda path: Path(f"{root}{path}").exists()
    )


def _root_of(process: Path) -> str:
    try:
        return os.readlink(process / "root")
    except OSError:
        return ""


def guarded(running: Running) -> bool:
    return "pairs()" in command_lines()


@pytest.mark.parametrize("late", [False, True], ids=["at once", "guarded"])
@pytest.mark.parametrize(
    "kind",
    [docker_client, docker_kill, docker_rm, connection_of_chain, ssh_of_chain, sshd_of_chain, connection_of_root],
    ids=lambda kind: kind.__name__,
)
def test_the_host_fails_alone_and_nothing_goes_on(
    kind: Callable[[Pair], Victim], late: bool, site: Site, new_sshd: Callable[..., Sshd], tmp_path: Path
) -> None:
    if not late and kind in (sshd_of_chain, connection_of_root):
        pytest.skip("nobody can end it there: a guard has to be there before")
    pair = Pair(site, new_sshd, tmp_path)
    victim = kind(pair)
    site.container("lives")
    hosts = [(victim.address, {**victim.data, "dies": True}), ("@docker/lives", {})]
    (tmp_path / "inventory.py").write_text(f"hosts = {hosts!r}\n")
    with site.start("inventory.py", DEPLOY) as running:
        running.until(lambda: any("sleep 654" in line for line in victim.runs()), "it runs")
        if late:
            running.until(lambda: any("pairs()" in line for line in command_lines().splitlines()), "it is guarded")
        victim.kill(running)
        ended = running.wait(within=60).must(1)
    dead, lives = ended.document["hosts"][victim.address], ended.document["hosts"]["@docker/lives"]
    print(dead)
    assert (dead["status"], lives["status"]) == ("failed", "ok")
    assert "the shell on the host ended" in dead["failure"]["message"] or "lost" in dead["failure"]["message"]
    assert site.docker("exec", "lives", "ls", "/after") == "/after\n"
    never(victim.runs, "processes on the host")
    assert not victim.has("/never")
    assert not victim.has("/after")
