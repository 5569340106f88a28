"""JUnit reports: valid for every way a run can end, and no failure is missing or looks like success."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from xml.etree import ElementTree

import junitparser
import pytest
from stories import STORIES, apply, begin, command, end, failed, failure, operation

from ropewalk.model.event import Event, OperationEnded
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome
from ropewalk.model.result import RunResult
from ropewalk.report.junit import document
from ropewalk.report.text import clean


def folded(events: list[Event]) -> RunResult:
    result = RunResult()
    for event in events:
        result.take(event)
    return result


def report(events: list[Event]) -> junitparser.JUnitXml:
    made = junitparser.JUnitXml.fromstring(document(folded(events)))
    assert isinstance(made, junitparser.JUnitXml)
    return made


def cases(events: list[Event]) -> dict[str, dict[str, tuple[str, str | None]]]:
    """Return what the cases are, and why, by suite and name."""
    found: dict[str, dict[str, tuple[str, str | None]]] = {}
    for suite in report(events):
        for case in suite:
            assert case.name not in found.setdefault(suite.name, {}), "readers drop the second"
            assert all(result.text for result in case.result), "GitLab shows the text, not the message"
            [what] = [(type(r).__name__.lower(), r.message) for r in case.result] or [("passed", None)]
            found[suite.name][case.name] = what
            assert case.classname == suite.name
    return found


@pytest.mark.parametrize("name", STORIES)
def test_the_numbers_are_those_of_the_cases(name: str) -> None:
    made = report(STORIES[name]())
    told = [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in made]
    total = (made.tests, made.failures, made.errors, made.skipped)
    made.update_statistics()
    assert told == [(suite.tests, suite.failures, suite.errors, suite.skipped) for suite in made]
    assert total == (made.tests, made.failures, made.errors, made.skipped)
    assert made.tests


@pytest.mark.parametrize("name", STORIES)
def test_no_failure_looks_like_success(name: str) -> None:
    events = STORIES[name]()
    result, made = folded(events), report(events)
    assert (made.failures + made.errors > 0) is not result.ok
    well = {host.name for host in result.hosts.values() if host.status is HostStatus.OK}
    bad = {suite.name for suite in made if suite.failures + suite.errors}
    assert well & bad == set()
    wrong = {clean(host.name) for host in result.hosts.values() if host.status not in (None, HostStatus.OK)}
    assert wrong <= bad


STATUSES = [
    (
        "one_of_three_fails",
        "web2",
        {
            "Install nginx": ("failure", "exit status 100"),
            "Restart nginx": ("skipped", "not run: the host or the run ended before"),
            "Tell the load balancer": ("skipped", "not run: the host or the run ended before"),
        },
    ),
    (
        "failure_ignored",
        "web1",
        {
            "Install nginx": ("skipped", "failed, which was ignored: exit status 1"),
            "Tell the load balancer": ("passed", None),
        },
    ),
    (
        "nested_failure",
        "web1",
        {
            "Roll out the app": ("failure", "Migrate the database failed"),
            "Roll out the app > Migrate the database": ("failure", "exit status 1"),
            "Tell the load balancer": ("skipped", "not run: the host or the run ended before"),
        },
    ),
    (
        "nested_failure_ignored_outside",
        "web1",
        {
            "Roll out the app": ("skipped", "failed, which was ignored: Migrate the database failed"),
            "Roll out the app > Migrate the database": ("skipped", "failed, which was ignored: exit status 1"),
            "Tell the load balancer": ("passed", None),
        },
    ),
    (
        "deploy_code_raises",
        "web1",
        {
            "Install nginx": ("skipped", "not run: the host or the run ended before"),
            "(deploy code)": ("error", "ZeroDivisionError: division by zero"),
        },
    ),
    ("one_unreachable", "web2", {"(connect)": ("error", "192.0.2.1:22: connection refused")}),
    (
        "connection_lost",
        "web1",
        {
            "Install nginx": ("failure", "web1: the connection was lost"),
            "Tell the load balancer": ("skipped", "not run: the host or the run ended before"),
        },
    ),
    (
        "interrupted",
        "web1",
        {
            "Install nginx": ("error", "stopped while it ran"),
            "Tell the load balancer": ("skipped", "not run: the host or the run ended before"),
        },
    ),
    ("usage_error", "(run)", {"(run)": ("error", "there is no file deploi.py")}),
    ("bug_in_ropewalk", "(run)", {"(run)": ("error", "IndexError: list index out of range")}),
    (
        "plan_incomplete",
        "web1",
        {
            "Install nginx": ("passed", None),
            "(rest of the plan)": (
                "skipped",
                "unknown until applied: the result of server.shell cannot be known before it is applied",
            ),
        },
    ),
    (
        "error_in_plan",
        "web1",
        {
            "Install nginx": ("passed", None),
            "files.template (src=nginx.conf.j2, dest=/etc/nginx/nginx.conf)": (
                "failure",
                "there is no file nginx.conf.j2",
            ),
        },
    ),
    (
        "facts",
        "web2",
        {
            "server.Users": ("error", "the command of server.Users ended with exit status 1"),
            "files.File (path=/etc/hosts)": ("passed", None),
        },
    ),
]


@pytest.mark.parametrize(("name", "host", "expected"), STATUSES, ids=[name for name, _, _ in STATUSES])
def test_cases_are_what_became_of_the_operations(
    name: str, host: str, expected: dict[str, tuple[str, str | None]]
) -> None:
    assert cases(STORIES[name]())[host] == expected


def test_a_failure_has_what_is_needed_to_understand_it() -> None:
    [suite] = [suite for suite in report(STORIES["one_of_three_fails"]()) if suite.name == "web2"]
    [case, *_] = suite
    [why] = case.result
    assert (why.type, why.message) == ("CommandFailed", "exit status 100")
    for text in ("$ apt-get install -y nginx", "exit status 100", "E: Unable to locate nginx", "at deploy.py:4"):
        assert text in why.text
    assert (case._elem.get("file"), case._elem.get("line"), suite.hostname) == ("deploy.py", "4", "web2")


def test_a_consequence_says_that_it_is_one() -> None:
    [outer, inner, _] = report(STORIES["nested_failure"]()).__iter__().__next__()
    assert [result.type for result in (*outer.result, *inner.result)] == ["NestedFailure", "CommandFailed"]


def test_times_are_not_counted_twice() -> None:
    [_, second] = report(STORIES["nested_failure"]())
    assert [case.time for case in second] == [0.25, 1.5, 0.5]
    assert second.time == 2.25


def test_what_stopped_the_run_is_told_beside_the_hosts() -> None:
    found = cases(STORIES["interrupted"]())
    assert found["(run)"] == {"(run)": ("error", "stopped by the user")}


def test_calls_of_the_same_name_are_numbered() -> None:
    first, second, third = operation(1, "x"), operation(2, "x"), operation(3, "x")
    ends = [OperationEnded("web1", call, Outcome.CHANGED) for call in (first, third)]
    broken = failed("web1", second)
    story = [*begin("web1"), *apply(ends[0], broken, ends[1]), *end(ExitStatus.FAILED, {"web1": failure()})]
    found = cases(story)["web1"]
    assert {name: what for name, (what, _) in found.items()} == {"x": "passed", "x #2": "failure", "x #3": "passed"}


NASTY = "\x00\x01\x08\x0b\x1b[31m\x7f\x9f\ud800\udfff\ufffe\uffff]]>&<\"'\r\n\u2028\U0001f600 end"


def test_whatever_a_host_says_makes_valid_xml() -> None:
    bad = operation(1, NASTY)
    why = failure(NASTY, NASTY, hint=NASTY, traceback=NASTY)
    broken = failed(NASTY, bad, why, commands=(command(NASTY, 1, NASTY, NASTY, error=NASTY),))
    story = [*begin(NASTY), *apply(broken), *end(ExitStatus.FAILED, {NASTY: why})]
    root = ElementTree.fromstring(document(folded(story)).encode())
    [case] = root.iter("testcase")
    [why_not] = case.iter("failure")
    assert case.get("name", "").endswith("]]>&<\"' \U0001f600 end")
    assert (why_not.text or "").count("\U0001f600 end") == 7
    texts = [*case.attrib.values(), *why_not.attrib.values(), *why_not.itertext()]
    assert not set("".join(texts)) & set("\x00\x01\x08\x0b\x1b\x7f\ud800\ufffe\uffff\r")


def test_the_report_says_when_the_run_began(tmp_path: Path) -> None:
    text = document(folded(STORIES["everything_well"]()), started=datetime(2024, 2, 29, 12, tzinfo=UTC))
    (tmp_path / "x.xml").write_text(text, encoding="utf-8")
    made = junitparser.JUnitXml.fromfile(str(tmp_path / "x.xml"))
    assert {suite.timestamp for suite in made} == {"2024-02-29T12:00:00+00:00"}
    assert made.time == 3.14
