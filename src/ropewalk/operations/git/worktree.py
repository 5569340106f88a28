"""git.worktree"""

from __future__ import annotations

from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files import File
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Shell, Steps, Word, sh
from ropewalk.model.errors import OperationError, OperationValueError
from ropewalk.operations.git.command import Place, check_name
from ropewalk.operations.git.update import Changing, pull_tracked
from ropewalk.operations.git.update import pull as pull_branch
from ropewalk.shell.paths import path_word


@operation()
def worktree(
    worktree: str,
    repo: str | None = None,
    detached: bool = False,
    new_branch: str | None = None,
    commitish: str | None = None,
    pull: bool = True,
    rebase: bool = False,
    from_remote_branch: tuple[str, str] | None = None,
    present: bool = True,
    assume_repo_exists: bool = False,
    force: bool = False,
    user: str | None = None,
    group: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make, update or remove a working tree of a repository that has others already.

    :param worktree: directory of the working tree.
    :param repo: directory of the repository; needed to make one.
    :param detached: check out a commit, without a branch.
    :param new_branch: the name of a new branch for it. Without one, git takes the name of the directory.
    :param commitish: the commit, branch or tag that a new working tree begins with.
    :param pull: get what is new on the branch, for one that exists.
    :param rebase: put commits that only the branch has after what is new, instead of merging.
    :param from_remote_branch: remote and branch to pull from, such as ``("origin", "main")``; a new working tree begins
        with it, unless ``commitish`` is given. Without it, what the branch follows is pulled, if it follows any.
    :param present: ``False`` removes it.
    :param assume_repo_exists: do not check that the repository is there.
    :param force: make it even if its branch is checked out elsewhere; remove it even if there are changes in it.
    :param user: whom everything in it belongs to.
    :param group: the group of everything in it.
    :raises OperationError: the repository is not there.
    :raises OperationValueError: ``repo`` is needed, or a name cannot be one.

    ::

        git.worktree(name="The hotfix", worktree="/srv/hotfix", repo="/srv/app", new_branch="hotfix", commitish="v1.4")
    """
    place = Place(worktree, user, group)
    host = current_host.get()
    if not present:
        if place.exists:
            yield place.git("worktree", "remove", *(["--force"] if force else []), ".")
        else:
            host.noop(f"there is no working tree {worktree}")
        return
    if not place.exists:
        main = _repository(repo, place, check=not assume_repo_exists)
        yield main.git(*_addition(worktree, detached, new_branch, commitish, from_remote_branch, force))
        changed = True
    else:
        changed = pull and (yield from _update(place, from_remote_branch, rebase))
    owner = [*place.owned(changed=changed, also=_administration(worktree))]
    yield from owner
    if not changed and not owner:
        host.noop(f"the working tree {worktree} is up to date" if pull else f"there is a working tree {worktree}")


def _repository(repo: str | None, place: Place, *, check: bool) -> Place:
    if not repo:
        raise OperationValueError("git.worktree needs `repo` to make a working tree")
    main = Place(repo, place.user, place.group)
    if check and not main.exists and not current_host.get().get_fact(File, path=f"{repo.rstrip('/')}/HEAD"):
        raise OperationError(f"there is no repository {repo}")
    return main


def _addition(
    worktree: str,
    detached: bool,
    new_branch: str | None,
    commitish: str | None,
    remote_branch: tuple[str, str] | None,
    force: bool,
) -> list[Word]:
    start = commitish or ("/".join(remote_branch) if remote_branch else None)
    options: list[Word] = []
    if new_branch:
        check_name("a branch", new_branch)
        options += ["-b", new_branch]
    elif remote_branch and not commitish and not detached:
        # Given a remote's branch alone, git would make no branch here.
        options += ["-b", worktree.rstrip("/").rpartition("/")[2]]
    options += [*(["--detach"] if detached else []), *(["--force"] if force else [])]
    if start:
        check_name("a commit", start)
    return ["worktree", "add", *options, "--", path_word(worktree), *([start] if start else [])]


def _update(place: Place, remote_branch: tuple[str, str] | None, rebase: bool) -> Changing:
    if remote_branch is not None:
        return (yield from pull_branch(place, *remote_branch, "HEAD", rebase=rebase))
    return (yield from pull_tracked(place, rebase=rebase))


def _administration(worktree: str) -> tuple[Word, ...]:
    """Return the word for what git keeps of a working tree in its repository."""
    found: Shell = sh("git", "-c", "safe.directory=*", "-C", path_word(worktree), "rev-parse", "--absolute-git-dir")
    return (Raw(f'"$({found.render()})"'),)
