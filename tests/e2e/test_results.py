"""One run on ten hosts, exported to everything there is, and each export read by a program that is not of ours."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import junitparser
import pytest

from support import event_lines, oteltap
from support.browser import headless, one, wait
from support.e2e_lab import Lab
from support.e2e_run import Ended
from support.e2e_site import Site

DEPLOY = """
from io import StringIO
from ropewalk import host

config = files.put(name="Configure", src=StringIO("workers = 4\\n"), dest="/etc/app.conf")
server.shell(
    name="Fetch", commands=["echo >> /tmp/tries; test $(wc -l < /tmp/tries) -ge 2 || { echo too busy >&2; exit 75; }"],
    _retries=2, _retry_delay=0,
)
server.shell(name="Warm up", commands=["echo no cache here >&2; exit 4"], _ignore_errors=True)
server.shell(name="Only on web servers", commands=["touch /tmp/web"], _if=lambda: "web" in host.groups)


def roll_out():
    server.shell(name="Migrate", commands=[
        f"echo migrating {host.name}", "test $(hostname) != BAD || { echo 'no table <users>' >&2; exit 3; }",
    ])
    server.shell(name="Announce", commands=["touch /tmp/announced"])


python.call(name="Roll out", function=roll_out)
server.shell(name="Restart", commands=["echo restarted >> /tmp/restarted"], _if=config.did_change)
"""
STEPS = ("Configure", "Fetch", "Warm up", "Only on web servers", "Roll out", "Migrate", "Announce", "Restart")


@dataclass(frozen=True)
class Results:
    """The run: how it ended, where its exports are, the hosts that did not end well."""

    site: Site
    ended: Ended
    bad: str
    away: str
    spans: list[dict[str, Any]]

    def file(self, name: str) -> Path:
        return self.site.directory / name

    @property
    def well(self) -> list[str]:
        return [server.name for server in self.site.servers if server.name not in (self.bad, self.away)]


@pytest.fixture(scope="module")
def results(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Results]:
    if (reason := oteltap.unavailable()) is not None:
        pytest.skip(reason)
    site = Site(tmp_path_factory.mktemp("results"), lab, lab.fresh(10))
    site.inventory()
    site.config("CONNECT_TIMEOUT = 3")
    bad, away = site.servers[2], site.servers[9]
    site.deploy(DEPLOY.replace("BAD", bad.exec("hostname").strip()))
    words = ["-y", "--json", "--diff", "inventory.py", "deploy.py"]
    words += ["--events", "run.jsonl", "--junit", "run.xml", "--html", "run.html"]
    with oteltap.receiving(site.directory) as receiver, away.unplugged():
        environment = {
            "XDG_STATE_HOME": str(site.directory / "state"), "OTEL_EXPORTER_OTLP_ENDPOINT": receiver.endpoint,
            "GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": str(site.directory),
            "GITHUB_STEP_SUMMARY": str(site.directory / "summary.md"),
        }  # fmt: skip
        ended = site.run(*words, environment=environment).must(1)
        yield Results(site, ended, bad.name, away.name, receiver.spans)


def test_json_is_as_its_schema_says(results: Results) -> None:
    document = results.ended.document
    statuses = {name: host["status"] for name, host in document["hosts"].items()}
    assert statuses == {**dict.fromkeys(results.well, "ok"), results.bad: "failed", results.away: "unreachable"}
    assert "warning" not in results.ended.stderr


def test_events_are_as_their_schema_says_and_jq_counts_them(results: Results) -> None:
    lines = event_lines.read(results.file("run.jsonl").read_text())
    kinds = {line["event"] for line in lines}
    assert kinds >= {
        "run_started", "pass_started", "connect_started", "connect_ended", "operation_planned", "operation_started",
        "operation_retried", "command_started", "output_line", "command_ended", "operation_ended", "fact_read",
        "host_ended", "pass_ended", "traffic_counted", "run_ended",
    }  # fmt: skip
    if (jq := shutil.which("jq")) is None:
        pytest.skip("needs jq")
    query = """[.[] | select(.event == "operation_ended")] | group_by(.operation.name)
        | map({key: .[0].operation.name, value: (group_by(.outcome) | map({key: .[0].outcome, value: length})
        | from_entries)}) | from_entries"""
    done = subprocess.run([jq, "-s", query, results.file("run.jsonl")], capture_output=True, text=True, check=True)
    assert json.loads(done.stdout) == {
        "Configure": {"changed": 9}, "Fetch": {"changed": 9}, "Warm up": {"ignored": 9},
        "Only on web servers": {"skipped": 9}, "Roll out": {"changed": 8, "failed": 1},
        "Migrate": {"changed": 8, "failed": 1}, "Announce": {"changed": 8}, "Restart": {"changed": 8},
    }  # fmt: skip


def test_events_tell_of_nesting_retries_differences_and_commands(results: Results) -> None:
    lines = event_lines.read(results.file("run.jsonl").read_text())
    ids = {line["operation"]["name"]: line["operation"] for line in event_lines.of(lines, "operation_started")}
    assert ids["Migrate"]["parent"] == ids["Roll out"]["id"]
    assert Counter(line["reason"] for line in event_lines.of(lines, "operation_retried")) == {"exit status 75": 9}
    [diff] = {
        (diff["path"], diff["before"], diff["after"])
        for line in event_lines.of(lines, "operation_ended")
        for diff in line["diffs"]
    }
    assert diff == ("/etc/app.conf", None, "workers = 4\n")
    failed = [
        line["result"]
        for line in event_lines.of(lines, "command_ended")
        if line["host"] == results.bad and line["operation"] == ids["Migrate"]["id"] and not line["result"]["ok"]
    ]
    assert [(result["exit_code"], result["stderr"]) for result in failed] == [(3, "no table <users>\n")]
    assert failed[0]["seconds"] >= 0
    said = {line["line"] for line in event_lines.of(lines, "output_line") if line["host"] == results.bad}
    assert said >= {f"migrating {results.bad}", "no table <users>", "no cache here", "too busy"}


def test_junit_is_read_by_junitparser(results: Results) -> None:
    report = junitparser.JUnitXml.fromfile(str(results.file("run.xml")))
    suites = {suite.name: {case.name: case for case in suite} for suite in report}
    assert list(suites) == [server.name for server in results.site.servers]
    names = [f"Roll out > {name}" if name in ("Migrate", "Announce") else name for name in STEPS]
    for host in results.well:
        assert list(suites[host]) == names
        verdicts = {name: [type(entry).__name__ for entry in case.result] for name, case in suites[host].items()}
        skipped = {"Warm up", "Only on web servers"}
        assert verdicts == {name: ["Skipped"] if name in skipped else [] for name in names}
        assert "failed, which was ignored" in suites[host]["Warm up"].result[0].message
    [failure] = suites[results.bad]["Roll out > Migrate"].result
    assert isinstance(failure, junitparser.Failure)
    assert all(text in failure.text for text in ("$ test $(hostname)", "exit status 3", "no table <users>"))
    [nested] = suites[results.bad]["Roll out"].result
    assert (type(nested), nested.type) == (junitparser.Failure, "NestedFailure")
    [unreachable] = suites[results.away]["(connect)"].result
    assert isinstance(unreachable, junitparser.Error)
    assert (report.failures, report.errors) == (2, 1)


def test_github_gets_one_annotation_for_each_root_cause(results: Results) -> None:
    errors = [line for line in results.ended.stderr.splitlines() if line.startswith("::error")]
    line = 1 + next(
        n for n, text in enumerate(results.file("deploy.py").read_text().splitlines()) if '"Migrate"' in text
    )
    assert len(errors) == 2
    assert errors[0].startswith(f"::error file=deploy.py,line={line},title=Roll out > Migrate::failed on {results.bad}")
    assert "no table <users>" in errors[0]
    assert errors[1].startswith(f"::error title=unreachable::unreachable on {results.away}")
    summary = results.file("summary.md").read_text()
    assert f"| {results.bad} | failed | 2 | 0 | 1 | 1 | 1 | 1 |" in summary


def test_history_is_read_by_sqlite3(results: Results) -> None:
    if (sqlite3 := shutil.which("sqlite3")) is None:
        pytest.skip("needs sqlite3")

    def ask(query: str) -> list[dict[str, Any]]:
        database = results.file("state/ropewalk/history.db")
        done = subprocess.run([sqlite3, "-json", database, query], capture_output=True, text=True, check=True)
        return list(json.loads(done.stdout or "[]"))

    assert ask("PRAGMA integrity_check") == [{"integrity_check": "ok"}]
    [run] = ask("SELECT id, status, exit_code, what FROM runs")
    assert (run["status"], run["exit_code"], run["what"]) == ("failed", 1, "deploy.py")
    statuses = ask("SELECT status, count(*) AS n FROM hosts GROUP BY status ORDER BY status")
    assert statuses == [{"status": "failed", "n": 1}, {"status": "ok", "n": 8}, {"status": "unreachable", "n": 1}]
    failures = ask("SELECT host, name, message FROM failures ORDER BY name")
    assert [(row["host"], row["name"]) for row in failures] == [(results.bad, "Migrate"), (results.bad, "Roll out")]
    assert ask("SELECT max(attempts) AS n FROM results") == [{"n": 2}]
    assert ask(f"SELECT exit_code, stderr FROM commands WHERE host = '{results.bad}' AND exit_code = 3") == [
        {"exit_code": 3, "stderr": "no table <users>\n"}
    ]


def test_spans_are_received_as_a_tree(results: Results) -> None:
    spans = {span["spanId"]: span for span in results.spans}
    assert len(spans) == len(results.spans)
    assert {span["traceId"] for span in spans.values()} == {results.spans[0]["traceId"]}

    def path(span: dict[str, Any]) -> list[str]:
        inside = spans.get(span["parentSpanId"])
        return [*(path(inside) if inside is not None else []), span["name"]]

    [root] = [span for span in spans.values() if not span["parentSpanId"]]
    [migrate] = [
        span
        for span in spans.values()
        if span["name"] == "Migrate" and span["attributes"]["ropewalk.host"] == results.bad
    ]
    assert path(migrate)[-3:] == [results.bad, "Roll out", "Migrate"]
    commands = [span for span in spans.values() if span["parentSpanId"] == migrate["spanId"]]
    assert sorted(str(span["attributes"]["process.exit.code"]) for span in commands) == ["0", "3"]
    assert (root["status"]["code"], migrate["status"]["code"]) == (2, 2)
    retried = [event["name"] for span in spans.values() if span["name"] == "Fetch" for event in span["events"]]
    assert len(retried) == 9
    assert all(int(span["startTimeUnixNano"]) <= int(span["endTimeUnixNano"]) for span in spans.values())


def test_the_page_is_read_by_a_browser(results: Results) -> None:
    with headless() as page:
        page.get(results.file("run.html").as_uri())
        wait(page, "document.querySelectorAll('#matrix .heading').length")
        assert page.title == "\u2717 deploy.py: ropewalk failed"
        assert one(page, "#count").text == "10 of 10 hosts, 8 of 8 operations"
        cell = one(page, f"[aria-label='Migrate on {results.bad}: failed']")
        cell.click()
        panel = one(page, "#detail").text
        assert all(text in panel for text in ("no table <users>", "exit status 3", "Called in"))
        one(page, "#detail button").click()
        one(page, "#tab-timeline").click()
        waited = one(page, "#where li").text
        assert waited.startswith(f"{results.away} others waited "), "all waited for its connection"
        assert page.get_log("browser") == []


@pytest.mark.parametrize("format", ["text", "json", "jsonl", "junit", "html"])
def test_every_format_can_be_had_afterwards(results: Results, format: str) -> None:
    environment = {"XDG_STATE_HOME": str(results.file("state"))}
    shown = results.site.run("show", "--format", format, environment=environment).must(0).stdout
    assert "no table" in shown, "what the failed command wrote"
    match format:
        case "jsonl":
            event_lines.read(shown)
        case "json":
            before, after = results.ended.document, json.loads(shown)
            assert before == {**after, "seconds": before["seconds"]}
        case "junit":
            again = junitparser.JUnitXml.fromstring(shown.encode())
            assert (again.tests, again.failures, again.errors) == (72, 2, 1)
