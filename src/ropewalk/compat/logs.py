"""``pyinfra.logger``: what deploys write to it is a part of the run's output; what scripts run is written to it."""

from __future__ import annotations

import logging
import sys
from contextvars import ContextVar
from typing import TYPE_CHECKING

from ropewalk.api.context import current_emit, current_host, use
from ropewalk.compat import names
from ropewalk.model.event import (
    CommandStarted,
    ConnectEnded,
    Event,
    FactRead,
    Failure,
    HostEnded,
    Noted,
    OperationEnded,
    OutputLine,
)
from ropewalk.model.outcome import Outcome

if TYPE_CHECKING:
    from ropewalk.api.state import State

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}

#: Where a script's runs are logged: the records reach the handlers of ``pyinfra`` like its own.
run_logger = logging.getLogger("pyinfra.run")

_passing_on: ContextVar[bool] = ContextVar("passing_on", default=False)


class NoteHandler(logging.Handler):
    """Passes log records on to the run that is under way, as messages about the current host."""

    def emit(self, record: logging.LogRecord) -> None:
        emit = current_emit.get(None)
        if emit is None or record.name == run_logger.name:
            return
        host = current_host.get(None)
        try:
            with use(_passing_on, True):
                emit(Noted(_level(record.levelno), self.format(record), host.name if host is not None else None))
        except Exception:
            self.handleError(record)


def level_number(level: str) -> int:
    """Return what :mod:`logging` calls the level of a note."""
    return _LEVELS.get(level, logging.INFO)


class RunLog:
    """Logs what happens in a script's run; what a deploy has logged itself is there already.

    What the state says to print (``state.print_output``) goes to standard error, whoever listens to the log.
    """

    def __init__(self, state: State) -> None:
        self._told: set[Failure] = set()
        self._state = state

    def __call__(self, event: Event) -> None:
        line = _printed(event, self._state)
        if line is not None:
            print(f"[{event.host}] {line}", file=sys.stderr)  # type: ignore[union-attr]
        match event:
            case ConnectEnded(failure=None):
                run_logger.info("[%s] connected", event.host)
            case ConnectEnded(failure=Failure() as failure):
                self._tell(event.host, "cannot connect", failure)
            case OperationEnded(outcome=Outcome.FAILED, failure=Failure() as failure):
                self._tell(event.host, event.operation.name, failure)
            case OperationEnded():
                run_logger.info("[%s] %s: %s", event.host, event.operation.name, event.outcome)
            case HostEnded(failure=Failure() as failure) if failure not in self._told:
                self._tell(event.host, "failed", failure)
            case Noted() if not _passing_on.get():
                prefix = f"[{event.host}] " if event.host else ""
                run_logger.log(level_number(event.level), "%s%s", prefix, event.message)

    def _tell(self, host: str, what: str, failure: Failure) -> None:
        self._told.add(failure)
        run_logger.error("[%s] %s: %s", host, what, failure.message)


def _printed(event: Event, state: State) -> str | None:
    """Return what the flags of a state say to print about an event, without its host."""
    match event:
        case CommandStarted() if state.print_input:
            return f">>> {event.command}"
        case OutputLine() if state.print_output:
            return event.line
        case OperationEnded(outcome=Outcome.OK, reason=str() as reason) if state.print_noop_info:
            return f"noop: {reason}"
        case FactRead() if state.print_fact_info or state.print_fact_input or state.print_fact_output:
            value = f" = {event.value!r}" if state.print_fact_output else ""
            return f"fact {event.fact} {event.arguments}".rstrip() + value
    return None


def _level(number: int) -> str:
    return next((level for level, least in reversed(_LEVELS.items()) if number >= least), "debug")


def _make() -> logging.Logger:
    made = logging.getLogger("pyinfra")
    if not any(isinstance(handler, NoteHandler) for handler in made.handlers):
        made.addHandler(NoteHandler())
    if names.is_active() and made.level == logging.NOTSET:
        made.setLevel(logging.DEBUG)  # the run's own output decides what is shown
    return made


logger = _make()
