"""Folding the events of a run into its result."""

from __future__ import annotations

from typing import Any

import pytest

from ropewalk.model.event import (
    CommandStarted,
    ConnectEnded,
    FactValue,
    Failure,
    HostEnded,
    Noted,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    PassEnded,
    PassStarted,
    PlanIncomplete,
    RunEnded,
    RunStarted,
    Traffic,
    TrafficCounted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction, Skip
from ropewalk.model.result import HostResult, RunResult, Tally, walk

BAD = Failure("Bad", "bad")
NESTED = Failure("OperationFailed", "inner", caused_by_nested=True)


def op(id: str, *, parent: str | None = None, order: tuple[Any, ...] = ()) -> OperationInfo:
    return OperationInfo(id, f"name of {id}", "m.f", parent=parent, order=order or (id,))


def ended(id: str, outcome: Outcome, *, parent: str | None = None, **more: Any) -> OperationEnded:
    return OperationEnded("a", op(id, parent=parent), outcome, **more)


def planned(id: str, prediction: Prediction) -> OperationPlanned:
    return OperationPlanned("a", op(id), prediction)


def fold(*events: Any) -> RunResult:
    result = RunResult()
    for event in events:
        result.take(event)
    return result


def host(*events: Any, status: HostStatus | None = None) -> HostResult:
    found = fold(RunStarted(("a",), "1", "deploy"), *events).hosts["a"]
    if status is not None:
        found.status = status
    return found


def test_what_a_run_was() -> None:
    result = fold(
        RunStarted(("b", "a"), "1.2", "exec"), PassStarted("plan"), PassEnded("plan", 1.5), PassStarted("apply"),
        FactValue("a", "f", "", 1), Noted("info", "x", "b"), CommandStarted("a", "x"),
        RunEnded(ExitStatus.FAILED, 2.5, BAD),
    )  # fmt: skip
    assert (result.mode, result.version, list(result.hosts)) == ("exec", "1.2", ["b", "a"])
    assert (result.planned, result.applied, result.passes) == (True, True, {"plan": 1.5})
    assert (result.status, result.seconds, result.stopped_by) == (ExitStatus.FAILED, 2.5, BAD)
    assert result.facts == [FactValue("a", "f", "", 1)]
    assert not result.ok


@pytest.mark.parametrize("status", [None, *ExitStatus])
def test_a_result_is_ok_only_with_status_ok_or_changes(status: ExitStatus | None) -> None:
    assert RunResult(status=status).ok == (status in (ExitStatus.OK, ExitStatus.CHANGES))


def test_how_hosts_ended() -> None:
    result = fold(
        RunStarted(("a", "b", "c", "d"), "1", "deploy"),
        ConnectEnded("a", 0.1), ConnectEnded("b", 0.1, BAD),
        HostEnded("b", HostStatus.UNREACHABLE), HostEnded("c", HostStatus.FAILED, BAD), HostEnded("a", HostStatus.OK),
        TrafficCounted("a", Traffic(round_trips=3)),
    )  # fmt: skip
    assert {name: host.status for name, host in result.hosts.items()} == {
        "a": HostStatus.OK, "b": HostStatus.UNREACHABLE, "c": HostStatus.FAILED, "d": None,
    }  # fmt: skip
    assert (result.hosts["a"].failure, result.hosts["b"].failure, result.hosts["c"].failure) == (None, BAD, BAD)
    assert result.failed_hosts() == ["b", "c"]
    assert result.hosts["a"].traffic.round_trips == 3


def test_a_host_that_is_not_in_the_run_gets_an_entry_all_the_same() -> None:
    assert list(fold(HostEnded("z", HostStatus.FAILED)).hosts) == ["z"]


def test_a_plan_that_ended_well_says_nothing_of_the_end() -> None:
    events = [
        RunStarted(("a", "b"), "1", "deploy"),
        HostEnded("a", HostStatus.OK),
        HostEnded("b", HostStatus.FAILED, BAD),
    ]
    result = fold(*events, PassStarted("apply"))
    assert (result.hosts["a"].status, result.hosts["b"].status) == (None, HostStatus.FAILED)


@pytest.mark.parametrize(
    ("prediction", "pending"),
    [
        (Prediction.CHANGE, True),
        (Prediction.UNKNOWN, True),
        (Prediction.NO_CHANGE, False),
        (Prediction.SKIPPED, False),
        (Prediction.ERROR, False),
    ],
)
def test_changes_pending(prediction: Prediction, pending: bool) -> None:
    result = fold(planned("1", Prediction.NO_CHANGE), planned("2", prediction))
    assert result.changes_pending is result.hosts["a"].changes_pending is pending


def test_a_plan_that_ends_early_has_changes_pending() -> None:
    assert fold(PlanIncomplete("a", "because")).changes_pending
    assert not RunResult().changes_pending


def test_tally_counts_every_end_once() -> None:
    found = host(
        ended("1", Outcome.CHANGED), ended("2", Outcome.OK), ended("3", Outcome.SKIPPED, skip=Skip.CONDITION),
        ended("4", Outcome.IGNORED, failure=BAD), ended("5", Outcome.FAILED, failure=BAD),
        ended("6", Outcome.CANCELLED), status=HostStatus.FAILED,
    )  # fmt: skip
    assert found.tally() == Tally(changed=1, ok=1, skipped=1, ignored=1, failed=1, cancelled=1)
    assert found.count() == dict.fromkeys(Outcome, 1)


def test_only_root_causes_count_as_failures() -> None:
    found = host(
        ended("inner", Outcome.FAILED, parent="outer", failure=BAD), ended("outer", Outcome.FAILED, failure=NESTED),
        status=HostStatus.FAILED,
    )  # fmt: skip
    assert [entry.operation.id for entry in found.root_failures()] == ["inner"]
    assert found.tally() == Tally(failed=1)


def test_a_failure_inside_an_ignored_operation_counts_as_ignored_once() -> None:
    found = host(
        ended("inner", Outcome.FAILED, parent="middle", failure=BAD),
        ended("middle", Outcome.FAILED, parent="outer", failure=NESTED),
        ended("outer", Outcome.IGNORED, failure=NESTED), status=HostStatus.FAILED,
    )  # fmt: skip
    assert found.root_failures() == []
    assert found.tally() == Tally(ignored=1)


def test_a_failure_on_a_host_that_ended_well_was_tolerated() -> None:
    found = host(ended("1", Outcome.FAILED, failure=BAD), status=HostStatus.OK)
    assert found.tally() == Tally(ignored=1)


def test_a_failure_in_an_operation_that_has_no_entry_is_a_root_failure() -> None:
    found = host(ended("1", Outcome.FAILED, parent="gone", failure=BAD), status=HostStatus.FAILED)
    assert found.tally() == Tally(failed=1)


def test_what_was_not_run() -> None:
    events = [planned("1", Prediction.CHANGE), planned("2", Prediction.UNKNOWN), planned("3", Prediction.ERROR),
              ended("1", Outcome.FAILED, failure=BAD), ended("0", Outcome.SKIPPED, skip=Skip.UPSTREAM)]  # fmt: skip
    failed = host(*events, status=HostStatus.FAILED)
    assert [operation.id for operation in failed.not_run()] == ["0", "2"]
    assert failed.tally() == Tally(failed=1, not_run=2)
    assert failed.tally(applied=False) == Tally(failed=1)
    assert [operation.id for operation in host(*events, status=HostStatus.OK).not_run()] == ["0"]


def test_time_inside_other_operations_is_not_counted_again() -> None:
    found = host(
        ended("inner", Outcome.OK, parent="outer", seconds=2.0), ended("outer", Outcome.OK, seconds=3.0),
        ended("x", Outcome.OK, seconds=0.5),
    )  # fmt: skip
    assert found.seconds == 3.5


def test_the_tally_of_a_run_is_the_sum() -> None:
    one = OperationEnded("a", op("1"), Outcome.CHANGED)
    two = OperationEnded("b", op("1"), Outcome.OK)
    result = fold(PassStarted("apply"), one, two, HostEnded("a", HostStatus.OK), HostEnded("b", HostStatus.OK))
    assert result.tally() == Tally(changed=1, ok=1)
    assert Tally(1, 2, 3, 4, 5, 6, 7) + Tally(1, 1, 1, 1, 1, 1, 1) == Tally(2, 3, 4, 5, 6, 7, 8)


def test_operations_are_in_source_order_whatever_their_positions_hold() -> None:
    orders: list[tuple[Any, ...]] = [
        (1, (3,), (), 0), (0, (20,), (), 0), (0, (3, 5), (), 0), (0, (3,), (), 1), (0, (3,), (), 0),
        (0, (3,), (2,), 0), ("text", 1), (0, "x"),
    ]  # fmt: skip
    ops = [op(str(index), order=order) for index, order in enumerate(orders)]
    result = fold(*(OperationEnded(f"host {info.id}", info, Outcome.OK) for info in ops))
    assert [entry.order for entry in result.in_order()] == [
        (0, "x"), (0, (3,), (), 0), (0, (3,), (), 1), (0, (3,), (2,), 0), (0, (3, 5), (), 0), (0, (20,), (), 0),
        (1, (3,), (), 0), ("text", 1),
    ]  # fmt: skip


def test_loops_are_in_the_order_in_which_they_ran() -> None:
    first = {(n, line): op(f"{line}.{n}", order=(line, n)) for n in (0, 1) for line in (3, 4)}
    before, after = op("before", order=(1, 0)), op("after", order=(9, 0))
    long = [before, first[0, 3], first[0, 4], first[1, 3], first[1, 4]]
    result = fold(
        *(OperationPlanned("long", info, Prediction.CHANGE) for info in long),
        *(OperationPlanned("short", info, Prediction.CHANGE) for info in (first[0, 3], first[0, 4], after)),
        *(OperationEnded("long", info, Outcome.OK) for info in long[:2]),
    )
    assert [info.id for info in result.in_order()] == ["before", "3.0", "4.0", "3.1", "4.1", "after"]


def test_hosts_that_come_by_operations_in_different_order_are_no_circle() -> None:
    x, y = op("x", order=(1,)), op("y", order=(2,))
    told = [("a", x), ("a", y), ("b", y), ("b", x)]
    result = fold(*(OperationEnded(host, info, Outcome.OK) for host, info in told))
    assert [info.id for info in result.in_order()] == ["x", "y"]


def test_walk_yields_what_is_inside_after_what_it_is_inside_of() -> None:
    result = fold(
        *(OperationEnded(f"host {info.id}", info, Outcome.OK) for info in (
            op("inner2", parent="outer", order=(1, 2)), op("inner1", parent="outer", order=(1, 1)),
            op("innermost", parent="inner1", order=(1, 1, 0)), op("outer", order=(1,)), op("first", order=(0,)),
            op("orphan", parent="gone", order=(5,)),
        ))
    )  # fmt: skip
    assert [(depth, info.id) for depth, info in walk(result)] == [
        (0, "first"), (0, "outer"), (1, "inner1"), (2, "innermost"), (1, "inner2"), (0, "orphan"),
    ]  # fmt: skip


def test_notes_are_kept_once_but_for_those_for_debugging() -> None:
    info, warning, error = Noted("info", "i", "a"), Noted("warning", "w", "a"), Noted("error", "e")
    result = fold(info, warning, warning, error, info, Noted("debug", "d"))
    assert result.notes == [info, warning, error]
