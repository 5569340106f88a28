"""What all package managers share: reading names, comparing, and the steps that follow."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.api.operation import operation
from ropewalk.model.command import Change, sh
from ropewalk.model.errors import OperationTypeError, OperationValueError
from ropewalk.operations.packaging import Manager, Wanted, compare, ensure, is_url, wanted, words
from ropewalk.testing import evaluate


@pytest.mark.parametrize(
    ("packages", "separator", "expected"),
    [
        pytest.param(None, "=", [], id="none"),
        pytest.param([], "=", [], id="empty"),
        pytest.param("a", "=", [Wanted("a", "a")], id="text"),
        pytest.param(["a", "b"], "=", [Wanted("a", "a"), Wanted("b", "b")], id="list, in order"),
        pytest.param(("a", "a"), "=", [Wanted("a", "a")], id="twice counts once"),
        pytest.param("a=1", "=", [Wanted("a=1", "a", "1")], id="version"),
        pytest.param("a=1", None, [Wanted("a=1", "a=1")], id="no versions here"),
        pytest.param("a==1", "==", [Wanted("a==1", "a", "1")], id="long separator"),
        pytest.param("@s/n", "@", [Wanted("@s/n", "@s/n")], id="separator at the start is part of the name"),
        pytest.param("@s/n@2", "@", [Wanted("@s/n@2", "@s/n", "2")], id="the last separator counts"),
        pytest.param("https://h/a=1.rpm", "=", [Wanted("https://h/a=1.rpm", "https://h/a=1.rpm")], id="a URL"),
    ],
)
def test_names_are_read(packages, separator, expected):
    assert wanted(packages, separator) == expected


@pytest.mark.parametrize("text", ["", "-x", "--purge", "a b", "a\nb", "a\tb", "a=", " a"])
def test_what_is_not_a_name_is_refused(text):
    with pytest.raises(OperationValueError):
        wanted([text], "=")


def test_only_text_names_a_package():
    with pytest.raises(OperationTypeError, match="not by 7"):
        wanted([7], "=")  # type: ignore[list-item]


@given(st.text(max_size=20))
def test_a_name_is_refused_or_kept_as_it_is(text):
    try:
        (package,) = wanted(text, "=")
    except OperationValueError:
        return
    assert package.text == text
    assert not text.startswith("-")
    assert len(text.split()) == 1


@pytest.mark.parametrize(
    ("source", "expected"), [("http://h/a", True), ("file:///a", True), ("/a", False), ("a", False), ("a:b", False)]
)
def test_urls(source, expected):
    assert is_url(source) is expected


def test_more_words_are_split_as_on_a_command_line():
    assert words("-o 'A::B=c d' -t x") == ["-o", "A::B=c d", "-t", "x"]
    assert words(None) == []
    with pytest.raises(OperationValueError, match="cannot read"):
        words("it's")


HAVE = {"a": {"1"}, "b": {"2.0", "1.5"}}


@pytest.mark.parametrize(
    ("text", "there"),
    [("a", True), ("c", False), ("a=1", True), ("a=2", False), ("b=1.5", True), ("b=2.*", True), ("b=3.*", False),
     ("virtual", True), ("virtual=1", True), ("virtual=9", False), ("ghost", False)],
)  # fmt: skip
def test_compare(text, there):
    stands_for = {"virtual": ["z", "a"], "ghost": ["z"]}
    found = compare(wanted(text, "="), HAVE, lambda name: stands_for.get(name, []))
    assert (bool(found.there), bool(found.missing)) == (there, not there)


def _run(manager, packages, **how):
    @operation()
    def op():
        yield from ensure(manager, packages, lambda: HAVE, **how)

    return evaluate(op)


ONE = Manager(lambda names: sh("in", *names), lambda names: sh("out", *names), separator="=")
TWO = Manager(ONE.install, ONE.uninstall, upgrade=lambda names: sh("up", *names), separator="=")


@pytest.mark.parametrize(
    ("manager", "packages", "how", "steps"),
    [
        pytest.param(ONE, ["a", "c"], {}, [Change("c", None, "installed"), sh("in", "c")], id="what is missing"),
        pytest.param(ONE, ["a", "b"], {}, [], id="nothing is missing"),
        pytest.param(ONE, ["a=2"], {}, [Change("a", "1", "2"), sh("in", "a=2")], id="another version"),
        pytest.param(
            ONE, ["a", "c"], {"latest": True},
            [Change("c", None, "the latest"), Change("a", "1", "the latest"), sh("in", "c", "a")], id="one command",
        ),
        pytest.param(
            TWO, ["a", "c"], {"latest": True},
            [Change("c", None, "the latest"), sh("in", "c"), Change("a", "1", "the latest"), sh("up", "a")],
            id="install and upgrade are two commands",
        ),
        pytest.param(TWO, ["c"], {"latest": True}, [Change("c", None, "the latest"), sh("in", "c")], id="no upgrade"),
        pytest.param(ONE, ["a=1"], {"latest": True}, [], id="a version is not upgraded"),
        pytest.param(ONE, ["a", "c"], {"present": False}, [Change("a", "1", None), sh("out", "a")], id="removed"),
        pytest.param(ONE, ["a=9"], {"present": False}, [], id="another version stays"),
        pytest.param(ONE, ["a=1"], {"present": False}, [Change("a", "1", None), sh("out", "a")], id="this one goes"),
        pytest.param(ONE, ["c"], {"present": False}, [], id="nothing to remove"),
    ],
)  # fmt: skip
def test_steps(manager, packages, how, steps):
    done = _run(manager, packages, **how)
    assert done.steps == steps
    assert bool(done.noop) == (not steps or "no upgrade" in str(steps))


def test_without_names_nothing_is_read():
    def never():
        raise AssertionError("the installed packages were read")

    @operation()
    def op():
        yield from ensure(ONE, None, never)

    assert evaluate(op).steps == []


@pytest.mark.parametrize(
    ("changes", "steps"),
    [
        pytest.param([], [], id="nothing would change"),
        pytest.param([Change("x", "1", "2")], [Change("x", "1", "2"), sh("in", "a")], id="the changes are shown"),
        pytest.param(None, [Change("a", "1", "the latest"), sh("in", "a")], id="not known: done, and it may fail"),
    ],
)
def test_a_preview_decides(changes, steps):
    seen = []

    def preview(command):
        seen.append(command)
        return changes

    manager = Manager(ONE.install, ONE.uninstall, preview=preview)
    assert _run(manager, ["a"], latest=True).steps == steps
    assert seen == [sh("in", "a")]


@pytest.mark.parametrize("present", [True, False])
def test_what_the_list_cannot_answer_is_left_to_the_preview(present):
    manager = Manager(
        ONE.install, ONE.uninstall, preview=lambda _: [], is_clear=lambda package: "*" not in package.name
    )
    assert _run(manager, ["a*"], present=present).steps == []
