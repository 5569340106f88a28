"""v3's Python API, as plain scripts use it."""

from __future__ import annotations

import asyncio
import logging
import sys
import threading
import types
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.config import Config
from ropewalk.api.context import current_emit, current_host, current_state, frames, use
from ropewalk.api.deploy import deploy
from ropewalk.api.fact import FactBase
from ropewalk.api.host import Host
from ropewalk.api.inventory import Inventory
from ropewalk.api.operation import operation
from ropewalk.api.state import BaseStateCallback, State, StateStage
from ropewalk.compat.driver import add_deploy, add_op, connect_all, disconnect_all, get_facts, run_ops
from ropewalk.compat.native import native_library
from ropewalk.connectors.local import LocalConnector
from ropewalk.model.command import Call
from ropewalk.model.errors import ConnectError, OperationTypeError, RopewalkError, UnknownUntilApplied, UsageError
from ropewalk.operations import server


class Here(LocalConnector):
    """This machine under many names; a host whose data says so cannot be reached."""

    open_ones: list[str] = []

    def __init__(self, target: Any, options: Any) -> None:
        super().__init__(target, options)
        self.target_name, self.down = target.name, bool(target.data.get("down"))

    async def connect(self) -> None:
        if self.down:
            raise ConnectError(f"{self.target_name} is down")
        await super().connect()
        self.open_ones.append(self.target_name)

    async def close(self) -> None:
        await super().close()
        if self.target_name in self.open_ones:
            self.open_ones.remove(self.target_name)


@pytest.fixture(autouse=True)
def closed() -> Any:
    Here.open_ones.clear()
    made.clear()
    yield
    for state in made:
        disconnect_all(state)
    assert Here.open_ones == []


made: list[State] = []


def states(*names: str, config: Config | None = None, **data: Any) -> State:
    entries = [(name, {"down": True} if name.startswith("down") else {}) for name in names]
    inventory = Inventory((entries, data))
    for host in inventory:
        host._connector_cls = Here
    state = State(inventory, config or Config())
    made.append(state)
    return state


def connected(*names: str, config: Config | None = None, **data: Any) -> State:
    state = states(*names, config=config, **data)
    connect_all(state)
    return state


def names(hosts: Any) -> list[str]:
    return [host.name for host in hosts]


class Line(FactBase[str]):
    def command(self, path: str) -> str:
        return f"cat {path}"


@operation()
def line(path: str, text: str) -> Any:
    host = current_host.get()
    if host.get_fact(Line, path=path) != text:
        yield f"echo {text} > {path}"


@operation(is_idempotent=False)
def call(function: Any) -> Any:
    yield Call(function)


def echo(state: State, text: str, **kwargs: Any) -> Any:
    return add_op(state, server.shell, name=text, commands=[f"echo {text}; echo err >&2"], **kwargs)


def test_an_operation_tells_its_result_per_host() -> None:
    state = connected("a", "b")
    results = echo(state, "hello")
    assert names(results) == ["a", "b"]
    assert not any(meta.is_complete() for meta in results.values())
    with pytest.raises(RuntimeError, match="before it is applied"):
        results[state.inventory.get_host("a")].stdout  # noqa: B018
    run_ops(state)
    for meta in results.values():
        assert (meta.did_change(), meta.did_succeed(), meta.stdout, meta.stderr) == (True, True, "hello", "err")
    assert [result.success_ops for result in state.results.values()] == [1, 1]
    assert state.failed_hosts == []


def test_operations_run_in_the_order_they_were_added(tmp_path: Path) -> None:
    state, log = connected("a", "b"), tmp_path / "log"
    a, b = state.inventory
    add_op(state, server.shell, commands=[f"echo 1 >> {log}"], host=b)
    add_op(state, server.shell, commands=[f"echo 2 >> {log}"], host=[a, b], _serial=True)
    add_op(state, server.shell, commands=[f"echo 3 >> {log}"], host=a)
    run_ops(state)
    assert log.read_text().split() == ["1", "2", "2", "3"]
    assert [state.results[host].ops for host in (a, b)] == [2, 2]


@pytest.mark.parametrize("how", [{}, {"serial": True}, {"no_wait": True}])
def test_a_host_that_fails_goes_no_further(tmp_path: Path, how: dict[str, bool]) -> None:
    state, log = connected("a", "b"), tmp_path / "log"
    first = add_op(state, server.shell, commands=["exit 3"], host=state.inventory.get_host("a"))
    later = add_op(state, server.shell, commands=[f"echo later >> {log}"])
    run_ops(state, **how)
    assert (names(state.failed_hosts), names(state.active_hosts)) == (["a"], ["b"])
    assert all(meta.did_error() and not meta.did_succeed() for meta in first.values())
    assert [meta.is_complete() for meta in later.values()] == [False, True]
    assert log.read_text() == "later\n"
    a = state.results[state.inventory.get_host("a")]
    assert (a.ops, a.error_ops, a.success_ops) == (1, 1, 0)
    more = echo(state, "more")
    assert names(more) == ["b"]
    run_ops(state)


@pytest.mark.parametrize("how", [{}, {"serial": True}, {"no_wait": True}])
def test_when_every_host_fails_it_is_said(how: dict[str, bool]) -> None:
    state = connected("a", "b")
    add_op(state, server.shell, commands=["exit 3"])
    with pytest.raises(RopewalkError, match=r"^No hosts remaining!"):
        run_ops(state, **how)
    assert names(state.failed_hosts) == ["a", "b"]


def test_an_ignored_failure_is_none() -> None:
    state = connected("a")
    (meta,) = add_op(state, server.shell, commands=["exit 3"], _ignore_errors=True).values()
    run_ops(state)
    assert meta.did_error()
    assert state.failed_hosts == []
    assert state.results[state.inventory.get_host("a")].ignored_error_ops == 1


def test_running_again_runs_what_was_added_since(tmp_path: Path) -> None:
    state, log = connected("a"), tmp_path / "log"
    for text in ("one", "two"):
        add_op(state, server.shell, commands=[f"echo {text} >> {log}"])
        run_ops(state)
        assert state.current_stage is StateStage.Prepare
    run_ops(state)
    assert log.read_text().split() == ["one", "two"]


def test_a_change_can_be_asked_for_before_it_is_made(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("old\n")
    state = connected("a")
    (new,) = add_op(state, line, path=str(file), text="new").values()
    (old,) = add_op(state, line, path=str(file), text="old").values()
    assert (new.will_change, old.will_change, new.changed) == (True, False, True)
    assert file.read_text() == "old\n"
    run_ops(state)
    assert (new.did_change(), old.did_change()) == (True, True)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [({"comands": ["x"]}, "comands"), ({}, "commands"), ({"commands": "x", "_sudo": "yes"}, "_sudo")],
)
def test_wrong_arguments_are_refused_when_they_are_added(arguments: dict[str, Any], message: str) -> None:
    state = connected("a")
    with pytest.raises(TypeError, match=message):
        add_op(state, server.shell, **arguments)
    assert current_state.get(None) is None
    assert current_host.get(None) is None
    assert state.driver.entries == []


def test_what_is_no_operation_is_refused() -> None:
    state = connected("a")
    with pytest.raises(OperationTypeError, match="add_op takes an operation"):
        add_op(state, print)
    with pytest.raises(UsageError, match="add_deploy takes a deploy"):
        add_deploy(state, print)
    with pytest.raises(UsageError, match="'a' is not a host of this state"):
        echo(state, "x", host="a")


def test_a_deploy_runs_between_operations(tmp_path: Path) -> None:
    log = tmp_path / "log"
    seen: list[Any] = []

    @deploy("Greeting", data_defaults={"word": "hi"})
    def greet(who: str) -> None:
        host = current_host.get()
        done = server.shell(commands=[f"echo {host.data.word} {who} >> {log}"])
        seen.append((host.name, done.did_change(), len(frames.get())))

    state = connected("a", "b")
    echo(state, "before")
    add_deploy(state, greet, who="you", host=state.inventory.get_host("b"), _env={"X": "1"})
    run_ops(state)
    assert log.read_text() == "hi you\n"
    assert seen == [("b", True, 1)]


def test_a_callback_may_call_operations_and_read_facts(tmp_path: Path) -> None:
    file = tmp_path / "f"
    file.write_text("content\n")
    heard: list[str] = []

    def callback() -> None:
        host = current_host.get()
        heard.append(server.shell(commands=[f"echo from {host.name}"]).stdout)
        heard.append(host.get_fact(Line, path=str(file)))

    state = connected("a")
    add_op(state, call, function=callback)
    run_ops(state)
    assert heard == ["from a", "content"]
    for thread in [thread for thread in threading.enumerate() if "callback" in thread.name]:
        thread.join(5)
        assert not thread.is_alive()


def test_a_callback_cannot_add_operations() -> None:
    state = connected("a")
    add_op(state, call, function=lambda: echo(state, "never"))
    with pytest.raises(RopewalkError, match="No hosts remaining"):
        run_ops(state)
    assert state.failed_hosts


# -- connections ---------------------------------------------------------------------------------------------------


def test_a_host_that_cannot_be_reached_has_failed() -> None:
    state = connected("a", "down1")
    assert (names(state.active_hosts), names(state.failed_hosts)) == (["a"], ["down1"])
    assert names(echo(state, "x")) == ["a"]
    run_ops(state)


def test_when_no_host_can_be_reached_it_is_said() -> None:
    state = states("down1", "down2")
    with pytest.raises(RopewalkError, match="No hosts remaining!"):
        connect_all(state)
    with pytest.raises(RopewalkError, match="No hosts remaining!"):
        run_ops(state)


def test_disconnecting_closes_every_connection_and_allows_another_one() -> None:
    state = connected("a", "b")
    host = state.inventory.get_host("a")
    assert host.connected
    echo(state, "x")
    run_ops(state)
    disconnect_all(state)
    assert Here.open_ones == []
    assert not host.connected
    disconnect_all(state)
    with pytest.raises(UsageError, match="not connected"):
        run_ops(state)
    connect_all(state)
    assert sorted(Here.open_ones) == ["a", "b"]
    (first, _) = echo(state, "again").values()
    run_ops(state)
    assert first.stdout == "again"


def test_only_the_limit_is_connected() -> None:
    state = states("a", "b")
    state.limit_hosts = [state.inventory.get_host("b")]
    connect_all(state)
    assert names(state.active_hosts) == ["b"]


def test_without_a_connection_there_is_nothing_to_run_on() -> None:
    with pytest.raises(UsageError, match="not connected"):
        echo(states("a"), "x")


# -- facts, and other things a script asks a host for -----------------------------------------------------------------


def test_facts_of_all_hosts(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("one\n")
    state = connected("a", "b")
    path = str(tmp_path / "f")
    found = get_facts(state, Line, kwargs={"path": path})
    assert {host.name: value for host, value in found.items()} == {"a": "one", "b": "one"}
    assert get_facts(state, Line, args=[path]) == found
    (tmp_path / "f").write_text("two\n")
    assert set(get_facts(state, Line, [path]).values()) == {"two"}


def test_a_host_whose_fact_cannot_be_read_has_failed(tmp_path: Path) -> None:
    class Picky(FactBase[str]):
        def command(self) -> str:
            return f"test {current_host.get().name} = b && echo yes"

    state = connected("a", "b")
    assert names(get_facts(state, Picky, apply_failed_hosts=False)) == ["b"]
    assert state.failed_hosts == []
    assert names(get_facts(state, Picky)) == ["b"]
    assert names(state.failed_hosts) == ["a"]
    with pytest.raises(RopewalkError, match="No hosts remaining!"):
        get_facts(state, Line, [str(tmp_path / "missing")])


def test_a_script_may_ask_a_host_itself(tmp_path: Path) -> None:
    state = connected("a")
    (host,) = state.inventory
    ok, output = host.run_shell_command("echo out; echo err >&2; exit 3")
    assert (ok, output.stdout, output.stderr) == (False, "out", "err")
    (tmp_path / "local").write_text("content\n")
    assert host.put_file(str(tmp_path / "local"), str(tmp_path / "remote"))
    assert host.get_fact(Line, path=str(tmp_path / "remote")) == "content"
    assert host.get_file(str(tmp_path / "remote"), str(tmp_path / "back"))
    assert (tmp_path / "back").read_text() == "content\n"
    assert not host.get_file(str(tmp_path / "missing"), str(tmp_path / "back"))
    with pytest.raises(RopewalkError, match="cannot read fact"):
        host.get_fact(Line, path=str(tmp_path / "missing"))


def test_an_operation_called_for_the_current_host_is_added() -> None:
    state = connected("a", "b")
    with use(current_host, state.inventory.get_host("b")):
        meta = server.shell(commands=["echo $0 >&2; echo b"])
    assert not meta.is_complete()
    run_ops(state)
    assert meta.stdout == "b"
    assert [result.ops for result in state.results.values()] == [0, 1]


def test_includes_are_for_deploys() -> None:
    from ropewalk.api import local

    state = connected("a")
    with use(current_host, state.inventory.get_host("a")), pytest.raises(UsageError, match="is for deploys"):
        local.include("x.py")


# -- what happens meanwhile ----------------------------------------------------------------------------------------


class Diary(BaseStateCallback):
    def __init__(self) -> None:
        self.entries: list[str] = []

    def host_connect(self, state: State, host: Host) -> None:  # type: ignore[override]
        self.entries.append(f"connect {host.name}")

    def host_connect_error(self, state: State, host: Host, error: Exception) -> None:  # type: ignore[override]
        self.entries.append(f"error {host.name}: {error}")

    def operation_start(self, state: State, op_hash: str) -> None:  # type: ignore[override]
        self.entries.append(f"start {' '.join(state.get_op_meta(op_hash).names)}")

    def operation_host_success(self, state: State, host: Host, op_hash: str, retry_count: int = 0) -> None:  # type: ignore[override]
        self.entries.append(f"ok {host.name}")

    def operation_host_error(  # type: ignore[override]
        self, state: State, host: Host, op_hash: str, retry_count: int = 0, max_retries: int = 0
    ) -> None:
        self.entries.append(f"failed {host.name}")

    def host_disconnect(self, state: State, host: Host) -> None:  # type: ignore[override]
        self.entries.append(f"disconnect {host.name}")


def test_state_callbacks_are_called() -> None:
    state, diary = states("a", "down1"), Diary()
    state.add_callback_handler(diary)
    connect_all(state)
    echo(state, "x")
    run_ops(state)
    disconnect_all(state)
    assert sorted(diary.entries[:2]) == ["connect a", "error down1: down1 is down"]
    assert diary.entries[2:] == ["start x", "ok a", "disconnect a"]
    assert [state.get_op_meta(op_hash).names for op_hash in state.get_op_order()] == [{"x"}]


def test_a_state_callback_that_raises_is_an_error_of_the_run() -> None:
    class Broken(BaseStateCallback):
        @staticmethod
        def operation_start(state: State, op_hash: str) -> None:
            raise ValueError("broken diary")

    state = connected("a")
    state.add_callback_handler(Broken())
    (meta,) = echo(state, "x").values()
    with pytest.raises(RopewalkError, match="broken diary"):
        run_ops(state)
    assert meta.did_succeed()
    assert state.failed_hosts == []


def test_too_many_failures_stop_the_run(tmp_path: Path) -> None:
    state = connected("a", "b", config=Config(FAIL_PERCENT=20))
    add_op(state, server.shell, commands=["exit 3"], host=state.inventory.get_host("a"))
    later = add_op(state, server.shell, commands=[f"touch {tmp_path}/later"])
    with pytest.raises(RopewalkError, match="50% of the hosts have failed"):
        run_ops(state)
    assert not any(meta.is_complete() for meta in later.values())
    assert not (tmp_path / "later").exists()


def test_runs_are_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, logger="pyinfra")
    from ropewalk.compat.logs import logger

    state = connected("a", "down1")
    echo(state, "Fine")
    add_op(state, call, name="Ask", function=lambda: logger.warning("from a callback"))
    add_op(state, server.shell, name="Boom", commands=["exit 3"])
    with pytest.raises(RopewalkError):
        run_ops(state)
    text = [record.getMessage() for record in caplog.records]
    assert "[a] connected" in text
    assert "[down1] cannot connect: down1 is down" in text
    assert "[a] Fine: changed" in text
    assert text.count("from a callback") == 1
    assert [entry for entry in text if "exit status 3" in entry] == ["[a] Boom: exit status 3"]
    assert current_emit.get(None) is None


# -- beside other ways to wait -------------------------------------------------------------------------------------


def test_inside_an_event_loop_it_is_refused() -> None:
    state = connected("a")

    async def main() -> None:
        with pytest.raises(UsageError, match="would stop the event loop"):
            run_ops(state)
        await asyncio.to_thread(run_ops, state)

    echo(state, "x")
    asyncio.run(main())


def test_two_states_in_turn() -> None:
    one, other = connected("a"), connected("b")
    results = [*echo(one, "1").values(), *echo(other, "2").values()]
    run_ops(other)
    run_ops(one)
    assert [meta.stdout for meta in results] == ["1", "2"]


def test_a_patched_library_is_itself_meanwhile(monkeypatch: pytest.MonkeyPatch) -> None:
    import time

    real = time.sleep
    monkey = types.ModuleType("gevent.monkey")
    monkey.saved = {"time": {"sleep": real, "gone": None}, "no.such.module": {"x": 1}}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "gevent.monkey", monkey)

    def patched(seconds: float) -> None:
        raise AssertionError

    monkeypatch.setattr(time, "sleep", patched)

    def meanwhile() -> None:
        with native_library():
            assert time.sleep is real
            raise KeyError

    with pytest.raises(KeyError):
        meanwhile()
    assert time.sleep is patched
    state = connected("a")
    seen: list[Any] = []
    add_op(state, call, function=lambda: seen.append(time.sleep))
    run_ops(state)
    assert seen == [real]


def test_unknown_until_applied_is_a_runtime_error() -> None:
    assert issubclass(UnknownUntilApplied, RuntimeError)


def test_what_the_state_says_to_print_goes_to_standard_error(capfd: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    state, file = connected("a"), tmp_path / "file"
    echo(state, "unseen")
    run_ops(state)
    assert capfd.readouterr().err == ""
    state.print_input = state.print_output = state.print_fact_info = True
    echo(state, "seen")
    add_op(state, line, path=str(file), text="x", _ignore_errors=True)
    run_ops(state)
    shown = capfd.readouterr().err.splitlines()
    assert {"[a] seen", "[a] err"} <= set(shown)
    assert any(text.startswith("[a] >>> ") and "echo seen" in text for text in shown)
    assert any(text.startswith("[a] fact ") and str(file) in text for text in shown)


def test_a_host_can_be_used_by_itself(tmp_path: Path) -> None:
    state, file = states("a", "b"), tmp_path / "file"
    a, b = state.inventory
    a.connect(raise_exceptions=True)
    assert (a.connected, b.connected, Here.open_ones) == (True, False, ["a"])
    assert a.run_shell_command(f"echo one > {file}") == (True, [])
    assert a.get_fact(Line, path=str(file)) == "one"
    with pytest.raises(UsageError, match="b is not connected"):
        b.run_shell_command("true")
    a.disconnect()
    assert (a.connected, Here.open_ones) == (False, [])
    a.connect()
    assert a.get_fact(Line, path=str(file)) == "one"


def test_a_host_that_is_down_can_be_tried_again(caplog: pytest.LogCaptureFixture) -> None:
    host = states("down").inventory.get_host("down")
    with pytest.raises(ConnectError, match="down is down"):
        host.connect(raise_exceptions=True)
    assert not host.connected
    host.connect(reason="once more")
    assert "cannot connect: down is down" in caplog.text
    caplog.clear()
    host.connect(show_errors=False)
    assert not host.connected
    host.connector_cls.open_ones.clear()
