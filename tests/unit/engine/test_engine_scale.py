"""What many hosts and many operations take: counted, not timed."""

from __future__ import annotations

import asyncio
import gc
from pathlib import Path
from typing import Any

import pytest

from ropewalk.engine import garbage, shared
from ropewalk.engine.attempt import Attempt
from ropewalk.engine.call import OperationCall
from ropewalk.engine.plan import AT_ONCE, Evaluation
from ropewalk.engine.room import Room
from ropewalk.engine.run import PER_SERVER
from ropewalk.model.event import Event, OperationPlanned, PassStarted
from ropewalk.operations import files, server
from support.fake_connector import FakeConnector
from support.play import Stage, play, run_async

KINDS = (Evaluation, OperationCall, Attempt)


def alive() -> int:
    """Return how many things that belong to one operation on one host are still there."""
    gc.collect()
    return sum(isinstance(thing, KINDS) for thing in gc.get_objects())


def operations(count: int) -> None:
    for number in range(count):
        files.directory(name=f"number {number}", path="/tmp", present=True)


def test_nobody_begins_while_the_room_is_full_and_the_first_in_line_goes_first() -> None:
    async def story() -> list[str]:
        room, seen = Room(2), []

        async def guest(name: str, rank: int) -> None:
            await room.wait(rank)
            room.enter()
            seen.append(name)

        room.enter()
        room.enter()
        assert room.full
        tasks = [asyncio.ensure_future(guest(name, rank)) for name, rank in (("c", 3), ("a", 1), ("b", 2))]
        await asyncio.sleep(0)
        assert seen == []
        tasks[1].cancel()
        await asyncio.wait([tasks[1]])
        room.leave()
        await asyncio.wait([tasks[2]])
        assert seen == ["b"]
        assert not tasks[0].done()
        room.leave()
        await tasks[0]
        return seen

    assert run_async(story()) == ["b", "c"]


def test_who_is_cancelled_when_it_is_his_turn_lets_the_next_one_in() -> None:
    async def story() -> None:
        room = Room(1)
        room.enter()
        first, second = (asyncio.ensure_future(room.wait(rank)) for rank in (1, 2))
        await asyncio.sleep(0)
        room.leave()
        first.cancel()
        await asyncio.wait([first])
        await second

    run_async(story())


@pytest.mark.parametrize("limit", [1, 7, 1000])
def test_a_plan_bounds_what_is_under_way(monkeypatch: pytest.MonkeyPatch, limit: int) -> None:
    monkeypatch.setattr(shared, "EVALUATIONS", limit)
    hosts, count = [f"h{number}" for number in range(6)], 5
    most = under_way = 0

    class Watched(Room):
        def enter(self) -> None:
            nonlocal most, under_way
            under_way += 1
            most = max(most, under_way)
            super().enter()

        def leave(self) -> None:
            nonlocal under_way
            under_way -= 1
            super().leave()

    monkeypatch.setattr(shared, "Room", Watched)
    played = play(lambda: operations(count), hosts=hosts, dry=True)
    assert len(played.of(OperationPlanned)) == len(hosts) * count
    assert most <= max(limit - 1 + count, count)
    assert under_way == 0


def test_nothing_of_an_operation_is_kept_but_its_result() -> None:
    before = alive()
    counted: list[int] = []

    def watch(event: Event) -> None:
        if isinstance(event, PassStarted) and event.name == "apply":
            counted.append(alive())

    played = play(lambda: operations(40), hosts=["a", "b"], listeners=[watch])
    assert played.result.tally().ok == 80
    assert [count - before for count in counted] == [0]
    assert alive() == before


def test_a_prediction_outlives_its_evaluation() -> None:
    metas, asked = [], []

    def deploy() -> None:
        metas.append(server.shell(name="do", commands=["true"]))
        metas.append(files.directory(name="have", path="/tmp"))

    def watch(event: Event) -> None:
        if isinstance(event, PassStarted) and event.name == "apply":
            asked.extend(meta.will_change for meta in metas)

    play(deploy, listeners=[watch])
    assert asked == [True, False]


def test_hosts_that_answer_alike_share_what_is_known() -> None:
    played = play(lambda: operations(3), hosts=["a", "b", "c"])
    infos = {id(planned.operation) for planned in played.of(OperationPlanned)}
    assert len(infos) == 3
    known = [run.facts._known for run in played.run.hosts.values()]
    assert all(list(one) == list(known[0]) for one in known)
    for key in known[0]:
        assert len({id(one[key][1].value) for one in known}) == 1


def test_a_run_describes_itself_in_a_line() -> None:
    played = play(lambda: operations(30), hosts=["a", "b", "c"])
    assert len(repr(played.result)) < 200
    assert all(len(repr(host)) < 200 for host in played.result.hosts.values())


def test_garbage_is_collected_as_before_when_a_run_has_ended() -> None:
    others, before, seen = gc.get_threshold(), (700, 10, 10), []
    gc.set_threshold(*before)
    try:
        play(lambda: seen.append(gc.get_threshold()), plan=False)
        assert seen == [garbage._SELDOM]
        assert gc.get_threshold() == before
    finally:
        gc.set_threshold(*others)


def test_a_server_is_not_overrun_by_hosts_that_are_one_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    names = [f"h{number}" for number in range(3 * PER_SERVER)]
    stage = Stage(names, data={name: {"ssh_hostname": "gate"} for name in names[: 2 * PER_SERVER]})
    knocking: set[str] = set()
    most = 0
    connect = FakeConnector.connect

    async def slowly(self: FakeConnector) -> None:
        nonlocal most
        name = self.machine.name
        knocking.add(name)
        most = max(most, len(knocking & set(names[: 2 * PER_SERVER])))
        for _ in range(5):
            await asyncio.sleep(0)
        knocking.discard(name)
        await connect(self)

    monkeypatch.setattr(FakeConnector, "connect", slowly)
    played = stage.play(lambda: None)
    assert played.result.ok
    assert most == PER_SERVER


# -- counts of what goes over the network -----------------------------------------------------------------------------


def traffic(stage: Stage, program: Any, **options: Any) -> tuple[int, int]:
    """Return the round trips and channels of a run on a stage."""
    again = Stage(stage.hosts, root=None)
    again.machines["a"].cwd = stage.machines["a"].cwd
    played = again.play(program, **options)
    assert played.result.ok
    count = played.result.hosts["a"].traffic
    return count.round_trips, count.channels


@pytest.mark.parametrize("count", [20, 60])
def test_facts_of_many_operations_are_read_together(tmp_path: Path, count: int) -> None:
    def deploy() -> None:
        for number in range(count):
            files.directory(name=f"{number}", path=str(tmp_path / f"d{number}"))

    stage = Stage()
    traffic(stage, deploy)
    trips, channels = traffic(stage, deploy)
    # Where answers are read late, some of the last to begin do so after the first of their round trip have ended.
    assert trips - (count > AT_ONCE) <= -(-count // AT_ONCE) <= trips
    assert channels == 1


def test_a_tree_takes_as_many_round_trips_however_many_files_it_has(tmp_path: Path) -> None:
    found = []
    for size in (3, 300):
        tree, dest = tmp_path / f"tree{size}", tmp_path / f"dest{size}"
        for number in range(size):
            file = tree / f"d{number % 3}" / f"f{number}"
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(f"{number}\n")
        stage = Stage()

        def deploy(tree: Path = tree, dest: Path = dest) -> None:
            files.sync(name="tree", src=str(tree), dest=str(dest))

        found.append((traffic(stage, deploy), traffic(stage, deploy)))
        assert sum(1 for entry in dest.rglob("*") if entry.is_file()) == size
    (first, again), other = found
    assert (first, again) == other
    assert first[0] <= 5
    assert again[1] == 1


@pytest.mark.parametrize("size", [100, 300_000])
def test_content_that_is_there_is_not_sent_again(tmp_path: Path, size: int) -> None:
    content = tmp_path / "content"
    content.write_bytes(b"x" * size)
    sent = []
    for _ in range(2):
        played = play(lambda: files.put(name="put", src=str(content), dest=str(tmp_path / "there")))
        assert played.result.ok
        sent.append(played.result.hosts["a"].traffic.bytes_sent)
    assert sent[0] - sent[1] >= size
    assert sent[1] < 20_000


def test_commands_of_one_identity_share_a_shell() -> None:
    played = play(lambda: [server.shell(name=f"{number}", commands=["true"]) for number in range(10)])
    assert played.result.tally().changed == 10
    assert len(played.machines["a"].opened) == 1
