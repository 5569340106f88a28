"""Brings a clone to where a deploy wants it: its origin, what is checked out, what is new."""

from __future__ import annotations

import re
from collections.abc import Generator

from ropewalk.api.context import current_host
from ropewalk.facts.git import (
    GitBranch,
    GitConfig,
    GitHasCommit,
    GitLocalCommit,
    GitRemoteRef,
    GitTag,
    GitTrackingBranch,
    RemoteRef,
)
from ropewalk.model.command import Change, Step, Steps
from ropewalk.model.errors import OperationError
from ropewalk.model.record import record
from ropewalk.operations.git.command import Place

_COMMIT = re.compile("[0-9a-f]{7,64}")

#: A generator of steps that returns whether it had any.
Changing = Generator[Step, None, bool]


@record
class Wish:
    """What a deploy asks of a clone; see ``git.repo``."""

    src: str
    branch: str | None
    pull: bool
    rebase: bool
    depth: int | None
    fetch_tags: bool


def update(place: Place, wish: Wish) -> Changing:
    """Yield what brings a clone up to date.

    :raises OperationError: the source has no such branch or tag.
    """
    moved = yield from _origin(place, wish.src)
    if wish.branch is None:
        if not wish.pull:
            return moved
        pulled = yield from pull_tracked(place, rebase=wish.rebase, otherwise="origin", unseen=moved)
        return moved or pulled
    fetched = yield from _checkout(place, wish, moved)
    if not wish.pull or not _is_branch(place, wish.branch, fetched):
        return moved or fetched
    pulled = yield from pull(place, "origin", wish.branch, wish.branch, rebase=wish.rebase, unseen=moved)
    return moved or fetched or pulled


def pull_tracked(place: Place, *, rebase: bool, otherwise: str | None = None, unseen: bool = False) -> Changing:
    """Pull the branch that is checked out from the one it follows; a tag or commit stays.

    :param otherwise: the remote of a branch that follows none; without it, such a branch stays too.
    """
    host = current_host.get()
    branch = host.get_fact(GitBranch, repo=place.path)
    if branch is None or host.get_fact(GitLocalCommit, repo=place.path, ref=f"refs/heads/{branch}") is None:
        return False
    tracked = host.get_fact(GitTrackingBranch, repo=place.path) or ""
    remote, slash, theirs = tracked.partition("/")
    if not slash:
        if otherwise is None:
            return False
        remote, theirs = otherwise, branch
    return (yield from pull(place, remote, theirs, branch, rebase=rebase, unseen=unseen))


def pull(place: Place, remote: str, theirs: str, ours: str, *, rebase: bool, unseen: bool = False) -> Changing:
    """Pull a branch of a remote, if it has commits that ours has not.

    :param theirs: name of the remote's branch.
    :param ours: name of the branch here; ``HEAD``: whatever is checked out.
    :param unseen: the remote is another one from now on, so that nothing is known of it yet.
    :raises OperationError: the remote has no such branch.
    """
    if not unseen:
        host = current_host.get()
        ref = ours if ours == "HEAD" else f"refs/heads/{ours}"
        local = host.get_fact(GitLocalCommit, repo=place.path, ref=ref)
        found = _remote_ref(place, remote, theirs)
        if local is None or local == found["commit"] or not found["name"].startswith("refs/heads/"):
            return False  # without a branch here it is made from what was fetched just now
        if host.get_fact(GitHasCommit, repo=place.path, commit=found["commit"], ref=ref):
            return False
        yield Change("commit", local[:12], found["commit"][:12])
    yield place.git("pull", "-q", *(["--rebase"] if rebase else []), "--", remote, theirs)
    return True


def _origin(place: Place, src: str) -> Changing:
    settings = current_host.get().get_fact(GitConfig, repo=place.path)
    have = settings.get("remote.origin.url", [])
    if have[:1] == [src]:
        return False
    yield Change("origin", have[0] if have else None, src)
    yield place.git("remote", *(["set-url"] if have else ["add"]), "--", "origin", src)
    return True


def _checkout(place: Place, wish: Wish, moved: bool) -> Changing:
    host, branch = current_host.get(), wish.branch or ""
    have = host.get_fact(GitBranch, repo=place.path)
    if _is_at(place, branch, have):
        return False
    yield Change("branch", have, branch)
    yield from _fetch(place, wish, branch, moved)
    yield place.git("checkout", "-q", branch, "--")
    return True


def _fetch(place: Place, wish: Wish, branch: str, moved: bool) -> Steps:
    """Fetch what is needed to check a branch or tag out; a shallow clone asks for one branch only."""
    options = [*(["--tags"] if wish.fetch_tags else []), *([f"--depth={wish.depth}"] if wish.depth else [])]
    specs = current_host.get().get_fact(GitConfig, repo=place.path).get("remote.origin.fetch", [])
    if not specs or moved or any("refs/heads/*:" in spec for spec in specs):
        yield place.git("fetch", "-q", *options, "origin")
        return
    if _remote_ref(place, "origin", branch)["name"].startswith("refs/tags/"):
        yield place.git("fetch", "-q", *options, "origin", "tag", branch)
        return
    if not any(f"refs/heads/{branch}:" in spec for spec in specs):
        yield place.git("remote", "set-branches", "--add", "origin", branch)
    yield place.git("fetch", "-q", *options, "origin")


def _is_at(place: Place, wanted: str, have: str | None) -> bool:
    """Say whether a branch, tag or commit is what is checked out."""
    if have == wanted:
        return True
    if _local(place, f"refs/heads/{wanted}"):
        return False
    if wanted in (current_host.get().get_fact(GitTag, repo=place.path) or []):
        return _local(place, "HEAD") == _local(place, f"refs/tags/{wanted}")
    return _COMMIT.fullmatch(wanted) is not None and (_local(place, "HEAD") or "").startswith(wanted)


def _is_branch(place: Place, name: str, fetched: bool) -> bool:
    """Say whether a name is that of a branch, not of a tag or commit; what is unknown here may be one."""
    if _local(place, f"refs/heads/{name}"):
        return True
    return fetched and not _local(place, f"refs/tags/{name}") and not _COMMIT.fullmatch(name)


def _local(place: Place, ref: str) -> str | None:
    found: str | None = current_host.get().get_fact(GitLocalCommit, repo=place.path, ref=ref)
    return found


def _remote_ref(place: Place, remote: str, name: str) -> RemoteRef:
    found: RemoteRef | None = current_host.get().get_fact(GitRemoteRef, repo=place.path, remote=remote, branch=name)
    if found is None:
        raise OperationError(f"{remote} of {place.path} has neither a branch nor a tag {name}")
    return found
