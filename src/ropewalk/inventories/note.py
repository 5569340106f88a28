"""Tells the user what is worth knowing while files are loaded, without printing."""

from __future__ import annotations

import logging

from ropewalk.api.context import current_emit
from ropewalk.model.event import Noted

_LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING}


def note(level: str, message: str) -> None:
    """Emit a ``Noted`` event; where nobody takes events, log it under ``ropewalk.inventories``."""
    emit = current_emit.get(None)
    if emit is not None:
        emit(Noted(level, message))
    else:
        logging.getLogger("ropewalk.inventories").log(_LEVELS[level], message)
