"""Operations are carried out in order; every failure reaches its host, the result and the exit status."""

from __future__ import annotations

import io
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from ropewalk import config, host
from ropewalk.api import operation
from ropewalk.model.command import Call, Change, Diff, Download, Rsync, Secret, Upload, UploadTree, sh
from ropewalk.model.errors import OperationFailed
from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    Noted,
    OperationEnded,
    OperationRetried,
    OperationStarted,
    OutputLine,
)
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome, Skip
from ropewalk.model.v3command import FileUploadCommand, FunctionCommand, StringCommand
from support.operations import Counted, broken, broken_after, call, content, needs, nothing, run, steps
from support.play import Played, Stage, play

CHANGED, OK, SKIPPED = Outcome.CHANGED, Outcome.OK, Outcome.SKIPPED
IGNORED, FAILED = Outcome.IGNORED, Outcome.FAILED


def apply(*programs: Callable[[], Any], **given: Any) -> Played:
    return play(*programs, plan=False, **given)


def test_commands_run_in_order_and_their_output_is_kept() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        one = run("echo one >> log; echo out", "echo two >> log; echo err >&2", name="one")
        seen.append((one.stdout_lines, one.stderr, one.changed, one.did_succeed(), one.executed, one.is_complete()))
        seen.append((one.retry_attempts, one.was_retried, one.retry_succeeded, one.get_retry_info()["max_retries"]))
        two = nothing(name="two")
        seen.append((two.stdout, two.changed, two.did_succeed(), two.did_not_change(), two.executed))

    played = apply(deploy)
    assert played.outcomes() == [("one", CHANGED), ("two", OK)]
    assert played.machines["a"].read("log") == "one\ntwo\n"
    assert seen == [
        (["out"], "err", True, True, True, True), (0, False, None, 0), ("", False, True, True, False),
    ]  # fmt: skip
    first, second = played.ended("one").commands
    assert (first.command, first.exit_code, first.ok, first.stdout) == ("echo one >> log; echo out", 0, True, "out\n")
    assert (second.stderr, second.error) == ("err\n", None)
    assert played.result.status is ExitStatus.OK


def test_every_start_has_an_end() -> None:
    def deploy() -> None:
        run("true", "false", "true", name="x")

    played = apply(deploy, hosts=("a", "b"))
    for started, ended in ((OperationStarted, OperationEnded), (CommandStarted, CommandEnded)):
        assert len(played.of(started)) == len(played.of(ended)) > 0


def test_an_operation_ends_at_its_first_failure() -> None:
    def deploy() -> None:
        run("echo 1", "echo oops >&2; exit 3", "touch never", name="x")
        run("touch never", name="y")

    played = apply(deploy)
    ended = played.ended("x")
    assert (ended.outcome, [result.ok for result in ended.commands]) == (FAILED, [True, False])
    assert ended.failure is not None
    assert (ended.failure.kind, ended.failure.message) == ("CommandFailed", "exit status 3")
    assert ended.commands[1].stderr == "oops\n"
    assert [name for name, _ in played.outcomes()] == ["x"]
    assert played.host_ended().status is HostStatus.FAILED
    assert played.result.status is ExitStatus.FAILED
    assert not played.machines["a"].path("never").exists()


def test_going_on_after_a_failed_command_is_a_failure_all_the_same() -> None:
    played = apply(lambda: run("false", "touch ran", "exit 4", name="x", _continue_on_error=True))
    assert played.machines["a"].path("ran").exists()
    assert [result.exit_code for result in played.ended("x").commands] == [1, 0, 4]
    assert played.ended("x").failure.message == "exit status 1"
    assert played.result.status is ExitStatus.FAILED


@pytest.mark.parametrize(
    ("codes", "status", "outcome"),
    [
        (None, 0, CHANGED), (None, 1, FAILED), ([0, 3], 3, CHANGED), ([3], 0, FAILED), ([], 0, CHANGED),
        ([], 1, FAILED), ((2, 3), 2, CHANGED), ({5}, 5, CHANGED),
    ],
)  # fmt: skip
def test_which_statuses_are_success(codes: Any, status: int, outcome: Outcome) -> None:
    given = {} if codes is None else {"_success_exit_codes": codes}
    played = apply(lambda: run(f"exit {status}", f"exit {status}", name="x", **given))
    assert played.outcomes() == [("x", outcome)]
    if codes == [3]:
        assert played.ended("x").failure.message == "exit status 0, not 3"


def test_a_signal_is_told() -> None:
    played = apply(lambda: run("kill -9 $$", name="x"))
    assert played.ended("x").failure.message == "exit status 137 (signal 9)"


def test_ignored_failures() -> None:
    def deploy() -> None:
        one = run("false", name="one", _ignore_errors=True)
        run("touch ran", name="two", _if=one.did_error)
        run("touch never", name="three", _if=one.did_succeed)

    played = apply(deploy)
    assert played.outcomes() == [("one", IGNORED), ("two", CHANGED), ("three", SKIPPED)]
    assert played.result.status is ExitStatus.OK
    assert played.ended("three").skip is Skip.CONDITION
    assert played.result.tally().ignored == 1


@pytest.mark.parametrize(
    "raises", [ValueError("x"), SystemExit(0), KeyboardInterrupt(), OperationFailed("mine")], ids=repr
)
def test_a_host_has_failed_whatever_its_program_makes_of_the_failure(raises: BaseException) -> None:
    results: list[Any] = []

    def deploy() -> None:
        try:
            run("false", name="one")
        except OperationFailed as error:
            results.append(error.result)
            run("touch cleaned", name="clean up")
            raise raises from error

    played = apply(deploy)
    assert [result.did_error() for result in results] == [True]
    assert played.outcomes() == [("one", FAILED), ("clean up", CHANGED)]
    assert played.machines["a"].path("cleaned").exists()
    assert played.host_ended().failure.message == "exit status 1"
    assert played.result.status is ExitStatus.FAILED


def test_a_failure_that_is_caught_is_a_failure() -> None:
    def deploy() -> None:
        try:
            run("false", name="one")
        except OperationFailed:
            pass
        run("true", name="two")

    played = apply(deploy)
    assert played.outcomes() == [("one", FAILED), ("two", CHANGED)]
    assert (played.host_ended().status, played.result.status) == (HostStatus.FAILED, ExitStatus.FAILED)


@pytest.mark.parametrize(
    ("make", "kind", "says"),
    [
        (lambda: broken(name="x"), "ValueError", "broken by design"),
        (lambda: broken_after("touch ran", name="x"), "ValueError", "broken by design"),
        (lambda: steps(None, name="x"), "OperationError", "yielded None, which is not a command"),
        (lambda: steps("touch ran", 5, name="x"), "OperationError", "yielded int (5)"),
        (lambda: run("true", name="x", _if=lambda: 1 / 0), "ZeroDivisionError", "division"),
        (lambda: run("true", name="x", _env={"A-B": "c"}), "CommandFailed", "cannot be the name"),
        (lambda: run("true", name="x", _stdin=5), "CommandFailed", "_stdin cannot be int"),
        (lambda: run("true", name="x", _chdir="/no/such/place"), "CommandFailed", "exit status"),
        (lambda: run("true", name="x", _shell_executable="no-such-shell"), "CommandFailed", "exit status 127"),
        (lambda: needs(name="x"), "FactError", "not ready"),
        (lambda: steps(Upload("/no/such/file", "f"), name="x"), "CommandFailed", "cannot read the local file"),
        (lambda: steps(Upload(b"", "/no/such/place/f"), name="x"), "CommandFailed", "cannot write /no/such/place/f"),
        (lambda: steps(Download("/no/such/file", io.BytesIO()), name="x"), "CommandFailed", "cannot read"),
        (lambda: steps(Rsync("/a", "/b"), name="x"), "CommandFailed", "rsync"),
        (lambda: steps(UploadTree("/dev/null/x", {}), name="x"), "CommandFailed", "cannot write to /dev/null/x"),
        (lambda: call(lambda: 1 / 0, name="x"), "ZeroDivisionError", "division"),
        (lambda: call(SystemExit, name="x"), "", ""),
    ],
)  # fmt: skip
def test_all_failures_are_failures(make: Callable[[], Any], kind: str, says: str) -> None:
    played = apply(make)
    ended = played.ended("x")
    if not kind:  # making an exception is no failure
        assert ended.outcome is CHANGED
        return
    assert ended.outcome is FAILED
    assert ended.failure.kind == kind
    assert says in ended.failure.message
    assert ended.failure.where is not None
    assert (played.host_ended().status, played.result.status) == (HostStatus.FAILED, ExitStatus.FAILED)
    assert len(played.of(CommandStarted)) == len(played.of(CommandEnded))


@pytest.mark.parametrize("make", [lambda: None, list, lambda: ["touch ran"], lambda: ("touch ran",)])
def test_operations_need_not_be_generators(make: Callable[[], Any]) -> None:
    played = apply(lambda: operation()(lambda: make())(name="x"))
    assert played.machines["a"].path("ran").exists() == bool(make())
    assert played.ended("x").outcome is (CHANGED if make() else OK)


@pytest.mark.parametrize("made", ["text", b"bytes", 5, {"a": 1}])
def test_operations_must_return_steps(made: Any) -> None:
    played = apply(lambda: operation()(lambda: made)(name="x"))
    assert "not steps" in played.ended("x").failure.message


def test_every_kind_of_step(tmp_path: Any) -> None:
    (tmp_path / "local").write_text("from a file")
    fetched, called = io.BytesIO(), []

    def deploy() -> None:
        steps(
            "echo text > f1",
            sh("cp", "f1", "f 2"),
            StringCommand("echo", "v3", ">", "f3"),
            Upload(b"bytes", str(host.data.cwd) + "/f4", mode="600"),
            Upload(str(tmp_path / "local"), str(host.data.cwd) + "/f5"),
            FileUploadCommand(io.StringIO("v3"), str(host.data.cwd) + "/f6"),
            UploadTree(str(host.data.cwd) + "/tree", {"d/f": (str(tmp_path / "local"), None)}),
            Download("f1", fetched),
            Download("f1", str(tmp_path / "fetched")),
            Call(called.append, (1,)),
            FunctionCommand(called.append, [2], {}),
            Change("what", "1", "2"),
            Diff("/f", "x", "y"),
            name="x",
        )

    stage = Stage()
    stage.inventory.get_host("a").data.cwd = str(stage.machines["a"].cwd)
    played = stage.play(deploy, plan=False)
    ended, machine = played.ended("x"), played.machines["a"]
    assert (ended.outcome, ended.failure) == (CHANGED, None)
    assert [machine.read(name) for name in ("f1", "f 2", "f3", "f4", "f5", "f6", "tree/d/f")] == [
        "text\n", "text\n", "v3\n", "bytes", "from a file", "v3", "from a file",
    ]  # fmt: skip
    assert fetched.getvalue() == b"text\n"
    assert (tmp_path / "fetched").read_text() == "text\n"
    assert called == [1, 2]
    assert ended.changes == (Change("what", "1", "2"),)
    assert ended.diffs == (Diff("/f", "x", "y"),)
    assert len(ended.commands) == 11


def test_facts_see_what_the_operation_did_before() -> None:
    seen: list[Any] = []

    @operation()
    def grows() -> Iterator[Any]:
        seen.append(host.get_fact(Counted))
        yield "true"
        seen.append(host.get_fact(Counted))
        seen.append(host.get_fact(Counted))

    apply(lambda: grows())
    assert seen == [1, 2, 2]


def test_a_deploy_is_a_program() -> None:
    def deploy() -> None:
        if content("f", "x", name="one").changed:
            run("cat f > g", name="two")
        if not content("f", "x", name="three").changed:
            run("echo again >> g", name="four")

    played = play(deploy)
    assert [name for name, _ in played.outcomes()] == ["one", "two", "three", "four"]
    assert played.machines["a"].read("g") == "x\nagain\n"


def test_output_arrives_line_by_line_when_it_is_asked_for() -> None:
    def deploy() -> None:
        run("printf 'one\\ntwo\\nno end'; echo err >&2", name="x")

    played = apply(deploy, stream_output=True)
    lines = {(event.stream, event.line) for event in played.of(OutputLine)}
    assert lines == {("stdout", "one"), ("stdout", "two"), ("stdout", "no end"), ("stderr", "err")}
    assert apply(deploy).of(OutputLine) == []


def test_long_output_is_cut_in_the_middle() -> None:
    played = apply(lambda: run("head -c 300000 /dev/zero | tr '\\0' x", name="x"))
    [result] = played.ended("x").commands
    assert "[... 168928 bytes left out ...]" in result.stdout
    assert len(result.stdout) < 132_000


def test_retries() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        one = run("echo x >> tries; [ $(wc -l < tries) = 3 ]", name="x", _retries=5, _retry_delay=0)
        seen.append(one.get_retry_info())

    played = apply(deploy)
    assert played.outcomes() == [("x", CHANGED)]
    assert played.ended("x").attempts == 3
    assert seen == [{"retry_attempts": 2, "max_retries": 5, "was_retried": True, "retry_succeeded": True}]
    assert [(event.attempt, event.attempts, event.reason) for event in played.of(OperationRetried)] == [
        (1, 5, "exit status 1"), (2, 5, "exit status 1"),
    ]  # fmt: skip
    assert len(played.of(OperationEnded)) == 1


def test_retries_that_are_all_used() -> None:
    played = apply(lambda: run("echo x >> tries; exit 2", name="x", _retries=2, _retry_delay=0))
    assert played.machines["a"].read("tries") == "x\n" * 3
    assert (played.ended("x").attempts, played.ended("x").outcome) == (3, FAILED)
    assert len(played.ended("x").commands) == 1  # those of the last try


def test_retry_until_sees_the_output() -> None:
    given: list[dict[str, Any]] = []

    def until(data: dict[str, Any]) -> bool:
        given.append(data)
        return len(given) < 3

    played = apply(lambda: run("echo out", "echo err >&2", name="x", _retries=5, _retry_delay=0, _retry_until=until))
    assert played.outcomes() == [("x", CHANGED)]
    assert given[0] == {
        "stdout_lines": ["out"], "stderr_lines": ["err"], "commands": ["echo out", "echo err >&2"],
        "executed_commands": 2, "host": "a", "operation": "x",
    }  # fmt: skip
    assert len(given) == 3
    assert {event.reason for event in played.of(OperationRetried)} == {"_retry_until holds"}


@pytest.mark.parametrize(
    ("until", "kind", "says", "tries"),
    [
        (lambda data: True, "RetriesExhausted", "_retry_until still holds after 3 tries", 3),
        (lambda data: 1 / 0, "ZeroDivisionError", "_retry_until raised ZeroDivisionError", 1),
        (lambda data: sys.exit(0), "SystemExit", "_retry_until raised SystemExit", 1),
    ],
)
def test_retry_until_that_goes_wrong(until: Any, kind: str, says: str, tries: int) -> None:
    played = apply(lambda: run("true", name="x", _retries=2, _retry_delay=0, _retry_until=until))
    ended = played.ended("x")
    assert (ended.outcome, ended.attempts, ended.failure.kind) == (FAILED, tries, kind)
    assert says in ended.failure.message
    assert played.result.status is ExitStatus.FAILED


def test_a_condition_that_does_not_hold_is_not_retried() -> None:
    played = apply(
        lambda: run("true", name="x", _if=lambda: False, _retries=3, _retry_delay=0, _retry_until=lambda data: True)
    )
    assert (played.ended("x").outcome, played.ended("x").attempts) == (SKIPPED, 1)


def test_time_that_runs_out() -> None:
    def deploy() -> None:
        run("echo begun; touch begun; exec sleep 100", name="x", _timeout=0.3, _ignore_errors=True)
        run("touch after", name="y")

    played = apply(deploy)
    result = played.ended("x").commands[0]
    assert (result.exit_code, result.error, result.stdout) == (None, "stopped after 0.3 s (_timeout)", "begun\n")
    assert played.ended("x").outcome is IGNORED
    assert played.machines["a"].path("after").exists()


@pytest.mark.parametrize("how", [{"_stdin": "x"}, {"_get_pty": True}])
def test_time_that_runs_out_in_a_process_of_its_own(how: dict[str, Any]) -> None:
    played = apply(lambda: run("echo begun; exec sleep 100", name="x", _timeout=0.5, **how))
    assert played.ended("x").failure.message == "stopped after 0.5 s (_timeout)"


def test_standard_input_and_terminals() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        seen.append(run("cat", name="1", _stdin="text").stdout)
        seen.append(run("cat", "cat", name="2", _stdin=["a", "b"]).stdout_lines)
        seen.append(run("cat; [ -t 0 ] || echo no terminal", name="3").stdout)
        seen.append(run("[ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminal", name="4", _get_pty=True).stdout_lines)
        seen.append(run("read x; echo got $x", name="5", _get_pty=True, _stdin="typed\n").stdout_lines[-1])
        seen.append(run("wc -c", name="6", _stdin=io.BytesIO(b"x" * 3_000_000)).stdout)

    assert apply(deploy).result.status is ExitStatus.OK
    assert seen == ["text", ["a", "b", "a", "b"], "no terminal", ["terminal"], "got typed", "3000000"]


def test_what_each_command_brings_along() -> None:
    def deploy() -> None:
        steps(sh("sh", "-c", "echo $X > f", _env={"X": "own"}), "echo $X > g", name="x", _env={"X": "operation"})

    played = apply(deploy)
    assert (played.machines["a"].read("f"), played.machines["a"].read("g")) == ("own\n", "operation\n")


def test_arguments_come_from_everywhere() -> None:
    def deploy() -> None:
        config.ENV = {"A": "config", "B": "config"}
        with host.arguments(_env={"B": "with", "C": "with"}):
            run("echo $A $B $C $D > f", name="x", _env={"C": "call"})

    played = apply(deploy, data={"a": {"_env": {"D": "data"}}})
    assert played.machines["a"].read("f") == "config with call data\n"


def test_secrets_reach_the_host_and_nobody_else() -> None:
    def deploy() -> None:
        steps(sh("echo", Secret("hunter2")), name="one")
        run(
            "echo $TOKEN", "echo $TOKEN >&2; exit 3", name="two", _env={"TOKEN": Secret("hunter3")}, _ignore_errors=True
        )
        steps(sh("echo", Secret("hunter4")), name="three", _stdin="x")
        steps(Upload(Secret("hunter5"), "f"), "cat f", name="four")
        run("cat", name="five", _stdin=Secret("hunter6"))

    played = play(deploy, stream_output=True)
    assert played.result.status is ExitStatus.OK
    assert "hunter" not in repr(played.events)
    assert "hunter" not in repr(played.result)
    assert played.machines["a"].read("f") == "hunter5"
    for number in (2, 3, 4, 5, 6):
        assert f"hunter{number}" in played.machines["a"].script
        assert not any(f"hunter{number}" in word for argv in played.machines["a"].opened for word in argv)


def test_what_deploy_code_may_ask_for_directly() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        ok, output = host.run_shell_command("echo out; echo err >&2; exit 3")
        seen.append((ok, output.stdout_lines, output.stderr))
        seen.append(host.run_shell_command("exit 3", _success_exit_codes=[3])[0])
        seen.append(host.run_shell_command(StringCommand("echo", Secret("hunter2")))[1].stdout)
        cwd = host.data.cwd
        seen.append(host.put_file(io.StringIO("content"), f"{cwd}/f"))
        target = io.BytesIO()
        seen.append((host.get_file(f"{cwd}/f", target), target.getvalue()))
        seen.append(host.get_file(f"{cwd}/missing", target))
        seen.append(host.rsync("a", "b"))
        host.log("said something")

    stage = Stage()
    stage.inventory.get_host("a").data.cwd = str(stage.machines["a"].cwd)
    played = stage.play(deploy, plan=False)
    assert played.host_ended().failure is None
    assert seen == [(False, ["out"], "err"), True, "hunter2", True, (True, b"content"), False, False]
    errors = [event.message for event in played.of(Noted) if event.level == "error"]
    assert ["missing" in errors[0], "rsync" in errors[1]] == [True, True]
    assert any(event.message == "said something" and event.host == "a" for event in played.of(Noted))


def test_deprecated_operations_warn() -> None:
    @operation(is_deprecated=True, deprecated_for="files.new")
    def old() -> Iterator[Any]:
        yield "true"

    played = apply(lambda: old())
    assert [e.message for e in played.of(Noted) if e.level == "warning"] == [
        "test_engine_apply.old is deprecated, use files.new"
    ]


def test_hosts_take_other_branches_and_keep_step() -> None:
    order: list[tuple[str, str]] = []

    def note(what: str) -> Any:
        return call(lambda name=host.name: order.append((what, name)), name=what)

    def deploy() -> None:
        note("1")
        if host.name == "b":
            note("2 b")
        else:
            note("2 ac")
        for number in range(2 if host.name == "a" else 1):
            note(f"3 {number}")
        note("4")

    played = apply(deploy, hosts=("a", "b", "c"))
    assert played.result.status is ExitStatus.OK
    assert [what for what, _ in order] == [
        "1", "1", "1", "2 b", "2 ac", "2 ac", "3 0", "3 0", "3 0", "3 1", "4", "4", "4",
    ]  # fmt: skip


@pytest.mark.parametrize("options", [{"serial": True}, {"no_wait": True}, {"no_wait": True, "serial": True}])
def test_other_orders_do_the_same(options: dict[str, bool]) -> None:
    def deploy() -> None:
        run("echo 1 >> log", name="1")
        run("false" if host.name == "b" else "true", name="2")
        run("echo 2 >> log", name="3", _run_once=True)

    played = apply(deploy, hosts=("a", "b", "c"), **options)
    assert played.result.failed_hosts() == ["b"]
    ran = [name for name, machine in played.machines.items() if "2" in machine.read("log")]
    assert ran == ["a"] or (len(ran) == 1 and "no_wait" in options)


def test_serial_runs_go_host_by_host() -> None:
    def deploy() -> None:
        run("true", name="1")
        run("true", name="2")

    played = apply(deploy, hosts=("a", "b"), serial=True)
    assert [(event.host, event.operation.name) for event in played.of(OperationStarted)] == [
        ("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"),
    ]  # fmt: skip


def test_serial_operations_go_host_by_host() -> None:
    def deploy() -> None:
        run("true", name="x", _serial=True)

    played = apply(deploy, hosts=("a", "b", "c"))
    events = [(type(e).__name__, e.host) for e in played.events if isinstance(e, OperationStarted | OperationEnded)]
    assert events == [(kind, name) for name in "abc" for kind in ("OperationStarted", "OperationEnded")]
