"""Packages of Node.js, with npm."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.npm import NpmOutdated, NpmPackages
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Steps, sh
from ropewalk.model.errors import OperationValueError
from ropewalk.operations.packaging import Manager, Packages, Wanted, checked, ensure
from ropewalk.shell.paths import path_word

# https://docs.npmjs.com/cli/commands/npm-install: a name, perhaps in a scope, and a version, range or tag after @.
_SPEC = re.compile(r"((?:@[\w.~-]+/)?[\w.~-]+)(?:@(.+))?")
_VERSION = re.compile(r"v?(\d+\.\d+\.\d+\S*)")


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    directory: str | None = None,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages, with one call of ``npm`` for all of them.

    :param packages: one or several of ``name``, ``name@version``, ``@scope/name``; also anything else that npm installs
        (a range, tag, URL or path), which is given to npm on every run.
    :param present: ``False`` removes them.
    :param latest: also upgrade those that are installed, unless a version is asked for: as far as the
        ``package.json`` in ``directory`` allows, or else to the newest version.
    :param directory: install into this directory; by default for everybody.
    :raises OperationValueError: a name that no package can have.

    ::

        npm.packages(name="Install the compiler", packages=["typescript@5.3.3", "@angular/cli"])
    """
    host = current_host.get()
    place = ("-g",) if directory is None else ("--prefix", path_word(directory))
    manager = Manager(
        lambda names: sh("npm", "install", *place, "--", *names),
        lambda names: sh("npm", "uninstall", *place, "--", *names),
        lambda names: sh("npm", "update", *place, "--", *names),
        read=_read if present else _read_to_remove,
        newer=lambda _: host.get_fact(NpmOutdated, directory=directory),
        is_clear=_is_clear,
    )
    yield from ensure(
        manager, packages, lambda: host.get_fact(NpmPackages, directory=directory), present=present, latest=latest
    )


def _read(text: str) -> Wanted:
    """Read a name and a version; a range or tag stays as it is."""
    found = _SPEC.fullmatch(checked(text))
    if not found:
        return Wanted(text, text)
    version = _VERSION.fullmatch(found[2] or "")
    return Wanted(text, found[1], version[1] if version else found[2])


def _read_to_remove(text: str) -> Wanted:
    """Read a name; a range or tag does not matter."""
    package = _read(text)
    if not _SPEC.fullmatch(package.name):
        raise OperationValueError(f"{text!r} does not say the name of the package to remove")
    return package if _is_clear(package) else Wanted(package.name, package.name)


def _is_clear(package: Wanted) -> bool:
    if not _SPEC.fullmatch(package.text) or package.text in (".", ".."):
        return False
    return package.version is None or _VERSION.fullmatch(package.version) is not None
