from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any, Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File, Link
from ropewalk.facts.files.same import SameFile
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.files import obstacles
from ropewalk.operations.files.destination import make_parent
from ropewalk.operations.files.ownership import Attributes, adjust, chown, differences
from ropewalk.operations.files.words import operands
from ropewalk.shell.paths import path_word


@operation()
def link(
    path: str | os.PathLike[str],
    target: str | None = None,
    present: bool = True,
    user: str | None = None,
    group: str | None = None,
    symbolic: bool = True,
    create_remote_dir: bool = True,
    force: bool = False,
    force_backup: bool = True,
    force_backup_dir: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make, change or remove a link.

    :param path: the link.
    :param target: what it points to, written into the link as it is given; needed when ``present``.
    :param present: whether it should exist.
    :param user: owner of the link itself (of the file, for a hard link).
    :param group: as ``user``.
    :param symbolic: ``False`` makes a hard link.
    :param create_remote_dir: make its directory, with this owner and the host's default mode.
    :param force: move away what is there when it is no link (another file, for a hard link).
    :param force_backup: with ``force``: ``False`` removes it instead.
    :param force_backup_dir: with ``force``: the directory it is moved to.
    :raises OperationError: something else is there, and ``force`` is not given.
    :raises OperationValueError: there is no ``target``.

    ::

        files.link(name="Current release", path="/srv/app/current", target="/srv/app/releases/42")
    """
    path = obstacles.path_text(path)
    if present and not target:
        raise OperationValueError(f"a link needs a target: what should {path} point to?")
    want = Attributes.of(user, group)
    forced = obstacles.Force(force, force_backup, force_backup_dir)
    if not present:
        yield from _remove(path, symbolic, forced)
    elif symbolic:
        yield from _symbolic(path, target or "", want, create_remote_dir, forced)
    else:
        yield from _hard(path, target or "", want, create_remote_dir, forced)


def _remove(path: str, symbolic: bool, forced: obstacles.Force) -> Steps:
    host = current_host.get()
    info = host.get_fact(Link if symbolic else File, path=path)
    if info:
        yield sh("rm", "-f", path_word(path))
        return
    if info is False:
        yield from obstacles.clear(path, "link", forced)
    else:
        host.noop(f"there is no link {path}")


def _symbolic(path: str, target: str, want: Attributes, create_dir: bool, forced: obstacles.Force) -> Steps:
    info = current_host.get().get_fact(Link, path=path)
    if info is False:
        yield from obstacles.clear(path, "link", forced)
        info = None
    if info is None:
        if create_dir:
            yield from make_parent(path, want.user, want.group)
        yield sh("ln", "-s", *operands(target, path_word(path)))
        if want.owned:
            yield chown(path, want, link=True)
    elif info["link_target"] != target:
        yield Change("target", info["link_target"], target)
        # -n: a link to a directory is replaced, not written into.
        yield sh("ln", "-sfn", *operands(target, path_word(path)))
        if want.owned:
            yield chown(path, want, link=True)
    else:
        yield from _owner(path, info, want)


def _owner(path: str, info: Mapping[str, Any], want: Attributes) -> Steps:
    changes = differences(info, want)
    yield from changes
    if changes:
        yield chown(path, want, link=True)
    else:
        current_host.get().noop(f"the link {path} is as it should be")


def _hard(path: str, target: str, want: Attributes, create_dir: bool, forced: obstacles.Force) -> Steps:
    host = current_host.get()
    info = host.get_fact(File, path=path)
    if info and host.get_fact(SameFile, path=path, other=target):
        steps = [*adjust(path, info, want)]
        yield from steps
        if not steps:
            host.noop(f"{path} is a hard link to {target}")
        return
    if info is not None:
        yield from obstacles.clear(path, f"hard link to {target}", forced)
    elif create_dir:
        yield from make_parent(path, want.user, want.group)
    yield sh("ln", path_word(target), path_word(path))
    if want.owned:
        yield chown(path, want)
