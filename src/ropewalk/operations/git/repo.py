"""git.repo"""

from __future__ import annotations

import posixpath
from collections.abc import Generator
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.git import GitSubmodules
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Step, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.git.command import Place, check_name
from ropewalk.operations.git.ssh_hosts import make_known
from ropewalk.operations.git.update import Wish, update
from ropewalk.shell.paths import path_word


@operation()
def repo(
    src: str,
    dest: str,
    branch: str | None = None,
    pull: bool = True,
    rebase: bool = False,
    user: str | None = None,
    group: str | None = None,
    ssh_keyscan: bool = False,
    update_submodules: bool = False,
    recursive_submodules: bool = False,
    depth: int | None = None,
    fetch_tags: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Clone a repository, and keep the clone up to date.

    :param src: where the repository is, in any way that git understands; it is the clone's remote ``origin``.
    :param dest: directory of the clone.
    :param branch: the branch or tag to check out; a clone that exists may also be put at a commit. Without it, a clone
        is at the branch that its source has for one, and stays at the branch it is at.
    :param pull: get what is new on the branch.
    :param rebase: put commits that only the clone has after what is new, instead of merging.
    :param user: whom everything in the clone belongs to.
    :param group: the group of everything in the clone.
    :param ssh_keyscan: trust the keys that the source's SSH server shows, if none of them are known.
    :param update_submodules: check out submodules too, as they are recorded.
    :param recursive_submodules: also those of submodules.
    :param depth: how many commits of history to clone.
    :param fetch_tags: get all tags before another branch or tag is checked out.
    :raises OperationError: the source has no such branch or tag.
    :raises OperationValueError: ``src`` or ``dest`` is missing, or a name cannot be one.

    ::

        git.repo(name="The app", src="https://example.org/app.git", dest="/srv/app", branch="v1.4", user="www-data")
    """
    if not src or not dest:
        raise OperationValueError("git.repo needs `src` and `dest`")
    if branch:
        check_name("a branch", branch)
    if ssh_keyscan:
        yield from make_known(src)
    place = Place(dest, user, group)
    if place.exists:
        changed = yield from update(place, Wish(src, branch, pull, rebase, depth, fetch_tags))
    else:
        yield from _clone(place, src, branch, depth, fetch_tags)
        changed = True
    if update_submodules:
        changed |= yield from _submodules(place, recursive_submodules, changed)
    owner = [*place.owned(changed=changed)]
    yield from owner
    if not changed and not owner:
        current_host.get().noop(f"{posixpath.normpath(dest)} is up to date")


def _clone(place: Place, src: str, branch: str | None, depth: int | None, fetch_tags: bool) -> Steps:
    options = [*([f"--branch={branch}"] if branch else []), *([f"--depth={depth}"] if depth else [])]
    yield sh("git", "clone", "-q", *options, "--", src, path_word(place.path))
    if fetch_tags and depth:  # all others come with the clone
        yield place.git("fetch", "-q", "--tags", f"--depth={depth}")


def _submodules(place: Place, recursive: bool, changed: bool) -> Generator[Step, None, bool]:
    if not changed:
        found = current_host.get().get_fact(GitSubmodules, repo=place.path, recursive=recursive)
        changed = any(state != "current" for state in found.values())
    if changed:
        yield place.git("submodule", "-q", "update", "--init", *(["--recursive"] if recursive else []))
    return changed
