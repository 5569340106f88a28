from __future__ import annotations

import os
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Call, Download, Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.files import destination
from ropewalk.operations.files.content import Content, difference, local_path


@operation(is_idempotent=False, idempotent_notice="A file that is here with the same content is not fetched again.")
def get(
    src: str,
    dest: str,
    add_deploy_dir: bool = True,
    create_local_dir: bool = False,
    force: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Download a file of the host.

    :param src: the file on the host.
    :param dest: where to put it on this machine. Use ``host.name`` in it when several hosts are asked.
    :param add_deploy_dir: take ``dest`` relative to the directory of the run.
    :param create_local_dir: make the local directory.
    :param force: fetch it even if the same content is here.
    :raises OperationError: there is no such file, or no such local directory.

    ::

        files.get(src="/etc/os-release", dest=f"inventory/{host.name}/os-release", create_local_dir=True)
    """
    path, info = destination.follow(src)
    if not info:
        raise OperationError(f"{path} {'does not exist' if info is None else 'is not a file'} on the host")
    local = local_path(dest, add_deploy_dir)
    if os.path.isdir(local):
        raise OperationError(f"the local path {local} is a directory", hint="give the whole path as `dest`")
    if os.path.exists(local) and not force:
        changed = difference(Content(local), path, info)
        if changed is None:
            current_host.get().noop(f"{local} has the content of {src}")
            return
    directory = os.path.dirname(local)
    if directory and not os.path.isdir(directory):
        if not create_local_dir:
            raise OperationError(f"there is no local directory {directory}", hint="create_local_dir=True makes it")
        yield Call(make_local_directory, (directory,))
    yield Download(src, local)


def make_local_directory(path: str) -> None:
    """Make a directory of this machine, unless another host's operation has just made it."""
    os.makedirs(path, exist_ok=True)
