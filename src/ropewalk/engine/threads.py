"""Runs callbacks of deploys in worker threads, so that blocking code in one delays nobody else.

A thread cannot be killed. One that must stop (its time ran out, the run was interrupted) is abandoned: what it
waits for is cancelled, every further use of the host raises, and an exception is raised in it as soon as it
runs Python again. The threads are daemons: they do not keep the process alive.
"""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextvars
import functools
import threading
from collections.abc import Callable, Coroutine
from typing import Any

from ropewalk.engine import bridge


class CallbackStopped(BaseException):
    """Raised in a callback's thread when nobody waits for it any more. Not an ``Exception``, so as to get through."""


class _Worker:
    """One thread, and what it waits for."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lock = threading.Lock()
        self._waiting: concurrent.futures.Future[Any] | None = None
        self._abandoned = False
        self.thread: threading.Thread | None = None

    def wait(self, awaitable: Coroutine[Any, Any, Any]) -> Any:
        with self._lock:
            if self._abandoned:
                awaitable.close()
                raise CallbackStopped
            future = self._waiting = asyncio.run_coroutine_threadsafe(awaitable, self._loop)
        try:
            return future.result()
        except concurrent.futures.CancelledError:
            if self._abandoned:
                raise CallbackStopped from None
            raise
        finally:
            self._waiting = None

    def abandon(self) -> None:
        with self._lock:
            self._abandoned = True
            if self._waiting is not None:
                self._waiting.cancel()
        if self.thread is not None and self.thread.ident is not None and self.thread.is_alive():
            import ctypes  # few runs need it

            ctypes.pythonapi.PyThreadState_SetAsyncExc(
                ctypes.c_ulong(self.thread.ident), ctypes.py_object(CallbackStopped)
            )


async def run_in_thread(function: Callable[[], Any], *, name: str) -> Any:
    """Run a blocking function; returns what it returns, raises what it raises (``BaseException`` too).

    Cancelling the task that awaits this abandons the thread.
    """
    loop = asyncio.get_running_loop()
    done: asyncio.Future[Callable[[], Any]] = loop.create_future()
    worker = _Worker(loop)
    context = contextvars.copy_context()

    def deliver(answer: Callable[[], Any]) -> None:
        if not done.done():
            done.set_result(answer)

    def main() -> None:
        bridge.thread_waiter.set(worker)
        try:
            answer = _answer(function)
            loop.call_soon_threadsafe(deliver, answer)
        except (CallbackStopped, RuntimeError):
            pass  # abandoned, or the loop is gone: nobody waits for the answer

    worker.thread = threading.Thread(target=context.run, args=(main,), name=name, daemon=True)
    worker.thread.start()
    try:
        answer = await done
    except asyncio.CancelledError:
        worker.abandon()
        raise
    return answer()


def _answer(function: Callable[[], Any]) -> Callable[[], Any]:
    """Run the function and return a function that returns or raises what it did."""
    try:
        value = function()
    except CallbackStopped:
        raise
    except BaseException as error:
        return functools.partial(_throw, error)
    return lambda: value


def _throw(error: BaseException) -> Any:
    raise error
