"""A whole run: whatever happens on the way, it ends with a result that tells the truth."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk import host, local
from ropewalk.api import BaseStateCallback, FactBase
from ropewalk.model.errors import AuthenticationFailed, ConnectError, ConnectionLost, OperationFailed
from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    ConnectEnded,
    ConnectStarted,
    Event,
    HostEnded,
    Noted,
    OperationEnded,
    OperationStarted,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Prediction
from ropewalk.model.result import RunResult
from support.operations import call, content, needs, nothing, run
from support.play import Played, Stage, play, run_async
from support.processes import eventually, runs


def statuses(played: Played) -> dict[str, str]:
    return {name: str(result.status) for name, result in played.result.hosts.items()}


def balanced(played: Played) -> None:
    """Every start has its end, every host ends, the run ends last."""
    pairs: list[tuple[type[Any], type[Any]]] = [
        (RunStarted, RunEnded), (PassStarted, PassEnded), (ConnectStarted, ConnectEnded),
        (OperationStarted, OperationEnded), (CommandStarted, CommandEnded),
    ]  # fmt: skip
    for started, ended in pairs:
        if ended is OperationEnded:
            skipped = sum(event.skip == "run-once" for event in played.of(OperationEnded))
            assert len(played.of(OperationStarted)) == len(played.of(OperationEnded)) - skipped
        else:
            assert len(played.of(started)) == len(played.of(ended)), started
    assert isinstance(played.events[-1], RunEnded)
    ended_hosts = [event.host for event in played.of(HostEnded)]
    assert len(ended_hosts) == len(set(ended_hosts)) == len(played.result.hosts)
    assert played.result.status is not None


def test_a_run_from_start_to_end() -> None:
    played = play(lambda: run("true", name="x"), hosts=("a", "b"))
    balanced(played)
    assert [event.name for event in played.of(PassStarted)] == ["connect", "plan", "apply"]
    assert played.result.ok
    assert played.result.applied
    assert {machine.connects for machine in played.machines.values()} == {1}
    assert all(machine.closes >= 1 for machine in played.machines.values())


def test_hosts_that_cannot_be_reached() -> None:
    stage = Stage(("a", "b", "c", "d"))
    stage.machines["b"].refuse.append(ConnectError("no route", hint="look at the cable"))
    stage.machines["c"].refuse.append(AuthenticationFailed("who are you"))
    stage.machines["d"].refuse.append(ValueError("a bug of the connector"))
    played = stage.play(lambda: run("true", name="x"))
    balanced(played)
    assert statuses(played) == {"a": "ok", "b": "unreachable", "c": "unreachable", "d": "failed"}
    assert played.result.hosts["b"].failure.hint == "look at the cable"
    assert played.result.status is ExitStatus.FAILED
    assert [h.name for h in stage.state.active_hosts] == ["a"]


def test_only_unreachable_hosts() -> None:
    stage = Stage(("a", "b"))
    for machine in stage.machines.values():
        machine.refuse.append(ConnectError("no route"))
    played = stage.play(lambda: run("true", name="x"))
    balanced(played)
    assert played.result.status is ExitStatus.UNREACHABLE
    assert played.of(OperationStarted) == []


def test_a_connection_that_is_lost_while_a_command_runs() -> None:
    stage = Stage(("a", "b"))
    stage.machines["a"].cut_at = b"cut here"
    played = stage.play(lambda: [run("echo cut here; sleep 0.2", name="x"), run("true", name="y")], plan=False)
    balanced(played)
    assert played.ended("x", "a").outcome is Outcome.FAILED
    assert "the line was cut" in played.ended("x", "a").failure.message
    assert played.outcomes("b") == [("x", Outcome.CHANGED), ("y", Outcome.CHANGED)]
    assert statuses(played)["a"] != "ok"
    assert played.result.status in (ExitStatus.FAILED, ExitStatus.UNREACHABLE)


def test_a_lost_connection_is_made_again_where_that_is_safe() -> None:
    def deploy() -> None:
        run("echo cut here", name="x", _ignore_errors=True)
        run("touch after", name="y")

    stage = Stage()
    stage.machines["a"].cut_at = b"cut here"
    played = stage.play(deploy, plan=False)
    assert played.outcomes() == [("x", Outcome.IGNORED), ("y", Outcome.CHANGED)]
    assert played.result.status is ExitStatus.OK


def test_a_shell_that_cannot_be_opened_any_more() -> None:
    stage = Stage()
    stage.machines["a"].refuse_open += [ConnectionLost("gone"), *[ConnectionLost("still gone") for _ in range(9)]]
    played = stage.play(lambda: run("true", name="x"), plan=False)
    assert "still gone" in played.ended("x").failure.message
    assert played.machines["a"].connects > 1
    assert played.result.status is ExitStatus.FAILED


@pytest.mark.parametrize(
    ("percent", "stopped"), [(None, False), (0, True), (24, True), (25, False), (49, False), (100, False)]
)
@pytest.mark.parametrize("options", [{}, {"serial": True}, {"no_wait": True}])
def test_too_many_failures_stop_the_run(percent: float | None, stopped: bool, options: dict[str, Any]) -> None:
    def deploy() -> None:
        run("false" if host.name == "a" else "true", name="x")
        run("touch later", name="y")

    played = play(deploy, hosts=("a", "b", "c", "d"), plan=False, fail_percent=percent, **options)
    balanced(played)
    assert played.result.status is ExitStatus.FAILED
    if not options:  # else hosts may have gone on before the first has failed
        assert statuses(played) == {"a": "failed", **dict.fromkeys("bcd", "cancelled" if stopped else "ok")}
    if "serial" in options:
        assert played.machines["d"].path("later").exists() is not stopped
    assert any("--fail-percent" in event.message for event in played.of(Noted)) is stopped


def test_too_many_unreachable_hosts_stop_the_run() -> None:
    for options in ({}, {"dry": True}, {"plan": False}):
        stage = Stage(("a", "b"))
        stage.machines["a"].refuse.append(ConnectError("no route"))
        asked: list[Any] = []

        async def confirm(result: RunResult, asked: list[Any] = asked) -> bool:
            asked.append(result)
            return True

        played = stage.play(lambda: run("touch f", name="x"), fail_percent=40, confirm=confirm, **options)
        balanced(played)
        assert statuses(played) == {"a": "unreachable", "b": "cancelled"}, options
        assert played.result.status is ExitStatus.UNREACHABLE
        assert not played.machines["b"].path("f").exists()
        assert asked == []


@pytest.mark.parametrize("answer", [True, False])
def test_the_answer_decides(answer: bool) -> None:
    given: list[RunResult] = []

    async def confirm(result: RunResult) -> bool:
        given.append(result)
        return answer

    played = play(lambda: run("touch f", name="x"), confirm=confirm)
    assert given[0].changes_pending
    assert played.machines["a"].path("f").exists() is answer
    if not answer:
        assert played.result.stopped_by.kind == "Refused"
        assert statuses(played) == {"a": "cancelled"}
        assert not played.result.ok


def test_nobody_is_asked_when_there_is_nothing_to_do() -> None:
    async def confirm(result: RunResult) -> bool:
        raise AssertionError("asked")

    assert play(lambda: nothing(name="x"), confirm=confirm).result.ok


def test_only_some_of_the_hosts() -> None:
    stage = Stage(("a", "b", "c"))
    limit = [stage.inventory.get_host("c"), stage.inventory.get_host("b")]
    played = stage.play(lambda: run("true", name="x"), limit_hosts=limit)
    balanced(played)
    assert set(played.result.hosts) == {"b", "c"}
    assert played.machines["a"].connects == 0


def test_facts_of_other_hosts() -> None:
    from support.operations import Content

    seen: list[Any] = []

    def deploy() -> None:
        if host.name == "a":
            seen.append(host.inventory.get_host("b").get_fact(Content, path="f"))
            run("true", name="x")

    stage = Stage(("a", "b"))
    stage.machines["b"].path("f").write_text("of b")
    played = stage.play(deploy, limit_hosts=[stage.inventory.get_host("a")])
    assert seen == [["of b"]] * 2
    assert played.result.ok
    assert played.machines["b"].closes >= 1


class Listener(BaseStateCallback):
    """Notes what it is told, and raises where it is told to."""

    def __init__(self, broken: tuple[str, ...] = ()) -> None:
        self.told: list[Any] = []
        for name in [name for name in dir(BaseStateCallback) if name.startswith(("host_", "operation_"))]:
            setattr(self, name, self._note(name, name in broken))

    def _note(self, name: str, broken: bool) -> Callable[..., None]:
        def note(state: Any, *args: Any, **kwargs: Any) -> None:
            self.told.append((name, *(getattr(arg, "name", arg) for arg in args if not isinstance(arg, Exception))))
            if broken:
                raise ValueError(f"{name} is broken")

        return note


def test_state_callbacks_are_told() -> None:
    def deploy() -> None:
        run("true", name="one")
        run("false", name="two", _ignore_errors=True, _retries=1, _retry_delay=0)

    stage, listener = Stage(("a", "b")), Listener()
    stage.state.add_callback_handler(listener)
    stage.machines["b"].refuse.append(ConnectError("no"))
    played = stage.play(deploy, plan=False)
    one, two = (played.ended(name).operation.id for name in ("one", "two"))
    assert [entry for entry in listener.told if "b" in entry] == [
        ("host_before_connect", "b"),
        ("host_connect_error", "b"),
    ]
    of_a = [entry for entry in listener.told if "b" not in entry]
    assert [entry for entry in of_a if entry[0].startswith("host_")] == [
        ("host_before_connect", "a"), ("host_connect", "a"), ("host_disconnect", "a"),
    ]  # fmt: skip
    assert [entry for entry in of_a if entry[0].startswith("operation_")] == [
        ("operation_start", one), ("operation_host_start", "a", one), ("operation_host_success", "a", one, 0),
        ("operation_end", one), ("operation_start", two), ("operation_host_start", "a", two),
        ("operation_host_retry", "a", two, 1, 1), ("operation_host_error", "a", two, 1, 1), ("operation_end", two),
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    ["host_before_connect", "host_connect", "host_disconnect", "operation_start", "operation_host_start",
     "operation_host_success", "operation_end"],
)  # fmt: skip
def test_a_state_callback_that_raises_makes_the_run_fail_and_stops_nothing(name: str) -> None:
    stage = Stage()
    stage.state.add_callback_handler(Listener((name,)))
    played = stage.play(lambda: run("touch f", name="x"), plan=False)
    balanced(played)
    assert played.machines["a"].path("f").exists()
    assert statuses(played) == {"a": "ok"}
    assert played.result.status is ExitStatus.FAILED
    assert any(f"state callback {name} failed" in event.message for event in played.of(Noted))


def test_a_report_that_fails_stops_nothing() -> None:
    def failing(event: Event) -> None:
        raise OSError("disk full")

    played = play(lambda: run("true", name="x"), listeners=[failing])
    assert played.result.ok
    assert [event.message for event in played.of(Noted)] == ["a report stopped working: OSError: disk full"]


# -- stopping ---------------------------------------------------------------------------------------------


def stop_when(kind: type[Any], status: ExitStatus = ExitStatus.INTERRUPTED, **match: Any) -> Callable[[Stage], Any]:
    """Return a listener that stops the run at the first event of a kind."""

    def prepare(stage: Stage) -> Callable[[Event], None]:
        def listen(event: Event) -> None:
            if isinstance(event, kind) and all(getattr(event, key) == value for key, value in match.items()):
                stage.run.stop(status)  # type: ignore[attr-defined]

        return listen

    return prepare


def play_and_stop(deploy: Callable[[], Any], when: Callable[[Stage], Any], hosts: str = "ab", **given: Any) -> Played:
    stage = Stage(tuple(hosts))

    async def main() -> Played:
        run = stage.prepare(deploy, listeners=[when(stage)], **given)
        stage.run = run  # type: ignore[attr-defined]
        return await stage.perform(run)

    played = asyncio.run(main())
    balanced(played)
    return played


def three() -> None:
    content("f", "x", name="one")
    run("touch begun; echo $$ > pid; [ $(pwd | tail -c 2) = b ] || exec sleep 100", name="two")
    run("touch never", name="three")


@pytest.mark.parametrize(
    "when",
    [
        stop_when(RunStarted), stop_when(PassStarted, name="connect"), stop_when(ConnectStarted),
        stop_when(ConnectEnded), stop_when(PassEnded, name="connect"), stop_when(PassStarted, name="plan"),
        stop_when(PassEnded, name="plan"),
        stop_when(PassStarted, name="apply"), stop_when(OperationStarted), stop_when(CommandStarted),
        stop_when(OperationEnded), stop_when(RunStarted, ExitStatus.TERMINATED),
    ],
)  # fmt: skip
def test_a_run_may_be_stopped_at_any_time(when: Any) -> None:
    played = play_and_stop(three, when)
    assert played.result.status in (ExitStatus.INTERRUPTED, ExitStatus.TERMINATED)
    assert not any(machine.path("never").exists() for machine in played.machines.values())
    assert set(statuses(played).values()) == {"cancelled"}
    assert played.result.stopped_by.kind == "Interrupted"


def test_stopping_ends_what_runs_on_the_hosts() -> None:
    stage = Stage(("a", "b"))

    async def main() -> Played:
        made = stage.prepare(three, plan=False)
        performing = asyncio.ensure_future(stage.perform(made))
        assert await asyncio.to_thread(eventually, stage.machines["a"].path("pid").exists)
        await asyncio.to_thread(eventually, lambda: bool(stage.machines["a"].read("pid").strip()))
        made.stop()
        made.stop()
        return await performing

    played = run_async(main())
    balanced(played)
    assert not runs(int(stage.machines["a"].read("pid")))
    assert played.ended("two", "a").outcome is Outcome.CANCELLED
    assert played.result.status is ExitStatus.INTERRUPTED


def test_stopping_while_a_host_is_being_connected_to() -> None:
    stage = Stage(("a", "b"))

    async def main() -> Played:
        stage.machines["a"].gate = asyncio.Event()
        made = stage.prepare(three)
        performing = asyncio.ensure_future(stage.perform(made))
        assert await asyncio.to_thread(eventually, lambda: stage.machines["b"].connects == 1)
        made.stop()
        return await performing

    played = run_async(main())
    balanced(played)
    assert (played.result.status, statuses(played)) == (
        ExitStatus.INTERRUPTED, {"a": "cancelled", "b": "cancelled"}
    )  # fmt: skip
    assert stage.machines["a"].connects == 0


class Slow(FactBase[str]):
    """Takes longer than any test."""

    command = "echo $$ > pid; exec sleep 100"


def test_stopping_while_a_plan_waits_for_a_fact() -> None:
    stage = Stage()

    async def main() -> Played:
        made = stage.prepare(lambda: needs(Slow, name="slow"))
        performing = asyncio.ensure_future(stage.perform(made))
        assert await asyncio.to_thread(eventually, lambda: stage.machines["a"].path("pid").exists())
        assert await asyncio.to_thread(eventually, lambda: bool(stage.machines["a"].read("pid").strip()))
        made.stop()
        return await performing

    played = run_async(main())
    balanced(played)
    assert (played.result.status, statuses(played)) == (ExitStatus.INTERRUPTED, {"a": "cancelled"})
    assert played.outcomes() == []
    pid = int(stage.machines["a"].read("pid"))
    assert eventually(lambda: not runs(pid))


def test_stopping_while_the_user_is_asked() -> None:
    stage = Stage()

    async def main() -> Played:
        async def confirm(result: RunResult) -> bool:
            made.stop()
            await asyncio.Event().wait()
            return True

        made = stage.prepare(lambda: run("touch f", name="x"), confirm=confirm)
        return await stage.perform(made)

    played = run_async(main())
    balanced(played)
    assert (played.result.status, statuses(played)) == (ExitStatus.INTERRUPTED, {"a": "cancelled"})


def test_a_failure_before_the_stop_is_not_forgotten() -> None:
    stage = Stage(("a", "b"))

    def deploy() -> None:
        try:
            run("[ -e ok ]", name="fails on a")
        except OperationFailed:
            pass
        run("touch begun; sleep 100", name="long")

    stage.machines["b"].path("ok").write_text("")

    async def main() -> Played:
        made = stage.prepare(deploy, plan=False)
        performing = asyncio.ensure_future(stage.perform(made))
        begun = [machine.path("begun").exists for machine in stage.machines.values()]
        assert await asyncio.to_thread(eventually, lambda: all(exists() for exists in begun))
        made.stop()
        return await performing

    played = run_async(main())
    assert statuses(played) == {"a": "failed", "b": "cancelled"}
    assert played.result.status is ExitStatus.INTERRUPTED


def test_a_callback_is_stopped_too() -> None:
    stage = Stage()

    async def main() -> Played:
        def callback() -> None:
            made.stop()
            run("sleep 100", name="inner")

        made = stage.prepare(lambda: call(callback, name="x"), plan=False)
        return await stage.perform(made)

    played = run_async(main())
    balanced(played)
    assert played.ended("x").outcome is Outcome.CANCELLED


def test_deploy_code_that_swallows_everything_does_not_hold_up_the_end() -> None:
    def deploy() -> None:
        for _ in range(3):
            try:
                run("touch begun; sleep 100", name="x")
            except BaseException:  # as bare excepts do
                pass

    played = play_and_stop(deploy, stop_when(CommandStarted), hosts="a", plan=False)
    assert played.result.status is ExitStatus.INTERRUPTED


def test_signals(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import signal

    for number, status in ((signal.SIGINT, ExitStatus.INTERRUPTED), (signal.SIGTERM, ExitStatus.TERMINATED)):
        before = signal.getsignal(number)
        stage = Stage()

        async def main(number: int = number, stage: Stage = stage) -> Played:
            made = stage.prepare(lambda: run("touch begun; sleep 100", name="x"), plan=False)
            performing = asyncio.ensure_future(stage.perform(made))
            assert await asyncio.to_thread(eventually, stage.machines["a"].path("begun").exists)
            os.kill(os.getpid(), number)
            return await performing

        played = run_async(main())
        assert played.result.status is status
        assert signal.getsignal(number) is before


def test_a_second_signal_leaves_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    import os
    import signal

    left: list[int] = []
    monkeypatch.setattr("ropewalk.engine.run.os._exit", left.append)
    stage = Stage()

    async def main() -> Played:
        made = stage.prepare(lambda: run("touch begun; sleep 100", name="x"), plan=False)
        performing = asyncio.ensure_future(stage.perform(made))
        assert await asyncio.to_thread(eventually, stage.machines["a"].path("begun").exists)
        os.kill(os.getpid(), signal.SIGINT)
        os.kill(os.getpid(), signal.SIGTERM)
        return await performing

    run_async(main())
    assert left == [143]


def test_a_run_in_another_thread_takes_no_signals() -> None:
    played: list[Played] = []
    import threading

    thread = threading.Thread(target=lambda: played.append(play(lambda: run("true", name="x"))))
    thread.start()
    thread.join()
    assert played[0].result.ok


# -- bugs and misuse --------------------------------------------------------------------------------------


def test_a_bug_is_told_as_one(monkeypatch: pytest.MonkeyPatch) -> None:
    async def broken(self: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr("ropewalk.engine.run.Run._plan", broken)
    played = play(lambda: run("true", name="x"))
    balanced(played)
    assert played.result.status is ExitStatus.INTERNAL
    assert "a bug" in played.result.stopped_by.message
    assert statuses(played) == {"a": "cancelled"}


def test_data_that_does_not_suit_the_connector_is_misuse(monkeypatch: pytest.MonkeyPatch) -> None:
    from ropewalk.model.errors import ConnectorDataTypeError
    from support.fake_connector import FakeConnector

    def refuse(self: Any, target: Any, options: Any) -> None:
        raise ConnectorDataTypeError("port must be a number")

    monkeypatch.setattr(FakeConnector, "__init__", refuse)
    played = play(lambda: run("true", name="x"))
    balanced(played)
    assert (played.result.status, statuses(played)) == (ExitStatus.USAGE, {"a": "cancelled"})


def test_a_run_without_hosts() -> None:
    played = play(lambda: run("true", name="x"), hosts=())
    assert played.result.status is ExitStatus.OK
    balanced(played)


# -- files and includes -----------------------------------------------------------------------------------


def test_deploy_files_and_includes(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "one.py").write_text(
        "from ropewalk import host, local\nfrom support.operations import run\n"
        "run('true', name='first')\n"
        "with host.arguments(_env={'X': 'from outside'}):\n"
        "    local.include('sub/two.py', data={'word': 'given'})\n"
        "run('true', name='last')\n"
    )
    (tmp_path / "sub" / "two.py").write_text(
        "from ropewalk import host, local\nfrom support.operations import run\n"
        "run(f'echo {host.data.word} $X > f', name='second')\nlocal.include('./three.py')\n"
    )
    (tmp_path / "sub" / "three.py").write_text("from support.operations import run\nrun('true', name='third')\n")
    (tmp_path / "next.py").write_text("from support.operations import run\nrun('true', name='fourth')\n")
    stage = Stage()
    stage.state.cwd = str(tmp_path)
    played = stage.play(tmp_path / "one.py", tmp_path / "next.py")
    assert played.result.ok
    assert [name for name, _ in played.outcomes()] == [
        "first", "sub/two.py | second", "sub/two.py | ./three.py | third", "last", "fourth",
    ]  # fmt: skip
    assert played.machines["a"].read("f") == "given from outside\n"
    assert [entry.name for entry in played.result.in_order()] == [name for name, _ in played.outcomes()]
    assert str(played.ended("last").operation.where).endswith("one.py:6")


def test_an_include_that_is_missing(tmp_path: Path) -> None:
    def deploy() -> None:
        local.include("missing.py")

    stage = Stage()
    stage.state.cwd = str(tmp_path)
    played = stage.play(deploy)
    assert played.result.status is ExitStatus.USAGE
    assert "there is no file missing.py to include" in played.result.stopped_by.message
    assert str(tmp_path) in played.result.stopped_by.hint


def test_an_include_with_a_mistake_in_it(tmp_path: Path) -> None:
    (tmp_path / "broken.py").write_text("x = (\n")
    stage = Stage()
    stage.state.cwd = str(tmp_path)
    played = stage.play(lambda: local.include("broken.py"))
    assert played.result.status is ExitStatus.USAGE
    assert played.result.stopped_by.where is not None


def test_counts_for_v3() -> None:
    def deploy() -> None:
        run("true", name="1")
        nothing(name="2")
        run("false", name="3", _ignore_errors=True)
        run("true", "false", name="4")

    stage = Stage()
    stage.play(deploy, plan=False)
    counts = stage.state.results[stage.inventory.get_host("a")]
    assert (counts.ops, counts.success_ops, counts.ignored_error_ops, counts.error_ops, counts.partial_ops) == (
        4, 2, 1, 1, 1,
    )  # fmt: skip


def test_predictions_and_results_agree_about_order() -> None:
    def deploy() -> None:
        for item in host.loop(["x", "y"]):
            if item == "y" or host.name == "a":
                content(f"{item}1", "text", name=f"{item} 1")
            content(f"{item}2", "text", name=f"{item} 2")

    played = play(deploy, hosts=("a", "b"))
    assert [name for name, _ in played.outcomes("a")] == ["x 1", "x 2", "y 1", "y 2"]
    assert [name for name, _ in played.predictions("b")] == [name for name, _ in played.outcomes("b")]
    together = {e.operation.id for e in played.of(OperationEnded) if e.host == "b"}
    assert len(together & {e.operation.id for e in played.of(OperationEnded) if e.host == "a"}) == 3
    assert Prediction.CHANGE in dict(played.predictions("b")).values()


def test_a_plan_with_errors_applies_the_other_hosts_only() -> None:
    stage = Stage(("a", "b"))
    stage.machines["b"].path("ready").write_text("")
    played = stage.play(lambda: needs(name="x"))
    balanced(played)
    assert statuses(played) == {"a": "failed", "b": "ok"}
    assert [event.host for event in played.of(OperationStarted)] == ["b"]
    assert played.host_ended("a").status is HostStatus.FAILED
