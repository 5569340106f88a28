"""Expressions for grep and sed: they match what they should, as those programs see it."""

from __future__ import annotations

import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files import regex

# One line of text that an argument vector can hold.
LINES = st.text(st.characters(exclude_characters="\n\0", exclude_categories=["Cs"]), min_size=1, max_size=12)
NASTY = st.text(list("ab.*[]^$\\+?(){}|/&'\" -"), min_size=1, max_size=8)


def matches(text: str, pattern: str, extended: bool) -> bool:
    return grep(text.encode(), pattern, extended).returncode == 0


def grep(text: bytes, pattern: str, extended: bool) -> subprocess.CompletedProcess[bytes]:
    options = ["-a", *(["-E"] if extended else [])]
    return subprocess.run(["grep", *options, "-e", pattern], input=text + b"\n", capture_output=True, check=False)


def sed(text: str, script: str, extended: bool = False) -> str:
    options = ["-E"] if extended else []
    done = subprocess.run(["sed", *options, "-e", script], input=f"{text}\n".encode(), capture_output=True, check=True)
    return done.stdout.decode().removesuffix("\n")


@settings(max_examples=50, deadline=None)
@given(text=NASTY | LINES, extended=st.booleans())
def test_escaped_text_matches_itself_and_nothing_less(text: str, extended: bool) -> None:
    assert matches(text, regex.exact_line(text, extended), extended)
    assert not matches(text + "x", regex.exact_line(text, extended), extended)
    assert matches(f"a {text} b", regex.whole_line(text, escaped=True, extended=extended), extended)


@settings(max_examples=50, deadline=None)
@given(old=NASTY, new=NASTY.filter(lambda text: "\\" not in text), extended=st.booleans())
def test_a_line_becomes_the_replacement(old: str, new: str, extended: bool) -> None:
    pattern = regex.whole_line(old, escaped=True, extended=extended)
    for variables in (False, True):
        script = regex.substitute_script(pattern, new, variables=variables)
        assert sed(f"x {old} y", script, extended) == new
        assert sed("unlike", script, extended) == "unlike"


@pytest.mark.parametrize(
    ("text", "extended", "pattern"),
    [
        ("plain", False, "plain"),
        ("a.b*c", False, r"a\.b\*c"),
        ("a+b?(c){d}|e", False, "a+b?(c){d}|e"),
        ("a+b?(c){d}|e", True, r"a\+b\?\(c\)\{d\}\|e"),
        (r"^[x]$\ ".strip(), True, r"\^\[x]\$\\"),
    ],
)
def test_escape(text: str, extended: bool, pattern: str) -> None:
    assert regex.escape(text, extended) == pattern


@pytest.mark.parametrize(
    ("pattern", "options", "whole"),
    [
        ("foo", {}, "^.*foo.*$"),
        ("^foo", {}, "^foo.*$"),
        ("foo$", {}, "^.*foo$"),
        ("^foo$", {}, "^foo$"),
        (r"5\$", {}, r"^.*5\$.*$"),
        (r"5\\$", {}, r"^.*5\\$"),
        ("^foo$", {"escaped": True}, r"^.*\^foo\$.*$"),
        ("a|b", {"group": True}, "^.*a|b.*$"),
        (r"a\|b", {"group": True}, r"^.*\(a\|b\).*$"),
        ("a|b", {"group": True, "extended": True}, "^.*(a|b).*$"),
        ("a|b", {"extended": True}, "^.*a|b.*$"),
    ],
)
def test_whole_line(pattern: str, options: dict[str, bool], whole: str) -> None:
    assert regex.whole_line(pattern, **options) == whole


@pytest.mark.parametrize(
    ("pattern", "text"),
    [("^a$", "a"), ("a", "a"), ("^a", "a"), ("a$", "a"), (r"a\$", r"a\$"), ("", ""), ("^", ""), ("$", "")],
)
def test_without_anchors(pattern: str, text: str) -> None:
    assert regex.without_anchors(pattern) == text


@pytest.mark.parametrize(
    ("pattern", "replacement", "flags", "script"),
    [
        ("a", "b", None, "s/a/b/"),
        ("a", "b", ["g", "I"], "s/a/b/gI"),
        ("a/b", "c/d", None, r"s/a\/b/c\/d/"),
        (r"a\/b", r"c\/d", None, r"s/a\/b/c\/d/"),
        (r"a\\/b", "", None, r"s/a\\\/b//"),
        ("a", "x & y", None, r"s/a/x \& y/"),
        ("a", r"x \& y", None, r"s/a/x \& y/"),
        ("a", r"\1\2", None, r"s/a/\1\2/"),
        ("a", "two\nlines", None, "s/a/two\\\nlines/"),
        ("a", "end\\", None, r"s/a/end\\/"),
        ("a", "end\\\\", None, r"s/a/end\\/"),
        ("a", "end\\\nx", None, "s/a/end\\\\\\\nx/"),
    ],
)
def test_substitute_script(pattern: str, replacement: str, flags: list[str] | None, script: str) -> None:
    assert regex.substitute_script(pattern, replacement, flags) == script


@pytest.mark.parametrize(
    ("pattern", "flags", "script"),
    [("^a/b$", None, r"/^a\/b$/d"), ("a", ["i"], "/a/Id"), ("a", ["g", "I"], "/a/Id"), ("a", ["g"], "/a/d")],
)
def test_delete_script(pattern: str, flags: list[str] | None, script: str) -> None:
    assert regex.delete_script(pattern, flags) == script


def test_a_pattern_of_two_lines_cannot_be_for_sed() -> None:
    with pytest.raises(OperationValueError, match="one line at a time"):
        regex.delete_script("a\nb")


@pytest.mark.parametrize(
    ("text", "refers"), [(r"\1", True), (r"a\9b", True), (r"\\1", False), ("1", False), (r"\n\&", False), ("\\", False)]
)
def test_refers_to_groups(text: str, refers: bool) -> None:
    assert regex.refers_to_groups(text) is refers


@pytest.mark.parametrize(("text", "plain"), [(r"a\/b\&c", "a/b&c"), (r"a\\/b", r"a\\/b"), (r"\t", r"\t"), ("\\", "\\")])
def test_unescaped(text: str, plain: str) -> None:
    assert regex.unescaped(text) == plain
