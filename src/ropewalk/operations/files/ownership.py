"""Owner, group and mode: what differs, and the commands that set it right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropewalk.model.command import Change, Shell, Steps, sh
from ropewalk.model.record import record
from ropewalk.operations.files import modes
from ropewalk.operations.files.words import operands
from ropewalk.shell.paths import path_word


@record
class Attributes:
    """What an operation asks for; ``None`` leaves a thing as it is.

    :param mode: from :func:`ropewalk.operations.files.modes.normalise`.
    """

    user: str | None = None
    group: str | None = None
    mode: str | None = None

    @classmethod
    def of(cls, user: str | None, group: str | None, mode: int | str | None = None) -> Attributes:
        """Take the arguments of an operation; an empty name counts as none, as in v3."""
        return cls(user or None, group or None, modes.normalise(mode))

    @property
    def owned(self) -> bool:
        return self.user is not None or self.group is not None


def differences(have: Mapping[str, Any], want: Attributes, *, directory: bool = False) -> list[Change]:
    """Return what has to change about a file.

    :param have: the value of a ``File``, ``Directory`` or ``Link`` fact.

    >>> differences({"user": "root", "group": "root", "mode": 644}, Attributes("www", "root", "640"))
    [Change(attribute='user', before='root', after='www'), Change(attribute='mode', before='644', after='640')]
    """
    changes = []
    for attribute, wanted in (("user", want.user), ("group", want.group)):
        if wanted is not None and have[attribute] != wanted:
            changes.append(Change(attribute, str(have[attribute]), wanted))
    if want.mode is not None:
        mode = modes.result(want.mode, have["mode"], directory=directory)
        if mode != str(have["mode"]):
            changes.append(Change("mode", str(have["mode"]), mode))
    return changes


def adjust(
    path: str, have: Mapping[str, Any], want: Attributes, *, directory: bool = False, recursive: bool = False
) -> Steps:
    """Set the attributes of something that exists; yields nothing when they are right.

    chown comes first, because it takes the set-ID bits away.
    """
    changes = {change.attribute: change for change in differences(have, want, directory=directory)}
    yield from changes.values()
    owned = "user" in changes or "group" in changes
    if owned:
        yield chown(path, want, recursive=recursive)
    if want.mode is None:
        return
    if "mode" in changes:
        after = changes["mode"].after or want.mode
        yield chmod(path, want.mode if recursive else modes.command_form(after, have["mode"]), recursive=recursive)
    elif owned and not directory and modes.has_special_bits(str(have["mode"])):
        yield chmod(path, str(have["mode"]))


def chmod(path: str, mode: str, *, recursive: bool = False) -> Shell:
    return sh("chmod", *(["-R"] if recursive else []), *operands(mode, path_word(path)))


def chown(path: str, want: Attributes, *, recursive: bool = False, link: bool = False) -> Shell:
    """Return the command that gives a file to a user, a group or both.

    :param link: change the link itself, not what it points to.
    """
    options = [*(["-R"] if recursive else []), *(["-h"] if link else [])]
    return sh(*owner_words(want, *options), *operands(owner_text(want), path_word(path)))


def owner_words(want: Attributes, *options: str) -> tuple[str, ...]:
    """Return the program that sets the owner, with its options."""
    return ("chown" if want.user is not None else "chgrp", *options)


def owner_text(want: Attributes) -> str:
    """Return the owner as that program takes it."""
    if want.user is None:
        return want.group or ""
    return f"{want.user}:{want.group}" if want.group is not None else want.user
