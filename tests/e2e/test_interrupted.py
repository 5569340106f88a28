"""Runs that are stopped: nothing of them is left on any host, and there is a report."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from support.e2e_lab import PW_PASSWORD, ROOT_PASSWORD, Server, each
from support.e2e_processes import below, eventually, never
from support.e2e_run import PROGRAM, Running
from support.e2e_site import Site
from support.e2e_terminal import CTRL_C, Terminal

LONG = """
server.shell(name="before", commands=["touch /tmp/before"])
server.shell(name="long", commands=["touch /tmp/began; sleep 600; touch /tmp/done"])
server.shell(name="later", commands=["touch /tmp/later"])
"""
#: A command that does not care for SIGTERM, nor do its children, in another process group.
STUBBORN = """
server.shell(name="long", commands=["trap '' TERM; touch /tmp/began; setsid sh -c 'sleep 600; sleep 601'; sleep 602"])
"""

WAYS: dict[str, dict[str, Any]] = {
    "root": {},
    "openssh": {"ssh_backend": "openssh"},
    "sudo": {"ssh_user": "admin", "_sudo": True},
    "sudo with a password": {
        "ssh_user": "pw", "ssh_password": PW_PASSWORD, "_sudo": True, "_sudo_password": PW_PASSWORD
    },
    "su": {"ssh_user": "admin", "_su_user": "root", "_su_password": ROOT_PASSWORD},
    "on a terminal": {"_get_pty": True},
    "with input": {"_stdin": "text"},
}  # fmt: skip


def _began(server: Server) -> bool:
    return (server.upper / "tmp/began").exists()


def _all_began(here: Site, running: Running) -> None:
    running.until(lambda: all(map(_began, here.servers)), "the command runs everywhere")


def _guarded(server: Server) -> bool:
    return any("pairs()" in process.command for process in server.processes())


def _sleeps(server: Server) -> bool:
    return any("sleep 600" in process.command for process in server.processes())


def _nothing_left(here: Site, running: Running) -> None:
    for server in here.servers:
        never(server.processes, f"processes on {server.name}", within=10)
    assert each(here.servers, Server.leftovers) == {server.name: [] for server in here.servers}
    assert below(running.pid) == []


@pytest.mark.parametrize("way", WAYS.values(), ids=WAYS.keys())
def test_ctrl_c_ends_what_runs_and_reports(site: Callable[[int], Site], way: dict[str, Any]) -> None:
    here = site(3)
    here.inventory(**way)
    here.deploy(LONG)
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.interrupt()
        ended = running.wait(within=15).must(130)
    document = ended.document
    assert document["status"] == "interrupted"
    assert {name: host["status"] for name, host in document["hosts"].items()} == {
        server.name: "cancelled" for server in here.servers
    }
    outcomes = {o["name"]: {e["outcome"] for e in o["hosts"].values()} for o in document["operations"]}
    assert outcomes == {"before": {"changed"}, "long": {"cancelled"}}
    _nothing_left(here, running)
    for server in here.servers:
        assert sorted(path.name for path in (server.upper / "tmp").iterdir()) == ["before", "began"]
    here.deploy("server.shell(name='again', commands=['true'])")
    assert here.run("-y", "--json", "inventory.py", "deploy.py").must(0).document["totals"]["hosts"]["ok"] == 3


@pytest.mark.parametrize("backend", ["asyncssh", "openssh"])
def test_ctrl_c_on_a_terminal_after_the_guard_has_come(site: Callable[[int], Site], backend: str) -> None:
    here = site(3)
    here.inventory(ssh_backend=backend)
    here.deploy(LONG)
    with (
        Terminal() as terminal,
        here.start(
            "-y", "inventory.py", "deploy.py", program=[*Terminal.login, *PROGRAM], terminal=terminal.descriptor
        ) as running,
    ):
        _all_began(here, running)
        running.until(lambda: all(map(_guarded, here.servers)), "a guard on every host")
        terminal.write(CTRL_C)
        report = running.wait(within=15).must(130).stderr
    assert all(server.name in report for server in here.servers)
    assert "Traceback" not in report
    assert "cancelled" in report
    assert "nterrupted" in report or "stopped by the user" in report
    _nothing_left(here, running)


def test_commands_that_ignore_sigterm_are_killed_with_all_they_started(site: Callable[[int], Site]) -> None:
    here = site(1)
    here.deploy(STUBBORN)
    with here.start("-y", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.interrupt()
        running.wait(within=20).must(130)
    _nothing_left(here, running)


def test_sigterm_does_the_same(site: Callable[[int], Site]) -> None:
    here = site(2)
    here.deploy(LONG)
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.process.terminate()
        document = running.wait(within=15).must(143).document
    assert document["status"] == "terminated"
    _nothing_left(here, running)


def test_a_second_ctrl_c_leaves_at_once(site: Callable[[int], Site]) -> None:
    here = site(2)
    here.deploy(LONG)
    with here.start("-y", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        with here.servers[0].unplugged():  # nothing can be ended there, and that takes its time
            running.interrupt()
            eventually(lambda: not _sleeps(here.servers[1]), "the other host is being tidied up")
            assert not running.ended
            running.interrupt()
            running.wait(within=2).must(130)


@pytest.mark.parametrize("way", ["root", "sudo", "openssh"])
def test_a_killed_run_leaves_no_command_behind(site: Callable[[int], Site], way: str) -> None:
    here = site(3)
    here.inventory(**WAYS[way])
    here.deploy(LONG)
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.until(lambda: all(map(_guarded, here.servers)), "a guard on every host")
        running.interrupt(signal.SIGKILL)
        running.wait().must(-signal.SIGKILL)
    for server in here.servers:
        never(server.processes, f"processes on {server.name}", within=10)
        assert not (server.upper / "tmp/done").exists()
        assert not (server.upper / "tmp/later").exists()


@pytest.mark.parametrize("backend", ["asyncssh", "openssh"])
def test_ctrl_c_while_connecting(site: Callable[[int], Site], backend: str) -> None:
    here = site(2)
    here.inventory(ssh_backend=backend)
    here.deploy(LONG)
    reached, silent = here.servers
    with silent.unplugged(), here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        running.until(reached.connections, "one of the hosts is connected to")
        running.interrupt()
        document = running.wait(within=8).must(130).document
        assert {host["status"] for host in document["hosts"].values()} == {"cancelled"}
        assert document["operations"] is None
    _nothing_left(here, running)


def test_ctrl_c_while_planning(site: Callable[[int], Site]) -> None:
    here = site(2)
    here.deploy("""
from ropewalk import host
from ropewalk.api import FactBase

class Slow(FactBase):
    def command(self):
        return "touch /tmp/began; sleep 600; touch /tmp/done"
    def process(self, output):
        return list(output)

server.shell(name="before", commands=["touch /tmp/before"])
host.get_fact(Slow)
server.shell(name="later", commands=["touch /tmp/later"])
""")
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.interrupt()
        document = running.wait(within=15).must(130).document
    assert {host["status"] for host in document["hosts"].values()} == {"cancelled"}
    assert document["operations"] is None
    _nothing_left(here, running)
    for server in here.servers:
        assert [path.name for path in (server.upper / "tmp").iterdir()] == ["began"]


def test_ctrl_c_ends_facts_that_wait_behind_one_another(site: Callable[[int], Site]) -> None:
    here = site(1)
    here.deploy("""
from ropewalk import host
from ropewalk.api import FactBase, operation

class Slow(FactBase):
    def command(self, number):
        return f"touch /tmp/began{number or ''}; sleep 600"
    def process(self, output):
        return list(output)

@operation()
def slow(number):
    host.get_fact(Slow, number=number)
    yield "true"

for number in range(20):
    slow(number)
""")
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.interrupt()
        running.wait(within=15).must(130)
    _nothing_left(here, running)
    assert [path.name for path in (here.servers[0].upper / "tmp").iterdir()] == ["began"]


@pytest.mark.parametrize("hosts", [1, 2])
def test_nothing_follows_a_command_that_is_content_to_be_terminated(site: Callable[[int], Site], hosts: int) -> None:
    """Where no other host waits operations travel together: ending the first with success must not begin the second."""
    here = site(hosts)
    here.deploy("""
for number in range(5):
    server.shell(
        name=f"polite {number}",
        commands=[f"touch /tmp/began{number or ''}; trap 'exit 0' TERM; sleep 600 & wait"],
    )
""")
    for words in (["-y"], ["-y", "--no-plan"]):
        with here.start(*words, "--json", "inventory.py", "deploy.py") as running:
            _all_began(here, running)
            running.interrupt()
            running.wait(within=15).must(130)
        _nothing_left(here, running)
        for server in here.servers:
            assert [path.name for path in (server.upper / "tmp").iterdir()] == ["began"]
            server.exec("rm", "/tmp/began")


@pytest.mark.parametrize("way", ["root", "sudo", "openssh"])
def test_ctrl_c_during_a_large_upload_leaves_no_part_of_it(site: Callable[[int], Site], way: str) -> None:
    here = site(1)
    here.inventory(**WAYS[way])
    big = here.directory / "big"
    with big.open("wb") as file:
        file.truncate(200 * 1024 * 1024)
    here.deploy("files.put(name='big', src='big', dest='/var/lib/big')")
    (server,) = here.servers
    folder = server.upper / "var/lib"
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        running.until(lambda: _size_of_part(folder) > 1024 * 1024, "a part of the file has arrived")
        running.interrupt()
        document = running.wait(within=15).must(130).document
    assert document["operations"][0]["hosts"]["h001"]["outcome"] == "cancelled"
    _nothing_left(here, running)
    assert not (folder / "big").exists()


def test_ctrl_c_during_a_callback_does_not_wait_for_it(site: Callable[[int], Site]) -> None:
    here = site(1)
    here.deploy("""
import time
from pathlib import Path

def slow():
    server.shell(name="inner", commands=["touch /tmp/began"])
    time.sleep(600)

python.call(name="call", function=slow)
""")
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        _all_began(here, running)
        running.interrupt()
        document = running.wait(within=15).must(130).document
    assert document["hosts"]["h001"]["status"] == "cancelled"
    _nothing_left(here, running)


@pytest.mark.parametrize("answer", [CTRL_C, "n\n", "\x04"], ids=["ctrl-c", "no", "end of input"])
def test_nothing_is_applied_without_a_yes(site: Callable[[int], Site], answer: str) -> None:
    here = site(2)
    here.deploy(LONG)
    program = [*Terminal.login, *PROGRAM]
    with (
        Terminal() as terminal,
        here.start("inventory.py", "deploy.py", program=program, terminal=terminal.descriptor) as running,
    ):
        running.says("Apply these changes?")
        terminal.write(answer)
        running.wait(within=10).must(2 if answer == "\x04" else 130)
    _nothing_left(here, running)
    assert [(server.upper / "tmp").exists() for server in here.servers] == [False, False]


def _size_of_part(folder: Path) -> int:
    try:
        return sum(path.stat().st_size for path in folder.glob(".ropewalk*"))
    except FileNotFoundError:
        return 0
