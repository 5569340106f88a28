"""Who may write what where: standard output is for data, everything else goes to standard error."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from typing import IO, Any

from ropewalk.model.event import Failure, Location
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult


@contextlib.contextmanager
def reserved_stdout() -> Iterator[IO[str]]:
    """Keep standard output for the caller: what anybody else writes there in this ``with`` goes to standard error.

    That holds for ``print`` in deploys and for programs they start; a document on standard output stays whole.
    """
    sys.stdout.flush()
    try:
        number, other = sys.stdout.fileno(), sys.stderr.fileno()
    except (OSError, ValueError, AttributeError):  # not files: a test's, or those of a program that embeds us
        data = sys.stdout
        with contextlib.redirect_stdout(sys.stderr):
            yield data
        return
    kept = os.dup(number)
    os.dup2(other, number)
    try:
        with open(os.dup(kept), "w", encoding="utf-8", errors="backslashreplace", newline="\n") as data:
            try:
                yield data
            finally:
                _flush(data)
    finally:
        sys.stdout.flush()
        os.dup2(kept, number)
        os.close(kept)


def _flush(data: IO[str]) -> None:
    """Write out what is left; a reader that has gone away (``| head``) has seen what it wanted."""
    try:
        data.flush()
    except BrokenPipeError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, data.fileno())
        os.close(null)


def failure_of(error: BaseException) -> Failure:
    """Return an exception as reports tell it."""
    import traceback

    text = "".join(traceback.format_exception(error))
    message = str(error) or type(error).__name__
    return Failure(type(error).__name__, message, getattr(error, "hint", None), _location(error), text)


def _location(error: BaseException) -> Location | None:
    where = getattr(error, "where", None)
    if not isinstance(where, str):
        return where if isinstance(where, Location) else None
    file, _, line = where.rpartition(":")
    return Location(file, int(line)) if file and line.isdecimal() else Location(where, 0)


def tell_stopped(failure: Failure, status: ExitStatus, *, as_json: bool, debug: bool, data: IO[str]) -> None:
    """Tell why there was no run: one JSON document, or a message."""
    if as_json:
        write_document(RunResult(status=status, stopped_by=failure), data)
        return
    from ropewalk.report.console import make_console
    from ropewalk.report.failures import stopped
    from ropewalk.report.page import write

    write(make_console(sys.stderr), stopped(failure, debug=debug))


def write_document(result: RunResult, data: IO[str], **more: Any) -> None:
    """Write the JSON document of a run."""
    from ropewalk import __version__
    from ropewalk.report.json import document, dumps

    data.write(dumps(document(result, version=__version__, **more)) + "\n")
    data.flush()
