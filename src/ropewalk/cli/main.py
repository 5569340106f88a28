"""Where the process begins and ends."""

from __future__ import annotations

import sys
from collections.abc import Sequence


def entry() -> None:
    """The ``ropewalk`` program."""
    sys.exit(main(sys.argv[1:]))


def main(argv: Sequence[str]) -> int:
    """Do what the arguments say and return the exit status.

    Nothing is imported before it is needed: asking for the version must not cost an SSH library.
    """
    if list(argv) == ["--version"]:
        from ropewalk import __version__

        print(f"ropewalk {__version__}")
        return 0
    from ropewalk.cli.command import invoke

    return invoke(argv)
