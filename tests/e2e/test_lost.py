"""Hosts that go away in the middle of a run: that host is reported, the others go on."""

from __future__ import annotations

import signal
from collections.abc import Callable

import pytest

from support.e2e_lab import Server, each
from support.e2e_processes import never
from support.e2e_site import Site

BACKENDS = ("asyncssh", "openssh")

#: One operation that lasts until the test says so, and one after it.
DEPLOY = """
server.shell(name="long", commands=["touch /tmp/began; while [ ! -e /tmp/go ]; do sleep 0.1; done; touch /tmp/done"])
server.shell(name="later", commands=["touch /tmp/later"])
"""


def _begun(server: Server) -> bool:
    return (server.upper / "tmp/began").exists()


def _go(server: Server) -> None:
    server.exec("touch", "/tmp/go")


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_connection_that_dies_is_one_hosts_failure(site: Callable[[int], Site], backend: str) -> None:
    here = site(3)
    here.inventory(ssh_backend=backend)
    here.deploy(DEPLOY)
    first, second, third = here.servers
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        running.until(lambda: all(map(_begun, here.servers)), "the operation runs everywhere")
        for connection in second.connections():
            connection.kill(signal.SIGKILL)
        each((first, third), _go)
        document = running.wait().must(1).document
    assert {name: host["status"] for name, host in document["hosts"].items()} == {
        "h001": "ok", "h002": "failed", "h003": "ok"
    }  # fmt: skip
    assert "lost" in document["hosts"]["h002"]["failure"]["message"]
    assert {o["name"]: {h: e["outcome"] for h, e in o["hosts"].items()} for o in document["operations"]} == {
        "long": {"h001": "changed", "h002": "failed", "h003": "changed"},
        "later": {"h001": "changed", "h003": "changed"},
    }
    assert document["totals"]["operations"]["failed"] == 1
    assert [(server.upper / "tmp/later").exists() for server in here.servers] == [True, False, True]


def test_a_lost_connection_is_told_to_people(site: Callable[[int], Site]) -> None:
    here = site(2)
    here.deploy(DEPLOY)
    first, second = here.servers
    with here.start("-y", "inventory.py", "deploy.py") as running:
        running.until(lambda: all(map(_begun, here.servers)), "the operation runs everywhere")
        for connection in second.connections():
            connection.kill(signal.SIGKILL)
        _go(first)
        report = running.wait().must(1).stderr
    told = [line for line in report.splitlines() if "h002" in line]
    assert any("lost" in line or "failed" in line for line in told), report
    assert "connection was lost" in report
    assert "Traceback" not in report


def test_a_command_that_lost_its_connection_does_not_go_on(site: Callable[[int], Site]) -> None:
    """A command that lasts has a guard, whose input ends with the connection."""
    here = site(1)
    here.deploy(DEPLOY)
    (server,) = here.servers
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        running.until(lambda: _guards(server), "a guard on the host")
        for connection in server.connections():
            connection.kill(signal.SIGKILL)
        running.wait().must(1)
    never(server.processes, "processes on the host")
    assert not (server.upper / "tmp/done").exists()


@pytest.mark.parametrize("backend", BACKENDS)
def test_a_host_that_falls_silent_is_given_up(site: Callable[[int], Site], backend: str) -> None:
    here = site(3)
    here.inventory(ssh_backend=backend, ssh_keepalive_interval=1)
    here.deploy(DEPLOY)
    first, second, third = here.servers
    with here.start("-y", "--json", "inventory.py", "deploy.py") as running:
        running.until(lambda: all(map(_begun, here.servers)), "the operation runs everywhere")
        with second.unplugged():
            each((first, third), _go)
            document = running.wait(within=30).must(1).document
    assert {name: host["status"] for name, host in document["hosts"].items()} == {
        "h001": "ok", "h002": "failed", "h003": "ok"
    }  # fmt: skip
    assert "lost" in document["hosts"]["h002"]["failure"]["message"]
    assert [(server.upper / "tmp/later").exists() for server in here.servers] == [True, False, True]


def test_hosts_that_cannot_be_reached_are_told_from_hosts_that_fail(site: Callable[[int], Site]) -> None:
    here = site(2)
    here.inventory(ssh_connect_retries=0)
    here.deploy("server.shell(commands=['true'])")
    here.config("CONNECT_TIMEOUT = 2")
    with here.servers[1].unplugged():
        document = here.run("-y", "--json", "inventory.py", "deploy.py").must(4).document
        hosts = {name: host["status"] for name, host in document["hosts"].items()}
        assert hosts == {"h001": "ok", "h002": "unreachable"}
        with here.servers[0].unplugged():
            document = here.run("-y", "--json", "inventory.py", "deploy.py").must(4).document
            assert document["totals"]["hosts"]["unreachable"] == 2
            report = here.run("-y", "inventory.py", "deploy.py").must(4).stderr
    assert "h001" in report
    assert "h002" in report
    assert "Traceback" not in report


def _guards(server: Server) -> bool:
    return any("pairs()" in process.command for process in server.processes())
