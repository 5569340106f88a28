"""Looks at the processes of a test host from outside, through this machine's /proc."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")

#: Seconds that a condition may take to come true before a test fails.
PATIENCE = 20.0


@dataclass(frozen=True)
class Process:
    """A process at one moment.

    :ivar command: its arguments, with spaces between.
    """

    pid: int
    parent: int
    command: str

    @property
    def is_listener(self) -> bool:
        """Whether this is the SSH server that waits for connections."""
        return "[listener]" in self.command

    @property
    def belongs_to_host(self) -> bool:
        """Whether it runs on every idle host."""
        return self.is_listener or self.command in ("", "sleep 100000") or "sleep 100000; done" in self.command

    @property
    def environment(self) -> bytes:
        """What ``/proc/PID/environ`` shows; nothing when the process has ended."""
        return _read(self.pid, "environ")

    def kill(self, number: int) -> None:
        os.kill(self.pid, number)


def processes_of(pid: int) -> list[Process]:
    """Return the processes in the same process namespace as ``pid``, in the order of their ids."""
    return list(_in_namespace(os.readlink(f"/proc/{pid}/ns/pid")))


def _in_namespace(namespace: str) -> Iterator[Process]:
    for entry in sorted(int(name) for name in os.listdir("/proc") if name.isdigit()):
        try:
            if os.readlink(f"/proc/{entry}/ns/pid") != namespace:
                continue
        except OSError:
            continue  # it has ended
        command = _read(entry, "cmdline").replace(b"\0", b" ").decode(errors="replace").strip()
        stat = _read(entry, "stat").rpartition(b")")[2].split()
        if stat and stat[0] != b"Z":
            yield Process(entry, int(stat[1]), command)


def below(pid: int) -> list[int]:
    """Return a process's descendants on this machine."""
    found, todo = [], [pid]
    while todo:
        children = _children(todo.pop())
        found += children
        todo += children
    return found


def _children(pid: int) -> list[int]:
    try:
        tasks = os.listdir(f"/proc/{pid}/task")
    except OSError:
        return []  # it has ended
    return [int(child) for task in tasks for child in _read(pid, f"task/{task}/children").split()]


def _read(pid: int, name: str) -> bytes:
    try:
        return Path(f"/proc/{pid}/{name}").read_bytes()
    except OSError:
        return b""


def eventually(condition: Callable[[], T], what: str, *, within: float = PATIENCE) -> T:
    """Return what the condition returns as soon as that is true.

    :raises AssertionError: it never is.
    """
    give_up = time.monotonic() + within
    while True:
        value = condition()
        if value:
            return value
        assert time.monotonic() < give_up, f"not within {within:g} s: {what}; last: {value!r}"
        time.sleep(0.02)


def never(condition: Callable[[], T], what: str, *, within: float = PATIENCE) -> None:
    """Wait until the condition is false, as it is to be.

    :raises AssertionError: with what it still returns at the end.
    """
    give_up = time.monotonic() + within
    while value := condition():
        assert time.monotonic() < give_up, f"still after {within:g} s: {what}: {value!r}"
        time.sleep(0.02)
