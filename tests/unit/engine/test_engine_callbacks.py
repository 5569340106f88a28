"""Functions of a deploy that are called as operations: in a thread, with operations inside them that may fail."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk import config, host
from ropewalk.model.errors import OperationFailed
from ropewalk.model.event import OperationEnded, OperationStarted
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome
from support.operations import Counted, call, content, run
from support.play import Played, play
from support.processes import eventually

CHANGED, FAILED, IGNORED, SKIPPED = Outcome.CHANGED, Outcome.FAILED, Outcome.IGNORED, Outcome.SKIPPED


def apply(*programs: Callable[[], Any], **given: Any) -> Played:
    return play(*programs, plan=False, **given)


def test_a_callback_runs_once_per_host_and_only_when_applied() -> None:
    seen: list[tuple[str, str]] = []

    def callback(*args: Any, **kwargs: Any) -> None:
        seen.append((host.name, f"{args} {kwargs}"))

    played = play(lambda: call(callback, 1, key="value", name="x"), hosts=("a", "b"))
    assert sorted(seen) == [("a", "(1,) {'key': 'value'}"), ("b", "(1,) {'key': 'value'}")]
    assert played.outcomes("b") == [("x", CHANGED)]


def test_operations_in_a_callback_run_at_once_as_its_children() -> None:
    seen: list[Any] = []

    def callback() -> None:
        seen.append(run("echo one", name="one").stdout)
        seen.append(content("f", "x", name="two").changed)
        seen.append(content("f", "x", name="three").changed)
        seen.append(host.get_fact(Counted))

    played = apply(lambda: call(callback, name="outer"))
    assert seen == ["one", True, False, 1]
    assert [name for name, _ in played.outcomes()] == ["one", "two", "three", "outer"]
    outer = played.ended("outer").operation
    children = [played.ended(name).operation for name in ("one", "two", "three")]
    assert {child.parent for child in children} == {outer.id}
    assert outer.parent is None
    assert [child.order[: len(outer.order)] for child in children] == [outer.order] * 3
    started = [event.operation.name for event in played.of(OperationStarted)]
    assert started == ["outer", "one", "two", "three"]


def test_connection_arguments_are_inherited_and_the_others_are_not(tmp_path: Path) -> None:
    def callback() -> None:
        run("echo $X > f; pwd > where", name="inner")
        run("exit 3", name="own", _success_exit_codes=[3])
        run("cat > input", name="input")

    def deploy() -> None:
        with host.arguments(_env={"Y": "with"}):
            call(
                callback, name="x", _env={"X": "env"}, _chdir=str(tmp_path), _success_exit_codes=[7], _stdin="input",
                _ignore_errors=True, _retries=3, _retry_delay=0,
            )  # fmt: skip

    played = apply(deploy)
    assert played.ended("x").failure is None
    assert played.host_ended().failure is None


def nested(depth: int, inner: Callable[[], Any], catch_at: int | None = None, ignore_at: int | None = None) -> None:
    """Call ``inner`` at the bottom of callbacks in callbacks; 1 is the innermost."""

    def callback() -> None:
        if depth == 1:
            inner()
            return
        try:
            nested(depth - 1, inner, catch_at, ignore_at)
        except OperationFailed:
            if catch_at != depth:
                raise

    call(callback, name=f"level {depth}", _ignore_errors=ignore_at == depth)


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_a_failure_at_any_depth_fails_the_host(depth: int) -> None:
    played = apply(lambda: nested(depth, lambda: run("exit 3", name="inner")))
    assert dict(played.outcomes()) == {"inner": FAILED, **{f"level {n}": FAILED for n in range(1, depth + 1)}}
    assert (played.host_ended().status, played.result.status) == (HostStatus.FAILED, ExitStatus.FAILED)
    assert played.result.tally().failed == 1
    assert not played.ended("inner").failure.caused_by_nested
    assert all(played.ended(f"level {n}").failure.caused_by_nested for n in range(1, depth + 1))


@pytest.mark.parametrize("depth", [2, 3])
@pytest.mark.parametrize("catch_at", [2, 3])
def test_a_failure_that_a_callback_catches_is_a_failure_all_the_same(depth: int, catch_at: int) -> None:
    played = apply(lambda: nested(depth, lambda: run("exit 3", name="inner"), catch_at=catch_at))
    assert set(dict(played.outcomes()).values()) == {FAILED}
    assert played.result.status is ExitStatus.FAILED
    assert played.result.tally().failed == 1
    assert "an operation inside it failed" in played.host_ended().failure.message or (
        "exit status 3" in played.host_ended().failure.message
    )


@pytest.mark.parametrize(("depth", "ignore_at"), [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)])
def test_a_failure_that_is_ignored_above_ends_there(depth: int, ignore_at: int) -> None:
    played = apply(lambda: nested(depth, lambda: run("exit 3", name="inner"), ignore_at=ignore_at))
    outcomes = dict(played.outcomes())
    assert outcomes["inner"] is FAILED
    assert [outcomes[f"level {n}"] for n in range(1, depth + 1)] == [
        FAILED if n < ignore_at else IGNORED if n == ignore_at else CHANGED for n in range(1, depth + 1)
    ]  # fmt: skip
    assert played.result.status is ExitStatus.OK
    tally = played.result.tally()
    assert (tally.failed, tally.ignored) == (0, 1)


def test_a_failure_that_the_inner_operation_ignores_is_none() -> None:
    played = apply(lambda: nested(3, lambda: run("exit 3", name="inner", _ignore_errors=True)))
    assert played.result.status is ExitStatus.OK
    assert played.ended("level 3").outcome is CHANGED


def test_a_callback_that_is_tried_again() -> None:
    tries: list[int] = []

    def callback() -> None:
        tries.append(1)
        run(f"[ {len(tries)} = 3 ]", name="inner")

    played = apply(lambda: call(callback, name="x", _retries=5, _retry_delay=0))
    assert len(tries) == 3
    assert played.ended("x").attempts == 3
    assert played.result.status is ExitStatus.OK
    assert played.result.tally().failed == 0


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (ValueError("mine"), "ValueError: mine"),
        (SystemExit(0), "SystemExit: 0"),
        (KeyboardInterrupt(), "KeyboardInterrupt"),
        (TimeoutError("of a socket"), "of a socket"),
        (BaseException("odd"), "odd"),
        (OperationFailed("by hand"), "by hand"),
    ],
    ids=repr,
)
@pytest.mark.parametrize("timeout", [None, 30])
def test_whatever_a_callback_raises_is_a_failure(error: BaseException, message: str, timeout: int | None) -> None:
    def callback() -> None:
        raise error

    played = apply(lambda: call(callback, name="x", _timeout=timeout), hosts=("a", "b"))
    for name in ("a", "b"):
        assert message in played.ended("x", name).failure.message
        assert "stopped after" not in played.ended("x", name).failure.message
    assert played.result.status is ExitStatus.FAILED


def test_facts_are_read_anew_after_a_callback() -> None:
    seen: list[int] = []

    def deploy() -> None:
        seen.append(host.get_fact(Counted))
        seen.append(host.get_fact(Counted))
        call(lambda: None, name="x")
        seen.append(host.get_fact(Counted))

    apply(deploy)
    assert seen == [1, 1, 2]


def test_callbacks_of_several_hosts_run_at_the_same_time() -> None:
    barrier = threading.Barrier(3)
    played = apply(lambda: call(lambda: barrier.wait(30), name="x"), hosts=("a", "b", "c"))
    assert played.result.status is ExitStatus.OK


def test_serial_callbacks_do_not() -> None:
    inside: list[str] = []
    most: list[int] = []

    def callback() -> None:
        inside.append(host.name)
        most.append(len(inside))
        run("true", name="inner")
        inside.remove(host.name)

    apply(lambda: call(callback, name="x", _serial=True), hosts=("a", "b", "c"))
    assert most == [1, 1, 1]


def test_a_callback_whose_time_runs_out() -> None:
    gave_up = threading.Event()

    def callback() -> None:
        try:
            while True:
                time.sleep(0.001)
        finally:
            gave_up.set()

    played = apply(lambda: call(callback, name="x", _timeout=0.2))
    assert played.ended("x").failure.message == "stopped after 0.2 s (_timeout)"
    assert eventually(gave_up.is_set)
    assert played.result.status is ExitStatus.FAILED


def test_a_callback_whose_time_runs_out_while_an_operation_runs() -> None:
    raised: list[str] = []

    def callback() -> None:
        try:
            run("touch begun; exec sleep 100", name="inner")
        except BaseException as error:
            raised.append(type(error).__name__)
            raise

    played = apply(lambda: call(callback, name="x", _timeout=0.5))
    assert played.outcomes() == [("inner", Outcome.CANCELLED), ("x", FAILED)]
    assert played.ended("x").failure.message == "stopped after 0.5 s (_timeout)"
    assert eventually(lambda: raised == ["CallbackStopped"])
    assert len(played.of(OperationStarted)) == len(played.of(OperationEnded)) == 2


def test_conditions_of_operations_in_callbacks() -> None:
    def callback() -> None:
        one = run("true", name="one")
        run("true", name="two", _if=one.did_change)
        run("true", name="three", _if=lambda: False)
        run("true", name="four", _run_once=True)

    played = apply(lambda: call(callback, name="x"), hosts=("a", "b"))
    for name in ("a", "b"):
        assert dict(played.outcomes(name))["two"] is CHANGED
        assert dict(played.outcomes(name))["three"] is SKIPPED
    assert sorted(dict(played.outcomes(name))["four"].value for name in "ab") == ["changed", "skipped"]


def test_deploys_and_contexts_in_callbacks() -> None:
    from ropewalk.api import deploy

    @deploy("inside", data_defaults={"word": "default"})
    def inside() -> None:
        run(f"echo {host.data.word} $X > f", name="x")

    def callback() -> None:
        with host.arguments(_env={"X": "y"}):
            inside()

    played = apply(lambda: call(callback, name="outer"))
    assert [name for name, _ in played.outcomes()] == ["inside | x", "outer"]
    assert played.machines["a"].read("f") == "default y\n"


def test_config_that_a_callback_sets_holds_inside_it_only() -> None:
    seen: list[str] = []

    def callback() -> None:
        config.SHELL = "bash"
        seen.append(run("echo ${BASH_VERSION:+bash}", name="inner").stdout)
        call(lambda: seen.append(run("echo ${BASH_VERSION:+bash}", name="innermost").stdout), name="call")
        seen.append(run("echo ${BASH_VERSION:+bash}", name="given", _shell_executable="sh").stdout)

    def deploy() -> None:
        call(callback, name="outer")
        seen.append(run("echo ${BASH_VERSION:+bash}", name="after").stdout)

    apply(deploy)
    assert seen == ["bash", "bash", "", ""]


def test_what_surrounds_a_callback_wins_over_config_that_it_sets() -> None:
    seen: list[str] = []

    def callback() -> None:
        config.SHELL = "bash"
        seen.append(run("echo ${BASH_VERSION:+bash}", name="inner").stdout)

    apply(lambda: call(callback, name="outer", _shell_executable="sh"))
    assert seen == [""]
