"""What has to happen for a tree of the host to become like the local one. Pure, but for reading local files."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from ropewalk.facts.files.tree import Entry
from ropewalk.model.errors import OperationError
from ropewalk.model.record import record
from ropewalk.operations.files import modes
from ropewalk.operations.files.local_tree import Excluded, LocalTree
from ropewalk.operations.files.ownership import Attributes


@dataclass(slots=True)
class TreeDifference:
    """Relative paths, each list in the order of the local tree.

    :ivar make: directories that are missing, with their modes.
    :ivar upload: files that are missing or have other content, to the modes they get.
    :ivar link: links that are missing or point elsewhere.
    :ivar chmod: mode to what has another mode.
    :ivar chown: files and directories that belong to somebody else; ``chown_links`` likewise.
    :ivar delete: what is only on the host.
    """

    make: list[tuple[str, str]] = field(default_factory=list)
    upload: dict[str, str] = field(default_factory=dict)
    link: list[str] = field(default_factory=list)
    chmod: dict[str, list[str]] = field(default_factory=dict)
    chown: list[str] = field(default_factory=list)
    chown_links: list[str] = field(default_factory=list)
    delete: list[str] = field(default_factory=list)


@record
class Wanted:
    """What the operation asks for.

    :param files: the mode of files; ``None``: that of each local file. ``directories`` likewise.
    """

    owner: Attributes
    files: str | None = None
    directories: str | None = None


def compare(
    local: LocalTree, remote: Mapping[str, Entry], wanted: Wanted, hash_of: Callable[[str], str]
) -> TreeDifference:  # fmt: skip
    """Return what differs, but for what is to be deleted.

    :param hash_of: gives the SHA-1 of a local path; asked only for files of equal size.
    :raises OperationError: something of another kind is in the way on the host.
    """
    found = TreeDifference()
    for path, mode in local.directories.items():
        entry = _of_kind("directory", path, remote)
        mode = _mode(wanted.directories, mode, entry)
        if entry is None:
            found.make.append((path, mode))
        else:
            _attributes(found, path, entry, wanted.owner, mode)
    for path, target in local.links.items():
        entry = _of_kind("link", path, remote)
        if entry is None or entry.target != target:
            found.link.append(path)
        elif _foreign(entry, wanted.owner):
            found.chown_links.append(path)
    for path, (source, mode, size) in local.files.items():
        entry = _of_kind("file", path, remote)
        mode = _mode(wanted.files, mode, entry)
        if entry is None or entry.size != size or entry.sha1 != hash_of(source):
            found.upload[path] = mode
        else:
            _attributes(found, path, entry, wanted.owner, mode)
    return found


def superfluous(local: LocalTree, remote: Mapping[str, Entry], excluded: Excluded, root: str) -> list[str]:
    """Return the files and links that are only on the host; directories stay, as in v3.

    :param root: the tree on the host, which patterns may name.
    """
    return sorted(
        path
        for path, entry in remote.items()
        if entry.type in ("file", "link")
        and path not in local.files
        and path not in local.links
        and not excluded.has(path, root)
    )


def _of_kind(kind: str, path: str, remote: Mapping[str, Entry]) -> Entry | None:
    entry = remote.get(path)
    if entry is not None and entry.type != kind:
        there = "something else" if entry.type == "other" else f"a {entry.type}"
        raise OperationError(
            f"{path} is a {kind} here and {there} on the host", hint="remove it there first, with files.file"
        )
    return entry


def _mode(asked: str | None, local: str, entry: Entry | None) -> str:
    """Return the octal mode of a path: the one asked for, applied to what is there, or else that of this machine."""
    if asked is None:
        return local
    if entry is None:
        return modes.result(asked, local)
    return modes.result(asked, entry.mode, directory=entry.type == "directory")


def _attributes(found: TreeDifference, path: str, entry: Entry, owner: Attributes, mode: str) -> None:
    changes_owner = _foreign(entry, owner)
    if changes_owner:
        found.chown.append(path)
    after = modes.result(mode, entry.mode, directory=entry.type == "directory")
    # chown takes the set-ID bits away, so they have to be set again.
    if after != str(entry.mode) or (changes_owner and modes.has_special_bits(after)):
        found.chmod.setdefault(modes.command_form(after, entry.mode), []).append(path)


def _foreign(entry: Entry, owner: Attributes) -> bool:
    return (owner.user is not None and entry.user != owner.user) or (
        owner.group is not None and entry.group != owner.group
    )
