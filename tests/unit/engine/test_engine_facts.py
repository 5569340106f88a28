"""Facts are read once and shared for as long as they hold; a fact that cannot be read is an error, never a guess."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from ropewalk import host
from ropewalk.api import FactBase, ShortFactBase, sh
from ropewalk.engine.epoch import Epochs
from ropewalk.engine.facts import FactReader
from ropewalk.engine.link import Completed
from ropewalk.engine.request import Request, prepare
from ropewalk.engine.traffic import Counter
from ropewalk.model.command import Secret
from ropewalk.model.errors import (
    ConnectionLost,
    EscalationFailed,
    FactError,
    FactPreconditionError,
    FactProcessError,
    FactTypeError,
    RopewalkError,
)
from ropewalk.model.event import FactRead, PlanIncomplete
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.v3command import StringCommand
from ropewalk.shell.capture import Capture
from ropewalk.shell.how import How
from support.operations import Content, Counted, call, run
from support.play import Stage, play, run_async


class Link:
    """Answers as the test says, when the test says."""

    def __init__(self) -> None:
        self.counter = Counter()
        self.commands: list[str] = []
        self.hidden: list[bool] = []
        self.open = asyncio.Event()
        self.open.set()
        self.stdout, self.stderr, self.status = b"value\n", b"", 0
        self.error: Exception | None = None
        self.said: str | None = None

    def opening(self, how: How) -> None: ...

    def send_now(self, *_: Any, **__: Any) -> None:
        """Nothing is sent at once."""

    async def run(
        self,
        command: str,
        how: How,
        *,
        hidden: bool = False,
        limits: tuple[int, int] | None = None,
        on_output: Any = None,
    ) -> Completed:
        self.commands.append(command)
        self.hidden.append(hidden)
        await self.open.wait()
        if self.error is not None:
            raise self.error
        out, err = Capture(*(limits or ())), Capture()
        out.feed(self.stdout)
        err.feed(self.stderr)
        return Completed(None if self.said else self.status, out, err, self.said)


class Plain(FactBase[list[str]]):
    command = "plain"

    def process(self, output: list[str]) -> list[str]:
        return list(output)

    @staticmethod
    def default() -> list[str]:
        return ["default"]


class Constant(Plain):
    constant = True


class Needs(Plain):
    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "some tool"


class Odd(Plain):
    def process(self, output: list[str]) -> list[str]:
        raise LookupError("no such line")


class Refuses(Plain):
    def process(self, output: list[str]) -> list[str]:
        raise RopewalkError("not what was expected")


class Arguments(FactBase[str]):
    def command(self, path: str, *, follow: bool = False) -> Any:
        return sh("look", path, Secret("hunter2"))


class InBash(Plain):
    shell_executable = "bash"


def ask(fact: type, *args: Any, how: How | None = None, **kwargs: Any) -> Request:
    return prepare(fact, args, kwargs, how or How.of({}))


Story = Callable[[FactReader, Link, Epochs], Any]


def tell(story: Story) -> Any:
    async def main() -> Any:
        link, epochs = Link(), Epochs()
        return await story(FactReader(link, epochs, "machine"), link, epochs)  # type: ignore[arg-type]

    return run_async(main())


# -- requests ---------------------------------------------------------------------------------------------


def test_requests() -> None:
    request = ask(Arguments, "/a b", follow=True)
    assert (request.command, request.hidden, request.needs) == ("look '/a b' hunter2", True, None)
    assert request.arguments == "'/a b', follow=True"
    assert request.name == "test_engine_facts.Arguments"
    assert ask(Arguments, Secret("x").shown, follow=False).arguments == "'*****', follow=False"
    assert ask(Needs).full_command == "command -v 'some tool' >/dev/null 2>&1 || exit 213\nplain"
    assert ask(InBash).how.shell == "bash"
    assert ask(InBash, how=How.of({"_shell_executable": "zsh"})).how.shell == "bash"


def test_older_spellings_of_commands() -> None:
    class Text(FactBase[str]):
        command = StringCommand("echo", Secret("hunter2"))

    assert (ask(Text).command, ask(Text).hidden) == ("echo hunter2", True)


@pytest.mark.parametrize(
    "wrong",
    [lambda: ask(Plain, 1), lambda: ask(Plain, x=1), lambda: ask(Arguments), lambda: ask(Arguments, "/a", nothing=1)],
)
def test_arguments_that_a_fact_does_not_take(wrong: Callable[[], Any]) -> None:
    with pytest.raises(FactTypeError, match=r"fact (Plain|Arguments)"):
        wrong()


def test_a_misspelt_argument_is_named_rather_than_the_one_that_is_missing_for_it() -> None:
    class Takes(FactBase[str]):
        def command(self, path: str) -> str:
            raise AssertionError(path)

    with pytest.raises(FactTypeError, match="fact Takes has no argument pathh") as caught:
        ask(Takes, pathh="/a")
    assert "path" in str(caught.value.hint)


def test_what_makes_two_reads_one() -> None:
    assert ask(Plain).key == ask(Plain).key
    assert ask(Plain).key != ask(Constant).key
    assert ask(Arguments, "/a").key != ask(Arguments, "/b").key
    assert ask(Plain, how=How.of({"_sudo": True})).key != ask(Plain).key
    assert ask(Plain, how=How.of({"_timeout": 5})).key == ask(Plain).key


# -- reading ----------------------------------------------------------------------------------------------


def test_equal_reads_in_flight_are_one() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.open.clear()
        reads = [asyncio.ensure_future(facts.read(ask(Plain))) for _ in range(5)]
        facts.prefetch(ask(Plain))
        other = asyncio.ensure_future(facts.read(ask(Constant)))
        await asyncio.sleep(0)
        link.open.set()
        assert await asyncio.gather(*reads, other) == [["value"]] * 6
        assert len(link.commands) == 2
        assert link.counter.facts == 2

    tell(story)


def test_a_value_holds_until_something_was_executed() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        request, constant = ask(Plain), ask(Constant)
        assert facts.known(request) == (False, None)
        assert not facts.holds(request)
        assert facts.last(request) is None
        for _ in range(3):
            assert await facts.read(request) == ["value"]
            assert await facts.read(constant) == ["value"]
        assert len(link.commands) == 2
        assert facts.known(request) == (True, ["value"])
        epochs.executed("another machine")
        assert facts.holds(request)
        facts.executed()
        assert not facts.holds(request)
        assert facts.holds(constant)
        link.stdout = b"changed\n"
        assert await facts.read(request) == ["changed"]
        assert await facts.read(constant) == ["value"]
        epochs.executed_anywhere()
        assert not facts.holds(request)
        facts.forget()
        assert not facts.holds(constant)
        assert await facts.read(constant) == ["changed"]

    tell(story)


def test_a_read_under_way_is_not_shared_with_those_who_come_after_a_change() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.open.clear()
        before = asyncio.ensure_future(facts.read(ask(Plain)))
        await asyncio.sleep(0)
        facts.executed()
        after = asyncio.ensure_future(facts.read(ask(Plain)))
        await asyncio.sleep(0)
        link.open.set()
        await asyncio.gather(before, after)
        assert len(link.commands) == 2
        assert facts.holds(ask(Plain))

    tell(story)


def test_who_changes_a_value_changes_nobody_elses() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        first = await facts.read(ask(Plain))
        first.append("mine")
        second = facts.known(ask(Plain))[1]
        second.append("mine too")
        assert await facts.read(ask(Plain)) == ["value"]

    tell(story)


def test_no_output_is_the_default_and_so_is_a_missing_program() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.stdout = b""
        assert await facts.read(ask(Plain)) == ["default"]
        link.status = 213
        assert await facts.read(ask(Needs)) == ["default"]
        with pytest.raises(FactError, match="exit status 213"):
            await facts.read(ask(Constant))

    tell(story)


def test_an_empty_line_is_output() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.stdout = b"\n"
        assert await facts.read(ask(Plain)) == [""]

    tell(story)


@pytest.mark.parametrize(
    ("stderr", "how", "default"),
    [
        (b"sudo: unknown user: web\n", {"_sudo": True}, True),
        (b"su: user web does not exist\n", {"_su_user": "web"}, True),
        (b"sudo: unknown user: web\n", {}, False),
        (b"something else\n", {"_sudo": True}, False),
    ],
)
def test_a_user_who_is_not_there_yet_sees_the_default(stderr: bytes, how: dict[str, Any], default: bool) -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.status, link.stderr = 1, stderr
        request = ask(Plain, how=How.of(how))
        if default:
            assert await facts.read(request) == ["default"]
        else:
            with pytest.raises(FactError, match="exit status 1: "):
                await facts.read(request)

    tell(story)


@pytest.mark.parametrize("unknown", [False, True])
def test_escalation_that_fails(unknown: bool) -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.error = EscalationFailed("sudo says no", hint="ask", unknown_user=unknown)
        if unknown:
            assert await facts.read(ask(Plain)) == ["default"]
            return
        with pytest.raises(FactError, match=r"cannot read fact test_engine_facts\.Plain: sudo says no") as caught:
            await facts.read(ask(Plain))
        assert caught.value.hint == "ask"

    tell(story)


@pytest.mark.parametrize(
    ("prepare_link", "error", "says"),
    [
        ({"status": 3}, FactError, r"cannot read fact .*Plain\(\): its command ended with exit status 3$"),
        ({"status": 3, "stderr": b" why \n"}, FactError, "exit status 3: why$"),
        ({"said": "stopped after 1 s (_timeout)"}, FactError, "stopped after 1 s"),
        ({"error": ConnectionLost("gone")}, ConnectionLost, "gone"),
    ],
)
def test_failures(prepare_link: dict[str, Any], error: type[Exception], says: str) -> None:
    told: list[Any] = []

    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        for key, value in prepare_link.items():
            setattr(link, key, value)
        facts.on_read = lambda request, seconds, value, error: told.append((request.fact, value, type(error)))
        for _ in range(2):  # a failure is nothing that is known
            with pytest.raises(error, match=says):
                await facts.read(ask(Plain))
        assert len(link.commands) == 2
        assert not facts.holds(ask(Plain))

    tell(story)
    assert told == [(Plain, None, error)] * 2


def test_output_that_is_too_long_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("ropewalk.engine.facts.LARGEST", 5)

    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.stdout = b"12345"
        assert await facts.read(ask(Plain)) == ["12345"]
        link.stdout = b"123456"
        with pytest.raises(FactError, match="it wrote more than"):
            await facts.read(ask(Constant))

    tell(story)


@pytest.mark.parametrize(
    ("fact", "says"),
    [(Odd, "LookupError: 'no such line'|LookupError: no such line"), (Refuses, "not what was expected")],
)
def test_output_that_is_not_understood(fact: type, says: str) -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        with pytest.raises(FactProcessError, match=rf"cannot understand the output of fact .*: ({says})"):
            await facts.read(ask(fact))

    tell(story)


def test_secrets_stay_out_of_argument_vectors() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        await facts.read(ask(Arguments, "x"))
        await facts.read(ask(Plain))
        assert link.hidden == [True, False]

    tell(story)


def test_a_prefetched_fact_that_fails_concerns_nobody() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.status = 1
        facts.prefetch(ask(Plain))
        for _ in range(5):
            await asyncio.sleep(0)
        link.status = 0
        assert await facts.read(ask(Plain)) == ["value"]
        facts.prefetch(ask(Plain))
        assert len(link.commands) == 2

    tell(story)


def test_one_reader_who_gives_up_keeps_nobody_from_reading() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.open.clear()
        one, two = (asyncio.ensure_future(facts.read(ask(Plain))) for _ in range(2))
        await asyncio.sleep(0)
        one.cancel()
        await asyncio.wait([one])
        link.open.set()
        assert await two == ["value"]
        assert len(link.commands) == 1

    tell(story)


def test_reads_are_ended_with_the_run() -> None:
    async def story(facts: FactReader, link: Link, epochs: Epochs) -> None:
        link.open.clear()
        facts.prefetch(ask(Plain))
        await asyncio.sleep(0)
        await facts.abandon()
        assert facts._in_flight == {}

    tell(story)


# -- in deploys -------------------------------------------------------------------------------------------


def test_arguments_of_the_operation_hold_for_its_facts_but_not_its_input() -> None:
    class Surroundings(FactBase[str]):
        command = 'echo "$PWD|$X|$(cat)"'

        def process(self, output: list[str]) -> str:
            return output[0]

    seen: list[Any] = []

    def deploy() -> None:
        from ropewalk.api import operation

        @operation()
        def look() -> Any:
            seen.append(host.get_fact(Surroundings))
            seen.append(host.get_fact(Surroundings, _env={"X": "own"}))
            yield from ()

        look(_env={"X": "of the operation"}, _chdir="/", _stdin="input", _success_exit_codes=[5], name="x")
        with host.arguments(_env={"X": "of the context"}, _stdin="input"):
            seen.append(host.get_fact(Surroundings))

    played = play(deploy, plan=False)
    assert played.host_ended().failure is None
    cwd = str(played.machines["a"].cwd)
    assert seen == ["/|of the operation|", "/|own|", f"{cwd}|of the context|"]


def test_facts_that_are_parts_of_others() -> None:
    class First(ShortFactBase[str]):
        fact = Content

        def process_data(self, data: Any) -> str:
            return str(data[0])

    stage, seen = Stage(), []
    stage.machines["a"].path("f").write_text("one\ntwo\n")
    stage.play(lambda: seen.append(host.get_fact(First, path="f")), plan=False)
    assert seen == ["one"]


def test_facts_with_preconditions() -> None:
    class Picky(Plain):
        command = "echo x"

        def check_preconditions(self, state: Any, host: Any) -> str | None:
            return None if host.data.get("good") else "only good hosts"

    seen: list[Any] = []

    def deploy() -> None:
        try:
            seen.append(host.get_fact(Picky))
        except FactPreconditionError as error:
            seen.append(str(error))
        seen.append(host.get_fact(Picky, _ignore_errors=True))

    play(deploy, hosts=("a", "b"), data={"b": {"good": True}}, plan=False, serial=True)
    assert seen == ["Picky: only good hosts", ["default"], ["x"], ["x"]]


@pytest.mark.parametrize("wrong", ["Plain", Plain(), 5])
def test_what_is_no_fact(wrong: Any) -> None:
    played = play(lambda: host.get_fact(wrong), plan=False)
    assert "takes the class of a fact" in played.host_ended().failure.message


def test_wrong_arguments_are_checked_like_those_of_operations() -> None:
    played = play(lambda: host.get_fact(Content, path="f", _sudo="yes"), plan=False)
    assert played.result.status is not ExitStatus.OK
    assert "_sudo must be" in played.host_ended().failure.message


def test_reads_are_told() -> None:
    played = play(lambda: host.get_fact(Content, path="f"), plan=False)
    [event] = played.of(FactRead)
    assert (event.host, event.fact, event.arguments, event.value) == ("a", "operations.Content", "path='f'", [])


def test_facts_of_two_hosts_that_are_one_machine() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        if host.name == "a":
            host.get_fact(Counted)
            run("true", name="x", _if=lambda: False)
        run("echo x > /dev/null", name="on both")
        if host.name == "a":
            seen.append(host.get_fact(Counted))

    data = {"a": {"ssh_hostname": "same"}, "b": {"ssh_hostname": "same"}}
    played = play(deploy, hosts=("a", "b"), data=data, plan=False)
    assert played.result.ok
    assert seen == [2]


def test_local_commands_forget_facts() -> None:
    from ropewalk import local

    seen: list[Any] = []

    def deploy() -> None:
        seen.append(host.get_fact(Counted))
        seen.append(local.shell("echo local"))
        seen.append(host.get_fact(Counted))

    assert play(deploy, plan=False).result.ok
    assert seen == [1, "local", 2]


def test_the_connection_may_be_closed_and_is_opened_again() -> None:
    seen: list[Any] = []

    def deploy() -> None:
        run("echo one > f", name="one")
        host.disconnect()
        seen.append(host.connected)
        host.connect()
        host.connect()
        seen.append(host.connected)
        run("echo two >> f", name="two")
        host.disconnect()
        seen.append(host.get_fact(Content, path="f"))

    played = play(deploy, plan=False)
    assert played.host_ended().failure is None
    assert seen == [False, True, ["one", "two"]]
    assert played.machines["a"].connects == 3


def test_a_plan_in_which_a_fact_of_another_host_fails() -> None:
    from support.operations import Failing

    def deploy() -> None:
        if host.name == "a":
            run("true", name="pending")
            host.inventory.get_host("b").get_fact(Failing)

    played = play(deploy, hosts=("a", "b"), dry=True)
    assert played.of(PlanIncomplete) or played.result.status is ExitStatus.FAILED


def test_callbacks_read_facts_too() -> None:
    seen: list[Any] = []
    assert play(lambda: call(lambda: seen.append(host.get_fact(Counted)), name="x"), plan=False).result.ok
    assert seen == [1]
