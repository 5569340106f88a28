"""Runs a program and measures it."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

#: prctl(2): children of children that have lost their parent become ours.
_PR_SET_CHILD_SUBREAPER = 36

#: Seconds after which a program is ended.
LONGEST = 1800.0


@dataclass(frozen=True)
class Measured:
    """What a program needed.

    :ivar wall: seconds until it ended; what was left in the background is not waited for.
    :ivar cpu: seconds of all its processes, with those that it left in the background and ``settle`` ended.
    :ivar rss: largest resident size of one of its processes, in MiB.
    """

    status: int
    wall: float
    cpu: float
    rss: float


def measured(
    argv: Sequence[str | Path],
    *,
    cwd: Path,
    out: Path,
    env: Mapping[str, str] | None = None,
    settle: Callable[[], None] | None = None,
) -> Measured:
    """Run a program with nothing to read; standard output goes to ``out``, the rest to ``out`` with ``.err``.

    :param env: what is added to the environment.
    :param settle: ends what the program left in the background.
    """
    with _adopting(), out.open("wb") as stdout, out.with_name(f"{out.name}.err").open("wb") as stderr:
        began = time.perf_counter()
        process = subprocess.Popen(
            [os.fspath(word) for word in argv], cwd=cwd, env={**os.environ, **(env or {})},
            stdin=subprocess.DEVNULL, stdout=stdout, stderr=stderr, start_new_session=True,
        )  # fmt: skip
        guard = threading.Timer(LONGEST, os.killpg, (process.pid, signal.SIGKILL))
        guard.start()
        try:
            _, status, usage = os.wait4(process.pid, 0)
        finally:
            guard.cancel()
        wall = time.perf_counter() - began
        process.returncode = os.waitstatus_to_exitcode(status)
        if settle is not None:
            settle()
        return Measured(process.returncode, wall, usage.ru_utime + usage.ru_stime + _orphans(), usage.ru_maxrss / 1024)


@contextmanager
def _adopting() -> Iterator[None]:
    """Meanwhile, processes that the program leaves behind are ours to wait for."""
    prctl = ctypes.CDLL(None, use_errno=True).prctl
    prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    try:
        yield
    finally:
        prctl(_PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0)


def _orphans(patience: float = 2.0) -> float:
    """Wait a moment for what was left behind; return the seconds of CPU of what has ended."""
    spent, deadline = 0.0, time.monotonic() + patience
    while time.monotonic() < deadline:
        try:
            pid, _, usage = os.wait4(-1, os.WNOHANG)
        except ChildProcessError:
            break
        if pid:
            spent += usage.ru_utime + usage.ru_stime
        else:
            time.sleep(0.01)
    return spent
