"""Operations that wait to be carried out together: which may, and what becomes of them when something goes wrong."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from unittest import mock

import pytest

from ropewalk.engine import guess
from ropewalk.engine.link import StreamLink
from ropewalk.engine.session import Session
from ropewalk.model.event import CommandEnded, CommandStarted, OperationEnded, OutputLine
from ropewalk.model.outcome import ExitStatus, HostStatus, Outcome
from support.chain_deploys import HEAD
from support.play import Played, Stage, run_async
from support.processes import eventually

MORE = """
from ropewalk import inventory
from ropewalk.api import Call, Download, Secret, Upload

@operation()
def asks(fact, **how):
    host.get_fact(fact, **how)
    yield "true"

@operation()
def yields(*steps):
    yield from steps
"""


class Site:
    """One host, and deploys that are carried out on it."""

    def __init__(self, folder: Path, **stage: Any) -> None:
        self.folder, self.stage = folder, Stage(root=folder, **stage)
        self.machine = self.stage.machines["a"]
        self.stage.state.cwd = str(self.machine.cwd)

    def write(self, text: str) -> Path:
        path = self.folder / "deploy.py"
        path.write_text(HEAD + MORE + text)
        return path

    def play(self, text: str, **options: Any) -> Played:
        return self.stage.play(self.write(text), **options)

    @property
    def trace(self) -> list[str]:
        path = self.machine.path("trace")
        return path.read_text().splitlines() if path.exists() else []


@pytest.fixture
def site(tmp_path: Path) -> Site:
    return Site(tmp_path)


@pytest.fixture
def guessed() -> Iterator[dict[str, bool]]:
    """Which operations were worked out beforehand, by name; each by its last try."""
    found: dict[str, bool] = {}
    real = guess.guess

    def watch(call: Any, runner: Any, **how: Any) -> Any:
        made = real(call, runner, **how)
        found[call.info.name] = made is not None
        return made

    with mock.patch.object(guess, "guess", watch):
        yield found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("server.shell('true')", True),
        ("server.shell('true', _env={'A': 'b'}, _chdir='/', _success_exit_codes=[0, 1])", True),
        ("files.put(src=StringIO('x'), dest='f')", True),
        ("note('a')", True),
        ("yields(Upload(b'x', 'f'), sh('true', _chdir='/'))", True),
        ("files.put(src=StringIO('x' * 100_000), dest='f')", False),  # too much for a shared message
        ("files.get(src='trace', dest='copy')", False),
        ("twice('a')", False),  # it reads a fact after its first command
        ("careless('a')", False),  # it does something else besides
        ("python.call(function=print)", False),
        ("server.shell('true', _stdin='x')", False),
        ("server.shell('true', _timeout=10)", False),
        ("server.shell('true', _retries=1)", False),
        ("server.shell('true', _retry_until=lambda seen: False)", False),
        ("server.shell('true', _get_pty=True)", False),
        ("server.shell('true', _continue_on_error=True)", False),
        ("server.shell('true', _ignore_errors=True)", False),
        ("server.shell('true', _if=lambda: True)", False),
        ("asks(File, path='never asked for before')", True),  # the plan has asked
        ("yields(sh('true', _timeout=9))", True),  # but it is not sent with others, see below
        ("note('a', (word for word in ['w']))", False),  # nobody can read that twice
        ("note('a', [open])", False),
    ],
)
def test_what_can_be_worked_out_beforehand(text: str, expected: bool, site: Site, guessed: dict[str, bool]) -> None:
    site.machine.path("trace").write_text("")
    site.play(text[:-1] + ", name='it')")
    assert guessed == {"it": expected}


def test_facts_that_were_never_read_cannot_be_guessed(site: Site, guessed: dict[str, bool]) -> None:
    site.play("note('a', name='it')", plan=False)
    assert guessed == {"it": False}
    assert site.trace == ["note-absent"]


def test_facts_of_other_hosts_are_no_base(tmp_path: Path, guessed: dict[str, bool]) -> None:
    site = Site(tmp_path, hosts=("a", "b"))
    text = """
@operation()
def neighbour():
    if inventory.get_host("b").get_fact(File, path="f"):
        yield "echo there >>trace"

if host.name == "b":
    server.shell("touch f", name="touch")
else:
    neighbour(name="look")
"""
    site.play(text)
    assert guessed["look"] is False
    assert site.trace == ["there"]


def test_one_message_for_many(site: Site) -> None:
    text = "\n".join(f"server.shell('echo {n} >>trace')\nnote('a')" for n in range(20))
    played = site.play(text)
    assert site.trace == [line for n in range(20) for line in (str(n), "note-absent")]
    assert played.result.hosts["a"].traffic.round_trips <= 3  # the shell, the plan's facts, all operations
    assert {outcome for _, outcome in played.outcomes()} == {Outcome.CHANGED}


def test_nothing_to_do_needs_no_message(site: Site) -> None:
    site.machine.path("a").write_text("")
    played = site.play("for n in range(30):\n    note('a')\n    files.file(path='a')\n")
    assert {outcome for _, outcome in played.outcomes()} == {Outcome.OK}
    assert played.result.hosts["a"].traffic.round_trips <= 2


def test_facts_that_an_operation_before_has_changed(site: Site) -> None:
    """What was worked out does not hold; it is noticed, and worked out anew with what is so now."""
    site.machine.path("a").write_text("")
    text = (
        "note('a')\nserver.shell('rm a; echo rm >>trace')\nnote('a')\nnote('a')\nserver.shell('touch a')\nnote('a')\n"
    )
    played = site.play(text)
    assert site.trace == ["rm", "note-absent", "note-absent"]
    ends = played.of(OperationEnded)
    assert [end.outcome.value for end in ends] == ["ok", "changed", "changed", "changed", "changed", "ok"]
    # The others were thought to have nothing to do either, at first.
    assert [end.reason for end in ends] == ["a is there", None, None, None, None, "a is there"]


def test_a_fact_that_is_another_one_at_each_look(site: Site) -> None:
    site.play("server.shell('echo one >>trace')\nrestless()\nrestless()\nserver.shell('echo two >>trace')")
    assert site.trace == ["one", "restless", "restless", "two"]


def test_a_foreign_hand_between_plan_and_apply(site: Site) -> None:
    text = (
        "server.shell('echo one >>trace')\nnote('a', ['there'])\n"
        "files.put(src=StringIO('mine'), dest='f', mode='600')\n"
    )

    async def confirm(_result: Any) -> bool:
        site.machine.path("a").write_text("somebody was here")
        site.machine.path("f").write_text("theirs")
        return True

    site.play(text, confirm=confirm)
    assert site.trace == ["one", "note-there"]
    assert site.machine.read("f") == "mine"
    assert site.machine.path("f").stat().st_mode & 0o777 == 0o600


def test_results_are_there_when_they_are_read(site: Site) -> None:
    text = """
r = server.shell("echo out; echo err >&2; echo one >>trace")
server.shell(f"echo {r.executed}-{r.stdout}-{r.stderr}-{r.changed}-{r.is_complete()}-{r.retry_attempts} >>trace")
s = note("a")
note("a", words=[s.stdout])
"""
    played = site.play(text, plan=False)
    assert played.result.status == ExitStatus.OK
    assert site.trace == ["one", "True-out-err-True-True-0", "note-absent", "note-absent"]


def test_an_operation_that_is_given_a_result(site: Site) -> None:
    text = """
@operation()
def follow(before):
    yield f"echo {before.is_complete()}-{before.executed}-{before.stdout} >>trace"

follow(server.shell("echo hi"))
r = server.shell("echo ho")
server.shell("echo between >>trace")
follow(r)
"""
    site.play(text, plan=False)
    assert site.trace == ["True-True-hi", "between", "True-True-ho"]


def test_arguments_stay_as_they_were(site: Site) -> None:
    text = """
words = ["x"]
server.shell("touch a")
note("a", words)
words.append("y")
note("a", words)
words += ["z"]
server.shell("echo end >>trace")
"""
    site.play(text)
    assert site.trace == ["note-x", "note-x-y", "end"]


def test_files_that_are_shared_with_the_host(tmp_path: Path) -> None:
    site = Site(tmp_path)
    [host] = site.stage.inventory
    host.scheme = "local"
    site.machine.path("src").write_text("old")
    text = """
server.shell("echo new >src")
files.put(src="src", dest="dst")
files.template(src="src", dest="tpl")
server.shell("echo newer >src")
files.put(src="src", dest="dst2")
"""
    site.play(text)
    assert [site.machine.read(name) for name in ("dst", "tpl", "dst2")] == ["new\n", "new\n", "newer\n"]


def test_an_upload_fails_whatever_status_commands_may_have(site: Site) -> None:
    site.machine.path("d").mkdir()
    text = "yields(Upload(b'x', 'd'), _success_exit_codes=[0, 1])\nserver.shell('echo never >>trace')\n"
    played = site.play(text)
    assert played.result.status == ExitStatus.FAILED
    assert site.trace == []
    assert "is a directory" in played.host_ended().failure.message


def test_an_upload_succeeds_whatever_status_commands_must_have(site: Site) -> None:
    text = "yields(Upload(b'x', 'f'), 'exit 3', _success_exit_codes=[3])\nserver.shell('echo on >>trace')\n"
    assert site.play(text).result.status == ExitStatus.OK
    assert site.trace == ["on"]


def test_a_command_brings_its_own_time(site: Site) -> None:
    played = site.play("yields(sh('sleep', '60', _timeout=0.2))\nserver.shell('echo never >>trace')")
    assert played.result.status == ExitStatus.FAILED
    assert "_timeout" in played.host_ended().failure.message
    assert site.trace == []


def test_a_failure_ends_the_program(site: Site) -> None:
    text = "server.shell('echo one >>trace')\nserver.shell('exit 3')\nserver.shell('echo two >>trace')\n1 / 0\n"
    played = site.play(text, plan=False)
    assert played.outcomes() == [("server.shell", Outcome.CHANGED), ("server.shell", Outcome.FAILED)]
    assert played.host_ended().failure.message == "exit status 3"
    assert site.trace == ["one"]


def test_an_error_of_the_deploy_comes_after_what_was_called_before_it(site: Site) -> None:
    played = site.play("server.shell('echo one >>trace')\nserver.shell(nonsense=1)", plan=False)
    assert site.trace == ["one"]
    assert played.host_ended().failure.kind == "OperationTypeError"


def test_lines_of_output_come_while_their_command_runs(site: Site) -> None:
    text = "for n in range(5):\n    server.shell([f'echo a{n}; printf b{n}', f'echo c{n} >&2'])\n    note('a')\n"
    played = site.play(text, stream_output=True)
    seen: list[str] = []
    current: str | None = None
    for event in played.events:
        match event:
            case CommandStarted():
                assert current is None
                current = event.command
            case CommandEnded():
                assert event.result.command == current
                current = None
            case OutputLine():
                assert current is not None
                assert event.line[0] in current
                seen.append(event.line)
    assert seen == [f"{letter}{n}" for n in range(5) for letter in "abc"]


def test_secrets_that_only_the_operation_knows(site: Site) -> None:
    text = """
@operation()
def secretive():
    yield sh("echo", Secret("very-secret"))
server.shell("echo one")
secretive()
"""
    played = site.play(text, stream_output=True)
    assert "very-secret" not in repr(played.events)
    assert [event.line for event in played.of(OutputLine)] == ["one", "*****"]


def test_changes_are_told_as_far_as_they_came(site: Site) -> None:
    text = """
from ropewalk.api import Change
yields("true", Change("a", "1", "2"), "exit 1", Change("b", "1", "2"))
"""
    [end] = site.play(text).of(OperationEnded)
    assert [change.attribute for change in end.changes] == ["a"]


def _ended_operations(site: Site) -> int:
    return sum(isinstance(event, OperationEnded) for event in site.stage.events)


def blocked(site: Site, text: str) -> tuple[Path, Path]:
    """Write a deploy whose command ``BLOCK`` waits until something is written to a pipe."""
    pipe = site.folder / "pipe"
    os.mkfifo(pipe)
    return site.write(text.replace("BLOCK", f"cat {pipe}")), pipe


@pytest.mark.parametrize("when", ["stop", "cut"])
def test_an_end_in_the_middle(when: str, site: Site) -> None:
    """Interrupted, or the connection lost: what runs has ended in no good way, the rest does not run."""
    path, _ = blocked(
        site,
        "server.shell('echo one >>trace')\n"
        "server.shell('trap \"exit 0\" TERM HUP; echo two >>trace; BLOCK & wait')\n"
        "server.shell('echo three >>trace')\n"
        "note('a')\n",
    )

    async def main() -> Played:
        run = site.stage.prepare(path)
        playing = asyncio.ensure_future(site.stage.perform(run))
        begun = ["one", "two"]
        assert await asyncio.to_thread(eventually, lambda: site.trace == begun and _ended_operations(site) == 1)
        run.stop() if when == "stop" else site.machine.cut()
        return await playing

    played = run_async(main())
    assert site.trace == ["one", "two"]
    outcome = Outcome.CANCELLED if when == "stop" else Outcome.FAILED
    assert [end for _, end in played.outcomes()] == [Outcome.CHANGED, outcome]
    assert played.result.status == (ExitStatus.INTERRUPTED if when == "stop" else ExitStatus.FAILED)
    assert played.host_ended().status is (HostStatus.CANCELLED if when == "stop" else HostStatus.FAILED)
    assert site.machine.connects == 1
    starts = [event.command for event in played.of(CommandStarted)]
    assert starts == [event.result.command for event in played.of(CommandEnded)]


def test_an_answer_that_is_lost_is_no_reason_to_do_it_again(site: Site) -> None:
    """The facts may have held and the commands have run: nobody knows."""
    site.machine.cut_at = b"note-absent"
    played = site.play("server.shell('echo one >>trace', _timeout=50)\nnote('a')\nserver.shell('echo two >>trace')\n")
    assert [end for _, end in played.outcomes()] == [Outcome.CHANGED, Outcome.FAILED]
    assert played.host_ended().failure.message.endswith("the line was cut")
    assert site.machine.connects == 1
    assert site.machine.script.count("note-absent") == 1


def test_a_shell_that_is_gone_before_anything_was_sent_is_opened_again(site: Site) -> None:
    real, times = StreamLink.sending, iter(["first"])

    def sending(link: StreamLink, session: Session, *given: Any) -> Any:
        if next(times, None):
            session._lose("it is gone")
        return real(link, session, *given)

    with mock.patch.object(StreamLink, "sending", sending):
        played = site.play("server.shell('echo one >>trace')\nnote('a')")
    assert played.result.status == ExitStatus.OK
    assert site.trace == ["one", "note-absent"]


def test_another_host_may_look_at_what_waits(tmp_path: Path) -> None:
    """Without a barrier it sees the host as far as it has come; a failure stays with its own host."""
    site = Site(tmp_path, hosts=("a", "b"))
    text = """
if host.name == "a":
    server.shell("echo one >>trace")
    server.shell("exit 3")
    server.shell("echo two >>trace")
else:
    for n in range(20):
        inventory.get_host("a").get_fact(File, path=f"f{n}")
    server.shell("echo b >>trace")
"""
    played = site.play(text, no_wait=True, plan=False)
    assert site.trace == ["one"]
    assert played.host_ended("a").status is HostStatus.FAILED
    assert played.host_ended("b").status is HostStatus.OK
    assert site.stage.machines["b"].read("trace") == "b\n"


def test_too_many_failures_stop_hosts_that_do_not_wait(tmp_path: Path) -> None:
    site = Site(tmp_path, hosts=("a", "b"))
    path, pipe = blocked(
        site,
        """
if host.name == "b":
    server.shell("echo one >>trace; BLOCK")
    server.shell("echo two >>trace")
else:
    server.shell("exit 3")
""",
    )
    other = site.stage.machines["b"].path("trace")

    async def main() -> Played:
        run = site.stage.prepare(path, no_wait=True, fail_percent=0, plan=False)
        playing = asyncio.ensure_future(site.stage.perform(run))
        assert await asyncio.to_thread(eventually, lambda: other.exists() and bool(site.stage.state.failed_hosts))
        await asyncio.to_thread(pipe.write_text, "")
        return await playing

    assert run_async(main()).result.status == ExitStatus.FAILED
    assert other.read_text() == "one\n"


def test_a_chain_leaves_nothing_behind(site: Site) -> None:
    site.play("server.shell('echo one >>trace')\nfiles.put(src=StringIO('x'), dest='f')\nserver.shell('exit 1')")
    assert sorted(path.name for path in site.machine.cwd.iterdir()) == ["f", "trace"]
    assert eventually(lambda: all(stream.process.ended for stream in site.machine.streams))
