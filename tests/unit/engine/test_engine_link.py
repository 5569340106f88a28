"""Commands and files over a connection: as other users, in time, and with nothing left behind."""

from __future__ import annotations

import asyncio
import functools
import io
import os
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.connector import ConnectorOptions
from ropewalk.engine import guard
from ropewalk.engine import link as link_module
from ropewalk.engine.content import Source
from ropewalk.engine.link import Completed, StreamLink
from ropewalk.engine.links import Passwords, machine_of, shares_files
from ropewalk.engine.watch import Asked
from ropewalk.model.command import Secret, Upload, UploadTree
from ropewalk.model.errors import ConnectionLost, EscalationFailed, OperationError
from ropewalk.model.outcome import Outcome
from ropewalk.model.target import Target
from ropewalk.shell.capture import Capture
from ropewalk.shell.how import How
from ropewalk.shell.prompts import Ask
from ropewalk.shell.script import script
from support.fake_connector import FakeConnector, Machine
from support.operations import content, run
from support.play import Stage, run_async
from support.processes import command_lines, eventually, runs

#: A sudo that asks for a password if there is a file to say which, knows some users, and changes nothing.
SUDO = """#!/bin/sh
user=root
while [ "$1" != -- ]; do
  case $1 in -u) user=$2; shift;; esac
  shift
done
shift
here=$(dirname "$0")
if [ -e "$here/password" ]; then
  tries=0
  while :; do
    printf '%s' "$SUDO_PROMPT" >&2
    IFS= read -r given || exit 1
    [ "$given" = "$(cat "$here/password")" ] && break
    tries=$((tries + 1)); [ $tries -lt 3 ] || { echo 'sudo: 3 incorrect password attempts' >&2; exit 1; }
    echo 'Sorry, try again.' >&2
  done
fi
case $user in root|web) ;; *) echo "sudo: unknown user: $user" >&2; exit 1;; esac
echo "$user" >> "$here/log"
AS=$user exec "$@"
"""
#: What makes it wait for ever as soon as there is a file that says so.
HANG = """
if [ -e hang ]; then echo $$ > hangs; exec sleep 100; fi"""


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    cwd, programs = tmp_path / "cwd", tmp_path / "programs"
    cwd.mkdir()
    programs.mkdir()
    (programs / "sudo").write_text(SUDO)
    (programs / "sudo").chmod(0o755)
    return Machine("a", cwd, programs)


Story = Callable[[StreamLink], Awaitable[None]]


def link_to(machine: Machine, ask: Callable[[Ask], Awaitable[Secret | None]] | None = None) -> StreamLink:
    async def nobody(kind: Ask) -> Secret | None:
        return None

    connector = FakeConnector(Target("a"), ConnectorOptions(settings={"machines": {"a": machine}}))
    return StreamLink(connector, ask or nobody)


def tell(machine: Machine, story: Story, ask: Any = None) -> None:
    async def main() -> None:
        link = link_to(machine, ask)
        try:
            await link.connect()
            await story(link)
        finally:
            await link.close()
        assert not link._background

    run_async(main())


def how(**arguments: Any) -> How:
    return How.of(arguments)


async def text(link: StreamLink, command: str, **arguments: Any) -> str:
    done = await link.run(command, how(**arguments))
    assert (done.status, done.error, done.stderr.value()) == (0, None, b""), done.stderr.value()
    return done.stdout.value().decode()


def test_one_shell_for_each_identity(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        assert await asyncio.gather(*(text(link, f"echo $AS {number}") for number in range(10))) == [
            f" {number}\n".lstrip() for number in range(10)
        ]
        assert await text(link, "echo $AS", _sudo=True) == "root\n"
        assert await text(link, "echo $AS", _sudo=True, _sudo_user="web") == "web\n"
        assert await text(link, "echo $AS", _sudo=True) == "root\n"

    tell(machine, story)
    assert (machine.programs / "log").read_text() == "root\nweb\n"  # type: ignore[operator]
    assert len(machine.opened) == 3


@pytest.mark.parametrize("from_user", [True, False])
def test_passwords_go_through_standard_input(machine: Machine, from_user: bool) -> None:
    assert machine.programs is not None
    (machine.programs / "password").write_text("hunter 2\n")
    asked: list[Ask] = []

    async def ask(kind: Ask) -> Secret | None:
        asked.append(kind)
        return Secret("hunter 2")

    async def story(link: StreamLink) -> None:
        given = {} if from_user else {"_sudo_password": "hunter 2"}
        assert await text(link, "echo $AS; env", _sudo=True, **given)
        seen = await text(link, "env; tr '\\0' '\\n' < /proc/$PPID/environ", _sudo=True, **given)
        assert "hunter" not in seen
        assert await text(link, "cat", _sudo=True, _stdin="input", **given) == "input"
        assert "hunter" not in command_lines()

    tell(machine, story, ask)
    assert set(asked) == ({Ask.SUDO} if from_user else set())
    assert not any("hunter" in word for argv in machine.opened for word in argv)


def test_a_wrong_password_fails_and_may_be_tried_again(machine: Machine) -> None:
    assert machine.programs is not None
    (machine.programs / "password").write_text("right\n")

    async def story(link: StreamLink) -> None:
        with pytest.raises(EscalationFailed, match="not accepted"):
            await link.run("true", how(_sudo=True, _sudo_password="wrong"))
        with pytest.raises(EscalationFailed, match="needs a password"):
            await link.run("true", how(_sudo=True))
        assert await text(link, "echo $AS", _sudo=True, _sudo_password="right") == "root\n"
        assert await text(link, "echo $AS") == "\n"

    tell(machine, story)


def test_a_user_who_does_not_exist(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        with pytest.raises(EscalationFailed) as caught:
            await link.run("true", how(_sudo=True, _sudo_user="nobody-here"))
        assert caught.value.unknown_user

    tell(machine, story)


# -- time and interruption --------------------------------------------------------------------------------


def pid_of(machine: Machine, name: str = "pid") -> int:
    assert eventually(lambda: machine.path(name).exists() and machine.read(name).strip() != "")
    return int(machine.read(name))


@pytest.mark.parametrize("arguments", [{}, {"_sudo": True}, {"_stdin": "x"}, {"_get_pty": True}], ids=str)
def test_time_that_runs_out_ends_everything(machine: Machine, arguments: dict[str, Any]) -> None:
    async def story(link: StreamLink) -> None:
        done = await link.run("sleep 100 & echo $! > pid; echo out; wait", how(_timeout=0.3, **arguments))
        assert (done.status, done.error) == (None, "stopped after 0.3 s (_timeout)")
        assert done.stdout.value().decode().split() == ["out"]
        assert await text(link, "echo goes on", **({"_sudo": True} if "_sudo" in arguments else {})) == "goes on\n"

    tell(machine, story)
    assert eventually(lambda: not runs(pid_of(machine)))


def test_the_time_of_a_command_begins_when_it_does(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        first = asyncio.ensure_future(link.run("sleep 1", how()))
        await asyncio.sleep(0)
        second = await link.run("echo second", how(_timeout=0.4))
        assert (second.status, second.stdout.value()) == (0, b"second\n")
        assert (await first).status == 0

    tell(machine, story)


@pytest.mark.parametrize("arguments", [{}, {"_stdin": "x"}, {"_get_pty": True}], ids=str)
def test_who_is_cancelled_ends_his_command(machine: Machine, arguments: dict[str, Any]) -> None:
    async def story(link: StreamLink) -> None:
        task = asyncio.ensure_future(link.run("echo $$ > pid; sleep 100; touch never", how(**arguments)))
        pid = await asyncio.to_thread(pid_of, machine)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert await asyncio.to_thread(eventually, lambda: not runs(pid))
        assert await text(link, "echo goes on") == "goes on\n"

    tell(machine, story)
    assert not machine.path("never").exists()


def test_what_stands_behind_a_cancelled_command_does_not_run(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        tasks = [
            asyncio.ensure_future(link.run("echo $$ > pid; sleep 100", how())),
            asyncio.ensure_future(link.run("touch never", how())),
        ]
        await asyncio.to_thread(pid_of, machine)
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        assert await text(link, "echo goes on") == "goes on\n"

    tell(machine, story)
    assert not machine.path("never").exists()


def test_daemons_outlive_the_command_that_started_them(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        await link.run("sleep 100 >/dev/null 2>&1 & echo $! > daemon", how())
        await link.run("sleep 100", how(_timeout=0.3))
        assert runs(pid_of(machine, "daemon"))

    tell(machine, story)
    assert runs(pid_of(machine, "daemon"))
    os.kill(pid_of(machine, "daemon"), 9)


def test_a_command_that_takes_long_has_a_guard_and_its_end_sends_it_away(
    machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guard, "AFTER", 0.05)

    async def story(link: StreamLink) -> None:
        task = asyncio.ensure_future(link.run("until [ -e go ]; do sleep 0.05; done; echo done", how()))
        assert await asyncio.to_thread(eventually, lambda: len(machine.opened) == 2)
        machine.path("go").write_text("")
        assert (await task).stdout.value() == b"done\n"

    tell(machine, story)
    assert b"done\n" in machine.sent


def sent(link: StreamLink, command: str, **arguments: Any) -> Asked | None:
    made = functools.partial(script, command)
    return link.send_now(lambda delimiter: made(delimiter=delimiter), how(**arguments), limits=(1000, 0))


def test_a_command_is_sent_at_once_where_nothing_else_is_to_be_done(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        assert sent(link, "echo early") is None  # there is no shell yet
        await link.run("true", how())
        assert sent(link, "echo timed", _timeout=5) is None
        asked = sent(link, "echo now")
        assert asked is not None
        assert await asked.pending.future == 0
        assert asked.pending.stdout.value() == b"now\n"
        await link.interrupt(asked)  # it has ended: there is nothing to do

    tell(machine, story)


def test_a_command_sent_at_once_that_takes_long_has_a_guard(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "AFTER", 0.05)

    async def story(link: StreamLink) -> None:
        await link.run("true", how())
        asked = sent(link, "until [ -e go ]; do sleep 0.05; done; echo done")
        assert asked is not None
        assert await asyncio.to_thread(eventually, lambda: len(machine.opened) == 2)
        machine.path("go").write_text("")
        assert await asked.pending.future == 0

    tell(machine, story)
    assert b"done\n" in machine.sent


def test_a_command_sent_at_once_can_be_ended(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        await link.run("true", how())
        asked = sent(link, "echo $$ > asked; exec sleep 100")
        assert asked is not None
        assert await asyncio.to_thread(eventually, lambda: machine.path("asked").exists() and machine.read("asked"))
        assert runs(pid_of(machine, "asked"))
        await link.interrupt(asked)
        assert not runs(pid_of(machine, "asked"))

    tell(machine, story)


def test_nothing_goes_on_after_a_link_was_closed(machine: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the guard of a command is still about to start when the command ends."""
    monkeypatch.setattr(guard, "AFTER", 0.05)
    monkeypatch.setattr(link_module, "TIDYING", 0.2)

    async def main() -> None:
        link = link_to(machine)
        assert await text(link, "echo $AS", _sudo=True) == "root\n"
        (machine.cwd / "hang").write_text("")
        task = asyncio.ensure_future(link.run("until [ -e go ]; do sleep 0.05; done", how(_sudo=True)))
        assert await asyncio.to_thread(eventually, (machine.cwd / "hangs").exists)
        machine.path("go").write_text("")
        assert (await task).status == 0
        await link.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    assert machine.programs is not None
    (machine.programs / "sudo").write_text(SUDO.replace("\nuser=", HANG + "\nuser=", 1))
    run_async(main())


def test_a_link_that_is_closed_while_it_opens_a_shell(machine: Machine) -> None:
    async def main() -> None:
        link = link_to(machine)
        (machine.cwd / "hang").write_text("")
        task = asyncio.ensure_future(link.run("true", how(_sudo=True)))
        assert await asyncio.to_thread(eventually, (machine.cwd / "hangs").exists)
        await link.close()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert asyncio.all_tasks() == {asyncio.current_task()}

    assert machine.programs is not None
    (machine.programs / "sudo").write_text(SUDO.replace("\nuser=", HANG + "\nuser=", 1))
    run_async(main())
    assert eventually(lambda: not runs(int(machine.read("hangs"))))


# -- losing and finding the connection --------------------------------------------------------------------


def test_a_lost_connection_fails_what_runs_and_is_made_again_for_what_comes(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        machine.cut_at = b"cut here"
        with pytest.raises(ConnectionLost, match="the line was cut"):
            await link.run("echo cut here; sleep 1", how())
        assert await text(link, "echo again") == "again\n"
        machine.refuse_open.append(ConnectionLost("gone"))
        assert await text(link, "cat", _stdin="x") == "x"
        assert machine.connects == 2

    tell(machine, story)


def test_a_connection_is_made_when_it_is_needed(machine: Machine) -> None:
    async def main() -> None:
        link = link_to(machine)
        assert not link.connected
        assert await text(link, "cat", _stdin="x") == "x"
        assert link.connected
        await link.close()
        assert not link.connected
        assert await text(link, "echo x") == "x\n"
        await link.close()

    run_async(main())
    assert machine.connects == 2


# -- files ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [0, 1, 48 * 1024, 48 * 1024 + 1, 3_000_000])
@pytest.mark.parametrize("arguments", [{}, {"_sudo": True}], ids=str)
def test_uploads_and_downloads(machine: Machine, size: int, arguments: dict[str, Any], tmp_path: Path) -> None:
    data = os.urandom(size)

    async def story(link: StreamLink) -> None:
        await link.upload(Upload(data, f"{machine.cwd}/f", mode="600"), how(**arguments))
        assert machine.path("f").read_bytes() == data
        await link.download("f", str(tmp_path / "back"), how(**arguments))
        target = io.BytesIO()
        await link.download(f"{machine.cwd}/f", target, how(**arguments))
        assert target.getvalue() == (tmp_path / "back").read_bytes() == data

    tell(machine, story)
    assert os.listdir(machine.cwd) == ["f"]


def test_an_upload_that_cannot_be_read_to_its_end_changes_nothing(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = tmp_path / "source"
    source.write_bytes(b"x" * 1_000_000)
    machine.path("f").write_text("old")

    def chunks(self: Source) -> Iterator[bytes]:
        yield self.file.read(300_000)
        raise OperationError("cannot read the local file: the disk is gone")

    monkeypatch.setattr(Source, "chunks", chunks)

    async def story(link: StreamLink) -> None:
        with pytest.raises(OperationError, match="the disk is gone"):
            await link.upload(Upload(str(source), f"{machine.cwd}/f"), how())
        assert os.listdir(machine.cwd) == ["f"]

    tell(machine, story)
    assert machine.read("f") == "old"


def test_an_upload_that_loses_its_connection_leaves_nothing(machine: Machine) -> None:
    machine.path("f").write_text("old")

    async def story(link: StreamLink) -> None:
        machine.cut_at = b"cut here"
        with pytest.raises(ConnectionLost):
            await link.upload(Upload(b"x" * 300_000 + b"cut here" + b"x" * 300_000, f"{machine.cwd}/f"), how())

    tell(machine, story)
    assert machine.read("f") == "old"
    assert eventually(lambda: os.listdir(machine.cwd) == ["f"])


def test_failures_of_transfers(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        for size in (5, 100_000):
            with pytest.raises(OperationError, match=r"cannot write /no/such/f: .*No such file"):
                await link.upload(Upload(b"x" * size, "/no/such/f"), how())
        with pytest.raises(OperationError, match=r"cannot read missing: .*No such file"):
            await link.download("missing", io.BytesIO(), how())
        with pytest.raises(OperationError, match="cannot write to /dev/null/x"):
            await link.upload_tree(UploadTree("/dev/null/x", {}), how())

    tell(machine, story)


def test_names_in_trees_that_look_like_the_end_of_the_script(machine: Machine, tmp_path: Path) -> None:
    (tmp_path / "source").write_text("x")
    names = [f"{'d' * 200}/{number}" for number in range(900)] + ["a\n-\ntouch never; #", "ropewalk-end-of-script"]
    tree = UploadTree(f"{machine.cwd}/tree", dict.fromkeys(names, (str(tmp_path / "source"), None)))

    async def story(link: StreamLink) -> None:
        await link.upload_tree(tree, how())

    tell(machine, story)
    assert all((machine.path("tree") / name).read_text() == "x" for name in names)
    assert not machine.path("never").exists()


@pytest.mark.parametrize("status", [1, None])
def test_what_a_failed_transfer_says_when_it_said_nothing(status: int | None) -> None:
    done = Completed(status, Capture(), Capture(), None if status else "stopped after 1 s (_timeout)")
    with pytest.raises(OperationError, match=r"cannot write f: (exit status 1|stopped after 1 s)"):
        StreamLink.must(done, "cannot write f")


# -- through the engine -----------------------------------------------------------------------------------


def stage_with_sudo(tmp_path: Path, password: str | None = None, **given: Any) -> Stage:
    stage = Stage(**given)
    for number, machine in enumerate(stage.machines.values()):
        machine.programs = tmp_path / str(number)
        machine.programs.mkdir()
        (machine.programs / "sudo").write_text(SUDO)
        (machine.programs / "sudo").chmod(0o755)
        if password is not None:
            (machine.programs / "password").write_text(password)
    return stage


def test_escalation_in_deploys(tmp_path: Path) -> None:
    def deploy() -> None:
        run("echo $AS > one", name="1", _sudo=True)
        run("echo $AS > two", name="2", _sudo=True, _sudo_user="web")
        content("f", "x", name="3", _sudo=True)
        run("echo never", name="4", _sudo=True, _sudo_user="missing", _ignore_errors=True)

    stage = stage_with_sudo(tmp_path)
    played = stage.play(deploy)
    assert [outcome for _, outcome in played.outcomes()] == [Outcome.CHANGED] * 3 + [Outcome.IGNORED]
    assert played.machines["a"].read("one") == "root\n"
    assert "unknown user" in played.ended("4").failure.message


def test_passwords_are_asked_for_once_a_host(tmp_path: Path) -> None:
    asked: list[str] = []

    def ask(prompt: str) -> str:
        asked.append(prompt)
        return "hunter2"

    def deploy() -> None:
        run("echo $AS", name="1", _sudo=True)
        run("cat", name="2", _sudo=True, _stdin="the password is hunter2")

    stage = stage_with_sudo(tmp_path, "hunter2", hosts=("a", "b"), ask_secret=ask)
    played = stage.play(deploy)
    assert played.result.ok
    assert sorted(asked) == ["[a] sudo password: ", "[b] sudo password: "]
    assert "hunter2" not in repr(played.events)


def test_a_wrong_password_fails_the_host(tmp_path: Path) -> None:
    stage = stage_with_sudo(tmp_path, "right", config={"SUDO": True, "SUDO_PASSWORD": "wrong"})
    played = stage.play(lambda: content("f", "x", name="x"), plan=False)
    assert "not accepted" in played.ended("x").failure.message
    assert not played.result.ok
    assert "wrong" not in repr(played.events)


def test_passwords_that_nobody_gives() -> None:
    async def main() -> None:
        assert await Passwords(None).asker("a")(Ask.SUDO) is None
        assert await Passwords(lambda prompt: None).asker("a")(Ask.SU) is None
        hidden: list[str] = []

        async def later(prompt: str) -> str:
            return "hunter2"

        passwords = Passwords(later, hidden.extend)
        assert await passwords.asker("a")(Ask.SUDO) == Secret("hunter2")
        assert await passwords.asker("a")(Ask.SUDO) == Secret("hunter2")
        assert hidden == ["hunter2"]

    run_async(main())


def test_which_hosts_are_one_machine() -> None:
    data = {"a": {"ssh_hostname": "x"}, "b": {"ssh_hostname": "x"}, "c": {"ssh_hostname": "x", "ssh_port": 22}, "d": {}}
    hosts = list(Stage("abcd", data=data).inventory)
    machines = [machine_of(host) for host in hosts]
    assert machines[0] == machines[1]
    assert len(set(machines)) == 3
    assert [shares_files(host) for host in hosts] == [False] * 4
    hosts[0].scheme = hosts[1].scheme = "local"
    assert shares_files(hosts[0])
    assert machine_of(hosts[0]) == machine_of(hosts[1]) != machine_of(hosts[3])


def test_names_do_not_make_machines() -> None:
    box = {"docker_identifier": "box"}
    data = {"a": box, "b": box, "c": {**box, "via": "@ssh/gate"}, "d": {"docker_identifier": "other"}, "e": {}}
    hosts = list(Stage("abcde", data=data).inventory)
    for host in hosts:
        host.scheme = "docker"
    machines = [machine_of(host) for host in hosts]
    assert machines[0] == machines[1]
    assert len(set(machines)) == 4
