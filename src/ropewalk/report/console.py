"""The report that people read: plan, operations as they end, failures and summary, from the event stream."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import IO, Any

from rich.console import Console

from ropewalk.model.event import (
    CommandEnded,
    CommandStarted,
    Event,
    FactRead,
    Noted,
    OperationEnded,
    OperationRetried,
    OperationStarted,
    OutputLine,
    PassEnded,
    PassStarted,
    RunEnded,
    RunStopping,
)
from ropewalk.model.outcome import ExitStatus, HostStatus
from ropewalk.model.record import record
from ropewalk.model.result import RunResult
from ropewalk.report import failures, plan, stats, summary, troubles
from ropewalk.report.page import Line, Screen, heading, host_line, row, write
from ropewalk.report.plan import Shown
from ropewalk.report.steps import Steps
from ropewalk.report.text import clean, duration, fact_title, plural, title


@record
class ConsoleOptions:
    """How much is told.

    :param verbosity: 1: commands of the plan, reasons for doing nothing; 2: commands as they run; 3: their output.
    :param diff: differences of files.
    :param debug: tracebacks, and notes meant for debugging.
    :param stats: what it took to talk to the hosts.
    """

    verbosity: int = 0
    diff: bool = False
    debug: bool = False
    stats: bool = False


def make_console(file: IO[str], *, width: int | None = None) -> Console:
    """Return a console that writes to a file; colours only on a terminal, and not with ``NO_COLOR``."""
    return Screen(file=file, width=width, highlight=False, markup=False, emoji=False, soft_wrap=True)


class NoteReport:
    """A listener that passes on what the user is to be told while a run is under way."""

    def __init__(self, console: Console, *, debug: bool = False) -> None:
        self._console, self._debug = console, debug
        self._told: set[Noted] = set()

    def __call__(self, event: Event) -> None:
        """Tell a note once: deploy code runs once per pass, and says the same each time."""
        if isinstance(event, RunStopping):
            write(self._console, summary.stopping(event))
        if not isinstance(event, Noted) or event in self._told or (event.level == "debug" and not self._debug):
            return
        self._told.add(event)
        style = {"warning": "yellow", "error": "red", "debug": "dim"}.get(event.level, "")
        text = clean(event.message) if event.level == "info" else f"{event.level}: {clean(event.message)}"
        write(self._console, host_line(event.host, text, style))


#: What is told from -vv on, and counts for nothing else.
_DETAILS: frozenset[type[Event]] = frozenset({CommandEnded, CommandStarted, FactRead, OutputLine})


class ConsoleReport:
    """A listener that tells a run as it happens."""

    def __init__(self, console: Console, options: ConsoleOptions) -> None:
        self.result = RunResult()
        self._console, self._options = console, options
        self._shown = Shown(options.verbosity, options.diff, options.debug)
        self._steps: Steps | None = None
        self._notes = NoteReport(console, debug=options.debug)
        self._tells: dict[type, Callable[[Any], None]] = {
            PassStarted: self._pass_started,
            PassEnded: self._pass_ended,
            RunEnded: self._run_ended,
            RunStopping: self._notes,
            Noted: self._notes,
            OperationStarted: self._started,
            OperationEnded: self._ended,
            OperationRetried: lambda event: self._write([_retried(event)]),
            OutputLine: self._output,
        }
        self.ignores = _DETAILS if options.verbosity < 2 else frozenset()

    def __call__(self, event: Event) -> None:
        self.result.take(event)
        tell = self._tells.get(type(event))
        if tell is not None:
            tell(event)
        elif self._options.verbosity >= 2:
            self._write(_detail(event, self._options.verbosity))

    def _pass_started(self, event: PassStarted) -> None:
        if event.name == "apply" and self.result.mode in ("deploy", "operation"):
            self._steps = Steps(total=len(self.result.hosts), shown=self._shown, planned=self.result.planned)
            self._write(heading(f"Applying to {plural(self._alive(), 'host')}"))

    def _pass_ended(self, event: PassEnded) -> None:
        if event.name == "connect":
            self._connected(event.seconds)
        elif event.name == "plan":
            self._write(plan.lines(self.result, self._shown))
        elif event.name == "apply" and self._steps is not None:
            self._write(self._steps.rest())

    def _started(self, event: OperationStarted) -> None:
        if self._steps is not None:
            self._write(self._steps.started(event))

    def _ended(self, event: OperationEnded) -> None:
        if self._steps is not None:
            self._write(self._steps.ended(event))

    def _output(self, event: OutputLine) -> None:
        if (
            self._options.verbosity >= 2 and self.result.mode != "exec"
        ):  # there it is the user's, and passed on as it is
            self._write(_detail(event, self._options.verbosity))

    # -- passes -----------------------------------------------------------------------------------------

    def _connected(self, seconds: float) -> None:
        away, total = troubles.unreachable(self.result), len(self.result.hosts)
        missing = sum(len(trouble.hosts) for trouble in away)
        if self._options.verbosity or missing:
            self._write(heading(f"Connected to {total - missing} of {plural(total, 'host')}", duration(seconds)))
        self._write(self._tell(away))

    def _run_ended(self, event: RunEnded) -> None:
        result, told = self.result, self.result.planned and not self.result.applied
        if self._steps is not None:
            self._write(self._steps.rest())
        found = [] if told else troubles.of_run(result)
        if result.mode == "exec":
            found = troubles.merge(troubles.without_output(trouble) for trouble in found)
        away = [] if "connect" in result.passes and not result.applied else troubles.unreachable(result)
        if found or away:
            self._write(heading("Failures"))
            self._write(self._tell([*found, *away]))
        if self._steps is not None:
            self._write(summary.table(result))
        if self._options.stats:
            self._write(stats.table(result))
        if result.stopped_by is not None and result.status in (ExitStatus.USAGE, ExitStatus.INTERNAL):
            self._write([(), *failures.stopped(result.stopped_by, debug=self._options.debug)])
        if not summary.goes_without_saying(result):
            self._write([(), summary.closing(result)])

    # -- single events ----------------------------------------------------------------------------------

    def _tell(self, found: list[troubles.Trouble]) -> Iterable[Line]:
        total, options = len(self.result.hosts), self._options
        return failures.lines(found, total=total, verbosity=options.verbosity, debug=options.debug)

    def _alive(self) -> int:
        gone = (HostStatus.FAILED, HostStatus.UNREACHABLE, HostStatus.CANCELLED)
        return sum(host.status not in gone for host in self.result.hosts.values())

    def _write(self, lines: Iterable[Line]) -> None:
        write(self._console, lines)


def _retried(event: OperationRetried) -> Line:
    name = title(event.operation.name, event.operation.arguments, event.operation.function)
    reason = " ".join(clean(event.reason).split())
    note = f"retry {event.attempt} of {event.attempts} in {duration(event.delay)}: {reason}"
    return row("retrying", name, hosts=clean(event.host), note=note)


def _detail(event: Event, verbosity: int) -> list[Line]:
    """Tell what -vv and -vvv ask for."""
    match event:
        case CommandStarted():
            return host_line(event.host, f"$ {clean(event.command)}", "bold")
        case CommandEnded() if not event.result.ok:
            ended = event.result.error or f"exit status {event.result.exit_code}"
            return host_line(event.host, clean(ended), "red")
        case OutputLine() if verbosity >= 3:
            return host_line(event.host, clean(event.line), "dim" if event.stream == "stderr" else "")
        case FactRead():
            failed = f": {failures.summary(event.failure)}" if event.failure else ""
            return host_line(event.host, f"fact {clean(fact_title(event))}{failed}", "dim")
    return []
