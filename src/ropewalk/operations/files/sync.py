from __future__ import annotations

import itertools
import posixpath
from collections.abc import Mapping, Sequence
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.files.tree import Entry, TreeHashes
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, UploadTree, sh
from ropewalk.operations.files import diffs, local_tree, modes, tree_difference
from ropewalk.operations.files.content import Content, local_path
from ropewalk.operations.files.local_tree import LocalTree
from ropewalk.operations.files.ownership import Attributes, owner_text, owner_words
from ropewalk.operations.files.tree_difference import TreeDifference, Wanted
from ropewalk.operations.files.words import operands
from ropewalk.shell.paths import path_word

#: Paths in one command: far below what Linux allows.
_BATCH = 2000
#: So many files that are sent are named in a plan.
_SHOWN = 20
#: Above this many characters of names, the host lists the whole tree instead.
_MANY_NAMES = 1_000_000


@operation()
def sync(
    src: str,
    dest: str,
    user: str | None = None,
    group: str | None = None,
    mode: int | str | bool | None = None,
    dir_mode: int | str | bool | None = None,
    delete: bool = False,
    exclude: str | Sequence[str] | None = None,
    exclude_dir: str | Sequence[str] | None = None,
    add_deploy_dir: bool = True,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Make a directory of the host like a local one.

    The host lists its tree, with hashes, once; what differs goes there in one stream. So the time it takes depends
    on how much has changed, and not on how many files there are.

    :param src: the local directory. Links in it are made on the host as they are, not followed.
    :param dest: the directory on the host; it may be a link to a directory.
    :param user: owner of everything; ``None`` leaves it as it is.
    :param group: as ``user``.
    :param mode: the mode of files, and of directories where ``dir_mode`` does not give it; by default, and with
        ``True``, each has that of the local one.
    :param dir_mode: the mode of directories.
    :param delete: remove files and links that are only on the host, but for those that are excluded. Directories
        stay.
    :param exclude: patterns as of the shell, for files and links to leave out. They are compared with the path, the
        path below ``src``, and the name alone; ``*`` matches ``/`` too.
    :param exclude_dir: patterns for directories to leave out, compared with the path below ``src``:
        ``["node_modules", "*/node_modules"]``.
    :param add_deploy_dir: take ``src`` relative to the directory of the run.
    :raises OperationError: there is no such directory, or something of another kind is in the way on the host.

    ::

        files.sync(src="site", dest="/srv/www", user="www-data", delete=True, exclude="*.swp")
    """
    excluded = local_tree.Excluded.of(exclude, exclude_dir)
    local = local_tree.walk(local_path(src, add_deploy_dir), excluded)
    file_mode = _mode(mode)
    wanted = Wanted(Attributes.of(user, group), file_mode, _mode(dir_mode) or file_mode)

    names = None if delete or sum(map(len, local.names)) > _MANY_NAMES else tuple(local.names)
    remote = current_host.get().get_fact(TreeHashes, path=dest, names=names)
    found = tree_difference.compare(local, remote, wanted, lambda path: Content(path).digest("sha1"))
    if delete:
        found.delete = tree_difference.superfluous(local, remote, excluded, dest)

    steps = [
        *_directories(found, wanted.owner, dest),
        *_links(found, local, wanted.owner, dest),
        *_files(found, local, remote, wanted.owner, dest),
        *_attributes(found, wanted.owner, dest),
        *_paths("rm", ["-f"], (), found.delete, dest),
    ]
    yield from steps
    if not steps:
        current_host.get().noop(f"{dest} is like {src}")


def _directories(found: TreeDifference, owner: Attributes, dest: str) -> Steps:
    # In the order of the tree, so that each is made with its own mode, and not as a directory above another.
    for mode, group in itertools.groupby(found.make, key=lambda entry: entry[1]):
        yield from _paths("mkdir", ["-p", "-m", mode], (), [path for path, _ in group], dest)
    if owner.owned:
        yield from _paths(owner_words(owner)[0], [], (owner_text(owner),), [path for path, _ in found.make], dest)


def _links(found: TreeDifference, local: LocalTree, owner: Attributes, dest: str) -> Steps:
    for path in found.link:
        yield sh("ln", "-sfn", *operands(local.links[path], path_word(_join(dest, path))))
    links = [*(found.link if owner.owned else []), *found.chown_links]
    if links:
        yield from _paths(owner_words(owner)[0], ["-h"], (owner_text(owner),), links, dest)


def _files(
    found: TreeDifference, local: LocalTree, remote: Mapping[str, Entry], owner: Attributes, dest: str
) -> Steps:  # fmt: skip
    if not found.upload:
        return
    for number, path in enumerate(found.upload):
        source, _, size = local.files[path]
        if number < _SHOWN:
            yield Change(path, "other content" if path in remote else None, f"{size} bytes")
        yield from diffs.content_diff(_join(dest, path), {} if path not in remote else {"": ""}, Content(source))
    if len(found.upload) > _SHOWN:
        yield Change("files", None, f"{len(found.upload) - _SHOWN} more")
    files = {path: (local.files[path][0], mode) for path, mode in found.upload.items()}
    yield UploadTree(dest, files, owner.user, owner.group)


def _attributes(found: TreeDifference, owner: Attributes, dest: str) -> Steps:
    if found.chown:
        yield from _paths(owner_words(owner)[0], [], (owner_text(owner),), found.chown, dest)
    for mode, paths in found.chmod.items():
        yield from _paths("chmod", [], (mode,), paths, dest)


def _paths(
    program: str, options: Sequence[str], first: tuple[str, ...], paths: Sequence[str], dest: str
) -> Steps:  # fmt: skip
    """Yield one command for many paths below ``dest``; several only where no command line could hold them."""
    for start in range(0, len(paths), _BATCH):
        full = [path_word(_join(dest, path)) for path in paths[start : start + _BATCH]]
        yield sh(program, *options, *operands(*first, *full))


def _join(dest: str, path: str) -> str:
    return dest if path == "." else posixpath.join(dest, path)


def _mode(mode: int | str | bool | None) -> str | None:
    return None if isinstance(mode, bool) else modes.normalise(mode)
