"""Paths of a host as words of a command."""

from __future__ import annotations

import shlex

from ropewalk.model.command import Raw, Word


def path_word(path: str) -> Word:
    """Return a path as one word: a ``~`` at its start is the home directory, all else is literal.

    Only ``~`` alone and ``~/...`` are expanded, as in pyinfra v3; ``~user`` is a name like any other. A path that
    begins with a dash, or with what ``find`` takes for an operator, gets ``./`` in front.

    >>> sh("cat", path_word("~/my notes")).render()
    "cat ~/'my notes'"
    >>> sh("cat", path_word("-n")).render()
    'cat ./-n'
    """
    if path == "~":
        return Raw("~")
    if path.startswith("~/"):
        rest = path[2:]
        return Raw(f"~/{shlex.quote(rest)}" if rest else "~/")
    return f"./{path}" if path.startswith(("-", "(", ")", "!", ",")) else path
