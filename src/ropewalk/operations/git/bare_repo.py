"""git.bare_repo"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import Directory, File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationError
from ropewalk.operations.git.command import Place
from ropewalk.shell.paths import path_word


@operation()
def bare_repo(
    path: str,
    user: str | None = None,
    group: str | None = None,
    present: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make or remove a bare repository, one to push to.

    :param path: its directory; directories above it are made too.
    :param user: whom everything in it belongs to.
    :param group: the group of everything in it.
    :param present: ``False`` removes it with all commits.
    :raises OperationError: what should be removed is no bare repository.

    ::

        git.bare_repo(name="A place to push to", path="/srv/git/app.git", user="git", group="git")
    """
    host = current_host.get()
    inside = path.rstrip("/")
    is_there = bool(host.get_fact(File, path=f"{inside}/HEAD")) and bool(
        host.get_fact(Directory, path=f"{inside}/objects")
    )
    if not present:
        if is_there:
            yield sh("rm", "-rf", path_word(path))
        elif host.get_fact(Directory, path=path) is not None:
            raise OperationError(f"{path} is not a bare repository, so it is not removed")
        else:
            host.noop(f"there is no repository {path}")
        return
    place = Place(path, user, group)
    if not is_there:
        yield sh("git", "init", "-q", "--bare", "--", path_word(path))
    owner = [*place.owned(changed=not is_there)]
    yield from owner
    if is_there and not owner:
        host.noop(f"there is a bare repository {path}")
