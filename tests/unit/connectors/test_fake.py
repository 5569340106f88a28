"""Fake hosts, as the engine sees them: it is the real one."""

from __future__ import annotations

import asyncio
import io
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ropewalk import host as current_host
from ropewalk import run
from ropewalk.api import Config, FactBase, Secret
from ropewalk.api.connector import ConnectorOptions
from ropewalk.api.state import State
from ropewalk.connectors.fake import FakeConnector
from ropewalk.engine.program import FunctionProgram
from ropewalk.engine.run import Run, RunOptions
from ropewalk.facts.files import File
from ropewalk.model.errors import ConnectorDataTypeError, InventoryError
from ropewalk.model.event import CommandEnded, OutputLine
from ropewalk.model.outcome import HostStatus
from ropewalk.model.result import RunResult
from ropewalk.model.target import Target
from ropewalk.operations import files, server
from ropewalk.testing import Answer, FakeHost, fact_command, fake_inventory


def play(deploy: Callable[[], Any], fake: FakeHost, *, config: Config | None = None, **options: Any) -> RunResult:
    return run(deploy, fake_inventory({"web1": fake}), config=config, **options)


def why(result: RunResult) -> str:
    """Return why the last operation failed, with what the host said."""
    ended = result.hosts["web1"].applied[-1]
    said = [line for command in ended.commands for line in (command.stderr, command.error or "")]
    return f"{ended.failure} {said}"


def shell(*commands: str, **arguments: Any) -> Callable[[], Any]:
    return lambda: server.shell(name="do", commands=list(commands), **arguments)


class Word(FactBase[str]):
    command = "cat /etc/word"


def test_commands_are_answered_and_kept_in_order() -> None:
    fake, seen = FakeHost({"hostname": "web1.example.com\n", "false": 3}), []

    def deploy() -> None:
        done = server.shell(name="do", commands=["hostname", "uptime"])
        seen.append(done.stdout)

    result = run(deploy, fake_inventory({"web1": fake}), plan=False)
    assert result.ok
    assert seen == ["web1.example.com"]
    assert [command.text for command in fake.commands] == ["hostname", "uptime"]
    assert fake.ran("up") == ["uptime"]


def test_a_status_fails_the_operation() -> None:
    fake = FakeHost({"deploy": {"output": "so far\n", "stderr": "disk full\n", "status": 7}})
    result = play(shell("deploy", "never"), fake)
    assert result.failed_hosts() == ["web1"]
    assert "exit status 7" in why(result)
    assert fake.ran("never") == []


def test_facts_are_answered_and_their_chains_notice_what_has_changed() -> None:
    fake = FakeHost({fact_command(Word): [{"output": "old"}, {"output": "new"}]})
    seen: list[str] = []

    def deploy() -> None:
        server.shell(name="change", commands=["true"])
        seen.append(current_host.get_fact(Word))

    assert play(deploy, fake).ok
    assert seen == ["old", "new"]


def test_an_answer_may_wait_for_another_command() -> None:
    installed = {"output": "yes", "after": "re:^apt-get .*install"}
    fake, seen = FakeHost({"cat /etc/word": ["no", installed]}), []

    def deploy() -> None:
        seen.append(current_host.get_fact(Word))
        server.shell(name="install", commands=["apt-get -y install x"])
        seen.append(current_host.get_fact(Word))

    assert play(deploy, fake, plan=False).ok
    assert seen == ["no", "yes"]


def test_a_missing_file_is_made_with_its_content_mode_and_owner() -> None:
    fake = FakeHost()
    odd = '/srv/a\'b "c" $(id)\nä'

    def deploy() -> None:
        files.put(name="text", src=io.StringIO("it's\n"), dest=odd, mode="640", user="app", group="www")
        files.put(name="bytes", src=io.BytesIO(bytes(range(256))), dest="/bytes")
        files.put(name="nothing", src=io.BytesIO(b""), dest="/nothing")
        files.put(name="large", src=io.BytesIO(b"x" * 300_000), dest="/large")

    assert play(deploy, fake).ok
    assert fake.files[odd].content == b"it's\n"
    assert (fake.files[odd].mode, fake.files[odd].owner) == ("640", "app:www")
    assert fake.files["/bytes"].content == bytes(range(256))
    assert fake.files["/nothing"].content == b""
    assert fake.files["/large"].content == b"x" * 300_000


def test_a_tree_and_a_download(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "sub").mkdir(parents=True)
    (tree / "a").write_text("A")
    (tree / "sub" / "b c").write_bytes(os.urandom(100_000))
    there = fact_command(File, path="/etc/motd")
    fake = FakeHost({there: "81a4 1 1 1 8 root:root"}, files={"/etc/motd": "welcome\n"})

    def deploy() -> None:
        files.sync(name="sync", src=str(tree), dest="/srv/site")
        files.get(name="get", src="/etc/motd", dest=str(tmp_path / "motd"))

    assert play(deploy, fake).ok
    assert fake.files["/srv/site/a"].content == b"A"
    assert fake.files["/srv/site/sub/b c"].content == (tree / "sub" / "b c").read_bytes()
    assert (tmp_path / "motd").read_text() == "welcome\n"


def test_a_file_that_is_not_there_cannot_be_fetched(tmp_path: Path) -> None:
    fake = FakeHost({fact_command(File, path="/none"): "81a4 1 1 1 8 root:root"})
    result = play(lambda: files.get(name="get", src="/none", dest=str(tmp_path / "none")), fake)
    assert fake.ran("download /none")
    assert result.failed_hosts() == ["web1"]
    assert not (tmp_path / "none").exists()


def test_an_upload_can_be_refused() -> None:
    fake = FakeHost({"upload /etc/motd": {"stderr": "/etc/motd: No space left on device\n", "status": 1}})
    result = play(lambda: files.put(name="put", src=io.StringIO("x"), dest="/etc/motd"), fake)
    assert not result.ok
    assert "No space left" in why(result)
    assert "/etc/motd" not in fake.files


IDENTITIES: list[tuple[dict[str, Any], str]] = [
    ({}, ""),
    ({"_sudo": True}, "root"),
    ({"_sudo": True, "_sudo_user": "app"}, "app"),
    ({"_sudo": True, "_sudo_user": "app", "_use_sudo_login": True}, "app"),
    ({"_sudo": True, "_preserve_sudo_env": True}, "root"),
    ({"_su_user": "app"}, "app"),
    ({"_su_user": "app", "_use_su_login": True, "_preserve_su_env": True}, "app"),
    ({"_su_user": "app", "_su_shell": "bash"}, "app"),
    ({"_doas": True}, "root"),
    ({"_doas": True, "_doas_user": "app"}, "app"),
    ({"_dzdo": True, "_dzdo_user": "app"}, "app"),
    ({"_sudo": True, "_su_user": "app"}, "app"),
]


@pytest.mark.parametrize("further", [{}, {"_stdin": "given"}, {"_get_pty": True}], ids=["shell", "stdin", "terminal"])
@pytest.mark.parametrize(("identity", "user"), IDENTITIES)
def test_commands_run_as_whom_they_shall(identity: dict[str, Any], user: str, further: dict[str, Any]) -> None:
    fake = FakeHost({"whoami": "somebody\n"})
    assert play(shell("whoami", _chdir="/srv", _env={"A": "b c"}, **identity, **further), fake).ok
    [ran] = fake.commands
    assert (ran.text, ran.user, ran.directory, ran.environment) == ("whoami", user, "/srv", {"A": "b c"})
    assert ran.stdin == (b"given" if further.get("_stdin") else b"" if further else None)


@pytest.mark.parametrize(("password", "well"), [("right", True), ("wrong", False), (None, False)])
@pytest.mark.parametrize("how", ["sudo", "su"])
def test_passwords_are_asked_for(how: str, password: str | None, well: bool) -> None:
    fake = FakeHost(sudo_password="right", su_password=Secret("right"))
    who = {"_sudo": True} if how == "sudo" else {"_su_user": "root"}
    result = play(shell("whoami", **who, **{f"_{how}_password": password}), fake)
    assert result.ok is well
    assert bool(fake.commands) is well


def test_a_user_may_be_unknown() -> None:
    fake = FakeHost({"sudo -u nobody": {"stderr": "sudo: unknown user nobody\n", "status": 1}})
    result = play(shell("whoami", _sudo=True, _sudo_user="nobody"), fake)
    assert "unknown user nobody" in why(result)


def test_output_streams_while_the_command_runs() -> None:
    fake, seen = FakeHost({"build": {"output": ["one\n", 0.01, "two\n"], "stderr": "done\n"}}), []

    def listen(event: Any) -> None:
        if isinstance(event, OutputLine):
            seen.append((event.stream, event.line))
        elif isinstance(event, CommandEnded):
            seen.append(("end", ""))

    state = State(fake_inventory({"web1": fake}), Config())
    options = RunOptions(plan=False, stream_output=True)
    assert asyncio.run(Run(state, [FunctionProgram(shell("build"), "build")], options, [listen]).execute()).ok
    assert seen == [("stdout", "one"), ("stdout", "two"), ("stderr", "done"), ("end", "")]


@pytest.mark.parametrize("further", [{}, {"_stdin": "x"}, {"_sudo": True}])
def test_a_command_that_never_ends_is_ended_when_its_time_is_up(further: dict[str, Any]) -> None:
    fake = FakeHost({"sleep": {"delay": float("inf")}})
    result = play(shell("sleep 9999", "after", _timeout=0.1, **further), fake)
    assert "stopped after 0.1 s" in why(result)
    assert fake.ran("after") == []


def test_the_shell_goes_on_after_a_command_was_ended() -> None:
    fake = FakeHost({"sleep": {"delay": float("inf")}})

    def deploy() -> None:
        server.shell(name="slow", commands=["sleep"], _timeout=0.1, _ignore_errors=True)
        server.shell(name="next", commands=["true"])

    result = play(deploy, fake)
    assert result.ok
    assert fake.ran("true") == ["true"]
    assert result.hosts["web1"].traffic.channels == 2  # the shell, and the guard that ended the command


@pytest.mark.parametrize("failure", ["refuse", "reject", "timeout"])
def test_hosts_that_cannot_be_reached(failure: str) -> None:
    fake = FakeHost(failure=failure)
    result = play(shell("true"), fake, config=Config(CONNECT_TIMEOUT=0.01))
    assert result.hosts["web1"].status is HostStatus.UNREACHABLE
    assert fake.commands == []


@pytest.mark.parametrize("failure", ["lose after 1", "die after 1"])
def test_a_connection_that_is_lost(failure: str) -> None:
    fake = FakeHost(failure=failure)
    result = play(shell("one", "two", "three"), fake)
    assert result.failed_hosts() == ["web1"]
    assert "lost" in why(result)
    assert fake.ran("three") == []


@pytest.mark.parametrize(("failure", "well"), [("lose after 1", True), ("die after 1", False)])
def test_a_host_is_there_again_or_not(failure: str, well: bool) -> None:
    fake = FakeHost(failure=failure)

    def deploy() -> None:
        server.shell(name="a", commands=["a", "b"], _ignore_errors=True)
        server.shell(name="c", commands=["c"])

    play(deploy, fake)
    assert bool(fake.ran("c")) is well
    assert fake.connects > 1


def test_an_answer_may_lose_the_connection() -> None:
    fake = FakeHost({"reboot": Answer(lose=True)})
    result = play(shell("reboot"), fake)
    assert "the connection was lost (fake_answers)" in why(result)


def test_a_host_that_does_not_answer_any_more_is_given_up_after_the_timeout() -> None:
    fake = FakeHost(failure="hang after 1")
    assert not play(shell("one", "two", _timeout=0.1), fake).ok


def test_the_same_hosts_fail_in_each_run() -> None:
    def failed() -> list[str]:
        data = {"fake_failure": "refuse", "fake_failure_rate": 0.2}
        names = {f"web{number}": data for number in range(100)}
        return [
            name for name, host in run(shell("x"), fake_inventory(names)).hosts.items() if host.status.value != "ok"
        ]

    first = failed()
    assert 5 < len(first) < 40
    assert failed() == first


def test_a_round_trip_takes_the_time_that_it_shall(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = FakeHost(latency=(0.001, 0.003))
    assert play(shell("a", "b"), slow).ok
    assert all(0.001 <= slow.latency() <= 0.003 for _ in range(50))
    assert slow.ran("re:.") == ["a", "b"]


def test_addresses_stand_for_many_hosts() -> None:
    from ropewalk.api.inventory import Inventory

    names = [host.name for host in Inventory((["@fake/web[8:10]-[01:02]", "@fake"], {}))]
    assert names == [*(f"@fake/web{n}-{m}" for n in (8, 9, 10) for m in ("01", "02")), "@fake"]
    with pytest.raises(InventoryError, match="ends before it begins"):
        Inventory((["@fake/web[3:1]"], {}))


def test_answers_of_a_function() -> None:
    fake = FakeHost(lambda command: {"output": command.upper()} if command.startswith("say") else None)
    seen = []

    def deploy() -> None:
        seen.append(server.shell(name="do", commands=["say x"]).stdout)

    assert run(deploy, fake_inventory({"web1": fake}), plan=False).ok
    assert seen == ["SAY X"]


def test_what_nothing_answers_can_be_a_failure() -> None:
    fake = FakeHost({"known": 0}, otherwise={"stderr": "nobody expected this\n", "status": 127})
    assert play(shell("known"), fake).ok
    assert not play(shell("unknown"), FakeHost(otherwise=127)).ok


def test_secrets_arrive_and_a_hidden_command_is_one_like_any_other() -> None:
    fake = FakeHost()
    assert play(shell("login", _env={"TOKEN": Secret("s3cret")}), fake).ok
    assert fake.commands[0].text.endswith("login")
    assert "s3cret" in str(fake.commands[0])


@pytest.mark.parametrize("shell_executable", ["bash", "/usr/bin/python3", "sh -e"])
def test_another_shell_is_given_the_command(shell_executable: str) -> None:
    fake = FakeHost()
    long = "x = '" + "y" * 200_000 + "'"
    assert play(shell("short", long, _shell_executable=shell_executable), fake).ok
    assert [command.text for command in fake.commands] == ["short", long]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        ({"fake_answers": 3}, "fake_answers must be a mapping or a function, not 3"),
        ({"fake_answers": {3: "x"}}, "3 is not a pattern"),
        ({"fake_answers": {"re:(": "x"}}, "re:("),
        ({"fake_answers": {"x": []}}, "there is no answer in"),
        ({"fake_answers": {"x": {"out": "y"}}}, "is not an answer"),
        ({"fake_answers": {"x": {"status": "y"}}}, "is not an answer"),
        ({"fake_answers": {"x": {"delay": -1}}}, "not negative"),
        ({"fake_answers": {"x": None}}, "None is not an answer"),
        ({"fake_failure": "explode"}, "fake_failure cannot be 'explode'"),
        ({"fake_failure": "lose after x"}, "fake_failure cannot be"),
        ({"fake_latency": "slow"}, "fake_latency must be a number"),
        ({"fake_latency": [2, 1]}, "the least and the most"),
        ({"fake_latency": [1, 2, 3]}, "the least and the most"),
        ({"fake_files": {"/x": 3}}, "fake_files must be"),
        ({"fake_host": "web1"}, "fake_host must be"),
        ({"fake_sudo_password": 1234}, "not a value of type int"),
    ],
)
def test_data_that_makes_no_sense_is_refused(data: dict[str, Any], says: str) -> None:
    with pytest.raises(ConnectorDataTypeError, match=re.escape(says)):
        FakeConnector(Target("web1", data), ConnectorOptions())


def test_a_thousand_hosts() -> None:
    fakes = {f"web{number}": FakeHost({"uname": "Linux"}) for number in range(1000)}
    result = run(shell("uname", "true"), fake_inventory(dict(fakes)))
    assert result.ok
    assert result.tally().changed == 1000
    assert all(fake.ran("re:.") == ["uname", "true"] for fake in fakes.values())
