"""Hosts keep step without a plan of the order: whatever their programs do, nobody waits for ever."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from typing import Any

import pytest

from ropewalk.engine.order import Repeats
from ropewalk.engine.schedule import FreeRunning, Lockstep, RunOnce, Schedule, Step
from support.play import run_async

Log = list[tuple[str, Any]]


async def walk(schedule: Schedule[str], programs: Mapping[str, Sequence[Any]]) -> Log:
    """Let every host come to its positions in order; return who did what when."""
    log: Log = []

    async def program(host: str) -> None:
        try:
            for position in programs[host]:
                await schedule.turn(host, position)
                log.append((host, position))
                await asyncio.sleep(0)
        finally:
            schedule.ended(host)

    await asyncio.gather(*map(program, programs))
    return log


def positions(*lines: int) -> list[tuple[int, ...]]:
    return [(line,) for line in lines]


def play(programs: Mapping[str, Sequence[Any]]) -> Log:
    async def main() -> Log:
        return await walk(Lockstep(programs), programs)

    return run_async(main())


def test_all_do_an_operation_before_any_does_the_next() -> None:
    log = play(dict.fromkeys("abc", positions(1, 2, 3)))
    assert log == [(host, (line,)) for line in (1, 2, 3) for host in "abc"]


def test_other_branches_are_no_conflict() -> None:
    log = play({"a": positions(1, 3, 5), "b": positions(2, 3, 4), "c": [], "d": positions(5)})
    assert log == [
        ("a", (1,)), ("b", (2,)), ("a", (3,)), ("b", (3,)), ("b", (4,)), ("a", (5,)), ("d", (5,)),
    ]  # fmt: skip


def test_the_order_is_the_inventorys_whoever_comes_first() -> None:
    async def main() -> Log:
        lockstep, log = Lockstep("abc"), []

        async def program(host: str, first: asyncio.Event | None, then: asyncio.Event) -> None:
            if first is not None:
                await first.wait()
            then.set()
            await lockstep.turn(host, (1,))
            log.append((host, 1))
            lockstep.ended(host)

        events = [asyncio.Event() for _ in range(3)]
        await asyncio.gather(
            program("a", events[1], events[0]), program("b", events[2], events[1]), program("c", None, events[2])
        )
        return log

    assert run_async(main()) == [("a", 1), ("b", 1), ("c", 1)]


def test_a_host_that_still_runs_is_waited_for() -> None:
    async def main() -> None:
        lockstep = Lockstep("ab")
        turn = asyncio.ensure_future(lockstep.turn("a", (1,)))
        for _ in range(10):
            await asyncio.sleep(0)
        assert not turn.done()
        lockstep.ended("b")
        await turn
        lockstep.ended("a")

    run_async(main())


def test_one_that_is_cancelled_holds_nobody_up() -> None:
    async def main() -> None:
        lockstep = Lockstep("ab")
        waiting = asyncio.ensure_future(lockstep.turn("a", (1,)))
        await asyncio.sleep(0)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        lockstep.ended("a")
        await lockstep.turn("b", (2,))

    run_async(main())


def test_one_that_is_cancelled_as_it_is_released() -> None:
    async def main() -> None:
        lockstep = Lockstep("ab")
        a = asyncio.ensure_future(lockstep.turn("a", (1,)))
        b = asyncio.ensure_future(lockstep.turn("b", (1,)))
        await asyncio.sleep(0)
        a.cancel()
        b.cancel()
        for turn in (a, b):
            with pytest.raises(asyncio.CancelledError):
                await turn
        lockstep.ended("a")
        await lockstep.turn("b", (2,))

    run_async(main())


async def most_at_once(
    make: Callable[[str], Coroutine[Any, Any, tuple[Step, int]]], hosts: str
) -> tuple[int, list[str]]:
    """Return how many were inside at most, and in which order they came in."""
    inside, most, order = set(), 0, []

    async def one(host: str) -> None:
        nonlocal most
        step, at_once = await make(host)
        async with step.slots("op", at_once):
            inside.add(host)
            order.append(host)
            most = max(most, len(inside))
            for _ in range(3):
                await asyncio.sleep(0)
            inside.remove(host)

    await asyncio.gather(*map(one, hosts))
    return most, order


@pytest.mark.parametrize(
    ("limit", "at_once", "most"), [(0, 0, 6), (2, 0, 2), (0, 3, 3), (2, 3, 2), (3, 2, 2), (0, 1, 1), (5, 1, 1)]
)
@pytest.mark.parametrize("free", [False, True])
def test_how_many_hosts_at_a_time(limit: int, at_once: int, most: int, free: bool) -> None:
    async def main() -> tuple[int, list[str]]:
        schedule: Schedule[str] = FreeRunning(limit=limit) if free else Lockstep("abcdef", limit=limit)

        async def come(host: str) -> tuple[Step, int]:
            return await schedule.turn(host, (1,)), at_once

        return await most_at_once(come, "abcdef")

    found, order = run_async(main())
    assert (found, order) == (most, list("abcdef"))


def test_different_operations_at_one_position_have_slots_of_their_own() -> None:
    async def main() -> None:
        step = Step(0)
        async with step.slots("one", 1), step.slots("two", 1), step.slots("one", 2):
            pass

    run_async(main())


def test_without_waiting_all_operations_share_the_bound_of_the_run() -> None:
    async def main() -> int:
        schedule: FreeRunning[str] = FreeRunning(limit=2)
        inside = most = 0

        async def one(host: str) -> None:
            nonlocal inside, most
            for line in range(3):
                step = await schedule.turn(host, (line,))
                async with step.slots(f"op{line}{host}", 0):
                    inside += 1
                    most = max(most, inside)
                    await asyncio.sleep(0)
                    inside -= 1
            schedule.ended(host)

        await asyncio.gather(*map(one, "abcdef"))
        return most

    assert run_async(main()) == 2


def test_run_once_belongs_to_the_first_who_comes() -> None:
    once = RunOnce()
    assert [once.take((1, "f")), once.take((1, "f")), once.take((2, "f")), once.take((1, "g"))] == [
        True, False, True, True,
    ]  # fmt: skip


def test_repeats_give_every_call_a_position_of_its_own() -> None:
    repeats = Repeats()
    made = [repeats.unique((0, line)) for line in (1, 2, 1, 1, 2)]
    assert made == [(0, 1, 0), (0, 2, 0), (0, 1, 1), (0, 1, 2), (0, 2, 1)]
    assert len(set(made)) == len(made)
