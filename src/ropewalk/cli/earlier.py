"""Which invocations are about earlier runs; all that every invocation has to know of that."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence

NAMES = ("history", "show", "diff", "stats")
_COMMANDS = ("exec", "fact", "debug-inventory")


def is_meant(argv: Sequence[str]) -> bool:
    """Say whether the arguments ask for one of these commands, and not to do something on a host of that name.

    >>> is_meant(["show", "last"]), is_meant(["show", "deploy.py"]), is_meant(["show", "exec", "--", "uptime"])
    (True, False, False)
    """
    if not argv or argv[0] not in NAMES or os.path.exists(argv[0]):
        return False
    # The file that a page goes to says nothing about what is meant.
    words = [word for before, word in itertools.pairwise(argv) if word[:1] != "-" and before != "--html"]
    return not any(word in _COMMANDS or "." in word or ":" in word for word in words)


def with_values(argv: Sequence[str]) -> list[str]:
    """Give options that may stand without a value theirs: what follows them is the inventory, not the value.

    >>> with_values(["--failed", "web1", "exec", "--", "ls", "--failed"])
    ['--failed=last', 'web1', 'exec', '--', 'ls', '--failed']
    """
    end = list(argv).index("--") if "--" in argv else len(argv)
    return [*(f"{word}=last" if word in ("--failed", "--resume") else word for word in argv[:end]), *argv[end:]]
