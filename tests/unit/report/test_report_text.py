"""The small pieces of text that reports are made of."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.model.command import Change
from ropewalk.model.event import CommandResult, Failure
from ropewalk.report import failures, troubles
from ropewalk.report.text import change, clean, duration, plural, size, some, tail, title


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0.0s"),
        (0.26, "0.3s"),
        (59.94, "59.9s"),
        (59.96, "1m00s"),
        (125, "2m05s"),
        (3599.6, "1h00m"),
        (7260, "2h01m"),
    ],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@pytest.mark.parametrize(
    ("count", "expected"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1.0 kB"),
        (999_949, "999.9 kB"),
        (999_950, "1.0 MB"),
        (5 * 10**12, "5000.0 GB"),
    ],
)
def test_sizes(count: int, expected: str) -> None:
    assert size(count) == expected


def test_plurals() -> None:
    assert [plural(count, "host") for count in (0, 1, 2)] == ["0 hosts", "1 host", "2 hosts"]


@pytest.mark.parametrize(
    ("names", "total", "expected"),
    [
        (["a"], 1, "a"),
        (["a" * 60], 1, "a" * 60),
        (["web1", "web2"], 2, "web1, web2"),
        (["web1", "web2", "web3", "web4"], 4, "all 4 hosts"),
        (["web1", "web2", "web3", "web4"], 5, "4 hosts: web1 ..."),
        (["w" * 30, "web2"], 5, f"2 hosts: {'w' * 30} ..."),
    ],
)
def test_hosts_are_named_as_far_as_there_is_room(names: list[str], total: int, expected: str) -> None:
    assert some(names, total=total, width=20) == expected


@given(st.text())
def test_clean_text_has_nothing_that_moves_a_cursor(text: str) -> None:
    made = clean(text)
    assert not any(ord(char) < 32 and char not in "\n\t" for char in made)
    assert "\x7f" not in made
    made.encode()


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("plain [b]text[/b]\n\tx", "plain [b]text[/b]\n\tx"),
        ("\x1b[1;31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07x", "x"),
        ("\x1b]8;;http://x\x1b\\link", "link"),
        ("50%\r100%\r\n", "50%?100%\n"),
        ("\x1bcreset", "?creset"),
    ],
)
def test_escape_sequences_go(text: str, expected: str) -> None:
    assert clean(text) == expected


def test_the_tail_says_what_was_left_out() -> None:
    assert tail("a\nb\nc\nd\n", 2) == ["... 2 lines before", "c", "d"]
    assert tail("a\nb\n", 2) == ["a", "b"]
    assert tail(" \n", 2) == []


def test_changes_say_what_was_not_there() -> None:
    assert change(Change("user", None, "root")) == "user: (none) -> root"


@pytest.mark.parametrize(
    ("name", "arguments", "expected"),
    [
        ("Named", ("x=1",), "Named"),
        ("files.file", (), "files.file"),
        ("files.file", ("path=/x", "mode=644"), "files.file (path=/x, mode=644)"),
        ("Deploy | files.file", ("path=/x",), "Deploy | files.file (path=/x)"),
        ("files.file", ("x" * 100,), f"files.file ({'x' * 57}...)"),
        ("two\nlines", (), "two lines"),
    ],
)
def test_titles(name: str, arguments: tuple[str, ...], expected: str) -> None:
    assert title(name, arguments, "files.file") == expected


def test_a_traceback_for_users_has_no_frames_of_ours() -> None:
    text = "\n".join([
        "Traceback (most recent call last):",
        f'  File "{Path(failures.__file__).parents[1]}/engine/run.py", line 3, in run',
        "    program()",
        "    ^^^^^^^^^",
        '  File "/home/me/deploy.py", line 14, in <module>',
        "    1 / 0",
        "    ~~^~~",
        "ZeroDivisionError: division by zero",
    ])  # fmt: skip
    made = failures.of_the_users_code(text)
    assert "engine" not in made
    assert "program()" not in made
    assert made.split("\n")[1:3] == ['  File "/home/me/deploy.py", line 14, in <module>', "    1 / 0"]
    assert made.endswith("ZeroDivisionError: division by zero")


@pytest.mark.parametrize(
    ("kind", "message", "expected"),
    [
        ("OperationError", "no such file", "no such file"),
        ("KeyError", "KeyError: 'x'", "KeyError: 'x'"),
        ("ValueError", "", "ValueError"),
    ],
)
def test_failures_in_a_line(kind: str, message: str, expected: str) -> None:
    assert failures.summary(Failure(kind, message)) == expected


def _trouble(host: str, message: str, stderr: str = "") -> troubles.Trouble:
    ran = CommandResult("x", 1, False, 0.0, stderr=stderr)
    return troubles.Trouble("failed", "Install", (host,), Failure("CommandFailed", message), ran)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ([("web1", "no", ""), ("web2", "no", "")], [(("web1", "web2"), "no", "")]),
        ([("web1", "no", ""), ("web2", "yes", "")], [(("web1",), "no", ""), (("web2",), "yes", "")]),
        ([("web1", "web1: no", "web1")], [(("web1",), "web1: no", "web1")]),
        (
            [
                ("web1", "web1:22: no", "at web1."),
                ("web2", "web2:22: no", "at web2."),
                ("web3", "web3:22: no", "at web3."),
            ],
            [(("web1", "web2", "web3"), "HOST:22: no", "at HOST.")],
        ),
        (
            [("10.0.0.1", "10.0.0.1 of 10.0.0.11", ""), ("10.0.0.2", "10.0.0.2 of 10.0.0.11", "")],
            [(("10.0.0.1", "10.0.0.2"), "HOST of 10.0.0.11", "")],
        ),
        ([("a", "a file", ""), ("b", "b file", "")], [(("a",), "a file", ""), (("b",), "b file", "")]),
    ],
)
def test_equal_failures_are_told_once(
    given: list[tuple[str, str, str]], expected: list[tuple[tuple[str, ...], str, str]]
) -> None:
    merged = troubles.merge(_trouble(*trouble) for trouble in given)
    for made in (merged, troubles.merge(merged)):
        told = [(one.hosts, one.failure, one.command) for one in made]
        assert [(hosts, why.message, ran.stderr) for hosts, why, ran in told if why and ran] == expected
