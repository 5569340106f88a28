"""Lets plain functions wait for coroutines: the only module that knows how.

Deploys, operations and conditions are written as ordinary functions; connectors are coroutines. ``call`` runs
a function from the event loop in a greenlet, and ``wait`` is what the function uses to reach a coroutine: the
greenlet hands it up to the task that runs it. ``wait`` works in a worker thread too (``threads.py``), where it
blocks that thread and never the loop. A ``Started`` function has no task: what it waits for has it go on.
"""

from __future__ import annotations

import asyncio
import contextvars
import functools
import sys
from collections.abc import Callable, Coroutine
from contextvars import ContextVar
from types import FrameType
from typing import Any, Protocol, TypeVar, cast

import greenlet

from ropewalk.model.errors import InternalError

T = TypeVar("T")

NOT_IN_DEPLOY = "host I/O was asked for where nothing can wait for it: call it from an operation or a deploy file"


class Waiter(Protocol):
    """Waits for coroutines on behalf of code that runs outside the event loop's thread."""

    def wait(self, awaitable: Any) -> Any: ...


#: Modules that write: a report that a signal cuts short would be worse than one that comes late.
_WRITERS = ("ropewalk.cli", "ropewalk.report", "ropewalk.history", "ropewalk.engine.emit")

#: Set in worker threads only.
thread_waiter: ContextVar[Waiter | None] = ContextVar("thread_waiter", default=None)


class _Program(greenlet.greenlet):
    """A greenlet of ours; every other one cannot wait. It runs one function after another.

    :ivar answer: returns or raises what the last one did.
    :ivar outside: the context of who has it run.
    :ivar started: what it runs, if no task does.
    """

    outside: contextvars.Context

    def __init__(self) -> None:
        super().__init__(_serve)
        self.function: Callable[[], Any] | None = None
        self.answer: Callable[[], Any] | None = None
        self.started: Started | None = None

    def run_function(self) -> None:
        function, self.function = self.function, None
        if function is None:
            raise InternalError("a greenlet was given nothing to do")
        try:
            value = function()
        except greenlet.GreenletExit:
            raise  # nobody refers to it any more
        except BaseException as error:
            self.answer = functools.partial(_throw, error)
        else:
            self.answer = lambda: value


def _serve() -> None:
    """Run what this greenlet was given, say that it has ended, wait to be given more. It must not refer to itself."""
    while True:
        cast(_Program, greenlet.getcurrent()).run_function()
        cast(greenlet.greenlet, greenlet.getcurrent().parent).switch(_ENDED)


def _throw(error: BaseException) -> Any:
    raise error


_ENDED: Any = object()
#: Greenlets that are kept when many are no longer needed.
FEW = 64


class Pool:
    """Greenlets that have nothing to do: to make one costs many times what it costs to use it again."""

    def __init__(self) -> None:
        self._idle: list[_Program] = []

    def shrink(self) -> None:
        """Keep few: so many will not be needed at a time again."""
        del self._idle[FEW:]

    def take(self, function: Callable[[], Any], context: contextvars.Context) -> _Program:
        program = self._idle.pop() if self._idle else _Program()
        program.function, program.outside, program.gr_context = function, context, context.copy()
        program.parent = greenlet.getcurrent()
        return program

    def give_back(self, program: _Program) -> Callable[[], Any]:
        """Return what the function came to."""
        answer, program.answer, program.started = program.answer, None, None
        program.gr_context = None  # it may hold a great deal
        del program.outside
        self._idle.append(program)
        if answer is None:
            raise InternalError("a greenlet has ended without an answer")
        return answer


async def call(function: Callable[[], T], pool: Pool | None = None) -> T:
    """Run a function that may ``wait``; returns what it returns, raises what it raises.

    Cancelling the task that awaits this raises ``CancelledError`` inside the function, where it waits.
    """
    pool = pool or Pool()
    program = pool.take(function, contextvars.copy_context())
    awaitable: Any = program.switch()
    while awaitable is not _ENDED:
        try:
            value = await awaitable
        except BaseException:  # cancellation too must unwind the function's own frames
            awaitable = program.throw(*sys.exc_info())
        else:
            awaitable = program.switch(value)
    return pool.give_back(program)()  # type: ignore[no-any-return]


class Started:
    """A function that runs at once, up to where it has to ``wait`` for the first time.

    There may be a great many, so it takes no task: whatever it waits for has it go on. It must not raise.

    :param ended: called when it has ended.
    :ivar cancelled: whether somebody wants it to end.
    """

    def __init__(self, function: Callable[[], None], ended: Callable[[Started], None], pool: Pool) -> None:
        self.cancelled = self._interrupted = False
        self._function, self._ended, self._pool = function, ended, pool
        self._context = contextvars.copy_context()  # of what it waits for, as `call` has it
        self._waits_for: asyncio.Future[Any] | None = None

    def begin(self) -> None:
        program = self._pool.take(self._function, self._context)
        program.started = self
        self._went(program, program.switch())

    def cancel(self) -> None:
        """Raise ``CancelledError`` in it, where it waits."""
        self.cancelled = self._interrupted = True
        if self._waits_for is not None:
            self._waits_for.cancel()

    def _went(self, program: _Program, awaitable: Any) -> None:
        """It has gone as far as it could."""
        if awaitable is _ENDED:
            answer = self._pool.give_back(program)
            self._ended(self)
            answer()
            return
        if not asyncio.isfuture(awaitable):
            awaitable = asyncio.get_running_loop().create_task(awaitable, context=self._context)
        self._waits_for = awaitable
        awaitable.add_done_callback(functools.partial(self._answered, program), context=self._context)

    def _answered(self, program: _Program, done: asyncio.Future[Any]) -> None:
        error = asyncio.CancelledError() if done.cancelled() else done.exception()
        if self._interrupted:
            error = asyncio.CancelledError()
        self._waits_for, self._interrupted = None, False
        program.parent = greenlet.getcurrent()
        if error is None:
            self._went(program, program.switch(done.result()))
        else:
            self._went(program, program.throw(type(error), error, error.__traceback__))


def wait(awaitable: Coroutine[Any, Any, T] | asyncio.Future[T]) -> T:
    """Wait for a coroutine, from inside a function that ``call`` runs or from a worker thread.

    A future can be waited for in the event loop's thread only (see ``in_loop``).
    """
    current = greenlet.getcurrent()
    if isinstance(current, _Program) and current.parent is not None:
        return current.parent.switch(awaitable)  # type: ignore[no-any-return]
    waiter = thread_waiter.get()
    if waiter is not None and not _loop_is_running():
        return waiter.wait(awaitable)  # type: ignore[no-any-return]
    if not asyncio.isfuture(awaitable):
        awaitable.close()
    raise InternalError(NOT_IN_DEPLOY)


def cancel_program(frame: FrameType | None) -> None:
    """Cancel the function that runs on and on instead of waiting; for signal handlers, in the loop's thread.

    Nothing happens unless it is in code of a deploy, or in what that calls: ropewalk's own does not go on for long,
    and must not be left half done.

    :raises asyncio.CancelledError: in the function, where it is.
    """
    current = greenlet.getcurrent()
    if not isinstance(current, _Program) or _is_ours(frame):
        return
    if current.started is not None:
        current.started.cancelled = True
        raise asyncio.CancelledError
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


def outside(function: Callable[[], T]) -> T:
    """Call a function as who has this greenlet run would: tasks that it starts do not keep what is known in here."""
    current = greenlet.getcurrent()
    return current.outside.copy().run(function) if isinstance(current, _Program) else function()


def is_being_cancelled() -> bool:
    """Say whether somebody wants what runs now to end, rather than that its code raised ``CancelledError``."""
    current = greenlet.getcurrent()
    if isinstance(current, _Program) and current.started is not None:
        return current.started.cancelled
    task = asyncio.current_task()
    return task is None or task.cancelling() > 0


def in_loop() -> bool:
    """Say whether ``wait`` would work here, in the event loop's own thread."""
    return isinstance(greenlet.getcurrent(), _Program)


def can_wait() -> bool:
    """Say whether ``wait`` would work here."""
    return in_loop() or (thread_waiter.get() is not None and not _loop_is_running())


def _loop_is_running() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
