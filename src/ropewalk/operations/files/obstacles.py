"""What to do about something that is in the way, such as a directory where a file should be."""

from __future__ import annotations

import os
import posixpath

from ropewalk.api.context import current_host
from ropewalk.facts.files import Directory, File, Link
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationError, OperationTypeError
from ropewalk.model.record import record
from ropewalk.operations.files.words import stamp
from ropewalk.shell.paths import path_word


@record
class Force:
    """The ``force`` arguments of an operation."""

    force: bool
    backup: bool
    backup_dir: str | None


def clear(path: str, wanted: str, force: Force) -> Steps:
    """Move or remove what is at ``path``, if that is allowed.

    :param wanted: the kind of thing that should be there.
    :raises OperationError: it is not allowed.
    """
    there = kind(path)
    if not force.force:
        raise OperationError(
            f"{path} is {there}, not a {wanted}",
            hint="force=True moves it aside (and removes it with force_backup=False)",
        )
    yield Change("type", there, f"a {wanted}")
    if not force.backup:
        yield sh("rm", "-rf", path_word(path))
        return
    backup = f"{path.rstrip('/')}.{stamp()}"
    if force.backup_dir:
        backup = posixpath.join(force.backup_dir, posixpath.basename(backup))
    yield sh("mv", path_word(path), path_word(backup))


def kind(path: str) -> str:
    """Name what is at a path of the host, for people."""
    host = current_host.get()
    link = host.get_fact(Link, path=path)
    if link:
        return f"a link to {link['link_target']}"
    if host.get_fact(Directory, path=path):
        return "a directory"
    return "a file" if host.get_fact(File, path=path) else "something else"


def path_text(path: str | os.PathLike[str]) -> str:
    """Return a path argument as text.

    :raises OperationTypeError: it is neither text nor a path object.
    """
    text = os.fspath(path) if isinstance(path, str | os.PathLike) else None
    if not isinstance(text, str):
        raise OperationTypeError(f"`path` must be text or a path object, not {path!r}")
    return text
