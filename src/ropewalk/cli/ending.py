"""What an exception comes to that ends an invocation: what is told, and the exit status."""

from __future__ import annotations

import click

from ropewalk.cli.output import failure_of
from ropewalk.model.errors import InternalError, RopewalkError, UsageError
from ropewalk.model.event import Failure
from ropewalk.model.outcome import ExitStatus


def ending(error: BaseException) -> tuple[Failure, ExitStatus]:
    """Return what is told of an exception, and how the process exits."""
    match error:
        case click.Abort() | KeyboardInterrupt():
            return Failure("Interrupted", "interrupted"), ExitStatus.INTERRUPTED
        case click.ClickException():
            return _of_click(error), ExitStatus.USAGE
        case InternalError():
            return _bug(error), ExitStatus.INTERNAL
        case UsageError():
            return failure_of(error), ExitStatus.USAGE
        case RopewalkError():
            return failure_of(error), ExitStatus.FAILED
    return _bug(error), ExitStatus.INTERNAL


def _of_click(error: click.ClickException) -> Failure:
    message = error.format_message().rstrip(".")
    hint = "ropewalk --help lists all options; what belongs to a command goes behind --"
    return Failure("UsageError", message[:1].lower() + message[1:], hint)


def _bug(error: BaseException) -> Failure:
    made = failure_of(error)
    hint = "this is a bug in ropewalk; please report it with the output of --debug and --support"
    return Failure("InternalError", made.message, hint, traceback=made.traceback)
