"""What a run is exported to, besides what people and ``--json`` get: events, JUnit, a page, GitHub, traces.

None of it can make a run fail or wait: what cannot be written is a warning. What cannot even be begun (a directory that
does not exist) is a mistake on the command line, told before anything is touched.
"""

from __future__ import annotations

import contextlib
import os
import stat
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import IO

from ropewalk import __version__
from ropewalk.cli.ending import ending
from ropewalk.cli.options import Options
from ropewalk.cli.output import write_whole
from ropewalk.model.errors import RopewalkError, UsageError
from ropewalk.model.event import Event, Failure, Noted, RunEnded, RunStarted
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult
from ropewalk.report.jsonl import EventLines, now
from ropewalk.report.jsonl_file import LineFile, TextFile, to_descriptor

Listener = Callable[[Event], None]
#: Does what is to be done at the end of a run; waits for others so many seconds at most, or for ever.
Ending = Callable[[float | None], None]

#: Other names of standard output.
STDOUT = ("/dev/stdout", "/dev/fd/1", "/proc/self/fd/1")
#: Seconds that the end of a run waits for a named pipe that nobody reads to find a reader.
NOBODY = 5.0

_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")
_PROTOCOLS = ("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", "OTEL_EXPORTER_OTLP_PROTOCOL")


class Exports:
    """The exports of one invocation.

    :param what: the first word after the inventory: what the invocation is about.
    :param data: standard output.
    :param asked: the inventory and the words after it.
    :ivar listeners: take every event of the run.
    :raises UsageError: an export that was asked for cannot be made.
    """

    def __init__(
        self, options: Options, what: str, data: IO[str], environment: Mapping[str, str], asked: Sequence[str] = ()
    ) -> None:
        self._options, self._what, self._data, self._environment = options, what, data, environment
        self._result, self._run = RunResult(), uuid.uuid4().hex
        self._asked = asked
        self._started: datetime | None = None
        self._ended = False
        self.listeners: list[Listener] = [self._take]
        self._endings: list[tuple[str, Ending]] = []
        if what == "debug-inventory":
            self._refuse_without_run()
            return
        self._events()
        self._junit()
        self._html()
        self._github()
        self._traces()

    def stopped(self, failure: Failure, status: ExitStatus) -> None:
        """Tell of an invocation that ended without a run, or in the middle of one, as of a run that ended so."""
        if self._ended:
            return
        if self._started is None:
            modes = {"exec": "exec", "fact": "fact"}
            mode = modes.get(self._what, "deploy" if self._what.endswith(".py") else "operation")
            self._emit(RunStarted((), __version__, mode))
        seconds = (now() - self._started).total_seconds() if self._started else 0.0
        self._emit(RunEnded(status, seconds, failure if self._options.debug else replace(failure, traceback=None)))

    def close(self, patience: float | None = None) -> None:
        """Write what is written at the end, once.

        :param patience: wait for a reader of events so many seconds at most.
        """
        endings, self._endings = self._endings, []
        for name, end in endings:
            try:
                end(patience)
            except RopewalkError as error:
                warn(str(error))
            except Exception as error:
                why = error.strerror if isinstance(error, OSError) else repr(error)
                warn(f"{name}: cannot be written: {why}")

    def _take(self, event: Event) -> None:
        if isinstance(event, RunStarted):
            self._started = now()
        elif isinstance(event, RunEnded):
            self._ended = True

    def _emit(self, event: Event) -> None:
        for listener in self.listeners:
            with contextlib.suppress(RopewalkError):  # `close` tells of it
                listener(event)

    def _refuse_without_run(self) -> None:
        options = self._options
        if options.events or options.junit or options.html or options.github or options.otel:
            raise UsageError(
                f"{self._what} is no run: there is nothing to export",
                hint="leave out --events, --junit, --html, --github, --otel",
            )

    # -- the exports ------------------------------------------------------------------------------------

    def _events(self) -> None:
        path = self._options.events
        if path is None:
            return
        file = None if path == "-" else _opened(self._path(path))
        name = f"--events {path}"
        lines = LineFile(file or _to_stream(self._data), name)
        self.listeners.append(EventLines(lines.put, run=self._run))

        def end(patience: float | None) -> None:
            unread = file is not None and not file.is_open
            lines.close(NOBODY if patience is None and unread else patience)  # where that fails, it is still written to
            if file is not None:
                file.close()

        self._endings.append((name, end))

    def _junit(self) -> None:
        if self._options.junit is None:
            return
        path = self._path(self._options.junit)
        _make_room("--junit", path)
        self._fold()

        def write(_: float | None) -> None:
            from ropewalk.report import junit

            if self._ended:
                write_whole(path, junit.document(self._result, started=self._started))

        self._endings.append((f"--junit {self._options.junit}", write))

    def _html(self) -> None:
        if self._options.html is None:
            return
        path = self._path(self._options.html)
        _make_room("--html", path)
        self._fold()
        from ropewalk.report.html.moments import Moments

        moments = Moments()
        self.listeners.append(moments)

        def write(_: float | None) -> None:
            from ropewalk.cli.about import about_now
            from ropewalk.report.html import page

            if self._ended:
                about = about_now(self._asked, self._result.mode, self._started, self._options.chdir)
                write_whole(path, page.document(self._result, moments, about=about))

        self._endings.append((f"--html {self._options.html}", write))

    def _github(self) -> None:
        wanted = self._options.github
        if wanted is False or (wanted is None and self._environment.get("GITHUB_ACTIONS") != "true"):
            return
        self._fold()

        def annotate(_: float | None) -> None:
            from ropewalk.report import github

            commands = list(github.commands(self._result, workspace=self._environment.get("GITHUB_WORKSPACE")))
            taken = self._options.stdout_is_taken or self._options.debug_facts or self._what in ("exec", "fact")
            stream = sys.stderr if taken else self._data
            stream.write("".join(f"{command}\n" for command in commands))
            stream.flush()

        def summarize(_: float | None) -> None:
            from ropewalk.report import github_summary

            path = self._environment.get("GITHUB_STEP_SUMMARY")
            if path and self._ended:
                with open(path, "a", encoding="utf-8") as file:
                    file.write(github_summary.summary(self._result))

        self._endings += [("--github", annotate), ("GITHUB_STEP_SUMMARY", summarize)]

    def _traces(self) -> None:
        if not wants_traces(self._options.otel, self._environment):
            return
        protocol = next((self._environment[name] for name in _PROTOCOLS if self._environment.get(name)), "")
        if protocol not in ("", "http/protobuf"):
            self._cannot_trace(
                f"traces are sent as http/protobuf, not as {protocol}", "unset OTEL_EXPORTER_OTLP_PROTOCOL"
            )
            return
        try:
            from ropewalk.report.otel import Traces
        except ImportError:
            self._cannot_trace("OpenTelemetry is not installed", "pip install 'ropewalk[otel]'")
            return
        traces = Traces(run=self._run, version=__version__, environment=self._environment)
        self.listeners.append(traces)

        def end(patience: float | None) -> None:
            if lost := traces.close(patience):
                warn(f"--otel: {lost}")

        self._endings.append(("--otel", end))

    def _cannot_trace(self, why: str, hint: str) -> None:
        """Refuse what was asked for; a variable that may be meant for other programs is worth a warning."""
        if self._options.otel:
            raise UsageError(f"--otel: {why}", hint=hint)
        warn(f"no traces are sent: {why}; {hint}, or use --no-otel")

    def _fold(self) -> None:
        """Have the events made into a result, for what is made of that at the end."""
        if self._result.take not in self.listeners:
            self.listeners.append(self._result.take)

    def _path(self, path: str) -> str:
        """Return a path of the command line, which is relative to the directory of ``--chdir``."""
        if path in STDOUT:  # what has that name while a run goes on is standard error
            with contextlib.suppress(OSError, ValueError, AttributeError):
                return f"/dev/fd/{self._data.fileno()}"
        return os.path.abspath(os.path.join(self._options.chdir or "", path))


@contextlib.contextmanager
def exporting(options: Options, what: str, data: IO[str], asked: Sequence[str] = ()) -> Iterator[Exports]:
    """Export what happens in this ``with``, also if it ends with an exception."""
    exports = Exports(options, what, data, os.environ, asked)
    try:
        yield exports
    except BaseException as error:
        exports.stopped(*ending(error))
        raise
    finally:
        exports.close()


def wants_traces(asked: bool | None, environment: Mapping[str, str]) -> bool:
    """Say whether traces are wanted: as the option says, else as the variables of OpenTelemetry say."""
    if asked is not None:
        return asked
    off = (
        environment.get("OTEL_SDK_DISABLED", "").lower() == "true" or environment.get("OTEL_TRACES_EXPORTER") == "none"
    )
    return not off and any(environment.get(name) for name in _ENDPOINTS)


def warn(message: str) -> None:
    """Tell something on standard error, after or before a run."""
    from ropewalk.report.console import NoteReport, make_console

    with contextlib.suppress(OSError):
        NoteReport(make_console(sys.stderr))(Noted("warning", message))


def _to_stream(data: IO[str]) -> Callable[[str], object]:
    """Return what writes on standard output: without a buffer, unless it is none of the system's streams."""
    try:
        return to_descriptor(data.fileno())
    except (OSError, ValueError, AttributeError):
        return data.write


def _opened(path: str) -> TextFile:
    try:
        return TextFile(path)
    except OSError as error:
        raise UsageError(f"--events: {path} cannot be written: {error.strerror}") from None


def _make_room(option: str, path: str) -> None:
    """Remove the report of an earlier run: left there by a run that is killed, it would tell of that one.

    :raises UsageError: there is no directory for it, or something else is there.
    """
    try:
        if not os.path.isdir(os.path.dirname(path)):
            raise UsageError(f"{option}: there is no directory {os.path.dirname(path)}")
        if os.path.isdir(path):
            raise UsageError(f"{option}: {path} is a directory")
        if stat.S_ISREG(os.lstat(path).st_mode):
            os.unlink(path)
    except FileNotFoundError:
        pass
    except OSError as error:
        raise UsageError(f"{option}: {path} cannot be written: {error.strerror}") from None
