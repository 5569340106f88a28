"""What has begun and not ended when a run is left."""

from __future__ import annotations

import pytest

from ropewalk.engine.underway import NOT_WAITED_FOR, UnderWay
from ropewalk.model.event import (
    CommandEnded,
    CommandResult,
    CommandStarted,
    ConnectEnded,
    ConnectStarted,
    Event,
    Noted,
    OperationEnded,
    OperationInfo,
    OperationStarted,
    PassEnded,
    PassStarted,
)
from ropewalk.model.outcome import Outcome

ONE, TWO = OperationInfo("1", "one", "server.shell"), OperationInfo("2", "two", "server.shell", parent="1")
DONE = CommandResult("true", 0, True, 0.1)


def ends(*events: Event) -> list[Event]:
    under_way = UnderWay()
    for event in events:
        under_way(event)
    return list(under_way.ends())


@pytest.mark.parametrize(
    "events",
    [
        [],
        [Noted("info", "x")],
        [PassStarted("plan"), PassEnded("plan", 1)],
        [ConnectStarted("a"), ConnectStarted("b"), ConnectEnded("a", 1), ConnectEnded("b", 1)],
        [
            OperationStarted("a", ONE),
            CommandStarted("a", "call", "1"),
            OperationStarted("a", TWO),
            CommandStarted("a", "true", "2"),
            CommandEnded("a", DONE, "2"),
            OperationEnded("a", TWO, Outcome.CHANGED),
            CommandEnded("a", DONE, "1"),
            OperationEnded("a", ONE, Outcome.CHANGED),
        ],
        [OperationEnded("a", ONE, Outcome.SKIPPED)],  # another host ran it: it never began
    ],
)
def test_what_has_ended_is_not_ended_again(events: list[Event]) -> None:
    assert ends(*events) == []


def test_everything_ends_the_innermost_first() -> None:
    found = ends(
        PassStarted("apply"),
        ConnectStarted("b"),
        OperationStarted("a", ONE),
        CommandStarted("a", "call", "1"),
        OperationStarted("a", TWO),
        CommandStarted("a", "false", "2"),
        CommandEnded("a", DONE, "2"),
        CommandStarted("a", "sleep", "2"),
    )
    command, two, call, one, connection, apply = found
    assert isinstance(command, CommandEnded)
    assert isinstance(call, CommandEnded)
    assert isinstance(two, OperationEnded)
    assert isinstance(one, OperationEnded)
    assert isinstance(connection, ConnectEnded)
    assert isinstance(apply, PassEnded)
    assert (command.host, command.operation, command.result.command) == ("a", "2", "sleep")
    assert (command.result.ok, command.result.exit_code, command.result.error) == (False, None, "interrupted")
    assert (call.result.command, call.operation) == ("call", "1")
    assert [(end.operation, end.outcome) for end in (two, one)] == [
        (TWO, Outcome.CANCELLED),
        (ONE, Outcome.CANCELLED),
    ]
    assert (connection.host, connection.failure) == ("b", NOT_WAITED_FOR)
    assert apply.name == "apply"
    assert min(end.seconds for end in (two, one, connection, apply)) >= 0


def test_hosts_are_told_apart() -> None:
    [end] = ends(OperationStarted("a", ONE), OperationStarted("b", ONE), OperationEnded("a", ONE, Outcome.OK))
    assert isinstance(end, OperationEnded)
    assert end.host == "b"
