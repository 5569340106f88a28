"""``history``, ``show``, ``diff``, ``stats``, ``--failed``, ``--resume``: whole invocations on this machine."""

from __future__ import annotations

import json
import os
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import jsonschema
import pytest

from ropewalk.cli import earlier
from ropewalk.cli.main import main

SCHEMA = json.loads((Path(__file__).parents[3] / "docs" / "schema" / "run.json").read_text())

DEPLOY = """\
from ropewalk import host
from ropewalk.operations import files, server
server.shell(name="One", commands=["echo one >> log"])
server.shell(name="Two", commands=["test -e repaired && echo two >> log"])
"""


@pytest.fixture(autouse=True)
def _directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    monkeypatch.setattr(sys, "path", [*sys.path])
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    for name in ("ROPEWALK_YES", "PYINFRA_YES"):
        monkeypatch.delenv(name, raising=False)
    Path("deploy.py").write_text(DEPLOY)


Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(capfd: pytest.CaptureFixture[str]) -> Run:
    def invoke(*argv: str) -> tuple[int, str, str]:
        status = main(list(argv))
        out, err = capfd.readouterr()
        return status, out, err

    return invoke


def ids(run: Run) -> list[str]:
    return [row["id"] for row in json.loads(run("history", "--json")[1])["runs"]]


def log() -> list[str]:
    return Path("log").read_text().split()


def test_runs_are_listed_last_one_first(run: Run) -> None:
    assert run("history")[:2] == (0, "no runs yet\n")
    run("@local", "deploy.py", "-y")
    run("@local", "server.shell", "id", "-y")
    status, out, err = run("history")
    assert (status, err) == (0, "")
    first, second = out.splitlines()
    assert "ok" in first
    assert "server.shell" in first
    assert "failed" in second
    assert "1 host, 1 not ok; 1 changed, 1 failed" in second
    assert len(run("history", "-n", "1")[1].splitlines()) == 1


@pytest.mark.parametrize(
    "words",
    [
        ["@local", "deploy.py", "--dry"],
        ["@local", "deploy.py", "-y", "--no-history"],
        ["@local", "exec", "--", "true"],
        ["@local", "fact", "server.Hostname"],
        ["@local", "deploy.py", "--json"],
    ],
)
def test_what_is_not_recorded(run: Run, words: list[str]) -> None:
    run(*words)
    assert ids(run) == []


def test_config_turns_it_off(run: Run) -> None:
    Path("config.py").write_text(
        "from ropewalk import config\nconfig.HISTORY = False\nconfig.PENDING_CHANGES = False\n"
    )
    run("@local", "deploy.py", "-y")
    assert not Path(os.environ["XDG_STATE_HOME"], "ropewalk").exists()


def test_config_says_how_much_is_kept(run: Run) -> None:
    Path("config.py").write_text("from ropewalk import config\nconfig.HISTORY_RUNS = 2\n")
    for _ in range(3):
        run("@local", "server.shell", "id", "-y")
    assert len(ids(run)) == 2


def test_a_run_is_told_again(run: Run) -> None:
    told = run("@local", "deploy.py", "-y")[2]
    status, out, err = run("show")
    assert (status, err) == (0, "")
    assert out.startswith(f"run {ids(run)[0]}: @local deploy.py\n")
    assert out.endswith(told)


def test_a_run_in_other_formats(run: Run) -> None:
    written = json.loads(run("@local", "deploy.py", "-y", "--json")[1])
    shown = json.loads(run("show", "-1", "--format", "json")[1])
    jsonschema.Draft202012Validator(SCHEMA).validate(shown)
    assert shown == written
    lines = [json.loads(line) for line in run("show", "last", "--format", "jsonl")[1].splitlines()]
    assert [line["event"] for line in (lines[0], lines[-1])] == ["run_started", "run_ended"]
    assert {line["run"] for line in lines} == set(ids(run))
    suites = ElementTree.fromstring(run("show", "--format", "junit")[1])
    assert suites.get("failures") == "1"


def test_how_runs_differ_and_what_is_slow(run: Run) -> None:
    run("@local", "deploy.py", "-y")
    Path("repaired").touch()
    run("@local", "deploy.py", "-y")
    old, new = ids(run)[::-1]
    for words in (["-2", "-1"], [old, new], [old[:6], "last"]):
        out = run("diff", *words)[1]
        assert out.startswith(f"from {old} to {new}: 2 differences\n")
        assert "Two" in out
        assert "failed -> changed" in out
    found = json.loads(run("diff", "-2", "-1", "--json")[1])
    assert [entry["operation"] for entry in found["differences"]] == ["(host)", "Two"]
    out = run("stats")[1]
    assert "One" in out
    assert "@local" in out
    assert json.loads(run("stats", "--json")[1])["flakiest"] == [
        {"host": "@local", "runs": 2, "failed": 1, "unreachable": 0}
    ]


def test_statistics_as_a_page(run: Run) -> None:
    run("@local", "deploy.py", "-y")
    status, out, err = run("stats", "--html", "page.html", "--json")
    assert (status, err) == (0, "")
    page = Path("page.html").read_text()
    shown = page.partition('<script type="application/json" id="data">')[2].partition("</script>")[0]
    assert json.loads(shown) == json.loads(out)
    [entry] = json.loads(out)["runs"]
    assert (entry["id"], entry["status"], entry["failed_hosts"]) == (ids(run)[0], "failed", 1)
    assert run("stats", "--html=page.html")[1] == run("stats")[1]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["stats", "--html", "nowhere/page.html"], "nowhere/page.html cannot be written: No such file"),
        (["stats", "--html", "."], ". cannot be written: Is a directory"),
        (["show"], "the history has no runs"),
        (["show", "xyz"], "'xyz' is not a run"),
        (["diff", "last"], "missing argument"),
        (["show", "--format", "pdf"], "invalid value"),
        (["history", "-n", "0"], "invalid value"),
    ],
)
def test_mistakes(run: Run, words: list[str], says: str) -> None:
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert says in err


@pytest.mark.parametrize(
    ("argv", "meant"),
    [
        (["history"], True), (["history", "-n", "3"], True), (["show", "last"], True), (["show", "-1"], True),
        (["diff", "aa", "bb"], True), (["stats", "--json"], True),
        (["stats", "--html", "stats.html"], True), (["stats", "--html", "stats.html", "deploy.py"], False),
        (["history", "deploy.py"], False), (["show", "exec", "--", "uptime"], False),
        (["stats", "server.shell", "true"], False), (["diff", "debug-inventory"], False), ([], False),
        (["web1"], False),
        (["show", "my_ops:restart"], False), (["diff", "fact", "server.Hostname"], False),
    ],
)  # fmt: skip
def test_hosts_may_be_called_like_a_command(argv: list[str], meant: bool) -> None:
    assert earlier.is_meant(argv) is meant


def test_a_file_of_that_name_is_an_inventory() -> None:
    Path("history").write_text("@local\n")
    assert earlier.is_meant(["history"]) is False


@pytest.mark.parametrize("words", ["--failed", "--failed=last", "--limit @failed", "--limit @failed:last"])
def test_only_hosts_that_failed(run: Run, words: str) -> None:
    run("@local", "deploy.py", "-y")
    Path("repaired").touch()
    status, _, err = run(*words.split(), "@local", "deploy.py", "-y")
    assert (status, log()) == (0, ["one", "one", "two"])
    status, _, err = run(*words.split(), "@local", "deploy.py", "-y")
    assert status == 2
    assert "no host failed in run" in err


def test_a_failed_host_that_is_not_there(run: Run) -> None:
    run("@local", "deploy.py", "-y")
    status, _, err = run("--failed", "web1", "exec", "--", "true")
    assert status == 2
    assert "none of the hosts that failed" in err
    status, _, err = run("--failed", "--exclude", "@local", "@local,web1", "exec", "--", "true")
    assert status == 2
    assert "no host is left to work on" in err


def test_what_was_done_is_left_out(run: Run) -> None:
    run("@local", "deploy.py", "-y")
    Path("repaired").touch()
    status, _, err = run("@local", "deploy.py", "-y", "--resume")
    assert (status, log()) == (0, ["one", "two"])
    assert f"done in run {ids(run)[1]}" in err
    assert json.loads(run("history", "--json")[1])["runs"][0]["resumes"] == ids(run)[1]


@pytest.mark.parametrize(
    ("change", "words", "says"),
    [
        (lambda: Path("deploy.py").write_text(DEPLOY + "\n"), ["deploy.py"], "deploy.py changed since"),
        (lambda: Path("new.py").write_text(""), ["deploy.py"], "new.py changed since"),
        (lambda: Path("other.py").write_text(DEPLOY), ["other.py"], "it was of deploy.py"),
        (lambda: None, ["deploy.py", "--data", "x=1"], "the data of @local changed since"),
        (lambda: None, ["server.shell", "true"], "--resume is for deploys"),
        (lambda: None, ["deploy.py", "--failed"], "exclude each other"),
    ],
)
def test_only_the_same_deploy_can_be_resumed(
    run: Run, change: Callable[[], object], words: list[str], says: str
) -> None:
    run("@local", "deploy.py", "-y")
    change()
    status, _, err = run("@local", *words, "-y", "--resume")
    assert status == 2
    assert says in err
    assert log() == ["one"]


def test_a_read_only_state_directory_costs_a_warning(run: Run, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("")
    Path("repaired").touch()
    status, _, err = run("@local", "deploy.py", "-y")
    assert status == 0
    assert err.count("warning: ") == 2
    assert "this run will not be in the history: " in err


def test_a_later_history_costs_a_warning(run: Run, tmp_path: Path) -> None:
    directory = tmp_path / "state" / "ropewalk"
    directory.mkdir(parents=True)
    with sqlite3.connect(directory / "history.db") as connection:
        connection.execute("PRAGMA user_version = 99")
    connection.close()
    Path("repaired").touch()
    status, _, err = run("@local", "deploy.py", "-y")
    assert status == 0
    assert "warning: this run is not in the history yet: " in err
    assert run("history")[0] == 1
    (directory / "history.db").unlink()
    assert len(ids(run)) == 1  # the journal was still there
