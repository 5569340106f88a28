"""Packages of Alpine Linux."""

from __future__ import annotations

import re
from typing import Unpack

from ropewalk.api.context import current_host
from ropewalk.api.operation import operation
from ropewalk.facts.apk import ApkPackages, ApkPreview
from ropewalk.model.arguments import GlobalArguments
from ropewalk.model.command import Raw, Steps, sh
from ropewalk.operations.packaging import Manager, Packages, Wanted, ensure, when
from ropewalk.operations.packaging.difference import Installed
from ropewalk.operations.packaging.previews import if_anything, previewer, replacing, still_there

_simulate = replacing({"apk": ("apk", "--simulate")})
# apk-world(5): what else may stand in a dependency: <, >, ~, @repository, !conflict.
_NAME = re.compile(r"[^<>~@!*?]+")


@operation(is_idempotent=False, idempotent_notice="The lists are read from the servers every time.")
def update(**_: Unpack[GlobalArguments]) -> Steps:
    """Update the package lists.

    ::

        apk.update(name="Update the package lists")
    """
    yield from _update()


@operation()
def upgrade(available: bool = False, **_: Unpack[GlobalArguments]) -> Steps:
    """Upgrade all packages that have a newer version in the package lists.

    :param available: bring all packages to what the repositories have now, even where that is older; for going to
        another release.

    ::

        apk.update()
        apk.upgrade(name="Upgrade everything")
    """
    yield from _upgrade(available)


@operation()
def packages(
    packages: Packages = None,
    present: bool = True,
    latest: bool = False,
    update: bool = False,
    upgrade: bool = False,
    **_: Unpack[GlobalArguments],
) -> Steps:
    """Install, upgrade or remove packages, with one call of ``apk`` for all of them.

    :param packages: one or several of ``name``, ``name=version``, or anything else that apk takes for a dependency
        (``name~1.2``, ``name@edge``).
    :param present: ``False`` removes them. A package that others need stays, and that is an error.
    :param latest: also upgrade those that are installed, unless a version is asked for.
    :param update: update the package lists first. This is a change on every run.
    :param upgrade: upgrade all packages first, see ``apk.upgrade``.
    :raises OperationValueError: a name that no package can have.

    ::

        apk.packages(name="Install the editor", packages=["vim", "openssl=3.1.4-r5"])
    """
    manager = Manager(
        lambda names: sh("apk", "add", "--", *names),
        # apk del only takes a package off the list of what is wanted, and calls that success.
        lambda names: sh("apk", "del", "--", *names, Raw("&& for p in"), *names, Raw(";"), still_there(_IS_INSTALLED)),
        lambda names: sh("apk", "upgrade", "--", *names),
        separator="=",
        preview=previewer(ApkPreview, _simulate, _installed) if present else None,
        is_clear=lambda package: _is_clear(package) or not present,
    )
    yield from ensure(manager, packages, _installed, present=present, latest=latest,
                      before=[*when(update, _update()), *when(upgrade, _upgrade(False))])  # fmt: skip


_IS_INSTALLED = sh("apk", "info", "-e", "--")


def _update() -> Steps:
    yield sh("apk", "update")


def _upgrade(available: bool) -> Steps:
    command = sh("apk", "upgrade", *(["--available"] if available else []))
    changes = previewer(ApkPreview, _simulate, _installed)(command)
    yield from if_anything(changes, command, "there is nothing to upgrade")


def _installed() -> Installed:
    return current_host.get().get_fact(ApkPackages)


def _is_clear(package: Wanted) -> bool:
    return _NAME.fullmatch(package.text) is not None
