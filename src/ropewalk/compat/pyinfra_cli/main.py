"""The command line, for programs that set ``sys.argv`` and start it."""

from __future__ import annotations

from ropewalk.cli.main import entry


def main() -> None:
    """Do what ``sys.argv`` says.

    :raises SystemExit: always, with the exit status.
    """
    entry()


cli = main
