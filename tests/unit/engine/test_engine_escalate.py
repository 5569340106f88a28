"""Getting in as somebody else: questions are answered through the process's input, refusals explained."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable, Mapping, Sequence

import pytest

from ropewalk.engine import escalate
from ropewalk.engine.escalate import Greeted, open_as
from ropewalk.engine.traffic import Counter
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConnectionLost, EscalationFailed
from ropewalk.shell.identity import SUDO_PROMPT, Identity
from ropewalk.shell.prompts import Ask
from support.fake_connector import ScriptedStream
from support.play import run_async

NOBODY = Identity()
SUDO = Identity(sudo=True)
SU = Identity(su_user="web")
BOTH = Identity(sudo=True, su_user="web")
PROMPT = SUDO_PROMPT.encode()


class Door:
    """A connector whose processes are told by the test what to say."""

    def __init__(self) -> None:
        self.stream = ScriptedStream()
        self.argv: list[str] = []
        self.pty = False
        self.opened = asyncio.Event()

    async def open(self, argv: Sequence[str], *, pty: bool = False) -> ScriptedStream:
        self.argv, self.pty = list(argv), pty
        self.opened.set()
        return self.stream

    @property
    def greeting(self) -> tuple[bytes, bytes]:
        """What the process writes on its two streams when it is in."""
        [marker] = set(re.findall(r"ropewalk-hello-[0-9a-f]+", " ".join(self.argv)))
        return f"\n{marker} 4711\n".encode(), f"\n{marker}\n".encode()


Story = Callable[[Door], Awaitable[None]]


def enter(
    story: Story, identity: Identity = SUDO, *, passwords: Mapping[Ask, Secret] | None = None, pty: bool = False,
    answers: Sequence[str | None] = (),
) -> tuple[Greeted, Door, list[Ask]]:  # fmt: skip
    """Open a process while the story tells what happens; return it, and whose passwords were asked for."""
    asked: list[Ask] = []
    left = list(answers)

    async def ask(kind: Ask) -> Secret | None:
        asked.append(kind)
        answer = left.pop(0) if left else None
        return None if answer is None else Secret(answer)

    async def main() -> tuple[Greeted, Door, list[Ask]]:
        door = Door()

        async def tell() -> None:
            await door.opened.wait()
            await story(door)

        telling = asyncio.ensure_future(tell())
        try:
            greeted = await open_as(
                door,
                identity,
                ["sh"],
                passwords=passwords or {},
                ask=ask,
                counter=Counter(),
                pty=pty,  # type: ignore[arg-type]
            )
            await telling
            return greeted, door, asked
        except BaseException:
            assert door.stream.closed
            raise
        finally:
            telling.cancel()

    return run_async(main())


async def lets_in(door: Door) -> None:
    out, err = door.greeting
    door.stream.says(out, err)


async def rest_of(read: Callable[[], Awaitable[bytes]]) -> bytes:
    return await asyncio.wait_for(read(), 5)


def test_who_is_let_in_is_asked_nothing() -> None:
    greeted, door, asked = enter(lets_in, NOBODY)
    assert (greeted.process.pid, asked, door.stream.written) == (4711, [], b"")
    assert door.argv[:2] == ["sh", "-c"]
    assert door.argv[-1].endswith("exec sh")


def test_what_comes_before_the_greeting_is_dropped_and_what_comes_after_is_kept() -> None:
    async def story(door: Door) -> None:
        out, err = door.greeting
        door.stream.says(b"Welcome to the machine\n" + out + b"first", b"warning: x\n" + err + b"error")

    greeted, door, _ = enter(story)

    async def read() -> tuple[bytes, bytes, bytes]:
        door.stream.says(b"second")
        return await greeted.stdout(), await greeted.stderr(), await greeted.stdout()

    assert run_async(read()) == (b"first", b"error", b"second")


def test_a_greeting_that_arrives_byte_by_byte() -> None:
    async def story(door: Door) -> None:
        out, err = door.greeting
        for number in range(max(len(out), len(err))):
            door.stream.says(out[number : number + 1] or None, err[number : number + 1] or None)
            await asyncio.sleep(0)

    assert enter(story)[0].process.pid == 4711


@pytest.mark.parametrize(
    ("identity", "prompts", "given", "written"),
    [
        (SUDO, [PROMPT], {Ask.SUDO: "one"}, b"one\n"),
        (SU, [b"Password: "], {Ask.SU: "two"}, b"two\n"),
        (SU, ["Mot de passe\u00a0: ".encode()], {Ask.SU: "é"}, "é\n".encode()),
        (BOTH, [PROMPT, b"Password: "], {Ask.SUDO: "one", Ask.SU: "two"}, b"one\ntwo\n"),
        (SUDO, [b"[sudo: authenticate] Password: "], {Ask.SUDO: "one"}, b"one\n"),
    ],
)
@pytest.mark.parametrize("is_asked_for", [False, True])
@pytest.mark.parametrize("in_pieces", [False, True])
def test_questions_are_answered(
    identity: Identity, prompts: list[bytes], given: dict[Ask, str], written: bytes, is_asked_for: bool, in_pieces: bool
) -> None:
    async def story(door: Door) -> None:
        for number, prompt in enumerate(prompts):
            for piece in [prompt[i : i + 1] for i in range(len(prompt))] if in_pieces else [prompt]:
                door.stream.says(err=piece)
                await asyncio.sleep(0)
            await door.stream.until_written(b"\n".join(written.split(b"\n")[: number + 1]) + b"\n")
            door.stream.says(err=b"\n")
        await lets_in(door)

    if is_asked_for:
        _, door, asked = enter(story, identity, answers=list(given.values()))
        assert asked == list(given)
    else:
        _, door, asked = enter(story, identity, passwords={ask: Secret(text) for ask, text in given.items()})
        assert asked == []
    assert door.stream.written == written


def test_a_password_that_is_not_accepted() -> None:
    async def story(door: Door) -> None:
        door.stream.says(err=PROMPT)
        await door.stream.until_written(b"wrong\n")
        door.stream.says(err=b"\nSorry, try again.\n" + PROMPT)

    with pytest.raises(EscalationFailed, match=r"sudo password was not accepted \(sudo to root\)"):
        enter(story, passwords={Ask.SUDO: Secret("wrong")})


@pytest.mark.parametrize(
    ("identity", "prompt", "word"), [(SUDO, PROMPT, "_sudo_password"), (SU, b"Password: ", "_su_")]
)
def test_nobody_to_ask(identity: Identity, prompt: bytes, word: str) -> None:
    async def story(door: Door) -> None:
        door.stream.says(err=prompt)

    with pytest.raises(EscalationFailed, match="needs a password") as caught:
        enter(story, identity)
    assert word in str(caught.value.hint)


@pytest.mark.parametrize(
    ("identity", "said", "message", "unknown", "hint"),
    [
        (SUDO, [b"sudo: a password is required\n"], "sudo to root failed: sudo: a password is required", False, True),
        (SUDO, [b"sudo: ", b"unknown user web\n"], "sudo to root failed: sudo: unknown user web", True, False),
        (SU, [b"su: user web does not exist\n"], "su to web failed: su: user web does not exist", True, False),
        (SUDO, [b"one\n", b"two\n", b"three\n"], "sudo to root failed: one\ntwo\nthree", False, False),
        (SUDO, [], "sudo to root failed: no reason given", False, False),
        (NOBODY, [b"sh: not found\n"], "cannot start a shell: sh: not found", False, False),
        (SUDO, [PROMPT + b"\nno\n"], "sudo to root failed: no", False, False),
    ],
)
@pytest.mark.parametrize("first", ["out", "err"])
def test_refusals(identity: Identity, said: list[bytes], message: str, unknown: bool, hint: bool, first: str) -> None:
    async def story(door: Door) -> None:
        if first == "out":
            door.stream.says(b"")
        for piece in said:
            door.stream.says(err=piece)
            await asyncio.sleep(0)
        door.stream.says(None if first == "out" else b"", b"")

    with pytest.raises(EscalationFailed) as caught:
        enter(story, identity)
    assert str(caught.value) == message
    assert (caught.value.unknown_user, bool(caught.value.hint)) == (unknown, hint)


def test_a_refusal_on_standard_output() -> None:
    async def story(door: Door) -> None:
        door.stream.says(b"This account is currently not available.\n")
        door.stream.ends(1)

    with pytest.raises(EscalationFailed, match="su to web failed: This account is currently not available"):
        enter(story, SU)


def test_what_only_looks_like_a_question_is_none_when_it_goes_on() -> None:
    async def story(door: Door) -> None:
        door.stream.says(err=b"warning:")
        await asyncio.sleep(0)
        door.stream.says(err=b" nothing\n")
        await lets_in(door)

    _, door, asked = enter(story, SU, answers=["x"])
    assert (door.stream.written, asked) == (b"", [])


def test_a_connection_that_is_lost() -> None:
    async def story(door: Door) -> None:
        door.stream.says(ConnectionLost("gone"))

    with pytest.raises(ConnectionLost, match="gone"):
        enter(story)


def test_patience_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalate, "PATIENCE", 0.05)

    async def story(door: Door) -> None:
        door.stream.says(err=b"thinking...\n")

    with pytest.raises(EscalationFailed, match=r"sudo to root: no answer in 0.05 s: thinking"):
        enter(story)

    async def silence(door: Door) -> None:
        pass

    with pytest.raises(EscalationFailed, match=r"no answer in 0.05 s$"):
        enter(silence)


def test_people_may_take_their_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(escalate, "PATIENCE", 2.0)

    async def main() -> None:
        door = Door()
        loop = asyncio.get_running_loop()
        began = loop.time()
        monkeypatch.setattr(loop, "time", lambda: now[0])
        now = [began]

        async def ask(kind: Ask) -> Secret | None:
            now[0] += 1000  # seconds pass
            for _ in range(5):
                await asyncio.sleep(0)
            return Secret("x")

        opening = asyncio.ensure_future(
            open_as(door, SUDO, ["sh"], passwords={}, ask=ask, counter=Counter())  # type: ignore[arg-type]
        )
        await door.opened.wait()
        door.stream.says(err=PROMPT)
        while not door.stream.written:
            now[0] += 0.1
            await asyncio.sleep(0)
        await lets_in(door)
        assert (await opening).process.pid == 4711

    asyncio.run(main())


def test_on_a_terminal_everything_comes_on_one_stream() -> None:
    async def story(door: Door) -> None:
        out, err = door.greeting
        assert door.pty
        assert "stty raw -echo" in door.argv[-1]
        door.stream.says(b"motd\r\n" + PROMPT)
        await door.stream.until_written(b"one\n")
        door.stream.says(b"\r\n" + out)
        await asyncio.sleep(0)
        door.stream.says(err + b"after")

    greeted, _, _ = enter(story, passwords={Ask.SUDO: Secret("one")}, pty=True)
    assert greeted.process.pid == 4711
    assert run_async(rest_of(greeted.stdout)) == b"after"


def test_a_refusal_on_a_terminal() -> None:
    async def story(door: Door) -> None:
        door.stream.says(b"sudo: unknown user web\r\n")
        door.stream.says(b"", b"")

    with pytest.raises(EscalationFailed, match="sudo to root failed: sudo: unknown user web") as caught:
        enter(story, pty=True)
    assert caught.value.unknown_user
