"""A line that moves while a run is under way: only on a terminal, and never in what is left afterwards."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from rich.console import Console

from ropewalk.model.event import (
    ConnectEnded,
    Event,
    OperationEnded,
    OperationInfo,
    OperationPlanned,
    OperationStarted,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStarted,
)
from ropewalk.report.page import Screen
from ropewalk.report.text import clean, plural, title

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

#: Seconds between two looks at who does what: a thousand hosts begin and end operations faster than anybody can read.
_PAUSE = 0.05


def is_wanted(console: Console) -> bool:
    """Whether anything is to move: on a terminal, unless ``ROPEWALK_PROGRESS`` or ``PYINFRA_PROGRESS`` is ``off``."""
    on = all(os.environ.get(name) != "off" for name in ("PYINFRA_PROGRESS", "ROPEWALK_PROGRESS"))
    return on and console.is_terminal and not console.is_dumb_terminal


class ProgressReport:
    """A listener that shows what is going on right now."""

    def __init__(self, console: Console) -> None:
        self._line = Moving(console)
        self._pass = ""
        self._looked = 0.0
        self._hosts = self._connected = self._planned = self._ended = 0
        self._under_way: dict[str, set[str]] = {}
        self._operations: dict[str, OperationInfo] = {}

    def __call__(self, event: Event) -> None:
        match event:
            case RunStarted():
                self._hosts = len(event.hosts)
            case PassStarted():
                self._pass = event.name
                self._line.show(
                    {"connect": "connecting", "plan": "planning", "apply": "applying"}.get(event.name, event.name)
                )
            case PassEnded() | RunEnded():
                self._line.hide()
            case ConnectEnded() if self._pass == "connect":
                self._connected += 1
                self._line.show("connecting", done=self._connected, total=self._hosts)
            case OperationPlanned():
                self._planned += 1
                self._line.show(f"planning: {clean(event.operation.name)}")
            case OperationStarted():
                self._operations[event.operation.id] = event.operation
                self._under_way.setdefault(event.operation.id, set()).add(event.host)
                self._applying()
            case OperationEnded():
                self._ended += 1
                self._under_way.get(event.operation.id, set()).discard(event.host)
                self._applying()

    @contextlib.contextmanager
    def still(self) -> Iterator[None]:
        """Show nothing that moves, so that a question can be asked."""
        self._line.held = True
        self._line.hide()
        try:
            yield
        finally:
            self._line.held = False

    def now(self) -> tuple[int, OperationInfo | None]:
        """Return how many hosts are at work, and the innermost operation that most of them are at."""
        busy = {id: hosts for id, hosts in self._under_way.items() if hosts}
        outer = {self._operations[id].parent for id in busy}
        inner = {id: hosts for id, hosts in busy.items() if id not in outer}
        if not inner:
            return 0, None
        id = max(inner, key=lambda id: len(inner[id]))
        return len(set().union(*inner.values())), self._operations[id]

    def _applying(self) -> None:
        if time.monotonic() - self._looked < _PAUSE:
            return
        self._looked = time.monotonic()
        hosts, operation = self.now()
        if operation is not None:
            name = title(operation.name, operation.arguments, operation.function)
            total = max(self._planned, self._ended) or None
            self._line.show(f"{name} on {plural(hosts, 'host')}", done=self._ended, total=total)


class Moving:
    """The moving line. Where none is wanted, nothing of it does anything."""

    def __init__(self, console: Console) -> None:
        self._on = is_wanted(console)
        self._console = console
        self.held = False
        self._progress: Progress | None = None
        self._task: TaskID | None = None

    def show(self, what: str, *, done: int = 0, total: int | None = None) -> None:
        """Say what is going on; ``total`` is how many steps there are, if that is known."""
        if not self._on or self.held:
            return
        if self._progress is None:
            self._tell(moving=True)
            self._progress = self._start()
        if self._task is None:
            self._task = self._progress.add_task(what, total=total, completed=done)
        else:
            self._progress.update(self._task, description=what, total=total, completed=done)

    def hide(self) -> None:
        """Take the line away: before a question, and at the end."""
        if self._progress is not None:
            self._progress.stop()
        self._progress, self._task = None, None
        self._tell(moving=False)

    def _tell(self, *, moving: bool) -> None:
        if isinstance(self._console, Screen):
            self._console.moving = moving

    def _start(self) -> Progress:
        from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn
        from rich.table import Column

        progress = Progress(
            SpinnerColumn(),
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True, overflow="ellipsis")),
            BarColumn(bar_width=20),
            TimeElapsedColumn(),
            console=self._console,
            transient=True,
            redirect_stdout=False,
        )
        progress.start()
        self._console.show_cursor(True)  # whatever ends the process, it leaves the terminal as it was
        return progress
