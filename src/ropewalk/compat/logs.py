"""``pyinfra.logger``: what deploys write to it is a part of the run's output; what scripts run is written to it."""

from __future__ import annotations

import logging
from contextvars import ContextVar

from ropewalk.api.context import current_emit, current_host, use
from ropewalk.compat import names
from ropewalk.model.event import ConnectEnded, Event, HostEnded, Noted, OperationEnded
from ropewalk.model.outcome import HostStatus, Outcome

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


def log_event(event: Event) -> None:
    """Log what happens in a script's run; what a deploy has logged itself is there already."""
    match event:
        case ConnectEnded(failure=None):
            run_logger.info("[%s] connected", event.host)
        case ConnectEnded():
            run_logger.error("[%s] cannot connect: %s", event.host, event.failure.message if event.failure else "")
        case OperationEnded(outcome=Outcome.FAILED):
            message = event.failure.message if event.failure else "failed"
            run_logger.error("[%s] %s: %s", event.host, event.operation.name, message)
        case OperationEnded():
            run_logger.info("[%s] %s: %s", event.host, event.operation.name, event.outcome)
        case HostEnded(status=HostStatus.FAILED):
            run_logger.error("[%s] %s", event.host, event.failure.message if event.failure else "failed")
        case Noted() if not _passing_on.get():
            prefix = f"[{event.host}] " if event.host else ""
            run_logger.log(level_number(event.level), "%s%s", prefix, event.message)


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
