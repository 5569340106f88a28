from __future__ import annotations

import os
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, Upload, sh
from ropewalk.operations.files import obstacles
from ropewalk.operations.files.destination import make_parent
from ropewalk.operations.files.ownership import Attributes, adjust
from ropewalk.shell.paths import path_word


@operation()
def file(
    path: str | os.PathLike[str],
    present: bool = True,
    user: str | None = None,
    group: str | None = None,
    mode: int | str | None = None,
    touch: bool = False,
    create_remote_dir: bool = True,
    force: bool = False,
    force_backup: bool = True,
    force_backup_dir: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make an empty file, or change the owner and mode of a file, or remove it.

    :param path: the file.
    :param present: whether it should exist.
    :param user: owner; ``None`` leaves it as it is.
    :param group: as ``user``.
    :param mode: octal digits (``644``, ``"0644"``) or chmod's symbols (``"u+x"``).
    :param touch: set its times to now, each time this runs.
    :param create_remote_dir: make its directory, with this owner and the host's default mode.
    :param force: move away what is there when it is no file.
    :param force_backup: with ``force``: ``False`` removes it instead.
    :param force_backup_dir: with ``force``: the directory it is moved to.
    :raises OperationError: something else is there, and ``force`` is not given.

    ::

        files.file(name="Log file", path="/var/log/app.log", user="app", group="adm", mode=640)
    """
    path = obstacles.path_text(path)
    want = Attributes.of(user, group, mode)
    host = current_host.get()
    info = host.get_fact(File, path=path)
    if info is False:
        yield from obstacles.clear(path, "file", obstacles.Force(force, force_backup, force_backup_dir))
        info = None

    if not present:
        if info:
            yield sh("rm", "-f", path_word(path))
        else:
            host.noop(f"there is no file {path}")
        return
    if info is None:
        if create_remote_dir:
            yield from make_parent(path, want.user, want.group)
        # An upload of nothing has its owner and mode from the start.
        plain = want == Attributes()
        yield sh("touch", path_word(path)) if plain else Upload(b"", path, want.mode, want.user, want.group)
        return
    steps = [*([sh("touch", path_word(path))] if touch else []), *adjust(path, info, want)]
    yield from steps
    if not steps:
        host.noop(f"the file {path} is as it should be")
