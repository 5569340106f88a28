"""Files of this machine that operations are given by name."""

from __future__ import annotations

from pathlib import Path

from ropewalk.api.context import current_state, on_local_files
from ropewalk.model.errors import OperationError


def local_path(name: str) -> Path:
    """Return where a file of this machine is; relative names start at the deploy's directory."""
    on_local_files.get()()
    return Path(current_state.get().cwd or ".") / Path(name).expanduser()


def existing_file(name: str, what: str) -> Path:
    """Return the path of a file that is there.

    :param what: what the file is for, for the message.
    :raises OperationError: there is no such file.
    """
    path = local_path(name)
    if not path.is_file():
        raise OperationError(f"{what} {name} is not a file on this machine", hint=f"looked for {path}")
    return path
