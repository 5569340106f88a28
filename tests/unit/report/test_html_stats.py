"""The page of what the history tells: it needs nothing else, and shows names as text."""

from __future__ import annotations

import re
from typing import Any

import pytest
from test_html import HOSTILE, Page

from ropewalk.report.html.stats import document
from ropewalk.report.text import clean


def stats(name: str) -> dict[str, Any]:
    run = {"id": "3f9a1c07", "began": "2025-11-23T10:00:00.000+00:00", "seconds": None, "mode": "deploy", "what": name}
    slow = {"operation": name, "times": 2, "mean": 0.5, "longest": 0.75}
    flaky = {"host": name, "runs": 3, "failed": 1, "unreachable": 1}
    return {"runs": [run], "slowest": [slow], "flakiest": [flaky]}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_are_text(name: str) -> None:
    made = Page(document(stats(name)))
    assert [tag for tag, _ in made.tags].count("script") == 2
    assert "img" not in [tag for tag, _ in made.tags]
    assert made.data == stats(clean(name))


def test_an_empty_history_has_a_page_of_the_same_parts() -> None:
    empty: dict[str, Any] = {"runs": [], "slowest": [], "flakiest": []}
    made = Page(document(empty))
    assert made.data == empty
    sections = [about["id"] for tag, about in made.tags if tag == "section"]
    assert sections == ["summary", "runs", "slowest", "flakiest"]


def test_it_names_nothing_to_load() -> None:
    text = document(stats("web1"))
    assert [about for _, about in Page(text).tags if "src" in about or "href" in about] == []
    assert "default-src 'none'" in text
    assert not re.search(r"innerHTML|insertAdjacentHTML|document\.write|eval\(|https?://", text)
