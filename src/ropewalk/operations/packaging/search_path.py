"""Directories of programs that the shells of a user should find."""

from __future__ import annotations

from ropewalk.api.context import current_host
from ropewalk.facts.search_path import OnPath
from ropewalk.model.command import Change, Shell, Steps
from ropewalk.model.errors import OperationError


def ensure_on_path(directory: str, command: Shell) -> Steps:
    """Yield a command that adds a directory to ``PATH`` for later logins, unless it is there or was added.

    :raises OperationError: the directory is not known.
    """
    host = current_host.get()
    if not directory:
        raise OperationError(f"{command} cannot be checked: its program does not tell the directory",
                             hint="is it installed?")  # fmt: skip
    if host.get_fact(OnPath, directory=directory):
        host.noop(f"{directory} is on the search path")
        return
    yield Change("PATH", None, directory)
    yield command
