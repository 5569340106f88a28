"""server.user"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Accounts, Groups, Os
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Secret, Step, Steps, Upload, sh
from ropewalk.model.errors import OperationError, OperationTypeError
from ropewalk.operations.names import check_account
from ropewalk.operations.server import accounts
from ropewalk.operations.server.account_tools import installed_tools
from ropewalk.operations.server.authorized_keys import authorized_keys, wanted_lines
from ropewalk.operations.server.home import home_steps
from ropewalk.operations.server.owner import Owner, same_number
from ropewalk.operations.steps import or_noop


@operation()
def user(
    user: str,
    present: bool = True,
    home: str | None = None,
    shell: str | None = None,
    group: str | None = None,
    groups: Sequence[str] | None = None,
    append: bool = False,
    public_keys: str | Sequence[str] | None = None,
    delete_keys: bool = False,
    ensure_home: bool = True,
    create_home: bool = False,
    system: bool = False,
    uid: int | None = None,
    comment: str | None = None,
    unique: bool = True,
    password: str | Secret | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Add, change or remove a user.

    What is `None` or empty is left as it is, or as the system chooses it for a new user.

    :param user: the user's name.
    :param present: whether the user should exist. A user that is removed leaves the home directory behind.
    :param home: the home directory (default for a new user: `/home/` and the name).
    :param shell: path of the login shell.
    :param group: the primary group.
    :param groups: the supplementary groups; the user leaves all others, unless `append` is set.
    :param append: add to the supplementary groups instead.
    :param public_keys: SSH keys that may log in as the user: key text, or names of files on this machine.
    :param delete_keys: take out all other keys.
    :param ensure_home: see to it that the home directory exists and belongs to the user. Directories that belong to
        everybody (`/`, `/usr/sbin`, `/var/lib`, ...) are left alone.
    :param create_home: let a new user's home directory be made from the system's skeleton.
    :param system: make a new user an account of the system.
    :param uid: the user's number.
    :param comment: full name or other description.
    :param unique: `False` allows a number that another user has.
    :param password: an encrypted password, such as `openssl passwd -6` prints. It is never shown, and reaches the host
        on the standard input of `chpasswd`.
    :raises OperationValueError: a name cannot be that of a user or group.
    :raises OperationError: a key is neither a key nor a file, or the tools that are needed are missing.
    :raises OperationTypeError: ``groups`` is not a list.

    ::

        server.user(
            name="Let Ada log in",
            user="ada",
            shell="/bin/bash",
            groups=["sudo"],
            public_keys="keys/ada.pub",
        )
    """
    _check_names(user, group, groups)
    users = host.get_fact(Accounts)
    have = users.get(user)
    if not present:
        yield from or_noop([] if have is None else _removal(user), f"there is no user {user}")
        return
    want = _completed(
        accounts.Account(home, shell, group, tuple(groups or ()), append, uid, unique, comment), user, have
    )
    owner = Owner(user, want.group, same_number(users, user, uid))
    steps = _account_steps(user, have, want, system=system, create_home=create_home)
    if password:
        steps += _password_steps(user, have, password)
    if ensure_home and want.home:
        steps += home_steps(want.home, owner, made=have is None and create_home)
    if public_keys is not None:
        steps += _key_steps(owner, want.home, public_keys, delete=delete_keys)
    yield from or_noop(steps, f"user {user} is as wanted")


def _check_names(user: str, group: str | None, groups: Sequence[str] | None) -> None:
    check_account("user", user)
    if isinstance(groups, str):
        raise OperationTypeError(f"server.user: groups must be a list, not {groups!r}", hint=f"groups=[{groups!r}]")
    for name in [*([group] if group else []), *(groups or ())]:
        check_account("group", name)


def _completed(want: accounts.Account, user: str, have: Mapping[str, Any] | None) -> accounts.Account:
    """Fill in the home and the group that a user will have when neither is given."""
    if have is not None:
        return replace(want, home=want.home or have["home"], group=want.group or have["group"])
    group = want.group or (user if user in host.get_fact(Groups) else None)
    return replace(want, home=want.home or f"/home/{user}", group=group)


def _account_steps(
    user: str, have: Mapping[str, Any] | None, want: accounts.Account, *, system: bool, create_home: bool
) -> list[Step]:
    if have is None:
        tools = installed_tools("useradd")
        return [accounts.creation(tools, user, want, system=system, create_home=create_home)]
    changes = accounts.differences(have, want)
    command = accounts.modification(installed_tools("usermod"), user, have, want, changes) if changes else None
    return [*changes, *([command] if command else [])]


def _password_steps(user: str, have: Mapping[str, Any] | None, password: str | Secret) -> list[Step]:
    if accounts.has_password(have, password):
        return []
    return [*accounts.password_change(accounts.tools_for(host.get_fact(Os)), user, password)]


def _key_steps(owner: Owner, home: str | None, keys: str | Sequence[str], *, delete: bool) -> list[Step]:
    if not home:
        raise OperationError(f"{owner.user} has no home directory, so there is no place for keys", hint="give `home`")
    directory = posixpath.join(home, ".ssh")
    steps = authorized_keys(owner, wanted_lines(keys), directory=directory, delete=delete)
    if owner.group is None and any(isinstance(step, Upload) for step in steps):
        # The login group of a user who is yet to be added: an upload cannot name it, chown(1) can.
        steps.append(sh("chown", "-h", owner.spec, "--", posixpath.join(directory, "authorized_keys")))
    return steps


def _removal(user: str) -> list[Step]:
    return [installed_tools("userdel").command("userdel", user)]
