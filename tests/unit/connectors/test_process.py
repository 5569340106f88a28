"""What the contract leaves open: environment, directory, and what becomes of a process that is let go of."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from ropewalk.connectors.process import ProcessStream, spawn
from ropewalk.connectors.terminal import end_of_input
from ropewalk.model.errors import ConnectError


async def output(stream: ProcessStream) -> bytes:
    said = b""
    while chunk := await stream.stdout():
        said += chunk
    await stream.close()
    return said


def run(main: Callable[[], Awaitable[None]]) -> None:
    async def bounded() -> None:
        async with asyncio.timeout(30):
            await main()

    asyncio.run(bounded())


def test_environment_and_directory(tmp_path: Path) -> None:
    async def main() -> None:
        script = 'echo "$X $HOME"; pwd'
        stream = await spawn(["sh", "-c", script], env={"X": "x", "PATH": os.environ["PATH"]}, cwd=tmp_path)
        assert await output(stream) == f"x \n{tmp_path}\n".encode()

    run(main)


@pytest.mark.parametrize("argv", [["/nonexistent"], ["/etc/passwd"], ["a\0b"], ["true", "x" * 10_000_000]])
@pytest.mark.parametrize("pty", [False, True])
def test_what_cannot_be_started(argv: list[str], pty: bool) -> None:
    async def main() -> None:
        files = os.listdir("/proc/self/fd")
        with pytest.raises(ConnectError, match="cannot start"):
            await spawn(argv, pty=pty)
        assert os.listdir("/proc/self/fd") == files

    run(main)


def test_it_has_a_session_of_its_own() -> None:
    async def main() -> None:
        stream = await spawn(["sh", "-c", "ps -o sid= -p $$; echo $$"])
        session, pid = (await output(stream)).split()
        assert session == pid == str(stream.pid).encode()

    run(main)


def test_close_kills_the_whole_group() -> None:
    children: list[int] = []

    async def main() -> None:
        stream = await spawn(["sh", "-c", "trap '' HUP INT TERM; (sleep 1000; true) & echo $!; wait"])
        children.append(int(await stream.stdout()))
        await stream.close()
        assert await stream.wait() == 137

    run(main)
    give_up = time.monotonic() + 30
    while runs(children[0]) and time.monotonic() < give_up:
        time.sleep(0.01)
    assert not runs(children[0])


def runs(pid: int) -> bool:
    """Say whether a process runs; one that has ended and waits to be buried does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_close_leaves_alone_what_an_ended_process_started() -> None:
    async def main() -> None:
        stream = await spawn(["sh", "-c", "sleep 1000 >/dev/null 2>&1 & echo $!"])
        daemon = int(await stream.stdout())
        assert await stream.wait() == 0
        assert stream.ended
        await stream.close()
        os.kill(daemon, 9)  # raises if it is gone

    run(main)


def test_the_status_does_not_wait_for_a_daemon_that_holds_the_pipes() -> None:
    async def main() -> None:
        stream = await spawn(["sh", "-c", "sleep 1000 & echo $!"])
        daemon = int(await stream.stdout())
        assert await stream.wait() == 0
        os.kill(daemon, 9)
        assert await stream.stdout() == b""
        await stream.close()

    run(main)


def test_close_wakes_who_waits() -> None:
    async def main() -> None:
        stream = await spawn(["sleep", "1000"])
        waits = [
            asyncio.ensure_future(wait)
            for wait in (stream.stdout(), stream.stderr(), stream.write(b"x" * 1_000_000), stream.write(b"y"))
        ]
        await asyncio.sleep(0)
        await stream.close()
        assert await asyncio.gather(*waits) == [b"", b"", None, None]
        assert await stream.wait() == 137

    run(main)


def test_nothing_stays_open() -> None:
    async def main() -> None:
        await (await spawn(["true"])).close()
        files = os.listdir("/proc/self/fd")
        for pty in (False, True):
            stream = await spawn(["sleep", "1000"], pty=pty)
            await stream.close()
            assert os.listdir("/proc/self/fd") == files

    run(main)


def test_without_process_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """Elsewhere, and before Linux 5.3, a thread waits."""

    def missing(pid: int, flags: int = 0) -> int:
        raise OSError

    monkeypatch.setattr(os, "pidfd_open", missing, raising=False)

    async def main() -> None:
        stream = await spawn(["sh", "-c", "exit 3"])
        assert await stream.wait() == 3
        await stream.close()
        stream = await spawn(["sleep", "1000"])
        await stream.close()
        assert await stream.wait() == 137

    run(main)


@pytest.mark.parametrize(("last", "typed"), [(b"\n", b"\x04"), (b"x", b"\x04\x04")])
def test_the_end_of_input_as_typed(last: bytes, typed: bytes) -> None:
    assert end_of_input(last) == typed
