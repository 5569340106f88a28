"""Runs that are ended in the middle, by kill -9 or Ctrl-C, and gone on with: nothing twice, nothing left out."""

from __future__ import annotations

import contextlib
import shutil
import signal
import sqlite3
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from support import sshd
from support.e2e_run import Ended, Running, run

DEPLOY = """\
from ropewalk import host
from ropewalk.operations import files, python, server

OUT = {out!r}


def say(word, **how):
    server.shell(name=word, commands=[f"echo {{word}} >> {{OUT}}/said"], **how)


config = files.put(name="Config", src="app.conf", dest=f"{{OUT}}/app.conf")
for number in range(5):
    say(f"before{{number}}")


def inside():
    say("inner")
    server.shell(name="Wait", commands=[f"touch {{OUT}}/waiting; test -e {{OUT}}/go || exec sleep 60"])


python.call(name="Outer", function=inside)
if config.changed:
    say("reload")
say("after")
say("restart", _if=config.did_change)
"""
WORDS = ["before0", "before1", "before2", "before3", "before4", "inner", "reload", "after", "restart"]


class Place:
    """A directory with a deploy, what it changes, and a history of its own."""

    def __init__(self, directory: Path) -> None:
        self.out, self.work, self.state = (directory / name for name in ("out", "work", "state"))
        for folder in (self.out, self.work):
            folder.mkdir()
        (self.work / "app.conf").write_text("workers = 4\n")
        (self.work / "deploy.py").write_text(DEPLOY.format(out=str(self.out)))

    @property
    def said(self) -> list[str]:
        path = self.out / "said"
        return path.read_text().split() if path.exists() else []

    def run(self, *words: str) -> Ended:
        return run(*words, cwd=self.work, environment={"XDG_STATE_HOME": str(self.state)})

    def end_in_the_middle(self, number: int, words: Sequence[str] = ()) -> None:
        """Start a run, and send it a signal once it waits in the callback."""
        words = ["@local", "deploy.py", "-y", *words]
        with Running(words, cwd=self.work, environment={"XDG_STATE_HOME": str(self.state)}) as running:
            running.until(lambda: (self.out / "waiting").exists(), "it waits")
            running.interrupt(number)
            running.wait()
        (self.out / "waiting").unlink()
        (self.out / "go").touch()

    def query(self, sql: str) -> list[str]:
        """Return what the ``sqlite3`` program says."""
        database = self.state / "ropewalk" / "history.db"
        program = shutil.which("sqlite3")
        if program is None:
            with sqlite3.connect(database) as connection:
                return ["|".join(map(str, row)) for row in connection.execute(sql)]
        done = subprocess.run([program, "-batch", database, sql], capture_output=True, text=True, check=True)
        return done.stdout.splitlines()


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM], ids=lambda number: number.name)
@pytest.mark.parametrize("how", [[], ["--no-plan"], ["--no-wait"]], ids=["", "no plan", "no wait"])
def test_nothing_is_done_twice_and_nothing_is_left_out(place: Place, number: signal.Signals, how: list[str]) -> None:
    place.end_in_the_middle(number, how)
    assert place.said == WORDS[:6]
    resumed = place.run("@local", "deploy.py", "-y", "--resume", *how).must(0)
    assert place.said == WORDS
    assert "Config changed in run" in resumed.stderr
    first, second = place.query("SELECT id FROM runs ORDER BY began")
    status = {signal.SIGKILL: "killed", signal.SIGINT: "interrupted", signal.SIGTERM: "terminated"}[number]
    assert place.query("SELECT status, resumes FROM runs ORDER BY began") == [f"{status}|", f"ok|{first}"]
    done = place.query(f"SELECT count(*) FROM results WHERE run = '{second}' AND done_in = '{first}'")
    assert done == ["7"]  # the config, five words before, one inside
    assert place.query("SELECT count(*) FROM hosts WHERE status = 'cancelled'") == ["1"]
    place.run("@local", "deploy.py", "-y", *how).must(0)
    assert place.said == WORDS + [word for word in WORDS if word not in ("reload", "restart")]


def test_without_resume_what_is_owed_happens_all_the_same(place: Place) -> None:
    place.end_in_the_middle(signal.SIGKILL)
    place.run("@local", "deploy.py", "-y").must(0)
    assert place.said == WORDS[:6] + WORDS
    assert list((place.state / "ropewalk" / "owed").glob("*.jsonl")) == []


def test_two_killed_runs_in_a_row(place: Place) -> None:
    place.end_in_the_middle(signal.SIGKILL)
    (place.out / "go").unlink()
    place.end_in_the_middle(signal.SIGKILL, ["--resume"])
    place.run("@local", "deploy.py", "-y", "--resume").must(0)
    assert place.said == WORDS


def test_two_runs_at_once_are_both_recorded(place: Place) -> None:
    (place.out / "go").touch()
    environment = {"XDG_STATE_HOME": str(place.state)}
    words = ["@local", "server.shell", "sleep 0.2", "-y"]
    runs = [Running(words, cwd=place.work, environment=environment) for _ in range(4)]
    with contextlib.ExitStack() as stack:
        for running in runs:
            stack.enter_context(running)
        for running in runs:
            assert "warning" not in running.wait().must(0).stderr
    assert place.query("SELECT count(*), count(DISTINCT id), min(status), max(status) FROM runs") == ["4|4|ok|ok"]


OVER_SSH = """\
from ropewalk import host
from ropewalk.operations import files, server

OUT = f"{out}/{{host.name}}"


def say(word, **how):
    server.shell(name=word, commands=[f"echo {{word}} >> {{OUT}}/said"], **how)


config = files.line(name="Config", path=f"{{OUT}}/conf", line="x", present=host.name != "c")
say("migrate", _run_once=True)
say("one")
wait = f"test {{host.name}} != b -o -e {{OUT}}/go || exec sleep 60"
server.shell(name="Wait", commands=[f"touch {{OUT}}/waiting; {{wait}}"])
say("restart", _if=config.did_change)
server.shell(name="Check", commands=[f"test {{host.name}} != a -o -e {{OUT}}/approved"])
say("end")
"""


@pytest.fixture
def server(tmp_path: Path) -> Iterator[sshd.Sshd]:
    reason = sshd.unavailable()
    if reason is not None:
        pytest.skip(reason)
    (tmp_path / "sshd").mkdir()
    started = sshd.Sshd(tmp_path / "sshd").start()
    yield started
    started.stop()


@pytest.mark.sshd
def test_several_hosts_over_ssh(place: Place, server: sshd.Sshd) -> None:
    for name in "abc":
        (place.out / name).mkdir()
    known = server.directory / "known_hosts"
    known.write_text(server.known_hosts_line)
    data = {
        "ssh_hostname": "127.0.0.1", "ssh_port": server.port, "ssh_user": "root", "ssh_key": str(server.client_key),
        "ssh_known_hosts_file": str(known),
    }  # fmt: skip
    (place.work / "inventory.py").write_text(f"hosts = (['a', 'b', 'c'], {data!r})\n")
    (place.work / "deploy.py").write_text(OVER_SSH.format(out=place.out))
    words = ["inventory.py", "deploy.py", "-y"]

    def said() -> list[list[str]]:
        paths = [place.out / name / "said" for name in "abc"]
        return [path.read_text().split() if path.exists() else [] for path in paths]

    with Running(words, cwd=place.work, environment={"XDG_STATE_HOME": str(place.state)}) as running:
        running.until(lambda: all((place.out / name / "waiting").exists() for name in "abc"), "all wait")
        journal = next((place.state / "ropewalk" / "runs").iterdir())
        running.until(lambda: journal.read_text().count('"outcome":"changed"') == 2 * 8, "two have ended the step")
        running.interrupt(signal.SIGKILL)
        running.wait()
    assert said() == [["migrate", "one"], ["one"], ["one"]]
    (place.out / "b" / "go").touch()
    place.run(*words, "--resume").must(1)  # a does not pass the check
    assert said() == [["migrate", "one", "restart"], ["one", "restart", "end"], ["one", "end"]]
    assert place.query("SELECT name, hosts.status FROM hosts JOIN runs ON id = run WHERE resumes IS NOT NULL") == [
        "a|failed", "b|ok", "c|ok",
    ]  # fmt: skip
    (place.out / "a" / "approved").touch()
    ended = place.run(*words, "--failed").must(0)
    assert "1 host" in ended.stderr
    assert said() == [["migrate", "one", "restart", "migrate", "one", "end"], *said()[1:]]
