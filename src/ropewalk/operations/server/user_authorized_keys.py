"""server.user_authorized_keys"""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from typing import Unpack

from ropewalk import host
from ropewalk.api.operation import operation
from ropewalk.facts.server import Accounts, Home
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps
from ropewalk.model.errors import OperationError
from ropewalk.operations.names import check_account
from ropewalk.operations.server.authorized_keys import authorized_keys, wanted_lines
from ropewalk.operations.server.owner import Owner, same_number
from ropewalk.operations.steps import or_noop


@operation()
def user_authorized_keys(
    user: str,
    public_keys: str | Sequence[str],
    group: str | None = None,
    delete_keys: bool = False,
    authorized_key_directory: str | None = None,
    authorized_key_filename: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Say which SSH keys may log in as a user.

    :param user: the user's name.
    :param public_keys: keys as text, or names of files on this machine that hold them.
    :param group: the group of the file (default: the user's login group).
    :param delete_keys: take out all other keys.
    :param authorized_key_directory: the directory of the file (default: `.ssh` in the user's home directory). One that
        exists keeps its owner and mode.
    :param authorized_key_filename: the name of the file (default: `authorized_keys`).
    :raises OperationError: a key is neither a key nor a file, or the user has no home directory.
    :raises OperationValueError: a name that no user or group can have.

    ::

        server.user_authorized_keys(name="Let only Ada in", user="deploy", public_keys="keys/ada.pub", delete_keys=True)
    """
    check_account("user", user)
    if group:
        check_account("group", group)
    accounts = host.get_fact(Accounts)
    steps = authorized_keys(
        Owner(user, group, same_number(accounts, user), accounts[user]["group"] if user in accounts else None),
        wanted_lines(public_keys),
        directory=authorized_key_directory or posixpath.join(_home(user), ".ssh"),
        filename=authorized_key_filename or "authorized_keys",
        delete=delete_keys,
        own_directory=authorized_key_directory is None,
    )
    yield from or_noop(steps, f"the keys of {user} are as wanted")


def _home(user: str) -> str:
    home = host.get_fact(Home, user=user)
    if not home or not home.startswith("/"):
        raise OperationError(f"there is no user {user} with a home directory", hint="create it first with server.user")
    return home
