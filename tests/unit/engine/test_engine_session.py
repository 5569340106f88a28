"""One shell, many commands: answers find their commands, and a shell that is lost keeps nobody waiting."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from ropewalk.connectors.process import spawn
from ropewalk.engine import guard as guards
from ropewalk.engine.guard import Guard
from ropewalk.engine.lines import LONGEST, Lines
from ropewalk.engine.session import Session, finish
from ropewalk.engine.traffic import Counter
from ropewalk.model.errors import ConnectionLost
from ropewalk.shell.capture import Capture
from ropewalk.shell.script import script
from support.fake_connector import ScriptedStream
from support.play import run_async


def captures() -> tuple[Capture, Capture]:
    return Capture(), Capture()


def line(command: str) -> Any:
    return script(command, delimiter="end-of-test")


Story = Callable[[Session, ScriptedStream, str], Awaitable[None]]


def tell(story: Story) -> None:
    async def main() -> None:
        stream = ScriptedStream()
        session = Session(stream, Counter())
        session.start()
        await stream.until_written(b"printf")
        await story(session, stream, session.marker)

    run_async(main())


async def soon() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_a_real_shell_answers_in_order() -> None:
    async def main() -> None:
        session = Session(await spawn(["sh"]), Counter())
        session.start()
        commands = ["echo one", "echo two >&2; exit 3", "head -c 500000 /dev/zero", "cat", "echo last"]
        kept = [captures() for _ in commands]
        pendings = [
            session.send(line(command), capture=capture) for command, capture in zip(commands, kept, strict=True)
        ]
        statuses = await asyncio.gather(*(pending.future for pending in pendings))
        assert statuses == [0, 3, 0, 0, 0]
        assert [out.value() for out, _ in kept] == [b"one\n", b"", b"\0" * 500_000, b"", b"last\n"]
        assert [err.value() for _, err in kept] == [b"", b"two\n", b"", b"", b""]
        assert session.counter.round_trips == 1
        assert session.counter.commands == 6  # the greeting is one
        assert (await session.process()).pid > 1
        await session.close()
        assert not session.alive

    run_async(main())


def test_output_is_passed_on_while_the_command_runs() -> None:
    async def main() -> None:
        session = Session(await spawn(["sh"]), Counter())
        session.start()
        seen: list[tuple[str, bytes]] = []
        first = asyncio.Event()

        def on_output(stream: str, data: bytes) -> None:
            seen.append((stream, data))
            first.set()

        pending = session.send(line("echo begun; exec sleep 100"), capture=captures(), on_output=on_output)
        await first.wait()
        assert seen == [("stdout", b"begun")]  # the line end may belong to the marker
        assert not pending.future.done()
        assert session.runs(pending)
        assert session.runs_only(pending)
        next_one = session.send(line("true"), capture=captures())
        assert not session.runs_only(pending)
        assert not session.runs(next_one)
        await session.stream.close()
        with pytest.raises(ConnectionLost):
            await pending.future
        await session.close()

    run_async(main())


def test_what_is_asked_for_together_leaves_in_one_message() -> None:
    async def story(session: Session, stream: ScriptedStream, marker: str) -> None:
        await soon()
        before = len(stream.written)
        for number in range(5):
            session.send(line(f"echo {number}"), capture=captures())
        await soon()
        assert re.findall(rb"echo (\d)", stream.written[before:]) == [b"0", b"1", b"2", b"3", b"4"]
        assert session.counter.round_trips == 1

    tell(story)


def test_what_a_login_prints_is_dropped() -> None:
    async def story(session: Session, stream: ScriptedStream, marker: str) -> None:
        capture = captures()
        pending = session.send(line("id"), capture=capture)
        stream.says(b"Welcome\n", b"motd\n")
        stream.says(f"\n{marker} 4711\n".encode(), f"\n{marker}\n".encode())
        stream.says(f"uid\n\n{marker} 0\n".encode(), f"\n{marker}\n".encode())
        assert await pending.future == 0
        assert (await session.process()).pid == 4711
        assert (capture[0].value(), capture[1].value()) == (b"uid\n", b"")

    tell(story)


@pytest.mark.parametrize("out_first", [False, True])
def test_a_command_has_ended_when_both_streams_have(out_first: bool) -> None:
    async def story(session: Session, stream: ScriptedStream, marker: str) -> None:
        stream.says(f"\n{marker} 1\n".encode(), f"\n{marker}\n".encode())
        pending = session.send(line("x"), capture=captures())
        out, err = f"\n{marker} 5\n".encode(), f"\n{marker}\n".encode()
        stream.says(out if out_first else None, None if out_first else err)
        await soon()
        assert not pending.future.done()
        stream.says(None if out_first else out, err if out_first else None)
        assert await pending.future == 5

    tell(story)


@pytest.mark.parametrize(
    ("happens", "says"),
    [
        (lambda stream: stream.ends(), "the shell on the host ended"),
        (lambda stream: stream.says(ConnectionLost("gone")), "gone"),
        (lambda stream: stream.says(err=ConnectionLost("gone")), "gone"),
        (lambda stream: stream.says(OSError("odd")), "OSError: odd"),
        (lambda stream: stream.says(b"\nMARKER what?\n"), "ValueError"),
    ],
)
def test_a_shell_that_is_lost_keeps_nobody_waiting(happens: Callable[[ScriptedStream], None], says: str) -> None:
    async def story(session: Session, stream: ScriptedStream, marker: str) -> None:
        pendings = [session.send(line("x"), capture=captures()) for _ in range(3)]
        if says == "ValueError":
            stream.says(f"\n{marker} what?\n".encode())
        else:
            happens(stream)
        for pending in pendings:
            with pytest.raises(ConnectionLost, match=says):
                await pending.future
        with pytest.raises(ConnectionLost):
            await session.process()
        assert not session.alive
        with pytest.raises(ConnectionLost, match=says):
            session.send(line("x"), capture=captures())
        with pytest.raises(ConnectionLost, match=says):
            session.send_chain("x", [])
        await session.close()
        assert stream.closed

    tell(story)


@pytest.mark.parametrize("error", [ConnectionLost("gone"), OSError("odd")])
def test_a_message_that_cannot_be_sent(error: Exception) -> None:
    async def story(session: Session, stream: ScriptedStream, marker: str) -> None:
        await soon()
        stream.fail_write = error
        pending = session.send(line("x"), capture=captures())
        with pytest.raises(ConnectionLost, match=r"gone|odd"):
            await pending.future
        await session.close()

    tell(story)


def test_closing_tells_those_who_wait() -> None:
    async def story(session: Session, stream: ScriptedStream, marker: str) -> None:
        pending = session.send(line("x"), capture=captures())
        stream.status.set_result(0)
        await session.close()
        assert stream.at_eof
        assert stream.closed
        with pytest.raises(ConnectionLost, match="was closed"):
            await pending.future

    tell(story)


def test_a_shell_that_does_not_end_is_let_go() -> None:
    class Patient(ScriptedStream):
        async def wait(self) -> int:
            raise TimeoutError

    async def main() -> None:
        stream = Patient()
        session = Session(stream, Counter())
        session.start()
        await session.close()
        assert stream.closed

    run_async(main())


def test_streams_that_finish_by_themselves() -> None:
    class Own(ScriptedStream):
        finished = False

        async def finish(self) -> None:
            self.finished = True

    async def main() -> None:
        stream = Own()
        await finish(stream)
        assert (stream.finished, stream.at_eof) == (True, False)

    run_async(main())


# -- guards -----------------------------------------------------------------------------------------------


def guarded(
    story: Callable[[Guard, ScriptedStream, list[bool]], Awaitable[None]], error: Exception | None = None
) -> None:
    async def main() -> None:
        stream = ScriptedStream()
        stream.status.set_result(0)
        running = [True]

        async def open_guard() -> Any:
            if error is not None:
                raise error
            return stream

        await story(Guard(open_guard, lambda: running[0]), stream, running)

    run_async(main())


def test_a_guard_ends_what_runs() -> None:
    async def story(guard: Guard, stream: ScriptedStream, running: list[bool]) -> None:
        assert not guard.started
        await guard.fire()
        assert guard.started
        assert (stream.written, stream.closed) == (b"kill\n", True)

    guarded(story)


def test_a_guard_leaves_alone_what_came_after() -> None:
    async def story(guard: Guard, stream: ScriptedStream, running: list[bool]) -> None:
        running[0] = False
        await guard.fire()
        assert stream.written == b"done\n"

    guarded(story)


def test_a_guard_that_was_not_needed() -> None:
    async def story(guard: Guard, stream: ScriptedStream, running: list[bool]) -> None:
        guard.cancel()
        await guard.release()
        assert stream.written == b""

    guarded(story)


@pytest.mark.parametrize("runs", [True, False])
def test_a_guard_starts_when_the_command_takes_long(runs: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "AFTER", 0.01)

    async def story(guard: Guard, stream: ScriptedStream, running: list[bool]) -> None:
        running[0] = runs
        looked = asyncio.Event()

        def look() -> bool:
            looked.set()
            return running[0]

        guard._runs = look
        await looked.wait()
        await soon()
        assert guard.started is runs
        await guard.release()
        assert stream.written == (b"done\n" if runs else b"")

    guarded(story)


def test_a_guard_that_cannot_be_opened() -> None:
    async def story(guard: Guard, stream: ScriptedStream, running: list[bool]) -> None:
        await guard.fire()
        await guard.release()

    guarded(story, ConnectionLost("gone"))


def test_a_guard_that_does_not_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guards, "PATIENCE", 0.01)

    async def story(guard: Guard, stream: ScriptedStream, running: list[bool]) -> None:
        stream.status = asyncio.get_running_loop().create_future()
        await guard.fire()
        await guard.release()
        assert stream.closed

    guarded(story)


# -- lines and counters -----------------------------------------------------------------------------------


def test_lines_are_whole_whatever_the_pieces() -> None:
    data = "é one\ntwo\r\n\n\xa0three \ud7ff\nno end".encode() + b"\xff"
    seen: list[tuple[str, str]] = []
    for size in (1, 2, 3, 100):
        seen.clear()
        lines = Lines(lambda stream, text: seen.append((stream, text)))
        for start in range(0, len(data), size):
            lines.feed("stdout", data[start : start + size])
        lines.feed("stderr", b"err\n")
        lines.finish()
        lines.finish()
        assert [text for stream, text in seen if stream == "stdout"] == [
            "é one", "two\r", "", "\xa0three \ud7ff", "no end\ufffd",
        ]  # fmt: skip
        assert ("stderr", "err") in seen


def test_a_line_without_end_is_passed_on_in_parts() -> None:
    seen: list[str] = []
    lines = Lines(lambda stream, text: seen.append(text))
    lines.feed("stdout", b"x" * (2 * LONGEST + 5))
    assert [len(text) for text in seen] == [LONGEST, LONGEST]
    lines.finish()
    assert len(seen[-1]) == 5


def test_round_trips() -> None:
    counter = Counter()
    first, second = counter.asks(), counter.asks()
    assert (first, second, counter.round_trips) == (1, 1, 1)
    counter.answers(first)
    third = counter.asks()
    counter.answers(second)
    assert (third, counter.asks(), counter.round_trips) == (2, 2, 2)
    counter.answers(third)
    assert counter.asks() == 3
    counter.sent(5)
    counter.received(7)
    counter.opened()
    snapshot = counter.snapshot()
    assert (snapshot.round_trips, snapshot.bytes_sent, snapshot.bytes_received, snapshot.channels) == (3, 5, 7, 1)
