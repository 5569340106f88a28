"""The keys a user may log in with. Format: AUTHORIZED_KEYS FILE FORMAT in sshd(8)."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Sequence

from ropewalk import host
from ropewalk.facts.files import Directory, File, FileDict
from ropewalk.model.command import Shell, Step, sh
from ropewalk.model.errors import OperationError
from ropewalk.model.record import record
from ropewalk.operations.server.local_files import local_path
from ropewalk.operations.server.owner import Owner
from ropewalk.operations.text_files import read_lines, rewritten

# Every key starts with the length of its type's name, four bytes that are base64 for "AAAA".
_KEY = re.compile(r"(?:^|(?<=\s))(?P<type>(?:ssh|ecdsa|sk)-[\w@.-]+)\s+(?P<blob>AAAA[\w+/=]*)")


@record
class Key:
    """What a line of the file lets in, and under which restrictions; the comment at its end means nothing."""

    options: str
    type: str
    blob: str


def parse(line: str) -> Key | None:
    """Return the key a line holds; ``None`` for a comment or anything else."""
    found = None if line.lstrip().startswith("#") else _KEY.search(line)
    return Key(line[: found.start()].strip(), found["type"], found["blob"]) if found else None


def wanted_lines(public_keys: str | Sequence[str]) -> list[str]:
    """Return the lines for the keys that an operation was given.

    :param public_keys: keys as text, or names of files of this machine that hold them.
    :raises OperationError: one is neither.
    """
    lines: list[str] = []
    for given in [public_keys] if isinstance(public_keys, str) else public_keys:
        lines += _key_lines(given)
    return list(dict.fromkeys(lines))


def merged(before: Sequence[str], wanted: Sequence[str]) -> list[str]:
    """Return a file's lines with the wanted keys in it; a key that is there with other options gets the wanted ones."""
    lines = list(before)
    for line in wanted:
        key = parse(line)
        same = [index for index, other in enumerate(lines) if _same_key(parse(other), key)]
        if not same:
            lines.append(line)
        elif all(parse(lines[index]) != key for index in same):
            lines[same[0]] = line
    return lines


def authorized_keys(
    owner: Owner,
    wanted: Sequence[str],
    *,
    directory: str,
    filename: str = "authorized_keys",
    delete: bool = False,
    own_directory: bool = True,
) -> list[Step]:
    """Return the steps after which the keys are in the user's file.

    :param delete: take out all other keys.
    :param own_directory: the directory is the user's alone: its owner and mode are put right when it exists.
    :raises OperationError: the directory is a link or no directory: sshd would refuse it, and to write through it
        could give the user somebody else's file.
    """
    path = posixpath.join(directory, filename)
    steps = _directory_steps(directory, owner, own_directory)
    before = read_lines(path)
    after = list(wanted) if delete else merged(before or (), wanted)
    group = owner.group or (owner.login_group if before is None else None)
    contents = rewritten(path, before, after, mode="600", user=owner.user, group=group)
    if contents:
        return [*steps, *contents]
    have = host.get_fact(File, path=path)
    return [*steps, *_put_right(path, have, "600", owner)] if have else []


def _key_lines(given: str) -> list[str]:
    lines = [line.strip() for line in given.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    if lines and all(map(parse, lines)):
        return lines
    path = local_path(given) if "\n" not in given and "\0" not in given else None
    if path is None or not path.is_file():
        raise OperationError(
            f"{given!r} is neither a public key nor a file on this machine", hint=f"looked for {path}" if path else None
        )
    return [line.strip() for line in path.read_text(errors="replace").splitlines() if line.strip()]


def _same_key(one: Key | None, other: Key | None) -> bool:
    return one is not None and other is not None and (one.type, one.blob) == (other.type, other.blob)


def _directory_steps(directory: str, owner: Owner, own: bool) -> list[Step]:
    have = host.get_fact(Directory, path=directory)
    if have is False:
        raise OperationError(
            f"{directory} is there but is not a directory, so no key can be put into it",
            hint="make it a directory (a link is not followed)",
        )
    if have is None:
        return [sh("mkdir", "-p", "-m", "700", "--", directory), _chown(directory, owner)]
    return _put_right(directory, have, "700", owner) if own else []


def _put_right(path: str, have: FileDict, mode: str, owner: Owner) -> list[Step]:
    steps: list[Step] = []
    if str(have["mode"]) != mode:
        steps.append(sh("chmod", mode, "--", path))
    if not owner.owns(have):
        steps.append(_chown(path, owner))
    return steps


def _chown(path: str, owner: Owner) -> Shell:
    """The user can put a link there while this runs: -h keeps chown(1) from following it."""
    return sh("chown", "-h", owner.spec, "--", path)
