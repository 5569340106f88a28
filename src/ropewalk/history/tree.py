"""The tree a deploy belongs to: where it begins, which code is in it, which commit it is of."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path

from ropewalk.model.record import record

#: Files that say what a deploy does. What else lies there (logs, databases ...) may change at any time.
CODE = (".py", ".j2", ".jinja", ".jinja2")
#: Files of code and directories that are looked at: a deploy in a home directory must not take minutes.
MOST_FILES = 2_000
MOST_DIRECTORIES = 4_000
_NOT_CODE = frozenset({"__pycache__", "node_modules", "venv", "env"})


@record
class Commit:
    """The commit that is checked out; ``dirty``: tracked files differ from it."""

    id: str
    dirty: bool


def root_of(paths: Sequence[str]) -> str:
    """Return the tree of deploy files: the git repository of the first one, else its directory."""
    directory = Path(os.path.abspath(paths[0])).parent
    for folder in (directory, *directory.parents):
        if (folder / ".git").exists():
            return str(folder)
    return str(directory)


def code_of(root: str) -> dict[str, str]:
    """Return the files of code in a tree, each with a digest of its content."""
    found: dict[str, str] = {}
    for path in _code_files(root):
        try:
            with open(path, "rb") as file:
                found[os.path.relpath(path, root)] = hashlib.blake2b(file.read(), digest_size=12).hexdigest()
        except OSError:
            continue
        if len(found) >= MOST_FILES:
            break
    return found


def differing(before: dict[str, str], now: dict[str, str]) -> list[str]:
    """Return the files that were changed, added or removed."""
    return sorted(name for name in before.keys() | now.keys() if before.get(name) != now.get(name))


def commit_of(root: str) -> Commit | None:
    """Return the commit of a tree; ``None`` where it is in no repository, or there is no git."""
    id = _git(root, "rev-parse", "HEAD")
    if not id:
        return None
    return Commit(id.strip(), bool(_git(root, "status", "--porcelain", "--untracked-files=no")))


def _git(root: str, *words: str) -> str | None:
    if not os.path.exists(os.path.join(root, ".git")):
        return None
    try:
        done = subprocess.run(
            ["git", "--no-optional-locks", "-C", root, *words],
            stdin=subprocess.DEVNULL, capture_output=True, text=True, errors="replace", timeout=20, check=False,
            start_new_session=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return None
    return done.stdout if done.returncode == 0 else None


def _code_files(root: str) -> Iterator[str]:
    for count, (folder, folders, files) in enumerate(os.walk(root)):
        if count >= MOST_DIRECTORIES:
            return
        folders[:] = sorted(name for name in folders if _may_hold_code(folder, name))
        yield from (os.path.join(folder, name) for name in sorted(files) if name.endswith(CODE))


def _may_hold_code(folder: str, name: str) -> bool:
    return not (name.startswith(".") or name in _NOT_CODE or os.path.exists(os.path.join(folder, name, "pyvenv.cfg")))
