"""Turns exceptions into values that reports can show: what, where in the deploy, and what to do."""

from __future__ import annotations

import functools
import os
import traceback
from types import TracebackType

from ropewalk.model.errors import OperationFailed, RopewalkError, UsageError
from ropewalk.model.event import Failure, Location

#: Frames of this package are not where a user's mistake is.
PACKAGE = os.path.dirname(os.path.dirname(os.path.abspath(__file__))) + os.sep


@functools.lru_cache(maxsize=4096)
def is_ours(filename: str) -> bool:
    """Say whether a frame belongs to ropewalk or to Python's import machinery."""
    return filename.startswith((PACKAGE, "<frozen "))


def failure_of(error: BaseException, *, where: Location | None = None) -> Failure:
    """Describe an exception.

    :param where: the deploy line to name; found in the traceback when not given.
    """
    if isinstance(error, OperationFailed):
        message, kind = str(error), "OperationFailed"
    elif isinstance(error, RopewalkError):
        message, kind = str(error) or type(error).__name__, type(error).__name__
    elif isinstance(error, SyntaxError):
        message, kind = f"syntax error: {error.msg}", "SyntaxError"
        where = Location(error.filename, error.lineno or 0) if error.filename else where
    else:
        kind = type(error).__name__
        text = _text(error)
        message = f"{kind}: {text}" if text else kind
    foreign = not isinstance(error, RopewalkError | SyntaxError)
    return Failure(
        kind=kind,
        message=message,
        hint=getattr(error, "hint", None) or _hint(message),
        where=_given(error) or (raised_at(error.__traceback__) if foreign else None) or where
        or raised_at(error.__traceback__),
        traceback="".join(traceback.format_exception(error)),
        caused_by_nested=isinstance(error, OperationFailed),
    )  # fmt: skip


def _hint(message: str) -> str | None:
    """Return what to do about errors of Python's own that have to do with how deploys are run."""
    if message.startswith("RuntimeError: asyncio.run() cannot be called from a running event loop"):
        return "deploy code runs in an event loop: call it in python.call, or in a thread of its own"
    return None


def _text(error: BaseException) -> str:
    try:
        return str(error)
    except Exception as second:  # somebody else's class: its mistake must not hide the first one
        return f"(its text cannot be made: {type(second).__name__})"


def raised_at(trace: TracebackType | None) -> Location | None:
    """Return the innermost line of user code in a traceback."""
    found = None
    while trace is not None:
        filename = trace.tb_frame.f_code.co_filename
        if not is_ours(filename) and os.sep + "lib" + os.sep + "python" not in filename:
            found = Location(display_path(filename), trace.tb_lineno)
        trace = trace.tb_next
    return found


def display_path(path: str) -> str:
    """Return a path as people know it: relative when it lies below the working directory."""
    try:
        return _from(os.getcwd(), path)
    except OSError:  # the directory is gone
        return path


@functools.lru_cache(maxsize=1024)
def _from(directory: str, path: str) -> str:
    relative = os.path.relpath(path, directory)
    return path if relative.startswith("..") else relative


def _given(error: BaseException) -> Location | None:
    where = error.where if isinstance(error, UsageError) else None
    if not where:
        return None
    file, _, line = where.rpartition(":")
    return Location(file, int(line)) if line.isdigit() else None
