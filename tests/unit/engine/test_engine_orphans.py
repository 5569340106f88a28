"""What runs on a host whose stream is lost is ended there, as soon as the host can be reached."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ropewalk.api.connector import ConnectorOptions, Stream
from ropewalk.engine.link import StreamLink
from ropewalk.engine.orphans import Orphans
from ropewalk.model.command import Secret
from ropewalk.model.errors import ConnectError, ConnectionLost
from ropewalk.model.target import Target
from ropewalk.shell.how import How
from ropewalk.shell.process import Process
from ropewalk.shell.prompts import Ask
from support.fake_connector import FakeConnector, Machine
from support.play import run_async
from support.processes import eventually, runs

#: A command that lasts; the fake connector does not end it.
LONG = "echo $$ > pid; exec sleep 1000"


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    made = Machine("a", tmp_path, keeps=True)
    yield made
    if made.path("pid").exists() and runs(pid := int(made.read("pid"))):
        os.kill(pid, signal.SIGKILL)
    for stream in made.streams:
        stream.process._process.wait()


def tell(machine: Machine, story: Callable[[StreamLink], Awaitable[None]]) -> None:
    async def nobody(kind: Ask) -> Secret | None:
        return None

    async def main() -> None:
        link = StreamLink(FakeConnector(Target("a"), ConnectorOptions(settings={"machines": {"a": machine}})), nobody)
        await link.connect()
        try:
            await story(link)
        finally:
            await link.close()
        assert asyncio.all_tasks() == {asyncio.current_task()}

    run_async(main())


def how(**arguments: Any) -> How:
    return How.of(arguments)


async def begin(machine: Machine, link: StreamLink, **arguments: Any) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(link.run(LONG, how(**arguments)))
    assert await asyncio.to_thread(eventually, lambda: machine.path("pid").exists() and machine.read("pid").strip())
    return task


async def ends(machine: Machine) -> bool:
    return await asyncio.to_thread(eventually, lambda: not runs(int(machine.read("pid"))))


@pytest.mark.parametrize("arguments", [{}, {"_stdin": "x"}], ids=str)
def test_a_stream_that_is_lost_alone(machine: Machine, arguments: dict[str, Any]) -> None:
    async def story(link: StreamLink) -> None:
        task = await begin(machine, link, **arguments)
        machine.streams[0].cut()
        with pytest.raises(ConnectionLost):
            await task
        assert await ends(machine)
        assert machine.connects == 1

    tell(machine, story)


@pytest.mark.parametrize("arguments", [{}, {"_stdin": "x"}], ids=str)
def test_a_client_that_is_killed(machine: Machine, arguments: dict[str, Any]) -> None:
    """Its status is that of a signal; what it had started runs elsewhere, and goes on."""

    async def story(link: StreamLink) -> None:
        task = await begin(machine, link, **arguments)
        machine.streams[0].dies(137)
        if arguments:
            assert (await task).status == 137
        else:
            with pytest.raises(ConnectionLost, match=r"the shell on the host ended \(killed by signal 9\)"):
                await task
        assert await ends(machine)

    tell(machine, story)


def test_what_stood_behind_it_does_not_run(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        task = await begin(machine, link)
        behind = asyncio.ensure_future(link.run("touch never", how()))
        await asyncio.sleep(0)
        machine.streams[0].cut()
        for lost in (task, behind):
            with pytest.raises(ConnectionLost):
                await lost
        assert await ends(machine)

    tell(machine, story)
    assert not machine.path("never").exists()


def test_a_connection_that_is_lost_is_made_once_more_at_the_end(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        task = await begin(machine, link)
        machine.refuse_open.append(ConnectionLost("the line is cut"))
        machine.cut()
        with pytest.raises(ConnectionLost):
            await task
        assert await asyncio.to_thread(eventually, lambda: not machine.refuse_open)
        assert runs(int(machine.read("pid")))

    tell(machine, story)
    assert not runs(int(machine.read("pid")))
    assert machine.connects == 2


def test_a_connection_that_is_lost_is_made_once_more_by_who_needs_it_first(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        task = await begin(machine, link)
        machine.refuse_open += [ConnectionLost("the line is cut")] * 2  # for the guard, and for the next command
        machine.cut()
        with pytest.raises(ConnectionLost):
            await task
        assert await asyncio.to_thread(eventually, lambda: len(machine.refuse_open) == 1)
        assert (await link.run("echo goes on", how())).stdout.value() == b"goes on\n"
        assert await ends(machine)

    tell(machine, story)
    assert machine.connects == 2


def test_who_cannot_connect_again_lets_it_be(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        task = await begin(machine, link)
        machine.refuse_open.append(ConnectionLost("the line is cut"))
        machine.refuse.append(ConnectError("no route"))
        machine.cut()
        with pytest.raises(ConnectionLost):
            await task

    tell(machine, story)
    assert machine.connects == 2
    assert runs(int(machine.read("pid")))


def test_nothing_is_done_where_nothing_ran(machine: Machine) -> None:
    async def story(link: StreamLink) -> None:
        assert (await link.run("true", how())).status == 0
        machine.cut()
        assert await asyncio.to_thread(eventually, lambda: True)

    tell(machine, story)
    assert (machine.connects, len(machine.opened)) == (1, 1)


@pytest.mark.parametrize(
    ("error", "stays"), [(ConnectionLost("cut"), True), (ConnectError("the container is stopped"), False)]
)
def test_what_cannot_be_reached_stays_and_what_is_gone_does_not(error: Exception, stays: bool) -> None:
    async def open_guard(how: How, process: Process) -> Stream:
        raise error

    async def main() -> None:
        orphans = Orphans(open_guard)
        orphans.add(how(), Process(4711))  # nobody knows which that is
        assert not orphans
        orphans.add(how(), Process(4711, "8812"))
        await orphans.end()
        assert bool(orphans) == stays

    run_async(main())
