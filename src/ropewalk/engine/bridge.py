"""Lets plain functions wait for coroutines: the only module that knows how.

Deploys, operations and conditions are written as ordinary functions; connectors are coroutines. ``call`` runs
a function from the event loop in a greenlet, and ``wait`` is what the function uses to reach a coroutine: the
greenlet hands it up to the task that runs it. ``wait`` works in a worker thread too (``threads.py``), where it
blocks that thread and never the loop.
"""

from __future__ import annotations

import asyncio
import contextvars
import sys
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from types import FrameType
from typing import Any, Protocol, TypeVar

import greenlet

from ropewalk.model.errors import InternalError

T = TypeVar("T")

NOT_IN_DEPLOY = "host I/O was asked for where nothing can wait for it: call it from an operation or a deploy file"


class Waiter(Protocol):
    """Waits for coroutines on behalf of code that runs outside the event loop's thread."""

    def wait(self, awaitable: Coroutine[Any, Any, Any]) -> Any: ...


#: Modules that write: a report that a signal cuts short would be worse than one that comes late.
_WRITERS = ("ropewalk.cli", "ropewalk.report", "ropewalk.history", "ropewalk.engine.emit")

#: Set in worker threads only.
thread_waiter: ContextVar[Waiter | None] = ContextVar("thread_waiter", default=None)


class _Program(greenlet.greenlet):
    """A greenlet of ours; every other one cannot wait."""


async def call(function: Callable[[], T]) -> T:
    """Run a function that may ``wait``; returns what it returns, raises what it raises.

    Cancelling the task that awaits this raises ``CancelledError`` inside the function, where it waits.
    """
    child = _Program(function)
    child.gr_context = contextvars.copy_context()
    outcome: Any = child.switch()
    while not child.dead:
        try:
            value = await outcome
        except BaseException:  # cancellation too must unwind the function's own frames
            outcome = child.throw(*sys.exc_info())
        else:
            outcome = child.switch(value)
    return outcome  # type: ignore[no-any-return]


def wait(awaitable: Coroutine[Any, Any, T]) -> T:
    """Wait for a coroutine, from inside a function that ``call`` runs or from a worker thread."""
    current = greenlet.getcurrent()
    if isinstance(current, _Program) and current.parent is not None:
        return current.parent.switch(awaitable)  # type: ignore[no-any-return]
    waiter = thread_waiter.get()
    if waiter is not None and not _loop_is_running():
        return waiter.wait(awaitable)  # type: ignore[no-any-return]
    awaitable.close()
    raise InternalError(NOT_IN_DEPLOY)


def cancel_program(frame: FrameType | None) -> None:
    """Cancel the task whose function runs on and on instead of waiting; for signal handlers, in the loop's thread.

    Nothing happens unless it is in code of a deploy, or in what that calls: ropewalk's own does not go on for long,
    and must not be left half done.

    :raises asyncio.CancelledError: in the function, where it is.
    """
    if not isinstance(greenlet.getcurrent(), _Program) or _is_ours(frame):
        return
    task = asyncio.current_task()
    if task is not None:
        task.cancel()
        raise asyncio.CancelledError


def _is_ours(frame: FrameType | None) -> bool:
    """Say whether code is ropewalk's, or a library's that writes ropewalk's output."""
    if frame is None or _package(frame) == "ropewalk":
        return True
    while frame is not None and _package(frame) != "ropewalk":
        frame = frame.f_back
    return frame is not None and frame.f_globals["__name__"].startswith(_WRITERS)


def _package(frame: FrameType) -> str:
    return str(frame.f_globals.get("__name__")).partition(".")[0]


def is_being_cancelled() -> bool:
    """Say whether somebody wants the current task to end, rather than that its code raised ``CancelledError``."""
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def can_wait() -> bool:
    """Say whether ``wait`` would work here."""
    return isinstance(greenlet.getcurrent(), _Program) or (thread_waiter.get() is not None and not _loop_is_running())


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
