"""Ctrl-C, SIGTERM and SIGHUP: the first one stops a run in good order, the second one leaves at once."""

from __future__ import annotations

import asyncio
import os
import queue
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from ropewalk.engine import bridge
from ropewalk.model.outcome import ExitStatus

#: Seconds that code which blocks the event loop is waited for, before a thread does what is urgent.
PATIENCE = 0.5

_STATUSES = {
    signal.SIGINT: ExitStatus.INTERRUPTED,
    signal.SIGTERM: ExitStatus.TERMINATED,
    signal.SIGHUP: ExitStatus.TERMINATED,  # the terminal is gone
}


@contextmanager
def handled(
    stop: Callable[[ExitStatus], None], tell: Callable[[ExitStatus], None], leave: Callable[[ExitStatus], None]
) -> Iterator[None]:
    """Handle these signals in this ``with``; outside the main thread nobody can.

    A handler may run in the middle of anything, also of a report being written. So it only takes note, and a thread
    sees to the rest: in the event loop, or by itself where deploy code does not let the loop go on. It then sends the
    signal once more, for this thread only, and the handler cancels what it finds running, if that is deploy code.

    :param stop: called by the handler at the first signal: it must not do more than set values.
    :param tell: called after that: says what is going on.
    :param leave: called at the second signal: reports, and ends the process. A third ends it without any report.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    seen = 0
    urgent: queue.SimpleQueue[Callable[[], None] | None] = queue.SimpleQueue()  # its put may be called in a handler
    knocks = _Knocks()

    def on_signal(number: int, frame: FrameType | None) -> None:
        nonlocal seen
        if knocks.take():
            bridge.cancel_program(frame)
            return
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
    watcher = threading.Thread(target=lambda: _watch(urgent, loop, knocks), name="ropewalk signals", daemon=True)
    watcher.start()
    numbers = [n for n in _STATUSES if n is not signal.SIGHUP or signal.getsignal(n) is not signal.SIG_IGN]  # nohup
    before = {number: signal.signal(number, on_signal) for number in numbers}
    try:
        yield
    finally:
        knocks.close()
        for number, handler in before.items():
            signal.signal(number, handler)
        urgent.put(None)


class _Knocks:
    """Signals that this process sent itself."""

    def __init__(self) -> None:
        self._sent: queue.SimpleQueue[None] = queue.SimpleQueue()
        self._main = threading.main_thread().ident
        self._lock = threading.Lock()
        self._over = False

    def knock(self) -> None:
        with self._lock:
            if self._main is not None and not self._over:
                self._sent.put(None)
                signal.pthread_kill(self._main, signal.SIGINT)

    def close(self) -> None:
        """Send no more: the handler that knows them is about to go."""
        with self._lock:
            self._over = True

    def take(self) -> bool:
        """Say whether the signal that has come is one of these."""
        try:
            self._sent.get_nowait()
        except queue.Empty:
            return False
        return True


def _watch(
    urgent: queue.SimpleQueue[Callable[[], None] | None], loop: asyncio.AbstractEventLoop, knocks: _Knocks
) -> None:
    blocked: _Once | None = None  # what the loop has been given and has not come to
    while True:
        try:
            work = urgent.get(timeout=PATIENCE if blocked is not None else None)
        except queue.Empty:
            if blocked is not None and not blocked.reached.is_set():
                knocks.knock()
            else:
                blocked = None
            continue
        if work is None:
            return
        blocked = call = _Once(work)
        try:
            loop.call_soon_threadsafe(call.in_loop)
        except RuntimeError:  # the loop is closed: the run has ended
            return
        if not call.reached.wait(PATIENCE):
            call()
            knocks.knock()


class _Once:
    """Calls a function for whoever comes first.

    :ivar reached: the event loop has come to it.
    """

    def __init__(self, function: Callable[[], None]) -> None:
        self._function = function
        self._free = threading.Lock()
        self.reached = threading.Event()

    def in_loop(self) -> None:
        self.reached.set()
        self()

    def __call__(self) -> None:
        if self._free.acquire(blocking=False):
            self._function()
