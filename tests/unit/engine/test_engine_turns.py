"""Functions that run at once, go on by what they wait for, and take neither a task nor, each, a greenlet."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import weakref
from collections.abc import Callable
from typing import Any

import greenlet
import pytest

from ropewalk.engine import bridge
from ropewalk.engine.turns import Turns
from support.play import run_async

variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="default")


async def after(turns: int, value: Any) -> Any:
    for _ in range(turns):
        await asyncio.sleep(0)
    return value


def waits(steps: list[Any], name: str, turns: int = 2) -> Callable[[], None]:
    def function() -> None:
        steps.append(f"{name} begins")
        steps.append(bridge.wait(after(turns, f"{name} ends")))

    return function


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


def test_a_function_runs_at_once_up_to_where_it_waits() -> None:
    async def main() -> None:
        steps: list[Any] = []
        turns = Turns(8, bridge.Pool())
        turns.start(waits(steps, "one"))
        turns.start(lambda: steps.append("two"))
        assert steps == ["one begins", "two"]
        assert asyncio.all_tasks() - {asyncio.current_task()} != set()  # what `one` waits for is a coroutine
        await settle()
        assert steps == ["one begins", "two", "one ends"]

    run_async(main())


def test_waiting_for_a_future_takes_no_task() -> None:
    async def main() -> None:
        steps: list[Any] = []
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        Turns(1, bridge.Pool()).start(lambda: steps.append(bridge.wait(future)))
        assert asyncio.all_tasks() == {asyncio.current_task()}
        future.set_result("here")
        await settle()
        assert steps == ["here"]

    run_async(main())


def test_so_many_at_a_time_in_order() -> None:
    async def main() -> None:
        steps: list[Any] = []
        turns = Turns(2, bridge.Pool())
        for name in "abcd":
            turns.start(waits(steps, name))
        assert steps == ["a begins", "b begins"]
        await settle()
        assert [step for step in steps if "begins" in step] == [f"{name} begins" for name in "abcd"]
        assert sorted(step for step in steps if "ends" in step) == [f"{name} ends" for name in "abcd"]

    run_async(main())


def test_many_that_end_at_once_do_not_nest() -> None:
    async def main() -> None:
        ended: list[int] = []
        turns, future = Turns(1, bridge.Pool()), asyncio.get_running_loop().create_future()
        turns.start(lambda: bridge.wait(future))
        for number in range(5000):
            turns.start(lambda number=number: ended.append(number))  # type: ignore[misc]
        future.set_result(None)
        await settle()
        assert ended == list(range(5000))

    run_async(main())


def test_errors_of_what_is_waited_for_arrive_with_their_traceback() -> None:
    async def fails() -> None:
        raise ValueError("inside")

    async def main() -> None:
        caught: list[BaseException] = []

        def function() -> None:
            try:
                bridge.wait(fails())
            except ValueError as error:
                caught.append(error)

        Turns(1, bridge.Pool()).start(function)
        await settle()
        (error,) = caught
        names = []
        trace = error.__traceback__
        while trace is not None:
            names.append(trace.tb_frame.f_code.co_name)
            trace = trace.tb_next
        assert "fails" in names

    run_async(main())


@pytest.mark.parametrize(
    "awaitable", [lambda: asyncio.Event().wait(), lambda: asyncio.get_running_loop().create_future()]
)
def test_cancelling_unwinds_those_that_wait_and_begins_no_other(awaitable: Callable[[], Any]) -> None:
    async def main() -> None:
        steps: list[Any] = []

        def function() -> None:
            try:
                bridge.wait(awaitable())
            except asyncio.CancelledError:
                assert bridge.is_being_cancelled()
                steps.append(bridge.wait(after(1, "tidied up")))

        turns = Turns(1, bridge.Pool())
        turns.start(function)
        turns.start(lambda: steps.append("never"))
        assert not bridge.is_being_cancelled()
        turns.cancel()
        await settle()
        assert steps == ["tidied up"]

    run_async(main())


def test_a_future_that_somebody_else_cancels_is_no_wish_that_it_ends() -> None:
    async def main() -> None:
        steps: list[Any] = []
        future: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def function() -> None:
            try:
                bridge.wait(future)
            except asyncio.CancelledError:
                steps.append(bridge.is_being_cancelled())

        Turns(1, bridge.Pool()).start(function)
        future.cancel()
        await settle()
        assert steps == [False]

    run_async(main())


def test_context_goes_in_and_does_not_come_out() -> None:
    async def read() -> str:
        return variable.get()

    async def main() -> None:
        seen: list[str] = []

        def function() -> None:
            seen.append(variable.get())
            variable.set("inside")
            seen.append(bridge.wait(read()))
            seen.append(variable.get())
            seen.append(bridge.outside(variable.get))

        pool = bridge.Pool()
        for _ in range(2):  # the second time in the same greenlet
            variable.set("outside")
            Turns(1, pool).start(function)
            variable.set("after")
            await settle()
            assert variable.get() == "after"
        assert seen == ["outside", "outside", "inside", "outside"] * 2

    run_async(main())


def test_greenlets_are_used_again_and_keep_nothing() -> None:
    class Thing:
        pass

    async def main() -> None:
        pool, used = bridge.Pool(), set()
        for _ in range(20):
            thing = Thing()
            alive = weakref.ref(thing)

            def function(thing: Thing = thing) -> Thing:
                used.add(greenlet.getcurrent())
                return thing

            assert await bridge.call(function, pool) is thing
            del thing, function
            assert alive() is None
        assert len(used) == 1
        with pytest.raises(ZeroDivisionError):
            await bridge.call(lambda: 1 / 0, pool)
        assert await bridge.call(lambda: bridge.wait(after(1, "well")), pool) == "well"

    run_async(main())


def test_a_signal_ends_a_function_that_does_not_wait() -> None:
    async def main() -> None:
        steps: list[Any] = []

        def function() -> None:
            try:
                bridge.cancel_program(sys._getframe())  # as a handler does, while the function runs
            except asyncio.CancelledError:
                steps.append(bridge.is_being_cancelled())

        Turns(1, bridge.Pool()).start(function)
        assert steps == [True]
        assert not bridge.is_being_cancelled()

    run_async(main())
