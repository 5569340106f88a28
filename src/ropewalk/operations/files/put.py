from __future__ import annotations

import os
from typing import IO, Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Secret, Steps, Upload
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files import destination, diffs, times
from ropewalk.operations.files.content import Content, difference, permissions, read
from ropewalk.operations.files.modes import result
from ropewalk.operations.files.ownership import Attributes, adjust, differences


@operation()
def put(
    src: str | os.PathLike[str] | bytes | Secret | IO[Any],
    dest: str,
    user: str | None = None,
    group: str | None = None,
    mode: int | str | bool | None = None,
    add_deploy_dir: bool = True,
    create_remote_dir: bool = True,
    force: bool = False,
    assume_exists: bool = False,
    atime: times.Time = None,
    mtime: times.Time = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Upload a file, or content, to the host.

    The file appears complete, with its final owner and mode. Content that is already there is not sent again.

    :param src: a file of this machine; or the content: an object with ``read()``, bytes, or a ``Secret``, whose
        content is never shown.
    :param dest: the file on the host. A directory stands for the file of the same name inside it, and a link for
        what it points to.
    :param user: owner; ``None`` keeps the owner of a file that is there.
    :param group: as ``user``.
    :param mode: octal digits (``644``, ``"0644"``), chmod's symbols (``"u+x"``), or ``True`` for the permission
        bits of the local file.
    :param add_deploy_dir: take ``src`` relative to the directory of the run.
    :param create_remote_dir: make the directory of ``dest``, with this owner and the host's default mode.
    :param force: send the content even if it is there.
    :param assume_exists: plan with a local file that is not there yet.
    :param atime: access time to set: a ``datetime`` (without a zone: in the host's), seconds since 1970, either as
        text (ISO 8601), the path of a file on the host that has the time, or ``True`` for that of the local file.
    :param mtime: modification time, as ``atime``. Times are compared to the second.
    :raises OperationError: the local file does not exist, or something else than a file is in the way.
    :raises OperationValueError: ``mode=True``, and there is no local file to take it from.

    ::

        files.put(name="Message of the day", src="files/motd", dest="/etc/motd", mode=644)
        files.put(src=StringIO("nightly\\n"), dest="/etc/channel", user="app")
        files.put(src=Secret(token), dest="/etc/app/token", user="app", mode=600)
    """
    content = read(src, add_deploy_dir=add_deploy_dir, assume_exists=assume_exists)
    want = Attributes.of(user, group, _mode(mode, content))
    path, info = destination.find(dest, content.filename)
    if info is None and create_remote_dir:
        yield from destination.make_parent(path, user, group)

    changed = difference(content, path, info) if info else None
    if info and not changed and not force:
        steps = [*adjust(path, info, want)]
        steps += times.set_times(path, info, {"mtime": mtime, "atime": atime}, content.path)
        yield from steps
        if not steps:
            current_host.get().noop(f"{path} is already as it should be")
        return

    if changed:
        yield changed
    if info:
        yield from differences(info, want)
    yield from diffs.content_diff(path, info, content)
    final = result(want.mode, info["mode"]) if info and want.mode else want.mode
    yield Upload(content.source, path, final, want.user, want.group)
    yield from times.set_times(path, None, {"mtime": mtime, "atime": atime}, content.path)


def _mode(mode: int | str | bool | None, content: Content) -> int | str | None:
    if mode is True:
        if content.path is None:
            raise OperationValueError("mode=True needs a local file to take the mode from")
        return permissions(content.path) if content.exists else None
    return None if mode is False else mode
