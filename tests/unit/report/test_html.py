"""The page of a run: everything is in it, nothing of it is read as markup, and it keeps to its size."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from itertools import chain
from typing import Any

import pytest
from stories import CHANGED, OK, STORIES, apply, begin, command, end, failed, operation

from ropewalk.model.command import Diff
from ropewalk.model.event import Event, OperationEnded, OperationRetried, OperationStarted
from ropewalk.model.outcome import ExitStatus, HostStatus
from ropewalk.model.result import RunResult
from ropewalk.report.html import details, texts
from ropewalk.report.html.data import STATES
from ropewalk.report.html.moments import Moments
from ropewalk.report.html.page import document


class Page(HTMLParser):
    """What a browser would find in a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.within: dict[str, list[str]] = {}
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.within.setdefault(tag, []).append("")
        self._open = tag

    def handle_endtag(self, tag: str) -> None:
        self._open = "html"

    def handle_data(self, data: str) -> None:
        if self.tags:
            self.within[self._open][-1] += data

    @property
    def data(self) -> Any:
        return json.loads(self.within["script"][0])


def page(events: list[Event], about: dict[str, str] | None = None) -> Page:
    result, moments = RunResult(), Moments()
    for number, event in enumerate(events):
        result.take(event)
        moments.take(event, number / 10)
    return Page(document(result, moments, about=about or {"Deploy": "deploy.py"}))


def cells(data: Any) -> dict[tuple[str, str], str]:
    """Return how operations ended, by host and name."""
    return {
        (host["name"], data["operations"][number]["name"]): data["states"][state]
        for host in data["hosts"]
        for number, state in zip(host["operations"], host["states"], strict=True)
    }


@pytest.mark.parametrize("name", STORIES)
def test_every_run_has_a_page(name: str) -> None:
    made = page(STORIES[name]())
    data = made.data
    for host in data["hosts"]:
        lengths = {len(host[key]) for key in ("operations", "states", "starts", "lengths", "details", "commands")}
        assert len(lengths) == 1
        assert all(0 <= number < len(data["details"]) for number in host["details"])
    numbers = [detail["reason"] for detail in data["details"] if "reason" in detail]
    assert all(0 <= number < len(data["texts"]) for number in numbers)
    assert [tag for tag, _ in made.tags].count("script") == 2
    result = RunResult()
    for event in STORIES[name]():
        result.take(event)
    assert data["ok"] is result.ok


def test_it_names_nothing_to_load_and_runs_its_own_script_only() -> None:
    made = page(STORIES["everything_well"]())
    assert [about for _, about in made.tags if "src" in about or "href" in about] == []
    policy = next(about["content"] for tag, about in made.tags if tag == "meta" and "http-equiv" in about)
    style, script = made.within["style"], made.within["script"][1:]
    assert policy is not None
    for kind, text in (("style-src", "".join(style)), ("script-src", "".join(script))):
        digest = base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|https?://", "".join(script))


HOSTILE = [
    "</script><script>alert(1)</script>", "<!--<script>", "]]>", "<img src=x onerror=alert(1)>", "\u2028\u2029",
    "\x1b[31mred\x1b[0m", "\ud800", "{{data}}", "'\"\\`${1}", "__proto__", "\u202eevil",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_is_text(text: str) -> None:
    op = operation(1, text, "server.shell", None, text)
    broken = (command(text, 1, text, text),)
    ended = failed(text, op, commands=broken, diffs=(Diff(text, text, text + "\n"),))
    events = [*begin(text), *apply(OperationStarted(text, op), ended), *end(ExitStatus.FAILED, {text: OK})]
    made = page(events, {text: text})
    assert [tag for tag, _ in made.tags].count("script") == 2
    assert "img" not in [tag for tag, _ in made.tags]
    data = made.data
    [host] = data["hosts"]
    [[shown, exit_code, ok, stdout, _, _]] = data["details"][host["details"][0]]["commands"]
    expected = texts.clean(text)
    assert (data["texts"][shown], exit_code, ok, data["texts"][stdout]) == (expected, 1, 0, expected)
    assert host["name"] == expected
    assert data["about"] == [[expected, expected]]


def test_states_are_those_that_the_report_counts() -> None:
    assert cells(page(STORIES["nested_failure_ignored_outside"]()).data)["web1", "Migrate the database"] == "ignored"
    assert cells(page(STORIES["error_in_plan"]()).data)["web1", "Install nginx"] == "will-change"
    told = cells(page(STORIES["one_of_three_fails"]()).data)
    assert [told["web2", name] for name in ("Install nginx", "Restart nginx")] == ["failed", "not-run"]
    assert told["web1", "Install nginx"] == "changed"


def test_nested_operations_stand_under_their_call() -> None:
    operations = page(STORIES["nested_failure"]()).data["operations"]
    names = [(entry["name"], entry["depth"], entry["parent"]) for entry in operations]
    assert names[:2] == [("Roll out the app", 0, None), ("Migrate the database", 1, 0)]


def test_every_state_has_a_sign_and_a_word() -> None:
    script = "".join(page(STORIES["nothing_to_do"]()).within["script"][1:])
    signs = dict(re.findall(r'"([\w-]+)": \["(.)", "[^"]+"\]', script))
    assert set(signs) == set(STATES)


def test_attempts_and_why_they_were_needed() -> None:
    op = operation(1, "Flaky")
    events = [
        OperationStarted("a", op), OperationRetried("a", op, 1, 3, 1.0, "exit status 7"),
        OperationEnded("a", op, CHANGED, 1.0, attempts=2),
    ]  # fmt: skip
    data = page([*begin("a"), *apply(*events), *end(ExitStatus.OK, {"a": OK})]).data
    [detail] = data["details"]
    assert (detail["attempts"], [data["texts"][n] for n in detail["retries"]]) == (2, ["exit status 7"])
    assert data["hosts"][0]["lengths"] == [200]


def test_what_the_same_hosts_did_is_stored_once() -> None:
    names, op = [f"h{n}" for n in range(50)], operation(1, "Same")
    ends = [OperationEnded(name, op, CHANGED, 1.0, commands=(command("true", 0, "x" * 900),)) for name in names]
    data = page([*begin(*names), *apply(*ends), *end(ExitStatus.OK, dict.fromkeys(names, OK))]).data
    assert (len(data["details"]), data["cut"]) == (1, None)


def test_much_output_is_cut_and_that_of_failures_last() -> None:
    names, op = [f"h{n}" for n in range(300)], operation(1, "Talk")
    ends: list[Event] = [
        OperationEnded(name, op, CHANGED, 1.0, commands=(command("talk", 0, f"{name}<" * 20_000),)) for name in names
    ]
    why = "E: disk full, in the middle of it all\n" * 1000
    ends.append(failed("h0", operation(2, "Break"), commands=(command("break", 1, "", why),)))
    events = [*begin(*names), *apply(*ends), *end(ExitStatus.FAILED, dict.fromkeys(names[1:], HostStatus.OK))]
    made = page(events)
    assert sum(map(len, chain(*made.within.values()))) < 6_000_000
    assert 1000 < made.data["cut"] < 20_000
    assert texts.clean(why) in made.data["texts"]
    assert any("characters left out" in text for text in made.data["texts"])


def test_long_files_are_compared_at_their_beginning() -> None:
    before = "".join(f"{n}\n" for n in range(20_000))
    told = details.unified(Diff("/x", before, "first\n" + before))
    assert "+first" in told
    assert "only the first 5000 lines" in told
    assert details.unified(Diff("/x", None, "a")).split("\n")[-2:] == ["+a", "\\ No newline at end of file"]
