"""The page of a run in a real browser. Skipped where there is no Chromium, or no Selenium to drive it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.model.event import (
    CommandResult,
    Event,
    Failure,
    HostEnded,
    OperationEnded,
    OperationInfo,
    OperationStarted,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome
from ropewalk.model.result import RunResult
from ropewalk.report.html.moments import Moments
from ropewalk.report.html.page import document
from ropewalk.report.html.stats import document as stats_document
from support.browser import headless, one, wait

HOSTILE = "<img src=x onerror=document.title='broken'></script>"


def a_run(hosts: int, operations: int) -> Iterator[tuple[float, Event]]:
    """Yield a run: the second operation is a callback with one inside, which fails on the third host."""
    names = [f"web{number:03}" for number in range(hosts)]
    every = [OperationInfo(f"o{n}", f"Step {n}", "server.shell", order=(n,)) for n in range(operations)]
    inner = OperationInfo("inner", f"Inside {HOSTILE}", "server.shell", parent="o1", order=(1, 1))
    yield 0, RunStarted(tuple(names), "1", "deploy")
    yield 0, PassStarted("apply")
    for n, operation in enumerate(every):
        for h, name in enumerate(names):
            if h == 2 and n > 1:
                continue
            yield n, OperationStarted(name, operation)
            outcome, why = (Outcome.OK if (h + n) % 2 else Outcome.CHANGED), None
            if n == 1:
                bad = h == 2
                ran = CommandResult("migrate", int(bad), not bad, 0.1, f"{HOSTILE} {name}", "no table" if bad else "")
                why = Failure("CommandFailed", "exit status 1") if bad else None
                outcome = Outcome.FAILED if bad else Outcome.CHANGED
                yield n + 0.1, OperationStarted(name, inner)
                yield n + 0.3, OperationEnded(name, inner, outcome, 0.2, commands=(ran,), failure=why)
            yield n + 0.4 + 0.1 * (h == 1), OperationEnded(name, operation, outcome, 0.4, failure=why)
    yield operations, PassEnded("apply", operations)
    for h, name in enumerate(names):
        yield operations, HostEnded(name, HostStatus.FAILED if h == 2 else HostStatus.OK)
    yield operations, RunEnded(ExitStatus.FAILED, operations)


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with headless() as made:
        yield made


Open = Callable[[int, int], Any]


@pytest.fixture
def page(browser: Any, tmp_path: Path) -> Iterator[Open]:
    def opened(hosts: int, operations: int) -> Any:
        result, moments = RunResult(), Moments()
        for at, event in a_run(hosts, operations):
            result.take(event)
            moments.take(event, at)
        file = tmp_path / "run.html"
        file.write_text(document(result, moments, about={"Deploy": "deploy.py"}))
        browser.get(file.as_uri())
        drawn = "const done = arguments[0]; requestAnimationFrame(() => requestAnimationFrame(done))"
        browser.execute_async_script(drawn)
        return browser

    yield opened
    assert browser.get_log("browser") == [], "the page's script or its policy complains"


def press(page: Any, *keys: str) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    ActionChains(page).send_keys(*keys).perform()


def test_the_keyboard_reaches_everything(page: Open) -> None:
    from selenium.webdriver.common.keys import Keys

    shown = page(5, 4)
    assert shown.title == "✗ deploy.py: ropewalk failed"
    shown.execute_script("document.querySelector('#matrix .grid').focus()")
    press(shown, Keys.ARROW_DOWN, Keys.ARROW_DOWN, Keys.ARROW_RIGHT, Keys.ARROW_RIGHT)
    active = one(shown, "#matrix .grid").get_attribute("aria-activedescendant")
    assert one(shown, f"#{active}").get_attribute("aria-label") == f"Inside {HOSTILE} on web002: failed"
    press(shown, Keys.ENTER)
    panel = one(shown, "#detail")
    assert f"{HOSTILE} web002" in panel.text
    assert "no table" in panel.text
    assert "exit status 1" in panel.text
    assert "Called in" in panel.text
    press(shown, Keys.ESCAPE)
    assert not panel.is_displayed()
    assert shown.switch_to.active_element == one(shown, "#matrix .grid")
    assert shown.find_elements("css selector", "img") == []


def test_a_slow_click_opens_what_was_pressed(page: Open) -> None:
    from selenium.webdriver.common.action_chains import ActionChains

    shown = page(5, 4)
    cell = one(shown, "[aria-label='Step 2 on web001: nothing to do']")
    ActionChains(shown).move_to_element(cell).click_and_hold().pause(0.3).release().perform()
    assert one(shown, "#detail-title").text == "Step 2"


def test_nested_operations_open_from_their_call(page: Open) -> None:
    shown = page(5, 4)
    one(shown, "[aria-label='Step 1 on web000: changed']").click()
    one(shown, "#detail .nested button").click()
    assert one(shown, "#detail-title").text == f"Inside {HOSTILE}"


def test_filters(page: Open) -> None:
    shown = page(30, 6)
    assert one(shown, "#count").text == "30 of 30 hosts, 7 of 7 operations"
    assert len(shown.find_elements("css selector", "#matrix .heading")) == 3, "equal hosts share a column"
    one(shown, "#group").click()
    assert len(shown.find_elements("css selector", "#matrix .heading")) == 30
    one(shown, ".chip[data-state=failed]").click()
    assert one(shown, "#count").text == "1 of 30 hosts, 2 of 7 operations"
    one(shown, "#reset").click()
    one(shown, "#filter-text").send_keys("NO table")
    wait(shown, "document.getElementById('count').textContent.startsWith('1 of 30 hosts, 1 of 7')")
    one(shown, "#reset").click()
    one(shown, "#filter-operation").send_keys("step 3")
    wait(shown, "document.getElementById('count').textContent.endsWith(' 1 of 7 operations')")
    one(shown, "#filter-host").send_keys("nobody")
    wait(shown, "!document.getElementById('empty').hidden")


def test_the_timeline_says_who_waited_for_whom(page: Open) -> None:
    from selenium.webdriver.common.keys import Keys

    shown = page(4, 3)
    one(shown, "#tab-timeline").click()
    assert "web001" in one(shown, "#where").text
    shown.execute_script("document.getElementById('lanes').focus()")
    press(shown, Keys.ARROW_RIGHT)
    assert one(shown, "#readout").text == "web000: waited for web001 (Step 0), 600 ms, from 400 ms on"
    press(shown, Keys.ARROW_RIGHT, Keys.ENTER)
    assert one(shown, "#detail-title").text == "Step 1"


def test_a_large_run_has_few_elements_and_answers(page: Open) -> None:
    shown = page(500, 200)
    one(shown, "#group").click()
    assert shown.execute_script("return document.querySelectorAll('*').length") < 5000
    one(shown, "#filter-host").send_keys("web499")
    wait(shown, "document.getElementById('count').textContent.startsWith('1 of 500 hosts')")
    one(shown, "#reset").click()
    shown.execute_script("document.querySelector('#matrix .grid').scrollTo(99999, 99999)")
    wait(shown, "document.querySelector('[aria-label^=\"Step 199 on web499: \"]')")


def contrast(page: Any) -> list[Any]:
    """Return the contrast of every text to what is behind it, and the text."""
    script = """
    const level = (c) => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255)
      .map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
    const behind = (e) => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
      if (c !== "rgba(0, 0, 0, 0)") return c; } return "rgb(255, 255, 255)"; };
    const ink = (e) => e instanceof SVGElement ? getComputedStyle(e).fill : getComputedStyle(e).color;
    return [...document.querySelectorAll("main *, header *")].filter((e) => (e.offsetParent || e.tagName === "text") &&
      [...e.childNodes].some((n) => n.nodeType === 3 && n.textContent.trim())).map((e) => {
      const [x, y] = [level(ink(e)), level(behind(e))].sort((a, b) => b - a);
      return [(x + .05) / (y + .05), e.textContent.slice(0, 30)]; });
    """
    return list(page.execute_script(script))


def check_contrast(page: Any) -> None:
    for _ in range(2):
        found = contrast(page)
        assert len(found) > 30
        assert [entry for entry in found if entry[0] < 4.5] == []
        one(page, "#theme").click()


def test_light_and_dark_are_readable(page: Open) -> None:
    """Text has a contrast of at least 4.5 to what is behind it (WCAG 2.1, 1.4.3)."""
    check_contrast(page(4, 3))


def some_stats(runs: int) -> dict[str, Any]:
    statuses = ("ok", "failed", "killed", "unreachable")
    told = [
        {"id": f"{n:08x}", "began": f"2025-11-{28 - n % 28:02}T10:00:00+00:00", "seconds": 90.0 * (n % 7) or None,
         "mode": "deploy", "status": statuses[n % 4], "what": HOSTILE, "inventory": "web.py", "hosts": 2,
         "failed_hosts": 1}
        for n in range(runs)
    ]  # fmt: skip
    slow = [{"operation": f"{HOSTILE} {n}", "times": 3, "mean": 2.0 / n, "longest": 8.0 / n} for n in (1, 2)]
    flaky = [{"host": HOSTILE, "runs": 8, "failed": 1, "unreachable": 2}]
    return {"runs": told, "slowest": slow if runs else [], "flakiest": flaky if runs else []}


@pytest.mark.parametrize("runs", [0, 1, 30, 300])
def test_statistics_show_every_run_as_a_bar_and_in_a_table(browser: Any, tmp_path: Path, runs: int) -> None:
    file = tmp_path / "stats.html"
    file.write_text(stats_document(some_stats(runs)))
    browser.get(file.as_uri())
    assert len(browser.find_elements("css selector", "#runs .run")) == runs
    assert browser.find_elements("css selector", "img") == []
    if not runs:
        assert one(browser, "main").text == "No runs yet."
    else:
        assert len(browser.find_elements("css selector", "#runs tbody tr")) == runs
        assert one(browser, "#flakiest tbody tr").text == f"{HOSTILE} 1 2 8 38 %"
        signs = [bar.text.strip() for bar in browser.find_elements("css selector", "#runs .run > text")]
        assert signs[-4:] == ["✗", "■", "✗", "✓"][-runs:], "the newest one is at the right"
        one(browser, "#runs summary").click()
        check_contrast(browser)
    assert browser.get_log("browser") == [], "the page's script or its policy complains"
