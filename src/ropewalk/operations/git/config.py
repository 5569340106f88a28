"""git.config"""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.git import GitConfig
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Change, Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.shell.paths import path_word

# git-config(1), "Syntax": section, perhaps subsection, variable.
_KEY = re.compile(r"([A-Za-z0-9.-]+?)(?:\.([^\n\0]*))?\.([A-Za-z][A-Za-z0-9-]*)", re.DOTALL)


@operation()
def config(
    key: str,
    value: str,
    multi_value: bool = False,
    repo: str | None = None,
    system: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Set a variable of a repository, of the user that commands run as, or of the system.

    :param key: name of the variable, such as ``user.name``.
    :param value: its value; ``True`` and ``False`` are ``true`` and ``false``.
    :param multi_value: add the value to those that the variable has; without it, it is the only one.
    :param repo: path of the repository; without it, the user's own settings are meant.
    :param system: set it for all users, if no repository is named.
    :raises OperationValueError: no variable can have this name.

    ::

        git.config(name="Prune deleted branches", key="fetch.prune", value="true", repo="/srv/app")
    """
    name = _normal(key)
    text = str(value).lower() if isinstance(value, bool) else str(value)
    if "\0" in text:
        raise OperationValueError("the value of a variable of git must not hold a NUL character")
    host = current_host.get()
    if repo is not None:
        settings = host.get_fact(GitConfig, repo=repo)
        words = ["git", "-C", path_word(repo), "config", "--local"]
    else:
        settings = host.get_fact(GitConfig, system=system)
        words = ["git", "config", "--system" if system else "--global"]
    have = settings.get(name, [])
    if text in have if multi_value else have == [text]:
        host.noop(f"{key} is {text}")
        return
    yield Change(key, ", ".join(have) or None, ", ".join([*have, text]) if multi_value else text)
    yield sh(*words, "--add" if multi_value else "--replace-all", "--", key, text)


def _normal(key: str) -> str:
    """Return a name as git lists it: in lower case, but for the subsection.

    >>> _normal("Branch.Main.Remote")
    'branch.Main.remote'
    """
    found = _KEY.fullmatch(key)
    if not found:
        raise OperationValueError(f"{key!r} cannot be a variable of git", hint="they look like user.name")
    section, subsection, variable = found.groups()
    parts = (section.lower(), subsection, variable.lower())
    return ".".join(part for part in parts if part is not None)
