"""Ten hosts, a run that is ended in the middle and resumed: nothing twice, nothing left out, what is owed is done."""

from __future__ import annotations

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from ropewalk.history.journal import read
from support.e2e_lab import Server, each
from support.e2e_site import Site

DEPLOY = """
from io import StringIO
from ropewalk import host


def say(word, **how):
    server.shell(name=word, commands=[f"echo {word} >> /root/said"], **how)


config = files.put(name="Configure", src=StringIO("workers = 4\\n"), dest="/etc/app.conf")
say("once", _run_once=True)
for number in range(5):
    say(f"before{number}")


def roll_out():
    say("inner")
    wait = "exec sleep 600" if host.name in SLOW else "true"
    server.shell(name="Wait", commands=[f"touch /root/waits; test -e /root/go || {wait}"])
    say("innermost")


python.call(name="Roll out", function=roll_out)
if config.changed:
    say("reload")
say("after")
say("restart", _if=config.did_change)
"""
BEFORE = [f"before{number}" for number in range(5)]
WHOLE = [*BEFORE, "inner", "innermost", "reload", "after", "restart"]


def said(server: Server) -> list[str]:
    return server.exec("cat", "/root/said").split()


def rolled_out(journals: Path) -> int:
    """Return for how many hosts the run that is under way has noted the end of the callback."""
    [journal] = journals.glob("*.jsonl")
    lines = [line for _, line in read(journal)]
    ids = [line["operation"]["id"] for line in lines if "event" not in line and "operation" in line]
    names = [line["operation"]["name"] for line in lines if "event" not in line and "operation" in line]
    wanted = dict(zip(names, ids, strict=True)).get("Roll out")
    return sum(line.get("event") == "OperationEnded" and line["operation"] == wanted for line in lines)


@pytest.mark.parametrize("ways", [["SIGKILL"], ["SIGINT"], ["SIGKILL", "SIGINT", "SIGKILL"]], ids=str)
def test_nothing_twice_and_nothing_left_out(site: Callable[[int], Site], ways: list[str]) -> None:
    here = site(10)
    slow = here.servers[3:5]
    here.deploy(DEPLOY.replace("SLOW", repr([server.name for server in slow])))
    environment = {"XDG_STATE_HOME": str(here.directory / "state")}
    resume: list[str] = []
    for way in ways:
        each(slow, lambda server: server.exec("rm", "-f", "/root/waits"))
        with here.start("-y", *resume, "inventory.py", "deploy.py", environment=environment) as running:
            running.until(lambda: all((server.upper / "root/waits").exists() for server in slow), "two hosts wait")
            running.until(lambda: rolled_out(here.directory / "state/ropewalk/runs") == 8, "the others have gone on")
            running.interrupt(signal.Signals[way])
            running.wait()
        resume = ["--resume"]
    each(slow, lambda server: server.exec("touch", "/root/go"))
    first, *rest = here.servers
    ended = here.run("-y", "--resume", "inventory.py", "deploy.py", environment=environment).must(0)
    assert "changed in run" in ended.stderr
    assert said(first) == ["once", *WHOLE]
    assert each(rest, said) == {server.name: WHOLE for server in rest}
    here.run("-y", "inventory.py", "deploy.py", environment=environment).must(0)
    again = [word for word in WHOLE if word not in ("reload", "restart")]
    assert each(rest, said) == {server.name: [*WHOLE, *again] for server in rest}
