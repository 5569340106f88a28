"""Who may write what where: standard output is for data, everything else goes to standard error."""

from __future__ import annotations

import contextlib
import errno
import os
import sys
from collections.abc import Iterator
from dataclasses import replace
from typing import IO, Any

from ropewalk.engine import failure
from ropewalk.model.errors import RopewalkError
from ropewalk.model.event import Failure, Location
from ropewalk.model.outcome import ExitStatus
from ropewalk.model.result import RunResult


@contextlib.contextmanager
def reserved_stdout() -> Iterator[IO[str]]:
    """Keep standard output for the caller: what anybody else writes there in this ``with`` goes to standard error.

    That holds for ``print`` in deploys and for programs they start; a document on standard output stays whole.
    """
    sys.stdout.flush()
    with contextlib.ExitStack() as stack:
        data = _own_copy(sys.stdout)
        stack.callback(_flush, data)
        stack.enter_context(contextlib.redirect_stdout(sys.stderr))
        with contextlib.suppress(OSError):  # one of them is closed
            kept = os.dup(1)
            stack.callback(_restore, kept)
            os.dup2(2, 1)
        yield data


def _own_copy(stream: IO[str]) -> IO[str]:
    """Return a stream to the same file; the stream itself, where it is none: a test's, or that of an embedder."""
    try:
        copy = os.dup(stream.fileno())
    except (OSError, ValueError, AttributeError):
        return stream
    return open(copy, "w", encoding="utf-8", errors="backslashreplace", newline="\n")


def _restore(kept: int) -> None:
    sys.stderr.flush()
    os.dup2(kept, 1)
    os.close(kept)


def _flush(data: IO[str]) -> None:
    """Write out what is left; where that cannot be done, :func:`writing` has said so or a reader has gone away."""
    try:
        data.flush()
    except OSError:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, data.fileno())
        os.close(null)
    if data is not sys.stdout:
        data.close()


class CannotWrite(RopewalkError):
    """Standard output does not take the data."""


@contextlib.contextmanager
def writing(data: IO[str]) -> Iterator[None]:
    """Write data: all of it is written when this ``with`` ends.

    :raises CannotWrite: it cannot be, other than because its reader has gone away (``| head``).
    """
    try:
        yield
        data.flush()
    except BrokenPipeError:
        pass
    except OSError as error:
        raise CannotWrite(f"standard output cannot be written: {error.strerror}") from error


def write_whole(path: str, text: str) -> None:
    """Write a file so that nobody ever sees a part of it; what is no regular file (``/dev/stdout``) is written to.

    A named pipe has to have a reader: this does not wait for one.

    :raises OSError: it cannot be written; what was there before still is.
    """
    if os.path.exists(path) and not os.path.isfile(path):
        with open(path, "w", encoding="utf-8", opener=_without_waiting) as file:
            file.write(text)
        return
    target = os.path.realpath(path)
    part = f"{target}.{os.getpid()}.part"
    try:
        with open(part, "x", encoding="utf-8") as file:
            file.write(text)
        os.replace(part, target)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(part)
        raise


def _without_waiting(path: str, flags: int) -> int:
    """Open a file; fail where a named pipe has no reader."""
    try:
        descriptor = os.open(path, flags | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        raise OSError(error.errno, "nobody reads it", path) if error.errno == errno.ENXIO else error from None
    os.set_blocking(descriptor, True)
    return descriptor


def failure_of(error: BaseException) -> Failure:
    """Return an exception that ended an invocation as reports tell it."""
    made = failure.failure_of(error)
    where = getattr(error, "where", None)
    return replace(made, where=Location(where, 0)) if made.where is None and isinstance(where, str) else made


def tell_stopped(why: Failure, status: ExitStatus, *, as_json: bool, debug: bool, data: IO[str]) -> None:
    """Tell why there was no run: one JSON document, or a message."""
    if as_json:
        write_document(RunResult(status=status, stopped_by=why), data)
        return
    from ropewalk.report.console import make_console
    from ropewalk.report.failures import stopped
    from ropewalk.report.page import write

    write(make_console(sys.stderr), stopped(why, debug=debug))


def write_document(result: RunResult, data: IO[str], **more: Any) -> None:
    """Write the JSON document of a run."""
    from ropewalk import __version__
    from ropewalk.report.json import document, dumps

    text = dumps(document(result, version=__version__, **more))
    with writing(data):
        data.write(text + "\n")
