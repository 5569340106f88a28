"""No event holds a secret, whoever reads it; what events are about stays what it is."""

from __future__ import annotations

from collections import OrderedDict, namedtuple
from dataclasses import dataclass
from typing import Any

import pytest

from ropewalk.engine.emit import Emitter
from ropewalk.model.command import Change, Diff
from ropewalk.model.event import (
    CommandEnded,
    CommandResult,
    CommandStarted,
    Event,
    FactRead,
    Failure,
    HostEnded,
    Location,
    Noted,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    OutputLine,
    PassStarted,
    RunStarted,
)
from ropewalk.model.outcome import HostStatus, Outcome, Prediction

SECRET = "hunter2"


def emitted(*given: Event, hide: tuple[str, ...] = (SECRET,)) -> list[Event]:
    seen: list[Event] = []
    emit = Emitter([seen.append])
    emit.hide(hide)
    for event in given:
        emit(event)
    return seen


INFO = OperationInfo("1", f"set {SECRET}", "m.f", (f"password={SECRET}",), Location("d.py", 1))
FAILURE = Failure("Kind", f"m {SECRET}", f"h {SECRET}", traceback=f"t {SECRET}")


@pytest.mark.parametrize(
    "event",
    [
        Noted("info", f"it is {SECRET}{SECRET}", "a"),
        OutputLine("a", f"line {SECRET}", "stdout", "1"),
        CommandStarted("a", f"echo {SECRET}", "1"),
        CommandEnded("a", CommandResult(f"echo {SECRET}", 0, True, 0.1, SECRET, f"e{SECRET}", f"x {SECRET}"), "1"),
        OperationEnded("a", INFO, Outcome.FAILED, failure=FAILURE, changes=(Change("c", SECRET, None),)),
        OperationPlanned("a", INFO, Prediction.ERROR, (f"c {SECRET}",), diffs=(Diff("/f", f"{SECRET}\n", SECRET),)),
        HostEnded("a", HostStatus.FAILED, FAILURE),
        FactRead("a", "f", f"x={SECRET!r}", 0.1, FAILURE, {"k": [SECRET], SECRET: (SECRET, {SECRET}, b"b hunter2")}),
    ],
    ids=lambda event: type(event).__name__,
)
def test_all_text_of_all_events_is_masked(event: Event) -> None:
    [seen] = emitted(event)
    assert SECRET in repr(event)
    assert SECRET not in repr(seen)
    assert "*****" in repr(seen)
    assert type(seen) is type(event)


@pytest.mark.parametrize("secret", ["web1", "stdout", "plan", "info", "deploy", "failed", "abcd", "m.func", "Kind"])
def test_a_secret_that_reads_like_a_name_changes_no_name(secret: str) -> None:
    given: list[Event] = [
        RunStarted(("web1", "web2"), "1", "deploy"),
        PassStarted("plan"),
        OutputLine("web1", "x", "stdout", "abcd"),
        Noted("info", "x", "web1"),
        HostEnded("web1", HostStatus.FAILED, Failure("Kind", "x")),
        OperationEnded("web1", OperationInfo("abcd", "x", "m.func", parent="abcd", order=((1,),)), Outcome.FAILED),
    ]
    assert emitted(*given, hide=(secret,)) == given


def test_a_location_keeps_its_file() -> None:
    event = HostEnded("a", HostStatus.FAILED, Failure("K", "m", where=Location("deploy.py", 3)))
    assert emitted(event, hide=("deploy",)) == [event]


@pytest.mark.parametrize(
    ("secret", "text"),
    [
        ("hunter2\n", "before hunter2 after"),
        ("-----BEGIN KEY-----\nMIIabcdefgh\nend", "MIIabcdefgh"),
        ("it's secret", repr("it's secret") + repr(["it's secret"])),
        ("a\\b\nc", repr("a\\b\nc")),
        ('say "it"', '{"x": "say \\"it\\""}'),
        ("it's secret", "sh: 'it'\"'\"'s secret': not found"),
        ("x.*y", "x.*y"),
    ],
)
def test_a_secret_is_found_in_every_shape(secret: str, text: str) -> None:
    [seen] = emitted(Noted("info", text), hide=(secret,))
    assert isinstance(seen, Noted)
    assert "*****" in seen.message
    for part in ("hunter", "MII", "secret", "a\\", "say", "x.*"):
        assert part not in seen.message


def test_the_longest_secret_is_replaced_first() -> None:
    [seen] = emitted(Noted("info", "hunter2000 hunter2"), hide=("hunter2", "hunter2000"))
    assert seen == Noted("info", "***** *****")


@pytest.mark.parametrize("secret", ["", "abc", "a\nb", " x "])
def test_what_is_too_short_to_be_told_apart_masks_nothing(secret: str) -> None:
    event = Noted("info", "abc a b x")
    assert emitted(event, hide=(secret,)) == [event]


def test_secrets_that_become_known_later_hide_from_then_on() -> None:
    seen: list[Event] = []
    emit = Emitter([seen.append])
    emit(Noted("info", "first second"))
    emit.hide(["first"])
    emit(Noted("info", "first second"))
    emit.hide(["second", "first"])
    emit(Noted("info", "first second"))
    assert [event.message for event in seen if isinstance(event, Noted)] == [
        "first second", "***** second", "***** *****",
    ]  # fmt: skip
    assert emit.mask("first second") == "***** *****"
    assert Emitter().mask("first second") == "first second"


Pair = namedtuple("Pair", "one two")


@dataclass(init=False)
class Odd:
    """Cannot be made anew of its fields."""

    text: str

    def __init__(self) -> None:
        self.text = SECRET


@dataclass
class Even:
    host: str
    id: str


class Listed(list[str]):
    """Some type of a fact's own."""


class Unknown:
    """Nothing is known about what it holds."""


@pytest.mark.parametrize(
    ("value", "seen"),
    [
        (Pair(SECRET, 1), Pair("*****", 1)),
        (Even(SECRET, SECRET), Even("*****", "*****")),
        (OrderedDict(a=SECRET), {"a": "*****"}),
        ([1, 2.5, None, True, b"\xff"], [1, 2.5, None, True, b"\xff"]),
        (frozenset({SECRET}), frozenset({"*****"})),
        (Even, Even),
    ],
)
def test_values_of_facts(value: Any, seen: Any) -> None:
    assert emitted(FactRead("a", "f", "", 0.1, None, value)) == [FactRead("a", "f", "", 0.1, None, seen)]


def test_a_value_that_cannot_be_rebuilt_becomes_its_text() -> None:
    [seen] = emitted(FactRead("a", "f", "", 0.1, None, [Odd(), Listed([SECRET])]))
    assert isinstance(seen, FactRead)
    assert seen.value == ["Odd(text='*****')", "['*****']"]


def test_what_holds_no_secret_stays_the_same_object() -> None:
    event, thing = Noted("info", "nothing"), Unknown()
    [seen, read] = emitted(event, FactRead("a", "f", "", 0.1, None, thing))
    assert seen is event
    assert isinstance(read, FactRead)
    assert read.value is thing


def test_a_report_that_fails_is_left_out_and_the_others_are_told() -> None:
    seen: list[Event] = []
    failing_calls = []

    def failing(event: Event) -> None:
        failing_calls.append(event)
        raise ValueError("no disk")

    emit = Emitter([failing, seen.append])
    emit(Noted("info", "1"))
    emit(Noted("info", "2"))
    assert [event.message for event in seen if isinstance(event, Noted)] == [
        "a report stopped working: ValueError: no disk", "1", "2",
    ]  # fmt: skip
    assert len(failing_calls) == 1


def test_two_reports_that_fail_at_once() -> None:
    seen: list[Event] = []

    def one(event: Event) -> None:
        raise ValueError("one")

    def two(event: Event) -> None:
        raise OSError("two")

    emit = Emitter([one, two, seen.append])
    emit(Noted("info", "1"))
    emit(Noted("info", "2"))
    messages = [event.message for event in seen if isinstance(event, Noted)]
    assert sorted(messages) == [
        "1", "2", "a report stopped working: OSError: two", "a report stopped working: ValueError: one",
    ]  # fmt: skip
