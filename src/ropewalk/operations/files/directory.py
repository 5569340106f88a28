from __future__ import annotations

import os
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, Link
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.operations.files import obstacles
from ropewalk.operations.files.ownership import Attributes, adjust, chmod, chown
from ropewalk.shell.paths import path_word


@operation()
def directory(
    path: str | os.PathLike[str],
    present: bool = True,
    user: str | None = None,
    group: str | None = None,
    mode: int | str | None = None,
    recursive: bool = False,
    force: bool = False,
    force_backup: bool = True,
    force_backup_dir: str | None = None,
    _no_check_owner_mode: bool = False,
    _no_fail_on_link: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make, change or remove a directory.

    :param path: the directory; directories above it are made too, with the host's default owner and mode.
    :param present: whether it should exist; ``False`` removes it with everything in it.
    :param user: owner; ``None`` leaves it as it is.
    :param group: as ``user``.
    :param mode: octal digits (``755``, ``"0755"``) or chmod's symbols (``"g+s"``). As with GNU chmod, digits do
        not take away the set-group-ID bit; ``"g-s"`` does.
    :param recursive: when the directory's own owner or mode is wrong, set that one on everything below it too.
    :param force: move away what is there when it is no directory.
    :param force_backup: with ``force``: ``False`` removes it instead.
    :param force_backup_dir: with ``force``: the directory it is moved to.
    :param _no_check_owner_mode: leave the owner and mode of a directory that exists.
    :param _no_fail_on_link: be content with a link in its place.
    :raises OperationError: something else is there, and ``force`` is not given.

    ::

        files.directory(name="Upload area", path="/srv/upload", user="www-data", group="www-data", mode="2750")
    """
    path = obstacles.path_text(path)
    want = Attributes.of(user, group, mode)
    host = current_host.get()
    info = host.get_fact(Directory, path=path)
    if info is False:
        if _no_fail_on_link and host.get_fact(Link, path=path):
            host.noop(f"{path} is there, as a link")
            return
        yield from obstacles.clear(path, "directory", obstacles.Force(force, force_backup, force_backup_dir))
        info = None

    if not present:
        if info:
            yield sh("rm", "-rf", path_word(path))
        else:
            host.noop(f"there is no directory {path}")
        return
    if info is None:
        yield from _create(path, want)
        return
    steps = [] if _no_check_owner_mode else [*adjust(path, info, want, directory=True, recursive=recursive)]
    yield from steps
    if not steps:
        host.noop(f"the directory {path} is as it should be")


def _create(path: str, want: Attributes) -> Steps:
    """Make the directory, from the start with its mode when that is octal."""
    octal = want.mode is not None and want.mode.isdigit()
    yield sh("mkdir", "-p", *(["-m", want.mode or ""] if octal else []), path_word(path))
    if want.owned:
        yield chown(path, want)
    if want.mode is not None and not octal:
        yield chmod(path, want.mode)
