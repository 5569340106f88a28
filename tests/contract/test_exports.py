"""One run on ten servers with everything that can become of them, in every format; and runs that are stopped."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import junitparser
import pytest

from support import event_lines
from support.e2e_run import Ended, Running, run
from support.event_lines import Line, of
from support.otlp import Collector, collecting
from support.sshd import Sshd, free_port

DEPLOY = """
from ropewalk import host
from ropewalk.operations import files, python, server

number = int(host.data.number)

files.directory(name="Directory", path=f"{host.data.root}/app")
server.shell(name="Flaky", commands=[f"cd {host.data.root} && [ -e tried ] || {{ touch tried; exit 7; }}"],
             _retries=2, _retry_delay=0.01)
server.shell(name="Tolerated", commands=["echo never mind >&2; exit 5"], _ignore_errors=True)
server.shell(name="Once", commands=["echo once"], _run_once=True)
server.shell(name="Even only", commands=["true"], _if=lambda: number % 2 == 0)


def roll_out():
    server.shell(name="Unpack", commands=["echo unpacked"])
    status = 3 if number == 4 else 0
    server.shell(name="Migrate", commands=[f"echo 'no such table: \\x1b[31m{number}\\x01' >&2; exit {status}"])


python.call(name="Roll out", function=roll_out)
if number == 6:
    raise RuntimeError("not on this one")
server.shell(name="Finish", commands=["echo done" if number != 8 else "echo $SECRET; exit 9"],
             _env={"SECRET": host.data.secret})
"""
INVENTORY = """
from ropewalk.api import Secret

hosts = [(name, {{**data, "secret": Secret("tiger-11d0")}}) for name, data in {hosts!r}]
"""
TEN = [f"host{number}" for number in range(10)]
#: host9 cannot be reached, 4 fails inside a callback, 6 in deploy code (and so in the plan), 8 at the end.
FAILED = {"host4", "host6", "host8"}
WELL = set(TEN) - FAILED - {"host9"}


def line_of(text: str) -> int:
    """Return the line of the deploy that has this text."""
    [found] = [number for number, line in enumerate(DEPLOY.splitlines(), 1) if text in line]
    return found


Exported = tuple[Ended, Path, Collector]


def _reached_by(server: Sshd, folder: Path) -> dict[str, Any]:
    return {
        "ssh_hostname": "127.0.0.1", "ssh_port": server.port, "ssh_user": "root", "ssh_key": str(server.client_key),
        "ssh_known_hosts_file": str(folder / "known_hosts"), "ssh_strict_host_key_checking": "accept-new",
    }  # fmt: skip


@pytest.fixture
def exported(tmp_path: Path, new_sshd: Callable[..., Sshd]) -> Exported:
    """Return how the run ended, the directory it ran in, and what the collector received."""
    servers = [new_sshd() for _ in TEN[:-1]]
    away = {"ssh_hostname": "127.0.0.1", "ssh_port": free_port(), "root": "/nonexistent"}
    hosts: list[tuple[str, dict[str, Any]]] = [(name, {**away, "number": number}) for number, name in enumerate(TEN)]
    for (_, there), server in zip(hosts, servers, strict=False):
        there.update(_reached_by(server, tmp_path), root=str(server.directory))
    (tmp_path / "inventory.py").write_text(INVENTORY.format(hosts=hosts))
    (tmp_path / "deploy.py").write_text(DEPLOY)
    words = ["-y", "inventory.py", "deploy.py", "--events", "-", "--junit", "report.xml"]
    with collecting() as collector:
        environment = {
            "OTEL_EXPORTER_OTLP_ENDPOINT": collector.endpoint, "GITHUB_ACTIONS": "true",
            "GITHUB_WORKSPACE": str(tmp_path), "GITHUB_STEP_SUMMARY": str(tmp_path / "summary.md"),
        }  # fmt: skip
        ended = run(*words, cwd=tmp_path, environment=environment).must(1)
    return ended, tmp_path, collector


def test_ten_hosts_in_every_format(exported: Exported) -> None:
    ended, folder, collector = exported
    lines = event_lines.read(ended.stdout)
    _check_events(lines)
    _check_with_jq(ended.stdout)
    _check_junit(folder / "report.xml")
    _check_traces(collector, lines)
    _check_annotations(ended.stderr, (folder / "summary.md").read_text())
    everything = [ended.stdout, ended.stderr, *(path.read_text() for path in folder.glob("*.[xm][md]*"))]
    assert len(everything) == 4
    assert [text for text in [*everything, str(collector.spans)] if "tiger" in text] == []


def _check_events(lines: list[Line]) -> None:
    ended = of(lines, "operation_ended")
    outcomes = {name: Counter(e["outcome"] for e in ended if e["operation"]["name"] == name) for name in OUTCOMES}
    assert outcomes == OUTCOMES
    status = {line["host"]: line["status"] for line in of(lines, "host_ended")}
    assert status == {
        **dict.fromkeys(WELL, "ok"), **dict.fromkeys(FAILED, "failed"), "host9": "unreachable"
    }  # fmt: skip
    assert len(of(lines, "operation_retried")) == 8
    names = {line["operation"]["id"]: line["operation"]["name"] for line in ended}
    parents = {line["operation"]["name"]: names.get(line["operation"]["parent"] or "") for line in ended}
    assert (parents["Unpack"], parents["Migrate"], parents["Finish"]) == ("Roll out", "Roll out", None)
    said = Counter(line["line"] for line in of(lines, "output_line") if line["stream"] == "stdout")
    assert (said["unpacked"], said["once"], said["done"], said["*****"]) == (8, 1, 6, 1)


OUTCOMES = {
    "Directory": {"changed": 8},
    "Flaky": {"changed": 8},
    "Tolerated": {"ignored": 8},
    "Once": {"changed": 1, "skipped": 7},
    "Even only": {"changed": 4, "skipped": 4},
    "Unpack": {"changed": 8},
    "Migrate": {"changed": 7, "failed": 1},
    "Roll out": {"changed": 7, "failed": 1},
    "Finish": {"changed": 6, "failed": 1},
}


def _check_with_jq(text: str) -> None:
    if shutil.which("jq") is None:
        return
    program = (
        'select(.event == "operation_ended" and .outcome == "failed") | [.host, .operation.name, .failure.message]'
    )
    done = subprocess.run(["jq", "-c", program], input=text, capture_output=True, text=True, check=True)
    found = sorted(tuple(json.loads(line)) for line in done.stdout.splitlines())
    assert found == [
        ("host4", "Migrate", "exit status 3"),
        ("host4", "Roll out", "Migrate: exit status 3"),
        ("host8", "Finish", "exit status 9"),
    ]


def _check_junit(path: Path) -> None:
    made = junitparser.JUnitXml.fromfile(str(path))
    found = {(case.classname, case.name): case for suite in made for case in suite}
    assert [suite.name for suite in made] == TEN
    assert {suite.name for suite in made if suite.failures + suite.errors} == {*FAILED, "host9"}
    bad = {key: case.result[0] for key, case in found.items() if case.result and not case.is_skipped}
    assert {key: (type(why).__name__, why.type) for key, why in bad.items()} == {
        ("host4", "Roll out"): ("Failure", "NestedFailure"),
        ("host4", "Roll out > Migrate"): ("Failure", "CommandFailed"),
        ("host6", "(deploy code)"): ("Error", "RuntimeError"),
        ("host8", "Finish"): ("Failure", "CommandFailed"),
        ("host9", "(connect)"): ("Error", "ConnectError"),
    }
    migrate = bad["host4", "Roll out > Migrate"].text
    assert "exit status 3" in migrate
    assert "no such table: 4?" in migrate
    assert f"at deploy.py:{line_of('Migrate')}" in migrate
    for key, message in SKIPPED.items():
        assert found[key].is_skipped
        assert found[key].result[0].message.startswith(message)


SKIPPED = {
    ("host0", "Tolerated"): "failed, which was ignored: exit status 5",
    ("host1", "Once"): "another host ran it",
    ("host1", "Even only"): "",
    ("host4", "Finish"): "not run",
}


def _check_traces(collector: Collector, lines: list[Line]) -> None:
    [root] = [span for span in collector.spans if not span.parent]
    assert (root.failed, root.attributes["ropewalk.run"]) == (True, lines[0]["run"])
    for name, host in (("Migrate", "host4"), ("Unpack", "host0")):
        [span] = [span for span in collector.named(name) if span.attributes["ropewalk.host"] == host]
        assert collector.path(span) == ["ropewalk deploy", host, "Roll out", name]
        assert span.failed is (name == "Migrate")
    assert {span.name for span in collector.spans if span.failed and span.name in TEN} == {*FAILED, "host9"}
    assert [span.events for span in collector.named("Flaky")] == [("retry",)] * 8
    [refused] = [span for span in collector.named("connect") if span.failed]
    assert refused.attributes["ropewalk.host"] == "host9"
    commands = sum(line["event"] == "command_ended" for line in lines)
    assert sum("ropewalk.command" in span.attributes for span in collector.spans) == commands
    for span in collector.spans:
        if span.parent:
            assert collector.parent(span).began <= span.began <= span.ended


def _check_annotations(err: str, summary: str) -> None:
    found = [line.split("::")[1] for line in err.splitlines() if line.startswith("::")]
    assert sorted(found) == [
        f"error file=deploy.py,line={line_of('Migrate')},title=Roll out > Migrate",
        f"error file=deploy.py,line={line_of('raise')},title=deploy code",
        f"error file=deploy.py,line={line_of('Finish')},title=Finish",
        "error title=unreachable",
    ]
    rows = [line for line in summary.splitlines() if line.startswith("| host")]
    assert len(rows) == 1 + len(TEN)
    assert "| host4 | failed | 4 | 0 | 1 | 1 | 1 | 1 |" in rows
    assert "| host9 | unreachable | 0 | 0 | 0 | 0 | 0 | 0 |" in rows


# -- runs that are stopped ------------------------------------------------------------------------------

STOPPED = """
from pathlib import Path
from ropewalk.operations import python, server

server.shell(name="before", commands=["true"])


def outer():
    server.shell(name="inner", commands=["touch {began}; sleep 600"])


python.call(name="outer", function=outer)
"""


def _stopping(folder: Path, deploy: str, inventory: str) -> Running:
    (folder / "deploy.py").write_text(deploy)
    words = ["-y", inventory, "deploy.py", "--events", "e.jsonl", "--junit", "j.xml"]
    return Running(words, cwd=folder)


def _check_stopped(folder: Path, status: int) -> list[Line]:
    lines = event_lines.read((folder / "e.jsonl").read_text())
    assert lines[-1]["exit_code"] == status
    made = junitparser.JUnitXml.fromfile(str(folder / "j.xml"))
    assert made.errors
    assert made.errors + made.skipped + made.failures < made.tests or not of(lines, "operation_ended")
    return lines


@pytest.mark.parametrize(("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_what_has_begun_has_ended_after_a_signal(tmp_path: Path, number: int, status: int) -> None:
    began = tmp_path / "began"
    with _stopping(tmp_path, STOPPED.format(began=began), "@local") as running:
        running.until(began.exists, "the command runs")
        running.interrupt(number)
        running.wait(within=20).must(status)
    lines = _check_stopped(tmp_path, status)
    ended = {line["operation"]["name"]: line["outcome"] for line in of(lines, "operation_ended")}
    assert ended == {"before": "changed", "inner": "cancelled", "outer": "cancelled"}
    assert [line["exit_code"] for line in of(lines, "run_stopping")] == [status]


def test_what_has_begun_has_ended_after_a_second_ctrl_c(tmp_path: Path, new_sshd: Callable[..., Sshd]) -> None:
    server, began = new_sshd(), tmp_path / "began"
    there = _reached_by(server, tmp_path)
    (tmp_path / "inventory.py").write_text(f"hosts = [('box', {there!r})]\n")
    with _stopping(tmp_path, STOPPED.format(began=began), "inventory.py") as running:
        running.until(began.exists, "the command runs")
        frozen = server.freeze_connections()
        running.interrupt()
        running.says("Ctrl-C again leaves at once")
        running.interrupt()
        running.wait(within=10).must(130)
        for pid in frozen:
            os.kill(pid, signal.SIGCONT)
    lines = _check_stopped(tmp_path, 130)
    ended = {line["operation"]["name"]: line["outcome"] for line in of(lines, "operation_ended")}
    assert ended == {"before": "changed", "inner": "cancelled", "outer": "cancelled"}
    broken = [line["result"]["error"] for line in of(lines, "command_ended") if not line["result"]["ok"]]
    assert broken == ["interrupted", "interrupted"]


def test_a_connection_that_is_not_waited_for_has_ended(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        there = {"ssh_hostname": "127.0.0.1", "ssh_port": silent.getsockname()[1], "ssh_user": "root"}
        (tmp_path / "inventory.py").write_text(f"hosts = ['@local', ('box', {there!r})]\n")
        with _stopping(tmp_path, "", "inventory.py") as running:
            file = tmp_path / "e.jsonl"
            running.until(lambda: file.exists() and "connect_ended" in file.read_text(), "one host is reached")
            running.interrupt()
            running.wait(within=20).must(130)
    lines = _check_stopped(tmp_path, 130)
    [(why, status)] = [
        (line["failure"]["message"], next(e["status"] for e in of(lines, "host_ended") if e["host"] == "box"))
        for line in of(lines, "connect_ended")
        if line["host"] == "box"
    ]
    assert (why, status) == ("stopped while connecting", "cancelled")


def test_events_are_there_while_the_run_goes_on(tmp_path: Path) -> None:
    began = tmp_path / "began"
    with _stopping(tmp_path, STOPPED.format(began=began), "@local") as running:
        running.until(began.exists, "the command runs")
        file = tmp_path / "e.jsonl"
        running.until(lambda: '"inner"' in file.read_text().rpartition("operation_started")[2], "it is in the file")
        assert file.read_text().endswith("\n")
        assert not (tmp_path / "j.xml").exists()
        running.interrupt()
        running.wait(within=20).must(130)
