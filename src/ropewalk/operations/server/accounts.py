"""Users and groups: how what there is differs from what is wanted, and the commands that change it.

Everything here is a pure function. Sources: useradd(8), usermod(8), groupadd(8) of shadow-utils; pw(8) of
FreeBSD; useradd(8) and usermod(8) of OpenBSD and NetBSD.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from ropewalk.model.command import MASK, Change, Raw, Secret, Shell, sh
from ropewalk.model.errors import OperationError
from ropewalk.model.record import record


@record
class Tools:
    """How a family of systems spells the management of accounts.

    :param program: the one program that has ``useradd`` and so on as subcommands; ``None``: they are programs.
    :param system: the option for an account of the system, if there is one.
    :param no_home: the option that keeps ``useradd`` from making a home directory, where that is needed.
    :param set_groups: the option of ``usermod`` that makes a list the user's supplementary groups; ``None``: there
        is no such option.
    :param add_groups: the options that add to them; ``None``: the whole list has to be given.
    :param encrypted: the program that reads an encrypted password from its standard input, if there is one.
    """

    program: str | None = None
    system: str | None = None
    no_home: str | None = None
    set_groups: str | None = "-G"
    add_groups: tuple[str, ...] | None = None
    encrypted: str | None = None

    def needs(self, verb: str) -> str:
        """Return the program that has to be installed for ``verb``, such as ``useradd``."""
        return self.program or verb

    def command(self, verb: str, name: str, *options: str) -> Shell:
        if self.program:
            return sh(self.program, verb, "-n", name, *options)
        return sh(verb, *options, "--", name)


SHADOW = Tools(system="-r", no_home="-M", add_groups=("-a", "-G"), encrypted="chpasswd")
PW = Tools(program="pw", encrypted="pw")
OPENBSD = Tools(set_groups="-S", add_groups=("-G",))
NETBSD = Tools(set_groups=None, add_groups=("-G",))

_BY_OS = {"FreeBSD": PW, "DragonFly": PW, "OpenBSD": OPENBSD, "NetBSD": NETBSD}


def tools_for(os: str | None) -> Tools:
    """Return the tools of an operating system, by the name that ``uname -s`` gives it."""
    return _BY_OS.get(os or "", SHADOW)


@record
class Account:
    """A user as wanted; ``None`` and empty mean: whatever it is."""

    home: str | None = None
    shell: str | None = None
    group: str | None = None
    groups: Sequence[str] = ()
    append: bool = False
    uid: int | None = None
    unique: bool = True
    comment: str | None = None


#: Makes the shell's first argument the standard input of the command before it.
_FIRST_ARGUMENT = Raw("<<EOF\n$1\nEOF")

_OPTIONS = {"home": "-d", "shell": "-s", "group": "-g", "uid": "-u", "comment": "-c"}


def differences(have: Mapping[str, Any], want: Account) -> list[Change]:
    """Return what has to change about a user.

    :param have: the user's entry in the ``Users`` fact.
    """
    changes = [
        Change(attribute, None if have[attribute] is None else str(have[attribute]), str(wanted))
        for attribute in ("home", "shell", "uid", "comment")
        if (wanted := getattr(want, attribute)) not in (None, "") and str(wanted) != str(have[attribute])
    ]
    if want.group and want.group not in (have["group"], str(have["gid"])):
        changes.append(Change("group", have["group"], want.group))
    primary = want.group or have["group"]
    before, after = _without(have["groups"], primary), _without(want.groups, primary)
    if want.append or not want.groups:
        after = before | after
    if before != after:
        changes.append(Change("groups", _listed(before), _listed(after)))
    return changes


def creation(tools: Tools, user: str, want: Account, *, system: bool, create_home: bool) -> Shell:
    """Return the command that makes a user."""
    options: list[str] = []
    for attribute, option in _OPTIONS.items():
        value = getattr(want, attribute)
        if value not in (None, ""):
            options += [option, str(value)]
    if want.groups:
        options += ["-G", ",".join(want.groups)]
    if want.uid is not None and not want.unique:
        options.append("-o")
    if system and tools.system:
        options.append(tools.system)
    if create_home:
        options.append("-m")
    elif tools.no_home:
        options.append(tools.no_home)
    return tools.command("useradd", user, *options)


def modification(
    tools: Tools, user: str, have: Mapping[str, Any], want: Account, changes: Iterable[Change]
) -> Shell | None:
    """Return the command that makes the changes, or ``None`` when there are none.

    :raises OperationError: the system cannot take the user out of a group.
    """
    options: list[str] = []
    for change in changes:
        if change.attribute == "groups":
            options += _groups_options(tools, user, have, want)
        else:
            options += [_OPTIONS[change.attribute], change.after or ""]
            if change.attribute == "uid" and not want.unique:
                options.append("-o")
    return tools.command("usermod", user, *options) if options else None


def has_password(have: Mapping[str, Any] | None, wanted: str | Secret) -> bool:
    """Say whether a user is known to have an encrypted password."""
    return have is not None and have.get("password") == _plain(wanted)


def password_change(tools: Tools, user: str, wanted: str | Secret) -> list[Change | Shell]:
    """Return what sets an encrypted password.

    It is the command's standard input, so that no process list shows it: a here-document in which the shell fills in
    its own first argument, so that nothing in the password can end it.

    :raises OperationError: it holds a colon or a line end, or the system has no tool that reads it there.
    """
    password = _plain(wanted)
    if any(character in password for character in ":\n\r\0"):
        raise OperationError(
            f"the password given for {user} is not an encrypted one",
            hint="encrypt it first, for example with `openssl passwd -6`",
        )
    change = Change("password", MASK, MASK)
    match tools.encrypted:
        case "chpasswd":
            secret = Secret(f"{user}:{password}")
            return [change, sh("set", "--", secret, Raw("&&"), "chpasswd", "-e", _FIRST_ARGUMENT)]
        case "pw":
            words = ("pw", "usermod", "-n", user, "-H", "0")
            return [change, sh("set", "--", Secret(password), Raw("&&"), *words, _FIRST_ARGUMENT)]
    raise OperationError(
        "this operating system has no command that sets a password without showing it in the process list",
        hint="leave `password` out and set it by hand",
    )


def _plain(password: str | Secret) -> str:
    return password.value if isinstance(password, Secret) else password


def _groups_options(tools: Tools, user: str, have: Mapping[str, Any], want: Account) -> list[str]:
    wanted = ",".join(want.groups)
    leaves = not want.append and _without(have["groups"], want.group or have["group"]) - set(want.groups)
    if tools.set_groups is None and leaves:
        raise OperationError(
            f"usermod on this operating system cannot take {user} out of {_listed(leaves)}",
            hint="set append=True, or edit /etc/group",
        )
    if (want.append or tools.set_groups is None) and tools.add_groups:
        return [*tools.add_groups, wanted]
    if want.append:
        wanted = ",".join(sorted({*have["groups"], *want.groups}))
    return [tools.set_groups or "-G", wanted]


def _without(groups: Iterable[str], primary: str) -> frozenset[str]:
    return frozenset(groups) - {primary}


def _listed(groups: Iterable[str]) -> str:
    return ", ".join(sorted(groups))
