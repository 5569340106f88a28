"""Words of the command line as values: nothing is turned into something else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ropewalk.inventories import parse_data, parse_fact_arguments, parse_operation_arguments
from ropewalk.inventories.values import parse_value
from ropewalk.model.errors import UsageError


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("true", True), ("True", True), ("FALSE", False), ("false", False),
        ("0", 0), ("80", 80), ("-1", -1), ("123456789012345678901234567890", 123456789012345678901234567890),
        ("1.5", 1.5), ("-0.25", -0.25), ("1.0", 1.0),
        ("[]", []), ('["a", 1, null]', ["a", 1, None]), ('{"a": {"b": 1.10}}', {"a": {"b": 1.1}}),
        ('"80"', "80"), ('"true"', "true"), ('""', ""),
    ],
)  # fmt: skip
def test_what_is_converted(text, value):
    assert parse_value(text) == value
    assert type(parse_value(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    [
        "", " ", "text", "a b", "1.10", "0022", "00", "-0", "+1", "1_000", " 1", "1 ", "\u0661", "1e3", "1E3", ".5",
        "100000000000000000000.0", "null", "None", "nan", "NaN", "inf", "Infinity", "-Infinity", "yes", "no", "on",
        "[", "[1,", "{a: 1}", "[NaN]", "'x'", '"', '"a', '"a"b', "[" * 100_000, "10.0.0.1", "0x1f", "5.", "9" * 5000,
        "true ", "\x00",
    ],
)  # fmt: skip
def test_what_stays_text(text):
    assert parse_value(text) == text
    assert type(parse_value(text)) is str


@given(st.one_of(st.text("0123456789+-._eE ", max_size=8), st.text(max_size=8)))
def test_a_number_is_only_what_reads_back_as_the_same_text(text):
    value = parse_value(text)
    if isinstance(value, int | float) and not isinstance(value, bool):
        assert repr(value) == text


@given(st.integers() | st.floats(allow_nan=False, allow_infinity=False, min_value=-1e15, max_value=1e15))
def test_numbers_as_python_writes_them_are_numbers(number):
    if "e" not in repr(number) and repr(number) != "-0":
        assert parse_value(repr(number)) == number


def test_data():
    words = ["port=80", "port=81", "empty=", "motd=a=b", "a-b=1", "_sudo=true", 'list=["x"]']
    assert parse_data(words) == {
        "port": 81, "empty": "", "motd": "a=b", "a-b": 1, "_sudo": True, "list": ["x"],
    }  # fmt: skip
    assert parse_data([]) == {}


@pytest.mark.parametrize("word", ["foo", "=1", "", "="])
def test_data_without_a_name_or_a_value(word):
    with pytest.raises(UsageError) as caught:
        parse_data(["ok=1", word])
    assert str(caught.value) == f"{word!r} is not key=value"
    assert caught.value.hint


@pytest.mark.parametrize(
    ("words", "args", "kwargs"),
    [
        ([], [], {}),
        (["nginx", "latest=true", "1.10"], ["nginx", "1.10"], {"latest": True}),
        (["echo a=b"], ["echo a=b"], {}),
        (['test "$A" = b', "_sudo=true"], ['test "$A" = b'], {"_sudo": True}),
        (["--opt=1", "a.b=1", "1=2", "=x"], ["--opt=1", "a.b=1", "1=2", "=x"], {}),
        (["cmd=a=b"], [], {"cmd": "a=b"}),
        (["empty="], [], {"empty": ""}),
        (['[["a", null], {"b": null}]'], ["a", None], {"b": None}),
        (["[[], {}]"], [], {}),
        (["[null, null]"], [], {}),
        (['[null, {"b": 1}]'], [], {"b": 1}),
        (['["a", "b"]'], [["a", "b"]], {}),
        (['[["a"], ["b"]]'], [[["a"], ["b"]]], {}),
        (['[["a"], {}, 1]'], [[["a"], {}, 1]], {}),
        (['{"a": 1, "b": 2}'], [{"a": 1, "b": 2}], {}),
        (['[["a"], {}]', "b"], [[["a"], {}], "b"], {}),
    ],
)
def test_operation_arguments(words, args, kwargs):
    assert parse_operation_arguments(words) == (args, kwargs)


@pytest.mark.parametrize(
    ("words", "facts"),
    [
        ([], []),
        (["server.Users"], [("server.Users", {})]),
        (["a.A", "path=/a", "a.A", "path=/b=c"], [("a.A", {"path": "/a"}), ("a.A", {"path": "/b=c"})]),
        (["my.own.facts.Thing", "n=1", "_sudo=true"], [("my.own.facts.Thing", {"n": 1, "_sudo": True})]),
        (["facts:Thing"], [("facts:Thing", {})]),
    ],
)  # fmt: skip
def test_fact_arguments(words, facts):
    assert parse_fact_arguments(words) == facts


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["path=/a"], "path=/a comes before the fact it belongs to"),
        (["Users"], "Users is not a fact"),
        (["files.File", "/etc/hosts"], "/etc/hosts is not a fact"),
        (["server.Users", ""], " is not a fact"),
        (["files.File", "=x"], "'=x' is not key=value"),
    ],
)
def test_words_that_are_no_facts(words, message):
    with pytest.raises(UsageError) as caught:
        parse_fact_arguments(words)
    assert str(caught.value) == message
