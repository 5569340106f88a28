"""Git repositories: configuration, branches, tags, commits, and what their remotes have.

A repository may belong to somebody else than the user that commands run as: whoever names its path trusts it
(git-config(1), ``safe.directory``).
"""

from __future__ import annotations

import re
from typing import Any, TypedDict

from ropewalk.api.fact import FactBase
from ropewalk.facts.known_failures import allowing
from ropewalk.facts.presence import if_present
from ropewalk.model.command import Raw, Shell, Word, sh
from ropewalk.model.errors import FactProcessError, FactValueError
from ropewalk.shell.paths import path_word

_TRUSTING = "git -c safe.directory='*'"
# Defines g, which runs git in the repository, if there is one.
_OPEN = (
    f'r=$1; g() {{ {_TRUSTING} -C "$r" "$@"; }}; '
    "if e=$(LC_ALL=C g rev-parse --git-dir 2>&1); then"
)  # fmt: skip
_CLOSE = (
    "; else case $e in *'not a git repository'*) ;; *) printf '%s\\n' \"$e\" >&2; exit 128;; esac; fi"
)  # fmt: skip


class RemoteRef(TypedDict):
    """What a name stands for at a remote: the full name of a branch or tag, and the commit it leads to."""

    name: str
    commit: str


class GitFactBase(FactBase[Any]):
    """What facts about repositories have in common: git."""

    def requires_command(self, *args: Any, **kwargs: Any) -> str:
        return "git"


class GitBranch(GitFactBase):
    """The branch that is checked out; without one the tag, or else the commit. ``None`` where there is no repository.

    :param repo: path of the repository.

    ::

        "main"
    """

    def command(self, repo: str) -> Shell:
        tag = "g describe --tags --exact-match 2>/dev/null"
        return _in(repo, Raw(f"g symbolic-ref -q --short HEAD || {tag} || g rev-parse --verify HEAD"))

    def process(self, output: list[str]) -> str:
        return output[0]


class GitConfig(GitFactBase):
    """The settings of a repository, of the user or of the system: name -> values.

    Names of sections and variables are in lower case. A setting without a value is ``true``.

    :param repo: path of a repository; without it, the settings are those of the user.
    :param system: read those of the system, if no repository is named.

    ::

        {"user.name": ["Ann"], "remote.origin.fetch": ["+refs/heads/*:refs/remotes/origin/*"]}
    """

    def command(self, repo: str | None = None, system: bool = False) -> Shell:
        if repo is not None:
            return _in(repo, Raw("g config --local --list -z"))
        scope = "--system" if system else "--global"
        return allowing(sh(Raw("LC_ALL=C"), "git", "config", scope, "--list", "-z"), "*'No such file or directory'*")

    def process(self, output: list[str]) -> dict[str, list[str]]:
        settings: dict[str, list[str]] = {}
        for entry in "\n".join(output).split("\0"):
            if entry:
                name, given, value = entry.partition("\n")
                settings.setdefault(name, []).append(value if given else "true")
        return settings

    @staticmethod
    def default() -> dict[str, list[str]]:
        return {}


class GitLocalCommit(GitFactBase):
    """The commit that a name stands for; ``None`` where there is no such commit or repository.

    :param repo: path of the repository.
    :param ref: name of a branch or tag, or anything else that git takes for a commit.
    :raises FactValueError: ``ref`` cannot be the name of a commit.

    ::

        "9fceb02d0ae598e95dc970b74767f19372d61af8"
    """

    def command(self, repo: str, ref: str = "HEAD") -> Shell:
        if not ref or ref.startswith("-"):
            raise FactValueError(f"{ref!r} is not the name of a commit")
        return _in(repo, Raw("g rev-parse --verify -q"), f"{ref}^{{commit}}", Raw("|| [ $? -eq 1 ]"))

    def process(self, output: list[str]) -> str:
        return output[0]


class GitRemoteRef(GitFactBase):
    """What a branch or, failing that, a tag of a remote is; ``None`` if the remote has neither.

    :param repo: path of the repository.
    :param remote: name of the remote.
    :param branch: name of the branch or tag; by default what the remote's HEAD is.
    """

    def command(self, repo: str, remote: str = "origin", branch: str | None = None) -> Shell:
        return _in(repo, Raw("g ls-remote --"), remote, *_patterns(branch))

    def process(self, output: list[str]) -> RemoteRef | None:
        found: dict[str, str] = {}
        for line in output:
            commit, _, name = line.partition("\t")
            # A tag with a message is an object of its own; ^{} is the commit that it leads to.
            found[name.removesuffix("^{}")] = commit
        for kind in (r"HEAD", r"refs/heads/.*", r"refs/tags/.*", r".*"):
            for name, commit in found.items():
                if re.fullmatch(kind, name):
                    return RemoteRef(name=name, commit=commit)
        return None


class GitRemoteBranchCommit(GitFactBase):
    """The commit that a branch or tag of a remote is at; ``None`` if the remote has neither.

    :param repo: path of the repository.
    :param remote: name of the remote.
    :param branch: name of the branch; by default what the remote's HEAD is.

    ::

        "9fceb02d0ae598e95dc970b74767f19372d61af8"
    """

    def command(self, repo: str, remote: str = "origin", branch: str | None = None) -> Shell:
        return GitRemoteRef().command(repo, remote, branch)

    def process(self, output: list[str]) -> str | None:
        found = GitRemoteRef().process(output)
        return found["commit"] if found else None


class GitTag(GitFactBase):
    """The tags of a repository; ``None`` if it has none.

    :param repo: path of the repository.

    ::

        ["v1.0", "v1.1"]
    """

    def command(self, repo: str) -> Shell:
        return _in(repo, Raw("g tag --list"))

    def process(self, output: list[str]) -> list[str]:
        return output


class GitTrackingBranch(GitFactBase):
    """The branch of a remote that the branch which is checked out follows, such as ``origin/main``, or ``None``.

    :param repo: path of the repository.
    """

    def command(self, repo: str) -> Shell:
        show = "g for-each-ref --format='%(upstream:short)' -- \"$b\""
        return _in(repo, Raw(f"if b=$(g symbolic-ref -q HEAD); then {show}; fi"))

    def process(self, output: list[str]) -> str | None:
        return output[0] or None


class GitHasCommit(GitFactBase):
    """Whether a commit is part of a history.

    :param repo: path of the repository.
    :param commit: the commit.
    :param ref: whose history.
    """

    def command(self, repo: str, commit: str, ref: str = "HEAD") -> Shell:
        # A remote's commit that is not here is no error.
        known = 'g cat-file -e "$1" 2>/dev/null && g merge-base --is-ancestor "$1" "$2"'
        return _in(repo, Raw("set --"), f"{commit}^{{commit}}", ref, Raw(f"; if {known}; then echo yes; fi"))

    def process(self, output: list[str]) -> bool:
        return output == ["yes"]

    @staticmethod
    def default() -> bool:
        return False


class GitSubmodules(GitFactBase):
    """The submodules of a repository: path -> ``current``, ``changed``, ``absent`` or ``conflict``.

    :param repo: path of the repository.
    :param recursive: also those of submodules.
    """

    _STATES = {" ": "current", "+": "changed", "-": "absent", "U": "conflict"}

    def command(self, repo: str, recursive: bool = False) -> Shell:
        return _in(repo, Raw("g submodule status --recursive" if recursive else "g submodule status"))

    def process(self, output: list[str]) -> dict[str, str]:
        submodules = {}
        for line in output:
            found = re.fullmatch(r"([ +U-])[0-9a-f]+ (.+?)(?: \([^()]*\))?", line)
            if not found:
                raise FactProcessError(f"git submodule status wrote {line!r}")
            submodules[found[2]] = self._STATES[found[1]]
        return submodules

    @staticmethod
    def default() -> dict[str, str]:
        return {}


class GitForeignFiles(GitFactBase):
    """Whether something at or below a path belongs to another user or group.

    :param path: path on the host.
    :param user: who should own everything there, if it matters.
    :param group: the group everything should have, if it matters.
    """

    def command(self, path: str, user: str | None = None, group: str | None = None) -> Shell:
        tests = [["!", f"-{kind}", name] for kind, name in (("user", user), ("group", group)) if name]
        if not tests:
            return sh("true")
        either = [word for test in tests for word in (*test, "-o")][:-1]
        # The first line says enough; without any the exit status does.
        return if_present(path_word(path), Raw('{ find "$1"'), "(", *either, ")", Raw('; echo "= $?"; } | head -n 1'))

    def process(self, output: list[str]) -> bool:
        if output[0] == "= 0":
            return False
        if re.fullmatch(r"= \d+", output[0]):
            raise FactProcessError("find could not look at everything, or does not know the user or group")
        return True

    @staticmethod
    def default() -> bool:
        return False


def _in(repo: str, *then: Word) -> Shell:
    """Return a command that runs another one with ``g``, git in a repository; nothing is done where there is none."""
    return if_present(path_word(repo), Raw(_OPEN), *then, Raw(_CLOSE))


def _patterns(branch: str | None) -> list[str]:
    if branch is None:
        return ["HEAD"]
    if branch.startswith("refs/"):
        return [branch, f"{branch}^{{}}"]
    return [f"refs/heads/{branch}", f"refs/tags/{branch}", f"refs/tags/{branch}^{{}}"]
