"""What GitHub Actions shows: one annotation for each root cause, a summary that nothing can break."""

from __future__ import annotations

import re
import urllib.parse
from pathlib import Path

import pytest
from stories import STORIES, apply, begin, command, end, failed, failure, operation

from ropewalk.model.event import Event, Failure, Location, Noted
from ropewalk.model.outcome import ExitStatus, HostStatus
from ropewalk.model.result import RunResult
from ropewalk.report import github
from ropewalk.report.github_summary import summary, text


def folded(events: list[Event]) -> RunResult:
    result = RunResult()
    for event in events:
        result.take(event)
    return result


def parsed(line: str) -> tuple[dict[str, str], str]:
    """Read a workflow command as GitHub's runner does: split first, then unescape."""
    found = re.fullmatch(r"::error ([^\r\n]*?)::([^\r\n]*)", line)
    assert found is not None, line
    properties = dict(entry.split("=", 1) for entry in found[1].split(","))
    return {key: urllib.parse.unquote(value) for key, value in properties.items()}, urllib.parse.unquote(found[2])


def annotated(events: list[Event], workspace: str | None = ".") -> list[tuple[dict[str, str], str]]:
    return [parsed(line) for line in github.commands(folded(events), workspace=workspace)]


@pytest.mark.parametrize("name", STORIES)
def test_what_did_not_go_well_is_annotated(name: str) -> None:
    events = STORIES[name]()
    assert bool(annotated(events)) is not folded(events).ok


def test_a_failure_is_at_its_line() -> None:
    [(about, message)] = annotated(STORIES["one_of_three_fails"]())
    assert about == {"file": "deploy.py", "line": "4", "title": "Install nginx"}
    assert message.split("\n") == [
        "failed on web2",
        "$ apt-get install -y nginx",
        "exit status 100",
        "stdout | Reading package lists...",
        "stderr | E: Unable to locate nginx",
    ]


def test_root_causes_only_and_hosts_together() -> None:
    [(about, _)] = annotated(STORIES["nested_failure"]())
    assert about == {"file": "deploy.py", "line": "31", "title": "Roll out the app > Migrate the database"}
    assert annotated(STORIES["nested_failure_ignored_outside"]()) == []
    first, second = annotated(STORIES["many_hosts"]())
    assert first[1].startswith("failed on 39 hosts: web011")
    assert second[1].startswith("failed on 15 hosts")


def test_an_error_of_the_plan_is_at_its_line() -> None:
    [(about, message)] = annotated(STORIES["error_in_plan"]())
    assert (about["file"], about["line"]) == ("deploy.py", "7")
    assert "cannot be planned on web1, web2" in message


def test_a_host_that_cannot_be_reached_has_no_line() -> None:
    [(about, message)] = annotated(STORIES["one_unreachable"]())
    assert about == {"title": "unreachable"}
    assert "is sshd running?" in message


def test_what_belongs_to_no_host_is_told() -> None:
    [(about, _)] = annotated(STORIES["usage_error"]())
    assert about == {"file": "deploi.py", "line": "1", "title": "ropewalk: usage"}
    events = [*begin("web1"), Noted("error", "a callback failed"), *end(ExitStatus.FAILED, {"web1": HostStatus.OK})]
    assert annotated(events) == [({"title": "ropewalk: failed"}, "a callback failed")]


def _fails_at(file: str, line: int = 3, message: str = "exit status 1") -> list[Event]:
    broken = failed("web1", operation(1, "x"), Failure("CommandFailed", message, where=Location(file, line)))
    return [*begin("web1"), *apply(broken), *end(ExitStatus.FAILED, {"web1": broken.failure or failure()})]


@pytest.mark.parametrize(
    ("file", "shown"),
    [("deploy.py", "site/deploy.py"), ("../shared.py", "shared.py"), ("/etc/passwd", None), ("../../x.py", None)],
)
def test_paths_are_those_of_the_repository(
    file: str, shown: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "repository" / "site").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "repository" / "site")
    [(about, message)] = annotated(_fails_at(file), workspace=str(tmp_path / "repository"))
    assert (about["file"], about["line"]) == ((shown, "3") if shown else ("site/deploy.py", "1"))  # where it was called
    assert (f"at {file}:3" in message) is (shown is None)


def test_what_is_nowhere_in_the_repository_has_no_line(tmp_path: Path) -> None:
    [(about, message)] = annotated(_fails_at("/etc/passwd"), workspace=str(tmp_path))
    assert about == {"title": "x"}
    assert "at /etc/passwd:3" in message
    [(about, _)] = annotated(_fails_at("deploy.py"), workspace=None)
    assert about == {"title": "x"}


def test_the_workspace_may_be_a_link(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    monkeypatch.chdir(tmp_path / "real")
    [(about, _)] = annotated(_fails_at("deploy.py"), workspace=str(tmp_path / "link"))
    assert about["file"] == "deploy.py"


NASTY = "a%0A, b: c=d\n::error file=x::injected\r::stop-commands::x\x1b[31m 100%"


def test_nothing_can_end_a_command_or_begin_another() -> None:
    bad = operation(1, NASTY)
    why = failure(NASTY, hint=NASTY, where=Location(f"{NASTY}.py", 3))
    broken = failed("web1", bad, why, commands=(command(NASTY, 1, NASTY, NASTY, error=NASTY),))
    story = [*begin("web1"), *apply(broken), *end(ExitStatus.FAILED, {"web1": why})]
    [line] = github.commands(folded(story), workspace=".")
    assert line.count("\n") == line.count("\r") == 0
    assert line.count("::") - line.partition("::failed on web1")[2].count("::") == 2
    about, message = parsed(line)
    assert set(about) == {"file", "line", "title"}
    assert about["title"] == "a%0A, b: c=d ::error file=x::injected?::stop-commands::x 100%"
    assert "100%" in message


@pytest.mark.parametrize("name", STORIES)
def test_every_run_has_a_summary(name: str) -> None:
    events = STORIES[name]()
    result, told = folded(events), summary(folded(events))
    assert told.startswith("### \u2705" if result.ok else "### \u274c")
    assert len(told) < 100_000
    assert "\x1b" not in told


def test_the_summary_tells_hosts_and_root_causes() -> None:
    told = summary(folded(STORIES["nested_failure"]()))
    assert "| web1 | failed | 0 | 0 | 0 | 0 | 1 | 1 |" in told
    assert "| web2 | ok | 3 | 0 | 0 | 0 | 0 | 0 |" in told
    assert "**Roll out the app &gt; Migrate the database**: failed on web1 at deploy.py:31" in told
    assert told.count("```") == 2
    assert "| web1 | ok | 2 | 0 |" in summary(folded(STORIES["refused"]())).replace("| 1 | 0 |", "| 2 | 0 |")


def test_hosts_that_did_not_end_well_come_first_where_there_are_many() -> None:
    rows = [line for line in summary(folded(STORIES["many_hosts"]())).splitlines() if line.startswith("| web")]
    assert len(rows) == 100
    assert [("| failed |" in row) for row in rows] == [True] * 54 + [False] * 46


def test_nothing_ends_a_block_or_a_cell() -> None:
    output = "```\n# not a heading\n````\n"
    broken = failed("a|b", operation(1, "<b>*x*"), commands=(command("x", 1, output),))
    story = [*begin("a|b"), *apply(broken), *end(ExitStatus.FAILED, {"a|b": failure()})]
    told = summary(folded(story))
    assert told.count("`````") == 2
    assert "| a\\|b | failed |" in told
    assert "**&lt;b&gt;\\*x\\***" in told
    assert text("@team #1 ~x~ [a](b)") == "\\@team \\#1 \\~x\\~ \\[a\\](b)"


def test_long_output_is_cut() -> None:
    causes = [failed("web1", operation(n, f"op {n}"), commands=(command("x", 1, "y" * 50_000),)) for n in range(80)]
    story = [*begin("web1"), *apply(*causes), *end(ExitStatus.FAILED, {"web1": failure("exit status 1")})]
    told = summary(folded(story))
    assert len(told) < 500_000
    assert "... and 30 more root causes" in told
