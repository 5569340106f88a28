"""Words of commands that need care: values that begin with a dash, and names made from the time."""

from __future__ import annotations

from datetime import datetime

from ropewalk.model.command import Word


def operands(*words: Word) -> tuple[Word, ...]:
    """Return the words so that none is taken for an option: after ``--`` if one begins with a dash.

    >>> operands("644", "-x")
    ('--', '644', '-x')
    """
    dashed = any(isinstance(word, str) and word.startswith("-") for word in words)
    return ("--", *words) if dashed else words


def stamp(now: datetime | None = None) -> str:
    """Return the time of this machine as digits, fine enough to name two backups of one run differently."""
    return (now or datetime.now()).strftime("%y%m%d%H%M%S%f")
