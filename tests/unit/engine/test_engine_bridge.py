"""Plain functions wait for coroutines, in the loop's thread and in others, and are unwound when they are cancelled."""

from __future__ import annotations

import asyncio
import contextvars
import os
import signal
import sys
import threading
import time
from collections.abc import Awaitable, Callable
from types import FunctionType
from typing import Any

import pytest

from ropewalk.engine import bridge
from ropewalk.engine.threads import CallbackStopped, run_in_thread
from ropewalk.model.errors import InternalError
from support.play import run_async
from support.processes import eventually


async def give(value: Any) -> Any:
    await asyncio.sleep(0)
    return value


async def fail(error: BaseException) -> Any:
    await asyncio.sleep(0)
    raise error


async def in_greenlet(function: Callable[[], Any]) -> Any:
    return await bridge.call(function)


async def in_worker(function: Callable[[], Any]) -> Any:
    return await run_in_thread(function, name="test")


both = pytest.mark.parametrize("run", [in_greenlet, in_worker])
Runs = Callable[[Callable[[], Any]], Awaitable[Any]]


@both
def test_a_function_waits_as_often_as_it_likes(run: Runs) -> None:
    async def main() -> Any:
        return await run(lambda: [bridge.wait(give(number)) for number in range(100)])

    assert run_async(main()) == list(range(100))


@both
@pytest.mark.parametrize("error", [ValueError("x"), SystemExit(3), KeyboardInterrupt()], ids=repr)
def test_errors_come_out_where_they_belong(run: Runs, error: BaseException) -> None:
    def catches() -> str:
        try:
            bridge.wait(fail(ValueError("inside")))
        except ValueError as caught:
            return f"caught {caught}"
        return "nothing"

    def raises() -> None:
        raise error

    async def main() -> None:
        assert await run(catches) == "caught inside"
        with pytest.raises(type(error)):
            await run(raises)

    run_async(main())


@both
def test_can_wait(run: Runs) -> None:
    async def main() -> None:
        assert await run(bridge.can_wait)
        assert not bridge.can_wait()

    run_async(main())
    assert not bridge.can_wait()


def test_where_nothing_can_wait() -> None:
    async def main() -> None:
        with pytest.raises(InternalError, match="nothing can wait"):
            bridge.wait(give(1))

    run_async(main())
    with pytest.raises(InternalError, match="nothing can wait"):
        bridge.wait(give(1))


variable: contextvars.ContextVar[str] = contextvars.ContextVar("variable", default="default")


@both
def test_context_goes_in_and_does_not_come_out(run: Runs) -> None:
    async def read() -> str:
        return variable.get()

    def function() -> tuple[str, str]:
        before = variable.get()
        variable.set("inside")
        return before, bridge.wait(read()) if run is in_worker else variable.get()

    async def main() -> None:
        variable.set("outside")
        assert await run(function) == ("outside", "inside")
        assert variable.get() == "outside"

    run_async(main())


def test_cancelling_unwinds_the_function() -> None:
    steps = []

    def function() -> None:
        try:
            bridge.wait(asyncio.Event().wait())
        except asyncio.CancelledError:
            steps.append("cancelled")
            bridge.wait(give(1))
            raise
        finally:
            steps.append("finally")

    async def main() -> None:
        task = asyncio.ensure_future(bridge.call(function))
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    run_async(main())
    assert steps == ["cancelled", "finally"]


#: CPython 3.11 lets traced threads spin for as long as an exception waits for a thread that blocks.
not_traced = pytest.mark.skipif(sys.gettrace() is not None, reason="would block while a tracer is at work")


class Callback:
    """A function that runs in a thread until the test says so."""

    def __init__(self, work: Callable[[Callback], Any]) -> None:
        self.began, self.may_end, self.ended = threading.Event(), threading.Event(), threading.Event()
        self.raised: BaseException | None = None
        self._work = work

    def __call__(self) -> Any:
        self.began.set()
        try:
            return self._work(self)
        except BaseException as error:
            self.raised = error
            raise
        finally:
            self.ended.set()


async def begin(callback: Callback) -> asyncio.Task[Any]:
    task = asyncio.ensure_future(run_in_thread(callback, name="test"))
    await asyncio.to_thread(callback.began.wait, 20)
    return task


async def abandon(task: asyncio.Task[Any]) -> None:
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


def test_a_thread_that_waits_for_the_host_stops_at_once() -> None:
    cancelled = []

    async def forever() -> None:
        try:
            await asyncio.Event().wait()
        except asyncio.CancelledError:
            cancelled.append(True)
            raise

    async def main() -> None:
        callback = Callback(lambda self: bridge.wait(forever()))
        await abandon(await begin(callback))
        assert await asyncio.to_thread(callback.ended.wait, 20)
        assert isinstance(callback.raised, CallbackStopped)
        assert cancelled == [True]

    run_async(main())


@pytest.mark.untraced
@not_traced
def test_a_thread_that_computes_stops_too() -> None:
    def compute(self: Callback) -> None:
        while not self.may_end.is_set():
            pass

    async def main() -> None:
        callback = Callback(compute)
        await abandon(await begin(callback))
        assert await asyncio.to_thread(callback.ended.wait, 20)
        assert isinstance(callback.raised, CallbackStopped)

    run_async(main())


@not_traced
def test_a_thread_that_blocks_may_not_use_the_host_afterwards() -> None:
    used = []

    def block(self: Callback) -> None:
        try:
            self.may_end.wait(20)
        finally:
            bridge.wait(give("used"))
            used.append(True)

    async def main() -> None:
        callback = Callback(block)
        await abandon(await begin(callback))
        callback.may_end.set()
        assert await asyncio.to_thread(callback.ended.wait, 20)
        assert isinstance(callback.raised, CallbackStopped)

    run_async(main())
    assert used == []


@pytest.mark.untraced
@not_traced
def test_a_thread_that_hears_nothing_keeps_nobody() -> None:
    callback = Callback(lambda self: self.may_end.wait(20))

    async def main() -> None:
        await abandon(await begin(callback))

    run_async(main())  # ends, though the thread blocks
    assert not callback.ended.is_set()
    callback.may_end.set()
    assert eventually(callback.ended.is_set)


@pytest.mark.untraced
@not_traced
def test_threads_that_end_while_they_are_abandoned() -> None:
    async def main() -> None:
        for _ in range(200):
            callback = Callback(lambda self: self.may_end.wait(20))
            task = await begin(callback)
            callback.may_end.set()
            task.cancel()
            try:
                assert await task is True
            except asyncio.CancelledError:
                pass
        assert await asyncio.to_thread(
            eventually, lambda: not any(thread.name == "test" for thread in threading.enumerate())
        )

    run_async(main())


def test_a_wait_that_is_cancelled_by_others_is_an_error_of_the_callback() -> None:
    async def cancels_itself() -> None:
        raise asyncio.CancelledError

    def function() -> str:
        try:
            bridge.wait(cancels_itself())
        except BaseException as error:
            return type(error).__name__
        return "nothing"

    async def main() -> str:
        return await run_in_thread(function, name="test")

    assert run_async(main()) == "CancelledError"


def test_other_hosts_go_on_while_a_callback_blocks() -> None:
    async def main() -> None:
        callback = Callback(lambda self: self.may_end.wait(20))
        task = await begin(callback)
        assert await bridge.call(lambda: bridge.wait(give("other"))) == "other"
        assert not task.done()
        callback.may_end.set()
        await task

    run_async(main())


# -- functions that do not wait when they should -----------------------------------------------------------


def _signalled(function: Callable[[], Any]) -> tuple[list[str], bool]:
    """Run a function that waits for a signal without waiting for the loop; return what became of it."""
    ended: list[str] = []

    def told() -> None:
        try:
            function()
        except BaseException as error:
            ended.append(type(error).__name__)
            raise
        ended.append("returned")

    async def main() -> None:
        await bridge.call(told)

    before = signal.signal(signal.SIGUSR1, lambda _, frame: bridge.cancel_program(frame))
    try:
        run_async(main())
    except asyncio.CancelledError:
        return ended, True
    finally:
        signal.signal(signal.SIGUSR1, before)
    return ended, False


def _blocking() -> None:
    os.kill(os.getpid(), signal.SIGUSR1)
    time.sleep(0)


def _as_code_of(module: str, function: Any, **names: Any) -> Callable[[], Any]:
    return FunctionType(function.__code__, {**function.__globals__, **names, "__name__": module})


def test_a_program_that_blocks_the_loop_is_cancelled_where_it_is() -> None:
    assert _signalled(_blocking) == (["CancelledError"], True)


def test_one_that_catches_it_is_cancelled_where_it_waits() -> None:
    seen: list[str] = []

    def stubborn() -> None:
        try:
            _blocking()
        except BaseException:
            seen.append("caught")
        bridge.wait(give(None))
        seen.append("went on")

    assert _signalled(stubborn) == (["CancelledError"], True)
    assert seen == ["caught"]


@pytest.mark.parametrize("module", ["ropewalk.engine.plan", "ropewalk.report.console"])
def test_code_of_ropewalk_is_left_alone(module: str) -> None:
    assert _signalled(_as_code_of(module, _blocking)) == (["returned"], False)


def test_so_is_what_writes_for_it() -> None:
    def write() -> None:
        library()  # type: ignore[name-defined] # noqa: F821

    assert _signalled(_as_code_of("ropewalk.report.console", write, library=_blocking)) == (["returned"], False)


def test_outside_a_program_there_is_nothing_to_cancel() -> None:
    bridge.cancel_program(sys._getframe())
