"""Where the process begins and ends."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Sequence


def entry() -> None:
    """The ``ropewalk`` program."""
    gc.set_threshold(100_000, 10, 10)  # what is imported stays: looking for garbage among it takes a twentieth of it
    _open_standard_streams()
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


def _open_standard_streams() -> None:
    """Open those that whoever started the program has closed: the next file would take their place.

    Standard output is opened so that writing fails. Nobody reads it, and data that is lost is an error.
    """
    for number, mode in ((0, os.O_RDONLY), (1, os.O_RDONLY), (2, os.O_WRONLY)):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, mode)  # takes the lowest number that is free
    sys.stdin = sys.stdin or os.fdopen(0)
    sys.stdout = sys.stdout or os.fdopen(1, "w")
    sys.stderr = sys.stderr or os.fdopen(2, "w")
