"""Ctrl-C and SIGTERM: the first one stops a run in good order, the second one leaves at once."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from ropewalk.model.outcome import ExitStatus

#: Seconds that code which blocks the event loop is waited for, before a thread does what is urgent.
PATIENCE = 0.5

_STATUSES = {signal.SIGINT: ExitStatus.INTERRUPTED, signal.SIGTERM: ExitStatus.TERMINATED}


@contextmanager
def handled(
    stop: Callable[[ExitStatus], None], tell: Callable[[ExitStatus], None], leave: Callable[[ExitStatus], None]
) -> Iterator[None]:
    """Handle both signals in this ``with``; outside the main thread nobody can.

    A handler may run in the middle of anything, also of a report being written. So it only takes note, and a thread
    sees to the rest: in the event loop, or by itself where deploy code does not let the loop go on.

    :param stop: called by the handler at the first signal: it must not do more than set values.
    :param tell: called after that: says what is going on.
    :param leave: called at the second signal: reports, and ends the process. A third ends it without any report.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = 0
    urgent: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()  # its put may be called in a handler

    def on_signal(number: int, _frame: Any) -> None:
        nonlocal seen
        seen += 1
        status = _STATUSES[signal.Signals(number)]
        if seen == 1:
            stop(status)
            urgent.put(lambda: tell(status))
        elif seen == 2:
            urgent.put(lambda: leave(status))
        else:
            os._exit(status)

    loop = asyncio.get_running_loop()
    watcher = threading.Thread(target=lambda: _watch(urgent, loop), name="ropewalk signals", daemon=True)
    watcher.start()
    before = {number: signal.signal(number, on_signal) for number in _STATUSES}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        urgent.put(None)


def _watch(urgent: queue.SimpleQueue[Callable[[], None] | None], loop: asyncio.AbstractEventLoop) -> None:
    while (work := urgent.get()) is not None:
        call = _Once(work)
        try:
            loop.call_soon_threadsafe(call)
        except RuntimeError:  # the loop is closed: the run has ended
            return
        if not call.begun.wait(PATIENCE):
            call()


class _Once:
    """Calls a function for whoever comes first."""

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._free = threading.Lock()
        self.begun = threading.Event()

    def __call__(self) -> None:
        if self._free.acquire(blocking=False):
            self.begun.set()
            self._function()
