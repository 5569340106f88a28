"""The logger ``pyinfra.logger``: what deploys write to it becomes a part of the run's output."""

from __future__ import annotations

import logging

from ropewalk.api.context import current_emit, current_host
from ropewalk.compat import names
from ropewalk.model.event import Noted


class NoteHandler(logging.Handler):
    """Passes log records on to the run that is under way, as messages about the current host."""

    def emit(self, record: logging.LogRecord) -> None:
        emit = current_emit.get(None)
        if emit is None:
            return
        host = current_host.get(None)
        try:
            emit(Noted(_level(record.levelno), self.format(record), host.name if host is not None else None))
        except Exception:
            self.handleError(record)


def _level(number: int) -> str:
    for level in (logging.ERROR, logging.WARNING, logging.INFO):
        if number >= level:
            return logging.getLevelName(level).lower()
    return "debug"


def _make() -> logging.Logger:
    made = logging.getLogger("pyinfra")
    if not any(isinstance(handler, NoteHandler) for handler in made.handlers):
        made.addHandler(NoteHandler())
    if names.is_active() and made.level == logging.NOTSET:
        made.setLevel(logging.DEBUG)  # the run's own output decides what is shown
    return made


logger = _make()
