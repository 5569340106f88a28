"""A plan says what would happen, touches nothing, and says so where it cannot know."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from ropewalk import host
from ropewalk.model.command import Change, Diff, Secret, sh
from ropewalk.model.errors import OperationFailed, UnknownUntilApplied
from ropewalk.model.event import CommandStarted, FactRead, OperationEnded, OperationPlanned, PassStarted, PlanIncomplete
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction
from support.operations import (
    Content,
    Counted,
    Failing,
    broken,
    broken_after,
    call,
    content,
    needs,
    nothing,
    run,
    steps,
)
from support.play import Stage, play

CHANGE, NO_CHANGE, UNKNOWN = Prediction.CHANGE, Prediction.NO_CHANGE, Prediction.UNKNOWN
SKIPPED, ERROR = Prediction.SKIPPED, Prediction.ERROR


def dry(*programs: Callable[[], Any], **given: Any) -> Any:
    return play(*programs, dry=True, **given)


def test_what_changes_and_what_does_not() -> None:
    def deploy() -> None:
        content("f", "text", name="one")
        content("g", "text", name="two")
        nothing(name="three")
        run("echo hello", name="four")

    stage = Stage()
    stage.machines["a"].path("g").write_text("text\n")
    played = stage.play(deploy, dry=True)
    assert played.predictions() == [("one", CHANGE), ("two", NO_CHANGE), ("three", NO_CHANGE), ("four", CHANGE)]
    assert played.planned("one").commands == ("echo text > f",)
    assert played.planned("one").changes == (Change("content", "", "text"),)
    assert played.planned("two").reason == "g is as it should be"
    assert played.of(OperationEnded) == played.of(CommandStarted) == []
    assert not played.machines["a"].path("f").exists()
    assert (played.result.status, played.host_ended().status) == (ExitStatus.OK, HostStatus.OK)
    assert played.result.changes_pending


def test_explanations_alone_are_no_change() -> None:
    def deploy() -> None:
        steps(Change("a", "1", "2"), Diff("/f", "x", "y"), name="explained")

    played = dry(deploy)
    assert played.predictions() == [("explained", NO_CHANGE)]
    assert played.planned("explained").diffs == (Diff("/f", "x", "y"),)


@pytest.mark.parametrize(("detailed", "expected"), [(True, ExitStatus.CHANGES), (False, ExitStatus.OK)])
def test_pending_changes_show_in_the_exit_status_when_asked_for(detailed: bool, expected: ExitStatus) -> None:
    assert dry(lambda: run("true"), detailed_exitcode=detailed).result.status is expected
    assert dry(lambda: nothing(), detailed_exitcode=detailed).result.status is ExitStatus.OK


def test_a_failure_with_nothing_before_it_is_an_error_of_the_plan() -> None:
    def deploy() -> None:
        nothing(name="before")
        needs(name="fails")
        run("true", name="after")

    played = play(deploy)
    assert played.predictions() == [("before", NO_CHANGE), ("fails", ERROR), ("after", CHANGE)]
    failure = played.planned("fails").failure
    assert failure is not None
    assert (failure.kind, "not ready" in failure.message) == ("FactError", True)
    assert failure.where is not None
    assert failure.where.file.endswith("test_engine_plan.py")
    assert played.of(OperationEnded) == []
    assert (played.result.status, played.host_ended().status) == (ExitStatus.FAILED, HostStatus.FAILED)


def test_a_failure_after_a_pending_change_is_unknown() -> None:
    def deploy() -> None:
        run("touch ready", name="prepare")
        needs(name="depends")

    played = play(deploy)
    assert played.predictions() == [("prepare", CHANGE), ("depends", UNKNOWN)]
    assert "an operation before it may change that" in str(played.planned("depends").reason)
    assert played.outcomes() == [("prepare", Outcome.CHANGED), ("depends", Outcome.CHANGED)]
    assert played.result.status is ExitStatus.OK


def test_what_is_unknown_makes_what_follows_unknown_too() -> None:
    def deploy() -> None:
        call(print, name="callback")
        broken(name="broken")

    played = dry(deploy)
    assert played.predictions() == [("callback", CHANGE), ("broken", UNKNOWN)]


def test_errors_of_the_author_are_told_with_their_line() -> None:
    played = dry(lambda: broken(name="broken"))
    failure = played.planned("broken").failure
    assert (failure.kind, failure.message) == ("ValueError", "ValueError: broken by design")
    assert failure.where.file.endswith("operations.py")
    assert "broken by design" in failure.traceback
    assert played.result.status is ExitStatus.FAILED


def test_an_error_after_the_first_command_may_come_of_not_running_it() -> None:
    played = dry(lambda: broken_after("true", name="x"))
    assert played.predictions() == [("x", CHANGE)]
    assert played.planned("x").commands == ("true",)


def test_ignored_errors_are_unknown() -> None:
    played = play(lambda: needs(name="x", _ignore_errors=True))
    assert played.predictions() == [("x", UNKNOWN)]
    assert "its errors are ignored" in played.planned("x").reason
    assert played.outcomes() == [("x", Outcome.IGNORED)]
    assert played.result.status is ExitStatus.OK


def test_the_plan_waits_for_what_is_asked() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        one = content("f", "x", name="one")
        seen.append((one.will_change, one.changed, one.did_change(), one.is_complete(), one.executed))
        if one.changed:
            nothing(name="two")
        three = nothing(name="three")
        seen.append((three.will_change, three.did_not_change()))

    played = dry(deploy)
    assert seen == [(True, True, True, False, False), (False, True)]
    assert played.predictions() == [("one", CHANGE), ("two", NO_CHANGE), ("three", NO_CHANGE)]


@pytest.mark.parametrize("attribute", ["stdout", "stderr_lines", "did_succeed"])
def test_what_only_applying_tells_ends_the_plan_there(attribute: str) -> None:
    def deploy() -> None:
        one = run("echo hello", name="one")
        value = getattr(one, attribute)
        if callable(value):
            value()
        run("true", name="two")

    played = play(deploy)
    assert played.predictions() == [("one", CHANGE)]
    [incomplete] = played.of(PlanIncomplete)
    assert "cannot be known before" in incomplete.reason
    assert incomplete.where.file.endswith("test_engine_plan.py")
    assert [name for name, _ in played.outcomes()] == ["one", "two"]
    assert played.result.status is ExitStatus.OK


@pytest.mark.parametrize(
    "ask",
    [
        lambda: host.run_shell_command("echo x"),
        lambda: host.put_file("/etc/hosts", "x"),
        lambda: host.get_file("x", "/dev/null"),
        lambda: host.rsync("x", "y"),
    ],
)
def test_what_a_plan_does_not_do(ask: Callable[[], Any]) -> None:
    played = dry(ask)
    assert "cannot be known before applying" in played.of(PlanIncomplete)[0].reason
    assert not played.machines["a"].path("x").exists()


def test_a_fact_that_fails_in_deploy_code() -> None:
    def fails() -> None:
        host.get_fact(Failing)

    assert dry(fails).result.status is ExitStatus.FAILED

    def may_not_fail() -> None:
        run("touch ready", name="prepare")
        assert host.get_fact(Failing) == "is ready"

    played = play(may_not_fail)
    assert "an operation before it may change that" in played.of(PlanIncomplete)[0].reason
    assert played.result.status is ExitStatus.OK


def test_conditions() -> None:
    def deploy() -> None:
        one = run("true", name="one")
        other = nothing(name="other")
        run("true", name="yes", _if=one.did_change)
        run("true", name="no", _if=other.did_change)
        run("true", name="both", _if=[one.did_change, other.did_change])
        run("true", name="later", _if=one.did_succeed)
        run("true", name="never", _if=lambda: False)
        with host.when(other.did_change):
            run("true", name="inside", _if=one.did_change)
        run("true", name="broken", _if=lambda: 1 / 0)

    played = dry(deploy)
    assert dict(played.predictions()) == {
        "one": CHANGE, "other": NO_CHANGE, "yes": CHANGE, "no": SKIPPED, "both": SKIPPED, "later": UNKNOWN,
        "never": SKIPPED, "inside": SKIPPED, "broken": UNKNOWN,
    }  # fmt: skip
    assert played.planned("no").reason == "its condition does not hold"
    assert played.planned("yes").conditional
    assert not played.planned("one").conditional


def test_a_condition_that_asks_for_what_is_still_to_come_is_unknown() -> None:
    def deploy() -> None:
        metas: list[Any] = []

        def itself() -> bool:
            host.get_fact(Content, path="f")  # by the time it is there, all three have been called
            return bool(metas[0].changed)

        def of_the_next() -> bool:
            host.get_fact(Content, path="f")
            return bool(metas[2].changed)

        metas.append(run("true", name="itself", _if=itself))
        metas.append(run("true", name="one", _if=of_the_next))
        metas.append(run("true", name="two", _if=lambda: metas[1].changed))

    played = dry(deploy)
    assert [prediction for _, prediction in played.predictions()] == [UNKNOWN, UNKNOWN, UNKNOWN]


def test_a_condition_sees_what_it_sees_when_it_is_applied() -> None:
    def deploy() -> None:
        packages = ["one"]
        steps(name="before", _if=lambda: packages == ["one"])
        packages.append("two")
        steps(name="after", _if=lambda: packages == ["one"])

    stage = Stage()
    assert [prediction for _, prediction in stage.play(deploy, dry=True).predictions()] == [NO_CHANGE, SKIPPED]
    applied = stage.play(deploy).of(OperationEnded)
    assert [event.outcome for event in applied] == [Outcome.OK, Outcome.SKIPPED]


def test_run_once_is_planned_for_the_first_host() -> None:
    def deploy() -> None:
        run("touch here", name="once", _run_once=True)
        run("touch everywhere", name="all")

    played = play(deploy, hosts=("a", "b", "c"))
    assert [played.planned("once", name).prediction for name in "abc"] == [CHANGE, SKIPPED, SKIPPED]
    assert played.planned("once", "b").reason == "runs on a only"
    assert [played.ended("once", name).outcome for name in "abc"] == [
        Outcome.CHANGED, Outcome.SKIPPED, Outcome.SKIPPED,
    ]  # fmt: skip
    assert [machine.path("here").exists() for machine in played.machines.values()] == [True, False, False]


def test_run_once_belongs_to_the_first_host_that_comes_to_it() -> None:
    def deploy() -> None:
        if host.name != "a":
            run("true", name="once", _run_once=True)

    played = play(deploy, hosts=("a", "b", "c"))
    assert [played.planned("once", name).prediction for name in "bc"] == [CHANGE, SKIPPED]
    assert [played.ended("once", name).outcome for name in "bc"] == [Outcome.CHANGED, Outcome.SKIPPED]


def test_facts_are_read_together_in_one_round_trip() -> None:
    def deploy() -> None:
        for number in range(20):
            content(f"f{number}", "x", name=str(number))

    played = dry(deploy)
    assert played.result.hosts["a"].traffic.facts == 20
    assert played.result.hosts["a"].traffic.round_trips <= 2
    assert len(played.of(FactRead)) == 20


def test_the_apply_pass_of_a_host_that_is_as_it_should_be_reads_nothing() -> None:
    def deploy() -> None:
        for number in range(5):
            content(f"f{number}", "x")

    stage = Stage()
    for number in range(5):
        stage.machines["a"].path(f"f{number}").write_text("x\n")
    played = stage.play(deploy)
    assert len(played.of(FactRead)) == 5
    assert [outcome for _, outcome in played.outcomes()] == [Outcome.OK] * 5
    assert played.result.hosts["a"].traffic.facts == 5


def test_more_operations_than_are_evaluated_at_a_time() -> None:
    def deploy() -> None:
        for number in range(100):
            content(f"f{number}", "x", name=str(number))

    played = dry(deploy)
    assert [name for name, _ in played.predictions()] == [str(number) for number in range(100)]


def test_an_operation_without_end_is_not_followed_for_ever() -> None:
    def endless() -> Any:
        while True:
            yield "true"

    from ropewalk.api import operation

    played = dry(lambda: operation()(endless)(name="endless"))
    assert len(played.planned("endless").commands) == 10_000


@pytest.mark.parametrize("given", [None, 5, b"x", object()])
def test_steps_that_are_none(given: Any) -> None:
    played = dry(lambda: steps(given, name="x"))
    assert played.planned("x").failure.kind == "OperationError"
    assert "which is not a command" in played.planned("x").failure.message
    assert played.result.status is ExitStatus.FAILED


def test_secrets_are_masked() -> None:
    def deploy() -> None:
        run(f"login {Secret('hunter2')}", name="one")
        steps(sh("login", Secret("hunter3")), Change("password hunter3", None, "hunter3"), name="two")

    played = dry(deploy)
    assert "hunter" not in repr(played.events)
    assert played.planned("two").commands == ("login '*****'",)
    assert played.planned("two").changes == (Change("password *****", None, "*****"),)


def test_data_and_callbacks_of_the_plan_do_not_reach_the_apply_pass() -> None:
    seen = []

    def deploy() -> None:
        seen.append((host.data.get("counter"), len(host.inventory.state.callback_handlers)))
        host.data.counter = 1
        from ropewalk.api import BaseStateCallback

        host.inventory.state.add_callback_handler(BaseStateCallback())

    play(deploy)
    assert seen == [(None, 0), (None, 0)]


def test_what_several_hosts_register_in_the_plan_is_forgotten_too() -> None:
    from ropewalk.api import BaseStateCallback

    class Mine(BaseStateCallback):
        def __init__(self) -> None:
            self.of = host.name

    def deploy() -> None:
        host.inventory.state.add_callback_handler(Mine())
        content("f", "x")

    stage = Stage("abc")
    stage.play(deploy)
    assert sorted(handler.of for handler in stage.state.callback_handlers) == ["a", "b", "c"]


def test_a_deploy_that_raises() -> None:
    def deploy() -> None:
        run("true", name="one")
        raise LookupError("no such thing")

    played = play(deploy, hosts=("a", "b"))
    assert played.result.status is ExitStatus.FAILED
    for name in "ab":
        failure = played.host_ended(name).failure
        assert failure is not None
        assert failure.message == "LookupError: no such thing"
        assert failure.where.file.endswith("test_engine_plan.py")
    assert played.of(OperationEnded) == []


@pytest.mark.parametrize("error", [SystemExit(0), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_a_deploy_that_leaves_early_has_failed(error: BaseException) -> None:
    def deploy() -> None:
        raise error

    assert play(deploy).result.status is ExitStatus.FAILED


def test_one_hosts_error_is_no_other_hosts() -> None:
    def deploy() -> None:
        if host.name == "b":
            raise ValueError("only here")
        run("touch f", name="one")

    played = play(deploy, hosts=("a", "b", "c"))
    assert {name: result.status for name, result in played.result.hosts.items()} == {
        "a": HostStatus.OK, "b": HostStatus.FAILED, "c": HostStatus.OK,
    }  # fmt: skip
    assert played.outcomes("a") == played.outcomes("c") == [("one", Outcome.CHANGED)]
    assert played.result.status is ExitStatus.FAILED


def test_bad_usage_stops_everything_before_anything_is_applied() -> None:
    def deploy() -> None:
        run("touch f", name="one")
        if host.name == "b":
            content("f", "x", no_such_argument=True)

    played = play(deploy, hosts=("a", "b"))
    assert played.result.status is ExitStatus.USAGE
    assert played.result.stopped_by.kind == "OperationTypeError"
    assert "no_such_argument" in played.result.stopped_by.message
    assert not any(machine.path("f").exists() for machine in played.machines.values())
    assert [event.name for event in played.of(PassStarted)] == ["connect", "plan"]
    assert {name: r.status for name, r in played.result.hosts.items()} == {
        "a": HostStatus.CANCELLED, "b": HostStatus.FAILED,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("call_it", "kind", "says"),
    [
        (lambda: content("f"), "OperationTypeError", "missing a required argument"),
        (lambda: content("f", "x", "y"), "OperationTypeError", "too many positional"),
        (lambda: content("f", txt="x"), "OperationTypeError", "no argument txt"),
        (lambda: content("f", "x", _sud=True), "ArgumentTypeError", "no argument _sud"),
        (lambda: content("f", "x", _timeout="soon"), "ArgumentTypeError", "_timeout"),
        (lambda: content("f", "x", _retries=-1), "ArgumentTypeError", "_retries"),
        (lambda: nothing(x=1), "OperationTypeError", "no argument x"),
    ],
)
def test_calls_that_make_no_sense(call_it: Callable[[], Any], kind: str, says: str) -> None:
    played = play(call_it)
    assert played.result.status is ExitStatus.USAGE
    assert played.result.stopped_by.kind == kind
    assert says in played.result.stopped_by.message


def test_an_operation_may_not_be_called_inside_another() -> None:
    from ropewalk.api import operation

    @operation()
    def outer() -> Any:
        run("true")
        yield "true"

    played = dry(lambda: outer(name="outer"))
    assert played.planned("outer").failure.message.endswith("was called inside the operation test_engine_plan.outer")
    assert "_inner" in played.planned("outer").failure.hint


def test_the_inner_function_makes_one_operation_part_of_another() -> None:
    from ropewalk.api import operation

    @operation()
    def outer() -> Any:
        yield from run._inner("echo one", "echo two")

    assert dry(lambda: outer(name="outer")).planned("outer").commands == ("echo one", "echo two")


def test_without_a_plan_nothing_is_planned() -> None:
    played = play(lambda: run("true", name="x"), plan=False)
    assert played.of(OperationPlanned) == []
    assert [event.name for event in played.of(PassStarted)] == ["connect", "apply"]
    assert played.outcomes() == [("x", Outcome.CHANGED)]


def test_only_a_plan() -> None:
    played = play(lambda: run("true", name="x"), apply=False)
    assert played.of(OperationEnded) == []
    assert played.result.status is ExitStatus.OK


def test_names_and_arguments() -> None:
    from ropewalk.api import deploy

    @deploy("inner")
    def inner() -> None:
        run("true", name="named")
        content("f", "long " * 50)

    @deploy("outer")
    def outer() -> None:
        inner()

    names = [(e.operation.name, e.operation.arguments) for e in dry(outer).of(OperationPlanned)]
    assert names == [
        ("outer | inner | named", ()),
        ("outer | inner | support.content", ("f", ("long " * 50)[:79] + "…")),
    ]


def test_private_arguments_do_not_show() -> None:
    from ropewalk.api import operation

    @operation()
    def login(user: str, password: str = "", options: Any = None) -> Any:
        yield sh("login", user, password)

    played = dry(lambda: login("me", password="hunter2", options=[Secret("hunter3"), print]))
    [planned] = played.of(OperationPlanned)
    assert planned.operation.arguments == ("me", "password=*****", f"options=[*****, {print!r}]")
    assert planned.commands == ("login me *****",) or planned.commands == ("login me '*****'",)


def test_facts_in_deploy_code_are_shared_with_operations() -> None:
    def deploy() -> None:
        host.get_fact(Counted)
        needs(Counted, name="x")
        host.get_fact(Counted)

    played = dry(deploy)
    assert played.machines["a"].read("reads") == "x\n"


def test_no_fact_is_read_twice_while_it_is_read() -> None:
    def deploy() -> None:
        for number in range(10):
            needs(Counted, name=str(number))

    played = dry(deploy)
    assert played.machines["a"].read("reads") == "x\n"
    assert {played.planned(str(number)).commands for number in range(10)} == {("echo 1",)}


def test_unknown_until_applied_can_be_caught() -> None:
    def deploy() -> None:
        one = run("echo hello", name="one")
        try:
            assert one.stdout == "hello"
        except UnknownUntilApplied:
            pass
        nothing(name="two")

    assert [name for name, _ in dry(deploy).predictions()] == ["one", "two"]


def test_catching_operation_failed_is_harmless_in_a_plan() -> None:
    def deploy() -> None:
        try:
            run("false", name="one")
        except OperationFailed:
            run("true", name="two")

    assert [name for name, _ in dry(deploy).predictions()] == ["one"]


def test_content_is_a_fact_of_its_own() -> None:
    stage = Stage()
    stage.machines["a"].path("it's").write_text("a\nb")
    seen = []
    stage.play(lambda: seen.append(host.get_fact(Content, path="it's")), dry=True)
    assert seen == [["a", "b"]]
